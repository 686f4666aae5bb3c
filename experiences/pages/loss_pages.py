"""The pages of a search: the owner's report, the finder's page, and what both write to each other."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.models import Scan
from experiences.countries import country_name
from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.tap import Tap
from ownership.models import FinderMessage, FinderThread, LossReport
from ownership.models.losses import LossKind, Sender


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A finder in the owner's list: counted, never named."""

    title: str
    last_at: dt.datetime
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPage(UnitFrame):
    """What `experiences/lost.html` shows to the owner."""

    form: forms.Form
    url: str
    end_url: str
    state: str  # the standing report in one sentence; '' where there is none
    seen: str
    threads: list[ThreadLine]
    whose: str  # who can change the report, where that is somebody else; '' where it is the visitor
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage(UnitFrame):
    """What `experiences/found.html` shows to anybody; the report only in the owner's own words for finders."""

    form: forms.Form | None
    url: str
    is_stolen: bool
    words: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPage(UnitFrame):
    """What `experiences/finder_thread.html` shows, from either side."""

    messages: list[dict[str, Any]]
    form: forms.Form | None
    url: str
    back_url: str
    is_over: bool
    by_mail: bool
    note: str
    problem: str


def build_lost_page(
    tap: Tap,
    form: forms.Form,
    report: LossReport | None,
    threads: list[FinderThread],
    seen: Scan | None,
    *,
    whose: str = "",
    problem: str = "",
) -> LostPage:
    code = tap.row.public_code
    title = _("You are looking for it") if report else _("Lost or stolen?")
    return LostPage(
        **unit_frame(tap, title),
        form=form,
        url=reverse("lost", args=[code]),
        end_url=reverse("lost_ended", args=[code]),
        state=_state(report, tap) if report else "",
        seen=_seen(seen, tap) if report else "",
        threads=[_line(thread, number, len(threads), code) for number, thread in enumerate(threads)],
        whose=whose,
        problem=problem,
    )


def _state(report: LossReport, tap: Tap) -> str:
    day = {"date": date_format(report.reported_at.astimezone(tap.brand.zone(tap.row.market)))}
    if report.kind == LossKind.STOLEN:
        return _("Reported stolen on %(date)s. Whoever opens its page reads that it is not for sale.") % day
    return _("Reported lost on %(date)s. Whoever opens its page can write to you.") % day


def _seen(scan: Scan | None, tap: Tap) -> str:
    if scan is None:
        return _("Nobody has held a phone to it since.")
    date = date_format(scan.at.astimezone(tap.brand.zone(tap.row.market)), "DATETIME_FORMAT")
    if scan.country:
        return _("Last opened on %(date)s, country: %(country)s. We don't know it nearer than that.") % {
            "date": date,
            "country": country_name(scan.country),
        }
    return _("Last opened on %(date)s. We don't know where.") % {"date": date}


def _line(thread: Any, place: int, of: int, code: str) -> ThreadLine:
    title = _("A finder wrote") if of == 1 else _("Finder %(number)s wrote") % {"number": of - place}
    return ThreadLine(title, thread.last_at, reverse("lost_thread", args=[code, thread.pk]))


def build_found_page(
    tap: Tap, form: forms.Form | None, report: LossReport | None, *, problem: str = ""
) -> FoundPage:
    """`form`: None where nobody can be written to but the brand."""
    return FoundPage(
        **unit_frame(tap, _("Thank you for opening its page")),
        form=form,
        url=reverse("found", args=[tap.row.public_code]),
        is_stolen=tap.row.stolen,
        words=report.words if report else "",
        problem=problem,
    )


def build_thread_page(
    tap: Tap,
    thread: FinderThread,
    messages: list[FinderMessage],
    form: forms.Form | None,
    me: Sender,
    *,
    url: str,
    problem: str = "",
) -> ThreadPage:
    """`me`: who reads. The other side is “the owner” or “the finder”, and nothing more."""
    is_finder = me is Sender.FINDER
    title = _("You and its owner") if is_finder else _("You and the finder")
    return ThreadPage(
        **unit_frame(tap, title),
        messages=[_said(message, me, tap) for message in messages],
        form=form,
        url=url,
        back_url="" if is_finder else reverse("lost", args=[tap.row.public_code]),
        is_over=form is None,
        by_mail=bool(is_finder and thread.email),
        note=_finders_note(thread) if is_finder else _("The finder does not learn who you are."),
        problem=problem,
    )


def _finders_note(thread: FinderThread) -> str:
    if thread.email:
        return _("When the owner answers, you get a mail. The owner does not learn who you are.")
    return _("Keep this page's address: the answer stands here. The owner does not learn who you are.")


def _said(message: FinderMessage, me: Sender, tap: Tap) -> dict[str, Any]:
    names = {Sender.FINDER: _("The finder"), Sender.OWNER: _("The owner")}
    return {
        "who": _("You") if message.sender == me else names[Sender(message.sender)],
        "mine": message.sender == me,
        "at": message.sent_at.astimezone(tap.brand.zone(tap.row.market)),
        "words": message.words,
    }
