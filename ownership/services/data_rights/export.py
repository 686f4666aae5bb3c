"""Everything that is known of an owner, in one archive: `data.json` for machines, `index.html` for people, their files.

Sections say which rows are the owner's and which columns of them may leave: what another person said, typed or
is stands in none. The list of sections, with those of upper floors, stands in `config/exports.py`.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any, cast

from django.core.files import File
from django.db import transaction
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from ownership.models import DataRequest, Owner
from ownership.models.data_rights import DataRequestState
from ownership.services.data_rights.requests import advance_request
from products.errors import ProductsError
from products.fields import in_language
from products.models import PrivateFile
from products.services.files import delete_private_file, open_private_file, store_private_file

PURPOSE = "export"
KEPT = dt.timedelta(days=14)
CHUNK = 64 * 1024  # bytes of a file in memory at a time


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in `data.json`, the lookup it is read by, and what people call it."""

    key: str
    lookup: str
    label: Any
    words: dict[Any, Any] = field(default_factory=dict)  # of fixed values that no field has as its choices


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of rows. `files`: the column that numbers a file of the owner's own, put into the archive."""

    name: str
    title: Any
    columns: tuple[Column, ...]
    rows: Callable[[Owner], Any]
    note: Any = ""
    files: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A section with its rows; `words` has what people read instead of a column's fixed values."""

    section: Section
    rows: list[dict[str, Any]]
    words: dict[str, dict[Any, Any]]


def make_export(
    *, request_id: int, sections: Sequence[Section], locale: str, now: dt.datetime
) -> PrivateFile | None:
    """Make the archive of a waiting request and return its file; None where it does not wait any more.

    Two that run at once make two archives, of which one stays.
    """
    request: DataRequest = DataRequest.objects.select_related("owner__brand", "owner__person").get(
        pk=request_id
    )
    owner = request.owner
    if request.state != DataRequestState.WAITING or owner is None:
        return None
    with tempfile.TemporaryFile() as raw:
        with translation.override(locale):
            write_archive(raw, owner=owner, sections=sections, now=now)
        file = store_private_file(
            brand=owner.brand,
            purpose=PURPOSE,
            content=File(raw, name="export"),
            original_name=f"{owner.brand.slug}-{now:%Y-%m-%d}.zip",
            content_type="application/zip",
            uploaded_by=None,
            now=now,
            keep_for=KEPT,
        )
    return file if _settle(request, file, now) else None


def write_archive(target: IO[bytes], *, owner: Owner, sections: Sequence[Section], now: dt.datetime) -> None:
    """Write the ZIP, in the language that is active."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        filled = [_fill(section, owner, archive) for section in sections]
        archive.writestr("data.json", json.dumps(_as_data(filled, owner, now), ensure_ascii=False, indent=1))
        archive.writestr("index.html", _as_page(filled, owner, now))


@transaction.atomic
def _settle(request: DataRequest, file: PrivateFile, now: dt.datetime) -> bool:
    if not advance_request(request, DataRequestState.DONE, now=now, file_id=file.pk):
        delete_private_file(file, now=now)
        return False
    event = NewEvent(
        EventKind.DATA_EXPORTED,
        request.brand_id,
        now,
        owner_id=request.owner_id,
        data={"request": request.pk},
    )
    record_event(event, now=now)
    return True


def _fill(section: Section, owner: Owner, archive: zipfile.ZipFile) -> Filled:
    lookups = [column.lookup for column in section.columns]
    names = [column.key for column in section.columns]
    more = [section.files] if section.files else []
    found = section.rows(owner)
    rows = []
    for values in found.values_list(*lookups, *more):
        row = dict(zip(names, values, strict=False))
        if section.files:
            row["file"] = _put_file(values[-1], archive)
        rows.append(row)
    words = {column.key: column.words or _choices(found.model, column.lookup) for column in section.columns}
    return Filled(section, rows, words)


def _choices(model: type[Model], lookup: str) -> dict[Any, Any]:
    """Return the words of a column with fixed values; nothing for any other."""
    *path, last = lookup.split("__")
    for step in path:
        model = cast(type[Model], model._meta.get_field(step).related_model)
    return dict(getattr(model._meta.get_field(last), "flatchoices", ()))


def _put_file(file_id: int | None, archive: zipfile.ZipFile) -> str | None:
    """Put the file into the archive under a name of ours; return that, None where it is gone."""
    file = PrivateFile.objects.filter(pk=file_id or 0).first()
    if file is None:
        return None
    name = f"files/{file.pk}{PurePosixPath(file.original_name).suffix[:8]}"
    if name in archive.namelist():
        return name
    try:
        with open_private_file(file) as content, archive.open(name, "w") as entry:
            while piece := content.read(CHUNK):
                entry.write(piece)
    except ProductsError:
        return None
    return name


def _plain(value: Any) -> Any:
    """Return what JSON knows; a text in several languages in the person's."""
    if isinstance(value, dt.date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, dict):
        return in_language(value, translation.get_language() or "", "en")
    return value


def _as_data(filled: Sequence[Filled], owner: Owner, now: dt.datetime) -> dict[str, Any]:
    return {
        "format": "heirloom-personal-data/1",
        "brand": owner.brand.name,
        "made_at": now.isoformat(),
        "keys": {
            part.section.name: {column.key: str(column.label) for column in part.section.columns}
            for part in filled
        },
        "data": {
            part.section.name: [{key: _plain(value) for key, value in row.items()} for row in part.rows]
            for part in filled
        },
    }


def _as_page(filled: Sequence[Filled], owner: Owner, now: dt.datetime) -> str:
    parts = [
        {
            "title": part.section.title,
            "note": part.section.note,
            "head": [*(column.label for column in part.section.columns), *([_("File")] if part.section.files else [])],
            "rows": [
                [_readable(_in_words(part, key, value)) for key, value in row.items()] for row in part.rows
            ],
        }
        for part in filled
    ]  # fmt: skip
    context = {
        "brand": owner.brand.name,
        "made_on": date_format(now),
        "parts": parts,
        "locale": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    return render_to_string("experiences/export.html", context)


def _in_words(part: Filled, key: str, value: Any) -> Any:
    words = part.words.get(key)
    return words.get(value, value) if words and isinstance(value, str) else value


def _readable(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return date_format(value, "DATETIME_FORMAT")
    if isinstance(value, dt.date):
        return date_format(value)
    return str(_plain(value))
