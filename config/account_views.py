"""allauth's views, where the house holds them to more."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views
from allauth.account.adapter import get_adapter
from allauth.account.views import ConfirmLoginCodeView
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve

from experiences.codes import CountedGuesses


class LogInByCodeView(CountedGuesses, ConfirmLoginCodeView):
    """The code of a log-in: it may be the one for a registration, so the tries at both count together."""

    def guessed_too_often(self) -> HttpResponse:
        adapter = get_adapter(self.request)
        sentence = adapter.error_messages["too_many_login_attempts"]
        adapter.add_message(self.request, messages.ERROR, message=sentence)
        return redirect("account_request_login_code")

    def form_invalid(self, form: Any) -> Any:
        self.count_guess()
        return super().form_invalid(form)


def for_staff(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep a page of staff's accounts from owners, whose session begins with a code: they never have a password."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def second_factor(request: HttpRequest, rest: str) -> HttpResponse:
    """allauth's pages of second factors, for staff: an owner's code is never held up by one."""
    if request.user.is_authenticated and not request.user.is_staff:
        return redirect("me_details")
    match = resolve(f"/{rest}", urlconf="allauth.mfa.urls")
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


log_in_by_code = LogInByCodeView.as_view()
email_addresses = for_staff(views.email)
set_password = for_staff(views.password_set)
change_password = for_staff(views.password_change)
