"""Passing a unit on: from one owner to the next, by their own will."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ownership.models.owners import Ownership
from ownership.querysets import TransferQuerySet
from products.codes import new_public_code
from products.models import Brand, Unit


class TransferKind(models.TextChoices):
    SALE = "sale", _("Sold")
    GIFT = "gift", _("Given away")
    RETURN = "return", _("Returned to the shop")


class TransferState(models.TextChoices):
    OPEN = "open", _("Waits for the new owner")
    ACCEPTED = "accepted", _("Passed on")
    CANCELLED = "cancelled", _("Called off")
    EXPIRED = "expired", _("Nobody accepted in time")


class Transfer(models.Model):
    """An owner's offer to pass a unit on. Whoever holds the unit, or has the code, accepts it; one wins.

    Transfers that were started together share a `bundle`, whose code accepts all of them.
    """

    Kind = TransferKind
    State = TransferState
    TRANSITIONS = {
        TransferState.OPEN: {TransferState.ACCEPTED, TransferState.CANCELLED, TransferState.EXPIRED},
        TransferState.ACCEPTED: set(),
        TransferState.CANCELLED: set(),
        TransferState.EXPIRED: set(),
    }

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="transfers", verbose_name=_("brand")
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="transfers", verbose_name=_("unit"))
    ownership = models.ForeignKey(
        Ownership, on_delete=models.PROTECT, related_name="transfers", verbose_name=_("from")
    )
    taken_over = models.OneToOneField(
        Ownership,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="taken_over_by",
        verbose_name=_("to"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=TransferKind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=TransferState.choices, default=TransferState.OPEN
    )
    code = models.CharField(_("code"), max_length=32, unique=True, default=new_public_code, editable=False)
    bundle = models.CharField(_("code of the bundle"), max_length=32, blank=True, db_index=True)
    # Where the owner asked us to send the link; emptied once it was accepted, or was told that it came to nothing.
    recipient = models.EmailField(_("sent to"), blank=True)
    started_by_id = models.BigIntegerField(_("started by"), null=True)
    started_at = models.DateTimeField(_("started"))
    expires_at = models.DateTimeField(_("works until"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state="open"), name="one_open_transfer_per_unit"
            ),
            models.CheckConstraint(condition=Q(kind__in=TransferKind.values), name="transfer_kind_known"),
            models.CheckConstraint(condition=Q(state__in=TransferState.values), name="transfer_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True)
                | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="transfer_settled_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(taken_over__isnull=True) | Q(state="accepted"),
                name="only_an_accepted_transfer_has_a_new_owner",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(kind="return") | Q(taken_over__isnull=False),
                name="accepted_transfer_has_a_new_owner",
            ),
            models.CheckConstraint(
                condition=Q(taken_over__isnull=True) | ~Q(taken_over=F("ownership")),
                name="no_transfer_to_the_same_ownership",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("started_at")), name="transfer_works_a_while"
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(recipient=""), name="accepted_transfer_names_no_recipient"
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="open"), name="transfer_open_until")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.state}"
