"""A person's export and erasure through the pages (C9): asked for, run, refused, called off, and never anybody else's."""

import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.kinds import Flag
from analytics.models import Event, UnitFacts
from analytics.services import raise_flag
from experiences.data_rights import due_requests, run_request
from experiences.tasks import run_due_data_requests
from ownership.models import (
    Consent,
    ConsentWording,
    DataRequest,
    Evidence,
    FinderMessage,
    FinderThread,
    Gift,
    IdentityRequest,
    LossReport,
    Member,
    Owner,
    Ownership,
    OwnershipPolicy,
    Purchase,
    Registration,
    ReleaseRequest,
    Tombstone,
    Transfer,
)
from products.models import Device, Person, PrivateFile
from products.services.files import store_private_file
from tests import factories
from tests.experiences.test_my_consents import browser_of, person  # noqa: F401
from tests.reading import text_of

pytestmark = pytest.mark.django_db

URL = "/me/data/"
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
BOB = "bob@example.com"


@pytest.fixture
def owned(unit, alice, person) -> Ownership:  # noqa: F811
    return factories.own(unit, alice, timezone.now() - dt.timedelta(days=400))


def kept_file(brand, purpose: str, content: bytes = b"%PDF-1.7 Alice Archer %%EOF") -> PrivateFile:
    return store_private_file(
        brand=brand, purpose=purpose, content=ContentFile(content, name="proof"), original_name="proof.pdf",
        content_type="application/pdf", uploaded_by=None, now=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def everything(acme, bag, unit, alice, bob, owned, person) -> dict[str, int]:  # noqa: F811
    """Alice left something in every table that can hold it; Bob is the other side of it all."""
    now = timezone.now()
    wording = ConsentWording.objects.create(brand=acme, purpose="marketing", version=1, texts={"en": "News"})
    Owner.objects.filter(pk=alice.pk).update(phone="+33612345678")
    Registration.objects.create(
        brand=acme, unit=unit, owner=alice, person=person, ownership=owned, submission_key="k" * 32, proof="code",
        state="confirmed", name="Alice Archer", contact_kind="email", contact=alice.email, locale="en",
        created_at=now, confirmed_at=now, wording=wording,
    )  # fmt: skip
    Consent.objects.create(
        owner=alice, wording=wording, locale="en", channel="me", given_at=now, confirmed_at=now
    )
    Purchase.objects.create(
        ownership=owned, bought_on=now.date(), seller="Alice's corner shop", proof=kept_file(acme, "purchase"),
        entered_at=now,
    )  # fmt: skip
    Gift.objects.create(brand=acme, unit=unit, words="For Alice Archer", left_at=now)
    other = factories.UnitFactory(product=bag, serial="AC-0002")
    bobs = factories.own(other, bob, now - dt.timedelta(days=9))
    case = ReleaseRequest.objects.create(
        brand=acme, unit=other, ownership=bobs, claimant=alice, ground="given", proof="code", state="kept",
        name="Alice Archer", contact_kind="email", contact=alice.email, locale="en", statement="Alice says so",
        answer="Bob Baker says no", submission_key="c" * 64, sent_at=now, confirmed_at=now, ended_at=now,
    )  # fmt: skip
    Evidence.objects.create(
        request=case, side="claimant", note="by Alice", file=kept_file(acme, "evidence"), sent_at=now, digest="1"
    )  # fmt: skip
    bobs_file = kept_file(acme, "evidence", b"%PDF-1.7 Bob Baker %%EOF")
    Evidence.objects.create(
        request=case, side="owner", note="Bob's receipt", file=bobs_file, sent_at=now, digest="2"
    )
    Transfer.objects.create(
        brand=acme, unit=unit, ownership=owned, kind="sale", state="expired", started_at=now,
        expires_at=now + dt.timedelta(1), settled_at=now,
    )  # fmt: skip
    report = LossReport.objects.create(
        brand=acme, unit=unit, ownership=owned, kind="lost", words="Call Alice Archer", police_reference="PV-7",
        reported_at=now, ended_at=now,
    )  # fmt: skip
    thread = FinderThread.objects.create(
        report=report, email="finder@example.com", locale="en", submission_key="f" * 64, begun_at=now
    )
    FinderMessage.objects.create(thread=thread, sender="owner", words="I am Alice Archer", sent_at=now)
    IdentityRequest.objects.create(
        brand=acme, product=bag, serial="OLD-1", email=alice.email, locale="en", note="Alice's grandmother's",
        submission_key="i" * 64, state="refused", sent_at=now, confirmed_at=now, decided_at=now,
        proof=kept_file(acme, "identity_proof"),
    )  # fmt: skip
    Device.objects.create(person=person, created_at=now, last_used_at=now)
    return {"case": case.pk, "bobs_file": bobs_file.pk}


def ask_export(client, owner, commit) -> DataRequest:
    with commit(execute=True):
        assert client.post(URL, {"owner": owner.pk}).status_code == 302
    return DataRequest.objects.get(kind="export")


def opened(response) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_one_archive_holds_everything_for_people_and_for_programs(
    alice, person, everything, unit, django_capture_on_commit_callbacks  # noqa: F811
):  # fmt: skip
    """C9: every table that names the person, their files, and the keys explained."""
    client = browser_of(person)
    asked = ask_export(client, alice, django_capture_on_commit_callbacks)
    assert asked.state == "done"
    page = client.get(URL)
    assert 'data-export="ready"' in page.content.decode()
    response = client.get(f"/me/data/{asked.pk}/archive.zip")
    assert response["Content-Disposition"].startswith("attachment")
    archive = opened(response)
    data = json.loads(archive.read("data.json"))
    held = data["data"]
    assert held["owner"][0]["email"] == alice.email
    assert held["addresses"] == [{"email": alice.email, "confirmed": True, "first": True}]
    assert held["things"][0]["serial"] == unit.serial
    assert held["things"][0]["product"] == "Weekend bag"
    assert held["releases_asked"][0]["statement"] == "Alice says so"
    assert held["losses"][0]["police_reference"] == "PV-7"
    assert held["consents"][0]["words"] == "News"
    assert held["history"], "the ledger's lines about her"
    assert set(data["keys"]) == set(held)
    own_files = [row["file"] for part in ("purchases", "evidence", "identity_requests") for row in held[part]]
    assert all(b"Alice Archer" in archive.read(name) for name in own_files)
    readable = archive.read("index.html").decode()
    assert "Alice says so" in readable
    assert "What Acme knows of you" in readable
    assert "<script" not in readable


def test_the_archive_holds_nobody_else(alice, person, everything, django_capture_on_commit_callbacks):  # noqa: F811
    """C9: neither the other side's name, address, words and files, nor a finder's address."""
    client = browser_of(person)
    asked = ask_export(client, alice, django_capture_on_commit_callbacks)
    archive = opened(client.get(f"/me/data/{asked.pk}/archive.zip"))
    for name in archive.namelist():
        content = archive.read(name)
        for foreign in (b"Bob", BOB.encode(), b"finder@example.com"):
            assert foreign not in content, name


def test_the_mail_that_it_is_ready_carries_nothing_of_it(
    alice, person, everything, django_capture_on_commit_callbacks  # noqa: F811
):  # fmt: skip
    ask_export(browser_of(person), alice, django_capture_on_commit_callbacks)
    (sent,) = [message for message in mail.outbox if "Your data is ready" in message.subject]
    assert sent.to == [alice.email]
    assert URL in sent.body
    assert "archive.zip" not in sent.body
    assert not sent.attachments


def test_markup_in_what_was_typed_stays_text(alice, person, owned, django_capture_on_commit_callbacks):  # noqa: F811
    Owner.objects.filter(pk=alice.pk).update(name="<script>alert(1)</script>")
    client = browser_of(person)
    asked = ask_export(client, alice, django_capture_on_commit_callbacks)
    archive = opened(client.get(f"/me/data/{asked.pk}/archive.zip"))
    assert "<script" not in archive.read("index.html").decode()


def test_asked_twice_it_is_one_archive(alice, person, owned, django_capture_on_commit_callbacks):  # noqa: F811
    client = browser_of(person)
    first = ask_export(client, alice, django_capture_on_commit_callbacks)
    assert ask_export(client, alice, django_capture_on_commit_callbacks) == first
    assert run_request(request_id=first.pk, now=timezone.now()) == "done"
    assert PrivateFile.objects.filter(purpose="export").count() == 1


def test_nobody_else_fetches_it(
    acme, globex, alice, bob, sam, person, owned, django_capture_on_commit_callbacks  # noqa: F811
):  # fmt: skip
    """C9: not another owner, nor the rival's, nor staff, nor a browser that was silent for long."""
    asked = ask_export(browser_of(person), alice, django_capture_on_commit_callbacks)
    path = f"/me/data/{asked.pk}/archive.zip"
    stranger, rival = factories.PersonFactory(), factories.PersonFactory()
    Owner.objects.filter(pk=bob.pk).update(person=stranger)
    factories.OwnerFactory(brand=globex, person=rival)
    for somebody in (stranger, rival):
        assert browser_of(somebody).get(path).status_code == 404
    for client in (Client(), browser_of(person, silent_for=91)):
        assert client.get(path)["Location"].startswith("/me/enter/")
    factories.with_second_factor(sam)
    staff = Client()
    staff.force_login(sam)
    assert staff.get(path)["Location"].startswith("/me/enter/")
    assert staff.get(f"/console/files/{asked.file_id}/").status_code in (302, 404)
    household = Owner.objects.create(brand=acme, kind="household", name="The Archers")
    Member.objects.create(owner=household, person=person, role="member", since=timezone.now())
    assert browser_of(person).post(URL, {"owner": household.pk}).status_code == 400


@pytest.mark.parametrize("owner", ["", "0", "x", "\x00", "9" * 300])
def test_nonsense_asks_for_nothing(owner, person, owned):  # noqa: F811
    assert browser_of(person).post(URL, {"owner": owner}).status_code == 400
    assert not DataRequest.objects.exists()


def test_an_archive_is_gone_after_two_weeks(alice, person, owned, django_capture_on_commit_callbacks):  # noqa: F811
    asked = ask_export(browser_of(person), alice, django_capture_on_commit_callbacks)
    with time_machine.travel(timezone.now() + dt.timedelta(days=15)):
        assert browser_of(person).get(f"/me/data/{asked.pk}/archive.zip").status_code == 404


def test_an_archive_that_could_not_be_made_says_so(
    alice, person, owned, monkeypatch, caplog, django_capture_on_commit_callbacks  # noqa: F811
):  # fmt: skip
    def broken(*args, **kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr("experiences.data_rights.make_export", broken)
    client = browser_of(person)
    asked = ask_export(client, alice, django_capture_on_commit_callbacks)
    assert (asked.state, asked.problem) == ("failed", "broken")
    assert "ask for it again" in text_of(client.get(URL))
    assert alice.email not in caplog.text


# --- Being forgotten ---------------------------------------------------------------------------


def ask_erasure(client, owner):
    return client.post(f"/me/forget/{owner.pk}/")


def after(days: int):
    return time_machine.travel(timezone.now() + dt.timedelta(days=days))


def test_being_forgotten_waits_for_the_cooling_off_and_is_called_off_with_one_click(alice, person, owned):  # noqa: F811
    """C9."""
    client = browser_of(person)
    assert "registered to nobody" in text_of(client.get(f"/me/forget/{alice.pk}/"))
    assert ask_erasure(client, alice).status_code == 302
    asked = DataRequest.objects.get()
    assert (asked.due_at - asked.asked_at).days == 14
    assert ask_erasure(client, alice).status_code == 302, "sent twice is one"
    assert DataRequest.objects.count() == 1
    assert run_due_data_requests() == 0
    assert "will be erased on" in text_of(client.get(URL))
    assert client.post(f"/me/data/{asked.pk}/keep/").status_code == 302
    with after(20):
        assert due_requests(now=timezone.now()) == []
    assert Owner.objects.get(pk=alice.pk).email == alice.email
    kinds = ["erasure.asked", "erasure.cancelled"]
    assert (
        list(Event.objects.filter(kind__startswith="erasure").order_by("id").values_list("kind", flat=True))
        == kinds
    )


def test_after_its_time_it_cant_be_called_off(alice, person, owned):  # noqa: F811
    ask_erasure(browser_of(person), alice)
    asked = DataRequest.objects.get()
    with after(15):
        assert browser_of(person).post(f"/me/data/{asked.pk}/keep/").status_code == 409


def test_somebody_elses_erasure_is_neither_asked_for_nor_called_off(alice, bob, person, owned):  # noqa: F811
    ask_erasure(browser_of(person), alice)
    stranger = factories.PersonFactory()
    Owner.objects.filter(pk=bob.pk).update(person=stranger)
    client = browser_of(stranger)
    assert ask_erasure(client, alice).status_code == 404
    assert client.get(f"/me/forget/{alice.pk}/").status_code == 404
    assert client.post(f"/me/data/{DataRequest.objects.get().pk}/keep/").status_code == 404
    assert DataRequest.objects.get().state == "waiting"


def test_an_erasure_with_an_open_claim_is_refused_in_clear_words(unit, alice, person, owned):  # noqa: F811
    raise_flag(unit, Flag.CLAIM, now=timezone.now(), actor_id=None)
    refused = ask_erasure(browser_of(person), alice)
    assert refused.status_code == 409
    assert "A claim is open for a piece of yours" in text_of(refused)
    assert not DataRequest.objects.exists()


def test_a_claim_opened_meanwhile_stops_the_erasure_and_says_so(
    unit, alice, person, owned, django_capture_on_commit_callbacks  # noqa: F811
):  # fmt: skip
    client = browser_of(person)
    ask_erasure(client, alice)
    raise_flag(unit, Flag.CLAIM, now=timezone.now(), actor_id=None)
    with after(15):
        with django_capture_on_commit_callbacks(execute=True):
            run_due_data_requests()
        asked = DataRequest.objects.get()
        assert (asked.state, asked.problem) == ("failed", "claim")
        assert "could not be erased yet" in text_of(browser_of(person).get(URL))
    assert any("could not be erased yet" in sent.subject for sent in mail.outbox)
    assert Owner.objects.get(pk=alice.pk).email == alice.email


def test_open_transfers_and_cases_and_lonely_households_stand_in_the_way(acme, unit, alice, person, owned):  # noqa: F811
    now = timezone.now()
    client = browser_of(person)
    transfer = Transfer.objects.create(
        brand=acme, unit=unit, ownership=owned, kind="sale", started_at=now, expires_at=now + dt.timedelta(1)
    )
    assert "passing a piece on" in text_of(ask_erasure(client, alice))
    transfer.delete()
    case = ReleaseRequest.objects.create(
        brand=acme, unit=unit, ownership=owned, ground="given", proof="code", state="desk", contact_kind="email",
        contact=BOB, locale="en", submission_key="c" * 64, sent_at=now, confirmed_at=now,
    )  # fmt: skip
    assert "being settled whose a piece is" in text_of(ask_erasure(client, alice))
    case.delete()
    household = Owner.objects.create(brand=acme, kind="household")
    Member.objects.create(owner=household, person=person, role="admin", since=now)
    factories.own(factories.UnitFactory(product=unit.product), household, now)
    assert "Nobody but you looks after" in text_of(ask_erasure(client, alice))
    Member.objects.create(owner=household, person=factories.PersonFactory(), role="admin", since=now)
    assert ask_erasure(client, alice).status_code == 302


def columns() -> list[tuple[str, str]]:
    """Return every column of every table."""
    found: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} WHERE 1 = 0")
            found += [(table, column[0]) for column in cursor.description]
    return found


def traces_of(*words: str) -> list[str]:
    """Return where one of the words stands: in any column of any table, in the cache, in a stored file."""
    traces = []
    quote = connection.ops.quote_name
    for table, column in columns():
        for word in words:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT count(*) FROM {quote(table)} WHERE CAST({quote(column)} AS text) LIKE %s", [f"%{word}%"]
                )  # fmt: skip
                if cursor.fetchone()[0]:
                    traces.append(f"{table}.{column}: {word}")
    traces += [str(key) for key, value in cached().items() for word in words if word.encode() in value]
    return traces


