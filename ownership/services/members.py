"""The people of a household or an organisation: founding one, inviting, roles, leaving."""

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.errors import OwnershipError
from ownership.models import Invitation, Member, Owner, Ownership
from ownership.models.owners import MemberRole, OwnerKind
from ownership.services.group_letters import pass_letters_on
from ownership.services.holding import refuse_on_hold
from products.codes import new_public_code
from products.models import Person

INVITED_FOR = dt.timedelta(days=14)
MOST_GROUPS = 10  # that one person looks after, at one brand
MOST_PEOPLE = 200  # members and invitations of one group


@transaction.atomic
def found_group(
    *, person: Person, brand_id: int, kind: OwnerKind, name: str, locale: str, now: dt.datetime
) -> Owner:
    """Make a household or an organisation that the person looks after; letters about it go to the person.

    One of the same kind and name that they look after already is returned instead: the form was sent twice.
    Raises OwnershipError: `unconfirmed` (the person never confirmed an address), `other_brand` (nothing of
    theirs is at this brand), `too_many`.
    """
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    refuse_unconfirmed(person)
    own = own_row(person, brand_id)
    mine = Owner.objects.filter(
        brand=brand_id, members__person=person, members__role=MemberRole.ADMIN
    ).exclude(kind=OwnerKind.PERSON)
    known: Owner | None = mine.filter(kind=kind, name=name).first()
    if known is not None:
        return known
    if mine.count() >= MOST_GROUPS:
        raise OwnershipError(
            "too_many", _("You look after many already. Close one of them before you make another.")
        )
    group: Owner = Owner.objects.create(
        brand_id=brand_id, kind=kind, name=name, email=own.email, phone=own.phone, locale=locale
    )
    _join(group, person, MemberRole.ADMIN, now)
    return group


def own_row(person: Person, brand_id: int) -> Owner:
    """Return what the brand knows of the person. Raises OwnershipError `other_brand` where it knows nothing."""
    own: Owner | None = Owner.objects.filter(person=person, brand=brand_id).first()
    if own is None:
        raise OwnershipError("other_brand", _("Nothing is registered to you at this house."))
    return own


def refuse_unconfirmed(person: Person) -> None:
    """Raise OwnershipError `unconfirmed` for who never entered a code: they might have typed a stranger's address."""
    if person.last_login or EmailAddress.objects.filter(user=person, verified=True).exists():
        return
    raise OwnershipError("unconfirmed", _("Confirm your address first: ask for a code and enter it."))


@transaction.atomic
def rename_group(*, owner_id: int, name: str, actor: Person) -> Owner:
    """Give the group another name. Raises OwnershipError `not_admin`, `gone`."""
    group = lock_group(owner_id)
    refuse_non_admin(group, actor)
    Owner.objects.filter(pk=group.pk).update(name=name)
    group.name = name
    return group


@transaction.atomic
def take_letters(*, owner_id: int, actor: Person) -> Owner:
    """Have letters about the group's things go to the actor from now on.

    Raises OwnershipError `not_admin`, `gone`, `no_address`.
    """
    group = lock_group(owner_id)
    refuse_non_admin(group, actor)
    email = confirmed_email(actor)
    if not email:
        raise OwnershipError("no_address", _("Confirm an e-mail address of yours first."))
    Owner.objects.filter(pk=group.pk).update(email=email, phone="", bounced_at=None)
    group.email = email
    return group


def confirmed_email(person: Person) -> str:
    """Return the person's confirmed e-mail, the primary one first; '' where there is none."""
    found = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary", "pk").first()
    return str(found.email) if found else ""


