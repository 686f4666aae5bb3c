"""The pages of points: what one has, what it is exchanged for, and what one got."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from experiences.cards import BrandCard
from experiences.loyalty import Purse, amount, is_left
from experiences.markdown import render_markdown
from experiences.pages.me.frame import MeFrame, me_frame
from ownership.models import LoyaltyEntry, Redemption, Reward
from ownership.models.loyalty import EntryKind, RewardKind
from ownership.services.loyalty.lots import lots_left
from products.days import day_in
from products.fields import in_language

MOST_LINES = 30  # of the history on the page; the archive of one's data holds all


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward, and what can be done about it now: an address to exchange points at, or a sentence."""

    name: str
    body: SafeString
    cost: str
    url: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Taken:
    name: str
    on: dt.date
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    on: dt.date
    what: str
    points: str


@dataclass(frozen=True, slots=True)
class Earning:
    what: str
    points: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One owner's points at one brand."""

    house: str
    name: str
    whose: str  # the name of a household or an organisation; '' for oneself
    balance: str
    expiries: list[str]
    invitation: str  # what is missing to take part; '' where one does
    invitation_url: str
    offers: list[Offer]
    taken: list[Taken]
    lines: list[Line]
    earnings: list[Earning]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsPage(MeFrame):
    """What `me/points.html` shows."""

    programmes: list[Programme]


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardPage(MeFrame):
    """What `me/reward.html` shows: one reward, and the one question."""

    house: str
    name: str
    body: SafeString
    cost: str
    balance: str
    afterwards: str
    form: forms.Form | None
    url: str
    back_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPage(MeFrame):
    """What `me/taken.html` shows: a code, or what may be read now."""

    house: str
    name: str
    body: SafeString
    code: str
    content: SafeString
    on: dt.date
    back_url: str


def build_points_page(brand: BrandCard | None, purses: list[Purse]) -> PointsPage:
    frame = me_frame(_("My points"), brand, reverse("me_points"))
    return PointsPage(**frame, programmes=[_programme(purse) for purse in purses])


def build_reward_page(
    brand: BrandCard | None, purse: Purse, reward: Reward, form: forms.Form | None, *, problem: str = ""
) -> RewardPage:
    """`form`: None where there is nothing to send, because it can't be exchanged now."""
    url = reverse("me_reward", args=[purse.owner.pk, reward.pk])
    frame = me_frame(_say(purse, reward.names), brand, url)
    after = purse.balance - reward.cost
    return RewardPage(
        **frame,
        house=purse.owner.brand.name,
        name=frame["title"],
        body=render_markdown(_say(purse, reward.bodies)),
        cost=_amount(purse, reward.cost),
        balance=_amount(purse, purse.balance),
        afterwards=_amount(purse, after) if after >= 0 else "",
        form=form,
        url=url,
        back_url=reverse("me_points"),
        problem=problem or ("" if form else hindrance(purse, reward)),
    )


def build_taken_page(brand: BrandCard | None, purse: Purse, taken: Redemption) -> TakenPage:
    reward, code = taken.reward, getattr(taken, "code", None)
    frame = me_frame(_say(purse, reward.names), brand, reverse("me_taken", args=[taken.pk]))
    return TakenPage(
        **frame,
        house=purse.owner.brand.name,
        name=frame["title"],
        body=render_markdown(_say(purse, reward.bodies)),
        code=code.code if code else "",
        content=render_markdown(_say(purse, reward.content)) if reward.kind == RewardKind.CONTENT else SafeString(""),
        on=_day(purse, taken.at),
        back_url=reverse("me_points"),
    )  # fmt: skip


