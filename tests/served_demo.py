"""The demo, served: its rows are committed, so no other test may meet them."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from experiences.demo.listing import ListedUnit, list_units
from experiences.demo.load import load_demo


@dataclass(frozen=True)
class DemoSite:
    """A served demo: the showcase of each of three houses."""

    url: str
    units: tuple[ListedUnit, ...]

    def unit(self, house: str, *, stage: str = "", role: str = "") -> ListedUnit:
        """Return the first unit of a house in this stage, or the one with this place in the showcase."""
        return next(
            unit
            for unit in self.units
            if unit.brand == house and (unit.stage == stage if stage else unit.role == role)
        )

    def printed(self, house: str, *, stage: str = "", role: str = "") -> str:
        """Return the address behind the printed code of such a unit: it opens any number of times."""
        return self.here(self.unit(house, stage=stage, role=role).qr_url)

    def here(self, link: str) -> str:
        """Return the link with this server in the place of the brand's domain."""
        parts = urlsplit(link)
        return f"{self.url}{parts.path}" + (f"?{parts.query}" if parts.query else "")


class ServedDemo:
    """Loads and serves the demo when a test asks for it, and takes it away again before one that doesn't."""

    def __init__(self) -> None:
        self._site: DemoSite | None = None
        self._undo = ExitStack()

    def open(self, blocker: DjangoDbBlocker, pictures: Path) -> DemoSite:
        """Return the served demo. Each test uses up links of its own; nothing else of it changes."""
        if self._site is None:
            with ExitStack() as undo:
                self._site = self._serve(undo, blocker, pictures)
                self._undo = undo.pop_all()
        return self._site

    def close(self) -> None:
        self._site = None
        self._undo.close()

    @staticmethod
    def _serve(undo: ExitStack, blocker: DjangoDbBlocker, pictures: Path) -> DemoSite:
        backend = "django.core.files.storage.FileSystemStorage"
        stored = {"BACKEND": backend, "OPTIONS": {"location": pictures}}
        undo.enter_context(blocker.unblock())
        undo.enter_context(override_settings(STORAGES={**settings.STORAGES, "pictures": stored}))
        undo.callback(call_command, "flush", verbosity=0, interactive=False)
        now = timezone.now()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("experiences.demo.load.ensure_partitions", lambda _start, _end: [])
            units = tuple(list_units(load_demo(units=1, now=now), units=1, now=now))
        server = LiveServer("127.0.0.1")
        undo.callback(
            server.thread.terminate
        )  # not stop(): connections that the browser keeps open close later
        server._live_server_modified_settings.enable()
        undo.callback(server._live_server_modified_settings.disable)
        return DemoSite(server.url, units)


served_demo = ServedDemo()
