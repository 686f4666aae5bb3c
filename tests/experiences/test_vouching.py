"""C12, C13: a boutique activates at the till, an agent registers for a caller; the customer confirms by link."""

import datetime as dt
import re
import uuid

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics.models import Event
from experiences.returns import return_unit
from experiences.vouching import confirm_token
from ownership.models import Consent, ConsentWording, Owner, Ownership, Registration
from ownership.models.registrations import ContactKind
from ownership.services.addresses import correct_address
from products.models import Unit
from tests import factories
from tests.config.test_console_tenancy import console
from warranty.models import Coverage, CoveragePlan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def agent(sam):
    return console(sam)


@pytest.fixture(autouse=True)
def _words_and_plan(acme):
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    for purpose in ("marketing", "service"):
        ConsentWording.objects.create(
            brand=acme, purpose=purpose, version=1, texts={"en": f"Yes to {purpose}."}
        )


def form(**values):
    today = timezone.localdate()
    return {
        "day": today.isoformat(), "market": "FR", "contact": "Carol@Example.com", "name": "Carol Cole",
        "locale": "en", "submission_key": uuid.uuid4().hex, **values,
    }  # fmt: skip


def send(client, unit, slug, values):
    return client.post(reverse("admin:products_unit_act", args=[unit.pk, slug]), values)


def link_in_mail() -> str:
    """Return the path of the link in the one mail that was sent."""
    (letter,) = mail.outbox
    return re.search(r"(/confirm/\S+)", letter.body)[1]


@pytest.fixture
def registered(agent, unit, django_capture_on_commit_callbacks):
    """Carol's bag, activated at the till; she has a mail with a link."""
    with django_capture_on_commit_callbacks(execute=True):
        assert send(agent, unit, "till", form()).status_code == 302
    return Registration.objects.get(unit=unit)


def test_the_customer_is_owner_at_once_and_covered(registered, unit, sam):
    """C12: sold, owned, covered, with who did it on the ledger."""
    unit.refresh_from_db()
    assert (unit.market, registered.proof, registered.state) == ("FR", "till", "owned")
    ownership = Ownership.objects.get(unit=unit)
    assert (ownership.acquired, ownership.ordinal, ownership.until) == ("till", 1, None)
    assert Coverage.objects.filter(unit=unit).exists()
    started = Event.objects.get(unit=unit, kind="ownership.started")
    assert (started.actor_id, started.data["acquired"]) == (sam.pk, "till")
    assert "arol" not in str(list(Event.objects.values_list("data", flat=True)))


def test_only_what_was_ticked_is_agreed_to_and_counts_once_confirmed(agent, unit, sam):
    """C8: the till's consents name the channel and the agent, and nothing is sent for them before the address counts."""
    send(agent, unit, "till", form(agrees_service="on"))
    consent = Consent.objects.get()
    assert (consent.wording.purpose, consent.channel) == ("service", "till")
    assert (consent.proof, consent.confirmed_at) == (f"agent:{sam.pk}", None)


def test_without_an_address_it_is_sold_and_covered_and_the_holder_registers(agent, unit):
    assert send(agent, unit, "till", form(contact="", name="")).status_code == 302
    assert not Owner.objects.exists()
    assert Coverage.objects.filter(unit=unit).exists()
    assert Unit.objects.get(pk=unit.pk).sold_on == timezone.localdate()


def test_sent_twice_it_is_one(agent, unit, django_capture_on_commit_callbacks):
    values = form()
    with django_capture_on_commit_callbacks(execute=True):
        assert send(agent, unit, "till", values).status_code == 302
        assert send(agent, unit, "till", values).status_code == 302
    assert Registration.objects.count() == 1
    assert Ownership.objects.count() == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"contact": "nonsense"}, "name@example.com"),
        ({"contact": "a\0b@example.com"}, "Null characters"),
        ({"day": "2999-01-01"}, "in the future"),
        ({"market": "XQ1"}, "at most 2"),
        ({"name": "\u202eevil"}, "can&#x27;t be written"),
        ({"name": "x" * 121}, "at most 120"),
        ({"contact": "", "agrees_marketing": "on"}, "where can we reach them"),
        ({"locale": "xx"}, "valid choice"),
        ({"submission_key": "no"}, ""),
    ],
)
def test_bad_input_is_said_beside_the_field_and_nothing_happens(agent, unit, wrong, said):
    answer = send(agent, unit, "till", form(**wrong))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert Unit.objects.get(pk=unit.pk).sold_on is None
    assert not Registration.objects.exists()


def test_an_owned_unit_is_not_activated_again(agent, registered, unit):
    refused = send(agent, unit, "till", form(contact="dave@example.com"))
    assert "registered already" in refused.content.decode()
    assert Ownership.objects.count() == 1