def hindrance(purse: Purse, reward: Reward) -> str:
    """Return why the reward can't be exchanged now; '' where it can."""
    if reward.kind == RewardKind.CONTENT and any(one.reward_id == reward.pk for one in purse.taken):
        return _("You have it.")
    if not is_left(reward):
        return _("None is left at the moment.")
    if purse.balance < reward.cost:
        return _("%(amount)s more, and it is yours.") % {
            "amount": _amount(purse, reward.cost - purse.balance)
        }
    if not purse.may_spend:
        return _("Whoever looks after it can exchange these.")
    return ""


def line_words(line: LoyaltyEntry, say: Any) -> str:
    """Return what a line of the ledger was for; `say` reads the brand's texts."""
    if line.kind == EntryKind.EXPIRY:
        return _("Expired")
    if line.kind == EntryKind.REDEMPTION:
        taken = getattr(line, "redemption", None)
        return _("Exchanged: %(reward)s") % {"reward": say(taken.reward.names)} if taken else _("Exchanged")
    if line.kind == EntryKind.REVERSAL and line.reverses:
        about = line_words(line.reverses, say)
        return (_("Given back: %(what)s") if line.points > 0 else _("Taken back: %(what)s")) % {"what": about}
    return say(line.rule.names) if line.rule else _("With the house's compliments")


def _programme(purse: Purse) -> Programme:
    def say(texts: dict[str, str]) -> str:
        return _say(purse, texts)

    invitation, invitation_url = _invitation(purse)
    return Programme(
        house=purse.owner.brand.name,
        name=say(purse.programme.names),
        whose="" if purse.owner.person_id else purse.owner.name,
        balance=_amount(purse, purse.balance),
        expiries=_expiries(purse),
        invitation=invitation,
        invitation_url=invitation_url,
        offers=[_offer(purse, reward) for reward in purse.rewards],
        taken=[
            Taken(say(one.reward.names), _day(purse, one.at), reverse("me_taken", args=[one.pk]))
            for one in purse.taken
        ],
        lines=[
            Line(_day(purse, line.at), line_words(line, say), _signed(purse, line.points))
            for line in purse.lines[:MOST_LINES]
        ],
        earnings=[Earning(say(rule.names), _amount(purse, rule.points)) for rule in purse.rules],
    )


def _invitation(purse: Purse) -> tuple[str, str]:
    if purse.takes_part:
        return "", ""
    if purse.asks_for_a_yes:
        return _("You don't take part yet. Say yes, and what comes earns you points."), reverse("me_consents")
    return _("Points begin once your address is confirmed: ask for a code and enter it."), ""


def _expiries(purse: Purse) -> list[str]:
    """Say when how much of it is over, day by day."""
    days: dict[dt.date, int] = {}
    for lot in lots_left(purse.lines):
        if lot.expires_at:
            day = _day(purse, lot.expires_at)
            days[day] = days.get(day, 0) + lot.points
    return [
        _("%(amount)s until %(day)s") % {"amount": _amount(purse, points), "day": date_format(day)}
        for day, points in sorted(days.items())
    ]


def _offer(purse: Purse, reward: Reward) -> Offer:
    sentence = hindrance(purse, reward)
    return Offer(
        name=_say(purse, reward.names),
        body=render_markdown(_say(purse, reward.bodies)),
        cost=_amount(purse, reward.cost),
        url="" if sentence else reverse("me_reward", args=[purse.owner.pk, reward.pk]),
        sentence=sentence,
    )


def _say(purse: Purse, texts: dict[str, str]) -> str:
    return in_language(texts, _locale(), purse.owner.brand.default_locale)


def _locale() -> str:
    return get_language() or "en"


def _amount(purse: Purse, points: int) -> str:
    return amount(points, purse.programme.points_words, _locale(), purse.owner.brand.default_locale)


def _signed(purse: Purse, points: int) -> str:
    sign = "+" if points > 0 else "\N{MINUS SIGN}"
    return f"{sign}{_amount(purse, abs(points))}"


def _day(purse: Purse, at: dt.datetime) -> dt.date:
    return day_in(ZoneInfo(purse.owner.brand.time_zone), at)
