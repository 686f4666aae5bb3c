"""What beat lets go of: visitors' numbers, people who fell silent, what came to nothing. Each round may run twice.

What belongs to one matter goes with it (finders, gifts, releases, invitations: each in its own module); here
stands what has no other home. The whole schedule is a column of the data map (docs/data.md).
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Length

from analytics.models import Scan, UnitActivity
from ownership.models import (
    Consent,
    DataRequest,
    LossReport,
    Member,
    Owner,
    Ownership,
    Registration,
    Tombstone,
)
from ownership.models.policies import policy_of
from ownership.models.registrations import RegistrationState
from ownership.services.data_rights.steps import delete_person_without_things
from products.models import Brand, Device, Person, Tag

AT_ONCE = 1000  # rows of one statement
ROUNDS = 500  # statements of one night and brand; the next night takes the rest
OWNERS_AT_ONCE = 200  # of one night and brand: each gets a letter
ANSWER_WITHIN = dt.timedelta(days=60)
LOOK_BACK = dt.timedelta(days=31)  # before the cut-off, on an ordinary night
SUNDAY = 6


def blank_visitors(*, now: dt.datetime) -> int:
    """Take visitors' random numbers off the scans that are older than each brand says; return off how many.

    An ordinary night looks at the month before the cut-off, and the night to Sunday at everything before it:
    a brand may shorten its period, and scans may come in late.
    """
    count = 0
    for brand_id in Brand.objects.values_list("pk", flat=True):
        before = now - dt.timedelta(days=policy_of(brand_id).visitor_days)
        since = None if now.weekday() == SUNDAY else before - LOOK_BACK
        count += _blank_scans(brand_id, before, since)
        if since is None:
            count += _blank_activity(brand_id, before) + _blank_tags(brand_id, before)
    return count


def _blank_scans(brand_id: int, before: dt.datetime, since: dt.datetime | None) -> int:
    old = Scan.objects.filter(brand=brand_id, at__lt=before).exclude(visitor="")
    if since is not None:
        old = old.filter(at__gte=since)
    count = 0
    for _round in range(ROUNDS):
        rows = list(old.order_by("at", "id").values_list("id", "at")[:AT_ONCE])
        if not rows:
            break
        # The times keep the statement to one or two partitions.
        within = Scan.objects.filter(at__gte=rows[0][1], at__lte=rows[-1][1])
        count += within.filter(id__in=[number for number, _at in rows]).update(visitor="")
    return count


def _blank_activity(brand_id: int, before: dt.datetime) -> int:
    """Keep how many visitors a unit had, and forget the marks by which they were told apart."""
    count = 0
    for visitors in range(1, 9):
        nobody = ("-" * 8 + ",") * visitors
        units = UnitActivity.objects.filter(unit__brand=brand_id, last_scan_at__lt=before)
        marked = (
            units.annotate(length=Length("visitors")).filter(length=9 * visitors).exclude(visitors=nobody)
        )
        for _round in range(ROUNDS):
            numbers = list(marked.values_list("pk", flat=True)[:AT_ONCE])
            if not numbers:
                break
            count += UnitActivity.objects.filter(pk__in=numbers).update(visitors=nobody)
    return count


def _blank_tags(brand_id: int, before: dt.datetime) -> int:
    """A tag remembers by whom it was last tapped, to know a reload from a copy."""
    old = Tag.objects.filter(brand=brand_id, unit__activity__last_scan_at__lt=before).exclude(last_visitor="")
    count = 0
    for _round in range(ROUNDS):
        numbers = list(old.values_list("pk", flat=True)[:AT_ONCE])
        if not numbers:
            break
        count += Tag.objects.filter(pk__in=numbers).update(last_visitor="")
    return count


def forget_superseded(*, now: dt.datetime, kept_for: dt.timedelta) -> int:
    """Delete registrations of people whom somebody else was faster than; return how many."""
    old = Registration.objects.filter(state=RegistrationState.SUPERSEDED, created_at__lt=now - kept_for)
    numbers = list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return int(Registration.objects.filter(pk__in=numbers).delete()[0])


def forget_loss_words(*, now: dt.datetime) -> int:
    """Take words and police references off losses that ended as long ago as finders' messages are kept."""
    count = 0
    with_words = LossReport.objects.filter(ended_at__isnull=False).exclude(words="", police_reference="")
    for brand_id in set(with_words.order_by().values_list("brand_id", flat=True)):
        before = now - dt.timedelta(days=policy_of(brand_id).finder_days)
        old = with_words.filter(brand=brand_id, ended_at__lte=before).order_by("pk")
        numbers = list(old.values_list("pk", flat=True)[:AT_ONCE])
        count += LossReport.objects.filter(pk__in=numbers).update(words="", police_reference="")
    return count


