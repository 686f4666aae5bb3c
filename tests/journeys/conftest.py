"""What the journeys share: a served demo, and reading pages as a browser renders them."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from experiences.demo.listing import ListedUnit, list_units
from experiences.demo.load import load_demo

HOUSES = ("corvane", "ysolde", "kronfeldt")  # a light serif, a light humanist, a dark grotesk
STAGES = ("discovery", "unboxing", "onboarding", "ownership", "maturity", "resale", "retired")


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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run last what shares the served demo, whose rows are committed: no other test meets them."""
    items.sort(key=lambda item: "demo_site" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def _close_connections_after_each_request() -> Iterator[None]:
    """The browser keeps its lines to a server open; the server's threads must not keep theirs to the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
        yield


@pytest.fixture(scope="session")
def demo_site(browser, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[DemoSite]:
    """Serve the demo to all that reads it: each test uses up links of its own, nothing else changes.

    The browser comes first: its running loop gives this thread other connections (asgiref's Local), and on
    SQLite the server's threads must be given the one in which the tests' transactions are open.
    """
    with (
        django_db_blocker.unblock(),
        override_settings(STORAGES=_pictures_in(tmp_path_factory.mktemp("pictures"))),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("experiences.demo.load.ensure_partitions", lambda _start, _end: [])
        now = timezone.now()
        units = tuple(list_units(load_demo(units=1, now=now), units=1, now=now))
        server = LiveServer("127.0.0.1")
        server._live_server_modified_settings.enable()
        try:
            yield DemoSite(server.url, units)
        finally:
            server._live_server_modified_settings.disable()
            server.thread.terminate()  # not stop(): connections that the browser keeps open close later
            call_command("flush", verbosity=0, interactive=False)


def _pictures_in(folder) -> dict:
    from django.conf import settings

    backend = "django.core.files.storage.FileSystemStorage"
    return {**settings.STORAGES, "pictures": {"BACKEND": backend, "OPTIONS": {"location": folder}}}


@dataclass(frozen=True)
class Rendered:
    """A unit's page as the browser shows it."""

    stage: str
    verdict: str
    viewer: str
    flags: str
    action: str
    modules: tuple[str, ...]
    words: str

    @property
    def shape(self) -> tuple[str, tuple[str, ...]]:
        """The first action and the ordered modules: by these two the pages of a life differ."""
        return self.action, self.modules


_RENDERED = """() => {
  const main = document.querySelector('main');
  const top = (element) => element.getBoundingClientRect().top;
  const shown = [...main.querySelectorAll('section[data-module]')].filter((section) => section.offsetHeight);
  return {
    ...main.dataset,
    modules: shown.sort((a, b) => top(a) - top(b)).map((section) => section.dataset.module),
    action: main.querySelector('[data-action]')?.dataset.action ?? '',
    words: main.innerText,
  };
}"""


def read(page: Page) -> Rendered:
    """Return what the open page shows; modules in the order in which they stand on the screen."""
    seen = page.evaluate(_RENDERED)
    return Rendered(
        stage=seen["stage"],
        verdict=seen["authenticity"],
        viewer=seen["viewer"],
        flags=seen["flags"],
        action=seen["action"],
        modules=tuple(seen["modules"]),
        words=seen["words"],
    )
