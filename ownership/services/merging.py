"""Two owner rows of one brand that are the same human, or the same house: one stays, with all that both had."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.models import UnitFacts
from analytics.services import NewEvent, lock_unit, record_event
from ownership.contacts import add_unconfirmed, has_confirmed
from ownership.errors import OwnershipError
from ownership.models import (
    Consent,
    DataRequest,
    Invitation,
    LoyaltyAccount,
    LoyaltyEntry,
    Member,
    Owner,
    Ownership,
    Recovery,
    Registration,
    ReleaseRequest,
)
from ownership.models.owners import MemberRole
from ownership.models.recoveries import IdentityShown
from ownership.models.registrations import RegistrationState
from ownership.models.releases import RELEASE_OPEN, ReleaseState
from products.models import Person


@transaction.atomic
def merge_owners(
    *,
    kept_id: int,
    gone_id: int,
    now: dt.datetime,
    actor_id: int | None,
    shown: IdentityShown | None = None,
) -> Owner:
    """Give all that the owner `gone_id` has to `kept_id`, and delete the empty row. Older events keep their number.

    Whoever logs in with a confirmed address stays who acts for it; the brand fills in what it did not know. The
    browsers of the other person are strangers until a code is entered in them. `shown`: how an agent made sure that
    both are the same, needed where both have confirmed addresses of different people.

    Raises OwnershipError: `gone`, `same`, `other_brand`, `kinds` (a person and a household), `erasing`,
    `between_them` (a case in which one claims from the other), `two_people` (`shown` is missing).
    """
    _lock_units_of(kept_id, gone_id)
    _lock_points_of(kept_id, gone_id)
    kept, gone = _locked(kept_id, gone_id)
    _refuse(kept, gone, shown)
    person = _who_acts(kept, gone)
    Owner.objects.filter(pk=gone.pk).update(person=None)
    for relation in relations_to_owner():
        MOVES.get(relation.related_model, _repoint)(relation, kept, gone)
    UnitFacts.objects.filter(owner_id=gone.pk).update(owner_id=kept.pk)
    _fill_in(kept, gone, person)
    _settle_registrations(kept, person, now)
    Owner.objects.filter(pk=gone.pk).delete()
    data = {"from": gone.pk, "to": kept.pk, "shown": shown.value if shown else ""}
    record_event(
        NewEvent(EventKind.OWNER_MERGED, kept.brand_id, now, owner_id=kept.pk, actor_id=actor_id, data=data),
        now=now,
    )
    kept.refresh_from_db()
    return kept


def relations_to_owner() -> list[Any]:
    """Return every foreign key that names an owner, in whichever app."""
    fields = Owner._meta.get_fields(include_hidden=True)
    return [field for field in fields if field.auto_created and not field.concrete and not field.many_to_many]


def _lock_units_of(kept_id: int, gone_id: int) -> None:
    """Lock the units of whoever goes, and of both one's open cases, in the order of their numbers: units before owners.

    So two merges never wait for each other, nor for a release, which holds its unit when it comes to the claimant.
    """
    both = (kept_id, gone_id)
    owned = Ownership.objects.current().filter(owner=gone_id)
    cases = ReleaseRequest.objects.filter(state__in=[ReleaseState.UNCONFIRMED, *RELEASE_OPEN])
    asked = cases.filter(models.Q(claimant__in=both) | models.Q(ownership__owner__in=both))
    units = {*owned.values_list("unit_id", flat=True), *asked.values_list("unit_id", flat=True)}
    for unit_id in sorted(units):
        lock_unit(unit_id)


def _lock_points_of(*owner_ids: int) -> None:
    """Lock the balances before the owners: who gives points holds a balance, and names its owner at the commit."""
    list(LoyaltyAccount.objects.select_for_update().filter(owner__in=owner_ids).order_by("owner_id"))


def _locked(kept_id: int, gone_id: int) -> tuple[Owner, Owner]:
    if kept_id == gone_id:
        raise OwnershipError("same", _("This is one and the same owner."))
    rows = Owner.objects.select_for_update().filter(pk__in=(kept_id, gone_id)).order_by("pk")
    found = {owner.pk: owner for owner in rows}
    if len(found) != 2:
        raise OwnershipError("gone", _("One of the two is not there any more."))
    return found[kept_id], found[gone_id]


def _refuse(kept: Owner, gone: Owner, shown: IdentityShown | None) -> None:
    if kept.brand_id != gone.brand_id:
        raise OwnershipError("other_brand", _("This owner belongs to another brand."))
    if kept.kind != gone.kind:
        raise OwnershipError("kinds", _("A person can't become one with a household or an organisation."))
    if DataRequest.objects.waiting().filter(kind="erasure", owner__in=(kept, gone)).exists():
        raise OwnershipError("erasing", _("One of the two has asked to be forgotten."))
    cases = ReleaseRequest.objects.open()
    if (
        cases.filter(claimant=kept, ownership__owner=gone).exists()
        or cases.filter(claimant=gone, ownership__owner=kept).exists()
    ):
        raise OwnershipError(
            "between_them", _("One of the two claims a unit from the other. Settle that first.")
        )
    if shown is None and _are_two_people(kept.person, gone.person):
        raise OwnershipError(
            "two_people", _("Both have confirmed addresses of their own: say how they showed to be the same.")
        )


def _are_two_people(one: Person | None, other: Person | None) -> bool:
    """Whether two different people log in, each with a confirmed address."""
    if one is None or other is None or one == other:
        return False
    return has_confirmed(one) and has_confirmed(other)


def _who_acts(kept: Owner, gone: Owner) -> Person | None:
    """Return whose log-in stays: that of the row that stays, unless only the other's is confirmed."""
    if gone.person and (kept.person is None or not has_confirmed(kept.person)):
        return gone.person if kept.person is None or has_confirmed(gone.person) else kept.person
    person: Person | None = kept.person
    return person


