"""G4: wherever the console shows what a brand knows of a person, the reading is written down."""

import pytest

from ownership.models import Owner
from products.models import AuditRow
from tests import factories
from tests.config.console_rows import ROWS
from tests.config.test_console_tenancy import LABELS, console, url

pytestmark = pytest.mark.django_db

NAME = "Zoraida Quillfeather"
PAGES = ("changelist", "change", "history", "delete")


def pages_that_name_somebody(client, label, row):
    """Open every page of the row; return those with a name on them, each with the readings that it left."""
    Owner.objects.update(name=NAME)
    named = {}
    for page in PAGES:
        before = AuditRow.objects.count()
        answer = client.get(url(label, page, *([] if page == "changelist" else [row.pk])))
        if NAME in answer.content.decode():
            named[page] = AuditRow.objects.count() - before
    return named


@pytest.mark.parametrize("label", LABELS)
def test_no_page_names_an_owner_without_a_reading(label, acme):
    boss = console(factories.staff(acme, "boss", "brand_admin"))
    named = pages_that_name_somebody(boss, label, ROWS[label](acme))
    assert all(named.values()), named


@pytest.mark.parametrize("label", LABELS)
def test_an_auditor_is_named_nobody(label, acme):
    auditor = console(factories.staff(acme, "listener", "auditor"))
    assert not pages_that_name_somebody(auditor, label, ROWS[label](acme))
