"""The tap: from a link to the facts of a page. Read it from top to bottom.

parse the link → verify (pure) → find the unit and consume the counter (one statement on PostgreSQL)
→ choose the stage (pure) → record the scan with the stage shown, all in one short transaction.
What fails on the way is data (`Refusal`), not an exception. Building and rendering the page comes
after, in `experiences/pages`.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db import transaction

from analytics.forged import count_forged_link
from analytics.kinds import Verdict
from analytics.models import Scan
from analytics.services import SCANS_THE_UNIT, NewScan, record_scan
from experiences.cards import BrandCard, ProductCard, brand_card, product_card
from experiences.devices import DeviceKey
from experiences.facts import (
    ChipKey,
    UnitRow,
    consume_and_read,
    read_by_chip,
    read_by_code,
    read_by_codes,
    read_by_key,
    stage_facts,
    uid_by_code,
)
from experiences.services import note_new_encoding, note_opened_seal
from experiences.stages import StageDecision, StageFacts, choose_stage
from experiences.visitors import Possession, Visitor
from products.models.units import TamperLoop
from products.profiles import LoadedProfile, find_profile
from products.services.devices import A_DAY, SILENT, note_use
from products.sun import SunError, SunMessage, TamperState, verify


@dataclass(frozen=True, slots=True)
class TapContext:
    """What the request says beside the link itself."""

    visitor: Visitor
    now: dt.datetime
    locale_for: Callable[[tuple[str, ...]], str]  # chooses among a brand's languages
    country: str = ""
    peek: bool = False  # a HEAD, a prefetch, a preview: consumes and records nothing
    possession: Possession | None = None  # what this browser can show of an earlier tap
    devices: tuple[DeviceKey, ...] = ()  # whom this browser says it is remembered for
    host: str = ""  # the domain that was asked, without its port


class Shade(StrEnum):
    """What the verdict alone leaves out, for the words beside it."""

    NONE = ""
    OWN_OLD_LINK = "own_old_link"  # replayed: this visitor's own
    NO_COUNTER = "no_counter"  # identified: the chip's links never change
    ANY_CHIP = "any_chip"  # identified: another chip of the profile could have made the link
    OPENED_ONCE = "opened_once"  # tampered: the guard is closed again, or the link is an old one
    GUARD_UNREAD = "guard_unread"  # genuine: the chip could not say how its guard is


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
    shade: Shade = Shade.NONE
    possession: Possession | None = None

    @property
    def viewer(self) -> str:
        """The rung of the trust ladder (`data-viewer`)."""
        if self.row.viewer_is_owner:
            return "owner"
        if self.row.viewer_reachable:
            return "reachable"
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
    shade: Shade = Shade.NONE
    is_tap: bool = True

    @property
    def scans_the_unit(self) -> bool:
        """Whether the visitor stood before the unit, and so counts among its visitors."""
        return self.is_tap and self.verdict.value in SCANS_THE_UNIT


def tap_chip(slug: str, raw_link: str, context: TapContext, *, code: str = "") -> Tap | Refusal:
    """Handle `/t/<profile>?…` and, where the link names its unit in the path, `/t/<profile>/<code>?…`.

    `raw_link` is the link as sent, without its scheme.
    """
    profile = find_profile(slug)
    if profile is None:
        return Refusal(Verdict.UNKNOWN, "unknown_profile")
    try:
        message = verify_link(raw_link, profile, code)
    except SunError as error:
        verdict = Verdict.UNKNOWN if error.code == "unknown_uid" else Verdict.INVALID
        return _refuse(verdict, error.code, profile, context)
    if message.uid is None and not code:
        return _refuse(Verdict.UNKNOWN, "unknown_uid", profile, context)
    with transaction.atomic():
        row = _read_chip(
            ChipKey(profile.pk, message.uid.hex() if message.uid else "", code), message, context
        )
        if row is not None:
            proof = _prove(row, message, profile, context)
            return _finish(_noted(row, message, profile, context), proof, context)
    return _refuse(Verdict.UNKNOWN, "no_such_tag", profile, context)


def verify_link(raw_link: str, profile: LoadedProfile, code: str) -> SunMessage:
    """Verify a chip link; raises SunError. The unit's code is looked at only where the chip's own key hangs on it."""
    try:
        return verify(raw_link, profile.sun)
    except SunError as error:
        uid = uid_by_code(profile.pk, code) if error.code == "unknown_uid" and code else None
        if uid is None:
            raise
    return verify(raw_link, profile.sun, uid=uid)


def tap_code(code: str, context: TapContext) -> Tap | Refusal:
    """Handle `/q/<code>`: a printed code identifies a unit and proves nothing."""
    with transaction.atomic():
        row = read_by_code(code, context.devices)
        if row is not None:
            return _finish(row, _Proof(Verdict.IDENTIFIED), context)
    return Refusal(Verdict.UNKNOWN, "unknown_code")


def tap_key(gtin: str, serial: str, context: TapContext) -> Tap | Refusal:
    """Handle a GS1 Digital Link URI with GTIN (14 digits) and serial: it identifies and proves nothing."""
    with transaction.atomic():
        row = read_by_key(gtin, serial, context.devices, context.host)
        if row is not None:
            return _finish(row, _Proof(Verdict.IDENTIFIED), context)
    return Refusal(Verdict.UNKNOWN, "unknown_key")


def look_at_key(gtin: str, serial: str, context: TapContext) -> Tap | Refusal:
    """Read the unit of a GS1 Digital Link for the resolver: no tap, so nothing is consumed or recorded."""
    row = read_by_key(gtin, serial, context.devices, context.host)
    if row is None:
        return Refusal(Verdict.UNKNOWN, "unknown_key")
    return _build(row, _Proof(Verdict.IDENTIFIED, is_tap=False), context)


def look_at_unit(code: str, context: TapContext, possession: Possession | None) -> Tap | Refusal:
    """Read a unit for one of its `/u/<code>/` pages: no tap, so nothing is consumed or recorded."""
    row = read_by_code(code, context.devices)
    if row is None:
        return Refusal(Verdict.UNKNOWN, "unknown_code")
    _note_use(row, context)
    held = possession if possession and possession.unit_id == row.unit_id else None
    proof = _Proof(Verdict.REFRESHED if held else Verdict.IDENTIFIED, is_tap=False)
    return replace(_build(row, proof, context), possession=held)


def look_at_units(codes: Sequence[str], context: TapContext) -> list[Tap]:
    """Read many units at once, for a list of them: in the order of the codes, without those that are unknown."""
    rows = {row.public_code: row for row in read_by_codes(codes, context.devices)}
    proof = _Proof(Verdict.IDENTIFIED, is_tap=False)
    return [_build(rows[code], proof, context) for code in codes if code in rows]


def _refuse(verdict: Verdict, code: str, profile: LoadedProfile, context: TapContext) -> Refusal:
    if not context.peek:
        count_forged_link(profile.slug, code, now=context.now)
    return Refusal(verdict, code, profile)


def _read_chip(key: ChipKey, message: SunMessage, context: TapContext) -> UnitRow | None:
    if message.counter is None or not message.is_bound or context.peek:
        return read_by_chip(key, context.devices)
    row = consume_and_read(
        key,
        counter=message.counter,
        version=message.key_version,
        visitor=context.visitor.id,
        devices=context.devices,
    )
    if row and not row.consumed and _is_new(row, message):
        # PostgreSQL's statement saw the tag as it was before a simultaneous request consumed the link.
        return read_by_chip(key, context.devices)
    return row


def _is_new(row: UnitRow, message: SunMessage) -> bool:
    seen = (row.key_version or 0, -1 if row.last_counter is None else row.last_counter)
    return message.counter is not None and seen < (message.key_version, message.counter)


def _prove(row: UnitRow, message: SunMessage, profile: LoadedProfile, context: TapContext) -> _Proof:
    counter = message.counter
    if not message.is_bound:
        return _Proof(Verdict.IDENTIFIED, counter, Shade.ANY_CHIP)
    if context.peek or row.tag_state != "active":
        return _Proof(Verdict.IDENTIFIED, counter)
    is_same_page = (
        (row.key_version, row.last_counter) == (message.key_version, counter)
        and row.last_visitor == context.visitor.id
        and not context.visitor.is_new
    )
    if profile.tamper_loop == TamperLoop.GUARD and message.was_opened:
        is_open_now = message.tamper is TamperState.OPEN and (row.consumed or is_same_page)
        return _Proof(Verdict.TAMPERED, counter, Shade.NONE if is_open_now else Shade.OPENED_ONCE)
    if counter is None:
        return _Proof(Verdict.IDENTIFIED, None, Shade.NO_COUNTER)
    if row.consumed:
        is_unread = profile.tamper_loop == TamperLoop.GUARD and message.tamper is TamperState.UNREADABLE
        return _Proof(Verdict.GENUINE, counter, Shade.GUARD_UNREAD if is_unread else Shade.NONE)
    if is_same_page:
        return _Proof(Verdict.REFRESHED, counter)
    return _Proof(Verdict.REPLAYED, counter, _shade_of_replay(row, counter, context))


def _shade_of_replay(row: UnitRow, counter: int, context: TapContext) -> Shade:
    own = not context.visitor.is_new and Scan.objects.filter(
        unit=row.unit_id, tag=row.tag_id, counter=counter, visitor=context.visitor.id, verdict=Verdict.GENUINE
    )
    return Shade.OWN_OLD_LINK if own and own.exists() else Shade.NONE


def _noted(row: UnitRow, message: SunMessage, profile: LoadedProfile, context: TapContext) -> UnitRow:
    """Put on the ledger what a chip says for the first time: its seal is open, it was encoded anew."""
    if row.tag_id is None or context.peek or not message.is_bound or row.tag_state != "active":
        return row
    if row.consumed and row.last_counter is not None and (row.key_version or 0) < message.key_version:
        note_new_encoding(
            unit_id=row.unit_id,
            brand_id=row.brand_id,
            tag_id=row.tag_id,
            version=message.key_version,
            now=context.now,
        )
    if profile.tamper_loop == TamperLoop.SEAL and message.was_opened and row.opened_at is None:
        note_opened_seal(unit_id=row.unit_id, brand_id=row.brand_id, now=context.now)
        return replace(row, opened_at=context.now)
    return row


def _finish(row: UnitRow, proof: _Proof, context: TapContext) -> Tap:
    tap = _build(row, proof, context)
    _note_use(row, context)
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


def _note_use(row: UnitRow, context: TapContext) -> None:
    """Keep up when the owner's browser was used last: a statement of its first request a day, and of no other.

    One that was silent for long stays so until a code was entered in it: whoever found the telephone is not asked
    for one otherwise.
    """
    used_at = row.viewer_used_at
    if not used_at or not row.viewer_device_id or context.peek:
        return
    if A_DAY <= context.now - used_at < SILENT:
        note_use(device_id=row.viewer_device_id, now=context.now)


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
    return Tap(row, proof.verdict, decision, facts, brand, product, locale, proof.shade)
