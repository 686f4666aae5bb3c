"""What stands beside a registration: when it was bought, and that it is a present."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ownership.models.owners import Ownership
from ownership.querysets import PurchaseQuerySet
from products.models import Brand, PrivateFile, Unit
from products.querysets import BrandOwnedQuerySet


class Purchase(models.Model):
    """When and where an owner bought the unit, as the owner says; the proof is optional."""

    ownership = models.OneToOneField(
        Ownership, on_delete=models.CASCADE, related_name="purchase", verbose_name=_("ownership")
    )
    bought_on = models.DateField(_("bought on"))
    seller = models.CharField(_("bought from"), max_length=120, blank=True)
    proof = models.ForeignKey(
        PrivateFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proof of purchase"),
    )
    entered_at = models.DateTimeField(_("entered"))

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")

    def __str__(self) -> str:
        return f"{self.ownership_id} {self.bought_on}"


class Gift(models.Model):
    """A few words that whoever gives a unit away leaves on its page for whoever unpacks it.

    It names nobody unless the giver did; it goes thirty days after the unit was registered.
    """

    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="gift", verbose_name=_("unit"))
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="gifts", verbose_name=_("brand"))
    words = models.TextField(_("words"), max_length=300)
    bought_on = models.DateField(_("bought on"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"))
    submission_key = models.CharField(
        _("submission"), max_length=64, unique=True, null=True, blank=True, editable=False
    )

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")

    def __str__(self) -> str:
        return str(self.unit_id)
