"""The desk of requests for the code of an older piece: what staff see, decide, and may not."""

import datetime as dt
import io
import threading
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.db import connection
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from analytics.kinds import EventKind
from analytics.models import Event
from experiences.identities import PROOF
from ownership.errors import OwnershipError
from ownership.models import IdentityRequest
from ownership.services import identities as services
from ownership.services.identities import forget_old_requests, give_identity, refuse_identity
from products.days import day_in
from products.models import AuditRow, PrivateFile, Tag, TradeItem, Unit, Variant
from products.services.files import store_private_file
from tests import factories
from tests.config.test_console_tenancy import console
from tests.reading import text_of
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db


@pytest.fixture
def drill(acme):
    product = factories.ProductFactory(brand=acme, names={"en": "Drill"}, uncoded_rule="approval")
    factories.TradeItemFactory(product=product)
    return product


def proof_of(brand) -> PrivateFile:
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, "WEBP")
    return store_private_file(
        brand=brand, purpose=PROOF, content=ContentFile(out.getvalue(), "proof.webp"), original_name="proof.webp",
        content_type="image/webp", uploaded_by=None, now=timezone.now(),
    )  # fmt: skip


def waiting(product, serial="D18-000123", **values) -> IdentityRequest:
    number = IdentityRequest.objects.count()
    now = timezone.now()
    return IdentityRequest.objects.create(
        **{
            "brand": product.brand, "product": product, "serial": serial, "email": f"holder-{number}@example.com",
            "locale": "fr", "note": "From my uncle", "submission_key": f"{number:064x}", "state": "waiting",
            "sent_at": now, "confirmed_at": now, "proof": proof_of(product.brand), **values,
        }
    )  # fmt: skip


def page_of(asked) -> str:
    return reverse("admin:ownership_identityrequest_change", args=[asked.pk])


def answer(client, asked, slug, **values):
    address = reverse("admin:ownership_identityrequest_answer", args=[asked.pk, slug])
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.post(address, {f"{slug}-{name}": value for name, value in values.items()})


def test_the_page_shows_the_request_its_proof_and_what_is_known(sam, drill):
    for serial in ("D18-000121", "D18-000122", "D18-000I23", "D18-000200"):
        factories.UnitFactory(product=drill, serial=serial)
    other = factories.ProductFactory(brand=drill.brand)
    factories.UnitFactory(product=other, serial="D18-000123")
    asked = waiting(drill)
    waiting(drill)
    page = console(sam).get(page_of(asked))
    text = text_of(page)
    assert "holder-0@example.com" in text
    assert "From my uncle" in text
    assert reverse("console_file", args=[asked.proof_id]) in page.content.decode()
    assert [unit.serial for unit in page.context["page"].alike] == ["D18-000I23"]
    assert page.context["page"].beside == ("D18-000121", "D18-000122", "D18-000200", "D18-000I23")
    assert "1 other request names this serial number." in text
    assert "wrote in French" in text
    assert AuditRow.objects.filter(action="read_request", object_id=str(asked.pk), actor_id=sam.pk).exists()


def test_home_says_how_many_wait(sam, drill, globex):
    waiting(drill)
    waiting(drill, state="unconfirmed", confirmed_at=None)
    waiting(factories.ProductFactory(brand=globex))
    tasks = [task.sentence for task in console(sam).get("/console/").context["tasks"]]
    assert "1 holder of an older piece waits for its code" in tasks


def test_the_proof_is_handed_to_staff_of_the_brand_alone(sam, drill, globex):
    asked = waiting(drill)
    address = reverse("console_file", args=[asked.proof_id])
    assert console(sam).get(address).status_code == 200
    assert console(factories.staff(drill.brand, "ann", "analyst")).get(address).status_code == 404
    assert console(factories.staff(globex, "rita", "brand_admin")).get(address).status_code == 404


def test_giving_makes_a_unit_with_a_printed_code_and_writes_to_the_holder(sam, drill):
    asked = waiting(drill)
    item = drill.trade_items.get()
    client = console(sam)
    answered = answer(client, asked, "give", trade_item=item.pk, serial="D18-000128", sold_on="2019-05-04")
    assert answered.headers["Location"] == page_of(asked)
    unit = Unit.objects.get()
    assert (unit.serial, unit.trade_item, unit.brand) == ("D18-000128", item, drill.brand)
    assert unit.identity_given_on == timezone.now().date()
    assert unit.sold_on == dt.date(2019, 5, 4)
    assert list(unit.tags.values_list("kind", "state")) == [("qr", "active")]
    asked.refresh_from_db()
    assert (asked.state, asked.unit, asked.decided_by_id, asked.serial) == (
        "approved",
        unit,
        sam.pk,
        "D18-000123",
    )
    event = Event.objects.get(kind=EventKind.IDENTITY_GIVEN)
    assert (event.unit_id, event.actor_id, event.data) == (
        unit.pk, sam.pk, {"request": asked.pk, "product": drill.pk},
    )  # fmt: skip
    assert AuditRow.objects.filter(action="identity.given", actor_id=sam.pk).exists()
    assert [letter.to for letter in mail.outbox] == [[asked.email]]
    told = text_of(client.get(reverse("admin:products_unit_change", args=[unit.pk])))
    assert f"given on {unit.identity_given_on} on its holder's request" in told
    assert "Identity given" in told


