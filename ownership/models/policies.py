"""How long a brand's owners, buyers and finders have, and for how long what they sent is kept."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.models import Brand
from products.querysets import BrandOwnedQuerySet

MOST_DAYS = 3650


def _days(
    label: Any, default: int, least: int, most: int, help_text: Any = ""
) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(
        label,
        default=default,
        validators=[MinValueValidator(least), MaxValueValidator(most)],
        help_text=help_text,
    )


class OwnershipPolicy(models.Model):
    """A brand's own periods, in days; a brand without a row has the defaults."""

    brand = models.OneToOneField(
        Brand, on_delete=models.CASCADE, related_name="ownership_policy", verbose_name=_("brand")
    )
    transfer_days = _days(_("a transfer can be accepted for"), 14, 1, 90)
    release_days = _days(
        _("an owner has to answer a request for release"),
        14,
        3,
        90,
        _("After silence the request comes to the desk of disputes."),
    )
    appeal_days = _days(_("a decision can be appealed for"), 14, 3, 90)
    provenance_days = _days(_("a shared history can be read for"), 30, 1, 365)
    erasure_days = _days(
        _("an erasure can be called off for"), 14, 0, 30, _("Afterwards nobody can bring the person back.")
    )
    evidence_days = _days(_("evidence is kept after the decision for"), 90, 30, MOST_DAYS)
    finder_days = _days(_("a finder's messages are kept after it was recovered for"), 30, 1, 365)
    dormant_days = _days(
        _("an owner who is never heard of is asked after"),
        1825,
        365,
        MOST_DAYS,
        _("Sixty days later the person is forgotten, unless they answer or use something of theirs."),
    )
    visitor_days = _days(_("visitors' random numbers stay on scans for"), 395, 30, MOST_DAYS)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["brand"]
        verbose_name = _("periods of ownership")
        verbose_name_plural = _("periods of ownership")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    transfer_days__gte=1, release_days__gte=3, appeal_days__gte=3, provenance_days__gte=1,
                    evidence_days__gte=30, dormant_days__gte=365,
                ),
                name="ownership_periods_long_enough",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.brand)


def policy_of(brand_id: int) -> OwnershipPolicy:
    """Return the brand's periods, or the defaults."""
    found: OwnershipPolicy | None = OwnershipPolicy.objects.filter(brand_id=brand_id).first()
    return found or OwnershipPolicy(brand_id=brand_id)
