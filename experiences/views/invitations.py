"""An invitation: opened by its private link, answered by who reads the mail of the invited address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from experiences.cards import BrandCard, card_of
from experiences.codes import CodeOutcome, begin_code, code_is_under_way
from experiences.entering import ENTER_KEY
from experiences.languages import speaking
from experiences.me import me_of
from experiences.members import invited_among, person_to_reach
from experiences.pages.people_pages import build_invitation_page
from experiences.pages.registration_pages import code_problem
from experiences.registering import SESSION_KEY
from experiences.views.me.visit import brand_of_domain, render_me
from ownership.errors import OwnershipError
from ownership.models import Invitation
from ownership.models.registrations import ContactKind
from ownership.services.members import accept_invitation
from products.codes import normalise_public_code


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """Show the invitation; its button joins, or first sends a code to the invited address."""
    now, code = timezone.now(), normalise_public_code(code)
    if not code:
        raise Http404
    found = Invitation.objects.standing(now).select_related("owner__brand").filter(code=code).first()
    brand = _brand(request, found)
    with speaking(request, brand):
        person = invited_among(me_of(request, now=now), found) if found else None
        problem = ""
        if request.method == "POST" and found and person is None:
            outcome = _send_code(request, found)
            if outcome is CodeOutcome.SENT or code_is_under_way(request):
                return redirect("me_enter_code")
            problem = code_problem(outcome, ContactKind.EMAIL)
        elif request.method == "POST" and found and person:
            try:
                group = accept_invitation(code=code, person=person, now=now)
                return redirect("me_group", pk=group.pk)
            except OwnershipError as error:
                problem = str(error)
        page = build_invitation_page(brand, found, code=code, is_theirs=person is not None, problem=problem)
        status = 404 if found is None else 409 if problem else 200
        return render_me(request, brand, "me/invitation.html", page, status=status)


def _brand(request: HttpRequest, found: Invitation | None) -> BrandCard | None:
    if found is None:
        return brand_of_domain(request)
    return card_of(found.owner.brand)


def _send_code(request: HttpRequest, found: Invitation) -> CodeOutcome:
    """Send the code that the way in asks for; afterwards the visitor is back here as who was invited."""
    back = reverse("invitation", args=[found.code])
    request.session[ENTER_KEY] = {"next": back, "brand": found.owner.brand_id}
    request.session.pop(SESSION_KEY, None)
    return begin_code(
        request,
        kind=ContactKind.EMAIL,
        contact=found.email,
        person=person_to_reach(found, now=timezone.now()),
        keep=(ENTER_KEY,),
    )
