"""The console's home page: today in numbers, each computed from the rows, in a fixed number of statements."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.kinds import EventKind, Flag, Verdict
from analytics.models import ForgedLinkCount, Scan, UnitActivity, UnitFacts
from ownership.models import Registration
from products.console import LEDGER_READERS, Access
from products.days import day_in
from products.models import Brand, Job, Unit


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its period, what it is a share of where it is one, and where its rows are."""

    label: str
    value: int
    period: str
    note: str = ""
    url: str = ""
    needs_attention: bool = False


@dataclass(frozen=True, slots=True)
class _Today:
    access: Access
    start: dt.datetime
    zone: str

    @property
    def period(self) -> str:
        return _("today, %(zone)s") % {"zone": self.zone}

    @property
    def week(self) -> dt.datetime:
        """The midnight that began the last seven days, of which today is one."""
        return self.start - dt.timedelta(days=6)


def today_in_numbers(access: Access, now: dt.datetime) -> list[Number]:
    """Return the numbers of the person's brands; none for roles that don't read the ledger."""
    if not access.allows(LEDGER_READERS):
        return []
    today = _today(access, now)
    return [*_taps(today), *_registrations(today), _forged(today, now), _flagged(today), _jobs(today)]


def _today(access: Access, now: dt.datetime) -> _Today:
    """Today begins at midnight where the one brand is, else in UTC."""
    zone = "UTC"
    if access.only_brand is not None:
        zone = Brand.objects.values_list("time_zone", flat=True).get(pk=access.only_brand)
    place = ZoneInfo(zone)
    start = dt.datetime.combine(day_in(place, now), dt.time(), place)
    return _Today(access, start, zone)


def _taps(today: _Today) -> list[Number]:
    scans = today.access.limit(Scan.objects.all(), "brand", LEDGER_READERS).filter(at__gte=today.start)
    counts = Counter(dict(scans.order_by().values_list("verdict").annotate(Count("id"))))
    total = counts.total()
    of = _("of %(total)d taps") % {"total": total}
    scans_url = "analytics/scan/"
    return [
        Number(_("Taps"), total, today.period, _("every opened link of a unit"), scans_url),
        Number(
            _("Genuine"), counts[Verdict.GENUINE], today.period, of, f"{scans_url}?verdict__exact=genuine"
        ),
        Number(
            _("Link used before"), counts[Verdict.REPLAYED], today.period, of,
            f"{scans_url}?verdict__exact=replayed",
        ),
    ]  # fmt: skip


def _registrations(today: _Today) -> list[Number]:
    """Registrations, of the units that were opened for the first time in the same period."""
    sent = today.access.limit(Registration.objects.all(), "brand", LEDGER_READERS)
    counts = sent.filter(created_at__gte=today.week).aggregate(
        week=Count("pk"), day=Count("pk", filter=Q(created_at__gte=today.start))
    )
    opened = today.access.limit(UnitActivity.objects.all(), "unit__brand", LEDGER_READERS)
    first = opened.filter(first_scan_at__gte=today.week).aggregate(
        week=Count("pk"), day=Count("pk", filter=Q(first_scan_at__gte=today.start))
    )
    url = f"analytics/event/?kind={EventKind.REGISTRATION_SENT.value}"
    week = _("last 7 days, %(zone)s") % {"zone": today.zone}
    return [
        Number(_("Registrations"), counts["day"], today.period, _first_opened(first["day"]), url),
        Number(_("Registrations in a week"), counts["week"], week, _first_opened(first["week"]), url),
    ]


def _first_opened(units: int) -> str:
    return ngettext(
        "%(units)d unit was opened for the first time",
        "%(units)d units were opened for the first time",
        units,
    ) % {"units": units}


def _forged(today: _Today, now: dt.datetime) -> Number:
    """Forged links stand on no unit, so they are counted by the day in UTC."""
    counts = today.access.limit(ForgedLinkCount.objects.all(), "brand", LEDGER_READERS)
    links = counts.filter(day=now.astimezone(dt.UTC).date()).aggregate(links=Sum("links"))["links"] or 0
    note = _("links that did not check, counted every minute")
    return Number(_("Forged links"), links, _("today, UTC"), note, "analytics/forgedlinkcount/", links > 0)


def _flagged(today: _Today) -> Number:
    facts = today.access.limit(UnitFacts.objects.all(), "unit__brand", LEDGER_READERS)
    raised = {flag.value: Count("pk", filter=Q(**{flag.value: True})) for flag in Flag}
    flags = [flag.value for flag in Flag]
    counts = facts.flagged(*flags).aggregate(units=Count("pk"), **{f"up_{n}": c for n, c in raised.items()})
    units = today.access.limit(Unit.objects.all(), "brand", LEDGER_READERS).count()
    words = ", ".join(f"{counts[f'up_{f.value}']} {f.label}" for f in Flag if counts[f"up_{f.value}"])
    note = _("of %(total)d units") % {"total": units} + (f": {words}" if words else "")
    return Number(
        _("Units flagged"), counts["units"], _("now"), note, "products/unit/?flag=any", counts["units"] > 0
    )


def _jobs(today: _Today) -> Number:
    jobs = today.access.limit(Job.objects.all(), "brand", LEDGER_READERS)
    counts = jobs.filter(state__in=["waiting", "running"]).aggregate(
        running=Count("pk", filter=Q(state="running")), waiting=Count("pk", filter=Q(state="waiting"))
    )
    note = _("and %(waiting)d waiting") % {"waiting": counts["waiting"]}
    return Number(_("Running jobs"), counts["running"], _("now"), note, "products/job/")