def test_of_several_gtins_staff_choose_and_the_variant_comes_with_it(sam, drill, globex):
    variant = Variant.objects.create(product=drill, code="TWO", names={"en": "Two batteries"})
    item = factories.TradeItemFactory(product=drill, variant=variant)
    asked = waiting(drill)
    client = console(sam)
    page = client.get(page_of(asked)).content.decode()
    assert "Two batteries" in page
    rival = factories.TradeItemFactory(product=factories.ProductFactory(brand=globex))
    refused = answer(client, asked, "give", trade_item=rival.pk, serial="D18-1")
    assert refused.status_code == 400
    assert not Unit.objects.exists()
    answer(client, asked, "give", trade_item=item.pk, serial="D18-1")
    assert Unit.objects.get().variant == variant


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"serial": "D18 1"}, "GS1 does not allow"),
        ({"serial": ""}, "This field is required"),
        ({"serial": "D18-000777"}, "has this serial number already"),
        ({"serial": "d18-000777"}, "has this serial number already"),
        ({"sold_on": "2999-01-01"}, "in the future"),
        ({"sold_on": "yesterday"}, "Enter a valid date"),
    ],
)
def test_what_is_wrong_with_an_answer_stands_on_its_form(sam, drill, values, words):
    factories.UnitFactory(product=drill, serial="D18-000777")
    asked = waiting(drill)
    typed = {"trade_item": drill.trade_items.get().pk, "serial": "D18-000123", **values}
    refused = answer(console(sam), asked, "give", **typed)
    assert refused.status_code == 400
    assert words in text_of(refused)
    assert Unit.objects.count() == 1
    assert mail.outbox == []


def test_a_product_without_a_gtin_gives_no_identity_and_says_so(sam, acme):
    bare = factories.ProductFactory(brand=acme, uncoded_rule="approval")
    asked = waiting(bare)
    client = console(sam)
    assert "has no GTIN yet" in text_of(client.get(page_of(asked)))
    refused = answer(client, asked, "give", serial="D18-1")
    assert refused.status_code == 400
    assert not Unit.objects.exists()


def test_a_known_piece_gets_its_page_and_no_second_unit(sam, drill):
    known = factories.UnitFactory(product=drill, serial="D18-000123")
    stranger = factories.UnitFactory(product=drill, serial="D18-999999")
    asked = waiting(drill)
    client = console(sam)
    assert answer(client, asked, "known", unit=stranger.pk).status_code == 400
    assert answer(client, asked, "known", unit=known.pk).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.unit) == ("known", known)
    assert Unit.objects.count() == 2
    assert not Tag.objects.exists()
    assert f"/u/{known.public_code}/" in mail.outbox[0].body
    known.refresh_from_db()
    assert known.identity_given_on is None
    assert Event.objects.filter(kind=EventKind.IDENTITY_KNOWN, unit_id=known.pk).exists()


def test_refusing_needs_a_reason_which_the_holder_reads(sam, drill):
    asked = waiting(drill)
    client = console(sam)
    assert answer(client, asked, "refuse", reason="").status_code == 400
    assert answer(client, asked, "refuse", reason="x" * 301).status_code == 400
    assert answer(client, asked, "refuse", reason="La plaque est illisible.").status_code == 302
    assert "La plaque est illisible." in mail.outbox[0].body
    assert Event.objects.filter(kind=EventKind.IDENTITY_REFUSED, actor_id=sam.pk).exists()
    page = text_of(client.get(page_of(asked)))
    assert "La plaque est illisible." in page
    assert "Give it an identity" not in page


@pytest.mark.parametrize("slug", ["give", "known", "refuse"])
def test_a_request_is_answered_once(sam, drill, slug):
    asked = waiting(drill)
    unit = factories.UnitFactory(product=drill, serial="D18-000123")
    refuse_identity(request_id=asked.pk, reason="No.", now=timezone.now(), actor_id=sam.pk)
    values = {
        "give": {"trade_item": drill.trade_items.get().pk, "serial": "D18-1"},
        "known": {"unit": unit.pk},
        "refuse": {"reason": "Again"},
    }
    late = answer(console(sam), asked, slug, **values[slug])
    assert late.status_code == 400
    assert mail.outbox == []
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("refused", "No.")


