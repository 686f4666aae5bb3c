"""Release and dispute: somebody holds a unit that is registered to somebody else."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ownership.models.owners import Owner, Ownership
from ownership.models.registrations import ContactKind, Proof
from ownership.models.transfers import Transfer
from ownership.querysets import EvidenceQuerySet, ReleaseQuerySet
from products.codes import new_public_code
from products.models import Brand, PrivateFile, Unit


class ReleaseGround(models.TextChoices):
    """Why the claimant says that the unit is theirs; `OFFERED` is nobody's to choose: an offer's own page says it."""

    BOUGHT_USED = "bought_used", _("I bought it second-hand")
    BOUGHT_NEW = "bought_new", _("I bought it new; somebody registered it before me")
    GIVEN = "given", _("It was given to me")
    RECOVERED = "recovered", _("It is mine; I can't reach the address that it is registered to")
    OFFERED = "offered", _("Its owner is passing it on to me")


class ReleaseState(models.TextChoices):
    UNCONFIRMED = "unconfirmed", _("The claimant's address is not confirmed yet")
    ASKED = "asked", _("The owner is asked")
    REFUSED = "refused", _("The owner refused; the claimant can bring it to the desk")
    DESK = "desk", _("Waits for staff to decide")
    DECIDED = "decided", _("Decided; it can be appealed")
    APPEALED = "appealed", _("Appealed; waits for staff")
    RELEASED = "released", _("It has a new owner")
    KEPT = "kept", _("It stays with its owner")
    WITHDRAWN = "withdrawn", _("Withdrawn by the claimant")


# Neither side has it for good yet: the unit's page says so, and one of these stands per unit.
RELEASE_OPEN = (
    ReleaseState.ASKED, ReleaseState.REFUSED, ReleaseState.DESK, ReleaseState.DECIDED, ReleaseState.APPEALED,
)  # fmt: skip
RELEASE_ENDED = (ReleaseState.RELEASED, ReleaseState.KEPT, ReleaseState.WITHDRAWN)


class ReleaseRequest(models.Model):
    """A claimant's request, from the question to the owner to the last decision.

    One that comes of an offer (`transfer`) asks no owner, who offered the unit: staff look at what the taker shows,
    for it is valuable and no chip of it can be tapped.
    Address and words are the claimant's; they go on schedule once it has ended.
    """

    Ground = ReleaseGround
    State = ReleaseState
    TRANSITIONS = {
        ReleaseState.UNCONFIRMED: {ReleaseState.ASKED, ReleaseState.DESK, ReleaseState.WITHDRAWN},
        ReleaseState.ASKED: {
            ReleaseState.RELEASED, ReleaseState.REFUSED, ReleaseState.DESK, ReleaseState.WITHDRAWN,
        },
        ReleaseState.REFUSED: {
            ReleaseState.RELEASED, ReleaseState.DESK, ReleaseState.KEPT, ReleaseState.WITHDRAWN,
        },
        ReleaseState.DESK: {ReleaseState.DECIDED, ReleaseState.RELEASED, ReleaseState.WITHDRAWN},
        ReleaseState.DECIDED: {
            ReleaseState.APPEALED, ReleaseState.RELEASED, ReleaseState.KEPT, ReleaseState.WITHDRAWN,
        },
        ReleaseState.APPEALED: {ReleaseState.RELEASED, ReleaseState.KEPT, ReleaseState.WITHDRAWN},
        ReleaseState.RELEASED: set(),
        ReleaseState.KEPT: set(),
        ReleaseState.WITHDRAWN: set(),
    }  # fmt: skip

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="release_requests", verbose_name=_("brand")
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="release_requests", verbose_name=_("unit")
    )
    ownership = models.ForeignKey(
        Ownership, on_delete=models.PROTECT, related_name="release_requests", verbose_name=_("ownership")
    )
    # The owner's offer, where it is one that staff look at; several may have asked, one of them at a time is open.
    transfer = models.ForeignKey(
        Transfer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="release_requests",
        verbose_name=_("comes of the transfer"),
    )
    taken_over = models.OneToOneField(
        Ownership,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="released_by",
        verbose_name=_("new ownership"),
    )
    claimant = models.ForeignKey(  # once the address is confirmed
        Owner,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="release_requests",
        verbose_name=_("claimant"),
    )
    ground = models.CharField(_("ground"), max_length=12, choices=ReleaseGround.choices)
    proof = models.CharField(_("proof"), max_length=10, choices=Proof.choices)
    state = models.CharField(
        _("state"), max_length=12, choices=ReleaseState.choices, default=ReleaseState.UNCONFIRMED
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    contact_kind = models.CharField(_("kind of address"), max_length=5, choices=ContactKind.choices)
    contact = models.CharField(_("address"), max_length=254, blank=True)
    locale = models.CharField(_("language"), max_length=10)
    statement = models.TextField(_("what the claimant says"), max_length=2000, blank=True)
    answer = models.TextField(_("what the owner answers"), max_length=2000, blank=True)
    appeal = models.TextField(_("why it is appealed"), max_length=2000, blank=True)
    # Each side's own address of the case: only that side's mails hold it.
    code = models.CharField(_("code"), max_length=32, unique=True, default=new_public_code, editable=False)
    owner_code = models.CharField(
        _("the owner's code"), max_length=32, unique=True, default=new_public_code, editable=False
    )
    submission_key = models.CharField(_("submission"), max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField(_("sent"))
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    answer_by = models.DateTimeField(_("the owner has until"), null=True, blank=True)
    appeal_by = models.DateTimeField(_("can be appealed until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("request for release")
        verbose_name_plural = _("requests for release")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state__in=RELEASE_OPEN), name="one_open_release_per_unit"
            ),
            models.CheckConstraint(condition=Q(state__in=ReleaseState.values), name="release_state_known"),
            models.CheckConstraint(condition=Q(ground__in=ReleaseGround.values), name="release_ground_known"),
            models.CheckConstraint(
                condition=Q(state__in=["unconfirmed", "withdrawn"]) | Q(confirmed_at__isnull=False),
                name="release_after_a_confirmed_address",
            ),
            models.CheckConstraint(
                condition=Q(state="released", taken_over__isnull=False)
                | (~Q(state="released") & Q(taken_over__isnull=True)),
                name="released_unit_has_a_new_owner",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RELEASE_ENDED, ended_at__isnull=False)
                | (~Q(state__in=RELEASE_ENDED) & Q(ended_at__isnull=True)),
                name="release_ended_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="asked") | Q(answer_by__isnull=False), name="asked_owner_has_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ground="offered", transfer__isnull=False)
                | (~Q(ground="offered") & Q(transfer__isnull=True)),
                name="offered_release_comes_of_a_transfer",
            ),
            models.CheckConstraint(
                condition=Q(transfer__isnull=True) | ~Q(state__in=["asked", "refused"]),
                name="offered_release_asks_no_owner",
            ),
        ]
        indexes = [models.Index(fields=["brand", "state", "-id"], name="release_queue")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.state}"


class Side(models.TextChoices):
    CLAIMANT = "claimant", _("The claimant")
    OWNER = "owner", _("The owner")


class Evidence(models.Model):
    """A file that one side of a dispute sent; deleted on schedule."""

    request = models.ForeignKey(
        ReleaseRequest, on_delete=models.CASCADE, related_name="evidence", verbose_name=_("request")
    )
    side = models.CharField(_("from"), max_length=10, choices=Side.choices)
    file = models.ForeignKey(
        PrivateFile, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("file")
    )
    # SHA-256 of the file: sent twice, it is one piece.
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    note = models.CharField(_("what it shows"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent"))

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(condition=Q(side__in=Side.values), name="evidence_side_known"),
            models.UniqueConstraint(
                fields=["request", "side", "digest"], name="one_piece_of_evidence_per_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.side}"


class Decision(models.Model):
    """What staff decided, once and, after an appeal, once more. The reason is read by both sides, while it is kept."""

    request = models.ForeignKey(
        ReleaseRequest, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("request")
    )
    instance = models.PositiveSmallIntegerField(_("instance"))  # 1, and 2 after an appeal
    for_side = models.CharField(_("for"), max_length=10, choices=Side.choices)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    reason_forgotten_at = models.DateTimeField(_("reason forgotten"), null=True, blank=True, editable=False)
    # The ownership so far was none: it is annulled, and the claimant is not a further owner.
    annuls = models.BooleanField(_("the ownership so far counts as none"), default=False)
    decided_by_id = models.BigIntegerField(_("decided by"))
    decided_at = models.DateTimeField(_("decided"))

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["instance"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(fields=["request", "instance"], name="one_decision_per_instance"),
            models.CheckConstraint(condition=Q(instance__in=[1, 2]), name="decision_of_two_instances"),
            models.CheckConstraint(condition=Q(for_side__in=Side.values), name="decision_side_known"),
            models.CheckConstraint(
                condition=(~Q(reason="") & Q(reason_forgotten_at=None))
                | Q(reason="", reason_forgotten_at__isnull=False),
                name="decision_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.instance}"
