"""Registering a unit: with a held unit the holder is owner at once, with a printed code once the address is confirmed."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import UnitFacts
from analytics.services import NewEvent, lock_unit, record_event
from ownership.contacts import add_unconfirmed, one_with, person_with
from ownership.errors import OwnershipError
from ownership.models import ConsentChannel, Owner, Ownership, Purpose, Registration, Transfer
from ownership.models.registrations import ContactKind, Proof, RegistrationState
from ownership.services.consents import agreed_wording, confirm_consents, give_consent, shown_in
from ownership.services.ownerships import start_ownership
from ownership.services.transfers import locked as locked_transfer
from ownership.services.transfers import refuse_unacceptable, take_over
from products.models import Device, Person, Unit

PROVISIONAL = "p-"  # begins the user name of a person whose address is not confirmed yet


@dataclass(frozen=True, slots=True)
class RegistrationForm:
    """What was typed, and in which language; `contact` is normalised (small letters, or E.164).

    `wording`: the version of the words that stood beside the box (None: the newest).
    """

    submission_key: str
    contact_kind: ContactKind
    contact: str
    name: str
    marketing: bool
    locale: str
    wording: int | None = None

    def key_for(self, unit: Unit) -> str:
        """Return what tells this form's registration from all others.

        A form that comes back with another address, or is sent for another unit, is another one.
        """
        parts = (self.submission_key, str(unit.pk), self.contact_kind.value, self.contact)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@transaction.atomic
def send_registration(
    *,
    unit_id: int,
    form: RegistrationForm,
    proof: Proof,
    now: dt.datetime,
    remembered: Sequence[Person] = (),
    transfer: Transfer | None = None,
) -> Registration:
    """Register a unit; the same form sent twice is one registration.

    `remembered`: the persons this browser is remembered for. Who registers a further unit with the
    same address stays the same person. `transfer`: the owner's offer that the form accepts.

    With Proof.HOLDING the holder is the owner when this returns; with Proof.CODE only after
    `confirm_registration`, and so too where the owner's own address accepts the owner's offer. Raises
    OwnershipError: `retired`, `owned`, `not_for_sale` (lost, stolen or disputed); with a transfer what
    `take_over` raises.
    """
    unit = lock_unit(unit_id)
    known: Registration | None = Registration.objects.filter(submission_key=form.key_for(unit)).first()
    if known and known.state in (RegistrationState.OWNED, RegistrationState.CONFIRMED):
        return known
    if known and known.state == RegistrationState.SUPERSEDED:
        raise _owned_already()
    _refuse_untakeable(unit, transfer, now)
    registration = known or _new_registration(unit, form, proof, now, remembered, transfer)
    _take_down(registration, form)
    if proof is Proof.HOLDING and registration.owner and not _is_the_givers(form, transfer):
        Registration.objects.filter(pk=registration.pk).update(proof=proof)
        _own(registration, registration.owner, now)
        _agree(registration, registration.owner, now, confirmed_at=None)
        return _finish(registration, RegistrationState.OWNED, now)
    return registration


def _refuse_untakeable(unit: Unit, transfer: Transfer | None, now: dt.datetime) -> None:
    """Raise OwnershipError if the unit can't have this next owner now: registered, or taken over by the offer."""
    if transfer is None:
        refuse_unregistrable(unit)
    else:
        refuse_unacceptable(locked_transfer(transfer.pk), now=now)


def _is_the_givers(form: RegistrationForm, transfer: Transfer | None) -> bool:
    """Whether the address is that of who offers the unit: then a code comes first, and nothing is said of it."""
    if transfer is None:
        return False
    giver = transfer.ownership.owner
    reader = person_with(form.contact_kind, form.contact)
    return form.contact in (giver.email.lower(), giver.phone) or (
        reader is not None and reader.pk == giver.person_id
    )


