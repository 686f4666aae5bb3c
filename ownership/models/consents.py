"""What was agreed to: when, in which words and version, and until when."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ownership.models.owners import Owner
from ownership.querysets import ConsentQuerySet
from products.fields import LocalizedTextField
from products.models import Brand
from products.querysets import BrandOwnedQuerySet


class Purpose(models.TextChoices):
    """What an address may be used for. Recall notices need no consent."""

    MARKETING = "marketing", _("News and offers")


class ConsentChannel(models.TextChoices):
    """Where somebody agreed."""

    TAP_PAGE = "tap page", _("Tap page")


class ConsentWording(models.Model):
    """The words somebody agrees to: a version is never edited once it was used, a new one is added."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="consent_wordings", verbose_name=_("brand")
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    version = models.PositiveSmallIntegerField(_("version"))
    texts = LocalizedTextField(_("words"))
    created_at = models.DateTimeField(_("in use since"), auto_now_add=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "purpose", "-version"]
        verbose_name = _("wording of a consent")
        verbose_name_plural = _("wordings of consents")
        constraints = [
            models.UniqueConstraint(fields=["brand", "purpose", "version"], name="one_wording_per_version"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="wording_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"


class Consent(models.Model):
    """One yes of one owner, and when it was taken back."""

    owner = models.ForeignKey(
        Owner, on_delete=models.CASCADE, related_name="consents", verbose_name=_("owner")
    )
    wording = models.ForeignKey(
        ConsentWording, on_delete=models.PROTECT, related_name="consents", verbose_name=_("wording")
    )
    locale = models.CharField(_("language"), max_length=10)
    channel = models.CharField(_("given on"), max_length=20, choices=ConsentChannel.choices)
    given_at = models.DateTimeField(_("given"))
    # When it was shown that the owner's address is theirs: a stranger's yes is nobody's.
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "wording"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_standing_consent_per_wording",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_withdrawn_after_given",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(confirmed_at__gte=F("given_at")),
                name="consent_confirmed_after_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.wording}"
