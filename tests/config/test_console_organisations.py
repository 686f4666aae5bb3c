"""Organisations in the console: their people, and many units at once (C14)."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from analytics.kinds import EventKind
from analytics.models import Event
from ownership.models import BulkRequest, Invitation, Member, Owner, Ownership
from products.models import AuditRow, Job, PrivateFile
from tests import factories
from warranty.models import Coverage, CoveragePlan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    options = {"location": tmp_path / "private"}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    with translation.override("en"):
        yield


def console_of(person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(factories.with_second_factor(person))
    return client


@pytest.fixture
def agent(sam):
    return console_of(sam)


@pytest.fixture
def rival(globex):
    return console_of(factories.staff(globex, "rita", "brand_admin"))


@pytest.fixture
def fleet(acme):
    return Owner.objects.create(brand=acme, kind="organisation", name="Works", email="works@example.com")


@pytest.fixture
def ready(acme, bag):
    """Three units that nobody owns, and a warranty for them."""
    CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)
    return [factories.UnitFactory(product=bag, serial=f"F-{number}") for number in range(3)]


def csv_of(units, *more: str) -> SimpleUploadedFile:
    lines = [f"{unit.trade_item.gtin},{unit.serial},2026-01-05,Shop" for unit in units]
    content = "\n".join(["gtin,serial,bought_on,seller", *lines, *more])
    return SimpleUploadedFile("units.csv", content.encode(), "text/csv")


@pytest.fixture
def upload(django_capture_on_commit_callbacks):
    def post(client, owner, file, **data):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post("/console/bulk/", {"owner": owner.pk, "file": file, **data})

    return post


def bad_rows(client, job: Job) -> list[dict[str, str]]:
    answer = client.get(f"/console/files/{job.result['bad_rows_file']}/")
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_a_list_makes_the_organisation_owner_of_each_unit_once(agent, fleet, ready, upload):
    """C14: one event and one warranty per unit; the same list again changes nothing."""
    for expected in ((3, 0), (0, 3)):
        upload(agent, fleet, csv_of(ready))
        job = Job.objects.first()
        assert job.state == "done", job.error
        assert (job.result["new"], job.result["unchanged"], job.result["bad"]) == (*expected, 0)
    rows = Ownership.objects.filter(owner=fleet)
    assert [(row.ordinal, row.acquired, row.until) for row in rows] == [(1, "agent", None)] * 3
    assert Coverage.objects.filter(unit__in=ready).count() == 3
    assert Event.objects.filter(kind=EventKind.OWNERSHIP_STARTED, owner_id=fleet.pk).count() == 3
    assert {row.purchase.seller for row in rows} == {"Shop"}


def test_a_preview_writes_nothing_and_goes_on_with_a_button(
    agent, fleet, ready, upload, django_capture_on_commit_callbacks
):
    upload(agent, fleet, csv_of(ready), dry_run="on")
    job = Job.objects.get()
    assert job.result["new"] == 3
    assert not Ownership.objects.exists()
    assert "Register 3 units now" in agent.get(f"/console/bulk/{job.pk}/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        agent.post(f"/console/bulk/{job.pk}/go/")
    assert Ownership.objects.filter(owner=fleet).count() == 3


def test_bad_rows_come_back_and_undo_nothing_of_the_good_ones(agent, fleet, ready, upload, alice, globex):
    """Owned, unknown, of another brand, retired, twice, wrong dates: each with line, column and reason."""
    owned, retired, good = ready
    factories.own(owned, alice, timezone.now())
    type(retired).objects.filter(pk=retired.pk).update(status="destroyed", retired_on="2026-01-01")
    foreign = factories.UnitFactory(product=factories.ProductFactory(brand=globex, category__brand=globex))
    gtin = good.trade_item.gtin
    more = [
        f"{foreign.trade_item.gtin},{foreign.serial},,",
        f"{gtin},NOPE,,",
        f"{gtin},{good.serial},,",
        f"{gtin},X1,2999-01-01,",
        f"123,{good.serial},,",
        "one cell",
    ]
    upload(agent, fleet, csv_of(ready, *more))
    job = Job.objects.get()
    assert (job.state, job.result["new"]) == ("done", 1)
    found = {(row["line"], row["column"]) for row in bad_rows(agent, job)}
    assert found == {
        ("2", "serial"), ("3", "serial"), ("5", "serial"), ("6", "serial"), ("7", "serial"), ("8", "bought_on"),
        ("9", "gtin"), ("10", ""),
    }  # fmt: skip
    assert Ownership.objects.get(unit=owned).owner == alice
    assert not Ownership.objects.filter(unit=foreign).exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02", b"PK\x03\x04zip", "gtin;serial\n".encode("utf-16"), b"serial\nX", b"\x1f\x8bno"],
)
def test_a_file_that_is_no_list_is_refused_beside_the_field(agent, fleet, content):
    file = SimpleUploadedFile("units.csv", content, "text/csv")
    answer = agent.post("/console/bulk/", {"owner": fleet.pk, "file": file})
    assert answer.status_code == 400
    assert "errorlist" in answer.content.decode()
    assert not Job.objects.exists()


def test_only_agents_register_in_bulk_and_for_their_own_brand(agent, rival, acme, fleet, ready, upload):
    """Tenancy: a rival's organisation is not there; other roles are refused."""
    assert upload(rival, fleet, csv_of(ready)).status_code == 400
    upload(agent, fleet, csv_of(ready), dry_run="on")
    job = Job.objects.get()
    for path in ("", "stop/", "go/"):
        method = rival.post if path else rival.get
        assert method(f"/console/bulk/{job.pk}/{path}").status_code == 404
    analyst = console_of(factories.staff(acme, "ana", "analyst"))
    assert analyst.get("/console/bulk/").status_code == 403
    assert analyst.get(f"/console/bulk/{job.pk}/").status_code == 404
    assert rival.get(f"/console/files/{job.params['file']}/").status_code == 404


