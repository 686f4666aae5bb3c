"""What the journeys share: a served demo, and reading pages as a browser renders them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connections
from playwright.sync_api import Page

from tests.served_demo import DemoSite, served_demo

HOUSES = ("corvane", "ysolde", "kronfeldt")  # a light serif, a light humanist, a dark grotesk
STAGES = ("discovery", "unboxing", "onboarding", "ownership", "maturity", "resale", "retired")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run last what shares the served demo: it is loaded once where the tests run one after the other."""
    items.sort(key=lambda item: "demo_site" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def _close_connections_after_each_request() -> Iterator[None]:
    """The browser keeps its lines to a server open; the server's threads must not keep theirs to the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
        yield


@pytest.fixture(scope="session")
def _demo_closed_at_last(django_db_setup) -> Iterator[None]:
    yield
    served_demo.close()


@pytest.fixture(scope="module")  # set up before any test's transaction begins
def demo_site(browser, _demo_closed_at_last, django_db_blocker, tmp_path_factory) -> DemoSite:
    """The served demo, shared by all that reads it.

    The browser comes first: its running loop gives this thread other connections (asgiref's Local), and on
    SQLite the server's threads must be given the one in which the tests' transactions are open.
    """
    return served_demo.open(django_db_blocker, tmp_path_factory.mktemp("pictures"))


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
