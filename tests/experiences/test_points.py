"""C10: my points: the balance, what it is exchanged for, whose eyes it is for; thanks on the thing's own page."""

import datetime as dt
import io
import json
import re
import zipfile

import pytest
from django.test import Client
from django.utils import timezone

from ownership.models import ConsentWording, DataRequest, LoyaltyEntry, LoyaltyRule, Owner, Redemption
from ownership.services.loyalty import award_by_hand, reverse_entry, run_loyalty
from products.models import BrandDomain
from products.services.brands import touch_content
from tests import factories
from tests.experiences.test_registering import confirm, register
from tests.ownership.points import key, programme, reading, reward, rule
from tests.reading import main_attributes, module_names, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(chip, unit) -> Client:
    """Alice's browser: she registered the bag by its chip and entered the code."""
    client = Client()
    client.get(chip.tap())
    register(client, unit)
    confirm(client, unit)
    return client


@pytest.fixture
def owner(hers, acme) -> Owner:
    programme(acme)
    touch_content(acme.pk)
    return Owner.objects.get(email="alice@example.com")


@pytest.fixture
def stranger(bag, profile) -> Client:
    """Bob's browser, with a bag of his own."""
    unit = factories.UnitFactory(product=bag)
    client = Client()
    client.get(factories.put_chip_on(unit, profile).tap())
    register(client, unit, contact="bob@example.com", name="Bob")
    confirm(client, unit)
    return client


def give(owner, points, **values):
    return award_by_hand(
        owner_id=owner.pk, points=points, reason="A kindness", submission_key=key(), actor_id=None,
        now=timezone.now(), **values,
    )  # fmt: skip


def exchange(client, owner, prize, **form):
    page = client.get(f"/me/points/{owner.pk}/{prize.pk}/")
    found = re.search(r'name="submission_key" value="([0-9a-f]{32})"', page.content.decode())
    form = {"submission_key": found.group(1) if found else key(), **form}
    return client.post(f"/me/points/{owner.pk}/{prize.pk}/", form)


def test_the_page_says_what_one_has_until_when_and_how_it_came(hers, owner, acme):
    rule(acme, "event", names={"en": "Welcome to the house"})
    give(owner, 1500, expires_at=dt.datetime(2031, 3, 12, 20, tzinfo=dt.UTC))
    run_loyalty(brand_id=acme.pk, now=timezone.now())
    page = hers.get("/me/points/")
    said = text_of(page)
    assert main_attributes(page)["section"] == "points"
    for words in (
        "The Circle", "1,700\u00a0marks", "1,500\u00a0marks until 12 March 2031", "Welcome to the house",
        "+200\u00a0marks", "With the house's compliments",
    ):  # fmt: skip
        assert words.replace("\u00a0", " ") in said.replace("\u00a0", " "), words
    assert "A kindness" not in said, "staff's reason is not the brand's words"
    assert page["Cache-Control"].count("no-store")


def test_the_page_speaks_the_brands_words_in_ones_own_language(hers, owner):
    give(owner, 1500)
    said = text_of(hers.get("/me/points/?lang=fr"))
    assert "Le Cercle" in said
    assert re.search(r"1.500.marques", said)


def test_points_are_exchanged_on_one_page_with_one_button(hers, owner, acme):
    prize = reward(acme, "BELT-1", bodies={"en": "Cut from the same hide."})
    give(owner, 250)
    page = hers.get(f"/me/points/{owner.pk}/{prize.pk}/")
    said = text_of(page)
    for words in ("Cut from the same hide.", "100 marks", "250 marks", "150 marks"):
        assert words in said.replace("\u00a0", " ")
    assert "BELT-1" not in page.content.decode()
    assert LoyaltyEntry.objects.count() == 1, "looking costs nothing"
    answer = exchange(hers, owner, prize)
    assert answer.status_code == 302
    shown = hers.get(answer.url)
    assert "BELT-1" in text_of(shown)
    said = text_of(hers.get("/me/points/")).replace("\u00a0", " ")
    assert "150 marks" in said
    assert "Exchanged: A belt \N{MINUS SIGN}100 marks" in said


def test_sent_twice_is_one_exchange_and_back_and_again_is_another(hers, owner, acme):
    prize = reward(acme, "BELT-1", "BELT-2")
    give(owner, 250)
    form = {"submission_key": key()}
    first, again = (exchange(hers, owner, prize, **form) for _time in range(2))
    assert first.url == again.url
    assert Redemption.objects.count() == 1
    assert exchange(hers, owner, prize).url != first.url


