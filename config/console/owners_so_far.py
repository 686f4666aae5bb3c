"""Who owned a unit so far, and what is open about it, for its page in the console."""

from dataclasses import dataclass

from ownership.models import Ownership, ReleaseRequest, Transfer
from products.models import Unit

MOST = 50


@dataclass(frozen=True, slots=True)
class OwnersSoFar:
    """What the template shows; empty for who may not see owners. Names are read on the owners' own pages."""

    ownerships: tuple[Ownership, ...] = ()
    transfer: Transfer | None = None
    release: ReleaseRequest | None = None

    def __bool__(self) -> bool:
        return bool(self.ownerships or self.transfer or self.release)


def read_owners_so_far(unit: Unit) -> OwnersSoFar:
    """Gather it in a fixed number of statements, annulled ownerships included, the newest first."""
    rows = Ownership.objects.of_unit(unit).order_by("-since", "-pk")[:MOST]
    return OwnersSoFar(
        tuple(rows),
        Transfer.objects.of_unit(unit).open().first(),
        ReleaseRequest.objects.of_unit(unit).open().first(),
    )
