"""`python -m bench.imports [ROWS]`: importing units against a raw COPY of the same rows into the same tables.

Needs PostgreSQL in DATABASE_URL (its database is not touched: one of its own is made beside it). The raw COPY checks
nothing and reports nothing: the file goes into an unlogged table as it is, and from there into units and tags with
their indexes and foreign keys. Rounds alternate, each begins with empty tables, and only the ratio compares.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import psycopg

from bench.__main__ import own_database

ROUNDS, ROWS = 3, 200_000
PRODUCTS, GTINS_EACH = 4, 3
SCATTER = 0x5851F42D4C95  # odd: no two numbers below 2^48 meet
COLUMNS = "gtin,serial,batch,variant,made_on,made_in,origin,tag_uid,chip_profile,attributes"
RAW = """
INSERT INTO products_batch (brand_id, product_id, code, made_in, origin, composition)
SELECT DISTINCT item.brand_id, item.product_id, raw.batch, '', '', '[]'::jsonb
FROM raw JOIN products_tradeitem AS item ON item.gtin = raw.gtin;
INSERT INTO products_variant (product_id, code, names)
SELECT DISTINCT item.product_id, raw.variant, '{}'::jsonb
FROM raw JOIN products_tradeitem AS item ON item.gtin = raw.gtin;
INSERT INTO products_unit (brand_id, product_id, trade_item_id, variant_id, batch_id, serial, public_code, status,
                           made_on, made_in, origin, market, attributes, created_at)
SELECT item.brand_id, item.product_id, item.id, variant.id, batch.id, raw.serial,
       replace(gen_random_uuid()::text, '-', ''), 'active', raw.made_on::date, raw.made_in, raw.origin, '',
       coalesce(raw.attributes, '{}')::jsonb, now()
FROM raw JOIN products_tradeitem AS item ON item.gtin = raw.gtin
JOIN products_variant AS variant ON variant.product_id = item.product_id AND variant.code = raw.variant
JOIN products_batch AS batch ON batch.product_id = item.product_id AND batch.code = raw.batch;
INSERT INTO products_tag (brand_id, unit_id, profile_id, kind, state, uid, key_version, last_visitor)
SELECT unit.brand_id, unit.id, profile.id, 'chip', 'active', lower(raw.tag_uid), 0, ''
FROM raw JOIN products_tradeitem AS item ON item.gtin = raw.gtin
JOIN products_unit AS unit ON unit.trade_item_id = item.id AND unit.serial = raw.serial
JOIN products_chipprofile AS profile ON profile.slug = raw.chip_profile
"""


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        url = own_database(folder, "heirloom_bench_imports")
        if not url.startswith("postgres"):
            raise SystemExit("Name a PostgreSQL database in DATABASE_URL.")
        os.environ.update({"DATABASE_URL": url, "DATA_DIR": folder, "LOG_LEVEL": "ERROR"})
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True)
        gtins = _catalogue()
        file = Path(folder) / "units.csv"
        with file.open("w") as output:
            output.writelines(f"{line}\n" for line in chain([COLUMNS], _lines(rows, gtins)))
        with psycopg.connect(url, autocommit=True) as connection:
            _compare(connection, file, rows)


def _catalogue() -> list[str]:
    """Make a brand with products, GTINs and a chip profile; return the GTINs."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from products.digital_link import gtin_check_digit
    from products.models import Brand, Category, ChipProfile, Product, TradeItem

    brand = Brand.objects.create(slug="bench", name="Bench", locales=["en"])
    category = Category.objects.create(brand=brand, slug="things", names={"en": "Things"})
    ChipProfile.objects.create(brand=brand, slug="bench", keys="{}")
    gtins = []
    for number in range(PRODUCTS):
        product = Product.objects.create(brand=brand, category=category, slug=f"p{number}", names={"en": "P"})
        for variant in range(GTINS_EACH):
            body = f"0952{number * GTINS_EACH + variant:09d}"
            gtins.append(body + str(gtin_check_digit(body)))
            TradeItem.objects.create(brand=brand, product=product, gtin=gtins[-1])
    return gtins


def _lines(rows: int, gtins: list[str]) -> Iterator[str]:
    """Yield rows as a factory writes them: batches of 500, chips in no order, attributes on every fifth."""
    for number in range(rows):
        uid = number * SCATTER % (1 << 48)
        batch = number // 500
        attributes = f'"{{""artisan"": ""A{number % 40}"", ""step"": {number}}}"' if number % 5 == 0 else ""
        yield (
            f"{gtins[number // 5000 % len(gtins)]},N{number:08d},L{batch:06d},{('tan', 'black')[batch % 2]},"
            f"2024-{batch % 12 + 1:02d}-{batch % 28 + 1:02d},Lyon,Massif Central,04{uid:012X},bench,{attributes}"
        )


def _compare(connection: psycopg.Connection, file: Path, rows: int) -> None:
    raw, imported = [], []
    for _round in range(ROUNDS if rows <= ROWS else 1):
        _empty(connection)
        raw.append(rows / _raw_copy(connection, file))
        _empty(connection)
        imported.append(rows / _import(file, f"{rows} new, 0 changed, 0 unchanged, 0 bad")[0])
    seconds, megabytes = _import(file, f"0 new, 0 changed, {rows} unchanged, 0 bad")
    ratio = statistics.median(ours / theirs for ours, theirs in zip(imported, raw, strict=True))
    print(f"{rows} units with chips, {len(raw)} alternating rounds, rows/s")
    print(f"raw COPY through an unlogged table: {statistics.median(raw):,.0f}")
    print(
        f"import_units, its start included:   {statistics.median(imported):,.0f}, {ratio:.2f} x the raw COPY"
    )
    print(f"the same file again:                {rows / seconds:,.0f}; {megabytes:.0f} MB resident at most")


def _empty(connection: psycopg.Connection) -> None:
    connection.execute("TRUNCATE products_unit, products_tag, analytics_event CASCADE")
    connection.execute("DELETE FROM products_batch")
    connection.execute("DELETE FROM products_variant")
    connection.execute("VACUUM ANALYZE")


def _raw_copy(connection: psycopg.Connection, file: Path) -> float:
    """Return the seconds from opening the file to the commit."""
    began = time.perf_counter()
    with connection.transaction(), connection.cursor() as cursor, file.open("rb") as stream:
        cursor.execute(
            f"CREATE UNLOGGED TABLE raw ({', '.join(f'{name} text' for name in COLUMNS.split(','))})"
        )
        with cursor.copy("COPY raw FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := stream.read(1 << 16):
                copy.write(block)
        cursor.execute("ANALYZE raw")  # or else the joins below are planned blindly, which would flatter us
        cursor.execute(RAW)
        cursor.execute("DROP TABLE raw")
    return time.perf_counter() - began


def _import(file: Path, expected: str) -> tuple[float, float]:
    """Return the seconds of the command, and the most memory it held, in MB."""
    began = time.perf_counter()
    command = [sys.executable, "manage.py", "import_units", str(file), "--brand", "bench"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        answer = process.stdout.read() if process.stdout else ""
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if expected not in answer:
        raise SystemExit(
            f"The import said “{answer.strip()}” and not “{expected}”: the figures would mean nothing."
        )
    return time.perf_counter() - began, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
