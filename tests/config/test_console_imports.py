"""Importing in the console: upload, job, result, bad rows; and who may not."""

import gzip

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from analytics.models import Event
from products.encryption import encrypt
from products.models import AuditRow, Job, PrivateFile, Unit
from products.services.files import store_private_file
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


def console_of(person):
    """Return a client in which the person is logged in with a second factor."""
    Authenticator.objects.get_or_create(
        user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": encrypt("JBSWY3DP")}}
    )
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def manager(acme):
    return factories.staff(acme, "mia", "service_manager")


@pytest.fixture
def gtin(bag):
    return bag.trade_items.get().gtin


def csv_file(*lines):
    return SimpleUploadedFile("units.csv", "\n".join(["gtin,serial,market", *lines]).encode(), "text/plain")


@pytest.fixture
def upload(django_capture_on_commit_callbacks):
    def post(client, brand, file, execute=True, **data):
        with django_capture_on_commit_callbacks(execute=execute):
            return client.post("/console/imports/", {"brand": brand.pk, "file": file, **data})

    return post


def test_an_upload_becomes_a_job_whose_bad_rows_can_be_fetched(acme, manager, gtin, upload):
    """G5: good rows go in, bad rows come back as a file with line, column and reason."""
    client = console_of(manager)
    assert client.get("/console/imports/").status_code == 200
    response = upload(client, acme, csv_file(f"{gtin},S1,FR", f"{gtin},S2,France"))
    job = Job.objects.get()
    assert response.url == f"/console/imports/{job.pk}/"
    assert job.result["new"] == job.result["bad"] == 1
    assert (job.done, job.total) == (2, 2)
    assert list(Unit.objects.values_list("serial", flat=True)) == ["S1"]
    event = Event.objects.get(kind="units.imported")
    assert (event.actor_id, event.data) == (manager.pk, {"new": 1, "changed": 0, "job": job.pk})

    page = client.get(response.url).content.decode()
    assert 'data-job-state="done"' in page
    assert 'http-equiv="refresh"' not in page
    link = f"/console/files/{job.result['bad_rows_file']}/"
    assert link in page
    bad_rows = client.get(link)
    assert bad_rows["Content-Disposition"] == f'attachment; filename="bad-rows-{job.pk}.csv"'
    assert bad_rows["X-Content-Type-Options"] == "nosniff"
    assert {"private", "no-store"} <= set(bad_rows["Cache-Control"].split(", "))
    assert bad_rows["Content-Type"] == "text/csv"
    content = b"".join(bad_rows.streaming_content).decode()
    assert content.startswith("line,column,reason\n3,market,")
    assert AuditRow.objects.get(action="file.read").actor_id == manager.pk


def test_a_check_writes_no_unit(acme, manager, gtin, upload):
    client = console_of(manager)
    response = upload(client, acme, csv_file(f"{gtin},S1,FR"), dry_run="on")
    assert Job.objects.get().result["new"] == 1
    assert not Unit.objects.exists()
    assert "Preview: nothing is written" in client.get(response.url).content.decode()
    assert not PrivateFile.objects.filter(purpose="bad_rows").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04", "a workbook or an archive"),
        (b"\x1f\x8bnonsense", "damaged or incomplete"),
        (b"gtin,colour\n1,red", "a column that is not known: “colour”"),
        (b"gtin\n1", "lacks the column serial"),
    ],
)
def test_a_file_that_is_no_such_csv_is_refused_at_once(acme, manager, upload, content, sentence):
    response = upload(console_of(manager), acme, SimpleUploadedFile("units.csv", content))
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not Job.objects.exists()
    assert not PrivateFile.objects.exists()


def test_a_preview_comes_first_and_one_button_imports_what_it_showed(
    acme, manager, gtin, upload, django_capture_on_commit_callbacks
):
    """G5: before anything is written, staff see the first rows as understood and how many would do what."""
    client = console_of(manager)
    assert 'name="dry_run" id="id_dry_run" checked' in client.get("/console/imports/").content.decode()
    lines = [f"{gtin},S{number},FR" for number in range(30)]
    file = SimpleUploadedFile(
        "units.csv", gzip.compress("\n".join(["gtin,serial,market", *lines, f"{gtin},S31,France"]).encode())
    )
    response = upload(client, acme, file, dry_run="on")
    page = client.get(response.url).content.decode()
    assert page.count("data-standing=") == 20
    assert "Import 30 rows now" in page
    assert not Unit.objects.exists()

    for _twice in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            following = client.post(f"{response.url}go/")
    assert Unit.objects.count() == 30
    assert Job.objects.count() == 2
    assert 'data-job-state="done"' in client.get(following.url).content.decode()
    page = client.get(response.url).content.decode()
    assert following.url in page
    assert "rows now" not in page


