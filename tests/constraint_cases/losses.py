"""Lost units, finders, shared histories, purchases and presents."""

import datetime as dt

from ownership.models import (
    FinderMessage,
    FinderThread,
    Gift,
    LossReport,
    ProvenanceLink,
    Purchase,
)
from tests.constraint_cases import NOW, breaks
from tests.constraint_cases.ownerships import ownership


def loss(c, **values):
    return LossReport.objects.create(
        **{"brand": c.acme, "unit": c.unit, "kind": "lost", "reported_at": NOW, **values}
    )


def thread(c, report=None, **values):
    report = report or loss(c)
    return FinderThread.objects.create(
        **{"report": report, "locale": "en", "submission_key": "1", "begun_at": NOW, **values}
    )


def message(c, of=None, **values):
    of = of or thread(c)
    return FinderMessage.objects.create(
        **{"thread": of, "sender": "finder", "words": "Here", "sent_at": NOW, **values}
    )


def link(c, **values):
    of = values.pop("ownership", None) or ownership(c)
    return ProvenanceLink.objects.create(
        **{"brand": c.acme, "unit": c.unit, "ownership": of, "made_at": NOW,
           "expires_at": NOW + dt.timedelta(days=1), **values}
    )  # fmt: skip


def gift(c, **values):
    return Gift.objects.create(
        **{"unit": c.unit, "brand": c.acme, "words": "For you", "left_at": NOW, **values}
    )


@breaks("one_standing_loss_per_unit")
def a_unit_missed_twice_at_once(c):
    loss(c)
    loss(c, kind="stolen")


@breaks("loss_kind_known")
def a_unit_that_was_eaten(c):
    loss(c, kind="eaten")


@breaks("loss_ends_after_its_report")
def found_before_it_was_missed(c):
    loss(c, ended_at=NOW - dt.timedelta(seconds=1))


@breaks("FinderThread.code")
def two_finders_with_one_code(c):
    report = loss(c)
    thread(c, report, code="same")
    thread(c, report, code="same", submission_key="2")


@breaks("FinderThread.submission_key")
def a_finder_who_pressed_twice(c):
    report = loss(c)
    thread(c, report)
    thread(c, report)


@breaks("FinderMessage.submission_key")
def an_answer_sent_twice(c):
    of = thread(c)
    message(c, of, submission_key="1")
    message(c, of, submission_key="1")


@breaks("finder_message_sender_known")
def a_message_from_nobody(c):
    message(c, sender="passer-by")


@breaks("finder_message_says_something")
def an_empty_message(c):
    message(c, words="")


@breaks("shared_history_works_a_while")
def a_history_that_is_over_when_it_is_shared(c):
    link(c, expires_at=NOW)


@breaks("shared_history_revoked_after_it_was_made")
def a_history_taken_back_before_it_was_shared(c):
    link(c, revoked_at=NOW - dt.timedelta(seconds=1))


@breaks("ProvenanceLink.submission_key")
def a_history_shared_twice_by_one_form(c):
    of = ownership(c)
    link(c, ownership=of, submission_key="1")
    link(c, ownership=of, submission_key="1")


@breaks("Purchase.ownership")
def an_owner_who_bought_it_twice(c):
    of = ownership(c)
    for _time in range(2):
        Purchase.objects.create(ownership=of, bought_on=NOW.date(), entered_at=NOW)


@breaks("Gift.unit")
def two_presents_in_one_box(c):
    gift(c)
    gift(c, words="From me")


@breaks("Gift.submission_key")
def a_present_left_twice(c):
    from tests import factories

    gift(c, submission_key="1")
    gift(c, unit=factories.UnitFactory(product=c.bag), submission_key="1")
