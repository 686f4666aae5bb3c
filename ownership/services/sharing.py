"""Things that move between a person and their household or organisation: no change of hands.

The ownership row stays, and with it its number, its beginning and what hangs on it; it only names another owner.
Whoever takes out what somebody else brought in does take it over: that is a new ownership.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import Event, UnitFacts
from analytics.services import NewEvent, lock_unit, record_event, update_facts
from ownership.errors import OwnershipError
from ownership.models import Member, Owner, Ownership, Registration, ReleaseRequest, Transfer
from ownership.models.owners import Acquired, MemberRole, OwnerKind
from ownership.models.registrations import RegistrationState
from ownership.services.holding import refuse_on_hold
from ownership.services.members import close, confirmed_email, leave, lock_group, own_row, refuse_non_admin
from ownership.services.memberships import earlier_selves
from ownership.services.ownerships import hand_over
from products.models import Person, Unit

MOST_AT_ONCE = 200  # units that one form moves
MOST_IN_A_HOUSEHOLD = 200


@dataclass(slots=True)
class Moved:
    """What moved, and why the rest did not: unit id → sentence."""

    moved: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


@transaction.atomic
def share_units(*, unit_ids: Collection[int], owner_id: int, person: Person, now: dt.datetime) -> Moved:
    """Move units of the person into a group whose member they are; a unit that is in it already counts as moved.

    Raises OwnershipError: `gone`, `not_member`, `too_many`.
    """
    units = _lock_units(unit_ids)
    group = lock_group(owner_id)
    if not group.members.filter(person=person).exists():
        raise OwnershipError("not_member", _("You are not one of its people."))
    _refuse_overfull(group, len(units))
    result = Moved()
    for unit in units:
        try:
            _share(unit, group, person, now)
            result.moved.append(unit.pk)
        except OwnershipError as error:
            result.refused[unit.pk] = str(error)
    return result


@transaction.atomic
def take_units_out(*, unit_ids: Collection[int], owner_id: int, person: Person, now: dt.datetime) -> Moved:
    """Move units of a group to a member: whoever brought a unit in has it back, an admin takes over any other.

    Raises OwnershipError: `gone`, `not_member`, `too_many`, `other_brand`.
    """
    units = _lock_units(unit_ids)
    group = lock_group(owner_id)
    member = group.members.filter(person=person).first()
    if member is None:
        raise OwnershipError("not_member", _("You are not one of its people."))
    own, result = own_row_or_new(person, group), Moved()
    for unit in units:
        try:
            _take_out(unit, group, member, own, now)
            result.moved.append(unit.pk)
        except OwnershipError as error:
            result.refused[unit.pk] = str(error)
    return result


def own_row_or_new(person: Person, group: Owner) -> Owner:
    """Return what the group's brand knows of one of its people; somebody who came by invitation gets a row now."""
    try:
        return own_row(person, group.brand_id)
    except OwnershipError:
        return Owner.objects.create(
            brand_id=group.brand_id, person=person, email=confirmed_email(person), locale=person.locale
        )


@transaction.atomic
def remove_member(*, owner_id: int, member_id: int, actor: Person, now: dt.datetime) -> None:
    """Take a member out: oneself, or anybody where the actor looks after the group.

    In a household, what the member brought in goes back to them. Twice changes nothing.
    Raises OwnershipError: `gone`, `not_admin`, `last_admin`.
    """
    member = Member.objects.filter(pk=member_id, owner=owner_id).first()
    if member is not None and member.person_id != actor.pk:
        refuse_non_admin(Owner.objects.get(pk=owner_id), actor)
    _remove(owner_id, member_id, actor.pk, now)


@transaction.atomic
def remove_for_caller(*, owner_id: int, member_id: int, agent_id: int, now: dt.datetime) -> None:
    """Take a member out in the name of somebody who called; whether the agent may is the caller's to check.

    Raises OwnershipError: `gone`, `last_admin`.
    """
    _remove(owner_id, member_id, agent_id, now)