def test_a_unit_sold_before_asks_for_no_day(agent, unit):
    Unit.objects.filter(pk=unit.pk).update(sold_on=dt.date(2026, 1, 2))
    page = agent.get(reverse("admin:products_unit_act", args=[unit.pk, "till"])).content.decode()
    assert 'name="day"' not in page
    assert send(agent, unit, "till", form()).status_code == 302
    assert Unit.objects.get(pk=unit.pk).sold_on == dt.date(2026, 1, 2)


def test_the_till_finds_the_unit_by_its_link_and_goes_on(agent, chip, unit):
    till = reverse("console_till")
    target = reverse("admin:products_unit_act", args=[unit.pk, "till"])
    for query in (f"http://testserver{chip.tap()}", unit.public_code, unit.serial):
        assert agent.post(till, {"q": query}).url == target
    assert "No unit of yours" in agent.post(till, {"q": "a\0nothing"}).content.decode()
    assert agent.get(till).status_code == 200


def test_a_rivals_till_finds_nothing_and_roles_that_do_not_act_are_refused(globex, acme, unit):
    """A9."""
    rival = console(factories.staff(globex, "rival", "support_agent"))
    assert unit.serial not in rival.post(reverse("console_till"), {"q": unit.public_code}).content.decode()
    assert send(rival, unit, "till", form()).status_code in (302, 404)
    assert send(rival, unit, "register", form()).status_code in (302, 404)
    assert not Registration.objects.exists()
    analyst = console(factories.staff(acme, "ana", "analyst"))
    assert analyst.get(reverse("console_till")).status_code == 403


def test_an_agent_registers_for_a_caller(agent, unit, sam, django_capture_on_commit_callbacks):
    """C13."""
    with django_capture_on_commit_callbacks(execute=True):
        assert send(agent, unit, "register", form(agrees_marketing="on")).status_code == 302
    assert Ownership.objects.get(unit=unit).acquired == "agent"
    assert Consent.objects.get().channel == "agent"
    assert Unit.objects.get(pk=unit.pk).sold_on is None
    assert "/confirm/" in mail.outbox[0].body
    assert "carol" not in mail.outbox[0].body.lower()


def test_the_link_confirms_with_one_press_and_remembers_the_browser(registered, unit):
    """C12, C13: opening it does nothing, as programs that read mail open links too."""
    reader, link = Client(headers={"Accept-Language": "en"}), link_in_mail()
    page = reader.get(link)
    assert page.status_code == 200
    assert b"carol@example.com" not in page.content
    registered.refresh_from_db()
    assert registered.state == "owned"
    assert reader.post(link).url == reverse("welcome", args=[unit.public_code])
    registered.refresh_from_db()
    assert registered.state == "confirmed"
    assert EmailAddress.objects.get(email="carol@example.com").verified
    home = reader.get(reverse("unit_home", args=[unit.public_code])).content
    assert b'data-viewer="owner"' in home


def test_the_link_works_once(registered, unit):
    link = link_in_mail()
    Client().post(link)
    second = Client(headers={"Accept-Language": "en"})
    answer = second.post(link)
    assert answer.status_code == 410
    assert "device" not in second.cookies
    assert b'data-viewer="owner"' not in second.get(reverse("unit_home", args=[unit.public_code])).content


def test_whom_the_brand_knows_already_gets_it_under_the_row_they_have(registered, acme, unit):
    known = factories.PersonFactory()
    EmailAddress.objects.create(user=known, email="carol@example.com", verified=True)
    row = factories.OwnerFactory(brand=acme, person=known, email="carol@example.com")
    Client().post(link_in_mail())
    assert Ownership.objects.get(unit=unit).owner == row
    assert Owner.objects.count() == 1


@pytest.mark.parametrize("token", ["1", "1:2:3", "x:y:z", "9" * 30 + ":a:b", "٣:a:b", "%00:a:b"])
def test_made_up_links_are_unknown(registered, token):
    assert Client().post(f"/confirm/{token}/").status_code == 404
    registered.refresh_from_db()
    assert registered.state == "owned"


def test_the_link_of_one_registration_opens_no_other_and_not_after_a_correction(registered, acme):
    token = confirm_token(registered)
    other = Registration.objects.create(
        brand=acme, unit=factories.UnitFactory(product=registered.unit.product), submission_key="f" * 32,
        proof="till", state="owned", contact_kind="email", contact="dave@example.com", locale="en",
        created_at=timezone.now(),
    )  # fmt: skip
    forged = token.replace(str(registered.pk), str(other.pk), 1)
    assert Client().get(reverse("confirm_by_link", args=[forged])).status_code == 404
    correct_address(
        registration_id=registered.pk, contact_kind=ContactKind.EMAIL, contact="c.cole@example.com",
        now=timezone.now(),
    )  # fmt: skip
    assert Client().get(reverse("confirm_by_link", args=[token])).status_code == 404


def test_a_returned_unit_is_not_given_back_by_the_old_link(registered, unit):
    return_unit(unit_id=unit.pk, now=timezone.now(), actor_id=None)
    Client().post(link_in_mail())
    assert not Ownership.objects.of_unit(unit).current().exists()
    assert not Coverage.objects.filter(unit=unit).exists()
