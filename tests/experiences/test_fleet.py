"""An organisation's fleet: found, taken along, registered and passed on in bulk (C14)."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from ownership.models import BulkRequest, Member, Owner, Ownership, Transfer
from products.models import PrivateFile
from tests import factories
from tests.experiences.test_people import browser_of, somebody
from tests.reading import text_of


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    options = {"location": tmp_path / "private"}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    with translation.override("en"):
        yield


@pytest.fixture
def works(acme):
    return Owner.objects.create(brand=acme, kind="organisation", name="Works", email="works@example.com")


def member_of(works, name: str, role: str) -> Client:
    person = somebody(works.brand, name)
    Member.objects.create(owner=works, person=person, role=role, since=timezone.now())
    return browser_of(person)


@pytest.fixture
def boss(works):
    return member_of(works, "ann", "admin")


@pytest.fixture
def worker(works):
    return member_of(works, "ben", "member")


@pytest.fixture
def fleet(works, bag):
    units = [factories.UnitFactory(product=bag, serial=f"W-{number:03d}") for number in range(3)]
    for unit in units:
        factories.own(unit, works, timezone.now())
    return units


def base(works) -> str:
    return f"/me/fleet/{works.pk}/"


def listed(content: bytes | str) -> SimpleUploadedFile:
    data = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile("units.csv", data, "text/csv")


def check(client, works, content=None, **values):
    file = {"file": listed(content)} if content is not None else {}
    return client.post(f"{base(works)}register/", {"step": "check", **file, **values})


def send(client, works):
    return client.post(f"{base(works)}register/", {"step": "send"})


def test_who_looks_after_it_finds_units_and_nobody_else(boss, worker, works, fleet, acme, globex):
    """Tenancy and roles: a mere member, another owner, a rival's owner and nobody get nothing."""
    page = boss.get(base(works))
    assert [unit.serial in text_of(page) for unit in fleet] == [True] * 3
    found = text_of(boss.get(base(works), {"serial": "w-001"}))
    assert "W-001" in found
    assert "W-002" not in found
    strangers = [worker, browser_of(somebody(acme, "eve")), browser_of(somebody(globex, "gus"))]
    for client in strangers:
        for path in ("", "units.csv", "register/", "transfer/", "offers/"):
            assert client.get(base(works) + path).status_code == 404
            if path not in ("", "units.csv"):
                assert client.post(base(works) + path, {"units": [fleet[0].pk]}).status_code == 404
    assert Client().get(base(works)).status_code == 302


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=-1", "?product=zzz", "?serial=%00", "?product=99999999999999999999"]
)
def test_crafted_questions_are_answered_calmly(boss, works, fleet, query):
    assert boss.get(base(works) + query).status_code == 200
    assert boss.get(f"{base(works)}units.csv{query}").status_code == 200


def test_a_serial_that_is_a_formula_is_none_in_the_csv(boss, works, bag):
    unit = factories.UnitFactory(product=bag, serial="=1+1")
    factories.own(unit, works, timezone.now())
    answer = boss.get(f"{base(works)}units.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["serial"] for row in rows] == ["'=1+1"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_list_grants_nothing_until_staff_approve(boss, works, bag, unit):
    """C14: whoever lists serial numbers owns nothing; sent twice is one list."""
    gtin = bag.trade_items.get().gtin
    answer = check(boss, works, f"gtin,serial,bought_on\n{gtin},{unit.serial},2026-01-02\n")
    assert "1 good row" in text_of(answer)
    for _time in range(2):
        assert send(boss, works)["Location"] == f"{base(works)}?done=sent"
    row = BulkRequest.objects.get()
    assert (row.owner, row.rows, row.state) == (works, 1, "waiting")
    assert not Ownership.objects.exists()
    assert "Staff look at it" in text_of(boss.get(base(works)))


def test_the_check_does_not_say_which_serials_exist_or_are_owned(boss, works, bag, unit, alice):
    """Enumeration: an owned unit, a free one and a made-up one look alike to who lists them."""
    factories.own(unit, alice, timezone.now())
    free = factories.UnitFactory(product=bag)
    gtin = bag.trade_items.get().gtin
    answers = []
    for serial in (unit.serial, free.serial, "MADE-UP"):
        page = text_of(check(boss, works, f"gtin,serial\n{gtin},{serial}\n"))
        answers.append(page.replace(serial, "…"))
    assert len(set(answers)) == 1


def test_bad_rows_come_back_with_line_column_and_reason(boss, works, bag, globex):
    gtin = bag.trade_items.get().gtin
    other = factories.TradeItemFactory(product__brand=globex, product__category__brand=globex).gtin
    content = (
        f"gtin,serial,bought_on\n{gtin},OK-1,\n{other},X,\n{gtin},OK-1,\n{gtin},B,2999-01-01\n{gtin},é,\n"
    )
    page = check(boss, works, content)
    assert page.status_code == 200
    assert "1 good row" in text_of(page)
    answer = boss.post(f"{base(works)}register/", {"step": "problems", "file": listed(content)})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["line"], row["column"]) for row in rows] == [
        ("3", "gtin"), ("4", "serial"), ("5", "bought_on"), ("6", "serial"),
    ]  # fmt: skip


