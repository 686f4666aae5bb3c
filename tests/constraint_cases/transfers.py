"""Offers to pass a unit on."""

import datetime as dt

from ownership.models import Transfer
from tests.constraint_cases import NOW, breaks
from tests.constraint_cases.ownerships import ownership


def transfer(c, **values):
    of = values.pop("ownership", None) or ownership(c)
    return Transfer.objects.create(
        **{"brand": c.acme, "unit": c.unit, "ownership": of, "kind": "sale", "started_at": NOW,
           "expires_at": NOW + dt.timedelta(days=14), **values}
    )  # fmt: skip


def ended(c):
    return ownership(c, until=NOW)


@breaks("one_open_transfer_per_unit")
def a_unit_offered_twice_at_once(c):
    first = transfer(c)
    transfer(c, ownership=first.ownership)


@breaks("transfer_kind_known")
def a_unit_that_was_gambled_away(c):
    transfer(c, kind="gambled")


@breaks("transfer_state_known")
def a_transfer_in_limbo(c):
    transfer(c, state="limbo", settled_at=NOW)


@breaks("transfer_settled_at_a_time")
def an_open_transfer_that_is_settled(c):
    transfer(c, settled_at=NOW)


@breaks("transfer_settled_at_a_time")
def a_transfer_called_off_at_no_time(c):
    transfer(c, state="cancelled")


@breaks("only_an_accepted_transfer_has_a_new_owner")
def a_new_owner_by_a_transfer_called_off(c):
    of = ended(c)
    transfer(
        c, ownership=of, state="cancelled", settled_at=NOW, taken_over=ownership(c, owner=c.bob, ordinal=2)
    )


@breaks("accepted_transfer_has_a_new_owner")
def a_sale_accepted_by_nobody(c):
    transfer(c, state="accepted", settled_at=NOW)


@breaks("no_transfer_to_the_same_ownership")
def a_transfer_to_oneself(c):
    of = ended(c)
    transfer(c, ownership=of, state="accepted", settled_at=NOW, taken_over=of)


@breaks("transfer_works_a_while")
def an_offer_that_ends_when_it_begins(c):
    transfer(c, expires_at=NOW)


@breaks("accepted_transfer_names_no_recipient")
def an_accepted_transfer_that_remembers_an_address(c):
    of = ended(c)
    transfer(
        c, ownership=of, state="accepted", settled_at=NOW, recipient="bob@example.com",
        taken_over=ownership(c, owner=c.bob, ordinal=2),
    )  # fmt: skip


@breaks("Transfer.code")
def two_transfers_under_one_code(c):
    first = transfer(c, code="0" * 20, state="cancelled", settled_at=NOW)
    transfer(c, ownership=first.ownership, code="0" * 20)


@breaks("Transfer.taken_over")
def two_transfers_that_made_one_owner(c):
    of = ended(c)
    taken = ownership(c, owner=c.bob, ordinal=2)
    for _time in range(2):
        transfer(c, ownership=of, state="accepted", settled_at=NOW, taken_over=taken)
