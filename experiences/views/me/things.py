"""`/me/`: my things."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from experiences.devices import devices_of
from experiences.pages.me.things import AT_ONCE, build_things_page
from experiences.tap import TapContext, look_at_units
from experiences.views.me.visit import Visit, for_owners, render_me
from experiences.visitors import visitor_of
from ownership.models import Member, Ownership, ReleaseRequest
from ownership.models.owners import MemberRole
from products.services.devices import A_DAY, note_use


@never_cache
@require_safe
@for_owners
def things(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All that the visitor owns: on a brand's domain that brand's, elsewhere by brand."""
    owners = visit.owners()
    owned = (
        Ownership.objects.current()
        .filter(owner__in=owners)
        .select_related("owner", "unit")
        .order_by("unit__brand__name", "owner__kind", "owner", "-since", "-pk")
    )
    page = Paginator(owned, AT_ONCE).get_page(request.GET.get("page"))
    taps = look_at_units([ownership.unit.public_code for ownership in page], _context(request, visit))
    people = {person.pk for person in visit.me.people}
    admins = Member.objects.filter(person__in=people, role=MemberRole.ADMIN).values_list("owner", flat=True)
    looked_after = {owner.pk for owner in owners if owner.person_id in people} | set(admins)
    done = _("It is no longer yours.") if request.GET.get("done") == "gone" else ""
    waiting = (
        ReleaseRequest.objects.open()
        .filter(claimant__in=owners)
        .select_related("unit__brand")
        .order_by("-pk")[:AT_ONCE]
    )
    _note_use(visit)
    shown = build_things_page(visit.brand, page, taps, looked_after=looked_after, waiting=waiting, done=done)
    return render_me(request, visit.brand, "me/things.html", shown)


def _context(request: HttpRequest, visit: Visit) -> TapContext:
    """What the units are read with: in the page's language, counting nothing."""
    language = get_language() or "en"
    return TapContext(
        visitor=visitor_of(request),
        now=visit.now,
        locale_for=lambda offered: language if language in offered else offered[0],
        peek=True,
        devices=devices_of(request),
    )


def _note_use(visit: Visit) -> None:
    """Keep up when the browser was used last: one that its owner opens is not silent."""
    for device in visit.me.devices:
        if device.person in visit.me.people and visit.now - device.last_used_at >= A_DAY:
            note_use(device_id=device.pk, now=visit.now)
