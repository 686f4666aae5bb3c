"""Registering a unit on its page, and confirming the address with the code."""

from typing import Any

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.account.views import ConfirmLoginCodeView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiences.codes import (
    CodeEntry,
    CodeOutcome,
    address_under_way,
    code_is_under_way,
    note_typed,
    resend_code,
    was_typed_here,
)
from experiences.contact import masked
from experiences.devices import devices_of, remember_in_browser
from experiences.entering import confirm_each, waiting_here
from experiences.pages.registration_pages import (
    build_confirm_page,
    build_register_page,
    build_welcome_page,
    code_problem,
)
from experiences.registering import (
    PER_ADDRESS,
    PER_ADDRESS_AND_UNIT,
    PER_UNIT,
    SESSION_KEY,
    Registered,
    ask_to_confirm,
    confirmed_person,
    finish_registration,
    register_unit,
    registration_in,
    unconfirmed_registration,
)
from experiences.registration_form import RegisterForm, blank_form
from experiences.requests import address_of
from experiences.responses import render_refusal, render_tap
from experiences.tap import Refusal, Tap, TapContext
from experiences.views.too_often import too_often_this_hour
from experiences.views.visit import UnitVisit, look, on_unit_page
from ownership.errors import OwnershipError
from ownership.models import Registration
from ownership.models.registrations import Proof, RegistrationState
from ownership.services.registrations import RegistrationForm
from products.codes import normalise_public_code
from products.limits import spend_if_room

SENT_AT_ONCE = 10  # seconds in which the same form counts as sent at once