def _repoint(relation: Any, kept: Owner, gone: Owner) -> None:
    name = relation.field.name
    relation.related_model._base_manager.filter(**{name: gone}).update(**{name: kept})


def _move_but(other: str, standing: models.Q) -> Callable[[Any, Owner, Owner], None]:
    """Return a move for rows of which only one may stand per owner and `other`; the kept owner's own stays."""

    def move(relation: Any, kept: Owner, gone: Owner) -> None:
        rows = relation.related_model._base_manager
        have = set(rows.filter(standing, owner=kept).values_list(other, flat=True))
        rows.filter(standing, owner=gone, **{f"{other}__in": have}).delete()
        _repoint(relation, kept, gone)

    return move


def _move_members(relation: Any, kept: Owner, gone: Owner) -> None:
    """Who looks after one of the two looks after both."""
    admins = Member.objects.filter(owner=gone, role=MemberRole.ADMIN).values("person")
    Member.objects.filter(owner=kept, person__in=admins).update(role=MemberRole.ADMIN)
    _move_but("person", models.Q())(relation, kept, gone)


def _move_points(relation: Any, kept: Owner, gone: Owner) -> None:
    """The lines of the ledger move by themselves; here the balances become one."""
    accounts = LoyaltyAccount.objects.filter(owner__in=(kept, gone))
    balances = {account.owner_id: account.balance for account in accounts}
    if gone.pk not in balances:
        return
    LoyaltyAccount.objects.filter(owner=gone).delete()
    LoyaltyAccount.objects.update_or_create(owner=kept, defaults={"balance": sum(balances.values())})


def _move_lines(relation: Any, kept: Owner, gone: Owner) -> None:
    """Let what a rule gave to one of them count as given to both, so that it is not given once more."""
    for line in LoyaltyEntry.objects.filter(owner=gone, dedupe_key__startswith="rule:"):
        _rule, rule_id, owner_id, about = line.dedupe_key.split(":")
        key = f"rule:{rule_id}:{kept.pk}:{about}"
        if int(owner_id) == gone.pk and not LoyaltyEntry.objects.filter(dedupe_key=key).exists():
            LoyaltyEntry.objects.filter(pk=line.pk).update(dedupe_key=key)
    _repoint(relation, kept, gone)


# Of these only one may stand per owner; everything else names the other owner from now on.
MOVES: dict[Any, Callable[[Any, Owner, Owner], None]] = {
    Consent: _move_but("wording", models.Q(withdrawn_at__isnull=True)),
    DataRequest: _move_but("kind", models.Q(state="waiting")),
    Invitation: _move_but("email", models.Q()),
    LoyaltyAccount: _move_points,
    LoyaltyEntry: _move_lines,
    Member: _move_members,
    Recovery: _move_but("brand", models.Q(confirmed_at__isnull=True, called_off_at__isnull=True)),
}


def _fill_in(kept: Owner, gone: Owner, person: Person | None) -> None:
    known = {
        name: getattr(kept, name) or getattr(gone, name) for name in ("name", "email", "phone", "locale")
    }
    Owner.objects.filter(pk=kept.pk).update(person=person, **known)


def _settle_registrations(owner: Owner, person: Person | None, now: dt.datetime) -> None:
    """An address that the other person had not confirmed must not hand the owner over to its reader some day."""
    others = Registration.objects.filter(owner=owner).exclude(person=person)
    others.filter(state=RegistrationState.PENDING).update(state=RegistrationState.SUPERSEDED, person=person)
    waiting = others.filter(state=RegistrationState.OWNED)
    if person is not None and has_confirmed(person):
        waiting.update(state=RegistrationState.CONFIRMED, confirmed_at=now, person=person)
    elif person is not None:
        for kind, contact in waiting.values_list("contact_kind", "contact"):
            add_unconfirmed(person, kind, contact)
        waiting.update(person=person)
