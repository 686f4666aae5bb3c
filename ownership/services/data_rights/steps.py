"""The steps by which this floor forgets an owner, in their order, and what stands in the way of it."""

import datetime as dt
import json

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from analytics.kinds import EventKind
from analytics.models import UnitFacts
from analytics.services import NewEvent, lock_unit, record_event
from ownership.errors import OwnershipError
from ownership.models import (
    BulkRequest,
    Consent,
    ConsentChannel,
    DataRequest,
    Decision,
    Evidence,
    FinderMessage,
    FinderThread,
    Gift,
    IdentityRequest,
    Invitation,
    LossReport,
    Member,
    Owner,
    Ownership,
    ProvenanceLink,
    Purchase,
    Recovery,
    Registration,
    ReleaseRequest,
    Tombstone,
    Transfer,
)
from ownership.models.losses import Sender
from ownership.models.owners import MemberRole
from ownership.models.registrations import RegistrationState
from ownership.models.releases import RELEASE_OPEN, Side
from ownership.services.consents import withdraw_consent
from ownership.services.data_rights.addresses import confirmed_addresses
from ownership.services.data_rights.erasure import Hindrance, OvertakenError, Step
from ownership.services.losses import leave_loss_to_brand
from ownership.services.loyalty.forgetting import forget_loyalty
from ownership.services.members import leave, lock_group, remove
from ownership.services.ownerships import end_ownership
from products.models import Person, PhoneNumber, PrivateFile
from products.services.files import delete_private_file


def _end_ownerships(owner: Owner, now: dt.datetime) -> None:
    """What is missed stays reported: else whoever took it could register it now."""
    for ownership in Ownership.objects.current().filter(owner=owner).select_related("unit"):
        lock_unit(ownership.unit_id)
        if not Ownership.objects.current().filter(pk=ownership.pk).exists():
            continue  # somebody accepted it at the same moment: it is theirs
        leave_loss_to_brand(ownership=ownership, now=now)
        end_ownership(unit=ownership.unit, until=max(now, ownership.since), now=now)


def _withdraw_consents(owner: Owner, now: dt.datetime) -> None:
    """The yes stays as proof of what was done for it; it points to the empty row."""
    purposes = Consent.objects.filter(owner=owner).standing().values_list("wording__purpose", flat=True)
    for purpose in sorted(set(purposes)):
        withdraw_consent(owner=owner, purpose=purpose, now=now, through=ConsentChannel.ERASURE)


def _empty_registrations(owner: Owner, now: dt.datetime) -> None:
    """What the owner sent, and what came in with their addresses and waits or came to nothing."""
    others = Registration.objects.filter(
        brand=owner.brand_id,
        contact__in=confirmed_addresses(owner.person),
        state__in=[RegistrationState.PENDING, RegistrationState.SUPERSEDED],
    )
    others.delete()
    Registration.objects.filter(owner=owner, state=RegistrationState.PENDING).delete()
    sent = Registration.objects.filter(owner=owner)
    provisional = Person.objects.filter(pk__in=sent.values("person")).exclude(pk=owner.person_id or 0)
    people = list(provisional)
    sent.update(name="", contact="", person=None)
    for person in people:
        if not Registration.objects.filter(person=person).exists():
            delete_person_without_things(person, now=now)


def _delete_purchases(owner: Owner, now: dt.datetime) -> None:
    purchases = Purchase.objects.filter(ownership__owner=owner).select_related("proof")
    _delete_files([purchase.proof for purchase in purchases], now)
    purchases.delete()
    # Words to whoever unpacked it, the first owner: who gave it away may have named them.
    unpacked = Ownership.objects.counted().filter(owner=owner, ordinal=1)
    Gift.objects.filter(unit__in=unpacked.values("unit")).delete()


def _delete_recoveries(owner: Owner, now: dt.datetime) -> None:
    Recovery.objects.filter(owner=owner).delete()


def _empty_transfers(owner: Owner, now: dt.datetime) -> None:
    Transfer.objects.filter(ownership__owner=owner).exclude(recipient="").update(recipient="")
    addressed = Transfer.objects.filter(brand=owner.brand_id, recipient__in=confirmed_addresses(owner.person))
    addressed.update(recipient="")


