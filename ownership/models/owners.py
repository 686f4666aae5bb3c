"""Owners, and what they own from when until when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ownership.querysets import OwnershipQuerySet
from products.models import Brand, Unit
from products.querysets import BrandOwnedQuerySet


class OwnerKind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class Owner(models.Model):
    """A person or an organisation at one brand; other brands never see this row."""

    Kind = OwnerKind

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="owners", verbose_name=_("brand"))
    kind = models.CharField(_("kind"), max_length=12, choices=OwnerKind.choices, default=OwnerKind.PERSON)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="owners",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=32, blank=True)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    created_at = models.DateTimeField(_("known since"), auto_now_add=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("owner")
        verbose_name_plural = _("owners")
        constraints = [
            models.UniqueConstraint(fields=["brand", "person"], name="one_owner_per_person_and_brand"),
            models.CheckConstraint(condition=Q(kind__in=OwnerKind.values), name="owner_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or f"#{self.pk}"


class Ownership(models.Model):
    """One owner's time with one unit. The ordinal says whether it is the first, second … owner."""

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="ownerships", verbose_name=_("unit")
    )
    owner = models.ForeignKey(
        Owner, on_delete=models.PROTECT, related_name="ownerships", verbose_name=_("owner")
    )
    ordinal = models.PositiveSmallIntegerField(_("number"))
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        ordering = ["unit", "ordinal"]
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(until__isnull=True), name="one_current_owner_per_unit"
            ),
            models.UniqueConstraint(fields=["unit", "ordinal"], name="one_ownership_per_ordinal"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="ownership_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(ordinal__gte=1), name="ownership_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.ordinal}. {self.owner}"