def test_what_cannot_be_exchanged_says_why_and_offers_no_button(hers, owner, acme):
    dear, none_left = reward(acme, "C-1", cost=300), reward(acme)
    give(owner, 250)
    said = text_of(hers.get("/me/points/")).replace("\u00a0", " ")
    assert "50 marks more, and it is yours." in said
    assert "None is left at the moment." in said
    for prize in (dear, none_left):
        page = hers.get(f"/me/points/{owner.pk}/{prize.pk}/")
        assert "submission_key" not in page.content.decode()
        refused = exchange(hers, owner, prize)
        assert refused.status_code == 409
        assert "Nothing was taken from you." in text_of(refused)
    assert LoyaltyEntry.objects.count() == 1


@pytest.mark.parametrize("sent", ["", "x", "0" * 31, "0" * 33, "g" * 32, "0" * 31 + "\x00", "0" * 100_000])
def test_a_form_without_its_key_asks_again(hers, owner, acme, sent):
    prize = reward(acme, "BELT-1")
    give(owner, 250)
    page = exchange(hers, owner, prize, submission_key=sent)
    assert page.status_code == 400
    assert "submission_key" in page.content.decode()
    assert not Redemption.objects.exists()


def test_what_is_to_be_read_is_for_whoever_exchanged_it(hers, owner, stranger, acme):
    """C10, and B4's way: the server refuses everybody else."""
    prize = reading(acme)
    give(owner, 250)
    assert "sewn" not in text_of(hers.get(f"/me/points/{owner.pk}/{prize.pk}/"))
    url = exchange(hers, owner, prize).url
    assert "How the sole is sewn" in text_of(hers.get(url))
    assert stranger.get(url).status_code == 404
    assert Client().get(url).url.startswith("/me/enter/")
    assert "You have it." in text_of(hers.get(f"/me/points/{owner.pk}/{prize.pk}/"))


def test_what_was_taken_back_is_shown_no_more(hers, owner, acme):
    prize = reading(acme)
    give(owner, 250)
    url = exchange(hers, owner, prize).url
    reverse_entry(
        entry_id=Redemption.objects.get().entry_id, reason="A mistake", actor_id=None, now=timezone.now()
    )
    assert hers.get(url).status_code == 404
    said = text_of(hers.get("/me/points/")).replace("\u00a0", " ")
    assert "Given back: Exchanged: The last and the awl +100 marks" in said
    assert "A mistake" not in said


def test_nobody_spends_the_points_of_another(hers, owner, stranger, acme):
    prize = reward(acme, "BELT-1")
    give(owner, 250)
    assert stranger.get(f"/me/points/{owner.pk}/{prize.pk}/").status_code == 404
    assert exchange(stranger, owner, prize).status_code == 404
    assert "250" not in text_of(stranger.get("/me/points/"))
    assert Client().get("/me/points/").url.startswith("/me/enter/")
    assert not Redemption.objects.exists()


def test_a_rivals_reward_is_none_of_ones_own(hers, owner, globex):
    """G4."""
    prize = reward(globex, "BELT-1", names={"en": "Zzrival"})
    give(owner, 250)
    assert hers.get(f"/me/points/{owner.pk}/{prize.pk}/").status_code == 404
    assert exchange(hers, owner, prize).status_code == 404
    assert "Zzrival" not in text_of(hers.get("/me/points/"))


def test_on_a_rivals_domain_nothing_is_shown(hers, owner, globex, settings):
    settings.ALLOWED_HOSTS = ["*"]
    BrandDomain.objects.create(brand=globex, host="globex.example")
    give(owner, 250)
    hers.cookies["sessionid"]["domain"] = ""
    said = text_of(hers.get("/me/points/", headers={"host": "globex.example"}))
    assert "250" not in said
    assert "Circle" not in said


@pytest.mark.parametrize("path", ["99999999999999999999999/1", "1/99999999999999999999999", "0/0"])
def test_numbers_of_nothing_lead_nowhere(hers, owner, path):
    assert hers.get(f"/me/points/{path}/").status_code == 404
    assert hers.get("/me/points/had/99999999999999999999999/").status_code == 404


def test_where_a_yes_is_asked_for_the_page_says_so(hers, owner, acme):
    ConsentWording.objects.create(brand=acme, purpose="loyalty", version=1, texts={"en": "I take part."})
    page = hers.get("/me/points/")
    assert "You don't take part yet" in text_of(page)
    assert "/me/consents/" in page.content.decode()


def test_without_a_programme_the_page_says_so_kindly(hers):
    assert "gives points" in text_of(hers.get("/me/points/"))


