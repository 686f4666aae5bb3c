"""A site of its own for what only a real server process shows."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SERIAL_WITH_SLASH = "A/0001"
PREPARE = f"""
from tests import factories as f
acme = f.BrandFactory(slug="acme", name="Acme")
bag = f.full_product(acme)
f.UnitFactory(product=bag, serial="{SERIAL_WITH_SLASH}")
f.ChipProfileFactory(brand=acme, slug="acme-a")
print("gtin", bag.trade_items.get().gtin)
"""


@dataclass(frozen=True)
class Site:
    """A migrated SQLite database with one unit, and the environment of a production start."""

    environment: dict[str, str]
    gtin: str

    def command(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run Python with the arguments in the site's environment."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**self.environment, **changes},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run gunicorn and wait for its end: for starts that must fail."""
        return self.command("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", **changes)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve on a free loopback port; yield the base address, and end with the server's clean exit."""
        with subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"],
            cwd=ROOT,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stderr is not None
            said = []
            for line in server.stderr:
                said.append(line)
                if address := re.search(r"Listening at: (http://127\.0\.0\.1:\d+)", line):
                    break
            else:
                raise AssertionError("".join(said))
            try:
                yield address[1]
            finally:
                server.send_signal(signal.SIGTERM)
                _, rest = server.communicate(timeout=60)
        assert server.returncode == 0, rest
        assert "Traceback" not in rest


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "for-the-site-of-the-tests-" + "0123456789abcdef" * 3,
        "FIELD_KEYS": KEY,
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "DATA_DIR": str(folder),
        "WHITENOISE_USE_FINDERS": "1",
        "BIND": "127.0.0.1:0",
        "CELERY_BROKER_URL": "memory://localhost/",
        "CACHE_URL": "locmemcache://site",
        "DEBUG": "0",
    }
    migrated = Site(environment, "").command("manage.py", "migrate", "-v0")
    assert migrated.returncode == 0, migrated.stderr
    prepared = Site(environment, "").command("manage.py", "shell", "-v0", "-c", PREPARE)
    assert prepared.returncode == 0, prepared.stderr
    return Site(environment, prepared.stdout.split("gtin ")[1].strip())
