"""Loyalty: what a brand gives points for, the append-only ledger of points, and what they are exchanged for."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analytics.kinds import EventKind
from ownership.models.owners import Owner
from ownership.querysets import LoyaltyEntryQuerySet, LoyaltyQuerySet, RewardCodeQuerySet
from products.fields import EncryptedTextField, LocalizedTextField, in_language
from products.models import Brand, Category, Product, Unit
from products.querysets import BrandOwnedQuerySet


class LoyaltyProgramme(models.Model):
    """A brand's programme and its own words for it; without one, nobody gets points and no page speaks of them."""

    brand = models.OneToOneField(
        Brand, on_delete=models.PROTECT, related_name="loyalty_programme", verbose_name=_("brand")
    )
    names = LocalizedTextField(_("what the programme is called"))
    points_words = LocalizedTextField(
        _("what points are called"), help_text=_("The word after a number, like “points” in “200 points”.")
    )

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["brand"]
        verbose_name = _("loyalty programme")
        verbose_name_plural = _("loyalty programmes")

    def __str__(self) -> str:
        return in_language(self.names, "en") or str(self.brand)


class RuleBasis(models.TextChoices):
    EVENT = "event", _("Something that happened")
    TENURE = "tenure", _("Months owned")
    USE = "use", _("Used consistently")


# What points may be given for: what an owner does, never what staff or machines do.
REWARDED = (
    EventKind.OWNERSHIP_STARTED,
    EventKind.REGISTRATION_CONFIRMED,
    EventKind.CONSENT_GIVEN,
)


