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
    """What an address may be used for. Recall notices need no consent, and no consent withdrawn stops them."""

    MARKETING = "marketing", _("News and offers")
    SERVICE = "service", _("Reminders about my things: care, service, warranty")
    LOYALTY = "loyalty", _("Taking part in the loyalty programme")
    LOCATION = "location", _("My place, for the nearest address")


class ConsentChannel(models.TextChoices):
    """Where somebody agreed, or took it back."""

    TAP_PAGE = "tap page", _("Tap page")
    ME = "me", _("Own pages")
    MAIL = "mail", _("One click in a mail")
    AGENT = "agent", _("An agent, on the telephone")
    TILL = "till", _("At the till")
    ERASURE = "erasure", _("Erased")


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
    withdrawn_through = models.CharField(
        _("withdrawn on"),
        max_length=20,
        choices=ConsentChannel.choices,
        blank=True,
        default="",
        db_default="",
    )
    # What shows that it was given: `registration:12`, `device:7`, `agent:3`. Ids only.
    proof = models.CharField(_("proof"), max_length=60, blank=True, default="", db_default="")

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
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=False) | Q(withdrawn_through=""),
                name="consent_withdrawn_somewhere_is_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.wording}"
