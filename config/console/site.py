"""The admin site at /console/: who gets in, the home page, the look-up."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import auth
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from products.console import AGENTS, BrandScopedAdmin, access_of


def has_second_factor(person: Any) -> bool:
    """Return whether the person set up a second factor; read once per request, kept on the person."""
    known: bool | None = getattr(person, "_has_second_factor", None)
    if known is None:
        known = person._has_second_factor = is_mfa_enabled(person)
    return known


# What stands in the header of every page.
PLACES = (
    "products.unit",
    "ownership.owner",
    "products.product",
    "experiences.contentblock",
    "analytics.doubt",
    "analytics.event",
    "products.job",
)
GROUPS = (
    (
        _("Units"),
        (
            "products.unit", "products.tag", "analytics.event", "analytics.scan",
            "analytics.doubt", "analytics.forgedlinkcount",
        ),
    ),
    (
        _("Owners"),
        (
            "ownership.owner", "ownership.registration", "ownership.bulkrequest", "ownership.identityrequest",
            "ownership.ownership", "ownership.transfer", "ownership.releaserequest", "warranty.coverage",
            "ownership.consent", "ownership.datarequest", "ownership.tombstone", "experiences.message",
            "ownership.loyaltyaccount", "ownership.loyaltyentry",
        ),
    ),
    (
        _("Catalogue"),
        (
            "products.product", "products.category", "products.material", "products.batch",
            "products.tradeitem", "experiences.contentblock", "warranty.coverageplan",
            "ownership.consentwording", "ownership.loyaltyprogramme", "ownership.loyaltyrule", "ownership.reward",
            "products.resolverlink", "products.identificationkey",
        ),
    ),
    (
        _("House"),
        (
            "products.brand", "analytics.doubtrules", "ownership.ownershippolicy", "products.person",
            "products.chipprofile",
            "products.encodingorder", "products.job", "products.privatefile", "products.auditrow",
        ),
    ),
)  # fmt: skip


def _group(name: Any, models: list[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "app_label": models[0]["model"]._meta.app_label,
        "app_url": reverse("admin:index"),
        "has_module_perms": True,
        "models": models,
    }


class ConsoleSite(AdminSite):
    site_header = _("Heirloom console")
    site_title = _("Heirloom console")
    index_title = _("Today")
    site_url = None
    # The places of the header replace it, and leave its width to the rows.
    enable_nav_sidebar = False

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
            "places": self._places(request) if self.has_permission(request) else [],
        }

    def _places(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return name and address of the lists that one goes to all day, as far as the person may see them."""
        by_model = {model._meta.label_lower: admin for model, admin in self._registry.items()}
        lists = [
            (
                capfirst(str(by_model[label].opts.verbose_name_plural)),
                reverse(f"admin:{label.replace('.', '_')}_changelist"),
            )
            for label in PLACES
            if by_model[label].has_view_permission(request)
        ]
        # First, for it is what is opened on a telephone, in a shop.
        till = [(str(_("Till")), reverse("console_till"))] if access_of(request.user).allows(AGENTS) else []
        return [*till, *lists, (str(_("Mails")), reverse("console_mails"))]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Group the lists by what staff come for, not by where the code stands."""
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {model["model"]._meta.label_lower: model for app in apps for model in app["models"]}
        groups = []
        for name, labels in GROUPS:
            shown = [models.pop(label) for label in labels if label in models]
            if shown:
                groups.append(_group(name, shown))
        return [*groups, _group(_("Others"), list(models.values()))] if models else groups

    def get_urls(self) -> list[Any]:
        from config.console.lookup_view import look_up

        return [
            path("look-up/", self.admin_view(look_up), name="look_up"),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        from config.console.home import today_in_numbers
        from config.console.to_do import what_to_do

        access, now = access_of(request.user), timezone.now()
        numbers, tasks = today_in_numbers(access, now), what_to_do(access)
        return super().index(request, {**(extra_context or {}), "numbers": numbers, "tasks": tasks})

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

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return _log_out(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")


@require_POST
def _log_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("account_login")