def test_serial_numbers_typed_for_a_model_are_a_list(boss, works, bag):
    gtin = bag.trade_items.get().gtin
    answer = check(boss, works, serials="A-1\n\nA-2\n", gtin=gtin)
    assert "2 good rows" in text_of(answer)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00",
        b"PK\x03\x04",
        "gtin,serial\n".encode("utf-16"),
        b"gtin,serial",
        b"who,what\n1,2",
        b"\xff\xfe\xfa",
        b"\x1f\x8bno gzip",
        b"gtin,serial\n" + b"1,2\n" * 100_000,
        b"gtin,serial\n" + b"x" * (5 * 1024 * 1024),
    ],
    ids=[
        "empty",
        "nul",
        "zip",
        "utf-16",
        "header alone",
        "other columns",
        "no text",
        "bad gzip",
        "100,000 lines",
        "5 MB",
    ],
)
def test_a_file_that_is_no_list_gets_a_sentence(boss, works, content):
    answer = check(boss, works, content)
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    assert not PrivateFile.objects.exists()
    assert send(boss, works).status_code == 409


def test_rows_with_nul_and_wrong_encodings_are_bad_rows(boss, works, bag):
    gtin = bag.trade_items.get().gtin
    content = (
        b"gtin,serial\n"
        + f"{gtin},A\x00B\n".encode()
        + f"{gtin},".encode()
        + b"\xe9\n"
        + f"{gtin},OK\n".encode()
    )
    assert "1 good row" in text_of(check(boss, works, content))


@pytest.mark.parametrize(
    "proof",
    [b"<script>", b"%PDF-1.4 cut", b"\xff\xd8\xff broken", b"", b"%PDF-1.4" + b"0" * 12_000_000 + b"%%EOF"],
)
def test_a_disguised_or_huge_proof_is_refused(boss, works, bag, proof):
    gtin = bag.trade_items.get().gtin
    file = SimpleUploadedFile("invoice.pdf", proof, "application/pdf")
    answer = check(boss, works, f"gtin,serial\n{gtin},A\n", proof=file)
    assert answer.status_code == 400
    assert not PrivateFile.objects.exists()


def test_the_form_says_what_is_missing(boss, works, bag):
    gtin = bag.trade_items.get().gtin
    assert check(boss, works).status_code == 400
    assert check(boss, works, serials="A-1").status_code == 400
    assert check(boss, works, f"gtin,serial\n{gtin},A\n", serials="A-1", gtin=gtin).status_code == 400


def test_another_organisations_list_is_not_sent(boss, works, bag, acme):
    """The list that waits in the browser is of the organisation for which it was checked."""
    other = Owner.objects.create(brand=acme, kind="organisation", name="Other")
    gtin = bag.trade_items.get().gtin
    check(boss, works, f"gtin,serial\n{gtin},A\n")
    Member.objects.create(owner=other, person=works.members.get().person, role="admin", since=timezone.now())
    assert send(boss, other).status_code == 409
    assert not BulkRequest.objects.exists()


def offer(client, works, units, **values):
    return client.post(f"{base(works)}transfer/", {"units": [unit.pk for unit in units], **values})


def test_chosen_units_are_offered_under_one_link_and_called_off(boss, works, fleet):
    """C14: transferred in bulk; nothing changes hands before somebody accepts."""
    assert "Pass on 2 units" in text_of(offer(boss, works, fleet[:2]))
    assert not Transfer.objects.exists()
    assert offer(boss, works, fleet[:2], kind="sale")["Location"] == f"{base(works)}offers/"
    rows = Transfer.objects.open()
    bundle = rows[0].bundle
    assert {row.bundle for row in rows} == {bundle}
    assert rows.count() == 2
    assert f"/transfer/{bundle}/" in boss.get(f"{base(works)}offers/").content.decode()
    boss.post(f"{base(works)}offers/", {"bundle": bundle})
    assert not Transfer.objects.open().exists()
    assert Ownership.objects.current().filter(owner=works).count() == 3


def test_foreign_ids_in_the_form_offer_nothing(boss, works, fleet, alice, bag):
    theirs = factories.UnitFactory(product=bag)
    factories.own(theirs, alice, timezone.now())
    assert offer(boss, works, [fleet[0], theirs], kind="sale").status_code == 409
    for crafted in (["x"], ["\x00"], ["9" * 40], [], ["-1"]):
        answer = boss.post(f"{base(works)}transfer/", {"units": crafted, "kind": "sale"})
        assert answer.status_code in (400, 409)
    boss.post(f"{base(works)}offers/", {"bundle": "guessed"})
    assert not Transfer.objects.exists()


def test_what_is_offered_already_is_told_by_its_serial(boss, works, fleet):
    offer(boss, works, fleet[:1], kind="gift")
    answer = offer(boss, works, fleet, kind="sale")
    assert answer.status_code == 409
    assert "W-000" in text_of(answer)
    assert Transfer.objects.open().count() == 3


def test_a_member_can_not_pass_a_shared_unit_on_from_its_page(worker, fleet):
    """Only who looks after it: the unit's own page refuses a member."""
    answer = worker.post(f"/u/{fleet[0].public_code}/transfer/", {"kind": "sale"})
    assert answer.status_code == 403
    assert not Transfer.objects.exists()


def test_a_member_may_report_a_shared_unit_lost(worker, fleet):
    assert worker.get(f"/u/{fleet[0].public_code}/lost/").status_code == 200
