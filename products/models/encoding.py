"""Orders to an encoding station: which chips to write, and who fetched their keys."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.models.brands import Brand
from products.models.operations import PrivateFile
from products.models.units import Batch, ChipProfile
from products.querysets import BrandOwnedQuerySet

MAX_KEY_VERSION = 0xFF  # a chip keeps one byte of key version (NT4H2421Gx, section 8.2)


class EncodingOrder(models.Model):
    """One file for an encoding station: link template, file settings and keys for the chips of a batch.

    Its file is sealed for one recipient's public key, or else may be fetched exactly once.
    """

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="encoding_orders", verbose_name=_("brand")
    )
    profile = models.ForeignKey(
        ChipProfile, on_delete=models.PROTECT, related_name="encoding_orders", verbose_name=_("chip profile")
    )
    batch = models.ForeignKey(
        Batch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="encoding_orders",
        verbose_name=_("batch"),
    )
    key_version = models.PositiveSmallIntegerField(
        _("key version"), default=0, validators=[MaxValueValidator(MAX_KEY_VERSION)]
    )
    base_url = models.URLField(_("links begin with"), max_length=200)
    # SHA-256 of the recipient's public key (JWK thumbprint, RFC 7638); empty for a one-time download.
    recipient = models.CharField(_("sealed for the key"), max_length=64, blank=True)
    file = models.ForeignKey(
        PrivateFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file"),
    )
    tags = models.PositiveIntegerField(_("chips"), default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    created_at = models.DateTimeField(_("asked"))
    fetched_at = models.DateTimeField(_("fetched"), null=True, blank=True)
    fetched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("fetched by"),
    )

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("encoding order")
        verbose_name_plural = _("encoding orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(key_version__lte=MAX_KEY_VERSION), name="encoding_key_version_is_a_byte"
            ),
            models.CheckConstraint(
                condition=~Q(recipient="") | Q(fetched_at__isnull=True) | Q(file__isnull=True),
                name="one_time_file_goes_when_fetched",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_sealed(self) -> bool:
        """Whether only one recipient can open its file; else it may be fetched once."""
        return self.recipient != ""
