"""What happens to a unit between its sale and its end, and who owned it meanwhile."""

from ownership.services.life import record_sale, retire_unit
from ownership.services.ownerships import annul_ownership, end_ownership, hand_over, start_ownership

__all__ = ["annul_ownership", "end_ownership", "hand_over", "record_sale", "retire_unit", "start_ownership"]
