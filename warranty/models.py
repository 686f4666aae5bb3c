"""Coverage: what the brand stands for, per product and market, and each unit's own term."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from products.fields import LocalizedTextField, in_language
from products.models import Brand, Category, Product, Unit
from products.models.brands import country_code
from products.querysets import BrandOwnedQuerySet
from warranty.querysets import PlanQuerySet


class StartsFrom(models.TextChoices):
    """From which day the term runs."""

    REGISTRATION = "registration", _("The day of registration")
    SALE = "sale", _("The day of sale, where it is known")


class CoveragePlan(models.Model):
    """For how long a brand covers a product, a category or everything, in a market or in all."""

    StartsFrom = StartsFrom

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="coverage_plans", verbose_name=_("brand")
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="coverage_plans",
        verbose_name=_("product"),
    )
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="coverage_plans",
        verbose_name=_("category"),
    )
    market = models.CharField(_("market (empty: all)"), max_length=2, blank=True, validators=[country_code])
    names = LocalizedTextField(_("name"))
    months = models.PositiveSmallIntegerField(
        _("months"), validators=[MinValueValidator(1), MaxValueValidator(1200)]
    )
    starts_from = models.CharField(
        _("runs from"), max_length=12, choices=StartsFrom.choices, default=StartsFrom.REGISTRATION
    )
    covered = LocalizedTextField(_("what is covered (Markdown)"), blank=True, multiline=True)
    excluded = LocalizedTextField(_("what is not (Markdown)"), blank=True, multiline=True)
    is_active = models.BooleanField(_("given to new registrations"), default=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "id"]
        verbose_name = _("coverage plan")
        verbose_name_plural = _("coverage plans")
        constraints = [
            models.CheckConstraint(condition=Q(months__gte=1), name="plan_lasts_a_month_or_more"),
            models.CheckConstraint(
                condition=Q(product__isnull=True) | Q(category__isnull=True),
                name="plan_for_product_or_category",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.names, "en") or f"#{self.pk}"


class Coverage(models.Model):
    """One unit's term under a plan. It follows the unit, not the owner; the last day is covered whole."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="coverages", verbose_name=_("brand")
    )
    unit = models.OneToOneField(
        Unit, on_delete=models.PROTECT, related_name="coverage", verbose_name=_("unit")
    )
    plan = models.ForeignKey(
        CoveragePlan, on_delete=models.PROTECT, related_name="coverages", verbose_name=_("plan")
    )
    market = models.CharField(_("market"), max_length=2, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until and including"))
    activated_at = models.DateTimeField(_("activated"))
    certificate_code = models.CharField(_("certificate"), max_length=32, unique=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("coverage")
        verbose_name_plural = _("coverages")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="coverage_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.starts_on} – {self.ends_on}"


class WithdrawnCertificate(models.Model):
    """The code of a certificate that no longer stands: whoever still has it reads so, instead of nothing."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="withdrawn_certificates", verbose_name=_("brand")
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="withdrawn_certificates", verbose_name=_("unit")
    )
    code = models.CharField(_("certificate"), max_length=32, unique=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"))

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("withdrawn certificate")
        verbose_name_plural = _("withdrawn certificates")

    def __str__(self) -> str:
        return self.code