def tell_dormant_owners(*, now: dt.datetime) -> list[Owner]:
    """Mark owners of whom nothing was heard for long as asked, and return them; those heard of again are unmarked."""
    _unmark_who_woke_up(now)
    told: list[Owner] = []
    for brand_id in Brand.objects.values_list("pk", flat=True):
        before = now - dt.timedelta(days=policy_of(brand_id).dormant_days)
        silent = _owners_with_data().filter(brand=brand_id, dormant_told_at=None, created_at__lt=before)
        owners = list(_unheard(silent, Value(before)).select_related("brand").order_by("pk")[:OWNERS_AT_ONCE])
        with transaction.atomic():
            Owner.objects.filter(pk__in=[owner.pk for owner in owners]).update(dormant_told_at=now)
        told += owners
    return told


def silent_owners(*, now: dt.datetime, after: int = 0) -> list[Owner]:
    """Return who was asked long enough ago and of whom nothing was heard since: a batch of those numbered above `after`."""
    asked = _owners_with_data().filter(dormant_told_at__lte=now - ANSWER_WITHIN, pk__gt=after)
    return list(
        _unheard(asked, F("dormant_told_at")).select_related("person").order_by("pk")[:OWNERS_AT_ONCE]
    )


def _unmark_who_woke_up(now: dt.datetime) -> int:
    asked = Owner.objects.filter(dormant_told_at__isnull=False)
    silent = _unheard(asked, F("dormant_told_at")).values("pk")
    return asked.exclude(pk__in=silent).update(dormant_told_at=None)


def _owners_with_data() -> Any:
    return Owner.objects.exclude(pk__in=Tombstone.objects.values("owner_id"))


def _unheard(owners: Any, since: Any) -> Any:
    """Return those without a tap of theirs, a log-in or a change after `since` (an expression of the owner's row)."""
    me = OuterRef("pk")
    after = OuterRef("since")
    people = Q(person__owners=me) | Q(person__memberships_of_owners__owner=me)
    signs = (
        UnitActivity.objects.filter(
            unit__ownerships__owner=me, unit__ownerships__until=None, last_scan_at__gt=after
        ),
        Ownership.objects.filter(owner=me, since__gt=after),
        Ownership.objects.filter(owner=me, until__gt=after),
        Registration.objects.filter(Q(created_at__gt=after) | Q(confirmed_at__gt=after), owner=me),
        Consent.objects.filter(Q(given_at__gt=after) | Q(withdrawn_at__gt=after), owner=me),
        DataRequest.objects.filter(owner=me, asked_at__gt=after),
        Member.objects.filter(owner=me, since__gt=after),
        Device.objects.filter(people, last_used_at__gt=after),
        Person.objects.filter(Q(owners=me) | Q(memberships_of_owners__owner=me), last_login__gt=after),
    )
    owners = owners.annotate(since=since)
    for sign in signs:
        owners = owners.exclude(Exists(sign))
    return owners


def forget_people_without_things(*, now: dt.datetime, kept_for: dt.timedelta) -> int:
    """Delete people who act for nobody any more and were not heard of for `kept_for`; return how many."""
    before = now - kept_for
    seen = Device.objects.filter(person=OuterRef("pk"), last_used_at__gte=before)
    sent = Registration.objects.filter(person=OuterRef("pk"))
    nobody = Person.objects.filter(
        Q(last_login=None) | Q(last_login__lt=before),
        is_staff=False, is_superuser=False, date_joined__lt=before, owners=None, memberships_of_owners=None,
    ).exclude(Exists(seen)).exclude(Exists(sent))  # fmt: skip
    return sum(
        delete_person_without_things(person, now=now) for person in nobody.order_by("pk")[:OWNERS_AT_ONCE]
    )
