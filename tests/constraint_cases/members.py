"""Members of households and organisations, and who was invited to join one."""

import datetime as dt

from ownership.models import Invitation, Member, Owner
from tests import factories
from tests.constraint_cases import NOW, breaks


def household(c):
    return Owner.objects.create(brand=c.acme, kind="household")


def member(c, **values):
    return Member.objects.create(**{"owner": household(c), "person": c.sam, "since": NOW, **values})


def invitation(c, **values):
    return Invitation.objects.create(
        **{
            "owner": household(c), "email": "bob@example.com", "locale": "en", "sent_at": NOW,
            "expires_at": NOW + dt.timedelta(days=14), **values,
        }
    )  # fmt: skip


@breaks("one_membership_per_person_and_owner")
def one_person_twice_in_a_household(c):
    first = member(c)
    member(c, owner=first.owner)


@breaks("member_role_known")
def a_member_of_no_role(c):
    member(c, person=factories.PersonFactory(), role="guest")


@breaks("one_invitation_per_address_and_owner")
def one_address_invited_twice(c):
    first = invitation(c)
    invitation(c, owner=first.owner)


@breaks("Invitation.code")
def two_invitations_of_one_code(c):
    first = invitation(c)
    invitation(c, code=first.code)


@breaks("invitation_role_known")
def an_invitation_to_no_role(c):
    invitation(c, role="guest")


@breaks("invitation_works_a_while")
def an_invitation_over_before_it_was_sent(c):
    invitation(c, expires_at=NOW)
