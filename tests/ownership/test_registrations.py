"""The services behind registering: what they leave behind, whoever comes first and however often."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from analytics.models import Event, UnitFacts
from ownership.errors import OwnershipError
from ownership.models import Consent, ConsentChannel, ConsentWording, Owner, Ownership, Registration
from ownership.models.registrations import ContactKind, Proof
from ownership.services.consents import withdraw_consent
from ownership.services.registrations import RegistrationForm, confirm_registration, send_registration
from products.models import Device, Person
from products.services.devices import remember_device
from tests import factories

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def form(key: str = "a", contact: str = "alice@example.com", **values) -> RegistrationForm:
    return RegistrationForm(
        **{
            "submission_key": key * 32, "contact_kind": ContactKind.EMAIL, "contact": contact, "name": "Alice",
            "marketing": False, "locale": "en", **values,
        }
    )  # fmt: skip


def send(unit, proof: Proof = Proof.CODE, remembered=(), **values) -> Registration:
    return send_registration(
        unit_id=unit.pk, form=form(**values), proof=proof, now=NOW, remembered=remembered
    )


def confirm(registration: Registration, person: Person | None = None) -> Registration:
    return confirm_registration(
        registration_id=registration.pk, person=person or registration.person, now=NOW
    )


def test_the_provisional_person_can_not_log_in_by_password_or_by_an_address_not_confirmed(unit):
    person = send(unit).person
    assert not person.has_usable_password()
    assert (person.is_staff, person.is_superuser) == (False, False)
    assert not EmailAddress.objects.get(user=person).verified


def test_the_events_hold_no_address(unit):
    confirm(send(unit, Proof.HOLDING))
    assert "alice" not in repr(list(Event.objects.values())).lower()


def test_confirming_an_owners_address_moves_everything_to_the_person_known(unit, acme):
    known = factories.PersonFactory()
    alice = factories.OwnerFactory(brand=acme, person=known)
    words = ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News"})
    registration = send(unit, Proof.HOLDING, marketing=True, wording=1)
    device = remember_device(person=registration.person, now=NOW)
    done = confirm(registration, known)
    assert (done.state, done.owner, done.person) == ("confirmed", alice, known)
    assert Ownership.objects.get().owner == alice
    assert UnitFacts.objects.get(unit=unit).owner_id == alice.pk
    assert Consent.objects.get().owner == alice
    assert Consent.objects.get().wording == words
    assert Device.objects.get(pk=device.pk).person == known
    assert Owner.objects.get() == alice
    assert Person.objects.filter(username__startswith="p-").count() == 0
    confirmed = Event.objects.get(kind="registration.confirmed")
    assert (confirmed.owner_id, confirmed.data) == (alice.pk, {"from_owner": registration.owner_id})


def test_without_a_merge_the_confirmation_names_no_earlier_owner(unit):
    done = confirm(send(unit, Proof.HOLDING))
    confirmed = Event.objects.get(kind="registration.confirmed")
    assert (confirmed.owner_id, confirmed.data) == (done.owner_id, {})


@pytest.mark.parametrize("proof", list(Proof))
def test_nothing_is_sent_for_a_yes_before_its_address_is_confirmed(unit, acme, globex, proof):
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News"})
    registration = send(unit, proof, marketing=True, wording=1)
    held = proof is Proof.HOLDING
    assert Consent.objects.waiting().count() == Consent.objects.count() == (1 if held else 0)
    assert not Consent.objects.sendable().exists()
    confirm(registration)
    consent = Consent.objects.for_brand(acme).sendable().get()
    assert (consent.given_at, consent.confirmed_at) == (NOW, NOW)
    assert not Consent.objects.waiting().exists()
    assert not Consent.objects.for_brand(globex).exists()
    withdraw_consent(owner=consent.owner, purpose="marketing", now=NOW, through=ConsentChannel.ME)
    assert not Consent.objects.sendable().exists()


def test_a_box_ticked_on_a_repeated_registration_counts_once_its_address_is_confirmed(unit, acme):
    """By printed code before, by chip without the box meanwhile: the yes of the first form is not lost."""
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News"})
    by_code = send(unit, marketing=True, wording=1)
    by_chip = confirm(send(unit, Proof.HOLDING, key="b"))
    assert not Consent.objects.exists()
    done = confirm(by_code, by_chip.person)
    assert (done.state, done.owner) == ("confirmed", by_chip.owner)
    assert Consent.objects.sendable().get().owner == by_chip.owner
    assert Ownership.objects.count() == 1


def test_a_yes_taken_back_before_the_address_was_confirmed_stays_taken_back(unit, acme):
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News"})
    registration = send(unit, Proof.HOLDING, marketing=True, wording=1)
    withdraw_consent(owner=registration.owner, purpose="marketing", now=NOW, through=ConsentChannel.ME)
    confirm(registration)
    assert not Consent.objects.standing().exists()
    assert Consent.objects.get().confirmed_at is None


def test_a_yes_that_the_person_gave_before_stays_one(unit, acme, bag):
    ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News"})
    known = factories.PersonFactory()
    for key, one in (("a", unit), ("b", factories.UnitFactory(product=bag))):
        confirm(send(one, Proof.HOLDING, key=key, marketing=True, wording=1), known)
    assert Consent.objects.filter(withdrawn_at=None).count() == 1
    assert Owner.objects.count() == 1


def test_an_owner_whom_staff_made_organisation_or_not_is_never_guessed_from_an_address(unit, acme):
    """Only the confirmed person decides: an owner row with the same address may be somebody else's."""
    factories.OwnerFactory(brand=acme, email="alice@example.com", person=None)
    done = confirm(send(unit))
    assert Owner.objects.count() == 2
    assert done.owner.person == done.person


