"""Release and dispute: a claimant asks, the owner answers or is silent, staff decide, once more on appeal.

Each step locks the unit, then the request, and stands on the ledger. Neither side learns who the other is.
"""

from ownership.services.releases.answering import (
    approve_release,
    bring_to_desk,
    refuse_release,
    withdraw_release,
)
from ownership.services.releases.asking import ReleaseForm, ask_for_release, confirm_release
from ownership.services.releases.deciding import accept_decision, appeal_decision, decide_release
from ownership.services.releases.evidence import MOST_PIECES, add_evidence
from ownership.services.releases.offered import ask_to_take_over, call_off_offer

__all__ = [
    "MOST_PIECES",
    "ReleaseForm",
    "accept_decision",
    "add_evidence",
    "appeal_decision",
    "approve_release",
    "ask_for_release",
    "ask_to_take_over",
    "bring_to_desk",
    "call_off_offer",
    "confirm_release",
    "decide_release",
    "refuse_release",
    "withdraw_release",
]