def cached() -> dict[Any, bytes]:
    """Return everything in the cache under test, whether it is this process's memory or Redis."""
    store = cache._cache
    if isinstance(store, dict):
        return store
    client = store.get_client()
    return {key: client.get(key) or b"" for key in client.scan_iter()}


def stored_files_with(word: bytes) -> list[str]:
    names = [f"{file.brand_id}/{file.name}" for file in PrivateFile.objects.all()]
    return [
        name for name in names if default_storage.exists(name) and word in default_storage.open(name).read()
    ]


def test_nothing_of_the_person_is_left_and_the_units_history_stays_true(
    acme, unit, alice, bob, person, everything, django_capture_on_commit_callbacks  # noqa: F811
):  # fmt: skip
    """C9: every column of every table, the cache and the files; ownerships, counts and events remain."""
    client = browser_of(person)
    files = [
        f"{file.brand_id}/{file.name}" for file in PrivateFile.objects.exclude(pk=everything["bobs_file"])
    ]
    ask_export(client, alice, django_capture_on_commit_callbacks)
    assert traces_of(alice.email), "the search finds what is there"
    ask_erasure(client, alice)
    with after(15), django_capture_on_commit_callbacks(execute=True):
        run_due_data_requests()
    assert DataRequest.objects.get(kind="erasure").state == "done"
    assert traces_of("Alice", alice.email, "612345678", "PV-7", "finder@example.com") == []
    assert stored_files_with(b"Alice") == []
    assert not any(default_storage.exists(name) for name in files)
    assert not Person.objects.filter(pk=person.pk).exists()
    # What stays: she was its first owner, and is none any more.
    ownership = Ownership.objects.get(unit=unit)
    assert (ownership.ordinal, ownership.owner_id) == (1, alice.pk)
    assert ownership.until is not None
    facts = UnitFacts.objects.get(unit=unit)
    assert (facts.owner_id, facts.ownerships) == (None, 1)
    assert Event.objects.filter(kind="owner.erased", owner_id=alice.pk).count() == 1
    assert Consent.objects.get().withdrawn_through == "erasure"
    assert Tombstone.objects.get().person_id == person.pk
    # The other side keeps what is theirs.
    case = ReleaseRequest.objects.get(pk=everything["case"])
    assert (case.answer, case.statement) == ("Bob Baker says no", "")
    assert Evidence.objects.get().note == "Bob's receipt"
    assert Owner.objects.get(pk=bob.pk).email == BOB


