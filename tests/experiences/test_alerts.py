"""Telling staff of new doubts: whom, in which words, once, and at most every hour."""

import datetime as dt
import smtplib

import pytest
from django.core import mail

from analytics.models import Doubt, DoubtWatch
from experiences import alerts
from experiences.alerts import tell_staff
from experiences.tasks import tell_staff_of_doubts
from products.models import Person, StaffMembership
from tests import factories
from tests.config.test_console_doubts import raise_doubt

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def watch(acme):
    return DoubtWatch.objects.create(brand=acme, swept_until=NOW)


@pytest.fixture
def boss(acme, watch):
    return factories.staff(acme, "boss", "brand_admin")


@pytest.fixture
def doubt(unit):
    return raise_doubt(unit)


def tell(brand, now=NOW):
    return tell_staff(brand_id=brand.pk, now=now)


def html_of(message):
    return message.alternatives[0].content


def told():
    return sorted(address for message in mail.outbox for address in message.to)


def test_fitting_roles_get_one_mail_for_all_new_doubts(acme, globex, boss, doubt, unit):
    raise_doubt(unit, kind="retired", country="")
    factories.staff(acme, "rules", "compliance")
    for role in ("support_agent", "analyst", "content_editor"):
        factories.staff(acme, role, role)
    factories.staff(globex, "rival", "brand_admin")
    assert tell(acme) == 2
    assert told() == ["boss@acme.example", "rules@acme.example"]
    message = mail.outbox[0]
    assert message.subject == "2 new doubts at Acme"
    for part in (message.body, html_of(message)):
        for words in (
            "Far apart in a short time", "JP", "Weekend bag", unit.serial, "Tapped after it was retired",
            f"http://127.0.0.1:8000/console/analytics/doubt/{doubt.pk}/change/", "Owners and visitors see none of it",
        ):  # fmt: skip
            assert words in part, words
    assert message.reply_to == []
    assert set(Doubt.objects.values_list("alerted_at", flat=True)) == {NOW}


def test_nobody_is_told_twice_and_at_most_every_hour(acme, boss, doubt, unit):
    assert tell(acme) == 1
    assert tell(acme, NOW + 2 * HOUR) == 0  # nothing new
    raise_doubt(unit, kind="retired")
    raise_doubt(unit, kind="many_visitors")
    assert tell(acme, NOW + HOUR / 2) == 0
    assert tell(acme, NOW + HOUR) == 1
    assert [message.subject for message in mail.outbox] == ["1 new doubt at Acme", "2 new doubts at Acme"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda boss: StaffMembership.objects.update(gets_alerts=False),
        lambda boss: Person.objects.filter(pk=boss.pk).update(is_active=False),
        lambda boss: Person.objects.filter(pk=boss.pk).update(email=""),
    ],
)
def test_who_opted_out_left_or_has_no_address_gets_none(acme, boss, doubt, spoil):
    spoil(boss)
    assert tell(acme) == 0
    assert mail.outbox == []


def test_a_person_with_both_roles_gets_one_mail(acme, boss, doubt):
    StaffMembership.objects.create(brand=acme, person=boss, role="compliance")
    assert tell(acme) == 1


@pytest.mark.parametrize("state", ["watched", "confirmed", "dismissed"])
def test_what_somebody_decided_already_is_no_news(acme, boss, unit, state):
    raise_doubt(unit, state=state, decided_at=NOW, reason="Seen")
    assert tell(acme) == 0


def test_the_mail_speaks_its_readers_language(acme, boss, doubt):
    Person.objects.filter(pk=boss.pk).update(locale="fr")
    tell(acme)
    assert mail.outbox[0].extra_headers["Content-Language"] == "fr"
    assert "Sac de voyage" in mail.outbox[0].body


def test_a_long_list_is_cut_and_says_how_many_more(acme, boss, bag):
    for _number in range(alerts.MOST_LINES + 3):
        raise_doubt(factories.UnitFactory(product=bag))
    tell(acme)
    assert mail.outbox[0].subject == "13 new doubts at Acme"
    assert "and 3 more" in mail.outbox[0].body
    assert mail.outbox[0].body.count("/change/") == alerts.MOST_LINES


def test_names_are_escaped_in_html(acme, boss, bag):
    type(bag).objects.filter(pk=bag.pk).update(names={"en": "Bag <b>& Co"})
    raise_doubt(factories.UnitFactory(product=bag, serial='"><i>'))
    tell(acme)
    assert "Bag &lt;b&gt;&amp; Co" in html_of(mail.outbox[0])
    assert '"><i>' not in html_of(mail.outbox[0])
    assert "Bag <b>& Co" in mail.outbox[0].body


def fails_with(monkeypatch, *errors):
    """Let the first mails fail with these errors."""
    left = list(errors)
    real = mail.EmailMultiAlternatives.send

    def send(message, *args, **kwargs):
        if left:
            raise left.pop(0)
        return real(message, *args, **kwargs)

    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", send)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (ConnectionRefusedError(), 1),
        (smtplib.SMTPSenderRefused(451, b"later", "x"), 1),
        (smtplib.SMTPRecipientsRefused({"boss@acme.example": (450, b"later")}), 1),
        (smtplib.SMTPRecipientsRefused({"boss@acme.example": (550, b"nobody")}), 0),
        (smtplib.SMTPDataError(554, b"spam"), 0),
        (TimeoutError(), 0),  # it may have arrived
    ],
)
def test_what_the_server_did_not_take_is_tried_again(acme, boss, doubt, monkeypatch, error, again):
    fails_with(monkeypatch, error)
    assert tell(acme) == 0
    assert tell(acme, NOW + dt.timedelta(minutes=3)) == again
    assert len(mail.outbox) == again


def test_one_address_that_fails_keeps_no_other_from_being_told(acme, boss, doubt, monkeypatch):
    factories.staff(acme, "rules", "compliance")
    fails_with(monkeypatch, ConnectionRefusedError())
    assert tell(acme) == 1
    assert tell(acme, NOW + dt.timedelta(minutes=3)) == 0  # nobody gets it twice


def test_a_crash_after_the_claim_never_tells_twice(acme, boss, doubt, monkeypatch):
    monkeypatch.setattr(alerts, "compose_mail", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tell(acme)
    monkeypatch.undo()
    assert tell(acme, NOW + 2 * HOUR) == 0
    assert Doubt.objects.get().state == "open"  # and waits in the queue


def test_beats_round_tells_each_brand_of_its_own(acme, globex, boss, doubt):
    DoubtWatch.objects.create(brand=globex, swept_until=NOW)
    factories.staff(globex, "rival", "brand_admin")
    raise_doubt(factories.UnitFactory(product=factories.full_product(globex), serial="GX-1"))
    tell_staff_of_doubts()
    bodies = {message.to[0]: message.body for message in mail.outbox}
    assert set(bodies) == {"boss@acme.example", "rival@globex.example"}
    assert "GX-1" not in bodies["boss@acme.example"]
    assert doubt.unit.serial not in bodies["rival@globex.example"]
