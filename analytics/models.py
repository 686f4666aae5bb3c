"""The ledger: scans and events, append-only; and the two rows a tap reads of a unit.

On PostgreSQL `analytics_scan` and `analytics_event` are partitioned by month (see
`analytics/partitions.py`); no foreign key points to them, and theirs point nowhere in the database.
"""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.kinds import DoubtKind, DoubtState, EventKind, Stage, Verdict
from analytics.querysets import DoubtQuerySet, EventQuerySet, FactsQuerySet, ScanQuerySet
from products.models import Brand, Tag, Unit
from products.querysets import BrandOwnedQuerySet


def _reference(to: type[models.Model]) -> Any:
    """Return a plain id that Django can follow: no constraint in the database, no cascade."""
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        verbose_name=to._meta.verbose_name,
    )


class Scan(models.Model):
    """One opened link: what it proved and which page was shown."""

    at = models.DateTimeField(_("at"))
    brand = _reference(Brand)
    unit = _reference(Unit)
    tag = _reference(Tag)
    counter = models.IntegerField(_("counter"), null=True)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    stage = models.CharField(_("stage shown"), max_length=10, choices=Stage.choices)
    visitor = models.CharField(_("visitor"), max_length=32)
    locale = models.CharField(_("language"), max_length=10)
    country = models.CharField(_("country"), max_length=2, blank=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        indexes = [
            models.Index(fields=["unit", "-at"], name="scan_unit_at"),
            models.Index(fields=["brand", "-at"], name="scan_brand_at"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.at:%Y-%m-%d %H:%M}"


class Event(models.Model):
    """One thing that happened. Names people by plain id; never holds personal data."""

    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded"))
    kind = models.CharField(
        _("kind"), max_length=40
    )  # an EventKind; no choices, so that a new kind needs no migration
    brand = _reference(Brand)
    unit = _reference(Unit)
    owner_id = models.BigIntegerField(_("owner"), null=True)
    actor_id = models.BigIntegerField(_("actor"), null=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    data = models.JSONField(_("details"), default=dict)
    # The writing transaction on PostgreSQL, 0 on SQLite, where writers wait in line: see `analytics/feed.py`.
    transaction_id = models.BigIntegerField(default=0, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["unit", "-at"], name="event_unit_at"),
            models.Index(fields=["brand", "kind", "-at"], name="event_brand_kind_at"),
            models.Index(fields=["transaction_id", "id"], name="event_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

    @property
    def kind_label(self) -> str:
        """The kind in words; the bare name where an older release does not know it."""
        return str(EventKind(self.kind).label) if self.kind in EventKind.values else self.kind


class UnitActivity(models.Model):
    """Hot: written by every tap, narrow, nothing indexed that changes."""

    unit = models.OneToOneField(
        Unit, on_delete=models.CASCADE, primary_key=True, related_name="activity", verbose_name=_("unit")
    )
    first_scan_at = models.DateTimeField(_("first scan"))
    last_scan_at = models.DateTimeField(_("last scan"))
    scans = models.PositiveIntegerField(_("scans"), default=1)
    # Eight characters of each of the first eight visitors, each followed by a comma.
    visitors = models.CharField(_("visitors"), max_length=72, blank=True)

    class Meta:
        verbose_name = _("activity of a unit")
        verbose_name_plural = _("activity of units")

    def __str__(self) -> str:
        return str(self.unit_id)

    @property
    def visitor_count(self) -> int:
        """Distinct visitors seen, at most eight."""
        return self.visitors.count(",")


class UnitFacts(models.Model):
    """Cold: what the stage depends on, written by services in the transaction that made it true."""

    unit = models.OneToOneField(
        Unit, on_delete=models.CASCADE, primary_key=True, related_name="facts", verbose_name=_("unit")
    )
    owner_id = models.BigIntegerField(_("current owner"), null=True)
    ownerships = models.PositiveSmallIntegerField(_("ownerships so far"), default=0)
    owned_since = models.DateTimeField(_("current ownership since"), null=True)
    first_owned_at = models.DateTimeField(_("first owned"), null=True)
    opened_at = models.DateTimeField(_("seal opened"), null=True)
    holder_spoke_up_at = models.DateTimeField(_("somebody said: it's mine"), null=True)
    recall = models.BooleanField(_("open recall"), default=False)
    claim = models.BooleanField(_("open claim"), default=False)
    service = models.BooleanField(_("service booked"), default=False)
    transfer = models.BooleanField(_("transfer or release open"), default=False)
    lost = models.BooleanField(_("reported lost"), default=False)
    stolen = models.BooleanField(_("reported stolen"), default=False)
    dispute = models.BooleanField(_("ownership disputed"), default=False)

    objects = FactsQuerySet.as_manager()

    class Meta:
        verbose_name = _("facts of a unit")
        verbose_name_plural = _("facts of units")
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_id__isnull=True, owned_since__isnull=True)
                | Q(owner_id__isnull=False, owned_since__isnull=False, ownerships__gte=1),
                name="owned_units_have_an_ownership",
            )
        ]

    def __str__(self) -> str:
        return str(self.unit_id)


class ForgedLinkCount(models.Model):
    """Links that did not check, counted per chip profile, day and reason; never stored one by one."""

    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, related_name="forged_links", verbose_name=_("brand")
    )
    profile = models.CharField(_("chip profile"), max_length=60)
    day = models.DateField(_("day (UTC)"))
    reason = models.CharField(_("reason"), max_length=30)
    links = models.PositiveBigIntegerField(_("links"), default=0)

    class Meta:
        ordering = ["-day", "profile", "reason"]
        verbose_name = _("forged links")
        verbose_name_plural = _("forged links")
        constraints = [
            models.UniqueConstraint(fields=["profile", "day", "reason"], name="one_forged_count_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.day} {self.reason}"


class Doubt(models.Model):
    """A clone or grey-market signal of one unit, with its evidence, until staff decide."""

    State = DoubtState
    TRANSITIONS = {
        DoubtState.OPEN: {DoubtState.WATCHED, DoubtState.CONFIRMED, DoubtState.DISMISSED},
        DoubtState.WATCHED: {DoubtState.CONFIRMED, DoubtState.DISMISSED},
        DoubtState.CONFIRMED: {DoubtState.DISMISSED},
        DoubtState.DISMISSED: set(),
    }

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="doubts", verbose_name=_("brand"))
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="doubts", verbose_name=_("unit"))
    kind = models.CharField(_("signal"), max_length=20, choices=DoubtKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=DoubtState.choices, default=DoubtState.OPEN)
    # The newest scans that speak for it, oldest first: see `analytics.doubts.services.as_evidence`.
    evidence = models.JSONField(_("evidence"), default=list)
    sightings = models.PositiveIntegerField(_("seen so often"), default=1)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    country = models.CharField(_("last seen in"), max_length=2, blank=True)
    alerted_at = models.DateTimeField(_("staff alerted"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by_id = models.BigIntegerField(_("decided by"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = DoubtQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-id"]
        verbose_name = _("doubt")
        verbose_name_plural = _("doubts")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DoubtKind.values), name="doubt_kind_known"),
            models.CheckConstraint(condition=Q(state__in=DoubtState.values), name="doubt_state_known"),
            models.UniqueConstraint(
                fields=["unit", "kind"],
                condition=Q(state__in=["open", "watched", "confirmed"]),
                name="one_standing_doubt_per_unit_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "watched"]) | Q(decided_at__isnull=False),
                name="doubt_decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "watched"]) | ~Q(reason=""), name="doubt_decided_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=models.F("first_seen_at"), sightings__gte=1),
                name="doubt_seen_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "state", "-last_seen_at"], name="doubt_queue"),
            models.Index(
                fields=["brand"],
                condition=Q(state="open", alerted_at__isnull=True),
                name="doubt_not_told_yet",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.unit}"


MOST_DAYS = 30  # how far back the rules look


def _limit(label: Any, default: int, least: int, most: int, help_text: Any = "") -> Any:
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        validators=[MinValueValidator(least), MaxValueValidator(most)],
        help_text=help_text,
    )


class DoubtRules(models.Model):
    """From when on a brand doubts; a brand without a row has the defaults."""

    brand = models.OneToOneField(
        Brand, on_delete=models.CASCADE, related_name="doubt_rules", verbose_name=_("brand")
    )
    far_apart_km = _limit(
        _("far apart: least distance in km"),
        500,
        50,
        20_000,
        _("Between the borders of the two countries. Neighbours never count."),
    )
    flight_kmh = _limit(
        _("far apart: faster than km/h"), 900, 100, 5_000, _("An airliner flies about 900 km in an hour.")
    )
    counter_jump = _limit(_("counter jump: more than so many taps ahead"), 50, 2, 10_000)
    counter_jump_hours = _limit(_("counter jump: within hours"), 24, 1, 24 * MOST_DAYS)
    replay_visitors = _limit(
        _("counter went back: visitors with an old link"),
        3,
        2,
        100,
        _("One visitor with an old link is never a signal: it may be a bookmark."),
    )
    replay_days = _limit(_("counter went back: within days"), 7, 1, MOST_DAYS)
    code_visitors = _limit(_("many visitors: on one code or link"), 20, 3, 400)
    code_days = _limit(_("many visitors: within days"), 7, 1, MOST_DAYS)
    market_visitors = _limit(
        _("other market: visitors abroad"),
        3,
        2,
        100,
        _("Who was also seen in the unit's own market is a traveller, and does not count."),
    )
    market_days = _limit(_("other market: on so many days of the last 30"), 3, 1, MOST_DAYS)

    objects = BrandOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["brand"]
        verbose_name = _("rules of doubt")
        verbose_name_plural = _("rules of doubt")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    counter_jump_hours__range=(1, 24 * MOST_DAYS),
                    replay_days__range=(1, MOST_DAYS),
                    code_days__range=(1, MOST_DAYS),
                    market_days__range=(1, MOST_DAYS),
                ),
                name="doubt_rules_look_back_30_days",
            ),
            models.CheckConstraint(
                condition=Q(replay_visitors__gte=2, code_visitors__gte=2, market_visitors__gte=2),
                name="one_visitor_is_no_signal",
            ),
        ]

    def __str__(self) -> str:
        return str(self.brand)


class DoubtWatch(models.Model):
    """How far a brand's scans were looked at, and when its staff were last told."""

    brand = models.OneToOneField(
        Brand, on_delete=models.CASCADE, primary_key=True, related_name="doubt_watch", verbose_name=_("brand")
    )
    swept_until = models.DateTimeField(_("looked at until"))
    alerted_at = models.DateTimeField(_("staff alerted"), null=True, blank=True)

    class Meta:
        verbose_name = _("watch over a brand's scans")
        verbose_name_plural = _("watches over brands' scans")

    def __str__(self) -> str:
        return str(self.brand_id)
