"""The query budget of every page: exact statements, counted at the driver, with warm caches.

A page takes the same number of statements with 1 and with 20 rows of history behind it. BEGIN and
COMMIT are not counted; raw statements are.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.kinds import EventKind
from analytics.models import ForgedLinkCount
from analytics.services import NewEvent, NewScan, record_events, record_scan
from experiences.pages.section_page import SECTION_NAMES
from ownership.services import end_ownership
from tests.reading import code_in_mail
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Budget:
    """Statements on PostgreSQL and on SQLite."""

    postgresql: int
    sqlite: int

    @property
    def here(self) -> int:
        return self.postgresql if connection.vendor == "postgresql" else self.sqlite


NONE = Budget(0, 0)
# PostgreSQL: consume and read in one statement, scan and activity in another; SQLite: two and two.
TAP = Budget(2, 3 + 1)
READ_AND_RECORD = Budget(2, 3)
READ = Budget(1, 1)

TABLE = {
    "chip tap": TAP,
    "chip reload": TAP,
    "replayed by a new visitor": TAP,
    # One statement more: was it this visitor's own old link?
    "replayed by a known visitor": Budget(3, 5),
    "chip peek": READ,
    "printed code": READ_AND_RECORD,
    "printed code peek": READ,
    "digital link": READ_AND_RECORD,
    "forged link": NONE,
    "unknown profile": NONE,
    "malformed digital link": NONE,
    "unbound chip": Budget(1, 2),
    "unknown printed code": READ,
    "unknown digital link": READ,
    "unit page": READ,
    **{f"section {section}": READ for section in SECTION_NAMES},
    # Whose domain is it?
    "registration form": READ,
    "privacy notice": READ,
    # The unit, the browser's session, and what is being registered in it.
    "welcome": Budget(3, 3),
    # Written once in the life of an owner: person, owner, ownership, coverage, message, browser, session, events.
    "registering by chip": Budget(40, 40),
    "registering by printed code": Budget(16, 16),
    "the code's page": Budget(6, 6),
    "the code": Budget(18, 18),
    "finishing": Budget(40, 40),
    "certificate": Budget(1, 1),
    "certificate as PDF": Budget(1, 1),
    "outbox": NONE,
    "find": READ,
    "find how to tap": READ,
    "find with a wrong serial": Budget(2, 2),
    "find with the right serial": Budget(2, 2),
    "find at a brand": READ,
    "no such page": NONE,
    "front door": NONE,
    "alive": NONE,
}


def replayed(client, chip, *, known: bool):
    link = chip.tap()
    (client if known else Client()).get(link)
    client_now = client if known else Client()
    if known:
        client.get(chip.tap())
    return lambda: client_now.get(link)


def reload(client, chip):
    link = chip.tap()
    client.get(link)
    return lambda: client.get(link)


def unbound(client, chip):
    from dataclasses import replace

    stranger = replace(chip.chip, uid=bytes.fromhex("04ffffffffffff"))
    link = stranger.link(chip.base, 1).removeprefix("http://testserver")
    return lambda: client.get(link)


def free(unit) -> None:
    """Take the unit's owner and coverage back, so that it can be registered again."""
    CoveragePlan.objects.get_or_create(
        brand=unit.brand, defaults={"names": {"en": "Two years"}, "months": 24}
    )
    Coverage.objects.filter(unit=unit).delete()
    if unit.ownerships.filter(until=None).exists():
        end_ownership(unit=unit, until=timezone.now(), now=timezone.now())


def registering(unit, *steps, chip=None):
    """Return what registers the unit in a browser of its own, up to the last of the steps."""

    def prepare():
        free(unit)
        browser, pages = Client(), f"/u/{unit.public_code}/"
        if chip:
            browser.get(chip.tap())
        form = {"submission_key": uuid.uuid4().hex, "contact": f"{uuid.uuid4().hex}@example.com"}
        todo = {
            "form": lambda: browser.post(pages + "register/", form),
            "code's page": lambda: browser.get(pages + "confirm/"),
            "code": lambda: browser.post(pages + "confirm/", {"code": code_in_mail()}),
            "finish": lambda: browser.get(pages + "registered/"),
            "welcome": lambda: browser.get(pages + "welcome/"),
        }
        for step in steps[:-1]:
            assert todo[step]().status_code in (200, 302)
        return lambda: answered(todo[steps[-1]]())

    return prepare


def answered(response):
    assert response.status_code in (200, 302)
    return response


def certified(client, unit, suffix):
    def prepare():
        free(unit)
        coverage = activate_coverage(unit_id=unit.pk, now=timezone.now())
        return lambda: answered(client.get(f"/certificate/{coverage.certificate_code}{suffix}"))

    return prepare


