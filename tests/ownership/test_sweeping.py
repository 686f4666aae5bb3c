"""Forgetting what nobody confirmed: registrations, and the people they made."""

import datetime as dt

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from analytics.models import Event, UnitFacts
from ownership.errors import OwnershipError
from ownership.models import Consent, ConsentWording, Owner, Ownership, Registration
from ownership.models.registrations import Proof
from ownership.services.registrations import confirm_registration
from ownership.services.sweeping import forget_people, sweep_registrations
from ownership.tasks import sweep_registrations as sweep
from products.models import Device, Person, PhoneNumber
from products.services.devices import remember_device
from tests import factories
from tests.experiences.test_registering import path, register, viewer
from tests.ownership.test_registrations import NOW, send
from tests.reading import code_in_mail

pytestmark = pytest.mark.django_db

KEPT = dt.timedelta(days=30)
LATER = NOW + KEPT + dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock():
    """People are dated by the database's default: they come in when their registration does."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def swept(now: dt.datetime = LATER) -> tuple[int, int]:
    return sweep_registrations(now=now, kept_for=KEPT), forget_people(now=now, kept_for=KEPT)


def test_a_registration_that_was_never_confirmed_leaves_its_event_and_nothing_personal(unit):
    registration = send(unit, marketing=True)
    assert swept(NOW + KEPT) == (0, 0)
    assert swept() == (1, 1)
    for model in (Registration, Owner, Person, EmailAddress):
        assert not model.objects.exists(), model
    kinds = Event.objects.order_by("id").values_list("kind", "unit_id", "owner_id")
    assert list(kinds) == [
        ("registration.sent", unit.pk, registration.owner_id),
        ("registration.lapsed", unit.pk, registration.owner_id),
    ]
    assert swept() == (0, 0)
    assert Event.objects.count() == 2


def test_the_unit_can_be_registered_again_afterwards(client, unit):
    register(client, unit)
    code = code_in_mail()
    swept()
    assert client.get(path(unit, "confirm")).url == f"/u/{unit.public_code}/"
    client.post(path(unit, "confirm"), {"code": code}, follow=True)
    assert not Ownership.objects.exists()
    with time_machine.travel(LATER):
        assert register(Client(), unit).url == path(unit, "confirm")
    assert Registration.objects.count() == 1


def test_a_code_that_comes_after_the_sweep_is_told_so(unit):
    registration = send(unit)
    swept()
    with pytest.raises(OwnershipError) as refusal:
        confirm_registration(registration_id=registration.pk, person=factories.PersonFactory(), now=LATER)
    assert refusal.value.code == "forgotten"


def test_owners_stay_confirmed_or_not(unit, bag, acme):
    confirmed, by_chip = factories.UnitFactory(product=bag), unit
    one = send(confirmed, contact="bob@example.com", key="b")
    confirm_registration(registration_id=one.pk, person=one.person, now=NOW)
    send(by_chip, Proof.HOLDING)
    late = send(factories.UnitFactory(product=bag), contact="carol@example.com", key="c")
    confirm_registration(registration_id=late.pk, person=late.person, now=LATER)
    assert swept(LATER + KEPT + KEPT) == (0, 0)
    assert Registration.objects.count() == Owner.objects.count() == Person.objects.count() == 3


def test_an_owner_keeps_what_else_is_theirs_when_a_later_form_lapses(unit, bag, acme):
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News"})
    held = send(unit, Proof.HOLDING, marketing=True, wording=1)
    other = factories.UnitFactory(product=bag)
    waiting = send(other, key="b", remembered=[held.person])
    assert waiting.owner == held.owner
    assert swept() == (1, 0)
    assert UnitFacts.objects.get(unit=unit).owner_id == held.owner_id
    assert Consent.objects.get().owner == held.owner
    assert Registration.objects.get() == held


def test_people_whom_anything_names_stay(unit, globex):
    """Staff, confirmed addresses and numbers, owners at another brand, and whoever came in later."""
    names = ("staff", "operator", "address", "number", "owner", "young", "nobody")
    people = {name: factories.PersonFactory(username=f"p-{name}") for name in names}
    factories.StaffMembership.objects.create(brand=globex, person=people["staff"], role="analyst")
    Person.objects.filter(pk=people["operator"].pk).update(is_superuser=True)
    EmailAddress.objects.create(user=people["address"], email="a@example.com", verified=True)
    PhoneNumber.objects.create(person=people["number"], number="+33612345678", verified_at=NOW)
    factories.OwnerFactory(brand=globex, person=people["owner"])
    Person.objects.filter(pk=people["young"].pk).update(date_joined=LATER)
    EmailAddress.objects.create(user=people["nobody"], email="b@example.com", verified=False)
    remember_device(person=people["nobody"], now=NOW)
    factories.PersonFactory(username="invited")
    assert swept() == (0, 1)
    left = set(Person.objects.values_list("username", flat=True))
    assert left == {"invited", *(f"p-{name}" for name in names[:-1])}
    assert not Device.objects.exists()


def test_whose_owner_row_was_erased_is_forgotten(unit):
    registration = send(unit)
    Registration.objects.all().delete()
    Owner.objects.filter(pk=registration.owner_id).delete()
    assert swept() == (0, 1)


def test_beat_keeps_them_as_long_as_the_operator_says(settings, client, unit, clock):
    settings.UNCONFIRMED_DAYS = 3
    register(client, unit)
    clock.shift(dt.timedelta(days=2))
    assert sweep() == 0
    clock.shift(dt.timedelta(days=2))
    assert sweep() == 2
    assert sweep() == 0
    assert viewer(client, unit) == "looking"
    assert "ownership.tasks.sweep_registrations" in {
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }
