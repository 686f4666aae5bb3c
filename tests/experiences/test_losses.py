"""Lost and stolen, and what finder and owner write to each other, through HTTP."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from analytics.models import Event, UnitFacts
from analytics.services import NewScan, record_scan
from experiences.models import Message
from ownership.models import FinderMessage, FinderThread, LossReport, Member, Owner
from ownership.models.owners import Acquired
from ownership.services import end_ownership, hand_over, retire_unit
from ownership.services.finders import forget_finders
from products.limits import Limit
from products.models import Device
from tests import factories
from tests.experiences.test_registering import register, viewer
from tests.reading import action_of, main_attributes, module_names, text_of

pytestmark = pytest.mark.django_db

FINDER = {"words": "I found it on the tram 11, near the lake.", "email": "finder@example.com"}


def path(unit, page="lost") -> str:
    return f"/u/{unit.public_code}/{page}/"


@pytest.fixture(autouse=True)
def _english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def browser(**environ: str) -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en", **environ)


@pytest.fixture
def owner(client, chip, unit):
    """Alice's browser: she registered the unit by holding it."""
    client.get(chip.tap())
    register(client, unit)
    mail.outbox.clear()
    return client


def report(owner, unit, **typed):
    return owner.post(path(unit), {"kind": "lost", **typed})


def key_of(response) -> str:
    return re.search(r'name="submission_key" value="([0-9a-f]{32})"', response.content.decode()).group(1)


def find(client, unit, **typed):
    """Write to the owner as a finder does; return the answer."""
    return client.post(
        path(unit, "found"), {"submission_key": key_of(client.get(path(unit, "found"))), **FINDER, **typed}
    )


def flags(unit) -> str:
    return main_attributes(browser().get(f"/u/{unit.public_code}/"))["flags"]


def sent(kind: str) -> list:
    """Return the mails that went out for messages of this kind."""
    ids = [f"<message-{pk}@" for pk in Message.objects.filter(kind=kind).values_list("pk", flat=True)]
    return [
        letter for letter in mail.outbox if any(letter.extra_headers["Message-ID"].startswith(i) for i in ids)
    ]


# The owner


@pytest.mark.parametrize("kind", ["lost", "stolen"])
def test_the_owners_report_leads_the_very_next_page(
    owner, unit, chip, kind, django_capture_on_commit_callbacks
):
    """C6, A6: the flag leads, whoever has it writes to its owner, the owner finds their search."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = report(
            owner, unit, kind=kind, missed_on=timezone.now().date().isoformat(), words="Blue ribbon."
        )
    assert (answer.status_code, answer.url) == (302, path(unit))
    page = browser().get(chip.tap())
    assert main_attributes(page)["flags"] == kind
    assert module_names(page)[0] == kind
    assert action_of(page) == kind
    assert f'href="{path(unit, "found")}"' in page.content.decode()
    assert "not for sale" in text_of(page)
    mine = owner.get(f"/u/{unit.public_code}/")
    assert f'href="{path(unit)}" data-action="{kind}"' in mine.content.decode()
    assert Event.objects.filter(unit=unit, kind="loss.reported").get().data == {
        "report": LossReport.objects.get().pk, "kind": kind,
    }  # fmt: skip
    assert len(sent("loss_reported")) == 1


def test_what_was_reported_is_corrected_and_the_same_again_changes_nothing(owner, unit):
    report(owner, unit, words="A", police_reference="PV 2026/1")
    events = Event.objects.count()
    report(owner, unit, words="A", police_reference="PV 2026/1")
    assert Event.objects.count() == events
    report(owner, unit, kind="stolen", words="B")
    row = LossReport.objects.get()
    assert (row.kind, row.words, row.police_reference) == ("stolen", "B", "")
    assert flags(unit) == "stolen"
    assert Event.objects.filter(kind="loss.changed").count() == 1
    assert Message.objects.filter(kind="loss_reported").count() == 1


def test_i_have_it_again_ends_it(owner, unit):
    report(owner, unit)
    owner.post(path(unit, "lost/ended"))
    owner.post(path(unit, "lost/ended"))
    assert flags(unit) == ""
    assert LossReport.objects.get().ended_at is not None
    assert Event.objects.filter(kind="loss.ended").count() == 1
    assert browser().get(path(unit, "found")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": ""}, "Say whether it is lost or stolen."),
        ({"kind": "eaten"}, "not one of the available choices"),
        ({"missed_on": "2999-01-01"}, "This day is in the future."),
        ({"missed_on": "1066-10-14"}, "too long ago"),
        ({"missed_on": "yesterday"}, "This is not a day."),
        ({"words": "x" * 301}, "At most 300 characters"),
        ({"words": "a\x00b"}, "can't be written"),
        ({"words": "a\x07b"}, "can't be written"),
        ({"police_reference": "x" * 81}, "at most 80 characters"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(owner, unit, typed, sentence):
    answer = report(owner, unit, **{"words": "By the lake", **typed})
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    if "words" not in typed:
        assert "By the lake" in answer.content.decode()
    assert not LossReport.objects.exists()
    assert flags(unit) == ""


def test_only_its_owner_reports_it(owner, unit, chip):
    """Looking and holding are not enough; another brand's owner is nobody here."""
    for other in (browser(), browser()):
        other.get(chip.tap())
        for page in ("lost", "lost/ended", "lost/1"):
            answer = other.post(path(unit, page), {"kind": "lost"})
            assert answer.status_code == 302
            assert answer.url.startswith("/me/enter/")
    assert not LossReport.objects.exists()


def test_another_owner_of_the_house_is_refused(owner, unit, bag, profile):
    other_unit = factories.UnitFactory(product=bag, serial="AC-0002")
    bob = browser()
    bob.get(factories.put_chip_on(other_unit, profile).tap())
    register(bob, other_unit, contact="bob@example.com", name="Bob")
    assert bob.post(path(unit), {"kind": "lost"}).status_code == 403
    report(owner, unit)
    find(browser(), unit)
    thread = FinderThread.objects.get()
    assert bob.get(path(unit, f"lost/{thread.pk}")).status_code == 403
    assert bob.get(path(other_unit, f"lost/{thread.pk}")).status_code == 404, (
        "the number of another unit's thread"
    )
    assert bob.post(path(other_unit, f"lost/{thread.pk}"), {"words": "x"}).status_code == 404
    assert bob.post(path(unit, "lost/ended")).status_code == 403
    assert flags(unit) == "lost"


def test_a_browser_silent_for_long_is_asked_for_a_code(owner, unit):
    Device.objects.update(last_used_at=timezone.now() - dt.timedelta(days=91))
    assert report(owner, unit).url.startswith("/me/enter/")
    assert not LossReport.objects.exists()


def test_a_member_of_the_household_may_report_it(owner, unit, acme):
    person = Device.objects.get().person
    household = Owner.objects.create(brand=acme, kind="household", name="Home")
    Member.objects.create(owner=household, person=person, role="member", since=timezone.now())
    hand_over(unit=unit, owner=household, acquired=Acquired.TRANSFER, now=timezone.now())
    assert report(owner, unit).status_code == 302
    assert flags(unit) == "lost"


def test_a_new_owner_and_the_end_of_its_life_end_the_search(owner, unit, bob):
    report(owner, unit)
    hand_over(unit=unit, owner=bob, acquired=Acquired.DECISION, now=timezone.now())
    assert LossReport.objects.standing().count() == 0
    assert flags(unit) == ""
    assert owner.get(path(unit)).status_code == 403, "it is not Alice's any more"


def test_the_end_of_its_life_ends_the_search(owner, unit):
    report(owner, unit)
    retire_unit(unit=unit, status="destroyed", retired_on=timezone.now().date(), now=timezone.now())
    assert LossReport.objects.standing().count() == 0
    assert report(owner, unit).status_code == 409


