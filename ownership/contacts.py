"""Whose an address is: e-mail addresses and telephone numbers alike, once a code that was sent to them was entered."""

import datetime as dt
from collections.abc import Sequence

from allauth.account.models import EmailAddress

from ownership.models.registrations import ContactKind
from products.models import Person, PhoneNumber


def person_with(kind: str, contact: str) -> Person | None:
    """Return who has confirmed this address; `contact` is normalised (small letters, or E.164)."""
    if kind == ContactKind.PHONE:
        number = PhoneNumber.objects.confirmed().filter(number=contact).select_related("person").first()
        return number.person if number else None
    address = EmailAddress.objects.filter(email__iexact=contact, verified=True).select_related("user").first()
    return address.user if address else None


def has_confirmed(person: Person, kind: str = "", contact: str = "") -> bool:
    """Whether this person has confirmed this address; without one, any at all."""
    emails = EmailAddress.objects.filter(user=person, verified=True)
    numbers = PhoneNumber.objects.filter(person=person).confirmed()
    if kind == ContactKind.PHONE:
        return numbers.filter(number=contact).exists()
    if kind == ContactKind.EMAIL:
        return emails.filter(email__iexact=contact).exists()
    return emails.exists() or numbers.exists()


def one_with(people: Sequence[Person], kind: str, contact: str) -> Person | None:
    """Return which of the people has this address, confirmed or not; who has confirmed it comes first."""
    if not people:
        return None
    if kind == ContactKind.PHONE:
        numbers = PhoneNumber.objects.filter(person__in=people, number=contact).select_related("person")
        found = sorted(numbers, key=lambda number: (number.verified_at is None, number.pk))
        return found[0].person if found else None
    addresses = EmailAddress.objects.filter(user__in=people, email__iexact=contact)
    address = addresses.select_related("user").order_by("-verified", "pk").first()
    return address.user if address else None


def add_confirmed(person: Person, kind: str, contact: str, *, now: dt.datetime) -> None:
    """Write down an address for which this person entered the code. Raises IntegrityError where somebody else has it."""
    if kind == ContactKind.PHONE:
        PhoneNumber.objects.update_or_create(person=person, number=contact, defaults={"verified_at": now})
        return
    is_first = not EmailAddress.objects.filter(user=person, primary=True).exists()
    address, _made = EmailAddress.objects.get_or_create(
        user=person, email=contact, defaults={"primary": is_first, "verified": True}
    )
    if not address.verified:
        EmailAddress.objects.filter(pk=address.pk).update(verified=True)


def add_unconfirmed(person: Person, kind: str, contact: str) -> None:
    """Write down an address that waits for its code; one that the person has already stays as it is."""
    if kind == ContactKind.PHONE:
        PhoneNumber.objects.get_or_create(person=person, number=contact)
        return
    is_first = not EmailAddress.objects.filter(user=person, primary=True).exists()
    EmailAddress.objects.get_or_create(
        user=person, email=contact, defaults={"primary": is_first, "verified": False}
    )


def drop_all(person: Person) -> None:
    """Take all addresses from a person, of whom none is confirmed."""
    EmailAddress.objects.filter(user=person).delete()
    PhoneNumber.objects.filter(person=person).delete()
