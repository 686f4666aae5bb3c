"""Private files: random names, a cap, an allowlist, and an end."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from products import tasks
from products.errors import ProductsError
from products.models import PrivateFile
from products.services import files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private"},
        },
    }


@pytest.fixture
def store(acme, sam):
    def put(content=b"gtin,serial\n", now=None, **changes):
        what = {
            "brand": acme,
            "purpose": "test",
            "content": ContentFile(content, name="../../units.csv"),
            "original_name": "../../units.csv",
            "content_type": "text/csv",
            "uploaded_by": sam,
            "now": now or timezone.now(),
        }
        return files.store_private_file(**{**what, **changes})

    return put


def stored_files(tmp_path):
    return [path for path in (tmp_path / "private").rglob("*") if path.is_file()]


def test_a_file_is_kept_under_a_random_name_of_its_own(store, tmp_path):
    first, second = store(), store()
    names = {path.name for path in stored_files(tmp_path)}
    assert names == {first.name, second.name}
    assert all(len(name) >= 32 and "units" not in name for name in names)
    with files.open_private_file(first) as content:
        assert content.read() == b"gtin,serial\n"
    assert first.size == 12


def test_too_large_and_unknown_kinds_are_refused_and_nothing_is_kept(store, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 1024 * 1024)
    with pytest.raises(ProductsError, match="larger than 1 MB"):
        store(b"x" * (1024 * 1024 + 1))
    for content_type in ("text/html", "image/svg+xml", "application/x-sh", ""):
        with pytest.raises(ProductsError, match="can't be kept"):
            store(content_type=content_type)
    assert not PrivateFile.objects.exists()
    assert stored_files(tmp_path) == []


def test_a_file_without_its_row_is_not_left_behind(store, tmp_path, monkeypatch):
    def fail(**values):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(PrivateFile.objects, "create", fail)
    with pytest.raises(RuntimeError):
        store()
    assert stored_files(tmp_path) == []


def test_expired_files_go_with_their_content_and_others_stay(store, tmp_path):
    now = timezone.now()
    store(now=now - dt.timedelta(days=31))
    gone_already = store(now=now - dt.timedelta(days=31))
    default_storage.delete(f"{gone_already.brand_id}/{gone_already.name}")
    fresh, kept = store(), store(now=now - dt.timedelta(days=999), keep_for=None)
    assert tasks.delete_expired_files() == 2
    assert tasks.delete_expired_files() == 0
    assert set(PrivateFile.objects.all()) == {fresh, kept}
    assert {path.name for path in stored_files(tmp_path)} == {fresh.name, kept.name}


def test_a_file_that_the_storage_lost_is_said_to_be_gone(store):
    file = store()
    default_storage.delete(f"{file.brand_id}/{file.name}")
    with pytest.raises(ProductsError, match="no longer here"):
        files.open_private_file(file)