def _empty_releases(owner: Owner, now: dt.datetime) -> None:
    """Each side's words, address and evidence go; the decision and its reason are the other side's too."""
    as_claimant = Q(claimant=owner) | Q(
        brand=owner.brand_id, contact__in=confirmed_addresses(owner.person), claimant=None
    )
    for side, whose in ((Side.CLAIMANT, as_claimant), (Side.OWNER, Q(ownership__owner=owner))):
        numbers = list(ReleaseRequest.objects.filter(whose).values_list("pk", flat=True))
        evidence = Evidence.objects.filter(request__in=numbers, side=side).select_related("file")
        _delete_files([piece.file for piece in evidence], now)
        evidence.delete()
        words = {"answer": ""} if side is Side.OWNER else {"name": "", "contact": "", "statement": ""}
        ReleaseRequest.objects.filter(pk__in=numbers).update(**words)
        # An appeal is the losing side's: the first decision says which that was, whatever the second said.
        other = Side.OWNER if side is Side.CLAIMANT else Side.CLAIMANT
        lost = Decision.objects.filter(request__in=numbers, instance=1, for_side=other)
        ReleaseRequest.objects.filter(pk__in=lost.values("request")).update(appeal="")


def _delete_losses(owner: Owner, now: dt.datetime) -> None:
    """That it was missed stays; what the owner wrote about it, and all that finders wrote, goes."""
    reports = LossReport.objects.filter(ownership__owner=owner)
    FinderThread.objects.filter(report__in=reports).delete()
    reports.update(words="", police_reference="")
    _forget_finder(owner)
    ProvenanceLink.objects.filter(ownership__owner=owner, revoked_at=None).update(revoked_at=now)


def _forget_finder(owner: Owner) -> None:
    """What the person wrote as a finder goes with their address; what an owner answered is that owner's."""
    threads = FinderThread.objects.filter(
        report__brand=owner.brand_id, email__in=confirmed_addresses(owner.person)
    )
    numbers = list(threads.values_list("pk", flat=True))
    FinderMessage.objects.filter(thread__in=numbers, sender=Sender.FINDER).delete()
    FinderThread.objects.filter(pk__in=numbers, messages=None).delete()
    FinderThread.objects.filter(pk__in=numbers).update(email="")


def _leave_groups(owner: Owner, now: dt.datetime) -> None:
    """A person leaves the households and organisations of this brand; a group loses its members and invitations."""
    Invitation.objects.filter(owner=owner).delete()
    Member.objects.filter(owner=owner).delete()
    lists = BulkRequest.objects.filter(owner=owner).select_related("file", "proof")
    _delete_files([file for sent in lists for file in (sent.file, sent.proof)], now)
    lists.delete()
    addresses = confirmed_addresses(owner.person)
    Invitation.objects.filter(owner__brand=owner.brand_id, email__in=addresses).delete()
    if owner.person is None:
        return
    memberships = Member.objects.filter(person=owner.person, owner__brand=owner.brand_id)
    for member in memberships.order_by("owner_id"):
        _leave_group(member, now)


def _leave_group(member: Member, now: dt.datetime) -> None:
    """Whoever asks to be forgotten names another first; a restored backup doesn't know yet that they did."""
    group = lock_group(member.owner_id)
    try:
        leave(group, member, actor_id=None, now=now)
    except OwnershipError:
        remove(group, member, actor_id=None, now=now)


def _empty_identity_requests(owner: Owner, now: dt.datetime) -> None:
    mine = IdentityRequest.objects.filter(
        brand=owner.brand_id, email__in=confirmed_addresses(owner.person)
    ).select_related("proof")
    _delete_files([request.proof for request in mine], now)
    numbers = [request.pk for request in mine]
    IdentityRequest.objects.filter(pk__in=numbers, state__in=["unconfirmed", "waiting"]).delete()
    # Why it was refused may name who asked, or say what they sent.
    IdentityRequest.objects.filter(pk__in=numbers).update(email="", note="", reason="")


def _delete_files_of(owner: Owner, now: dt.datetime) -> None:
    """Archives that were made for the owner, and whatever else the person uploaded at this brand.

    The lists that they sent for an organisation are the organisation's.
    """
    requests = DataRequest.objects.filter(owner=owner, file__isnull=False).select_related("file")
    _delete_files([request.file for request in requests], now)
    if owner.person is not None and not owner.person.is_staff:
        lists = BulkRequest.objects.exclude(owner=owner).filter(
            Q(file=OuterRef("pk")) | Q(proof=OuterRef("pk"))
        )
        uploads = PrivateFile.objects.filter(brand=owner.brand_id, uploaded_by=owner.person)
        _delete_files(list(uploads.exclude(Exists(lists))), now)


