"""Ownerships: counted, annulled, acquired."""

from ownership.models import Owner, Ownership
from tests.constraint_cases import NOW, breaks


def ownership(c, **values):
    """Make Alice's ownership of the cast's unit."""
    return Ownership.objects.create(
        **{"unit": c.unit, "owner": c.alice, "ordinal": 1, "since": NOW, **values}
    )


@breaks("one_counted_ownership_per_ordinal")
def two_first_owners(c):
    ownership(c, until=NOW)
    ownership(c, owner=c.bob)


@breaks("annulled_ownership_has_ended")
def an_annulled_ownership_that_lasts(c):
    ownership(c, annulled="mistake")


@breaks("ownership_acquired_in_a_known_way")
def an_ownership_won_in_a_lottery(c):
    ownership(c, acquired="lottery")


@breaks("several_people_act_as_members")
def an_organisation_that_is_a_person(c):
    Owner.objects.create(brand=c.acme, kind="organisation", person=c.sam)
