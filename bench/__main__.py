"""`python -m bench`: the full tap and a forged link against B, alternating rounds, median ratios.

Uses DATABASE_URL (its database is not touched: a database of its own is made beside it), else a SQLite file in a
temporary folder. Bounded: about 10,000 requests, loopback only.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from bench.load import HOST, Outcome, fire
from bench.servers import Server, gunicorn
from bench.verifying import report_verification

ROUNDS, REQUESTS, WARM_UP = 3, 600, 60
UNITS = 600
CONNECTIONS = 8


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "DATABASE_URL": own_database(folder, "heirloom_bench"),
            "DATA_DIR": folder,
            "DEBUG": "0",
            "LOG_LEVEL": "ERROR",
            "CACHE_URL": os.environ.get("CACHE_URL", "locmemcache://bench"),
            "PUBLIC_BASE_URL": f"http://{HOST}",
        }
        os.environ.update(env)
        for command in (["migrate", "-v0"], ["demo", f"--units={UNITS}"]):
            subprocess.run([sys.executable, "manage.py", *command], check=True, stdout=subprocess.DEVNULL)
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        django.setup()
        links = Links()
        with (
            gunicorn("B", "bench.wsgi:plain", "bench.plain_settings", env) as plain,
            gunicorn("tap", "config.wsgi:application", "config.settings", env) as real,
        ):
            _compare(plain, real, links)
        report_verification()


def own_database(folder: str, name: str) -> str:
    """Make a database beside the one in DATABASE_URL, or a file in the folder; return its address."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return f"sqlite:///{folder}/bench.sqlite3"
    import psycopg

    parts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    return urlunsplit(parts._replace(path=f"/{name}"))


class Links:
    """Fresh chip links of all units with a chip, each used once."""

    def __init__(self) -> None:
        from products.models import Tag
        from products.profiles import to_sun
        from products.sun import VirtualChip

        tags = Tag.objects.chips().active().select_related("profile")
        self.chips = [
            (
                VirtualChip(uid=bytes.fromhex(tag.uid), profile=to_sun(tag.profile)),
                tag.profile.slug,
                tag.last_counter or 0,
            )
            for tag in tags
            if tag.profile.mac_from == "cmac" and tag.profile.mode == "aes"
        ]
        self.round = 0

    def fresh(self, count: int) -> list[str]:
        """Return `count` paths of links that were never used."""
        paths = []
        while len(paths) < count:
            self.round += 1
            paths += [
                chip.link(f"http://{HOST}/t/{slug}", counter + self.round).removeprefix(f"http://{HOST}")
                for chip, slug, counter in self.chips
            ]
        return paths[:count]

    def forged(self, count: int) -> list[str]:
        return [path[:-1] + ("0" if path[-1] != "0" else "1") for path in self.fresh(count)]


def _compare(plain: Server, real: Server, links: Links) -> None:
    cases: list[tuple[str, Server, Callable[[int], list[str]], int]] = [
        ("B, the plain tap", plain, links.fresh, 200),
        ("the full tap", real, links.fresh, 200),
        ("a forged link", real, links.forged, 400),
    ]
    seen: dict[str, list[tuple[Outcome, float, Outcome]]] = defaultdict(list)
    for _name, server, make, _status in cases:
        fire(server.port, make(WARM_UP), CONNECTIONS)
    for _round in range(ROUNDS):
        for name, server, make, status in cases:
            before = server.cpu_seconds()
            outcome = fire(server.port, make(REQUESTS), CONNECTIONS)
            cpu = (server.cpu_seconds() - before) / REQUESTS
            alone = fire(server.port, make(REQUESTS // 4), 1)
            wrong = {code: n for code, n in (outcome.statuses + alone.statuses).items() if code != status}
            if wrong:
                raise SystemExit(
                    f"{name}: answers other than {status}: {wrong}; the figures would mean nothing"
                )
            seen[name].append((outcome, cpu, alone))
    _report(seen, real)


def _report(seen: dict[str, list[tuple[Outcome, float, Outcome]]], real: Server) -> None:
    base = seen["B, the plain tap"]
    print(
        f"{'':18}{'req/s':>8}{'x B':>7}{'CPU ms':>9}{'x B':>7}{'p50 ms':>9}{'x B':>7}{'p99 ms':>9}{'x B':>7}"
    )
    for name, rounds in seen.items():
        row = [f"{name:18}"]
        for measure, width in (
            (lambda r: r[0].per_second, 8),
            (lambda r: 1000 * r[1], 9),
            (lambda r: r[2].median_ms, 9),
            (lambda r: r[0].percentile(0.99), 9),
        ):
            value = statistics.median(measure(r) for r in rounds)
            ratio = statistics.median(measure(r) / measure(b) for r, b in zip(rounds, base, strict=True))
            row.append(f"{value:>{width}.2f}{ratio:>7.2f}")
        print("".join(row))
    print(
        f"memory of the tap's worker: {real.resident_mb():.0f} MB resident;"
        f" {ROUNDS} alternating rounds of {REQUESTS} requests"
    )


if __name__ == "__main__":
    main()
