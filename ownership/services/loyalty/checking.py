"""Comparing the balances with the lines they are the sums of. Reads only."""

from dataclasses import dataclass

from django.db.models import F, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from ownership.models import LoyaltyAccount, LoyaltyEntry


@dataclass(frozen=True, slots=True)
class Difference:
    """An owner whose balance is not what the lines come to."""

    owner_id: int
    balance: int
    sum: int


def differences() -> list[Difference]:
    """Return where balance and lines differ; lines without a balance are compared with 0."""
    sums = LoyaltyEntry.objects.filter(owner=OuterRef("owner")).order_by().values("owner")
    total = Subquery(sums.annotate(sum=Sum("points")).values("sum"), output_field=IntegerField())
    accounts = LoyaltyAccount.objects.annotate(sum=Coalesce(total, 0)).exclude(balance=F("sum"))
    off = accounts.order_by("owner_id").values_list("owner_id", "balance", "sum")
    orphans = LoyaltyEntry.objects.filter(owner__loyalty_account__isnull=True).order_by("owner_id")
    without = orphans.values("owner_id").annotate(sum=Sum("points")).values_list("owner_id", "sum")
    return [Difference(*row) for row in off] + [Difference(owner_id, 0, total) for owner_id, total in without]
