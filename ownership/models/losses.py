"""Lost and stolen units, and what a finder and an owner write to each other without knowing each other."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ownership.models.owners import Ownership
from ownership.querysets import FinderQuerySet, LossQuerySet, ProvenanceLinkQuerySet
from products.codes import new_public_code
from products.models import Brand, Unit


class LossKind(models.TextChoices):
    LOST = "lost", _("Lost")
    STOLEN = "stolen", _("Stolen")


class LossReport(models.Model):
    """An owner misses a unit, until they have it again or it has another owner."""

    Kind = LossKind

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="loss_reports", verbose_name=_("brand")
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="loss_reports", verbose_name=_("unit")
    )
    # Nobody's where staff report what was missed before it had an owner: from the shop, on its way.
    ownership = models.ForeignKey(
        Ownership,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="loss_reports",
        verbose_name=_("ownership"),
    )
    kind = models.CharField(_("what happened"), max_length=10, choices=LossKind.choices)
    missed_on = models.DateField(_("missed since"), null=True, blank=True)
    police_reference = models.CharField(_("police reference"), max_length=80, blank=True)
    # What the owner wants a finder to read; the page shows it as it is.
    words = models.TextField(_("words for the finder"), max_length=300, blank=True)
    reported_by_id = models.BigIntegerField(_("reported by"), null=True)
    reported_at = models.DateTimeField(_("reported"))
    ended_at = models.DateTimeField(_("over"), null=True, blank=True)

    objects = LossQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("report of a loss")
        verbose_name_plural = _("reports of losses")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(ended_at__isnull=True), name="one_standing_loss_per_unit"
            ),
            models.CheckConstraint(condition=Q(kind__in=LossKind.values), name="loss_kind_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("reported_at")),
                name="loss_ends_after_its_report",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.kind}"


class FinderThread(models.Model):
    """What one finder and the owner write to each other. The code is the finder's key to it."""

    report = models.ForeignKey(
        LossReport, on_delete=models.CASCADE, related_name="threads", verbose_name=_("report")
    )
    code = models.CharField(_("code"), max_length=32, unique=True, default=new_public_code, editable=False)
    # Optional: the owner's answer is sent there; the owner never sees it.
    email = models.EmailField(_("e-mail of the finder"), blank=True)
    locale = models.CharField(_("language of the finder"), max_length=10)
    submission_key = models.CharField(_("submission"), max_length=64, unique=True, editable=False)
    begun_at = models.DateTimeField(_("begun"))

    objects = FinderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("finder")
        verbose_name_plural = _("finders")

    def __str__(self) -> str:
        return f"{self.report_id} #{self.pk}"


class Sender(models.TextChoices):
    FINDER = "finder", _("The finder")
    OWNER = "owner", _("The owner")


class FinderMessage(models.Model):
    """One message between finder and owner."""

    thread = models.ForeignKey(
        FinderThread, on_delete=models.CASCADE, related_name="messages", verbose_name=_("finder")
    )
    sender = models.CharField(_("from"), max_length=10, choices=Sender.choices)
    words = models.TextField(_("words"), max_length=1000)
    # Of what was written in a thread that was begun before; its first message goes by the thread's own.
    submission_key = models.CharField(
        _("submission"), max_length=64, unique=True, null=True, blank=True, editable=False
    )
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("message of a finder or an owner")
        verbose_name_plural = _("messages of finders and owners")
        constraints = [
            models.CheckConstraint(condition=Q(sender__in=Sender.values), name="finder_message_sender_known"),
            models.CheckConstraint(condition=~Q(words=""), name="finder_message_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.sender}"


class ProvenanceLink(models.Model):
    """A link under which an owner lets others read the unit's history for a while."""

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="provenance_links", verbose_name=_("brand")
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="provenance_links", verbose_name=_("unit")
    )
    ownership = models.ForeignKey(
        Ownership, on_delete=models.CASCADE, related_name="provenance_links", verbose_name=_("ownership")
    )
    made_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    views = models.PositiveIntegerField(_("read"), default=0)
    submission_key = models.CharField(
        _("submission"), max_length=64, unique=True, null=True, blank=True, editable=False
    )

    objects = ProvenanceLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("shared history")
        verbose_name_plural = _("shared histories")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="shared_history_works_a_while"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("made_at")),
                name="shared_history_revoked_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} #{self.pk}"