def test_a_member_who_only_uses_things_sees_points_and_spends_none(hers, owner, acme):
    prize = reward(acme, "BELT-1")
    rule(acme, "tenure", for_several=True)
    group = factories.OwnerFactory(brand=acme, kind="organisation", name="Hotel")
    member = group.members.create(person=owner.person, role="member", since=timezone.now())
    give(group, 250)
    said = text_of(hers.get("/me/points/"))
    assert "Hotel" in said
    assert "Whoever looks after it" in said
    assert exchange(hers, group, prize).status_code == 403
    group.members.filter(pk=member.pk).update(role="admin")
    had = exchange(hers, group, prize)
    assert had.status_code == 302
    assert "BELT-1" in text_of(hers.get(had.url))
    group.members.filter(pk=member.pk).update(role="member")
    assert hers.get(had.url).status_code == 404, "a code is for whoever may spend the points"


def thanked(client, unit):
    page = client.get(f"/u/{unit.public_code}/")
    return "moments" in module_names(page), text_of(page).replace("\u00a0", " ")


def test_the_things_own_page_thanks_its_owner_for_fourteen_days(hers, owner, unit, acme, stranger):
    """B3: thanks and 200 points, on the page of the thing that earned them."""
    rule(acme, "event")
    run_loyalty(brand_id=acme.pk, now=timezone.now())
    is_there, said = thanked(hers, unit)
    assert is_there
    assert "For event: 200 marks Thank you for keeping it well." in said
    assert not thanked(stranger, unit)[0], "nobody else is told"
    assert not thanked(Client(), unit)[0]
    LoyaltyEntry.objects.update(at=timezone.now() - dt.timedelta(days=16))
    assert not thanked(hers, unit)[0]


def test_thanks_that_were_taken_back_are_not_repeated(hers, owner, unit, acme):
    rule(acme, "event")
    run_loyalty(brand_id=acme.pk, now=timezone.now())
    reverse_entry(
        entry_id=LoyaltyEntry.objects.get().pk, reason="A mistake", actor_id=None, now=timezone.now()
    )
    assert not thanked(hers, unit)[0]


def test_the_brands_own_words_cannot_break_the_page(hers, owner, acme):
    rule(acme, "event", names={"en": "<script>alert(1)</script>"})
    reading_matter = reading(acme, content={"en": "<img src=x onerror=alert(1)> **yes**"})
    run_loyalty(brand_id=acme.pk, now=timezone.now())
    give(owner, 250)
    assert b"<script>alert" not in hers.get("/me/points/").content
    shown = hers.get(exchange(hers, owner, reading_matter).url).content
    assert b"<img" not in shown
    assert b"<strong>yes</strong>" in shown


def test_the_archive_of_ones_data_holds_points_rewards_and_codes(
    hers, owner, acme, unit, django_capture_on_commit_callbacks
):
    """C9: what one was given, until when, and each code that one was handed."""
    rule(acme, "event")
    run_loyalty(brand_id=acme.pk, now=timezone.now())
    give(owner, 150)
    url = exchange(hers, owner, reward(acme, "BELT-1")).url
    exchange(hers, owner, reading(acme))
    reverse_entry(
        entry_id=Redemption.objects.earliest("pk").entry_id,
        reason="A mistake",
        actor_id=None,
        now=timezone.now(),
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert hers.post("/me/data/", {"owner": owner.pk}).status_code == 302
    asked = DataRequest.objects.get()
    packed = b"".join(hers.get(f"/me/data/{asked.pk}/archive.zip").streaming_content)
    archive = zipfile.ZipFile(io.BytesIO(packed))
    held = json.loads(archive.read("data.json"))["data"]
    assert held["points_balance"] == [{"points": 250}]
    assert [line["points"] for line in held["points"]] == [100, -100, -100, 150, 200]
    given = {line["for"]: line["serial"] for line in held["points"] if line["for"]}
    assert given == {"For event": unit.serial}
    read, belt = held["rewards"]
    assert (read["reward"], read["code"], read["taken_back_at"]) == ("The last and the awl", None, None)
    assert (belt["reward"], belt["code"]) == ("A belt", "BELT-1")
    assert belt["taken_back_at"]
    assert "BELT-1" in archive.read("index.html").decode()
    assert hers.get(url).status_code == 404


def test_logs_and_events_hold_no_word_of_a_person(hers, owner, acme):
    from analytics.models import Event

    rule(acme, "event")
    run_loyalty(brand_id=acme.pk, now=timezone.now())
    give(owner, 5)
    written = str(list(Event.objects.filter(kind__startswith="points").values_list("data", flat=True)))
    assert "alice" not in written
    assert "kindness" not in written
    assert LoyaltyRule.objects.count() == 1