def _new_registration(
    unit: Unit,
    form: RegistrationForm,
    proof: Proof,
    now: dt.datetime,
    remembered: Sequence[Person],
    transfer: Transfer | None,
) -> Registration:
    known = {"locale": form.locale, **_contact(form)}
    person = one_with(remembered, form.contact_kind, form.contact)
    if person is not None:
        owner, _made = Owner.objects.get_or_create(brand_id=unit.brand_id, person=person, defaults=known)
    else:
        person = _provisional_person(form)
        owner = Owner.objects.create(brand_id=unit.brand_id, person=person, **known)
    registration: Registration = Registration.objects.create(
        brand_id=unit.brand_id,
        unit=unit,
        person=person,
        owner=owner,
        transfer=transfer,
        submission_key=form.key_for(unit),
        proof=proof,
        state=RegistrationState.PENDING,
        contact_kind=form.contact_kind,
        contact=form.contact,
        created_at=now,
    )
    data: dict[str, Any] = {"proof": proof.value, "contact": form.contact_kind.value}
    if transfer is not None:
        data["transfer"] = transfer.pk
    record_event(
        NewEvent(
            EventKind.REGISTRATION_SENT, unit.brand_id, now, unit_id=unit.pk, owner_id=owner.pk, data=data
        ),
        now=now,
    )
    return registration


def _take_down(registration: Registration, form: RegistrationForm) -> None:
    """Keep what stands in the form now: until there is an owner, what was typed last counts."""
    wording = (
        agreed_wording(registration.brand_id, Purpose.MARKETING, form.wording) if form.marketing else None
    )
    typed = {"name": form.name, "locale": form.locale, "marketing": wording is not None, "wording": wording}
    Registration.objects.filter(pk=registration.pk).update(**typed)
    about = {"locale": form.locale, **({"name": form.name} if form.name else {})}
    Owner.objects.filter(registrations=registration).update(**about)
    for field, value in typed.items():
        setattr(registration, field, value)


@transaction.atomic
def confirm_registration(*, registration_id: int, person: Person, now: dt.datetime) -> Registration:
    """The code from the address was entered by `person`: the address is theirs, and so is what was registered with it.

    A person whom the brand knows already gets the unit under the owner row they have. Confirming
    twice changes nothing. A printed code's registration that comes too late ends `superseded`.
    Raises OwnershipError `forgotten` where it lapsed or was erased meanwhile.
    """
    registration = _locked(registration_id)
    if registration.state not in Registration.TRANSITIONS:
        return registration
    # One at a time per person too: two units at one brand must not make two owner rows.
    person = Person.objects.select_for_update().get(pk=person.pk)
    provisional_id = registration.owner_id
    owner = _settle_owner(registration, person)
    Registration.objects.filter(pk=registration.pk).update(person=person, owner=owner)
    registration.person, registration.owner = person, owner
    confirm_consents(owner=owner, now=now)
    return _conclude(registration, owner, now, from_owner=provisional_id)


def _locked(registration_id: int) -> Registration:
    """Lock the unit, then the registration, and return it as it stands now."""
    found: Registration | None = Registration.objects.filter(pk=registration_id).first()
    if found is not None:
        lock_unit(found.unit_id)
        found = Registration.objects.select_for_update().filter(pk=registration_id).first()
    if found is None:
        raise _forgotten()
    return found


def _conclude(
    registration: Registration, owner: Owner, now: dt.datetime, *, from_owner: int | None
) -> Registration:
    """Give a printed code's sender the unit, or what they still lack of it; then tell what came of it."""
    if registration.state == RegistrationState.PENDING:
        if not _owns(owner, registration.unit):
            try:
                _refuse_untakeable(registration.unit, registration.transfer, now)
            except OwnershipError:
                return _finish(registration, RegistrationState.SUPERSEDED, now)
            _own(registration, owner, now)
        _agree(registration, owner, now, confirmed_at=now)
    return _finish(registration, RegistrationState.CONFIRMED, now, from_owner=from_owner)


def _owns(owner: Owner, unit: Unit) -> bool:
    """Whether the unit is the owner's already, by another of their registrations."""
    return Ownership.objects.of_unit(unit).current().filter(owner=owner).exists()


def refuse_unregistrable(unit: Unit) -> None:
    """Raise OwnershipError, with the sentence for the visitor, if the unit can't be registered now."""
    if unit.is_retired:
        raise OwnershipError(
            "retired", _("The life of this piece has ended, so it can't be registered any more.")
        )
    facts = UnitFacts.objects.filter(unit=unit).first()
    if facts and facts.owner_id:
        raise _owned_already()
    if facts and (facts.lost or facts.stolen):
        raise OwnershipError(
            "not_for_sale",
            _("This piece is reported lost or stolen. It can't be registered until the search has ended."),
        )
    if facts and facts.dispute:
        raise OwnershipError(
            "not_for_sale", _("Whose this piece is, is being clarified. Until then it can't be registered.")
        )


