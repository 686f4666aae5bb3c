"""A claimant asks for release, and confirms the address by the private link."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import lock_unit
from ownership.contacts import add_confirmed, has_confirmed, person_with
from ownership.errors import OwnershipError
from ownership.models import LossReport, Owner, Ownership, ReleaseRequest, Transfer
from ownership.models.policies import policy_of
from ownership.models.registrations import ContactKind, Proof
from ownership.models.releases import ReleaseGround, ReleaseState, Side
from ownership.services.registrations import PROVISIONAL
from ownership.services.releases.base import advance, keep_files, last_moment, locked, record
from ownership.services.releases.evidence import OPEN_KEPT, NewPiece, keep_evidence
from ownership.services.transfers import locked as locked_transfer
from ownership.services.transfers import refuse_unshowable
from products.models import Person, Unit

State = ReleaseState


@dataclass(frozen=True, slots=True)
class ReleaseForm:
    """What was typed, checked; `contact` is normalised (small letters, or E.164)."""

    submission_key: str
    ground: ReleaseGround
    contact_kind: ContactKind
    contact: str
    name: str
    statement: str
    locale: str

    def key_for(self, unit: Unit) -> str:
        """Return what tells this form's request from all others; with another address it is another one."""
        parts = (self.submission_key, str(unit.pk), self.contact_kind.value, self.contact)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def request_of_form(form: ReleaseForm, unit_id: int) -> ReleaseRequest | None:
    """Return what this form made before."""
    found: ReleaseRequest | None = ReleaseRequest.objects.filter(
        submission_key=form.key_for(Unit(pk=unit_id))
    ).first()
    return found


@transaction.atomic
def ask_for_release(
    *, unit_id: int, form: ReleaseForm, proof: Proof, pieces: list[NewPiece], now: dt.datetime
) -> ReleaseRequest:
    """Keep the request until its address is confirmed; the same form sent twice is one request.

    Nothing of it is on the unit's page before. Raises OwnershipError: `retired`, `not_owned`,
    `missed` (reported lost or stolen), `passed_on` (a transfer is open), `asked` (another request is),
    `no_proof` (with a printed code, without a file).
    """
    unit = lock_unit(unit_id)
    known: ReleaseRequest | None = ReleaseRequest.objects.filter(submission_key=form.key_for(unit)).first()
    if known is not None:
        return known
    ownership = refuse_unreleasable(unit)
    if proof is not Proof.HOLDING and not pieces:
        raise OwnershipError("no_proof", _("Without a tag in it, we need a picture or the receipt, please."))
    return keep_request(ownership, form, proof, pieces, now)


def keep_request(
    ownership: Ownership,
    form: ReleaseForm,
    proof: Proof,
    pieces: list[NewPiece],
    now: dt.datetime,
    *,
    transfer: Transfer | None = None,
) -> ReleaseRequest:
    """Write down what was typed, with the claimant's evidence, until the address is confirmed."""
    unit = ownership.unit
    release: ReleaseRequest = ReleaseRequest.objects.create(
        brand_id=unit.brand_id,
        unit=unit,
        ownership=ownership,
        transfer=transfer,
        ground=form.ground,
        proof=proof,
        name=form.name,
        contact_kind=form.contact_kind,
        contact=form.contact,
        locale=form.locale,
        statement=form.statement,
        submission_key=form.key_for(unit),
        sent_at=now,
    )
    keep_evidence(release, Side.CLAIMANT, pieces, now)
    return release


def refuse_unreleasable(unit: Unit) -> Ownership:
    """Return whose the unit is; raise OwnershipError, with the sentence for its holder, if none can release it now."""
    if unit.is_retired:
        raise OwnershipError("retired", _("The life of this piece has ended, so it can't have a new owner."))
    ownership: Ownership | None = Ownership.objects.of_unit(unit).current().select_related("owner").first()
    if ownership is None:
        raise OwnershipError("not_owned", _("This piece is registered to nobody: it can be yours at once."))
    if LossReport.objects.of_unit(unit).standing().exists():
        raise OwnershipError(
            "missed",
            _("Its owner is looking for it. Its page passes your words on to them, without your name."),
        )
    if Transfer.objects.of_unit(unit).open().exists():
        raise OwnershipError(
            "passed_on",
            _(
                "Its owner is passing it on just now. If it is meant for you, use the link or the code from them."
            ),
        )
    if ReleaseRequest.objects.of_unit(unit).open().exists():
        raise OwnershipError(
            "asked",
            _("Somebody has asked for its release already. Until that is answered nobody else can."),
        )
    return ownership


