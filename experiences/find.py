"""Finding a unit by what its label says; guessing is limited and tells nothing."""

from dataclasses import dataclass

from products.limits import Limit, has_room, spend
from products.models import Unit

# Wrong guesses: by one address, and by everybody together at one model.
PER_ADDRESS = Limit("find-address", most=12, seconds=15 * 60)
PER_MODEL = Limit("find-model", most=300, seconds=60 * 60)


TWINS = 8  # serials that differ by their letters' case only; more of them are nobody's real label


@dataclass(frozen=True, slots=True)
class FindOutcome:
    """The unit, or why there is none: nothing asked yet, not found, or too many wrong guesses."""

    unit: Unit | None = None
    not_found: bool = False
    too_many: bool = False
    model_closed: bool = False  # too many wrong guesses by everybody together


def find_unit(*, model: str, serial: str, brand_id: int | None, address: str) -> FindOutcome:
    """Return the one unit with this model and serial, within the brand where one is given.

    The answer to a wrong model, a wrong serial and an ambiguous one is the same, so that nothing can
    be learnt by trying.
    """
    model_key = f"{brand_id or ''}:{model.strip().lower()}"
    if not has_room(PER_ADDRESS, address):
        return FindOutcome(too_many=True)
    if not has_room(PER_MODEL, model_key):
        return FindOutcome(model_closed=True)
    units = Unit.objects.typed(model, serial)
    if brand_id:
        units = units.filter(brand_id=brand_id)
    if unit := _the_one(list(units[:TWINS]), serial.strip()):
        return FindOutcome(unit=unit)
    spend(PER_ADDRESS, address)  # whoever reads their own label right takes no room
    spend(PER_MODEL, model_key)
    return FindOutcome(not_found=True)


def _the_one(found: list[Unit], serial: str) -> Unit | None:
    """Return the only unit found, or the only one whose serial is written exactly so."""
    if len(found) > 1:
        found = [unit for unit in found if unit.serial == serial]
    return found[0] if len(found) == 1 else None
