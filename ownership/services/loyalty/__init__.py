"""Points: given by rules, spent on rewards, expired, taken back, forgotten; see docs/adr/0018-loyalty.md."""

from ownership.services.loyalty.awarding import Round, award_by_hand, run_loyalty
from ownership.services.loyalty.codes import NewCodes, add_codes, read_codes
from ownership.services.loyalty.expiry import expire_points
from ownership.services.loyalty.forgetting import forget_loyalty
from ownership.services.loyalty.reversing import Reversed, reverse_entry, reversible_points
from ownership.services.loyalty.spending import redeem_reward

__all__ = [
    "NewCodes", "Reversed", "Round", "add_codes", "award_by_hand", "expire_points", "forget_loyalty", "read_codes",
    "redeem_reward", "reverse_entry", "reversible_points", "run_loyalty",
]  # fmt: skip
