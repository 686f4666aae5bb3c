"""What to do next, on the console's home page: each line is rows that wait for somebody, and where they are."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import ngettext

from analytics.models import Doubt
from config.console.disputes import DECIDERS as DISPUTE_DECIDERS
from config.console.doubts import DECIDERS
from experiences.models import ContentBlock, Message
from ownership.models import BulkRequest, IdentityRequest, Registration, ReleaseRequest
from products.console import AGENTS, EDITORS, PERSONAL, UNIT_READERS, Access
from products.models import Job


@dataclass(frozen=True, slots=True)
class Task:
    """A sentence with its number, and the list to begin with."""

    sentence: str
    url: str


def what_to_do(access: Access) -> list[Task]:
    """Return what waits for this person, in a fixed number of statements; nothing where nothing waits."""
    waiting = (_doubts, _registrations, _identities, _lists, _disputes, _jobs, _messages, _blocks)
    return [task for read in waiting for task in read(access) if task is not None]


def _doubts(access: Access) -> list[Task | None]:
    if not access.allows(DECIDERS):
        return []
    rows = access.limit(Doubt.objects.filter(state="open"), "brand", DECIDERS)
    count = rows.count()
    sentence = ngettext("%(count)d doubt waits for a decision", "%(count)d doubts wait for a decision", count)
    return [_task(sentence, count, "analytics/doubt/?state=open")]


def _registrations(access: Access) -> list[Task | None]:
    if not access.allows(PERSONAL):
        return []
    rows = access.limit(Registration.objects.all(), "brand", PERSONAL).filter(state__in=["owned", "pending"])
    counts = rows.aggregate(
        owned=Count("pk", filter=Q(state="owned")), pending=Count("pk", filter=Q(state="pending"))
    )
    owned = ngettext(
        "%(count)d owner has not confirmed the address",
        "%(count)d owners have not confirmed their address",
        counts["owned"],
    )
    pending = ngettext(
        "%(count)d registration by a printed code waits for its code",
        "%(count)d registrations by a printed code wait for their code",
        counts["pending"],
    )
    return [
        _task(owned, counts["owned"], "ownership/registration/?state__exact=owned"),
        _task(pending, counts["pending"], "ownership/registration/?state__exact=pending"),
    ]


def _identities(access: Access) -> list[Task | None]:
    if not access.allows(PERSONAL):
        return []
    waiting = access.limit(IdentityRequest.objects.waiting(), "brand", PERSONAL).count()
    sentence = ngettext(
        "%(count)d holder of an older piece waits for its code",
        "%(count)d holders of older pieces wait for their code",
        waiting,
    )
    return [_task(sentence, waiting, "ownership/identityrequest/?state__exact=waiting")]


def _disputes(access: Access) -> list[Task | None]:
    if not access.allows(DISPUTE_DECIDERS):
        return []
    rows = access.limit(ReleaseRequest.objects.for_staff(), "brand", DISPUTE_DECIDERS)
    counts = rows.aggregate(
        desk=Count("pk", filter=Q(state="desk", transfer=None)),
        offers=Count("pk", filter=Q(state="desk", transfer__isnull=False)),
        appealed=Count("pk", filter=Q(state="appealed")),
    )
    offers = ngettext(
        "%(count)d valuable piece waits for a look at who takes it over",
        "%(count)d valuable pieces wait for a look at who takes them over",
        counts["offers"],
    )
    first = ngettext(
        "%(count)d dispute waits for a decision", "%(count)d disputes wait for a decision", counts["desk"]
    )
    again = ngettext(
        "%(count)d appeal waits for a second look",
        "%(count)d appeals wait for a second look",
        counts["appealed"],
    )
    return [
        _task(first, counts["desk"], "ownership/releaserequest/?state__exact=desk&transfer__isnull=True"),
        _task(offers, counts["offers"], "ownership/releaserequest/?state__exact=desk&ground__exact=offered"),
        _task(again, counts["appealed"], "ownership/releaserequest/?state__exact=appealed"),
    ]


def _lists(access: Access) -> list[Task | None]:
    if not access.allows(AGENTS):
        return []
    waiting = access.limit(BulkRequest.objects.waiting(), "brand", AGENTS).count()
    sentence = ngettext(
        "%(count)d organisation's list of units waits for a decision",
        "%(count)d organisations' lists of units wait for a decision",
        waiting,
    )
    return [_task(sentence, waiting, "ownership/bulkrequest/?state__exact=waiting")]


def _jobs(access: Access) -> list[Task | None]:
    failed = access.limit(Job.objects.filter(state="failed"), "brand").count()
    sentence = ngettext("%(count)d job failed", "%(count)d jobs failed", failed)
    return [_task(sentence, failed, "products/job/?state__exact=failed")]


def _messages(access: Access) -> list[Task | None]:
    if not access.allows(UNIT_READERS):
        return []
    rows = access.limit(Message.objects.filter(state__in=["failed", "uncertain"]), "brand", UNIT_READERS)
    counts = rows.aggregate(
        failed=Count("pk", filter=Q(state="failed")), uncertain=Count("pk", filter=Q(state="uncertain"))
    )
    failed = ngettext("%(count)d message was not sent", "%(count)d messages were not sent", counts["failed"])
    uncertain = ngettext(
        "%(count)d message may not have arrived",
        "%(count)d messages may not have arrived",
        counts["uncertain"],
    )
    return [
        _task(failed, counts["failed"], "experiences/message/?state__exact=failed"),
        _task(uncertain, counts["uncertain"], "experiences/message/?state__exact=uncertain"),
    ]


def _blocks(access: Access) -> list[Task | None]:
    if not access.allows(EDITORS):
        return []
    rows = access.limit(ContentBlock.objects.lacking_a_language(), "brand", EDITORS)
    blocks = rows.filter(is_active=True).count()
    sentence = ngettext(
        "%(count)d text lacks one of your languages", "%(count)d texts lack one of your languages", blocks
    )
    return [_task(sentence, blocks, "experiences/contentblock/?lacks=language&is_active__exact=1")]


def _task(sentence: str, count: int, url: str) -> Task | None:
    return Task(sentence % {"count": count}, url) if count else None
