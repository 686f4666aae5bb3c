"""The house stands as docs/architecture.md draws it; no exception is listed here, and none is to be."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import signals

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ["products", "analytics", "ownership", "parts", "warranty", "experiences", "config"]
APPS = FLOORS[:-1]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
LEDGER = ("analytics.Scan", "analytics.Event")


def sources():
    """Yield the path and text of every module of ours that is not a migration."""
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), path.read_text()


def functions():
    for path, text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def classes():
    for path, text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                yield path, node


def our_models():
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]


def floor_of(model):
    return FLOORS.index(model.__module__.split(".")[0])


def test_a_floor_imports_only_the_floors_below_it():
    checked = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout
    assert "0 broken" in checked.stdout


def test_no_foreign_key_points_upward():
    relations = [
        (model, field.related_model)
        for model in our_models()
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if field.is_relation and field.related_model in our_models()
    ]

    assert len(relations) > 20
    assert [(a, b) for a, b in relations if floor_of(b) > floor_of(a)] == []


def test_no_foreign_key_points_to_the_ledger_and_the_ledger_constrains_nothing():
    ledger = [apps.get_model(name) for name in LEDGER]
    pointing = [
        field
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.is_relation and field.related_model in ledger
    ]
    constrained = [
        field
        for model in ledger
        for field in model._meta.local_fields
        if getattr(field, "db_constraint", False)
    ]

    assert pointing == []
    assert constrained == []


@pytest.mark.django_db
def test_the_database_too_has_no_foreign_key_from_or_to_the_ledger():
    tables = {apps.get_model(name)._meta.db_table for name in LEDGER}
    with connection.cursor() as cursor:
        keys = {
            (table.name, relation[1])
            for table in connection.introspection.get_table_list(cursor)
            for relation in connection.introspection.get_relations(cursor, table.name).values()
        }

    assert len(keys) > 20
    assert [key for key in keys if tables & set(key)] == []


def test_no_signal_receiver_is_ours():
    every = [signal for signal in vars(signals).values() if isinstance(signal, signals.ModelSignal)]
    receivers = [receiver for signal in every for _key, receiver, *_ in signal.receivers]
    modules = {getattr(ref() if callable(ref) else ref, "__module__", "") for ref in receivers}

    assert [module for module in modules if module.split(".")[0] in FLOORS] == []
    assert [
        path
        for path, text in sources()
        if re.search(r"@receiver\(|(?<!sqlite3)\.connect\(|dispatch import", text)
    ] == []


def test_no_model_overrides_save_or_delete():
    overriding = [
        (model, name) for model in our_models() for name in ("save", "delete") if name in vars(model)
    ]

    assert overriding == []


def test_managers_have_no_logic_and_reads_stand_in_query_sets():
    managers = [
        (path, node.name)
        for path, node in classes()
        if path.parts[0] in APPS
        and any("Manager" in ast.unparse(base) for base in node.bases)
        and "UserManager" not in ast.unparse(ast.Tuple(node.bases))
    ]

    assert managers == []
    assert [
        path
        for path, _text in sources()
        if path.stem in ("utils", "helpers", "selectors", "managers", "signals")
    ] == []


def test_modules_and_functions_stay_readable():
    modules = {str(path): len(text.splitlines()) for path, text in sources()}
    lengths = {f"{path}:{node.name}": node.end_lineno - node.lineno + 1 for path, node in functions()}

    assert {name: lines for name, lines in modules.items() if lines > LONGEST_MODULE} == {}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_the_project_names_no_machine():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name] or list(ROOT.glob("*/**/*.py"))
    path_of_a_machine = re.compile(
        r"(?<![\w.:/])/(?:work|root|home|Users)/\w|(?<!emit-)\bindex-url\b|pythonhosted"
    )

    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}"
        for path in paths
        if path.is_file() and path != Path(__file__) and path.suffix not in (".webp", ".png", ".woff2", ".mo")
        for hit in path_of_a_machine.finditer(path.read_text(errors="replace"))
    ]

    assert found == []
