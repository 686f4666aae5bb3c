"""Friendly pages for everything that goes wrong outside a tap."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from experiences.languages import speaking
from experiences.responses import render_house_problem


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _problem(request, 404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _problem(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _problem(request, 403)


def server_error(request: HttpRequest) -> HttpResponse:
    return _problem(request, 500)


def mail_not_sent(request: HttpRequest) -> HttpResponse:
    """A log-in page could not send its mail."""
    return _problem(request, 503)


def form_opened(request: HttpRequest) -> HttpResponse:
    """An address that takes forms alone was opened: go on to the page that it belongs to, if it belongs to one."""
    match = request.resolver_match
    if match and match.route.startswith("u/"):
        return redirect("unit_home", code=match.kwargs["code"])
    if match and match.route.startswith("me/"):
        return redirect("me")
    return _problem(request, 405)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was sent from elsewhere, or after its cookie was gone."""
    return _problem(request, 403, form=True)


def _problem(request: HttpRequest, status: int, *, form: bool = False) -> HttpResponse:
    with speaking(request, None):
        title, sentence = _words(status, form)
        return render_house_problem(request, title, sentence, status=status)


def _words(status: int, form: bool) -> tuple[str, str]:
    if form:
        return _("Please send that once more"), _(
            "The page was open for long, or cookies are off. Nothing was changed. Go back, reload, and send again."
        )
    return {
        400: (
            _("This request can't be read"),
            _("Something in the address is malformed. Nothing was changed."),
        ),
        403: (
            _("This is not open to you"),
            _("You may need to log in with another account. Nothing was changed."),
        ),
        404: (
            _("There is no such page"),
            _(
                "The address may be mistyped or cut. Hold the phone to the tag again, or type the serial number."
            ),
        ),
        405: (
            _("There is nothing to open here"),
            _(
                "This address only takes what a page sends to it. Nothing was changed; go back, and use its button."
            ),
        ),
        500: (
            _("Something failed on our side"),
            _("Nothing that you entered was lost on purpose; please try again in a moment."),
        ),
        503: (
            _("We could not send the mail just now"),
            _("Nothing was changed. Go back, and ask for it again in a moment."),
        ),
    }[status]
