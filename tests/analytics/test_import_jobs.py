"""The job of an import: what a lost worker leaves is taken up, and a file is imported once."""

import csv
import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analytics.imports import import_again, request_import, written_by
from analytics.models import Event
from products.errors import ProductsError
from products.imports import units
from products.models import Job, PrivateFile, Unit
from products.services.files import open_private_file
from products.services.job_runs import reclaim_lost_jobs, work_on_job
from products.services.jobs import cancel_job
from tests import factories

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
def mia(acme):
    return factories.staff(acme, "mia", "service_manager")


@pytest.fixture
def request_of(acme, bag, mia, monkeypatch):
    """Return what asks for an import of ten good rows and two bad ones, two rows at a time."""
    monkeypatch.setattr(units, "CHUNK", 2)
    monkeypatch.setattr(units, "COPIED_CHUNK", 2)
    gtin = bag.trade_items.get().gtin
    rows = [f"{gtin},S{number},{'FR' if number % 6 else 'France'}" for number in range(12)]
    content = "\n".join(["gtin,serial,market", *rows]).encode()

    def ask(dry_run=False):
        file = SimpleUploadedFile("units.csv", content)
        return request_import(brand=acme, requester=mia, content=file, dry_run=dry_run, now=timezone.now())

    return ask


def bad_lines(job):
    file = PrivateFile.objects.get(pk=job.result["bad_rows_file"])
    with open_private_file(file) as stream:
        return [int(row["line"]) for row in csv.DictReader(io.TextIOWrapper(stream, "utf-8"))]


def dies_after(monkeypatch, chunks):
    """Let the worker vanish, as by a power cut: nothing is caught, nothing is written any more."""
    report = units.Counts.as_dict
    left = iter(range(chunks))

    def power_cut(counts):
        if next(left, None) is None:
            raise SystemExit
        return report(counts)

    monkeypatch.setattr(units.Counts, "as_dict", power_cut)
    return lambda: monkeypatch.setattr(units.Counts, "as_dict", report)


def test_an_import_whose_worker_was_lost_goes_on_and_counts_what_it_wrote(request_of, monkeypatch):
    job = request_of()
    power_is_back = dies_after(monkeypatch, 3)
    with pytest.raises(SystemExit):
        work_on_job(job.pk, now=timezone.now())
    power_is_back()
    job.refresh_from_db()
    assert (job.state, job.done, job.result["new"]) == ("running", 6, 5)
    assert written_by(job).new == Unit.objects.count() == 6  # the fourth chunk is in, its report was lost
    before = list(Unit.objects.order_by("pk").values_list("pk", "public_code"))

    assert reclaim_lost_jobs(now=timezone.now() + dt.timedelta(hours=1)) == [job.pk]
    assert work_on_job(job.pk, now=timezone.now())
    job.refresh_from_db()
    counts = {name: job.result[name] for name in ("new", "changed", "unchanged", "bad")}
    assert (job.state, job.done) == ("done", 12)
    assert counts == {"new": 10, "changed": 0, "unchanged": 0, "bad": 2}
    assert bad_lines(job) == [2, 8]
    assert list(Unit.objects.order_by("pk").values_list("pk", "public_code"))[: len(before)] == before
    assert sum(event.data["new"] for event in Event.objects.filter(data__job=job.pk)) == 10


def test_a_stopped_import_keeps_what_went_in_and_says_how_much(request_of, mia, monkeypatch):
    job = request_of()
    judge = units._import_rows

    def ask_to_stop(rows, task):
        if rows and rows[-1].serial == "S5":
            cancel_job(job=job, actor=mia, now=timezone.now())
        return judge(rows, task)

    monkeypatch.setattr(units, "_import_rows", ask_to_stop)
    work_on_job(job.pk, now=timezone.now())
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert Unit.objects.count() == job.result["new"] == 5

    following = import_again(job=job, requester=mia, now=timezone.now())
    work_on_job(following.pk, now=timezone.now())
    following.refresh_from_db()
    assert (following.result["new"], following.result["unchanged"]) == (5, 5)


def test_what_a_preview_showed_is_imported_once(request_of, mia):
    job = request_of(dry_run=True)
    with pytest.raises(ProductsError, match="has not ended yet"):
        import_again(job=job, requester=mia, now=timezone.now())
    work_on_job(job.pk, now=timezone.now())
    job.refresh_from_db()
    assert not Unit.objects.exists()
    assert [row["standing"] for row in job.result["preview"]][:7] == ["bad", *["new"] * 5, "bad"]
    assert job.result["preview"][1]["cells"]["market"] == "FR"

    first = import_again(job=job, requester=mia, now=timezone.now())
    second = import_again(job=job, requester=mia, now=timezone.now())
    assert first == second
    assert not first.params["dry_run"]
    work_on_job(first.pk, now=timezone.now())
    assert Unit.objects.count() == 10
    assert Job.objects.count() == 2


def test_a_file_that_was_deleted_meanwhile_is_asked_for_again(request_of, mia):
    job = request_of(dry_run=True)
    work_on_job(job.pk, now=timezone.now())
    PrivateFile.objects.filter(purpose="units_to_import").delete()
    with pytest.raises(ProductsError, match="was deleted"):
        import_again(job=job, requester=mia, now=timezone.now())


def test_a_preview_shows_what_would_change(request_of, acme, bag, mia):
    unit = factories.UnitFactory(product=bag, serial="S1", attributes={"artisan": "Anna"})
    factories.Tag.objects.create(brand=acme, unit=unit, kind="qr")
    job = request_of(dry_run=True)
    work_on_job(job.pk, now=timezone.now())
    job.refresh_from_db()
    row = next(row for row in job.result["preview"] if row["line"] == 3)
    assert (row["standing"], row["changed"]) == ("changed", ["market"])
    bad = job.result["preview"][0]
    assert (bad["line"], bad["cells"]) == (2, {})
    assert "two capital letters" in bad["reasons"][0]
