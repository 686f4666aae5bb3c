"""Points of people who are forgotten, and of people who turn out to be one."""

from django.db import transaction
from django.db.models import F

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


@transaction.atomic
def join_loyalty(*, owner_id: int, into_id: int) -> int:
    """Bring one owner's points, lines and exchanged rewards to another of the same brand; return the points moved.

    For two rows that are one person. Lines move unchanged, so that nothing they were given for is given again.
    """
    accounts = lock_accounts([owner_id, into_id])
    moved = accounts[owner_id].balance
    LoyaltyEntry.objects.filter(owner=owner_id).update(owner=into_id)
    Redemption.objects.filter(owner=owner_id).update(owner=into_id)
    LoyaltyAccount.objects.filter(owner=owner_id).delete()
    LoyaltyAccount.objects.filter(owner=into_id).update(balance=F("balance") + moved)
    return moved
