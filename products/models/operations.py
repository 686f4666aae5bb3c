"""Long work, who looked at what, and files that nobody finds by guessing."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from products.models.brands import Brand
from products.querysets import BrandOwnedQuerySet, JobQuerySet


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


# A running job waits again when its worker fell silent.
JOB_TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
    JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.WAITING}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}


class Job(models.Model):
    """Work of more than two seconds: visible, with progress, and cancellable."""

    State = JobState

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="jobs", verbose_name=_("brand"))
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="jobs",
        verbose_name=_("asked by"),
    )
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("what was asked"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.WAITING)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), null=True, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)
    cancel_requested = models.BooleanField(_("asked to stop"), default=False)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class AuditRow(models.Model):
    """Who of the staff read or changed what: append-only, ids instead of personal data."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, null=True, related_name="audit_rows", verbose_name=_("brand")
    )
    actor_id = models.BigIntegerField(_("actor"), null=True)
    action = models.CharField(_("action"), max_length=40)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(_("object"), max_length=64)
    at = models.DateTimeField(_("at"))
    data = models.JSONField(_("details"), default=dict, blank=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("audit row")
        verbose_name_plural = _("audit trail")
        indexes = [models.Index(fields=["brand", "object_type", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


def random_name() -> str:
    return secrets.token_urlsafe(24)


class PrivateFile(models.Model):
    """A file that only an authorised view hands out; its name is random and tells nothing."""

    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, related_name="private_files", verbose_name=_("brand")
    )
    name = models.CharField(_("stored name"), max_length=40, unique=True, default=random_name, editable=False)
    purpose = models.CharField(_("purpose"), max_length=40)
    original_name = models.CharField(_("original name"), max_length=200, blank=True)
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("stored"), auto_now_add=True)
    expires_at = models.DateTimeField(_("deleted after"), null=True, blank=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("private file")
        verbose_name_plural = _("private files")

    def __str__(self) -> str:
        return self.original_name or self.name
