"""The time after a recovery in which nothing leaves the owner: the old address was told, and may object."""

import datetime as dt

from django.utils.translation import gettext as _

from ownership.errors import OwnershipError
from ownership.models import Recovery

HOLD = dt.timedelta(hours=48)


def is_on_hold(*, owner_id: int, now: dt.datetime) -> bool:
    """Whether the owner's address was recovered so lately that nothing leaves them."""
    fresh = Recovery.objects.filter(owner=owner_id, confirmed_at__gt=now - HOLD)
    return bool(fresh.exists())


def refuse_on_hold(*, owner_id: int, now: dt.datetime) -> None:
    """Raise OwnershipError `on_hold` while the owner's new address is too new to pass anything on."""
    if is_on_hold(owner_id=owner_id, now=now):
        raise OwnershipError(
            "on_hold",
            _(
                "Your address was changed a moment ago. To keep your things safe, nothing can be passed on for two days."
            ),
        )