@transaction.atomic
def invite(
    *, owner_id: int, email: str, role: MemberRole, locale: str, actor: Person, now: dt.datetime
) -> Invitation:
    """Ask an address to join. Asked again, its invitation is renewed, and the link of the mail before is void.

    Whether anybody is known by the address changes nothing here. Raises OwnershipError: `not_admin`, `gone`,
    `too_many`, `on_hold` (who would look after it, as `change_role`).
    """
    group = lock_group(owner_id)
    refuse_non_admin(group, actor)
    if role is MemberRole.ADMIN:
        refuse_on_hold(owner_id=group.pk, now=now)
    return _invite(group, email, role, locale, actor.pk, now)


@transaction.atomic
def invite_for_caller(
    *, owner_id: int, email: str, role: MemberRole, locale: str, agent_id: int, now: dt.datetime
) -> Invitation:
    """Invite in the name of somebody who called; whether the agent may is the caller's to check.

    Raises OwnershipError: `gone`, `too_many`.
    """
    return _invite(lock_group(owner_id), email, role, locale, agent_id, now)


def _invite(
    group: Owner, email: str, role: MemberRole, locale: str, by_id: int, now: dt.datetime
) -> Invitation:
    others = group.invitations.exclude(email=email)
    if group.members.count() + others.count() >= MOST_PEOPLE:
        raise OwnershipError(
            "too_many", _("No more than %(most)d people can share things.") % {"most": MOST_PEOPLE}
        )
    invitation, _made = Invitation.objects.update_or_create(
        owner=group,
        email=email,
        defaults={
            "role": role, "locale": locale, "code": new_public_code(), "invited_by_id": by_id,
            "sent_at": now, "expires_at": now + INVITED_FOR,
        },
    )  # fmt: skip
    return invitation


@transaction.atomic
def found_for_caller(
    *, brand_id: int, kind: OwnerKind, name: str, email: str, locale: str, now: dt.datetime
) -> Owner:
    """Make a household or an organisation without people yet: who looks after it is invited next.

    One of that kind, name and address is returned instead: the form was sent twice.
    """
    known = Owner.objects.filter(brand=brand_id, kind=kind, name=name, email=email).first()
    return known or Owner.objects.create(brand_id=brand_id, kind=kind, name=name, email=email, locale=locale)


@transaction.atomic
def withdraw_invitation(*, owner_id: int, invitation_id: int, actor: Person) -> None:
    """Take an invitation back; twice changes nothing. Raises OwnershipError `not_admin`, `gone`."""
    group = lock_group(owner_id)
    refuse_non_admin(group, actor)
    group.invitations.filter(pk=invitation_id).delete()


@transaction.atomic
def accept_invitation(*, code: str, person: Person, now: dt.datetime) -> Owner:
    """Make the person a member with the role of the invitation, which goes.

    Raises OwnershipError: `gone` (answered, taken back or over), `other_address` (the person has not confirmed
    the address that was invited).
    """
    found = Invitation.objects.filter(code=code).first()
    if found is None:
        raise _gone()
    group = lock_group(found.owner_id)
    invitation = Invitation.objects.standing(now).filter(code=code).first()
    if invitation is None:
        raise _gone()
    confirmed = EmailAddress.objects.filter(user=person, verified=True, email__iexact=invitation.email)
    if not confirmed.exists():
        raise OwnershipError("other_address", _("This invitation went to another address."))
    _join(group, person, MemberRole(invitation.role), now)
    invitation.delete()
    return group


@transaction.atomic
def change_role(
    *, owner_id: int, member_id: int, role: MemberRole, actor: Person, now: dt.datetime
) -> Member:
    """Let a member look after the group, or only use its things.

    Raises OwnershipError: `not_admin`, `gone`, `last_admin`, `on_hold` (an address was changed a moment ago: who
    comes to look after it now could pass its things on).
    """
    group = lock_group(owner_id)
    refuse_non_admin(group, actor)
    member = _member(group, member_id)
    if role is MemberRole.ADMIN:
        refuse_on_hold(owner_id=group.pk, now=now)
    else:
        _refuse_last_admin(group, member)
    Member.objects.filter(pk=member.pk).update(role=role)
    member.role = role
    if role is not MemberRole.ADMIN:
        pass_letters_on(group, member.person)
    return member