def test_a_preview_of_nothing_new_offers_no_import(acme, manager, gtin, upload):
    client = console_of(manager)
    upload(client, acme, csv_file(f"{gtin},S1,FR"))
    page = client.get(upload(client, acme, csv_file(f"{gtin},S1,FR"), dry_run="on").url).content.decode()
    assert "There is nothing to import" in page
    assert "now</button>" not in page


def test_going_on_before_the_end_is_refused_in_words(acme, manager, gtin, upload):
    client = console_of(manager)
    response = upload(client, acme, csv_file(f"{gtin},S1,FR"), execute=False)
    page = client.post(f"{response.url}go/", follow=True).content.decode()
    assert "This job has not ended yet." in page
    assert Job.objects.count() == 1


def test_a_waiting_import_shows_itself_anew_and_can_be_stopped(acme, manager, gtin, upload):
    client = console_of(manager)
    response = upload(client, acme, csv_file(f"{gtin},S1,FR"), execute=False)
    page = client.get(response.url).content.decode()
    assert '<meta http-equiv="refresh" content="2">' in page
    client.post(f"{response.url}stop/")
    assert Job.objects.get().state == "cancelled"
    assert "The import was stopped" in client.get(response.url).content.decode()


def test_nothing_chosen_is_asked_for_again(manager, acme):
    response = console_of(manager).post("/console/imports/", {})
    assert response.status_code == 400
    assert response.content.decode().count("errorlist") == 2


def test_a_brand_of_somebody_else_is_no_choice(acme, globex, manager, gtin, upload):
    client = console_of(manager)
    assert "Globex" not in client.get("/console/imports/").content.decode()
    assert upload(client, globex, csv_file(f"{gtin},S1,FR")).status_code == 400
    assert not Job.objects.exists()


@pytest.mark.parametrize("role", ["support_agent", "content_editor", "analyst", "auditor", "service_partner"])
def test_other_roles_may_not_import(acme, role, upload, gtin):
    client = console_of(factories.staff(acme, "pat", role))
    assert client.get("/console/imports/").status_code == 403
    assert upload(client, acme, csv_file(f"{gtin},S1,FR")).status_code == 403
    assert not Job.objects.exists()


def test_a_visitor_is_sent_to_the_login(client, manager, acme, upload):
    for path in ("/console/imports/", "/console/imports/1/", "/console/files/1/"):
        assert "/login/" in client.get(path).url


def test_jobs_and_files_of_a_rival_do_not_exist(acme, globex, manager, gtin, upload):
    """Tenancy: Globex's manager finds neither Acme's job nor its files."""
    response = upload(console_of(manager), acme, csv_file(f"{gtin},S1,France"))
    rival = console_of(factories.staff(globex, "rae", "brand_admin"))
    assert rival.get(response.url).status_code == 404
    assert rival.post(f"{response.url}stop/").status_code == 404
    assert rival.post(f"{response.url}go/").status_code == 404
    for file in PrivateFile.objects.all():
        assert rival.get(f"/console/files/{file.pk}/").status_code == 404
    assert not AuditRow.objects.filter(action="file.read").exists()


def test_a_file_of_any_other_purpose_is_for_brand_admins(acme, manager):
    file = store_private_file(
        brand=acme,
        purpose="something",
        content=SimpleUploadedFile("a.pdf", b"%PDF"),
        original_name='naïve "quoted"\r\nX-Evil: 1.pdf',
        content_type="application/pdf",
        uploaded_by=manager,
        now=timezone.now(),
    )
    assert console_of(manager).get(f"/console/files/{file.pk}/").status_code == 404
    admin = console_of(factories.staff(acme, "ada", "brand_admin"))
    response = admin.get(f"/console/files/{file.pk}/")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert not response.has_header("X-Evil")


def test_the_list_of_units_leads_to_the_import_for_those_who_may(acme, manager, sam):
    assert "/console/imports/" in console_of(manager).get("/console/products/unit/").content.decode()
    assert "/console/imports/" not in console_of(sam).get("/console/products/unit/").content.decode()