class LoyaltyRule(models.Model):
    """For what, how many points, how often.

    An owner gets the points of one rule for one unit once; those of an event that does not repeat once at all.
    """

    Basis = RuleBasis

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="loyalty_rules", verbose_name=_("brand")
    )
    names = LocalizedTextField(_("what it is called"))
    thanks = LocalizedTextField(_("thanks on the page"), blank=True, multiline=True)
    basis = models.CharField(_("for"), max_length=10, choices=RuleBasis.choices)
    event_kind = models.CharField(
        _("event"), max_length=40, blank=True, choices=[(kind.value, kind.label) for kind in REWARDED]
    )
    months = models.PositiveSmallIntegerField(
        _("months owned"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1200)]
    )
    use_days = models.PositiveSmallIntegerField(
        _("days since it became theirs"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    use_taps = models.PositiveSmallIntegerField(
        _("days with a tap, at least"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    points = models.PositiveIntegerField(
        _("points"), validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    for_several = models.BooleanField(_("households and organisations, too"), default=False, db_default=False)
    repeats = models.BooleanField(_("again with every such event"), default=False)
    cap_per_year = models.PositiveIntegerField(
        _("at most so many points a year"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    expires_months = models.PositiveSmallIntegerField(
        _("points expire after months"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    starts_at = models.DateTimeField(_("counts from"))
    is_active = models.BooleanField(_("gives points"), default=True)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "id"]
        verbose_name = _("loyalty rule")
        verbose_name_plural = _("loyalty rules")
        constraints = [
            models.CheckConstraint(condition=Q(points__gte=1), name="rule_gives_points"),
            models.CheckConstraint(
                condition=Q(basis="event", months__isnull=True, use_days__isnull=True, use_taps__isnull=True)
                & ~Q(event_kind="")
                | Q(
                    basis="tenure", event_kind="", months__isnull=False, use_days__isnull=True,
                    use_taps__isnull=True,
                )
                | Q(
                    basis="use", event_kind="", months__isnull=True, use_days__isnull=False,
                    use_taps__isnull=False,
                ),
                name="rule_says_what_it_is_for",
            ),
            models.CheckConstraint(
                condition=Q(product__isnull=True) | Q(category__isnull=True),
                name="rule_for_product_or_category",
            ),
            models.CheckConstraint(
                condition=Q(repeats=False) | Q(basis="event"), name="only_events_repeat"
            ),
            # Or somebody would agree and take it back all day long.
            models.CheckConstraint(
                condition=~Q(event_kind="consent.given") | Q(repeats=False), name="a_yes_is_rewarded_once"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return in_language(self.names, "en") or f"#{self.pk}"


class LoyaltyAccount(models.Model):
    """An owner's balance: the sum of the ledger, kept on one row that is locked by whoever changes it."""

    owner = models.OneToOneField(
        Owner, on_delete=models.CASCADE, related_name="loyalty_account", verbose_name=_("owner")
    )
    balance = models.IntegerField(_("points"), default=0)

    objects = LoyaltyQuerySet.as_manager()

    class Meta:
        ordering = ["owner"]
        verbose_name = _("balance of points")
        verbose_name_plural = _("balances of points")
        constraints = [models.CheckConstraint(condition=Q(balance__gte=0), name="points_never_below_zero")]

    def __str__(self) -> str:
        return f"{self.owner_id}: {self.balance}"


class EntryKind(models.TextChoices):
    AWARD = "award", _("Points given")
    REDEMPTION = "redemption", _("Points exchanged")
    EXPIRY = "expiry", _("Points expired")
    REVERSAL = "reversal", _("Taken back")


class LoyaltyEntry(models.Model):
    """One line of the ledger; lines are never changed or removed, a reversal is a line of its own."""

    Kind = EntryKind

    owner = models.ForeignKey(
        Owner, on_delete=models.CASCADE, related_name="loyalty_entries", verbose_name=_("owner")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind.choices)
    points = models.IntegerField(_("points"))
    rule = models.ForeignKey(
        LoyaltyRule,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("rule"),
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    reverses = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="reversal", verbose_name=_("of")
    )
    # What makes it the same award: the rule, the owner, the unit and the turn.
    dedupe_key = models.CharField(_("about"), max_length=100, unique=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor_id = models.BigIntegerField(_("by"), null=True, blank=True)
    at = models.DateTimeField(_("at"))
    expires_at = models.DateTimeField(_("expire"), null=True, blank=True)

    objects = LoyaltyEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("line of points")
        verbose_name_plural = _("ledger of points")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="entry_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="award", points__gt=0)
                | Q(kind__in=["redemption", "expiry"], points__lt=0)
                | Q(kind="reversal") & ~Q(points=0),
                name="entry_points_fit_their_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="reversal_says_of_what",
            ),
            models.CheckConstraint(
                condition=~Q(kind="award") | Q(rule__isnull=False) | ~Q(reason=""), name="award_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(kind="award", expires_at__isnull=False),
                name="points_expire",
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.points:+d}"


class RewardKind(models.TextChoices):
    CODE = "code", _("A code for the shop")
    CONTENT = "content", _("Something to read, for whoever has exchanged it")


class Reward(models.Model):
    """What points are exchanged for."""

    Kind = RewardKind

    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="rewards", verbose_name=_("brand")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=RewardKind.choices)
    names = LocalizedTextField(_("name"))
    bodies = LocalizedTextField(_("text (Markdown)"), blank=True, multiline=True)
    content = LocalizedTextField(_("what may be read then (Markdown)"), blank=True, multiline=True)
    cost = models.PositiveIntegerField(_("points"), validators=[MinValueValidator(1)])
    is_active = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "position", "id"]
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = [
            models.CheckConstraint(condition=Q(cost__gte=1), name="reward_costs_points"),
            models.CheckConstraint(condition=Q(kind__in=RewardKind.values), name="reward_kind_known"),
        ]

    def __str__(self) -> str:
        return in_language(self.names, "en") or f"#{self.pk}"


class Redemption(models.Model):
    """One reward taken by one owner; of a code that only they see."""

    owner = models.ForeignKey(
        Owner, on_delete=models.CASCADE, related_name="redemptions", verbose_name=_("owner")
    )
    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="redemptions", verbose_name=_("reward")
    )
    entry = models.OneToOneField(
        LoyaltyEntry, on_delete=models.CASCADE, related_name="redemption", verbose_name=_("line of points")
    )
    submission_key = models.CharField(_("submission"), max_length=64, unique=True, editable=False)
    at = models.DateTimeField(_("exchanged"))
    reversed_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = LoyaltyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("exchanged reward")
        verbose_name_plural = _("exchanged rewards")
        constraints = [
            models.CheckConstraint(
                condition=Q(reversed_at__isnull=True) | Q(reversed_at__gte=F("at")),
                name="redemption_reversed_after_it_was_made",
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.reward_id}"


class RewardCode(models.Model):
    """A code of the brand's shop, encrypted; handed out to one redemption and never again."""

    reward = models.ForeignKey(
        Reward, on_delete=models.CASCADE, related_name="codes", verbose_name=_("reward")
    )
    code = EncryptedTextField(_("code"))
    # SHA-256 of the code: the same code is never put in twice.
    digest = models.CharField(_("fingerprint"), max_length=64)
    redemption = models.OneToOneField(
        Redemption,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="code",
        verbose_name=_("to"),
    )
    used_at = models.DateTimeField(_("handed out"), null=True, blank=True)
    added_at = models.DateTimeField(_("added"))

    objects = RewardCodeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("code of a reward")
        verbose_name_plural = _("codes of rewards")
        constraints = [
            models.UniqueConstraint(fields=["reward", "digest"], name="one_row_per_reward_code"),
            models.CheckConstraint(
                condition=Q(redemption__isnull=True) | Q(used_at__isnull=False), name="handed_out_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} #{self.pk}"
