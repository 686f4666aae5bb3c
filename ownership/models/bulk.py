"""Many units at once: an organisation's list of what it bought, which staff check before anything is granted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ownership.models.owners import Owner
from ownership.querysets import BulkRequestQuerySet
from products.models import Brand, Job, PrivateFile


class BulkState(models.TextChoices):
    WAITING = "waiting", _("Waits for staff")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


class BulkRequest(models.Model):
    """A list of units, sent by somebody who looks after an organisation. Whoever lists a serial number owns nothing yet."""

    State = BulkState
    TRANSITIONS = {
        BulkState.WAITING: {BulkState.APPROVED, BulkState.REFUSED},
        BulkState.APPROVED: set(),
        BulkState.REFUSED: set(),
    }

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="bulk_requests", verbose_name=_("brand")
    )
    owner = models.ForeignKey(
        Owner, on_delete=models.CASCADE, related_name="bulk_requests", verbose_name=_("organisation")
    )
    file = models.ForeignKey(
        PrivateFile, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("list")
    )
    proof = models.ForeignKey(
        PrivateFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proof of purchase"),
    )
    rows = models.PositiveIntegerField(_("units listed"))
    state = models.CharField(_("state"), max_length=10, choices=BulkState.choices, default=BulkState.WAITING)
    submission_key = models.CharField(_("submission"), max_length=64, unique=True, editable=False)
    asked_by_id = models.BigIntegerField(_("asked by"), null=True)
    sent_at = models.DateTimeField(_("sent"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by_id = models.BigIntegerField(_("decided by"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("job")
    )

    objects = BulkRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("bulk registration")
        verbose_name_plural = _("bulk registrations")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BulkState.values), name="bulk_request_state_known"),
            models.CheckConstraint(condition=Q(rows__gte=1), name="bulk_request_lists_something"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="bulk_request_decided_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