def test_a_person_is_no_organisation(agent, alice, ready, upload):
    assert upload(agent, alice, csv_of(ready)).status_code == 400
    assert not Job.objects.exists()


def asked(fleet, ready, sam) -> BulkRequest:
    from experiences.bulk_registration import keep_list
    from ownership.services.bulk import BulkRow, send_list

    rows = [BulkRow(n + 2, unit.trade_item.gtin, unit.serial, None, "") for n, unit in enumerate(ready)]
    file, _proof = keep_list(rows, None, brand=fleet.brand, by=sam, now=timezone.now())
    return send_list(
        owner_id=fleet.pk, file=file, proof=None, rows=3, submission_key="a" * 32, asked_by_id=1, now=timezone.now()
    )  # fmt: skip


def test_staff_approve_a_list_once(agent, fleet, ready, sam, django_capture_on_commit_callbacks):
    """C14: the button pressed twice registers once; opening it is noted."""
    row = asked(fleet, ready, sam)
    page = f"/console/ownership/bulkrequest/{row.pk}/change/"
    assert "3 units listed" in agent.get(page).content.decode()
    assert AuditRow.objects.filter(action="read_list", object_id=str(row.pk)).exists()
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            agent.post(page, {"act": "approve"})
    row.refresh_from_db()
    assert (row.state, row.decided_by_id, Job.objects.count()) == ("approved", sam.pk, 1)
    assert Ownership.objects.filter(owner=fleet, until=None).count() == 3


def test_staff_refuse_a_list_with_a_reason(agent, fleet, ready, sam):
    row = asked(fleet, ready, sam)
    page = f"/console/ownership/bulkrequest/{row.pk}/change/"
    assert agent.post(page, {"act": "refuse", "reason": ""}).status_code == 400
    agent.post(page, {"act": "refuse", "reason": "Send the invoice, please."})
    row.refresh_from_db()
    assert (row.state, row.reason) == ("refused", "Send the invoice, please.")
    assert not Ownership.objects.exists()


def test_who_may_not_decide_can_not(acme, rival, fleet, ready, sam):
    row = asked(fleet, ready, sam)
    page = f"/console/ownership/bulkrequest/{row.pk}/change/"
    compliance = console_of(factories.staff(acme, "cora", "compliance"))
    assert compliance.get(page).status_code == 200
    assert compliance.post(page, {"act": "approve"}).status_code == 403
    assert rival.post(page, {"act": "approve"}).status_code in (302, 403)
    row.refresh_from_db()
    assert row.state == "waiting"


