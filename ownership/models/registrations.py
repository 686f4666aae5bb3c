"""Registrations: from what somebody typed on the tap page to an owner."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ownership.models.consents import ConsentWording
from ownership.models.owners import Owner, Ownership
from ownership.models.transfers import Transfer
from products.models import Brand, Unit
from products.querysets import BrandOwnedQuerySet


class ContactKind(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Telephone")


class Proof(models.TextChoices):
    """What stood behind the registration when it was sent."""

    HOLDING = "holding", _("Held the unit: a verified tap")
    CODE = "code", _("Knew the printed code")
    TILL = "till", _("Bought it at this till")
    AGENT = "agent", _("Told an agent")


class RegistrationState(models.TextChoices):
    PENDING = "pending", _("Waits for the code from the address")
    OWNED = "owned", _("Owner; the address is not confirmed yet")
    CONFIRMED = "confirmed", _("Owner, and the address is confirmed")
    SUPERSEDED = "superseded", _("Somebody else became the owner first")


class Registration(models.Model):
    """One sent registration form, or the same form with which a transfer is accepted.

    Holding the unit makes the owner at once, a printed code only once the address is confirmed.
    """

    State = RegistrationState
    TRANSITIONS = {
        RegistrationState.PENDING: {RegistrationState.CONFIRMED, RegistrationState.SUPERSEDED},
        RegistrationState.OWNED: {RegistrationState.CONFIRMED},
    }

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("brand")
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("unit")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("person"),
    )
    owner = models.ForeignKey(
        Owner, on_delete=models.SET_NULL, null=True, related_name="registrations", verbose_name=_("owner")
    )
    ownership = models.OneToOneField(
        Ownership,
        on_delete=models.SET_NULL,
        null=True,
        related_name="registration",
        verbose_name=_("ownership"),
    )
    # The owner's offer that it accepts, where the unit has an owner already.
    transfer = models.ForeignKey(
        Transfer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="registrations",
        verbose_name=_("accepts the transfer"),
    )
    # Made of the form's own key, the unit and the address: the same form sent twice is one registration.
    submission_key = models.CharField(_("submission"), max_length=32, unique=True)
    proof = models.CharField(_("proof"), max_length=10, choices=Proof.choices)
    state = models.CharField(_("state"), max_length=12, choices=RegistrationState.choices)
    name = models.CharField(_("name"), max_length=120, blank=True)
    contact_kind = models.CharField(_("kind of address"), max_length=5, choices=ContactKind.choices)
    contact = models.CharField(_("address"), max_length=254)
    locale = models.CharField(_("language"), max_length=10)
    marketing = models.BooleanField(_("agreed to news"), default=False)
    wording = models.ForeignKey(  # the words beside the box, as they were shown
        ConsentWording,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("wording"),
    )
    created_at = models.DateTimeField(_("sent"))
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RegistrationState.values), name="registration_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False),
                name="registration_confirmed_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(proof="code", state="owned"), name="a_printed_code_makes_no_owner_at_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.state}"