def test_confirming_twice_changes_nothing(unit):
    registration = send(unit)
    confirm(registration)
    events = Event.objects.count()
    again = confirm(Registration.objects.get())
    assert again.state == "confirmed"
    assert Event.objects.count() == events
    assert Ownership.objects.count() == 1


def test_the_second_confirmation_is_superseded_and_leaves_the_first_alone(unit):
    first, second = send(unit), send(unit, key="b", contact="bob@example.com")
    confirm(second)
    assert confirm(first).state == "superseded"
    assert Ownership.objects.get().owner.email == "bob@example.com"
    with pytest.raises(OwnershipError) as refusal:
        send(unit)
    assert refusal.value.code == "owned"
    assert confirm(first).state == "superseded"


def test_a_holder_who_comes_between_the_printed_code_and_its_confirmation_wins(unit):
    """The rung of the ladder counts: whoever holds it is owner at once."""
    by_code = send(unit)
    send(unit, Proof.HOLDING, key="b", contact="bob@example.com")
    assert confirm(by_code).state == "superseded"
    assert Ownership.objects.get().owner.email == "bob@example.com"


def test_a_waiting_form_sent_again_with_the_unit_in_hand_makes_the_owner(unit):
    assert send(unit).state == "pending"
    assert send(unit, Proof.HOLDING).state == "owned"
    assert Registration.objects.get().proof == "holding"
    assert Event.objects.filter(kind="registration.sent").count() == 1


def test_another_address_on_the_same_form_is_another_registration(unit):
    assert send(unit) != send(unit, contact="alicia@example.com")
    assert send(unit) == send(unit)


def test_an_erased_registration_is_not_brought_back(unit):
    registration = send(unit)
    person = factories.PersonFactory()
    Owner.objects.all().delete()
    with pytest.raises(OwnershipError) as refusal:
        confirm(registration, person)
    assert refusal.value.code == "forgotten"


@pytest.mark.parametrize("by", list(Proof))
def test_a_retired_unit_takes_no_registration_in_any_order(unit, by):
    waiting = send(unit)
    type(unit).objects.filter(pk=unit.pk).update(status="destroyed", retired_on=timezone.now().date())
    with pytest.raises(OwnershipError) as refusal:
        send(unit, by, key="b")
    assert refusal.value.code == "retired"
    assert confirm(waiting).state == "superseded"
    assert not Ownership.objects.exists()
