"""Reaching an owner again who lost their address, through an agent."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ownership.models.owners import Owner
from ownership.models.registrations import ContactKind
from products.codes import new_public_code
from products.models import Brand
from products.querysets import BrandOwnedQuerySet


class IdentityShown(models.TextChoices):
    """How an agent made sure that it is the owner who asks."""

    PURCHASE = "purchase", _("Proof of purchase that fits what is registered")
    DOCUMENT = "document", _("An identity document that fits the name")
    IN_PERSON = "in_person", _("In person, with the piece")
    KNOWN_FACTS = "known_facts", _("Told what only the owner knows")


class Recovery(models.Model):
    """A new address that an agent wrote down for an owner. It counts once its own reader confirms it.

    Addresses stand here until the row goes, thirty days after it was asked for.
    """

    Shown = IdentityShown

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="recoveries", verbose_name=_("brand")
    )
    owner = models.ForeignKey(
        Owner, on_delete=models.CASCADE, related_name="recoveries", verbose_name=_("owner")
    )
    contact_kind = models.CharField(_("kind of address"), max_length=5, choices=ContactKind.choices)
    contact = models.CharField(_("new address"), max_length=254)
    # Where the brand wrote until then: it is told.
    old_email = models.EmailField(_("e-mail until then"), blank=True)
    old_phone = models.CharField(_("telephone until then"), max_length=32, blank=True)
    shown = models.CharField(_("identity shown by"), max_length=12, choices=IdentityShown.choices)
    reason = models.CharField(_("what the agent noted"), max_length=300)
    # The new address's own link: only the message to it holds it.
    code = models.CharField(_("code"), max_length=32, unique=True, default=new_public_code, editable=False)
    locale = models.CharField(_("language"), max_length=10)
    asked_by_id = models.BigIntegerField(_("asked for by"))
    asked_at = models.DateTimeField(_("asked for"))
    expires_at = models.DateTimeField(_("works until"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    called_off_at = models.DateTimeField(_("called off"), null=True, blank=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("recovery of an owner")
        verbose_name_plural = _("recoveries of owners")
        constraints = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(confirmed_at__isnull=True, called_off_at__isnull=True),
                name="one_waiting_recovery_per_owner",
            ),
            models.CheckConstraint(condition=Q(shown__in=IdentityShown.values), name="recovery_shown_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="recovery_has_a_reason"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="recovery_works_a_while"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(called_off_at__isnull=True),
                name="recovery_confirmed_or_called_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.asked_at:%Y-%m-%d}"
