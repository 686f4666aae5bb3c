"""What an owner agreed to: given and taken back with one button each; taken back with one click in a mail, too."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from experiences.cards import card_of
from experiences.consents import agree, read_unsubscribe, take_back
from experiences.languages import speaking
from experiences.pages.consent_pages import build_consents_page, build_unsubscribe_page
from experiences.responses import render_public
from experiences.theme import brand_style
from experiences.views.me.visit import Visit, for_owners, render_me
from experiences.views.problems import page_not_found
from ownership.errors import OwnershipError
from ownership.models import Consent, ConsentChannel, Purpose
from ownership.services.consents import withdraw_consent


@require_http_methods(["GET", "HEAD", "POST"])
@for_owners
def consents(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every purpose with its words; POST `give` or `withdraw` names the owner and the purpose."""
    if request.method != "POST":
        return _page(request, visit)
    owner_id, version = _number(request.POST.get("owner")), _number(request.POST.get("version"))
    purpose = str(request.POST.get("purpose", ""))
    if purpose not in Purpose.values or owner_id not in {owner.pk for owner in visit.owners()}:
        return _page(request, visit, status=400)
    try:
        if "withdraw" in request.POST:
            take_back(me=visit.me, owner_id=owner_id, purpose=purpose, now=visit.now)
        else:
            locale = translation.get_language() or ""
            agree(
                me=visit.me, owner_id=owner_id, purpose=purpose, version=version, locale=locale, now=visit.now
            )
    except OwnershipError as error:
        return _page(request, visit, problem=str(error), status=409)
    return redirect(f"{reverse('me_consents')}#{owner_id}-{purpose}")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, for robots follow links; POST takes the consent back, without cookie or session (RFC 8058 sec. 3.2)."""
    named = read_unsubscribe(token)
    if named is None:
        return page_not_found(request)
    owner, purpose = named
    if request.method == "POST":
        withdraw_consent(owner=owner, purpose=purpose, now=timezone.now(), through=ConsentChannel.MAIL)
    card = card_of(owner.brand)
    with speaking(request, card):
        is_given = Consent.objects.filter(owner=owner, wording__purpose=purpose).standing().exists()
        url = reverse("unsubscribe", args=[token])
        page = build_unsubscribe_page(card, owner, purpose, url=url, is_given=is_given)
        return render_public(request, "experiences/unsubscribe.html", {"page": page}, style=brand_style(card))


def _page(request: HttpRequest, visit: Visit, *, problem: str = "", status: int = 200) -> HttpResponse:
    owners = [owner for owner in visit.owners() if visit.me.looks_after(owner)]
    page = build_consents_page(visit.brand, owners, problem=problem)
    return render_me(request, visit.brand, "me/consents.html", page, status=status)


def _number(text: Any) -> int:
    """Return the whole number that was sent; 0, which names nothing, for anything else."""
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