def test_nobody_registers_a_unit_that_is_missed(owner, unit, acme):
    """C6: also where it has no owner any more but staff look for it."""
    report(owner, unit)
    answer = browser().get(path(unit, "register"))
    assert 'id="registering"' not in answer.content.decode()


def test_whoever_looks_for_the_owner_of_what_nobody_misses_is_led_back_to_the_unit(unit):
    answer = browser().get(path(unit, "found"))
    page = answer.content.decode()
    assert answer.status_code == 404
    assert unit.serial in page
    assert f'<a class="button" href="/u/{unit.public_code}/"' in page
    assert '/find/"' not in page


def test_the_police_reference_stands_on_no_public_page(owner, unit):
    report(owner, unit, police_reference="PV-4711", kind="stolen")
    assert "PV-4711" in owner.get(path(unit)).content.decode()
    for page in ("", "found/", "provenance/", "register/"):
        assert "PV-4711" not in browser().get(f"/u/{unit.public_code}/{page}").content.decode()
    assert not Event.objects.filter(data__icontains="4711").exists()


def test_the_owner_learns_when_it_was_opened_and_in_which_country_if_the_edge_said_so(owner, unit, acme):
    report(owner, unit)
    assert "Nobody has held a phone to it since." in text_of(owner.get(path(unit)))
    scan = {"brand_id": acme.pk, "unit_id": unit.pk, "tag_id": None, "counter": None, "verdict": "identified",
            "stage": "ownership", "visitor": "f" * 32, "locale": "en"}  # fmt: skip
    record_scan(NewScan(at=timezone.now(), country="", **scan))
    assert "We don't know where." in text_of(owner.get(path(unit)))
    record_scan(NewScan(at=timezone.now() + dt.timedelta(minutes=1), country="JP", **scan))
    assert "country: Japan." in text_of(owner.get(path(unit)))
    assert "pays : Japon." in text_of(owner.get(f"{path(unit)}?lang=fr"))


# The finder


def test_finder_and_owner_write_to_each_other_without_learning_who_they_are(
    owner, unit, django_capture_on_commit_callbacks
):
    """C6: both ways, by page and by mail; neither name nor address of one stands before the other."""
    report(owner, unit, words="Please write to me. http://example.com/x")
    finder = browser()
    page = finder.get(path(unit, "found"))
    assert "Please write to me." in text_of(page)
    assert 'href="http://example.com' not in page.content.decode(), "links are inert"
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        answer = find(finder, unit)
    thread = FinderThread.objects.get()
    assert answer.url == f"/found/{thread.code}/"
    letter = sent("finder_wrote")[0]
    assert letter.to == ["alice@example.com"]
    assert path(unit, f"lost/{thread.pk}") in letter.body
    assert "tram" not in letter.body
    assert "finder@example.com" not in str(letter.message())
    assert letter.reply_to == ["care@acme.example"]

    theirs = owner.get(path(unit, f"lost/{thread.pk}"))
    assert "tram 11" in text_of(theirs)
    assert "finder@example.com" not in theirs.content.decode()
    assert "A finder wrote" in text_of(owner.get(path(unit)))
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(
            path(unit, f"lost/{thread.pk}"), {"words": "Thank you so much", "submission_key": key_of(theirs)}
        )
    letter = sent("owner_answered")[0]
    assert letter.to == ["finder@example.com"]
    assert f"/found/{thread.code}/" in letter.body
    assert not re.search("alice|thank you so", str(letter.message()), re.IGNORECASE)
    seen = finder.get(f"/found/{thread.code}/")
    assert "Thank you so much" in text_of(seen)
    assert not re.search("alice", seen.content.decode(), re.IGNORECASE)
    finder.post(f"/found/{thread.code}/", {"words": "At the station at six?", "submission_key": key_of(seen)})
    assert "station at six" in text_of(owner.get(path(unit, f"lost/{thread.pk}")))
    assert list(FinderMessage.objects.values_list("sender", flat=True)) == ["finder", "owner", "finder"]
    assert not Event.objects.filter(data__icontains="tram").exists()


