"""`/me/`: my things."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from experiences.pages.me.things import build_things_page
from experiences.views.me.visit import Visit, for_owners, render_me


@never_cache
@require_safe
@for_owners
def things(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All that the visitor owns: on a brand's domain that brand's, elsewhere by brand."""
    page = build_things_page(visit.brand, visit.owners())
    return render_me(request, visit.brand, "me/things.html", page)
