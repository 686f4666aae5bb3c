"""The time after a recovery in which nothing leaves the owner: the old address was told, and may object."""

import datetime as dt

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from ownership.errors import OwnershipError
from ownership.models import Member, Recovery
from ownership.models.owners import MemberRole

HOLD = dt.timedelta(hours=48)


def is_on_hold(*, owner_id: int, now: dt.datetime) -> bool:
    """Whether the owner's address was recovered so lately that nothing leaves them."""
    return _fresh(owner_id, now).exists()


def held_until(*, owner_id: int, now: dt.datetime) -> dt.datetime | None:
    """Return when something may leave the owner again; None where it may now."""
    last: dt.datetime | None = _fresh(owner_id, now).aggregate(last=Max("confirmed_at"))["last"]
    return last + HOLD if last else None


def _fresh(owner_id: int, now: dt.datetime) -> QuerySet[Recovery]:
    """Return the recoveries that hold the owner.

    A household or an organisation waits with whoever looks after it: a recovered address may have brought them there.
    """
    looks_after = Member.objects.filter(
        owner=owner_id,
        role=MemberRole.ADMIN,
        person=OuterRef("owner__person"),
        owner__brand=OuterRef("brand"),
    )
    found: QuerySet[Recovery] = Recovery.objects.filter(
        Q(owner=owner_id) | Exists(looks_after), confirmed_at__gt=now - HOLD
    )
    return found


def refuse_on_hold(*, owner_id: int, now: dt.datetime) -> None:
    """Raise OwnershipError `on_hold` while an address is too new for anything to leave the owner."""
    if is_on_hold(owner_id=owner_id, now=now):
        raise OwnershipError(
            "on_hold",
            _(
                "An address was changed a moment ago. To keep your things safe, nothing can be passed on for two days."
            ),
        )
