"""What nobody confirmed is forgotten: registrations that waited too long, and people of whom nothing is left."""

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from analytics.kinds import EventKind
from analytics.services import NewEvent, lock_unit, record_event
from ownership.models import Owner, Registration
from ownership.models.registrations import RegistrationState
from ownership.services.registrations import PROVISIONAL
from products.models import Device, Person, PhoneNumber

AT_ONCE = 1000  # rows of one round; the next round takes the rest


def sweep_registrations(*, now: dt.datetime, kept_for: dt.timedelta) -> int:
    """Let registrations lapse whose code was not entered within `kept_for`; return how many. Twice changes nothing."""
    overdue = Registration.objects.filter(state=RegistrationState.PENDING, created_at__lt=now - kept_for)
    registration_ids = list(overdue.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_let_lapse(registration_id, now) for registration_id in registration_ids)


@transaction.atomic
def _let_lapse(registration_id: int, now: dt.datetime) -> bool:
    """Delete what was typed, and the owner row made for it; return whether it still waited."""
    found = Registration.objects.filter(pk=registration_id).first()
    if found is None:
        return False
    lock_unit(found.unit_id)
    waiting = Registration.objects.select_for_update().filter(
        pk=registration_id, state=RegistrationState.PENDING
    )
    if not waiting.exists():
        return False
    waiting.delete()
    record_event(
        NewEvent(
            EventKind.REGISTRATION_LAPSED, found.brand_id, now, unit_id=found.unit_id, owner_id=found.owner_id
        ),
        now=now,
    )
    unreferenced(Owner.objects.filter(pk__in=[found.owner_id])).delete()
    return True


def forget_people(*, now: dt.datetime, kept_for: dt.timedelta) -> int:
    """Delete the people whom a registration made and of whom nothing is left; return how many.

    Nothing is left where they own nothing, confirmed no address, work nowhere, and no other row names
    them. Their unconfirmed addresses and the browsers that remember them go along.
    """
    people = Person.objects.filter(
        username__startswith=PROVISIONAL, is_staff=False, is_superuser=False,
        date_joined__lt=now - kept_for,
    )  # fmt: skip
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    numbers = PhoneNumber.objects.confirmed().filter(person=OuterRef("pk"))
    besides = (EmailAddress, PhoneNumber, Device)
    nobody = unreferenced(people.exclude(Exists(confirmed) | Exists(numbers)), besides=besides)
    person_ids = list(nobody.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    with transaction.atomic():
        # Asked again while the rows are locked: a registration may have come in between.
        still = unreferenced(Person.objects.select_for_update().filter(pk__in=person_ids), besides=besides)
        forgotten = list(still.values_list("pk", flat=True))
        Person.objects.filter(pk__in=forgotten).delete()
    return len(forgotten)


def unreferenced(rows: Any, *, besides: tuple[type[models.Model], ...] = ()) -> Any:
    """Return those of the rows that no other row points to, in whichever app; `besides` what goes along with them."""
    for relation in rows.model._meta.get_fields(include_hidden=True):
        points_here = relation.auto_created and not relation.concrete
        if points_here and not relation.many_to_many and relation.related_model not in besides:
            others = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            rows = rows.exclude(Exists(others))
    return rows