@require_http_methods(["GET", "HEAD", "POST"])
@on_unit_page
def register(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """The registration form, and what became of it."""
    tap = visit.tap
    if tap.row.viewer_is_owner:
        return visit.go_to("welcome")
    if request.method != "POST":
        return _empty_form(visit)
    form = RegisterForm(request.POST, country=tap.row.market)
    if not form.is_valid() or form.parsed is None:
        return _form_page(visit, form, status=400)
    address, unit = address_of(request), str(visit.unit_id)
    tries = ((PER_ADDRESS, address), (PER_ADDRESS_AND_UNIT, f"{address} {unit}"), (PER_UNIT, unit))
    if tap.possession is None and not spend_if_room(*tries):
        return _form_page(visit, form, **too_often_this_hour())
    try:
        registered = register_unit(
            unit_id=visit.unit_id,
            form=typed(form, tap),
            proof=Proof.HOLDING if tap.possession else Proof.CODE,
            now=timezone.now(),
            devices=visit.context.devices,
        )
    except OwnershipError as error:
        return _form_page(visit, form, problem=str(error), status=409)
    outcome = _ask_once(request, registered.registration, visit.context)
    if registered.device or outcome is CodeOutcome.SENT or code_is_under_way(request):
        return go_on(visit, registered, outcome)
    problem = code_problem(outcome, registered.registration.contact_kind)
    status = 429 if outcome is CodeOutcome.WAIT else 503
    return _form_page(visit, form, problem=problem, status=status)


def _ask_once(request: HttpRequest, registration: Registration, context: TapContext) -> CodeOutcome:
    """Send the code; a form that was sent several times at once gets one, and not several of which one works.

    What comes second leaves the session alone: saved later, it would take the first one's code out of it.
    """
    begun = request.session.get(SESSION_KEY)
    is_the_same = begun is None or (begun == registration.pk and code_is_under_way(request))
    key = f"register-code:{registration.pk}"
    if is_the_same and not cache.add(key, True, SENT_AT_ONCE):
        return CodeOutcome.SENT
    note_typed(request, registration.contact)
    outcome = ask_to_confirm(request, registration, now=context.now)
    if outcome not in (CodeOutcome.SENT, CodeOutcome.NEEDLESS):
        cache.delete(key)
    return outcome


def _empty_form(visit: UnitVisit) -> HttpResponse:
    """The form, with what was typed in this browser before its code was lost."""
    became, begun = visit.request.GET.get("code", ""), None
    if became:
        begun = registration_in(visit.request)
    typed = {}
    if begun and begun.unit_id == visit.unit_id and begun.state == RegistrationState.PENDING:
        typed = {"contact": begun.contact, "name": begun.name}
    form = blank_form(visit.tap.brand.marketing_version, **typed)
    return _form_page(visit, form, problem=code_problem(became))


def typed(form: RegisterForm, tap: Tap) -> RegistrationForm:
    """Return what was typed into a valid form, as the service takes it."""
    assert form.parsed is not None
    return RegistrationForm(
        submission_key=form.cleaned_data["submission_key"],
        contact_kind=form.parsed.kind,
        contact=form.parsed.value,
        name=form.cleaned_data["name"],
        marketing=form.cleaned_data["marketing"],
        locale=tap.locale,
        wording=form.cleaned_data["wording"],
    )


def _form_page(visit: UnitVisit, form: RegisterForm, *, problem: str = "", status: int = 200) -> HttpResponse:
    if form.is_bound:
        form.show_words(visit.tap.brand.marketing_version)
    page = build_register_page(visit.tap, form, problem=problem)
    return visit.render("experiences/register.html", page, status=status)


def go_on(visit: UnitVisit, registered: Registered, outcome: CodeOutcome) -> HttpResponse:
    """Go to the welcome (owner already) or to the code (owner once it is entered)."""
    target = "welcome" if registered.device else "confirm"
    response = to_page(target, registered.registration.unit.public_code, outcome)
    if registered.device:
        remember_in_browser(response, registered.device, beside=visit.context.devices)
    return response


def to_page(target: str, code: str, outcome: str) -> HttpResponse:
    """Redirect to a page that says what became of the code."""
    went_well = outcome in (CodeOutcome.SENT, CodeOutcome.NEEDLESS)
    return redirect(reverse(target, args=[code]) + ("" if went_well else f"?code={outcome}"))


@require_POST
@on_unit_page
def send_again(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """Send a code for what this browser registered, however long ago the last one was sent."""
    registration = registration_in(request)
    if registration is None or registration.unit_id != visit.unit_id:
        registration = unconfirmed_registration(visit.tap)
    if registration is None:
        return visit.go_to("unit_home")
    outcome = ask_to_confirm(request, registration, now=visit.now)
    return after_asking(request, registration, outcome)


def after_asking(request: HttpRequest, registration: Registration, outcome: CodeOutcome) -> HttpResponse:
    """Go on to the code, or back to where it can be asked for once more."""
    reached = outcome is CodeOutcome.SENT or code_is_under_way(request)
    confirm_next = reached and outcome is not CodeOutcome.NEEDLESS
    if confirm_next:
        return to_page("confirm", registration.unit.public_code, outcome)
    return _without_code(registration, outcome)


def _without_code(registration: Registration, outcome: str) -> HttpResponse:
    """Go to the page from which a new code is asked for, and say there what became of the last one."""
    if registration.state != RegistrationState.PENDING:
        return to_page("welcome", registration.unit.public_code, outcome)
    if registration.transfer is not None:
        return to_page("transfer_link", registration.transfer.bundle or registration.transfer.code, outcome)
    return to_page("register", registration.unit.public_code, outcome)


@require_safe
@on_unit_page
def welcome(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """The useful thank-you: coverage, set-up, and the address still to confirm."""
    if not visit.tap.row.viewer_is_owner:
        return visit.go_to("unit_home")
    begun = registration_in(request)
    is_begun_here = begun is not None and begun.unit_id == visit.unit_id
    page = build_welcome_page(
        visit.tap,
        unconfirmed=visit.tap.row.viewer_unconfirmed,
        code_under_way=is_begun_here and code_is_under_way(request),
        problem=code_problem(request.GET.get("code", "")),
    )
    return visit.render("experiences/welcome.html", page)


class ConfirmView(CodeEntry, ConfirmLoginCodeView):
    """allauth's entry of the one-time code, on the unit's own page: its limits and time-outs hold."""

    registration: Registration = None  # type: ignore[assignment]  # as_view() sets it

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.context, outcome = look(request, kwargs["code"])
        if isinstance(outcome, Refusal):
            return render_refusal(request, outcome)
        self.tap = outcome
        with translation.override(self.tap.locale):
            return super().dispatch(request, *args, **kwargs)

    def guessed_too_often(self) -> HttpResponse:
        return _code_gone(self.registration)

    def get_next_url(self) -> str:
        return reverse("registered", args=[self.kwargs["code"]])

    def form_valid(self, form: Any) -> HttpResponse:
        if self._action != "resend":
            return super().form_valid(form)
        return to_page("confirm", self.kwargs["code"], resend_code(self.request, self._process))

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        problem = code_problem(self.request.GET.get("code", ""))
        address = address_under_way(self._process)
        page = build_confirm_page(
            self.tap,
            context["form"],
            address=address if was_typed_here(self.request, address) else masked(address),
            can_resend=self._process.can_resend,
            offer=self.registration.transfer,
            problem=problem,
        )
        return render_tap(self.request, self.tap, self.context, "experiences/confirm.html", {"page": page})


@never_cache
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Where the code is entered, as long as there is one to enter for what this browser registers."""
    begun = registration_in(request)
    if begun is None:
        return redirect("unit_home", code=code)
    own_code = begun.unit.public_code
    if normalise_public_code(code) != own_code:
        return redirect("confirm", code=own_code)
    if request.user.is_authenticated:
        return redirect("registered", code=own_code)
    stage = LoginStageController.enter(request, LoginByCodeStage.key)
    if stage is None or LoginCodeVerificationProcess.resume(stage) is None:
        return _code_gone(begun)
    request._login_stage = stage  # type: ignore[attr-defined]  # what allauth's own decorator does
    response: HttpResponse = ConfirmView.as_view(registration=begun)(request, code=own_code)
    return response


def _code_gone(registration: Registration) -> HttpResponse:
    """Say that the code works no longer, where a new one can be asked for."""
    return _without_code(registration, CodeOutcome.GONE)


@require_safe
def registered(request: HttpRequest, code: str) -> HttpResponse:
    """The code was right: finish what was begun, and go on to the welcome."""
    begun = registration_in(request)
    person = confirmed_person(request, begun) if begun else None
    if begun is None or person is None:
        return redirect("unit_home", code=code)
    del request.session[SESSION_KEY]
    now, keys = timezone.now(), devices_of(request)
    waiting = waiting_here([person, begun.person], begun.contact_kind, begun.contact, keys)
    try:
        done = finish_registration(registration_id=begun.pk, person=person, now=now, devices=keys)
    except OwnershipError:  # it was erased meanwhile
        return redirect("unit_home", code=code)
    own_code = begun.unit.public_code
    if done.device is None:
        return _came_too_late(begun)
    confirm_each(waiting, person=person, devices=keys, now=now)
    response = redirect("welcome", code=own_code)
    if begun.transfer is not None and begun.transfer.bundle:
        response = redirect("transfer_link", code=begun.transfer.bundle)
    remember_in_browser(response, done.device, beside=keys)
    return response


def _came_too_late(registration: Registration) -> HttpResponse:
    """Say that somebody else was first, where they began: an offer's own page knows what became of it."""
    if registration.transfer is not None:
        return redirect("transfer_link", code=registration.transfer.code)
    code = registration.unit.public_code
    return redirect(reverse("register", args=[code]) + f"?code={RegistrationState.SUPERSEDED}")
