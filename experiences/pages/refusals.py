"""Pages for links that lead to no unit: what happened, what is safe, what to do now."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from analytics.kinds import Verdict
from experiences.cards import BrandCard
from experiences.pages.unit_page import Action
from experiences.pages.verdicts import VerdictView, view_verdict
from experiences.tap import Refusal


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """What `experiences/refusal.html` shows."""

    title: str
    verdict: VerdictView
    detail: str
    code: str
    brand: BrandCard | None
    action: Action
    quieter: list[Action]
    status: int
    locale: str
    direction: str


def build_refusal_page(refusal: Refusal, brand: BrandCard | None) -> RefusalPage:
    verdict = view_verdict(refusal.verdict)
    first, second = _actions(refusal.verdict, brand)
    return RefusalPage(
        title=verdict.headline,
        verdict=verdict,
        detail=_detail(refusal.code),
        code=refusal.code,
        brand=brand,
        action=first,
        quieter=[second],
        status=400 if refusal.verdict is Verdict.INVALID else 404,
        locale=get_language() or "en",
        direction="rtl" if get_language_bidi() else "ltr",
    )


def _actions(verdict: Verdict, brand: BrandCard | None) -> tuple[Action, Action]:
    """Return the better of the two ways to the piece first: a new tap may mend a bad link, not an unknown one."""
    url = reverse("find_brand", args=[brand.slug]) if brand else reverse("find")
    find = Action("find", _("Find it by its serial number"), url)
    tap_again = Action("tap-again", _("How to tap again"), reverse("find_help"))
    return (tap_again, find) if verdict is Verdict.INVALID else (find, tap_again)


def _detail(code: str) -> str:
    """Return what was wrong with the link, said to a person who did not write it."""
    return {
        "missing_parameter": _("A part of the link is missing; it was probably cut when it was copied."),
        "repeated_parameter": _("A part of the link stands in it twice."),
        "oversized": _("The link is far longer than any that a tag makes."),
        "not_hex": _("The link holds characters that no tag writes."),
        "wrong_length": _(
            "A part of the link is too short or too long; it was probably cut when it was copied."
        ),
        "bad_picc_data": _("The link can't be read. It was changed, or another chip made it."),
        "mac_mismatch": _("The link can't be read. It was changed, or another chip made it."),
        "unknown_uid": _(
            "The link does not say which piece it stands on. The serial number leads to the piece."
        ),
        "unknown_profile": _("No maker here uses this kind of link."),
        "no_such_tag": _(
            "The chip is real, but no piece carries it yet. It may not have been recorded so far."
        ),
        "unknown_code": _("The code may be mistyped or cut."),
        "unknown_key": _("The number under the barcode and the serial number name no piece here."),
        "bad_identifier": _("The link is not written as such links are; a digit may be wrong."),
    }[code]
