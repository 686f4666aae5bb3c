"""What people told about a unit, for its page in the console: that it is missed, when it was bought, a giver's words."""

from dataclasses import dataclass

from django.db.models import Count

from ownership.models import Gift, LossReport, Purchase
from products.models import Unit


@dataclass(frozen=True, slots=True)
class Told:
    """What the template shows; empty for who may not see what owners say."""

    loss: LossReport | None = None  # the report that stands, with the number of finders who wrote
    purchase: Purchase | None = None  # of the present owner
    gift: Gift | None = None


def read_told(unit: Unit) -> Told:
    """Gather it in a fixed number of statements."""
    losses = LossReport.objects.of_unit(unit).standing().annotate(finders=Count("threads"))
    purchases = Purchase.objects.filter(ownership__unit=unit, ownership__until=None).select_related("proof")
    return Told(losses.first(), purchases.first(), Gift.objects.filter(unit=unit).first())
