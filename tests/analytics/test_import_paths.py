"""Both ways into the database end alike: rows copied and compared in SQL, and rows taken one by one."""

import datetime as dt
import io
import json
import random

import pytest
from django.db import transaction
from django.utils import timezone

from analytics.imports import ImportLedger
from analytics.models import Event
from products.imports import merging, units
from products.imports.preview import Preview
from products.imports.units import UnitImport, import_units
from products.models import Batch, Tag, Unit, Variant
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HEADER = "gtin;serial;batch;variant;made_on;made_in;origin;shipped_on;sold_on;market;tag_uid;chip_profile;attributes"
# Good, empty, odd and bad values of every column; `None` stands for what the catalogue holds.
CELLS = {
    "gtin": [None] * 12 + ["", "123", "04006381333931", "9506000134353"],
    "serial": [None] * 20 + ["", "É1", "x" * 21, 'S"1', "S\\1", "S%/1", "\\N", "."],
    "batch": ["", "L1", "L1", "L2", " L2 ", "\\.", "Lé;1", "x" * 21],
    "variant": ["", "", "tan", "black", "x" * 61],
    "made_on": ["", "2024-03-01", "2024-03-01", "2024-03-02", "2024-02-30", "2999-01-01", "1.3.2024"],
    "made_in": ["", "Lyon", "Lyon", "Paris", "a\tb", "Ly\\non", "日本", "x" * 121],
    "origin": ["", "", "Massif Central", "NULL", "\u00a0"],
    "shipped_on": ["", "", "", "2024-04-01", "2023-01-01"],
    "sold_on": ["", "", "", "2024-06-01", "2024-06-02", "2023-01-01"],
    "market": ["", "", "FR", "DE", "fr"],
    "chip": ["", "", "", "chip", "chip", "chip", "other", "foreign", "uid", "profile"],
    "attributes": [
        "", "", "", "{}", '{"artisan": "Anna"}', '{"artisan": "Ben"}', '{ "step": 1.0 , "artisan": "Anna"}',
        '{"artisan": "Anna", "step": 1}', '{"step": true}', '{"step": 1e400}', '{"n": 0.1}', '{"n": 0.10}',
        '{"n": 1e5}', '{"n": 100000}', '{"a": {"b": [1, null, "é"]}}', '{"a": "\\u00e9"}', '{"a": "\\u0000"}', "[1]",
        '{"n": 123456789012345678901234567890}', '{"n": -0.0}', '{"n": 0}', '{"n": false}',
    ],
}  # fmt: skip


@pytest.fixture
def shelf(acme, globex, bag, profile, alice):
    """Acme's units, some of which were used, sold or retired, and a chip of Globex."""
    factories.ChipProfileFactory(brand=globex, slug="globex-a")
    factories.ChipProfileFactory(brand=acme, slug="acme-b")
    tan = Variant.objects.create(product=bag, code="tan")
    batch = factories.BatchFactory(product=bag, code="L1")
    item, of_tan = bag.trade_items.get(), factories.TradeItemFactory(product=bag, variant=tan)
    for number in range(24):
        unit = factories.UnitFactory(
            product=bag,
            trade_item=item if number % 3 else of_tan,
            serial=f"S{number}",
            batch=batch if number % 2 else None,
            variant=tan if number % 4 else None,
            made_on=dt.date(2024, 3, 1) if number % 3 else None,
            made_in="Lyon" if number % 5 else "",
            sold_on=dt.date(2024, 6, 1) if number % 7 == 0 else None,
            attributes={"artisan": "Anna", "step": 1} if number % 6 == 0 else {},
            **({"status": "destroyed", "retired_on": dt.date(2025, 1, 1)} if number % 11 == 0 else {}),
        )
        if number % 2:
            Tag.objects.create(brand=acme, unit=unit, kind="chip", profile=profile, uid=f"04{number:012x}")
        elif number % 4:
            Tag.objects.create(brand=acme, unit=unit, kind="qr")
        if number % 8 == 1:
            factories.own(unit, alice, NOW - dt.timedelta(days=30))
    return [item.gtin, of_tan.gtin]


def one_row(dice, gtins):
    cells = {column: dice.choice(values) for column, values in CELLS.items()}
    number = dice.randrange(40)
    if cells["gtin"] is None:
        cells["gtin"] = dice.choice([gtins[0] if number % 3 else gtins[1], gtins[0].lstrip("0")])
    cells["serial"] = f"S{number}" if cells["serial"] is None else cells["serial"]
    uid, chip = f"04{dice.choice([number, number, number + 1]):012x}", cells.pop("chip")
    cells["tag_uid"] = {"": "", "profile": ""}.get(chip, dice.choice([uid, uid.upper()]))
    cells["chip_profile"] = {"": "", "uid": "", "other": "acme-b", "foreign": "globex-a"}.get(chip, "acme-a")
    return cells