def test_her_browser_is_a_strangers_afterwards_and_the_next_holder_registers(unit, alice, person, owned):  # noqa: F811
    client = browser_of(person)
    ask_erasure(client, alice)
    with after(15):
        run_due_data_requests()
        assert client.get("/me/")["Location"].startswith("/me/enter/")
        page = client.get(f"/u/{unit.public_code}/")
        assert 'data-viewer="looking"' in page.content.decode()


def test_run_twice_or_broken_off_it_ends_the_same(alice, person, everything):  # noqa: F811
    """C9: each step may run twice."""
    from experiences.data_rights import steps
    from ownership.services.data_rights.erasure import erase_owner

    now = timezone.now()
    erase_owner(owner_id=alice.pk, now=now, steps=steps()[:6])
    erase_owner(owner_id=alice.pk, now=now, steps=steps())
    events = Event.objects.count()
    erase_owner(owner_id=alice.pk, now=now, steps=steps())
    assert Event.objects.count() == events
    assert Tombstone.objects.count() == 1


def test_another_brand_keeps_what_it_knows(globex, alice, person, owned):  # noqa: F811
    """C9: one brand forgets; at the other the person, and their way in, remain."""
    theirs = factories.OwnerFactory(brand=globex, person=person, name="Alice at Globex", email=alice.email)
    ask_erasure(browser_of(person), alice)
    with after(15):
        run_due_data_requests()
    theirs.refresh_from_db()
    assert (theirs.person, theirs.email) == (person, alice.email)
    assert Owner.objects.get(pk=alice.pk).email == ""


def test_a_brand_without_cooling_off_forgets_at_once(
    acme, alice, person, owned, django_capture_on_commit_callbacks  # noqa: F811
):  # fmt: skip
    OwnershipPolicy.objects.create(brand=acme, erasure_days=0)
    with django_capture_on_commit_callbacks(execute=True):
        ask_erasure(browser_of(person), alice)
    assert DataRequest.objects.get().state == "done"
    assert not Person.objects.filter(pk=person.pk).exists()
