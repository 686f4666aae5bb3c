"""B: the honest, straightforward Django tap. Verify, select with joins, update, insert, render some 5 KB.

No cache, no raw SQL, no trick, and none of the real page's modules, stages or languages.
"""

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone

from analytics.models import Scan
from experiences.requests import raw_link
from products.models import ChipProfile, Tag
from products.profiles import to_sun
from products.sun import SunError, verify


def tap(request: HttpRequest, profile: str) -> HttpResponse:
    chip_profile = get_object_or_404(ChipProfile, slug=profile)
    try:
        message = verify(raw_link(request), to_sun(chip_profile))
    except SunError:
        return HttpResponse("invalid", status=400)
    with transaction.atomic():
        tag = get_object_or_404(
            Tag.objects.select_related(
                "unit",
                "unit__product",
                "unit__product__category",
                "unit__brand",
                "unit__batch",
                "unit__trade_item",
            ),
            profile=chip_profile,
            uid=message.uid.hex(),
        )
        moved_on = (
            Tag.objects.filter(pk=tag.pk)
            .filter(Q(last_counter=None) | Q(last_counter__lt=message.read_ctr))
            .update(last_counter=message.read_ctr)
        )
        Scan.objects.create(
            at=timezone.now(),
            brand_id=tag.brand_id,
            unit=tag.unit,
            tag=tag,
            counter=message.read_ctr,
            verdict="genuine" if moved_on else "replayed",
            stage="ownership",
            visitor="0" * 32,
            locale="en",
        )
    materials = tag.unit.product.composition.select_related("material")
    context = {"tag": tag, "unit": tag.unit, "moved_on": moved_on, "materials": materials}
    return render(request, "plain.html", context)


def redirect(request: HttpRequest, rest: str) -> HttpResponse:
    """The least that a resolver in Django can cost: nothing is read, and one address is answered."""
    return HttpResponseRedirect(f"https://elsewhere.example/{rest}", preserve_request=True)


urlpatterns = [path("t/<slug:profile>", tap), path("r/<path:rest>", redirect)]