def requests(client, chip, unit) -> dict:
    """Return for each line of the table what prepares it and returns the request."""
    gtin = unit.trade_item.gtin
    typed = {"model": unit.product.model_number}
    peek = {"user-agent": "WhatsApp/2.24 A"}

    def get(path, **extra):
        return lambda: lambda: client.get(path, **extra)

    return {
        "chip tap": lambda: (lambda link: lambda: client.get(link))(chip.tap()),
        "chip reload": lambda: reload(client, chip),
        "replayed by a new visitor": lambda: replayed(client, chip, known=False),
        "replayed by a known visitor": lambda: replayed(client, chip, known=True),
        "chip peek": lambda: (lambda link: lambda: client.get(link, headers=peek))(chip.tap()),
        "printed code": get(f"/q/{unit.public_code}"),
        "printed code peek": get(f"/q/{unit.public_code}", headers=peek),
        "digital link": get(f"/01/{gtin}/21/{unit.serial}"),
        "forged link": get(f"/t/acme-a?picc_data={'0' * 32}&cmac={'0' * 16}"),
        "unknown profile": get("/t/nobody?cmac=00"),
        "malformed digital link": get("/01/1/21/1"),
        "unbound chip": lambda: unbound(client, chip),
        "unknown printed code": get("/q/00000000000000000000"),
        "unknown digital link": get(f"/01/{gtin}/21/NOPE"),
        "unit page": get(f"/u/{unit.public_code}/"),
        **{f"section {name}": get(f"/u/{unit.public_code}/{name}/") for name in SECTION_NAMES},
        "registration form": get(f"/u/{unit.public_code}/register/"),
        "privacy notice": get(f"/u/{unit.public_code}/privacy/"),
        "registering by chip": registering(unit, "form", chip=chip),
        "welcome": registering(unit, "form", "welcome", chip=chip),
        "registering by printed code": registering(unit, "form"),
        "the code's page": registering(unit, "form", "code's page"),
        "the code": registering(unit, "form", "code"),
        "finishing": registering(unit, "form", "code", "finish"),
        "certificate": certified(client, unit, "/"),
        "certificate as PDF": certified(client, unit, ".pdf"),
        "outbox": get("/outbox/"),
        "find": get("/find/"),
        "find how to tap": get("/find/how-to-tap/"),
        "find with a wrong serial": lambda: lambda: client.post("/find/", {**typed, "serial": "NOPE"}),
        "find with the right serial": lambda: lambda: client.post("/find/", {**typed, "serial": unit.serial}),
        "find at a brand": get("/find/acme/"),
        "no such page": get("/nothing/here"),
        "front door": get("/"),
        "alive": get("/health/live"),
    }


class Counter:
    """Counts what reaches the driver."""

    def __init__(self):
        self.statements: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")):
            self.statements.append(sql)
        return execute(sql, params, many, context)


def give_history(unit, chip, rows: int) -> None:
    for number in range(rows):
        record_scan(
            NewScan(
                at=NOW - dt.timedelta(days=rows - number), brand_id=unit.brand_id, unit_id=unit.pk,
                tag_id=chip.tag.pk, counter=None, verdict="identified", stage="discovery",
                visitor=f"{number:032x}", locale="en", country="FR",
            )
        )  # fmt: skip
    record_events(
        [NewEvent(EventKind.FLAG_RAISED, unit.brand_id, NOW, unit_id=unit.pk) for _row in range(rows)],
        now=NOW,
    )


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("what", TABLE)
def test_the_statements_of(client, chip, unit, what, rows):
    give_history(unit, chip, rows)
    prepare = requests(client, chip, unit)[what]
    prepare()()  # warms what is kept in the process
    request, counter = prepare(), Counter()
    with connection.execute_wrapper(counter):
        request()
    assert len(counter.statements) == TABLE[what].here, "\n".join(counter.statements)


def test_every_address_of_the_public_stands_in_the_table():
    """A new public page needs a line."""
    from django.urls import URLPattern, get_resolver

    lines = {
        "home": "front door", "chip_tap": "chip tap", "qr_tap": "printed code", "digital_link": "digital link",
        "unit_home": "unit page", "unit_section": "section care", "find": "find", "find_help": "find how to tap",
        "find_brand": "find at a brand", "health_live": "alive", "register": "registration form",
        "privacy": "privacy notice", "welcome": "welcome", "confirm": "the code's page",
        "registered": "finishing", "certificate": "certificate", "certificate_pdf": "certificate as PDF",
        "outbox": "outbox",
    }  # fmt: skip
    # Pages for staff and machines, files, a probe that asks the database, and forms' answers.
    elsewhere = {"picture", "health_ready", "its_mine", "send_again", "outbox_mail"}
    public = {
        pattern.name
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLPattern) and pattern.callback.__module__.startswith("experiences")
    }
    assert public - elsewhere <= set(lines)
    assert set(lines.values()) <= set(TABLE)


def test_a_forged_link_writes_nothing_however_often(client, chip):
    """P5: no database statement per forged tap."""
    link = f"/t/acme-a?picc_data={'0' * 32}&cmac={'0' * 16}"
    client.get(link)
    counter = Counter()
    with connection.execute_wrapper(counter):
        for _time in range(50):
            assert client.get(link).status_code == 400
    assert counter.statements == []
    assert not ForgedLinkCount.objects.exists()
