"""`python -m bench.resolver`: the GS1 resolver against a bare Django redirect, alternating rounds, median ratios.

The bare redirect reads nothing and is answered through Django's default middleware: what any resolver in Django
costs at least. Uses DATABASE_URL as `python -m bench` does. Bounded: about 6,000 requests, loopback only.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle, islice

from bench.__main__ import CONNECTIONS, REQUESTS, ROUNDS, WARM_UP, own_database
from bench.load import HOST, fire
from bench.servers import Server, gunicorn

UNITS = 120
BARE = "a bare redirect"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "DATABASE_URL": own_database(folder, "heirloom_bench_resolver"),
            "DATA_DIR": folder,
            "DEBUG": "0",
            "LOG_LEVEL": "ERROR",
            "UNIT_LINKS_PER_HOUR": "1000000000",
            "CACHE_URL": os.environ.get("CACHE_URL", "locmemcache://bench"),
            "PUBLIC_BASE_URL": f"http://{HOST}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        os.environ.update(env)
        for command in (["migrate", "-v0"], ["demo", f"--units={UNITS}"]):
            subprocess.run([sys.executable, "manage.py", *command], check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        with (
            gunicorn("bare", "bench.wsgi:plain", "bench.plain_settings", env) as plain,
            gunicorn("resolver", "config.wsgi:application", "config.settings", env) as real,
        ):
            _compare(_cases(plain, real))


Case = tuple[str, Server, Sequence[str], int]


def _cases(plain: Server, real: Server) -> list[Case]:
    """Return each line with its server, its paths, and the status that every answer must have."""
    from products.digital_link import unit_path
    from products.models import TradeItem, Unit

    models = [f"/01/{gtin}" for gtin in TradeItem.objects.values_list("gtin", flat=True)]
    units = [unit_path(*key) for key in Unit.objects.values_list("trade_item__gtin", "serial")]
    return [
        (BARE, plain, [f"/r{path}" for path in models], 307),
        ("a model's default link", real, models, 307),
        ("a kind of link of a unit", real, [f"{path}?linkType=gs1:pip" for path in units], 307),
        ("a model's linkset", real, [f"{path}?linkType=linkset" for path in models], 200),
        ("a unit's linkset", real, [f"{path}?linkType=linkset" for path in units], 200),
    ]


def _compare(cases: list[Case]) -> None:
    per_second: dict[str, list[float]] = defaultdict(list)
    cpu_ms: dict[str, list[float]] = defaultdict(list)
    for _name, server, paths, _status in cases:
        fire(server.port, list(islice(cycle(paths), WARM_UP)), CONNECTIONS)
    for _round in range(ROUNDS):
        for name, server, paths, status in cases:
            before = server.cpu_seconds()
            outcome = fire(server.port, list(islice(cycle(paths), REQUESTS)), CONNECTIONS)
            if set(outcome.statuses) != {status}:
                raise SystemExit(f"{name}: answers other than {status}: {dict(outcome.statuses)}")
            per_second[name].append(outcome.per_second)
            cpu_ms[name].append(1000 * (server.cpu_seconds() - before) / REQUESTS)
    print(f"{'':26}{'req/s':>8}{'x bare':>8}{'CPU ms':>9}{'x bare':>8}")
    for name, rounds in per_second.items():
        print(
            f"{name:26}{statistics.median(rounds):>8.0f}{_ratio(rounds, per_second[BARE]):>8.2f}"
            f"{statistics.median(cpu_ms[name]):>9.2f}{_ratio(cpu_ms[name], cpu_ms[BARE]):>8.2f}"
        )
    print(f"{ROUNDS} alternating rounds of {REQUESTS} requests over {CONNECTIONS} connections")


def _ratio(rounds: list[float], base: list[float]) -> float:
    return statistics.median(value / bare for value, bare in zip(rounds, base, strict=True))


if __name__ == "__main__":
    main()
