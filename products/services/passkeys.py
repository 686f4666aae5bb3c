"""Passkeys of owners: kept by allauth as authenticators, taken away like browsers."""

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from products.models import Person


def passkeys_of(person: Person) -> QuerySet[Authenticator]:
    """Return the person's passkeys, the newest first."""
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    passkeys: QuerySet[Authenticator] = found.order_by("-created_at", "-pk")
    return passkeys


def remove_passkey(*, person: Person, passkey_id: int) -> bool:
    """Take one passkey away; return whether it was the person's."""
    return bool(passkeys_of(person).filter(pk=passkey_id).delete()[0])


def remove_passkeys(*, person: Person) -> int:
    """Take all passkeys away; staff keep theirs, which are their second factor. Return how many went."""
    return 0 if person.is_staff else int(passkeys_of(person).delete()[0])
