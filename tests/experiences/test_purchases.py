"""When it was bought, with a proof or without; and words that a giver leaves for whoever unpacks it."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from analytics.models import Event
from ownership.models import Gift, Ownership, Purchase
from ownership.models.owners import Acquired
from ownership.services import hand_over
from ownership.services.purchases import forget_gifts, leave_gift, let_proofs_go
from products.models import PrivateFile, Unit
from products.services.files import delete_expired_files
from tests import factories
from tests.experiences.test_losses import browser, key_of, owner, path  # noqa: F401 - a fixture among them
from tests.experiences.test_registering import plan, register  # noqa: F401 - a fixture among them
from tests.reading import main_attributes, module_names, text_of
from warranty.models import Coverage

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()
RECEIPT = b"%PDF-1.4 receipt of Mrs Archer %%EOF"


def picture(**meta) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "#884422").save(out, "JPEG", **meta)
    return out.getvalue()


def buy(owner, unit, proof=None, **typed):  # noqa: F811
    form = {"bought_on": "2026-03-02", "seller": "Maison Lemaire, Lyon", **typed}
    if proof is not None:
        form["proof"] = SimpleUploadedFile("receipt.pdf", proof)
    return owner.post(path(unit, "purchase"), form)


# Purchase


def test_the_owner_enters_the_purchase_now_and_the_proof_later(owner, unit):  # noqa: F811
    assert buy(owner, unit).status_code == 302
    row = Purchase.objects.get()
    assert (row.bought_on, row.seller, row.proof) == (dt.date(2026, 3, 2), "Maison Lemaire, Lyon", None)
    page = owner.get(path(unit, "purchase"))
    assert 'value="2026-03-02"' in page.content.decode()
    assert "Maison Lemaire, Lyon" in page.content.decode()
    buy(owner, unit, RECEIPT)
    file = Purchase.objects.get().proof
    assert (file.purpose, file.content_type, file.expires_at) == ("purchase_proof", "application/pdf", None)
    assert not Event.objects.filter(data__icontains="Lemaire").exists()


def test_the_same_again_changes_nothing(owner, unit):  # noqa: F811
    for _time in range(2):
        buy(owner, unit)
    assert Event.objects.filter(kind="purchase.entered").count() == 1


def test_another_proof_takes_the_place_of_the_first(owner, unit, django_capture_on_commit_callbacks):  # noqa: F811
    with django_capture_on_commit_callbacks(execute=True):
        buy(owner, unit, RECEIPT)
        buy(owner, unit, picture(), seller="Elsewhere")
    assert PrivateFile.objects.get().content_type == "image/webp"
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(path(unit, "purchase/proof"))
        owner.post(path(unit, "purchase/proof"))
    assert not PrivateFile.objects.exists()
    assert Purchase.objects.get().seller == "Elsewhere"


@pytest.mark.parametrize(
    ("typed", "proof", "sentence"),
    [
        ({"bought_on": ""}, None, "Choose the day."),
        ({"bought_on": "2999-01-01"}, None, "This day is in the future."),
        ({"seller": "x" * 121}, None, "at most 120 characters"),
        ({"seller": "a\x00b"}, None, "can't be written"),
        ({}, b"MZ\x90\x00 program", "neither a photograph nor a PDF"),
        ({}, b"%PDF-1.4 cut off", "damaged or incomplete"),
        ({}, b"", "empty"),
        ({}, b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "neither a photograph nor a PDF"),
        ({}, b"%PDF-" + b"0" * (40 * 1024 * 1024), "larger than"),
    ],
)
def test_bad_input_keeps_nothing_and_loses_nothing(owner, unit, typed, proof, sentence):  # noqa: F811
    answer = buy(owner, unit, proof, **typed)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    if not typed:
        assert "Maison Lemaire, Lyon" in answer.content.decode()
        assert "Only the file has to be chosen again" in text_of(answer)
    assert not Purchase.objects.exists()
    assert not PrivateFile.objects.exists()


def test_it_never_changes_the_warranty_by_itself(plan, owner, unit):  # noqa: F811
    before = Coverage.objects.values_list("starts_on", "ends_on").get()
    buy(owner, unit)
    assert Coverage.objects.values_list("starts_on", "ends_on").get() == before
    assert Unit.objects.get(pk=unit.pk).sold_on is None


def test_it_is_the_owners_alone(owner, unit, chip):  # noqa: F811
    buy(owner, unit, RECEIPT)
    holder = browser()
    holder.get(chip.tap())
    for page in ("purchase", "purchase/proof"):
        assert holder.post(path(unit, page), {"bought_on": "2026-01-01"}).url.startswith("/me/enter/")
    assert "Lemaire" not in holder.get(f"/u/{unit.public_code}/").content.decode()
    assert Purchase.objects.get().proof is not None


def test_the_next_owner_sees_nothing_of_it_and_the_proof_goes(owner, unit, bob):  # noqa: F811
    buy(owner, unit, RECEIPT)
    assert let_proofs_go(now=timezone.now()) == 0
    hand_over(unit=unit, owner=bob, acquired=Acquired.TRANSFER, now=timezone.now())
    assert owner.get(path(unit, "purchase")).status_code == 403
    assert [let_proofs_go(now=timezone.now()) for _time in range(2)] == [1, 0]
    delete_expired_files(now=timezone.now() + dt.timedelta(days=89))
    assert PrivateFile.objects.exists()
    delete_expired_files(now=timezone.now() + dt.timedelta(days=91))
    assert not PrivateFile.objects.exists()
    assert Purchase.objects.get().proof is None


# Presents


def give(client, unit, **typed):
    form = {"words": "For your thirtieth, Mara.", "bought_on": TODAY.isoformat(), **typed}
    page = client.get(path(unit, "gift"))
    return client.post(path(unit, "gift"), {"submission_key": key_of(page), **form})


def test_whoever_unpacks_it_reads_the_givers_words_first_and_is_its_first_owner(unit, chip, plan):  # noqa: F811
    giver, mara = browser(), browser()
    shelf = giver.get(chip.tap())
    assert f'href="{path(unit, "gift")}"' in shelf.content.decode()
    answer = give(giver, unit, words="For your thirtieth, Mara.\nhttps://example.com/<b>")
    assert (answer.status_code, answer.url) == (302, path(unit, "gift"))
    thanks = giver.get(path(unit, "gift"))
    assert "reads this first" in text_of(thanks)
    assert not Ownership.objects.exists()
    page = mara.get(chip.tap())
    assert main_attributes(page)["stage"] == "unboxing"
    assert module_names(page)[0] == "gift"
    assert "For your thirtieth, Mara.<br>https://example.com/&lt;b&gt;" in page.content.decode()
    assert 'href="https://example.com' not in page.content.decode()
    assert path(unit, "gift") not in page.content.decode(), "it is hers, not hers to give"
    register(mara, unit)
    assert Ownership.objects.get().ordinal == 1
    assert "gift" in module_names(mara.get(f"/u/{unit.public_code}/"))
    assert "gift" not in module_names(browser().get(f"/u/{unit.public_code}/"))
    assert f'value="{TODAY.isoformat()}"' in mara.get(path(unit, "purchase")).content.decode()


def test_a_present_waits_however_long_it_lies_in_the_drawer(unit, chip):
    give(browser_holding(chip), unit)
    Unit.objects.filter(pk=unit.pk).update(sold_on=TODAY - dt.timedelta(days=90))
    assert main_attributes(browser().get(chip.tap()))["stage"] == "unboxing"


def browser_holding(chip) -> Client:
    held = browser()
    held.get(chip.tap())
    return held


def test_the_giver_changes_the_words_and_takes_them_back_in_that_browser_alone(unit, chip):
    giver, other = browser_holding(chip), browser_holding(chip)
    give(giver, unit)
    give(giver, unit, words="Happy birthday.")
    assert Gift.objects.get().words == "Happy birthday."
    assert other.get(path(unit, "gift")).status_code == 409
    answer = other.post(path(unit, "gift"), {"words": "Mine now", "submission_key": "0" * 32})
    assert answer.status_code == 409
    other.post(path(unit, "gift/back"))
    other.cookies["gift"] = "forged:value"
    other.post(path(unit, "gift/back"))
    assert Gift.objects.get().words == "Happy birthday."
    giver.post(path(unit, "gift/back"))
    assert not Gift.objects.exists()
    assert "gift" not in module_names(browser().get(f"/u/{unit.public_code}/"))


def test_the_form_sent_twice_leaves_the_words_once_and_remembers_the_browser(unit, chip):
    giver = browser_holding(chip)
    form = {"submission_key": key_of(giver.get(path(unit, "gift"))), "words": "For you"}
    giver.post(path(unit, "gift"), form)
    del giver.cookies["gift"]
    again = giver.post(path(unit, "gift"), form)
    assert again.status_code == 302
    assert "gift" in again.cookies
    assert Event.objects.filter(kind="gift.left").count() == 1


def test_one_form_sent_for_two_units_leaves_words_on_both(bag):
    for unit in (factories.UnitFactory(product=bag), factories.UnitFactory(product=bag)):
        form = {"unit_id": unit.pk, "words": "For you", "bought_on": None, "submission_key": "0" * 32}
        first = leave_gift(**form, gift_id=None, now=timezone.now())
        assert leave_gift(**form, gift_id=None, now=timezone.now()) == first
    assert Gift.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"words": ""}, "Write a few words first."),
        ({"words": "x" * 301}, "At most 300 characters"),
        ({"words": "\x00"}, "can't be written"),
        ({"bought_on": "2999-01-01"}, "This day is in the future."),
    ],
)
def test_what_a_giver_typed_wrong_is_said(unit, chip, typed, sentence):
    answer = give(browser_holding(chip), unit, **typed)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert not Gift.objects.exists()


def test_who_only_looks_at_a_unit_with_a_chip_leaves_no_words(unit, chip):
    answer = browser().post(path(unit, "gift"), {"words": "Hello", "submission_key": "0" * 32})
    assert answer.status_code == 409
    assert "Hold your phone to its tag first" in text_of(answer)
    assert not Gift.objects.exists()


def test_by_printed_code_words_are_limited(bag):
    giver = browser()
    answers = [
        give(giver, factories.UnitFactory(product=bag, sold_on=TODAY), words=f"Number {number}").status_code
        for number in range(11)
    ]
    assert answers == [302] * 10 + [429]


def test_a_registered_unit_is_passed_on_instead(owner, unit, chip):  # noqa: F811
    for client in (owner, browser_holding(chip)):
        answer = client.get(path(unit, "gift"))
        assert answer.status_code == 409
        assert "registered already" in text_of(answer)
        assert client.post(path(unit, "gift"), {"words": "x", "submission_key": "0" * 32}).status_code == 409
    assert not Gift.objects.exists()


def test_the_words_go_thirty_days_after_it_was_registered_and_the_day_stays(unit, chip):
    give(browser_holding(chip), unit)
    assert forget_gifts(now=timezone.now() + dt.timedelta(days=400)) == 0
    register(browser_holding(chip), unit)
    assert forget_gifts(now=timezone.now() + dt.timedelta(days=29)) == 0
    assert [forget_gifts(now=timezone.now() + dt.timedelta(days=31)) for _time in range(2)] == [1, 0]
    assert not Gift.objects.exists()
    assert Purchase.objects.get().bought_on == TODAY
