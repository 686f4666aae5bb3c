"""Registering a unit on its page, and confirming the address with the code."""

import uuid
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginByCodeStage
from allauth.account.views import ConfirmLoginCodeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from experiences.devices import remember_in_browser
from experiences.pages.registration_pages import build_confirm_page, build_register_page, build_welcome_page
from experiences.registering import SESSION_KEY, Registered, finish_registration, register_unit, send_code
from experiences.registration_form import RegisterForm
from experiences.responses import render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.views.units import look
from ownership.errors import OwnershipError
from ownership.models import Registration
from ownership.models.registrations import Proof
from ownership.services.registrations import RegistrationForm


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, code: str) -> HttpResponse:
    """The registration form, and what became of it."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        if request.method != "POST":
            form = RegisterForm(initial={"submission_key": uuid.uuid4().hex})
            return _form_page(request, tap, context, form)
        form = RegisterForm(request.POST, country=tap.row.market)
        if not form.is_valid() or form.parsed is None:
            return _form_page(request, tap, context, form, status=400)
        try:
            registered = register_unit(
                unit_id=tap.row.unit_id,
                form=_typed(form, tap),
                proof=Proof.HOLDING if tap.possession else Proof.CODE,
                now=timezone.now(),
            )
        except OwnershipError as error:
            return _form_page(request, tap, context, form, problem=str(error), status=409)
        return _go_on(request, tap, registered)


def _typed(form: RegisterForm, tap: Tap) -> RegistrationForm:
    assert form.parsed is not None
    return RegistrationForm(
        submission_key=form.cleaned_data["submission_key"],
        contact_kind=form.parsed.kind,
        contact=form.parsed.value,
        name=form.cleaned_data["name"],
        marketing=form.cleaned_data["marketing"],
        locale=tap.locale,
    )


def _form_page(
    request: HttpRequest,
    tap: Tap,
    context: TapContext,
    form: RegisterForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_register_page(tap, form, problem=problem)
    response = render_tap(request, tap, context, "experiences/register.html", {"page": page})
    response.status_code = status
    return response


def _go_on(request: HttpRequest, tap: Tap, registered: Registered) -> HttpResponse:
    """Send the code; then to the welcome (owner already) or to the code (owner once it is entered)."""
    sent = send_code(request, registered.registration)
    target = "welcome" if registered.device else "confirm"
    response = redirect(reverse(target, args=[tap.row.public_code]) + ("" if sent else "?waiting=1"))
    if registered.device:
        remember_in_browser(response, registered.device)
    return response


@require_safe
def welcome(request: HttpRequest, code: str) -> HttpResponse:
    """The useful thank-you: coverage, set-up, and the address still to confirm."""
    context, tap = look(request, code)
    if isinstance(tap, Refusal):
        return render_refusal(request, tap)
    with translation.override(tap.locale):
        if not tap.row.viewer_is_owner:
            return redirect("unit_home", code=tap.row.public_code)
        page = build_welcome_page(tap, confirming=SESSION_KEY in request.session)
        return render_tap(request, tap, context, "experiences/welcome.html", {"page": page})


class ConfirmView(ConfirmLoginCodeView):
    """allauth's entry of the one-time code, on the unit's own page: its limits and time-outs hold."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.context, outcome = look(request, kwargs["code"])
        if isinstance(outcome, Refusal):
            return render_refusal(request, outcome)
        self.tap = outcome
        with translation.override(self.tap.locale):
            return super().dispatch(request, *args, **kwargs)

    def get_next_url(self) -> str:
        return reverse("registered", args=[self.kwargs["code"]])

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        page = build_confirm_page(self.tap, context["form"], can_resend=self._process.can_resend)
        response = render_tap(
            self.request, self.tap, self.context, "experiences/confirm.html", {"page": page}
        )
        response.status_code = 400 if context["form"].errors else 200
        return response


confirm = login_stage_required(stage=LoginByCodeStage.key, redirect_urlname="find")(ConfirmView.as_view())


@require_safe
def registered(request: HttpRequest, code: str) -> HttpResponse:
    """The code was right: finish what was begun, and go on to the welcome."""
    registration_id = request.session.pop(SESSION_KEY, None)
    if not request.user.is_authenticated or registration_id is None:
        return redirect("unit_home", code=code)
    if not Registration.objects.filter(pk=registration_id).exists():
        return redirect("unit_home", code=code)
    done = finish_registration(registration_id=registration_id, person=request.user, now=timezone.now())
    response = redirect("welcome" if done.device else "register", code=code)
    if done.device:
        remember_in_browser(response, done.device)
    return response
