"""The pages of a request for release: asking, where the mail went, and the case as each side sees it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.forms import Form
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from analytics.models import Event
from experiences.cards import BrandCard, ProductCard, card_of, product_card
from experiences.outbox import outbox_is_open
from experiences.pages.modules import Contact
from experiences.pages.release_words import (
    claimant_words,
    giver_words,
    ground_to_owner,
    owner_words,
    step_words,
    taker_words,
)
from experiences.pages.unit_frame import UnitFrame, unit_frame
from experiences.release_form import AppealForm, ApproveForm, AskReleaseForm, EvidenceForm, RefuseForm
from experiences.tap import Tap
from ownership.models import Decision, ReleaseRequest
from ownership.models.releases import RELEASE_ENDED, RELEASE_OPEN, ReleaseState, Side
from ownership.services.releases import MOST_PIECES
from products.days import day_in
from products.fields import in_language

State = ReleaseState
# What each side may do in which state, the first of it first.
CLAIMANT_ACTS: Mapping[str, tuple[str, ...]] = {
    State.UNCONFIRMED: ("confirm",),
    State.ASKED: ("evidence", "withdraw"),
    State.REFUSED: ("desk", "evidence", "withdraw"),
    State.DESK: ("evidence", "withdraw"),
    State.DECIDED: ("evidence", "withdraw"),
    State.APPEALED: ("evidence", "withdraw"),
}
OWNER_ACTS: Mapping[str, tuple[str, ...]] = {
    State.ASKED: ("refuse", "approve", "evidence"),
    State.REFUSED: ("approve", "evidence"),
    State.DESK: ("refuse", "approve", "evidence"),
    State.APPEALED: ("evidence",),
    State.DECIDED: ("evidence",),
}
FORMS: Mapping[str, type[Form]] = {
    "approve": ApproveForm,
    "refuse": RefuseForm,
    "evidence": EvidenceForm,
    "appeal": AppealForm,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReleasePage(UnitFrame):
    """What `experiences/release_ask.html` shows; without a form where `problem` says why."""

    form: AskReleaseForm | None
    url: str
    problem: str
    must_tap: bool
    may_register_url: str
    days_kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSentPage(UnitFrame):
    """What `experiences/release_sent.html` shows: where the private link went, as it was typed here."""

    address: str
    again_url: str
    correct_url: str
    outbox_url: str
    problem: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken, on which day."""

    on: dt.date
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision as this side reads it."""

    title: str
    reason: str
    on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePage:
    """What `experiences/release.html` shows to one side."""

    title: str
    sentence: str
    brand: BrandCard
    product: ProductCard
    serial: str
    locale: str
    direction: str
    state: str
    side: str
    ground: str
    said_on: dt.date | None
    until: dt.date | None
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    pieces: int
    url: str
    unit_url: str
    own_url: str  # where the new owner enters
    offer_url: str  # where the owner who passes it on can call that off
    acts: tuple[str, ...]
    forms: Mapping[str, Form] = field(default_factory=dict)
    problem: str
    contact: Contact

    @property
    def subject(self) -> str:
        return f"{self.product.name} · {self.serial}"


def build_ask_page(
    tap: Tap, form: AskReleaseForm | None, *, days_kept: int, problem: str = "", must_tap: bool = False
) -> AskReleasePage:
    """`must_tap`: it has a chip, and this browser has not held it lately."""
    code = tap.row.public_code
    return AskReleasePage(
        **unit_frame(tap, _("Is it yours now?")),
        form=form,
        url=reverse("ask_release", args=[code]),
        problem=problem,
        must_tap=must_tap,
        may_register_url="" if tap.facts.is_owned else reverse("register", args=[code]),
        days_kept=days_kept,
    )


def build_release_sent_page(
    tap: Tap, release: ReleaseRequest, *, problem: str = "", can_correct: bool = True
) -> ReleaseSentPage:
    code = tap.row.public_code
    correct_url = reverse("ask_release", args=[code])
    if release.transfer is not None:
        correct_url = reverse("transfer_proof", args=[release.transfer.code])
    return ReleaseSentPage(
        **unit_frame(tap, _("One more step")),
        address=release.contact,
        again_url=reverse("release_sent", args=[code]),
        correct_url=correct_url if can_correct else "",
        outbox_url=reverse("outbox") if outbox_is_open() else "",
        problem=problem,
    )


def build_release_page(
    release: ReleaseRequest,
    side: Side,
    *,
    problem: str = "",
    sent: tuple[str, Form] | None = None,
) -> ReleasePage:
    """Return the case as this side sees it, in the active language; `sent`: the form that was refused."""
    unit = release.unit
    brand = card_of(unit.brand)
    decisions = list(release.decisions.all())
    won = bool(decisions) and decisions[-1].for_side == side
    title, sentence = _words(release, side, brand.name, won=won)
    acts, zone = acts_of(release, side, won=won), brand.zone(unit.market)
    unit_url, locale = reverse("unit_home", args=[unit.public_code]), get_language() or "en"
    return ReleasePage(
        title=title,
        sentence=sentence,
        brand=brand,
        product=product_card(unit.product_id, unit.brand.content_version, locale),
        serial=unit.serial,
        locale=locale,
        direction="rtl" if get_language_bidi() else "ltr",
        state=release.state,
        side=side.value,
        ground=_ground(release, side),
        said_on=day_in(zone, release.confirmed_at or release.sent_at),
        until=_until(release, zone),
        steps=tuple(_steps(release, side, zone)),
        verdicts=tuple(_verdict(release, decision, side, zone) for decision in decisions),
        pieces=release.evidence.filter(side=side).count(),
        url=reverse("release", args=[release.owner_code if side is Side.OWNER else release.code]),
        unit_url=unit_url,
        own_url=_own_url(release, side, unit_url),
        offer_url=_offer_url(release, side),
        acts=acts,
        forms={act: _form(act, sent) for act in acts if act in FORMS},
        problem=problem,
        contact=_contact(brand),
    )


def _words(release: ReleaseRequest, side: Side, house: str, *, won: bool) -> tuple[str, str]:
    """Return title and sentence of the case: who is at odds is told otherwise than who passes on and takes over."""
    if release.transfer_id is not None:
        return (giver_words if side is Side.OWNER else taker_words)(release.state, house)
    return (owner_words if side is Side.OWNER else claimant_words)(release.state, house, won=won)


def _ground(release: ReleaseRequest, side: Side) -> str:
    """Return why the claimant asks, as this side reads it; '' for an owner who offers it, for the sentence says so."""
    if side is Side.CLAIMANT:
        return str(release.get_ground_display())
    return "" if release.transfer_id is not None else ground_to_owner(release.ground)


def _offer_url(release: ReleaseRequest, side: Side) -> str:
    """Return where the owner sees what they offer, and can call it off."""
    stands = release.transfer_id is not None and release.state in RELEASE_OPEN and side is Side.OWNER
    return reverse("transfer", args=[release.unit.public_code]) if stands else ""


def _own_url(release: ReleaseRequest, side: Side, unit_url: str) -> str:
    """Return where a claimant to whom it was released comes in as its owner."""
    is_won = release.state == State.RELEASED and side is Side.CLAIMANT
    return f"{reverse('me_enter')}?next={unit_url}" if is_won else ""


def _until(release: ReleaseRequest, zone: ZoneInfo) -> dt.date | None:
    """Return the last day on which somebody may answer, contest or appeal; None where nothing runs out."""
    due = release.answer_by if release.state == State.ASKED else release.appeal_by
    return day_in(zone, due) if due and release.state in ("asked", "refused", "decided") else None


def acts_of(release: ReleaseRequest, side: Side, *, won: bool) -> tuple[str, ...]:
    """Return what this side may do now; the side that lost may appeal a decision or agree to it."""
    if release.state in RELEASE_ENDED or release.ownership.until is not None:
        return ()
    acts = (OWNER_ACTS if side is Side.OWNER else CLAIMANT_ACTS).get(release.state, ())
    if release.transfer_id is not None:  # an owner who offers it has nothing to answer
        acts = tuple(act for act in acts if act not in ("refuse", "approve"))
    if release.state == State.DECIDED and not won:
        acts = ("appeal", "accept", *acts)
    if release.state not in RELEASE_OPEN:
        return acts
    full = release.evidence.filter(side=side).count() >= MOST_PIECES
    return tuple(act for act in acts if act != "evidence" or not full)


def _form(act: str, sent: tuple[str, Form] | None) -> Form:
    if sent and sent[0] == act:
        return sent[1]
    return FORMS[act](auto_id=f"id_{act}_%s")


def _steps(release: ReleaseRequest, side: Side, zone: Any) -> list[Step]:
    """Read the case's steps from the ledger."""
    events = Event.objects.filter(unit=release.unit_id, data__release=release.pk).order_by("at", "id")
    offered = release.transfer_id is not None
    told = ((event, step_words(event.kind, event.data, side, offered=offered)) for event in events)
    return [Step(day_in(zone, event.at), what) for event, what in told if what]


def _verdict(release: ReleaseRequest, decision: Decision, side: Side, zone: Any) -> Verdict:
    title = _("Decided for you") if decision.for_side == side else _("Decided for the other side")
    if release.transfer_id is not None:
        given = decision.for_side == Side.CLAIMANT
        title = _("Why it was handed over") if given else _("Why it is not handed over")
    return Verdict(title, decision.reason, day_in(zone, decision.decided_at))


def _contact(brand: BrandCard) -> Contact:
    hours = in_language(brand.care_hours, get_language() or brand.locales[0], brand.locales[0])
    return Contact(brand.name, brand.care_email, brand.care_phone, hours)
