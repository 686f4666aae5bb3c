"""The tap: from a link to the facts of a page. Read it from top to bottom.

parse the link → verify (pure) → find the unit and consume the counter (one statement on PostgreSQL)
→ choose the stage (pure) → record the scan with the stage shown, all in one short transaction.
What fails on the way is data (`Refusal`), not an exception. Building and rendering the page comes
after, in `experiences/pages`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import transaction

from analytics.forged import count_forged_link
from analytics.kinds import Verdict
from analytics.models import Scan
from analytics.services import SCANS_THE_UNIT, NewScan, record_scan
from experiences.cards import BrandCard, ProductCard, brand_card, product_card
from experiences.devices import NO_DEVICE, DeviceKey
from experiences.facts import UnitRow, consume_and_read, read_by_chip, read_by_code, read_by_key, stage_facts
from experiences.stages import StageDecision, StageFacts, choose_stage
from experiences.visitors import Possession, Visitor
from products.profiles import LoadedProfile, find_profile
from products.sun import SunError, SunMessage, verify


@dataclass(frozen=True, slots=True)
class TapContext:
    """What the request says beside the link itself."""

    visitor: Visitor
    now: dt.datetime
    locale_for: Callable[[tuple[str, ...]], str]  # chooses among a brand's languages
    country: str = ""
    peek: bool = False  # a HEAD, a prefetch, a preview: consumes and records nothing
    possession: Possession | None = None  # what this browser can show of an earlier tap
    device: DeviceKey = NO_DEVICE  # whom this browser says it is remembered for


@dataclass(frozen=True, slots=True)
class Tap:
    """A handled tap: the unit, what the link proves, the stage, and the shared parts of its page."""

    row: UnitRow
    verdict: Verdict
    decision: StageDecision
    facts: StageFacts
    brand: BrandCard
    product: ProductCard
    locale: str
    own_old_link: bool = False
    possession: Possession | None = None

    @property
    def viewer(self) -> str:
        """The rung of the trust ladder (`data-viewer`)."""
        if self.row.viewer_is_owner:
            return "owner"
        return "holding" if self.possession else "looking"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A link that leads to no unit: `invalid` or `unknown`, why, and whose link it pretended to be."""

    verdict: Verdict
    code: str
    profile: LoadedProfile | None = None


@dataclass(frozen=True, slots=True)
class _Proof:
    """What verification established about the tag."""

    verdict: Verdict
    counter: int | None = None
    own_old_link: bool = False
    is_tap: bool = True

    @property
    def scans_the_unit(self) -> bool:
        """Whether the visitor stood before the unit, and so counts among its visitors."""
        return self.is_tap and self.verdict.value in SCANS_THE_UNIT


def tap_chip(slug: str, raw_link: str, context: TapContext) -> Tap | Refusal:
    """Handle `/t/<profile>?…`; `raw_link` is the link as sent, without its scheme."""
    profile = find_profile(slug)
    if profile is None:
        return Refusal(Verdict.UNKNOWN, "unknown_profile")
    try:
        message = verify(raw_link, profile.sun)
    except SunError as error:
        return _refuse(Verdict.INVALID, error.code, profile, context)
    with transaction.atomic():
        row = _read_chip(profile, message, context)
        if row is not None:
            return _finish(row, _prove(row, message, context), context)
    return _refuse(Verdict.UNKNOWN, "no_such_tag", profile, context)


def tap_code(code: str, context: TapContext) -> Tap | Refusal:
    """Handle `/q/<code>`: a printed code identifies a unit and proves nothing."""
    with transaction.atomic():
        row = read_by_code(code, context.device)
        if row is not None:
            return _finish(row, _Proof(Verdict.IDENTIFIED), context)
    return Refusal(Verdict.UNKNOWN, "unknown_code")


def tap_key(gtin: str, serial: str, context: TapContext) -> Tap | Refusal:
    """Handle a GS1 Digital Link URI with GTIN (14 digits) and serial: it identifies and proves nothing."""
    with transaction.atomic():
        row = read_by_key(gtin, serial, context.device)
        if row is not None:
            return _finish(row, _Proof(Verdict.IDENTIFIED), context)
    return Refusal(Verdict.UNKNOWN, "unknown_key")


