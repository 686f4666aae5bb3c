"""What a signal may mean, in plain words for who has to decide: the suspicion, the honest causes, what to look at."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.kinds import DoubtKind


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was seen, what it may mean, and what else it may be."""

    seen: Any
    may_be: Any
    or_else: Any


MEANINGS: dict[DoubtKind, Meaning] = {
    DoubtKind.FAR_APART: Meaning(
        _("Two visitors scanned this one piece in two countries, sooner than anybody can fly between them."),
        _("Two things carry the same identity: a copied code, or a chip moved to another piece."),
        _(
            "One of two phones hides where it is (a VPN, a foreign SIM card), or somebody sent the printed code on."
        ),
    ),
    DoubtKind.COUNTER_JUMP: Meaning(
        _("The chip was read far more often between two taps than people tap."),
        _("Somebody reads the chip by machine, to study it or to collect links for copies."),
        _("It lay on a phone or a reader for a while, or was tested in a shop or a workshop."),
    ),
    DoubtKind.COUNTER_REGRESSION: Meaning(
        _(
            "Several visitors opened links that are older than the chip's last tap, and none of them made those links."
        ),
        _("A link of the real chip was copied, onto cheap chips or printed, and sold with imitations."),
        _("The owner shared old links, or opens them from several browsers."),
    ),
    DoubtKind.MANY_VISITORS: Meaning(
        _("More people opened one code or one link than stand before one piece."),
        _("The code was copied onto many pieces."),
        _("It is a display piece, or a picture of the code went around."),
    ),
    DoubtKind.NEVER_SHIPPED: Meaning(
        _("It was scanned although, by your records, it had not left the house."),
        _("It was stolen on the way, or its identity was printed or written before it was shipped."),
        _("It was tested in the house, or its shipping was not recorded."),
    ),
    DoubtKind.OTHER_MARKET: Meaning(
        _(
            "In the last 30 days it was scanned mostly outside its market, by several people and on several days."
        ),
        _("It was diverted: bought in one market to be sold in another."),
        _("It was sold on second hand, given away, or its owner moved."),
    ),
    DoubtKind.RETIRED: Meaning(
        _("The chip answered after the piece was retired."),
        _("It was not destroyed, or its chip was taken out and put on something else."),
        _("Its last holder kept the chip, or it waits to be recycled."),
    ),
    DoubtKind.REPORTED_LOST: Meaning(
        _("It was scanned while it is reported lost or stolen."),
        _("Somebody has it: the thief, a buyer who does not know, or a finder."),
        _("The owner found it and did not say so yet."),
    ),
}