def _empty_owner(owner: Owner, now: dt.datetime) -> None:
    """Empty the row, and leave the tombstone by which a restored backup is erased again.

    Raises OvertakenError where the owner was given a unit since theirs were ended: `start_ownership` holds this row.
    """
    Owner.objects.select_for_update().get(pk=owner.pk)
    if Ownership.objects.current().filter(owner=owner).exists():
        raise OvertakenError
    _stone, made = Tombstone.objects.get_or_create(
        owner_id=owner.pk,
        defaults={"brand_id": owner.brand_id, "person_id": owner.person_id, "erased_at": now},
    )
    Owner.objects.filter(pk=owner.pk).update(
        person=None, name="", email="", phone="", locale="", bounced_at=None, dormant_told_at=None
    )
    DataRequest.objects.filter(owner=owner).update(owner=None)
    if made:
        event = NewEvent(EventKind.OWNER_ERASED, owner.brand_id, now, owner_id=owner.pk)
        record_event(event, now=now)


def _delete_person(owner: Owner, now: dt.datetime) -> None:
    """Delete the person with their addresses and browsers, unless something of theirs is left elsewhere."""
    if owner.person is not None:
        delete_person_without_things(owner.person, now=now)


def delete_person_without_things(person: Person, *, now: dt.datetime) -> bool:
    """Delete somebody who acts for nobody any more and is no staff, with every session; return whether it was done."""
    acts = Owner.objects.filter(Q(person=person) | Q(members__person=person)).exists()
    if acts or person.is_staff or person.is_superuser:
        return False
    _end_sessions(person, now)
    Person.objects.filter(pk=person.pk).delete()
    return True


def _end_sessions(person: Person, now: dt.datetime) -> None:
    """Sessions hold who logged in, and an address that was typed: encoded, so each has to be read."""
    emails = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    numbers = PhoneNumber.objects.filter(person=person).values_list("number", flat=True)
    addresses = [json.dumps(address) for address in (*emails, *numbers)]
    ended = []
    for session in Session.objects.filter(expire_date__gt=now).iterator(chunk_size=1000):
        data = session.get_decoded()
        text = json.dumps(data, default=str)
        if data.get("_auth_user_id") == str(person.pk) or any(address in text for address in addresses):
            ended.append(session.pk)
    Session.objects.filter(pk__in=ended).delete()


def _delete_files(files: list[PrivateFile | None], now: dt.datetime) -> None:
    for file in files:
        if file is not None:
            delete_private_file(file, now=now)


def _delete_points(owner: Owner, now: dt.datetime) -> None:
    forget_loyalty(owner_id=owner.pk)


OWN_STEPS = (
    Step("ownerships", _end_ownerships),
    Step("consents", _withdraw_consents),
    Step("registrations", _empty_registrations),
    Step("purchases", _delete_purchases),
    Step("recoveries", _delete_recoveries),
    Step("transfers", _empty_transfers),
    Step("releases", _empty_releases),
    Step("losses", _delete_losses),
    Step("groups", _leave_groups),
    Step("points", _delete_points),
    Step("identity requests", _empty_identity_requests),
    Step("files", _delete_files_of),
)
# After everything else, of every floor: from here on nothing leads from the row to the person.
LAST_STEPS = (Step("owner", _empty_owner), Step("person", _delete_person))


def _has_open_claim(owner: Owner) -> bool:
    return UnitFacts.objects.filter(owner_id=owner.pk, claim=True).exists()


def _passes_something_on(owner: Owner) -> bool:
    return Transfer.objects.open().filter(ownership__owner=owner).exists()


def _is_in_dispute(owner: Owner) -> bool:
    side = Q(claimant=owner) | Q(ownership__owner=owner, ownership__until=None)
    return ReleaseRequest.objects.filter(side, state__in=RELEASE_OPEN).exists()


def _is_last_to_look_after_things(owner: Owner) -> bool:
    if owner.person_id is None:
        return False
    groups = Owner.objects.filter(
        brand=owner.brand_id, members__person=owner.person_id, members__role=MemberRole.ADMIN
    ).filter(ownerships__until=None, ownerships__isnull=False)
    others = Member.objects.filter(owner__in=groups, role=MemberRole.ADMIN).exclude(person=owner.person_id)
    return groups.exclude(pk__in=others.values("owner")).exists()


OWN_HINDRANCES = (
    Hindrance(
        "claim",
        _("A claim is open for a piece of yours. Once it is settled or withdrawn, your data can be erased."),
        _has_open_claim,
    ),
    Hindrance(
        "transfer",
        _("You are passing a piece on. Call that off, or wait until it is accepted; then your data can be erased."),
        _passes_something_on,
    ),
    Hindrance(
        "release",
        _("It is being settled whose a piece is. What you said is needed until that has ended."),
        _is_in_dispute,
    ),
    Hindrance(
        "last_admin",
        _("Nobody but you looks after the things of a household or an organisation. Name somebody else first."),
        _is_last_to_look_after_things,
    ),
)  # fmt: skip