@transaction.atomic
def confirm_release(*, release_id: int, now: dt.datetime) -> ReleaseRequest:
    """The private link was opened and its button pressed: the address is the claimant's.

    Then the owner has time to answer; one whom nobody can reach, or who offered it, is not waited for: the desk has it.
    Twice changes nothing. Raises OwnershipError: what asking raises, `own` (the unit is theirs).
    """
    release = locked(release_id)
    if release.state != State.UNCONFIRMED:
        return release
    ownership = _ownership_in_question(release, now)
    person = person_reached_at(ContactKind(release.contact_kind), release.contact, release.locale, now)
    if _owns_it_already(person, ownership, release):
        raise OwnershipError("own", _("This piece is registered to you already, under this very address."))
    known = {"name": release.name, "locale": release.locale, **_column(release)}
    claimant, _made = Owner.objects.get_or_create(brand_id=release.brand_id, person=person, defaults=known)
    waits_for_owner = release.transfer_id is None and is_reachable(ownership.owner)
    days = policy_of(release.brand_id).release_days
    advance(
        release,
        State.ASKED if waits_for_owner else State.DESK,
        now=now,
        actor_id=person.pk,
        claimant=claimant,
        confirmed_at=now,
        ownership=ownership,
        answer_by=last_moment(release, now, days=days) if waits_for_owner else None,
    )
    keep_files(release, until=now + OPEN_KEPT)
    record(
        EventKind.RELEASE_ASKED, release, now, person.pk,
        ground=release.ground, proof=release.proof, claimant=claimant.pk,
    )  # fmt: skip
    if release.state == State.DESK and release.transfer_id is None:
        record(EventKind.RELEASE_ESCALATED, release, now, why="unreachable")
    return release


def _ownership_in_question(release: ReleaseRequest, now: dt.datetime) -> Ownership:
    """Return whose the unit is, where the request can go its way still: the owner's offer stands, or can be asked for."""
    if release.transfer_id is None:
        return refuse_unreleasable(release.unit)
    transfer = locked_transfer(release.transfer_id)
    refuse_unshowable(transfer, now=now)
    return transfer.ownership


def _owns_it_already(person: Person, ownership: Ownership, release: ReleaseRequest) -> bool:
    """Whether nothing would change hands; what a household offers, one of its people may take over."""
    if release.transfer_id is not None:
        return bool(ownership.owner.person_id == person.pk)
    return bool(Owner.objects.of_people([person]).filter(pk=ownership.owner_id).exists())


def is_reachable(owner: Owner) -> bool:
    """Whether the brand can write to the owner at an address that was confirmed, and takes what we write."""
    if owner.bounced_at is not None or not (owner.email or owner.phone):
        return False
    person: Person | None = owner.person
    if person is None:  # a household or an organisation: staff or its people wrote the address down
        return owner.kind != Owner.Kind.PERSON
    if owner.email:
        return has_confirmed(person, ContactKind.EMAIL, owner.email)
    return has_confirmed(person, ContactKind.PHONE, owner.phone)


def person_reached_at(kind: ContactKind, contact: str, locale: str, now: dt.datetime) -> Person:
    """Return who has confirmed this address; else a new person, whose address it is now."""
    found = person_with(kind, contact)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return _new_person(kind, contact, locale, now)
    except IntegrityError:  # it was confirmed elsewhere in this very moment
        person = person_with(kind, contact)
        if person is None:
            raise
        return person


def _new_person(kind: ContactKind, contact: str, locale: str, now: dt.datetime) -> Person:
    person = Person(username=f"{PROVISIONAL}{uuid.uuid4().hex}", locale=locale)
    person.set_unusable_password()
    person.save()
    add_confirmed(person, kind, contact, now=now)
    return person


def _column(release: ReleaseRequest) -> dict[str, str]:
    is_email = release.contact_kind == ContactKind.EMAIL
    return {"email" if is_email else "phone": release.contact}