def _remove(owner_id: int, member_id: int, actor_id: int, now: dt.datetime) -> None:
    found = Member.objects.select_related("owner").filter(pk=member_id, owner=owner_id).first()
    if found is None:
        return
    is_household = found.owner.kind == OwnerKind.HOUSEHOLD
    units = _lock_units(_brought_in_by(found) if is_household else ())
    group = lock_group(owner_id)
    member = group.members.select_related("person").filter(pk=member_id).first()
    if member is None:
        return
    _give_back(units, group, member.person, now)
    leave(group, member, actor_id=actor_id, now=now)


@transaction.atomic
def dissolve_group(*, owner_id: int, actor: Person, now: dt.datetime) -> None:
    """Close a group. A household's things go back to who brought them in; an organisation must have none left.

    Raises OwnershipError: `gone`, `not_admin`, `not_empty`, `open_matter`, `valuable`.
    """
    owned = Ownership.objects.current().filter(owner=owner_id, owner__kind=OwnerKind.HOUSEHOLD)
    units = _lock_units(list(owned.values_list("unit_id", flat=True)[:MOST_IN_A_HOUSEHOLD]))
    group = lock_group(owner_id)
    refuse_non_admin(group, actor)
    if group.kind == OwnerKind.ORGANISATION and _units_of(group).exists():
        raise OwnershipError(
            "not_empty", _("It still has things. Pass them on or take them out, then close it.")
        )
    for member in group.members.select_related("person"):
        _give_back(units, group, member.person, now)
    _take_over_rest(units, group, actor, now)
    close(group, actor_id=actor.pk, now=now)


def _take_over_rest(units: list[Unit], group: Owner, actor: Person, now: dt.datetime) -> None:
    """What nobody who is still in the household brought in becomes the actor's: that is a change of hands."""
    for unit in units:
        if _current(unit).owner_id == group.pk:
            _refuse_open_matters(unit)
            _refuse_valuable(unit)
            refuse_on_hold(owner_id=group.pk, now=now)
            own = own_row_or_new(actor, group)
            hand_over(unit=unit, owner=own, acquired=Acquired.TRANSFER, now=now, actor_id=actor.pk)


def _lock_units(unit_ids: Collection[int]) -> list[Unit]:
    if len(unit_ids) > MOST_AT_ONCE:
        raise OwnershipError(
            "too_many", _("Choose at most %(most)d things at once.") % {"most": MOST_AT_ONCE}
        )
    there = Unit.objects.filter(pk__in=unit_ids).order_by("pk").values_list("pk", flat=True)
    return [lock_unit(pk) for pk in there]


def _refuse_overfull(group: Owner, more: int) -> None:
    if group.kind == OwnerKind.HOUSEHOLD and _units_of(group).count() + more > MOST_IN_A_HOUSEHOLD:
        raise OwnershipError(
            "too_many",
            _("A household shares at most %(most)d things.") % {"most": MOST_IN_A_HOUSEHOLD},
        )


def _share(unit: Unit, group: Owner, person: Person, now: dt.datetime) -> None:
    ownership = _current(unit)
    if ownership.owner_id == group.pk:
        return
    if ownership.owner.person_id != person.pk or unit.brand_id != group.brand_id:
        raise _not_yours()
    _refuse_open_matters(unit)
    # Whoever looks after the group may pass on what is in it.
    refuse_on_hold(owner_id=ownership.owner_id, now=now)
    if Registration.objects.filter(ownership=ownership, state=RegistrationState.OWNED).exists():
        raise OwnershipError(
            "unconfirmed", _("Confirm the address with which you registered it first, on its page.")
        )
    _name_owner(unit, ownership, group, person, now)


