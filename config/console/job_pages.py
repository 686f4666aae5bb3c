"""What the pages of long work share: find the job among one's own, show how far it is, ask it to stop."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from products.console import Roles, access_of
from products.models import Job, Person
from products.models.operations import JobState
from products.services.jobs import cancel_job

REFRESH_EVERY = 2  # seconds, while the job waits or runs


def find_job(request: HttpRequest, pk: int, *, kind: str, roles: Roles) -> Job:
    """Return a job of this kind; raises Http404 for another brand's, and where none of the roles is held."""
    jobs = access_of(request.user).limit(Job.objects.filter(kind=kind), "brand", roles)
    job: Job = get_object_or_404(jobs.select_related("brand"), pk=pk)
    return job


def show_job(request: HttpRequest, job: Job, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render the page of a job, which shows itself anew until the job has ended."""
    running = job.state in (JobState.WAITING, JobState.RUNNING)
    progress = {"job": job, "running": running, "refresh": REFRESH_EVERY if running else None}
    return render(request, template, {**admin.site.each_context(request), **progress, **context})


def stop_job(request: HttpRequest, job: Job) -> None:
    """Ask the job to stop in the name of whoever is logged in."""
    cancel_job(job=job, actor=cast(Person, request.user), now=timezone.now())