def test_a_message_sent_twice_is_one(owner, unit):
    report(owner, unit)
    finder = browser()
    form = {"submission_key": key_of(finder.get(path(unit, "found"))), **FINDER}
    first, second = (finder.post(path(unit, "found"), form) for _time in range(2))
    assert first.url == second.url
    answer = {"words": "Thank you", "submission_key": "0" * 32}
    for _time in range(2):
        owner.post(path(unit, f"lost/{FinderThread.objects.get().pk}"), answer)
    assert FinderMessage.objects.count() == 2
    assert Message.objects.filter(kind__in=("finder_wrote", "owner_answered")).count() == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"words": " "}, "Write a few words first."),
        ({"words": "x" * 1001}, "At most 1000 characters"),
        ({"words": "nul\x00"}, "can't be written"),
        ({"email": "finder@example.com\nBcc: all@example.com"}, "not an e-mail address"),
        ({"email": "finder@example.com%0aBcc:all@example.com,x@y.com"}, "not an e-mail address"),
        ({"email": "аlice@example.com"}, "not an e-mail address"),  # a Cyrillic а
        ({"email": "+33612345678"}, "Type an e-mail address, or leave it empty."),
        ({"submission_key": "x"}, "Write to"),
    ],
)
def test_what_a_finder_typed_wrong_is_said_and_kept(owner, unit, typed, sentence):
    report(owner, unit)
    answer = find(browser(), unit, **typed)
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    if "words" not in typed:
        assert "tram 11" in answer.content.decode()
    assert not FinderThread.objects.exists()


def test_script_in_words_is_text(owner, unit):
    report(owner, unit, words="<script>alert(1)</script>\u202emoc")
    finder = browser()
    assert "<script>alert(1)" not in finder.get(path(unit, "found")).content.decode()
    find(finder, unit, words="<img src=x onerror=alert(1)>\r\nsecond line")
    page = owner.get(path(unit, f"lost/{FinderThread.objects.get().pk}")).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;<br>second line" in page
    assert "\u202e" not in LossReport.objects.get().words


def test_a_thread_is_open_to_its_code_alone(owner, unit):
    report(owner, unit)
    find(browser(), unit)
    thread = FinderThread.objects.get()
    assert browser().get(f"/found/{thread.code}/").status_code == 200
    for guess in (
        str(thread.pk),
        thread.code[:-1] + ("0" if thread.code[-1] != "0" else "1"),
        "x" * 500,
        "%00",
    ):
        assert browser().get(f"/found/{guess}/").status_code == 404


def test_a_finder_can_not_flood_the_owner(owner, unit):
    report(owner, unit)
    finder = browser()
    answers = [find(finder, unit, words=f"Message {number}").status_code for number in range(7)]
    assert answers == [302] * 6 + [429]
    last = find(finder, unit, words="One more")
    assert "One more" in last.content.decode()
    assert FinderThread.objects.count() == 6


def find_from(address: str, unit, words: str) -> int:
    return find(browser(REMOTE_ADDR=address), unit, words=words).status_code