def leave(group: Owner, member: Member, *, actor_id: int | None, now: dt.datetime) -> None:
    """Take a member out of a locked group. The last admin closes an empty group; with things in it that is refused.

    Raises OwnershipError `last_admin`.
    """
    is_last = not _other_admins(group, member).exists()
    if member.role == MemberRole.ADMIN and is_last:
        if Ownership.objects.current().filter(owner=group).exists():
            raise _last_admin()
        close(group, actor_id=actor_id, now=now)
        return
    remove(group, member, actor_id=actor_id, now=now)


def remove(group: Owner, member: Member, *, actor_id: int | None, now: dt.datetime) -> None:
    """Take a member out of a locked group, even the last admin: the brand can invite another for it."""
    Member.objects.filter(pk=member.pk).delete()
    pass_letters_on(group, member.person)
    record_member(EventKind.MEMBER_LEFT, group, member, actor_id, now)


def close(group: Owner, *, actor_id: int | None, now: dt.datetime) -> None:
    """Let everybody out of a locked group that has no things, and forget its name and addresses."""
    for member in group.members.all():
        record_member(EventKind.MEMBER_LEFT, group, member, actor_id, now)
    group.members.all().delete()
    group.invitations.all().delete()
    Owner.objects.filter(pk=group.pk).update(name="", email="", phone="")


def lock_group(owner_id: int) -> Owner:
    """Lock a household or an organisation (after the units that change with it). Raises OwnershipError `gone`."""
    group: Owner | None = (
        Owner.objects.select_for_update(no_key=True)
        .filter(pk=owner_id)
        .exclude(kind=OwnerKind.PERSON)
        .first()
    )
    if group is None:
        raise _gone()
    return group


def refuse_non_admin(group: Owner, person: Person) -> None:
    """Raise OwnershipError `not_admin` unless the person looks after the group."""
    if not group.members.filter(person=person, role=MemberRole.ADMIN).exists():
        raise OwnershipError("not_admin", _("Only who looks after it can do this."))


def _member(group: Owner, member_id: int) -> Member:
    member: Member | None = group.members.select_related("person").filter(pk=member_id).first()
    if member is None:
        raise _gone()
    return member


def _join(group: Owner, person: Person, role: MemberRole, now: dt.datetime) -> None:
    """Add the person; whoever is a member already keeps the role they have."""
    member, made = Member.objects.get_or_create(
        owner=group, person=person, defaults={"role": role, "since": now}
    )
    if made:
        record_member(EventKind.MEMBER_JOINED, group, member, person.pk, now)


def _other_admins(group: Owner, member: Member) -> Any:
    return group.members.filter(role=MemberRole.ADMIN).exclude(pk=member.pk)


def _refuse_last_admin(group: Owner, member: Member) -> None:
    if member.role == MemberRole.ADMIN and not _other_admins(group, member).exists():
        raise _last_admin()


def _last_admin() -> OwnershipError:
    return OwnershipError(
        "last_admin",
        _(
            "Nobody else looks after it. Let somebody else look after it first, or take every thing out of it."
        ),
    )


def _gone() -> OwnershipError:
    return OwnershipError("gone", _("This is not there any more."))


def record_member(
    kind: EventKind, group: Owner, member: Member, actor_id: int | None, now: dt.datetime, **more: object
) -> None:
    """Write to the ledger that somebody came or went, by their number."""
    data = {"person": member.person_id, "role": str(member.role), **more}
    event = NewEvent(kind, group.brand_id, now, owner_id=group.pk, actor_id=actor_id, data=data)
    record_event(event, now=now)


def forget_invitations(*, now: dt.datetime) -> int:
    """Delete the invitations whose time is over; return how many."""
    count: int = Invitation.objects.filter(expires_at__lte=now).delete()[0]
    return count