def look_at_unit(code: str, context: TapContext, possession: Possession | None) -> Tap | Refusal:
    """Read a unit for one of its `/u/<code>/` pages: no tap, so nothing is consumed or recorded."""
    row = read_by_code(code, context.device)
    if row is None:
        return Refusal(Verdict.UNKNOWN, "unknown_code")
    held = possession if possession and possession.unit_id == row.unit_id else None
    proof = _Proof(Verdict.REFRESHED if held else Verdict.IDENTIFIED, is_tap=False)
    return replace(_build(row, proof, context), possession=held)


def _refuse(verdict: Verdict, code: str, profile: LoadedProfile, context: TapContext) -> Refusal:
    if not context.peek:
        count_forged_link(profile.slug, code, now=context.now)
    return Refusal(verdict, code, profile)


def _read_chip(profile: LoadedProfile, message: SunMessage, context: TapContext) -> UnitRow | None:
    if message.uid is None:
        return None
    uid = message.uid.hex()
    if message.read_ctr is None or context.peek:
        return read_by_chip(profile.pk, uid, context.device)
    row = consume_and_read(profile.pk, uid, message.read_ctr, context.visitor.id, context.device)
    if row and not row.consumed and (row.last_counter is None or row.last_counter < message.read_ctr):
        # PostgreSQL's statement saw the tag as it was before a simultaneous request consumed the link.
        return read_by_chip(profile.pk, uid, context.device)
    return row


def _prove(row: UnitRow, message: SunMessage, context: TapContext) -> _Proof:
    counter = message.read_ctr
    if counter is None or context.peek or row.tag_state != "active":
        return _Proof(Verdict.IDENTIFIED, counter)
    if row.consumed:
        return _Proof(Verdict.GENUINE, counter)
    if context.visitor.is_new:
        return _Proof(Verdict.REPLAYED, counter)
    if row.last_counter == counter and row.last_visitor == context.visitor.id:
        return _Proof(Verdict.REFRESHED, counter)
    own = Scan.objects.filter(
        unit=row.unit_id, tag=row.tag_id, counter=counter, visitor=context.visitor.id, verdict=Verdict.GENUINE
    ).exists()
    return _Proof(Verdict.REPLAYED, counter, own_old_link=own)


def _finish(row: UnitRow, proof: _Proof, context: TapContext) -> Tap:
    tap = _build(row, proof, context)
    if not context.peek:
        record_scan(
            NewScan(
                at=context.now,
                brand_id=row.brand_id,
                unit_id=row.unit_id,
                tag_id=row.tag_id,
                counter=proof.counter,
                verdict=proof.verdict.value,
                stage=tap.decision.stage.value,
                visitor=context.visitor.id,
                locale=tap.locale,
                country=context.country,
            )
        )
    return replace(tap, possession=_possession(row, proof, context))


def _possession(row: UnitRow, proof: _Proof, context: TapContext) -> Possession | None:
    """Return a new possession for a genuine tap; for a reload the one that the tap left, while it lasts."""
    if proof.counter is None or row.tag_id is None:
        return None
    if proof.verdict is Verdict.GENUINE:
        return Possession(row.unit_id, row.tag_id, proof.counter, context.visitor.id, context.now)
    held = context.possession
    same = held is not None and (held.tag_id, held.counter) == (row.tag_id, proof.counter)
    return held if same and proof.verdict is Verdict.REFRESHED else None


def _build(row: UnitRow, proof: _Proof, context: TapContext) -> Tap:
    brand = brand_card(row.brand_id, row.content_version)
    locale = context.locale_for(brand.locales)
    product = product_card(row.product_id, row.content_version, locale)
    visitor = context.visitor.id if proof.scans_the_unit and not context.peek else None
    facts = stage_facts(row, zone=brand.zone(row.market), now=context.now, visitor=visitor)
    decision = choose_stage(facts, product.policy)
    return Tap(row, proof.verdict, decision, facts, brand, product, locale, proof.own_old_link)
