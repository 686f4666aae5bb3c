"""What happens to a unit between its sale and its end, and who owned it meanwhile."""

from ownership.services.life import record_sale, retire_unit
from ownership.services.ownerships import end_ownership, start_ownership

__all__ = ["end_ownership", "record_sale", "retire_unit", "start_ownership"]
