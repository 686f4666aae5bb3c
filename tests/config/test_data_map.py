"""The data map (C9): nothing that can hold something of a person stands outside it, and it says what is true."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from config.data_map import HOLDINGS, NOTHING_PERSONAL, as_markdown
from config.erasure import STEPS
from config.exports import SECTIONS
from products.fields import LocalizedTextField

PEOPLE = {"products.person", "ownership.owner", "products.privatefile"}
FREE = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.GenericIPAddressField,
    models.FileField,
)


def can_hold_somebody(field: models.Field) -> bool:
    """Whether a column can name a person: free text, JSON, a file, or a person's number.

    Texts in several languages are the brand's own, written in the console; fixed choices name nobody.
    """
    if isinstance(field, models.ForeignKey):
        return field.related_model._meta.label_lower in PEOPLE
    if field.primary_key or isinstance(field, LocalizedTextField) or field.choices:
        return False
    is_number = isinstance(field, models.BigIntegerField) and field.name.endswith("_id")
    return isinstance(field, FREE) or is_number


def columns() -> set[tuple[str, str]]:
    return {
        (model._meta.label_lower, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if can_hold_somebody(field)
    }


def mapped() -> list[tuple[str, str]]:
    return [(holding.model, name) for holding in HOLDINGS for name in holding.fields]


def harmless() -> list[tuple[str, str]]:
    return [(model, name) for model, names in NOTHING_PERSONAL.items() for name in names]


def test_every_column_that_can_hold_somebody_stands_in_one_of_both_lists():
    """C9: whoever adds a column says what it holds, for how long, and what forgets it."""
    known = [*mapped(), *harmless()]
    assert columns() - set(known) == set(), "say in config/data_map.py what these columns hold"
    assert len(known) == len(set(known)), "a column stands in the lists twice"


def test_the_lists_name_what_is_there():
    for model, name in (*mapped(), *harmless()):
        assert apps.get_model(model)._meta.get_field(name)


def test_each_step_and_each_section_is_there_and_each_is_used():
    """C9: export and erasure are readings of the map, so a table can't be forgotten in one of them alone."""
    steps, sections = {step.name for step in STEPS}, {section.name for section in SECTIONS}
    assert {holding.erased_by for holding in HOLDINGS} - {""} <= steps
    assert {holding.exported_in for holding in HOLDINGS} - {""} <= sections
    # Without rows of their own: mail in files, and what another table's section tells beside it.
    assert steps - {holding.erased_by for holding in HOLDINGS} == {"outbox"}


def test_what_is_not_forgotten_or_not_handed_over_says_why():
    for holding in HOLDINGS:
        assert holding.because or (holding.erased_by and holding.exported_in), holding.model


def test_a_section_hands_over_no_column_of_somebody_elses():
    """Neither a finder's address, nor who a transfer was offered to, nor what the claimant of a case says to its owner."""
    handed = {(section.name, column.lookup) for section in SECTIONS for column in section.columns}
    lookups = {lookup for _section, lookup in handed}
    assert not [
        lookup
        for lookup in lookups
        if "person__" in lookup or lookup in ("code", "owner_code", "thread__code", "keys")
    ]
    assert "recipient" not in lookups
    assert not {("releases_answered", name) for name in ("statement", "name", "contact")} & handed
    assert not {("finders", "thread__email"), ("members", "person")} & handed


@pytest.mark.django_db
def test_a_section_reads_nobody_elses_rows(alice, bob, unit):
    from django.utils import timezone

    from tests import factories

    factories.own(unit, bob, timezone.now())
    for section in SECTIONS:
        rows = list(section.rows(alice).values_list(*[column.lookup for column in section.columns]))
        assert len(rows) == (1 if section.name == "owner" else 0), section.name


NOT_TYPED = {"locale", "submission_key", "dedupe_key", "digest", "problem", "session_data"}


@pytest.mark.django_db
def test_every_column_of_words_that_is_handed_over_stands_in_a_section(alice):
    """C9: whoever adds one names it in the export, too, or says in the map why not."""
    handed = {}
    for section in SECTIONS:
        found = handed.setdefault(section.rows(alice).model._meta.label_lower, set())
        found |= {column.lookup for column in section.columns}
    through = {
        lookup.rpartition("__")[2] for lookups in handed.values() for lookup in lookups if "__" in lookup
    }
    missing = [
        (holding.model, name)
        for holding in HOLDINGS
        for name in holding.fields
        if holding.exported_in and not holding.because and name not in NOT_TYPED
        and isinstance(apps.get_model(holding.model)._meta.get_field(name), models.CharField | models.TextField)
        and name not in handed.get(holding.model, set()) | through
    ]  # fmt: skip
    assert missing == []


def test_the_documentation_holds_the_map_as_it_is():
    page = (settings.BASE_DIR / "docs" / "data.md").read_text()
    assert as_markdown() in page, "run manage.py data_map, and put the table into docs/data.md"