def test_rivals_and_readers_can_not_answer(drill, globex):
    asked = waiting(drill)
    values = {"reason": "No."}
    rival = console(factories.staff(globex, "rita", "brand_admin"))
    assert answer(rival, asked, "refuse", **values).status_code == 404
    assert rival.get(page_of(asked)).status_code == 302
    reader = console(factories.staff(drill.brand, "cora", "compliance"))
    assert answer(reader, asked, "refuse", **values).status_code == 403
    assert "Refuse" not in text_of(reader.get(page_of(asked)))
    assert answer(reader, asked, "nonsense").status_code == 404
    asked.refresh_from_db()
    assert asked.state == "waiting"


def test_registering_an_older_piece_begins_no_new_warranty(drill):
    """A warranty that runs from the registration is for new pieces; the sale's day counts for old ones."""
    plan = CoveragePlan.objects.create(brand=drill.brand, names={"en": "Two years"}, months=24)
    today = day_in(ZoneInfo(drill.brand.time_zone), timezone.now())
    old = factories.UnitFactory(product=drill, identity_given_on=today)
    assert activate_coverage(unit_id=old.pk, now=timezone.now()) is None
    CoveragePlan.objects.filter(pk=plan.pk).update(starts_from="sale")
    assert activate_coverage(unit_id=old.pk, now=timezone.now()) is None
    dated = factories.UnitFactory(product=drill, identity_given_on=today, sold_on=dt.date(2025, 1, 1))
    assert activate_coverage(unit_id=dated.pk, now=timezone.now()).starts_on == dt.date(2025, 1, 1)
    new = factories.UnitFactory(product=drill)
    assert activate_coverage(unit_id=new.pk, now=timezone.now()).starts_on == today
    assert Coverage.objects.count() == 2


def test_the_page_promises_an_older_piece_no_warranty(client, drill):
    CoveragePlan.objects.create(brand=drill.brand, names={"en": "Two years"}, months=24)
    old = factories.UnitFactory(product=drill, identity_given_on=timezone.now().date())
    new = factories.UnitFactory(product=drill)
    assert "warranty then runs" in text_of(client.get(f"/u/{new.public_code}/register/"))
    assert "warranty then runs" not in text_of(client.get(f"/u/{old.public_code}/register/"))


def test_old_requests_are_forgotten_on_schedule(sam, drill):
    now = timezone.now()

    def ago(**values):
        return now - dt.timedelta(**values)

    gone = [
        waiting(drill, "A", state="unconfirmed", confirmed_at=None, sent_at=ago(days=8)),
        waiting(drill, "B", sent_at=ago(days=366)),
        waiting(drill, "C", state="refused", decided_at=ago(days=91)),
    ]
    kept = [
        waiting(drill, "D", state="unconfirmed", confirmed_at=None, sent_at=ago(days=6)),
        waiting(drill, "E", sent_at=ago(days=300)),
        waiting(drill, "F", state="refused", decided_at=ago(days=80)),
    ]
    unit = factories.UnitFactory(product=drill, serial="G")
    given = waiting(drill, "G", state="approved", unit=unit, decided_at=ago(days=91))
    assert forget_old_requests(now=now) == 4
    assert forget_old_requests(now=now) == 0
    left = IdentityRequest.objects.all()
    assert not left.filter(pk__in=[row.pk for row in gone]).exists()
    assert left.filter(pk__in=[row.pk for row in kept]).exclude(email="").count() == 3
    given.refresh_from_db()
    assert (given.email, given.note, given.unit) == ("", "", unit)


def test_the_proof_goes_90_days_after_the_answer(sam, drill):
    asked = waiting(drill)
    now = timezone.now()
    refuse_identity(request_id=asked.pk, reason="No.", now=now, actor_id=sam.pk)
    assert PrivateFile.objects.get().expires_at == now + services.ANSWERED_KEPT


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_ten_answers_at_once_one_wins(drill, sam):
    """Ten of the staff decide on two requests for one piece at the same time: one unit, one answer each at most."""
    requests = [waiting(drill), waiting(drill)]
    item = TradeItem.objects.get()
    outcomes, start = [], threading.Barrier(10)

    def decide(number):
        start.wait()
        try:
            give_identity(
                request_id=requests[number % 2].pk, trade_item=item, serial="D18-000123", now=timezone.now(),
                actor_id=sam.pk,
            )  # fmt: skip
            outcomes.append("given")
        except OwnershipError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided"] * 4 + ["given"] + ["known"] * 5
    assert Unit.objects.count() == 1