def _forgotten() -> OwnershipError:
    return OwnershipError("forgotten", _("This registration was erased."))


def _owned_already() -> OwnershipError:
    return OwnershipError(
        "owned", _("This piece is registered already. If it is yours now, the brand can help.")
    )


def _contact(form: RegistrationForm) -> dict[str, str]:
    return {"name": form.name, "email" if form.contact_kind is ContactKind.EMAIL else "phone": form.contact}


def _provisional_person(form: RegistrationForm) -> Person:
    """A person of their own until the address is confirmed: typing somebody else's address opens nothing of theirs."""
    person: Person = Person.objects.create(username=f"{PROVISIONAL}{uuid.uuid4().hex}", locale=form.locale)
    person.set_unusable_password()
    Person.objects.filter(pk=person.pk).update(password=person.password)
    add_unconfirmed(person, form.contact_kind, form.contact)
    return person


def _settle_owner(registration: Registration, person: Person) -> Owner:
    """Return the owner row for the person at this brand, moving over what the provisional one holds."""
    provisional = registration.owner
    if provisional is None:
        raise _forgotten()
    known: Owner | None = Owner.objects.filter(brand_id=registration.brand_id, person=person).first()
    if known is None:
        Owner.objects.filter(pk=provisional.pk).update(person=person)
        _forget_provisional(registration, person)
        return provisional
    if known.pk != provisional.pk:
        Ownership.objects.filter(owner=provisional).update(owner=known)
        UnitFacts.objects.filter(owner_id=provisional.pk).update(owner_id=known.pk)
        _move_consents(provisional, known)
        Registration.objects.filter(owner=provisional).update(owner=known)
        Owner.objects.filter(pk=provisional.pk).delete()
        _forget_provisional(registration, person)
    return known


def _move_consents(provisional: Owner, known: Owner) -> None:
    standing = set(known.consents.filter(withdrawn_at=None).values_list("wording_id", flat=True))
    provisional.consents.exclude(wording__in=standing).update(owner=known)


def _forget_provisional(registration: Registration, person: Person) -> None:
    if registration.person_id and registration.person_id != person.pk:
        # What the same browser registered at other brands with this very address.
        elsewhere = Owner.objects.filter(person_id=registration.person_id)
        elsewhere.exclude(brand__in=Owner.objects.filter(person=person).values("brand")).update(person=person)
        Device.objects.filter(person_id=registration.person_id).update(person=person)
        Person.objects.filter(pk=registration.person_id, is_staff=False, last_login=None).delete()


def _own(registration: Registration, owner: Owner, now: dt.datetime) -> None:
    if registration.transfer_id is not None:
        ownership = take_over(transfer_id=registration.transfer_id, owner=owner, now=now)
    else:
        ownership = start_ownership(unit=registration.unit, owner=owner, since=now, now=now)
    Registration.objects.filter(pk=registration.pk).update(ownership=ownership)
    registration.ownership = ownership


def _agree(
    registration: Registration, owner: Owner, now: dt.datetime, *, confirmed_at: dt.datetime | None
) -> None:
    """Keep the yes of a ticked box, in the words that stood beside it."""
    if registration.wording:
        give_consent(
            owner=owner,
            wording=registration.wording,
            locale=shown_in(registration.wording, registration.locale),
            channel=ConsentChannel.TAP_PAGE,
            now=now,
            unit_id=registration.unit_id,
            confirmed_at=confirmed_at,
            proof=f"registration:{registration.pk}",
        )


def _finish(
    registration: Registration, state: RegistrationState, now: dt.datetime, *, from_owner: int | None = None
) -> Registration:
    """Move the registration on, and tell the ledger when its address was confirmed.

    `from_owner`: the owner's number until now. Where they turned out to be somebody the brand knows,
    the event names it, for older events do.
    """
    confirmed_at = now if state == RegistrationState.CONFIRMED else None
    Registration.objects.filter(pk=registration.pk).update(state=state, confirmed_at=confirmed_at)
    registration.state, registration.confirmed_at = state, confirmed_at
    if confirmed_at:
        merged = from_owner not in (None, registration.owner_id)
        record_event(
            NewEvent(
                EventKind.REGISTRATION_CONFIRMED, registration.brand_id, now, unit_id=registration.unit_id,
                owner_id=registration.owner_id, data={"from_owner": from_owner} if merged else {},
            ),
            now=now,
        )  # fmt: skip
    return registration
