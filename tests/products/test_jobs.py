"""Jobs: run once, with progress, a result or a sentence; cancelled, lost and picked up again."""

import datetime as dt

import pytest
from django.utils import timezone

from products import tasks
from products.errors import ProductsError
from products.models import AuditRow, Job
from products.models.operations import JOB_TRANSITIONS, JobState
from products.services import job_runs
from products.services.jobs import cancel_job, request_job

pytestmark = pytest.mark.django_db

HANDLERS = {}


@pytest.fixture
def handle(settings):
    """Let a function handle jobs of the kind `test`."""
    settings.JOB_HANDLERS = f"{__name__}.HANDLERS"
    yield lambda handler: HANDLERS.update(test=handler)
    HANDLERS.clear()


@pytest.fixture
def ask(acme, sam, django_capture_on_commit_callbacks):
    """Request a job, and run it as the commit would."""

    def request(kind="test", execute=True, **params):
        with django_capture_on_commit_callbacks(execute=execute):
            job = request_job(kind=kind, brand=acme, requester=sam, params=params, now=timezone.now())
        job.refresh_from_db()
        return job

    return request


def test_a_job_runs_after_the_commit_and_keeps_progress_and_result(handle, ask, sam):
    def handler(job, run):
        run.report_total(3)
        run.report_done(2)
        return {"said": job.params["say"], "by": job.requester.username}

    handle(handler)
    job = ask(say="hello")
    assert (job.state, job.done, job.total) == ("done", 2, 3)
    assert job.result == {"said": "hello", "by": "sam"}
    assert job.started_at <= job.heartbeat_at <= job.finished_at
    assert AuditRow.objects.get(action="job.requested").actor_id == sam.pk


def test_a_job_waits_until_the_commit(handle, ask):
    handle(lambda job, run: {})
    assert ask(execute=False).state == "waiting"


def test_a_message_delivered_twice_runs_the_job_once(handle, ask):
    runs = []
    handle(lambda job, run: runs.append(job.pk) or {})
    job = ask()
    assert not tasks.run_job(job.pk)
    assert runs == [job.pk]


def test_a_refusal_is_told_in_its_own_words_and_a_fault_without_details(handle, ask):
    def refuse(job, run):
        raise ProductsError("full", "The shelf is full.")

    handle(refuse)
    assert (ask().state, ask().error) == ("failed", "The shelf is full.")

    def break_down(job, run):
        raise KeyError("secret detail")

    handle(break_down)
    job = ask()
    assert job.state == "failed"
    assert "Something went wrong" in job.error
    assert "secret" not in job.error


def test_a_kind_that_nobody_handles_fails_with_a_sentence(handle, ask):
    assert "does not know jobs of the kind “mystery”" in ask("mystery").error


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(handle, ask, sam):
    handle(lambda job, run: {})
    job = ask(execute=False)
    assert cancel_job(job=job, actor=sam, now=timezone.now())
    assert not tasks.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not cancel_job(job=job, actor=sam, now=timezone.now())
    assert AuditRow.objects.filter(action="job.cancelled").count() == 1


def test_a_running_job_stops_at_its_next_report(handle, ask, sam):
    reached = []

    def handler(job, run):
        cancel_job(job=job, actor=sam, now=timezone.now())
        run.report_done(1)
        reached.append("beyond")
        return {}

    handle(handler)
    assert ask().state == "cancelled"
    assert reached == []


def test_a_job_whose_worker_fell_silent_is_run_again(handle, ask):
    handle(lambda job, run: {"second": True})
    job = ask(execute=False)
    silent = timezone.now() - dt.timedelta(minutes=11)
    Job.objects.filter(pk=job.pk).update(state="running", started_at=silent, heartbeat_at=silent)
    assert tasks.sweep_jobs() == 1
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"second": True})
    assert tasks.sweep_jobs() == 0


def test_a_job_whose_message_was_lost_is_picked_up(handle, ask):
    handle(lambda job, run: {})
    job = ask(execute=False)
    assert tasks.sweep_jobs() == 0
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - dt.timedelta(minutes=11))
    assert tasks.sweep_jobs() == 1
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_that_never_ends_is_given_up_after_a_day(handle, ask):
    job = ask(execute=False)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - dt.timedelta(hours=25))
    assert tasks.sweep_jobs() == 0
    job.refresh_from_db()
    assert job.state == "failed"
    assert "given up" in job.error


def test_a_worker_that_lost_its_job_notices_and_does_not_end_it(handle, ask):
    """A worker paused for longer than anybody waits wakes up while another one has the job."""
    taken_over_at = timezone.now() + dt.timedelta(minutes=20)

    def handler(job, run):
        Job.objects.filter(pk=job.pk).update(started_at=taken_over_at)
        run.report_done(5)
        return {"late": True}

    handle(handler)
    job = ask()
    assert (job.state, job.done, job.result) == ("running", 0, {})


def test_only_the_transitions_in_the_table_are_made(handle, ask):
    job = ask(execute=False)
    assert set(JOB_TRANSITIONS) == set(JobState)
    for state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
        with pytest.raises(ValueError, match="can't go from"):
            job_runs.advance_job(job.pk, state, JobState.RUNNING)
    assert not job_runs.advance_job(job.pk, JobState.RUNNING, JobState.DONE)
