"""Sharing things with others: inviting by mail, and whose browser may say yes."""

import datetime as dt
import uuid

from allauth.account.models import EmailAddress
from django.db import transaction

from experiences.me import Me
from experiences.messages import ask_for_letter
from experiences.models import MessageKind
from ownership.contacts import person_with
from ownership.models import Invitation, Member, Owner
from ownership.models.owners import MemberRole
from ownership.models.registrations import ContactKind
from ownership.services.members import invite, invite_for_caller
from ownership.services.registrations import PROVISIONAL
from products.limits import Limit
from products.models import Person

INVITED = f"{PROVISIONAL}i-"  # begins the user name of somebody who was invited and is not known yet
# Each sends a mail to an address that somebody typed.
PER_GROUP = Limit("invitations", most=30, seconds=24 * 60 * 60)
PER_ADDRESS = Limit("invited-address", most=5, seconds=24 * 60 * 60)


def acting_member(me: Me, owner_id: int) -> Member | None:
    """Return as whom these people act in a group: as who looks after it where one of them does."""
    rows = Member.objects.filter(owner=owner_id, person__in=[person.pk for person in me.people])
    found = list(rows.select_related("owner__brand", "person"))
    found.sort(key=lambda member: member.role != MemberRole.ADMIN)
    return found[0] if found else None


@transaction.atomic
def invite_by_mail(
    *, owner_id: int, email: str, role: MemberRole, locale: str, actor: Person, now: dt.datetime
) -> Invitation:
    """Invite the address and write to it. Raises OwnershipError as `invite` does."""
    invitation = invite(owner_id=owner_id, email=email, role=role, locale=locale, actor=actor, now=now)
    _write(invitation, now)
    return invitation


@transaction.atomic
def invite_by_mail_for_caller(
    *, owner_id: int, email: str, role: MemberRole, locale: str, agent_id: int, now: dt.datetime
) -> Invitation:
    """The same in the name of somebody who called. Raises OwnershipError as `invite_for_caller` does."""
    invitation = invite_for_caller(
        owner_id=owner_id, email=email, role=role, locale=locale, agent_id=agent_id, now=now
    )
    _write(invitation, now)
    return invitation


def _write(invitation: Invitation, now: dt.datetime) -> None:
    ask_for_letter(
        kind=MessageKind.INVITATION,
        brand_id=invitation.owner.brand_id,
        owner_id=invitation.owner_id,
        about_id=invitation.pk,
        number=f"{now:%Y%m%d%H%M%S%f}",  # asked again, it is sent again
        locale=invitation.locale,
        now=now,
    )


def invited_among(me: Me, invitation: Invitation) -> Person | None:
    """Return which of these people has confirmed the address that was invited."""
    confirmed = EmailAddress.objects.filter(
        user__in=[person.pk for person in me.people], verified=True, email__iexact=invitation.email
    )
    address = confirmed.select_related("user").first()
    return address.user if address else None


@transaction.atomic
def person_to_reach(invitation: Invitation, *, now: dt.datetime) -> Person | None:
    """Return whom the code to the invited address lets in; somebody new is made for it. None for staff.

    Nothing is theirs before the code is entered; without that, they are forgotten like any address
    that nobody confirmed.
    """
    known = person_with(ContactKind.EMAIL, invitation.email)
    if known is not None:
        return known if known.is_active and not known.is_staff else None
    Owner.objects.select_for_update(no_key=True).get(pk=invitation.owner_id)  # a double click makes one
    waiting = Person.objects.filter(
        emailaddress__email=invitation.email, username__startswith=INVITED, last_login=None
    )
    if (person := waiting.first()) is not None:
        return person
    person = Person.objects.create(
        username=f"{INVITED}{uuid.uuid4().hex}", locale=invitation.locale, date_joined=now
    )
    person.set_unusable_password()
    Person.objects.filter(pk=person.pk).update(password=person.password)
    EmailAddress.objects.create(user=person, email=invitation.email, primary=True, verified=False)
    return person
