"""What a finder and an owner write to each other: one page, as each side of it sees it."""

from django.http import HttpResponse
from django.shortcuts import redirect

from experiences.loss_forms import AnswerForm, new_key
from experiences.losses import PER_THREAD, write_on
from experiences.pages.loss_pages import build_thread_page
from experiences.views.too_often import too_often_this_hour
from experiences.views.visit import UnitVisit
from ownership.errors import OwnershipError
from ownership.models import FinderThread
from ownership.models.losses import Sender
from products.limits import spend_if_room


def answer_thread(visit: UnitVisit, thread: FinderThread, side: Sender, *, url: str) -> HttpResponse:
    """Show what was written so far, and send on what this side writes; `url` is the page's own."""

    def page(form: AnswerForm, *, problem: str = "", status: int = 200) -> HttpResponse:
        shown = None if thread.report.ended_at and not problem else form
        messages = list(thread.messages.all())
        built = build_thread_page(visit.tap, thread, messages, shown, side, url=url, problem=problem)
        return visit.render("experiences/finder_thread.html", built, status=status)

    if visit.request.method != "POST":
        return page(AnswerForm(initial=new_key()))
    form = AnswerForm(visit.request.POST)
    if not form.is_valid():
        return page(form, status=400)
    if not spend_if_room((PER_THREAD, f"{side.value} {thread.pk}")):
        return page(form, **too_often_this_hour())
    try:
        write_on(thread=thread, sender=side, now=visit.now, **form.cleaned_data)
    except OwnershipError as error:
        return page(form, problem=str(error), status=409)
    return redirect(url)
