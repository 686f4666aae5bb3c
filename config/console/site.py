"""The admin site at /console/: who gets in, the home page, the look-up."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import auth
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from products.console import BrandScopedAdmin, access_of


def has_second_factor(person: Any) -> bool:
    """Return whether the person set up a second factor; read once per request, kept on the person."""
    known: bool | None = getattr(person, "_has_second_factor", None)
    if known is None:
        known = person._has_second_factor = is_mfa_enabled(person)
    return known


class ConsoleSite(AdminSite):
    site_header = _("Heirloom console")
    site_title = _("Heirloom console")
    index_title = _("Today")
    site_url = None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Show only models whose admin class knows about brands; third-party ones don't."""
        if admin_class is not None and issubclass(admin_class, BrandScopedAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def unregister(self, model_or_iterable: Any) -> None:
        """Let third-party apps take back what `register` did not take."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().unregister([model for model in models if self.is_registered(model)])

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and has_second_factor(request.user)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        access = access_of(request.user)
        return {
            **super().each_context(request),
            "brand_name": " · ".join(sorted(access.names.values())),
        }

    def get_urls(self) -> list[URLPattern]:
        from config.console.lookup_view import look_up

        return [
            path("look-up/", self.admin_view(look_up), name="look_up"),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        from config.console.home import today_in_numbers

        now = timezone.now()
        numbers = today_in_numbers(access_of(request.user), now)
        return super().index(request, {**(extra_context or {}), "numbers": numbers})

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send to allauth's login, which limits attempts and asks for the second factor."""
        if not request.user.is_authenticated:
            target = request.GET.get("next") or reverse("admin:index")
            return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_active and request.user.is_staff:
            return render(request, "console/second_factor.html")
        return render(request, "console/no_access.html", status=403)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return _log_out(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_change_password")


@require_POST
def _log_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("account_login")
