"""The admin site at /console/."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _


class ConsoleSite(AdminSite):
    site_header = _("Heirloom console")
    site_title = _("Heirloom console")
    index_title = _("Today")

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Send to allauth's login, which limits attempts and asks for the second factor."""
        if request.user.is_authenticated and self.has_permission(request):
            return redirect("admin:index")
        return redirect(
            f"{reverse('account_login')}?{urlencode({'next': request.GET.get('next') or reverse('admin:index')})}"
        )
