"""A person's rights over their data at one brand: to have it, and to be forgotten."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ownership.models.owners import Owner
from ownership.querysets import DataRequestQuerySet
from products.models import Brand, PrivateFile
from products.querysets import BrandOwnedQuerySet


class DataRequestKind(models.TextChoices):
    EXPORT = "export", _("Everything that is known of me")
    ERASURE = "erasure", _("Forget me")


class DataRequestState(models.TextChoices):
    WAITING = "waiting", _("Waits for its time")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Called off")
    FAILED = "failed", _("Could not be done")


class DataRequest(models.Model):
    """What an owner asked for. After an erasure the row stays, without the owner."""

    Kind = DataRequestKind
    State = DataRequestState
    TRANSITIONS = {
        DataRequestState.WAITING: {
            DataRequestState.DONE, DataRequestState.CANCELLED, DataRequestState.FAILED,
        },
        DataRequestState.DONE: set(),
        DataRequestState.CANCELLED: set(),
        DataRequestState.FAILED: {DataRequestState.WAITING},
    }  # fmt: skip

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="data_requests", verbose_name=_("brand")
    )
    owner = models.ForeignKey(
        Owner,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="data_requests",
        verbose_name=_("owner"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=DataRequestKind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=DataRequestState.choices, default=DataRequestState.WAITING
    )
    asked_by_id = models.BigIntegerField(_("asked by"), null=True)
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    file = models.ForeignKey(
        PrivateFile,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("file"),
    )
    problem = models.CharField(_("problem"), max_length=200, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind"],
                condition=Q(state="waiting"),
                name="one_waiting_data_request_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=DataRequestKind.values), name="data_request_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DataRequestState.values), name="data_request_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(ended_at__isnull=False), name="data_request_ended_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="data_request_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Tombstone(models.Model):
    """That an owner, and with the last of a person's owners the person, was erased: numbers only.

    Kept outside backups too (`erase_again` reads it), so that a restored backup can be erased again.
    """

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="tombstones", verbose_name=_("brand")
    )
    owner_id = models.BigIntegerField(_("number of the owner"), unique=True)
    person_id = models.BigIntegerField(_("number of the person"), null=True, blank=True)
    erased_at = models.DateTimeField(_("erased"))

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("erased owner")
        verbose_name_plural = _("erased owners")

    def __str__(self) -> str:
        return f"#{self.owner_id}"