def _take_out(unit: Unit, group: Owner, member: Member, own: Owner, now: dt.datetime) -> None:
    ownership = _current(unit)
    if ownership.owner_id == own.pk:
        return
    if ownership.owner_id != group.pk:
        raise _not_yours()
    _refuse_open_matters(unit)
    if _was_brought_in_by(ownership, group, member.person_id):
        _name_owner(unit, ownership, own, member.person, now)
        return
    if member.role != MemberRole.ADMIN:
        raise OwnershipError("not_admin", _("Only who brought it in or looks after it can take it out."))
    facts = UnitFacts.objects.filter(unit=unit).first()
    if facts and (facts.lost or facts.stolen):
        raise OwnershipError("lost", _("It is reported lost or stolen; end the report first."))
    _refuse_valuable(unit)
    refuse_on_hold(owner_id=group.pk, now=now)
    hand_over(unit=unit, owner=own, acquired=Acquired.TRANSFER, now=now, actor_id=member.person_id)


def _give_back(units: list[Unit], group: Owner, person: Person, now: dt.datetime) -> None:
    for unit in units:
        ownership = _current(unit)
        if ownership.owner_id == group.pk and _was_brought_in_by(ownership, group, person.pk):
            _name_owner(unit, ownership, own_row_or_new(person, group), person, now)


def _name_owner(unit: Unit, ownership: Ownership, owner: Owner, actor: Person, now: dt.datetime) -> None:
    before = ownership.owner_id
    Ownership.objects.filter(pk=ownership.pk).update(owner=owner)
    update_facts(unit.pk, owner_id=owner.pk)
    record_event(
        NewEvent(
            EventKind.OWNERSHIP_SHARED, unit.brand_id, now, unit_id=unit.pk, owner_id=owner.pk,
            actor_id=actor.pk, data={"from_owner": before, "ordinal": ownership.ordinal},
        ),
        now=now,
    )  # fmt: skip


def _refuse_open_matters(unit: Unit) -> None:
    if Transfer.objects.of_unit(unit).open().exists() or ReleaseRequest.objects.of_unit(unit).open().exists():
        raise OwnershipError(
            "open_matter", _("It is being passed on, or its release was asked for. Settle that first.")
        )


def _refuse_valuable(unit: Unit) -> None:
    """Between two people a valuable piece changes hands by an offer alone: a new tap, or a proof and staff, go with it."""
    if unit.product.is_valuable:
        raise OwnershipError(
            "valuable",
            _("A piece of this value becomes yours only if it is passed on to you from its own page."),
        )


def _current(unit: Unit) -> Ownership:
    ownership: Ownership | None = Ownership.objects.of_unit(unit).current().select_related("owner").first()
    if ownership is None:
        raise _not_yours()
    return ownership


def _units_of(group: Owner) -> Any:
    return Ownership.objects.current().filter(owner=group)


def _was_brought_in_by(ownership: Ownership, group: Owner, person_id: int) -> bool:
    """Whether the person brought it into the group, under whichever address, as the ledger tells it.

    Only the time of this ownership counts: a unit that comes back by another way is nobody's to take out as theirs.
    """
    moves = Event.objects.filter(
        unit=ownership.unit_id, kind=EventKind.OWNERSHIP_SHARED, at__gte=ownership.since,
        data__ordinal=ownership.ordinal,
    )  # fmt: skip
    last = moves.order_by("-at", "-id").values("actor_id", "at").first()
    if last is None:
        return False
    if last["actor_id"] == person_id:
        return True
    until = earlier_selves(group, person_id).get(last["actor_id"])
    return until is not None and last["at"] <= until


def _brought_in_by(member: Member) -> list[int]:
    """Return the ids of the units in a household that this member brought in."""
    current = _units_of(member.owner)[:MOST_IN_A_HOUSEHOLD]
    return [
        ownership.unit_id
        for ownership in current
        if _was_brought_in_by(ownership, member.owner, member.person_id)
    ]


def _not_yours() -> OwnershipError:
    return OwnershipError("not_yours", _("This thing is not among them."))
