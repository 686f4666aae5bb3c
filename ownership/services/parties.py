"""Staff who own things themselves decide nothing about these: a colleague does."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ownership.contacts import has_confirmed
from ownership.errors import OwnershipError
from ownership.models import Owner
from ownership.models.registrations import ContactKind
from products.models import Person


def refuse_party(owner_ids: Iterable[int | None], *, actor_id: int | None) -> None:
    """Raise OwnershipError `party` if whoever acts is, or acts for, one of the owners whom it is about."""
    theirs = Owner.objects.of_people([Person(pk=actor_id)]) if actor_id else Owner.objects.none()
    if theirs.filter(pk__in=[pk for pk in owner_ids if pk]).exists():
        raise OwnershipError("party", _("This is about yourself. A colleague has to do it."))


def refuse_own_address(kind: ContactKind, contact: str, *, actor_id: int) -> None:
    """Raise OwnershipError `party` if the address is one that whoever acts has confirmed."""
    if has_confirmed(Person(pk=actor_id), kind, contact):
        raise OwnershipError("party", _("This address is your own. A colleague has to do it."))