def test_a_prankster_shuts_no_honest_finder_out(owner, unit, monkeypatch):
    """Nobody at one address uses up what the owner gets of a day, however patiently they wait for the next hour."""
    # The hours pass at once: a travelled clock would not move that of a cache server.
    monkeypatch.setattr("experiences.views.found.PER_VISITOR", Limit("hours", most=100, seconds=60))
    report(owner, unit)
    answers = [find_from("192.0.2.1", unit, f"Prank {number}") for number in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert find_from("192.0.2.2", unit, "It lies at the station") == 302


def test_whoever_holds_it_is_heard_even_if_everybody_else_wrote(owner, unit, chip, monkeypatch):
    monkeypatch.setattr("experiences.views.found.PER_UNIT", Limit("none", most=0, seconds=60))
    report(owner, unit)
    assert find(browser(), unit, words="Without it before me").status_code == 429
    holder = browser()
    holder.get(chip.tap())
    assert find(holder, unit, words="I hold it in my hand").status_code == 302


def test_nothing_more_is_written_once_the_owner_has_it(owner, unit, django_capture_on_commit_callbacks):
    report(owner, unit)
    finder = browser()
    find(finder, unit)
    thread = FinderThread.objects.get()
    owner.post(path(unit, "lost/ended"))
    page = finder.get(f"/found/{thread.code}/")
    assert "The search is over" in text_of(page)
    answer = finder.post(f"/found/{thread.code}/", {"words": "Late", "submission_key": "1" * 32})
    assert answer.status_code == 409
    assert FinderMessage.objects.count() == 1
    assert find_late(finder, unit) == 404


def find_late(finder, unit) -> int:
    return finder.post(path(unit, "found"), {"submission_key": "2" * 32, **FINDER}).status_code


def test_the_next_owner_reads_nothing_of_it(owner, unit, bob):
    report(owner, unit)
    find(browser(), unit)
    thread = FinderThread.objects.get()
    end_ownership(unit=unit, until=timezone.now(), now=timezone.now())
    heir = browser()
    heir.get(f"/u/{unit.public_code}/")
    factories.own(unit, bob, timezone.now())
    person = factories.PersonFactory(username="bob")
    Owner.objects.filter(pk=bob.pk).update(person=person)
    heir.force_login(person)
    assert heir.get(path(unit)).status_code == 200
    assert heir.get(path(unit, f"lost/{thread.pk}")).status_code == 404


def test_messages_go_thirty_days_after_it_was_recovered(owner, unit):
    report(owner, unit)
    find(browser(), unit)
    assert forget_finders(now=timezone.now() + dt.timedelta(days=400)) == 0, "it is missed still"
    owner.post(path(unit, "lost/ended"))
    assert forget_finders(now=timezone.now() + dt.timedelta(days=29)) == 0
    assert forget_finders(now=timezone.now() + dt.timedelta(days=31)) == 1
    assert forget_finders(now=timezone.now() + dt.timedelta(days=31)) == 0
    assert not FinderMessage.objects.exists()
    assert LossReport.objects.exists()


def test_the_owner_who_comes_to_the_finders_page_is_led_to_their_search(owner, unit):
    report(owner, unit)
    assert owner.get(path(unit, "found")).url == path(unit)


def test_a_letter_is_not_sent_about_a_search_that_is_over(owner, unit):
    from experiences.messages import send_message

    report(owner, unit)
    find(browser(), unit)
    owner.post(path(unit, "lost/ended"))
    mail.outbox.clear()
    for message in Message.objects.filter(state="waiting"):
        send_message(message_id=message.pk, now=timezone.now())
    assert not sent("finder_wrote")
    assert set(Message.objects.filter(kind="finder_wrote").values_list("problem", flat=True)) <= {"over", ""}


def test_the_flags_of_a_unit_without_a_report_lead_to_the_brand(unit):
    """Staff look for what was stolen before it was sold: nobody can be written to but the brand."""
    factories.facts(unit, stolen=True)
    page = browser().get(path(unit, "found"))
    assert page.status_code == 200
    assert "Acme looks for it itself" in text_of(page)
    assert "care@acme.example" in page.content.decode()
    assert browser().post(path(unit, "found"), FINDER).status_code == 200
    assert not FinderThread.objects.exists()
    assert UnitFacts.objects.get(unit=unit).stolen


def test_a_search_that_lasts_is_still_the_owners_after_months(owner, unit):
    with time_machine.travel(timezone.now() + dt.timedelta(days=80), tick=True):
        report(owner, unit)
        assert viewer(owner, unit) == "owner"
        assert owner.get(path(unit)).status_code == 200
