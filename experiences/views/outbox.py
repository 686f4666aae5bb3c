"""The outbox page: what would have been sent, for whoever tries the product on their own machine."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from experiences.languages import speaking
from experiences.outbox import is_loopback, outbox_is_open, prune_outbox, read_outbox
from experiences.requests import address_of
from experiences.responses import render_public, serve_mail
from experiences.theme import house_style


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """List mail and text messages, newest first, each with its code in large letters."""
    _refuse_outside(request)
    prune_outbox()
    with speaking(request, None):
        context = {
            "title": _("Outbox"),
            "mails": read_outbox(),
            "locale": translation.get_language(),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        return render_public(request, "experiences/outbox.html", context, style=house_style())


@require_safe
def outbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail as its reader would see it."""
    _refuse_outside(request)
    mail = next((mail for mail in read_outbox() if mail.name == name and mail.html), None)
    if mail is None:
        raise Http404
    return serve_mail(mail.html)


def _refuse_outside(request: HttpRequest) -> None:
    """Show codes to this machine alone, whatever address the server listens on.

    The connection is not enough: a page of somebody else's, open in this machine's browser, could have its
    own name point to this machine (DNS rebinding) and read what comes back. The name in the address bar tells.
    """
    host, _port = split_domain_port(request.get_host())
    if not (outbox_is_open() and is_loopback(address_of(request)) and is_loopback(host.strip("[]"))):
        raise Http404
