"""Points of people who are forgotten."""

from django.db import transaction

from ownership.models import LoyaltyAccount, LoyaltyEntry, Redemption
from ownership.services.loyalty.accounts import lock_accounts


@transaction.atomic
def forget_loyalty(*, owner_id: int) -> int:
    """Remove an owner's points, lines and exchanged rewards; return how many lines. Codes handed out stay used.

    The only way in which a line ever goes: whoever is erased takes the points along.
    """
    lock_accounts([owner_id])
    Redemption.objects.filter(owner=owner_id).delete()
    lines, _rows = LoyaltyEntry.objects.filter(owner=owner_id).delete()
    LoyaltyAccount.objects.filter(owner=owner_id).delete()
    return lines
