"""The verdict in a glance: a mark, a few words, one sentence of what it means. Honest to the word."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.kinds import Verdict
from experiences.tap import Shade


@dataclass(frozen=True, slots=True)
class VerdictView:
    value: str
    tone: str  # calm, plain, ask, doubt: the look; the mark and the words say the same without colour
    mark: str
    headline: str
    sentence: str


def view_verdict(verdict: Verdict, *, shade: Shade = Shade.NONE, holding: bool = False) -> VerdictView:
    """Return the words for what a link proved; `shade` is what the verdict leaves out."""
    headline, sentence = _words(verdict, shade, holding)
    tone, mark = {
        Verdict.GENUINE: ("calm", "✓"),
        Verdict.REFRESHED: ("calm", "✓"),
        Verdict.IDENTIFIED: ("plain", "○"),
        Verdict.REPLAYED: ("ask", "↻"),
        Verdict.TAMPERED: ("doubt", "!"),
        Verdict.INVALID: ("doubt", "!"),
        Verdict.UNKNOWN: ("doubt", "?"),
    }[verdict]
    return VerdictView(verdict.value, tone, mark, headline, sentence)


def _words(verdict: Verdict, shade: Shade, holding: bool) -> tuple[str, str]:
    if shade is not Shade.NONE:
        return _words_for_a_shade()[shade]
    if verdict is Verdict.REFRESHED and not holding:
        return _("Checked at your last tap"), _(
            "This is the page that you opened. Hold the phone to the tag to check again."
        )
    return _words_for_a_unit().get(verdict) or _words_for_no_unit()[verdict]


def _words_for_a_shade() -> dict[Shade, tuple[str, str]]:
    return {
        Shade.OWN_OLD_LINK: (
            _("Your link from an earlier tap"),
            _(
                "You opened this link before. Hold the phone to the tag again to check that the piece is with you."
            ),
        ),
        Shade.NO_COUNTER: (
            _("Identified by its chip"),
            _(
                "The chip's link is right, but this chip makes the same one at every tap, and a link can be copied."
                " So it does not prove that a piece is genuine."
            ),
        ),
        Shade.ANY_CHIP: (
            _("Identified by its chip"),
            _(
                "A chip of this maker made the link, but another of the same kind could have made it, too."
                " So it does not prove that this piece is genuine."
            ),
        ),
        Shade.OPENED_ONCE: (
            _("The protected part was opened once"),
            _(
                "The chip is real, and reports that the part it guards was opened at some time, even if it is closed"
                " now. Ask the maker before you buy or use it."
            ),
        ),
        Shade.GUARD_UNREAD: (
            _("Genuine, checked just now"),
            _(
                "The chip answered with a code that only the original can make. It could not say whether the part"
                " that it guards was opened: look at it yourself."
            ),
        ),
    }


def _words_for_a_unit() -> dict[Verdict, tuple[str, str]]:
    return {
        Verdict.GENUINE: (
            _("Genuine, checked just now"),
            _(
                "The chip answered with a code that only the original can make, and that was never used before."
            ),
        ),
        Verdict.REFRESHED: (
            _("Genuine, checked a moment ago"),
            _(
                "You are looking at the page of your last tap again. To check anew, hold the phone to the tag."
            ),
        ),
        Verdict.IDENTIFIED: (
            _("Identified by its code"),
            _(
                "This link names the piece. A printed or shared code can be copied,"
                " so it does not prove that a piece is genuine."
            ),
        ),
        Verdict.REPLAYED: (
            _("This link was used before"),
            _(
                "Hold the phone to the tag again. Every tap makes a new link; only a new one shows that the piece is here."
            ),
        ),
        Verdict.TAMPERED: (
            _("The protected part is open"),
            _(
                "The chip is real, and reports that the part it guards is open. What is inside may have been changed:"
                " ask the maker before you buy or use it."
            ),
        ),
    }


def _words_for_no_unit() -> dict[Verdict, tuple[str, str]]:
    return {
        Verdict.INVALID: (
            _("This code does not check"),
            _("The link is damaged, or no tag made it. Nothing is lost: hold the phone to the tag again."),
        ),
        Verdict.UNKNOWN: (
            _("We do not know this code"),
            _("No piece has it. Check that the whole link was opened, or type the serial number instead."),
        ),
    }
