"""The place in a brand's households and organisations of a person who is reached under another address from now on."""

import datetime as dt

from analytics.kinds import EventKind
from analytics.models import Event
from ownership.models import Member, Owner, Recovery
from ownership.models.owners import MemberRole
from ownership.models.registrations import ContactKind
from ownership.services.addresses import COLUMN
from ownership.services.group_letters import addresses_of, goes_to, renew_owner_codes, write_to
from ownership.services.members import lock_group, record_member
from products.models import Person


def hand_memberships(recovery: Recovery, old: Person, new: Person, *, now: dt.datetime) -> None:
    """Let `new` stand where `old` stood among the people of this brand's households and organisations.

    The agent made sure that both are the same, so what the old address could do here is over: its place, the
    letters that went to it, the links in them, and invitations that wait for its answer. Nothing changes at other
    brands. Call it before the owner's own row names the new address.
    """
    lost = {recovery.old_email.lower(), recovery.old_phone} - {"", recovery.contact}
    if old != new:
        lost |= addresses_of(old, recovery.brand_id) - {recovery.contact}
    places = Member.objects.filter(owner__brand=recovery.brand_id, person=old).order_by("owner_id")
    for owner_id in list(places.values_list("owner_id", flat=True)):
        group = lock_group(owner_id)
        if old != new:
            _hand_place(group, old, new, recovery.asked_by_id, now)
        renew_owner_codes(group)
        if goes_to(group, lost):
            write_to(
                group,
                **{"email": "", "phone": "", COLUMN[ContactKind(recovery.contact_kind)]: recovery.contact},
            )
    for group in Owner.objects.filter(brand=recovery.brand_id, invitations__email__in=lost).distinct():
        group.invitations.filter(email__in=lost).delete()


def _hand_place(group: Owner, old: Person, new: Person, actor_id: int | None, now: dt.datetime) -> None:
    """Who is a member under both addresses stays one, and looks after it where either did."""
    place = group.members.filter(person=old).first()
    if place is None:  # taken out meanwhile
        return
    record_member(EventKind.MEMBER_LEFT, group, place, actor_id, now)
    if (other := group.members.filter(person=new).first()) is None:
        Member.objects.filter(pk=place.pk).update(person=new)
        place.person = new
    else:
        place.delete()
        place, place_role = other, place.role
        if place_role == MemberRole.ADMIN:
            Member.objects.filter(pk=other.pk).update(role=place_role)
            place.role = place_role
    record_member(EventKind.MEMBER_JOINED, group, place, actor_id, now, in_place_of=old.pk)


def earlier_selves(group: Owner, person_id: int) -> dict[int, dt.datetime]:
    """Return as whom the person was a member before their address was recovered, and until when."""
    joined = Event.objects.filter(
        kind=EventKind.MEMBER_JOINED, owner_id=group.pk, data__has_key="in_place_of"
    ).order_by("-at", "-id")
    found: dict[int, dt.datetime] = {}
    for event in joined:
        if event.data["person"] == person_id or event.data["person"] in found:
            found.setdefault(event.data["in_place_of"], event.at)
    return found
