"""Thresholds of the stages, set on a brand, a category or a product; the most specific one counts."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

VISITORS_REMEMBERED = 8  # how many distinct visitors UnitActivity tells apart


def _days(label: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=[MinValueValidator(1)])


class StageThresholds(models.Model):
    """Days and months that decide the stage; empty means: as the level above says."""

    discovery_days = _days(_("discovery: days since the first scan"))
    unboxing_days = _days(_("unboxing: days with the holder"))
    onboarding_days = _days(_("onboarding: days of first ownership"))
    resale_days = _days(_("resale: days of welcome for a later owner"))
    maturity_months = _days(_("maturity: months of age"))
    display_visitors = models.PositiveSmallIntegerField(
        _("discovery: visitors that make it a display piece"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(VISITORS_REMEMBERED)],
    )

    class Meta:
        abstract = True