def test_an_agent_makes_an_organisation_for_a_caller(agent, acme, sam):
    """Nobody is added without an answer to the invitation; it is in the audit trail."""
    form = {
        "brand": acme.pk, "kind": "organisation", "name": "Works", "email": "Boss@Example.com", "locale": "fr",
    }  # fmt: skip
    answer = agent.post("/console/organisations/", form)
    owner = Owner.objects.get(kind="organisation")
    assert answer.url == f"/console/organisations/{owner.pk}/people/"
    invitation = Invitation.objects.get(owner=owner)
    assert (invitation.email, invitation.role, invitation.locale) == ("boss@example.com", "admin", "fr")
    assert not Member.objects.exists()
    assert AuditRow.objects.filter(action="found_group", actor_id=sam.pk, object_id=str(owner.pk)).exists()
    agent.post("/console/organisations/", form)
    assert Owner.objects.filter(kind="organisation").count() == 1


def test_the_people_are_read_and_changed_under_audit(agent, acme, fleet, sam):
    members = [
        Member.objects.create(owner=fleet, person=factories.PersonFactory(), role=role, since=timezone.now())
        for role in ("admin", "member")
    ]
    page = f"/console/organisations/{fleet.pk}/people/"
    assert agent.get(page).status_code == 200
    assert AuditRow.objects.filter(action="read_members", object_id=str(fleet.pk)).count() == 1
    agent.post(page, {"act": "invite", "email": "new@example.com", "role": "member", "locale": "en"})
    assert Invitation.objects.get(owner=fleet).email == "new@example.com"
    agent.post(page, {"act": "remove", "member": members[1].pk})
    assert list(fleet.members.all()) == [members[0]]
    assert AuditRow.objects.filter(action="remove_member", actor_id=sam.pk).count() == 1
    for crafted in ("", "9" * 40, "\x00", "x"):
        assert agent.post(page, {"act": "remove", "member": crafted}).status_code == 302
    assert fleet.members.count() == 1
    assert (
        f"/console/organisations/{fleet.pk}/people/"
        in agent.get(f"/console/ownership/owner/{fleet.pk}/change/").content.decode()
    )


def test_a_rival_and_who_may_only_read_change_nobody(acme, rival, fleet):
    member = Member.objects.create(owner=fleet, person=factories.PersonFactory(), since=timezone.now())
    page = f"/console/organisations/{fleet.pk}/people/"
    assert rival.get(page).status_code == 404
    assert rival.post(page, {"act": "remove", "member": member.pk}).status_code == 404
    compliance = console_of(factories.staff(acme, "cora", "compliance"))
    assert compliance.get(page).status_code == 200
    assert compliance.post(page, {"act": "remove", "member": member.pk}).status_code == 403
    analyst = console_of(factories.staff(acme, "ana", "analyst"))
    assert analyst.get(page).status_code == 404
    assert analyst.get("/console/organisations/").status_code == 403
    assert fleet.members.count() == 1


def test_a_run_that_broke_off_counts_what_it_wrote_before(agent, fleet, ready, upload):
    """Idempotent: run again, the job tells the same numbers and registers nothing twice."""
    from experiences.bulk_registration import run_bulk_job
    from products.services.job_runs import JobRun

    upload(agent, fleet, csv_of(ready))
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state="running", started_at=timezone.now())
    job.refresh_from_db()
    result = run_bulk_job(job, JobRun(job.pk, job.started_at))
    assert (result["new"], result["unchanged"]) == (3, 0)
    assert Ownership.objects.count() == 3
    assert PrivateFile.objects.filter(purpose="bad_rows_of_organisation").count() == 0


def test_an_invitation_that_is_refused_keeps_what_was_typed(agent, fleet, monkeypatch):
    """C14: the refusal stands on the form."""
    monkeypatch.setattr("ownership.services.members.MOST_PEOPLE", 0)
    typed = {"act": "invite", "email": "ann@example.com", "role": "admin", "locale": "fr"}
    answer = agent.post(f"/console/organisations/{fleet.pk}/people/", typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'role="alert"' in page
    assert 'value="ann@example.com"' in page
    assert not Invitation.objects.exists()