def calm_row(dice, gtins):
    """Return a row that is probably good, so that the other half of the rows does not hide what the good ones do."""
    cells = dict.fromkeys(HEADER.split(";"), "")
    number = dice.randrange(60)
    cells |= {"gtin": gtins[0] if number % 3 else gtins[1], "serial": f"S{number}"}
    for column in dice.sample(("batch", "made_on", "made_in", "sold_on", "attributes"), dice.randrange(4)):
        cells[column] = dice.choice(CELLS[column][:4])
    if dice.random() < 0.4:
        cells |= {"tag_uid": f"04{number:012x}", "chip_profile": "acme-a"}
    return cells


def a_file(seed, gtins):
    dice = random.Random(seed)
    rows = [dice.choice([one_row, calm_row, calm_row])(dice, gtins) for _row in range(80)]
    rows += dice.sample(rows, 6)
    lines = [";".join('"' + row[name].replace('"', '""') + '"' for name in HEADER.split(";")) for row in rows]
    lines.insert(dice.randrange(len(lines)), '"never closed;')
    return "\n".join([HEADER, *lines]).encode()


def state():
    """What stands in the database, apart from ids and random codes."""
    units_there = [
        {**unit, "attributes": json.dumps(unit["attributes"], sort_keys=True)}
        for unit in Unit.objects.order_by("trade_item", "serial").values(
            "brand", "product", "trade_item", "serial", "batch__code", "batch__brand", "variant__code", "status",
            "retired_on", "made_on", "made_in", "origin", "shipped_on", "sold_on", "market", "attributes",
        )
    ]  # fmt: skip
    tags = Tag.objects.order_by("unit__trade_item", "unit__serial", "kind", "uid").values_list(
        "brand",
        "unit__serial",
        "kind",
        "state",
        "profile",
        "uid",
        "last_counter",
        "key_version",
        "last_visitor",
    )
    batches = Batch.objects.order_by("code").values_list("brand", "product", "code", "made_in", "composition")
    variants = Variant.objects.order_by("code").values_list("product", "code", "names")
    return units_there, list(tags), list(batches), list(variants)


def run(content, brand, **options):
    """Import the file; return all that can be seen of it, and leave nothing behind."""
    problems, preview = [], Preview()
    ledger = ImportLedger(now=NOW, actor_id=None, source={})
    before = Event.objects.count()
    with transaction.atomic():
        task = UnitImport(
            brand=brand, ledger=ledger, report=problems.append, now=NOW, preview=preview, **options
        )
        counts = import_units(io.BytesIO(content), task)
        written = [event.data for event in Event.objects.order_by("pk")[before:]]
        told = {key: sum(event[key] for event in written) for key in ("new", "changed")}
        seen = counts.as_dict(), problems, preview.as_data(), told, state()
        codes = list(Unit.objects.values_list("public_code", flat=True))
        transaction.set_rollback(True)
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 20 for code in codes)
    return seen


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_file_ends_alike_on_both_ways(seed, dry_run, acme, shelf, monkeypatch):
    content = a_file(seed, shelf)
    copied = run(content, acme, dry_run=dry_run)
    monkeypatch.setattr(units, "can_merge", lambda: False)
    one_by_one = run(content, acme, dry_run=dry_run)
    for mine, expected in zip(copied, one_by_one, strict=True):
        assert mine == expected
    assert copied[0]["new"]
    assert copied[0]["bad"]


def test_ordinary_rows_are_not_taken_one_by_one(acme, shelf, monkeypatch):
    """What is new and what says the same is settled in SQL: else the comparison above would compare nothing."""
    looked_at = []
    plan = units.plan_row
    monkeypatch.setattr(
        units, "plan_row", lambda row, known: looked_at.append(row.serial) or plan(row, known)
    )
    rows = [f"{shelf[0]};N{number};L9;olive;2024-03-01;;;;;FR;;;" for number in range(30)]
    content = "\n".join([HEADER, *rows, f"{shelf[0]};S1;;;;Paris;;;;;;;"]).encode()
    task = UnitImport(
        brand=acme,
        ledger=ImportLedger(now=NOW, actor_id=None, source={}),
        report=print,
        now=timezone.now(),
    )
    assert import_units(io.BytesIO(content), task).new == 30
    assert import_units(io.BytesIO(content), task).unchanged == 30
    assert set(looked_at) == {"S1"}


def test_a_field_of_the_model_that_no_file_knows_gets_its_default(acme, shelf):
    """The raw INSERT names every column of the models, so that a new one is not forgotten."""
    for model, staged in ((Unit, {"id"}), (Tag, {"unit_id"})):
        values = merging._Values(model, acme, {name: name for name in staged}, {})
        expected = {field.column for field in model._meta.concrete_fields} - ({"id"} - staged)
        assert set(values.columns.split(", ")) == expected
