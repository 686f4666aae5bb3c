"""`/me/enter/`: an address, the code that was sent to it, and on to where one wanted to go."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.account.views import ConfirmLoginCodeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from experiences.cards import BrandCard, card_of
from experiences.codes import (
    CodeEntry,
    CodeOutcome,
    address_under_way,
    begin_code,
    code_is_under_way,
    note_typed,
    owner_in_session,
    resend_code,
    was_typed_here,
)
from experiences.contact import masked
from experiences.devices import devices_of, remember_in_browser
from experiences.entering import (
    ENTER_KEY,
    address_entered,
    confirm_each,
    device_for,
    person_reached_at,
    safe_next,
    waiting_here,
)
from experiences.languages import speaking
from experiences.me import me_of
from experiences.pages.me.entering import build_enter_code_page, build_enter_page
from experiences.pages.registration_pages import code_problem
from experiences.registering import SESSION_KEY
from experiences.registration_form import AddressForm
from experiences.views.me.visit import brand_of_domain, render_me
from products.codes import normalise_public_code
from products.models import Brand

_NO_PASSKEY = gettext_lazy("This passkey opens nothing here. Type your address, and we send you a code.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Where the address is typed. The answer is the same whether anything is registered with it or not."""
    next_url = safe_next(request)
    brand = _brand_of(request, next_url)
    with speaking(request, brand):
        me = me_of(request, now=timezone.now())

        def page(form: AddressForm, problem: str = "", status: int = 200) -> HttpResponse:
            shown = build_enter_page(
                brand, form, next_url=next_url, is_stale=bool(me.stale and not me.people), problem=problem
            )
            return render_me(request, brand, "me/enter.html", shown, status=status)

        if request.method != "POST":
            problem = _NO_PASSKEY if "passkey" in request.GET else code_problem(request.GET.get("code", ""))
            return page(AddressForm(), str(problem))
        form = AddressForm(request.POST)
        if not form.is_valid() or form.parsed is None:
            return page(form, status=400)
        note_typed(request, form.parsed.value)
        request.session[ENTER_KEY] = {"next": next_url, "brand": brand.pk if brand else None}
        request.session.pop(SESSION_KEY, None)  # the letter is not about what was registered before
        outcome = begin_code(
            request,
            kind=form.parsed.kind,
            contact=form.parsed.value,
            person=person_reached_at(form.parsed, me.devices),
            keep=(ENTER_KEY,),
        )
        if outcome is CodeOutcome.SENT or code_is_under_way(request):
            return _to("me_enter_code", outcome)
        status = 429 if outcome is CodeOutcome.WAIT else 503
        return page(form, code_problem(outcome, form.parsed.kind), status)


def _to(name: str, outcome: CodeOutcome, next_url: str = "") -> HttpResponse:
    words = {} if outcome is CodeOutcome.SENT else {"code": outcome.value}
    query = urlencode({**words, **({"next": next_url} if next_url else {})})
    return redirect(reverse(name) + (f"?{query}" if query else ""))


def _brand_of(request: HttpRequest, next_url: str) -> BrandCard | None:
    """Return whose look the way in has: the domain's, else that of the unit whose page is asked for."""
    if (card := brand_of_domain(request)) is not None:
        return card
    try:
        code = (
            resolve(next_url.partition("?")[0]).kwargs.get("code", "") if next_url.startswith("/u/") else ""
        )
    except Resolver404:
        code = ""
    found = code and Brand.objects.filter(units__public_code=normalise_public_code(code)).first()
    return card_of(found) if found else None


def entering_brand(request: HttpRequest) -> BrandCard | None:
    """Return whose look the way in has in this session."""
    pk = (request.session.get(ENTER_KEY) or {}).get("brand")
    found = Brand.objects.filter(pk=pk).first() if pk else None
    return card_of(found) if found else None


class EnterCodeView(CodeEntry, ConfirmLoginCodeView):
    """allauth's entry of the one-time code, on our own page."""

    brand: BrandCard | None = None

    def guessed_too_often(self) -> HttpResponse:
        return _code_gone(self.request)

    def get_next_url(self) -> str:
        return reverse("me_entered")

    def form_valid(self, form: Any) -> HttpResponse:
        if self._action != "resend":
            return super().form_valid(form)
        return _to("me_enter_code", resend_code(self.request, self._process))

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        address = address_under_way(self._process)
        page = build_enter_code_page(
            self.brand,
            context["form"],
            address=address if was_typed_here(self.request, address) else masked(address),
            can_resend=self._process.can_resend,
            problem=code_problem(self.request.GET.get("code", "")),
        )
        return render_me(self.request, self.brand, "me/code.html", page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Where the code is entered, as long as there is one to enter."""
    if owner_in_session(request) is not None:
        return redirect("me_entered")
    stage = LoginStageController.enter(request, LoginByCodeStage.key)
    if stage is None or LoginCodeVerificationProcess.resume(stage) is None:
        return _code_gone(request)
    request._login_stage = stage  # type: ignore[attr-defined]  # what allauth's own decorator does
    brand = entering_brand(request)
    with speaking(request, brand):
        response: HttpResponse = EnterCodeView.as_view(brand=brand)(request)
        return response


def _code_gone(request: HttpRequest) -> HttpResponse:
    entering = request.session.get(ENTER_KEY) or {}
    return _to("me_enter", CodeOutcome.GONE, entering.get("next", ""))


@never_cache
@require_safe
def entered(request: HttpRequest) -> HttpResponse:
    """The code was right: confirm what waited for it, remember this browser, and go on."""
    person = owner_in_session(request)
    if person is None:
        return redirect("me_enter")
    entering = request.session.pop(ENTER_KEY, None) or {}
    now, keys = timezone.now(), devices_of(request)
    contact = address_entered(request)
    if contact is not None:
        waiting = waiting_here([person], contact.kind, contact.value, keys)
        confirm_each(waiting, person=person, devices=keys, now=now)
    response = redirect(entering.get("next") or reverse("me"))
    remember_in_browser(response, device_for(person, keys, now=now), beside=keys)
    return response
