"""Requests of holders of older units without a code: give this thing an identity."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ownership.querysets import IdentityRequestQuerySet
from products.codes import new_public_code
from products.models import Brand, PrivateFile, Product, Unit


class IdentityRequestState(models.TextChoices):
    UNCONFIRMED = "unconfirmed", _("Address not confirmed yet")
    WAITING = "waiting", _("Waits for staff")
    APPROVED = "approved", _("Identity given")
    KNOWN = "known", _("Sent to the page it has already")
    REFUSED = "refused", _("Refused")


# The two answers that name a unit: one made for the request, and one that was there before.
ANSWERED_WITH_A_UNIT = (IdentityRequestState.APPROVED, IdentityRequestState.KNOWN)


class IdentityRequest(models.Model):
    """What a holder said of a unit without a code, the proof, and what became of it.

    The address belongs to the request alone: it opens nothing else, and goes on schedule with the note
    and the proof. What stays of an answered request names no person.
    """

    State = IdentityRequestState
    TRANSITIONS = {
        IdentityRequestState.UNCONFIRMED: {IdentityRequestState.WAITING, IdentityRequestState.APPROVED},
        IdentityRequestState.WAITING: {
            IdentityRequestState.APPROVED, IdentityRequestState.KNOWN, IdentityRequestState.REFUSED,
        },
        IdentityRequestState.APPROVED: set(),
        IdentityRequestState.KNOWN: set(),
        IdentityRequestState.REFUSED: set(),
    }  # fmt: skip

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="identity_requests", verbose_name=_("brand")
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="identity_requests", verbose_name=_("product")
    )
    serial = models.CharField(_("serial number as entered"), max_length=20)
    email = models.EmailField(_("e-mail"), blank=True)  # empty once its time was over
    locale = models.CharField(_("language"), max_length=10)
    note = models.TextField(_("what the holder added"), max_length=1000, blank=True)
    proof = models.ForeignKey(
        PrivateFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proof"),
    )
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=IdentityRequestState.choices,
        default=IdentityRequestState.UNCONFIRMED,
    )
    # The holder's own address of the request: only the mail that confirms the address holds it.
    code = models.CharField(_("code"), max_length=32, unique=True, default=new_public_code, editable=False)
    submission_key = models.CharField(_("submission"), max_length=64, unique=True, editable=False)
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="identity_requests",
        verbose_name=_("unit"),
    )
    sent_at = models.DateTimeField(_("sent"))
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by_id = models.BigIntegerField(_("decided by"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = IdentityRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("request for an identity")
        verbose_name_plural = _("requests for an identity")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=IdentityRequestState.values), name="identity_request_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ANSWERED_WITH_A_UNIT, unit__isnull=False)
                | (~Q(state__in=ANSWERED_WITH_A_UNIT) & Q(unit__isnull=True)),
                name="answered_identity_names_its_unit",
            ),
            models.CheckConstraint(
                condition=Q(state="unconfirmed") | Q(confirmed_at__isnull=False),
                name="identity_after_a_confirmed_address",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["unconfirmed", "waiting"], decided_at__isnull=True)
                | (~Q(state__in=["unconfirmed", "waiting"]) & Q(decided_at__isnull=False)),
                name="identity_decided_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state="approved"), name="one_identity_given_per_unit"
            ),
            models.UniqueConstraint(
                fields=["product", "serial", "email"],
                condition=Q(state="waiting"),
                name="one_waiting_request_per_holder",
            ),
        ]
        indexes = [models.Index(fields=["brand", "state", "-id"], name="identity_queue")]

    def __str__(self) -> str:
        return f"{self.product} {self.serial}"
