"""When and where the owner bought it; and the words that a giver leaves for whoever unpacks it."""

import re

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experiences.loss_forms import KEY, new_key
from experiences.pages.purchase_pages import build_gift_page, build_purchase_page
from experiences.pages.unit_page import may_give_away
from experiences.purchase_forms import GiftForm, PurchaseForm
from experiences.purchases import (
    GIFTS_OF_UNIT,
    GIFTS_OF_VISITOR,
    PROOFS_AN_HOUR,
    given_here,
    note_purchase,
    remember_gift,
)
from experiences.requests import address_of
from experiences.views.too_often import too_often_this_hour
from experiences.views.visit import OwnerVisit, UnitVisit, for_its_owner, on_unit_page
from ownership.errors import OwnershipError
from ownership.models import Gift, Purchase
from ownership.services.purchases import gift_of_form, leave_gift, remove_proof, take_gift_back
from products.limits import spend_if_room


@require_http_methods(["GET", "HEAD", "POST"])
@for_its_owner
def purchase(request: HttpRequest, visit: OwnerVisit) -> HttpResponse:
    """The owner's own account of the purchase: entered now or later, corrected at any time."""
    if request.method != "POST":
        return _purchase_page(visit, _kept_form(visit))
    form = PurchaseForm(request.POST, request.FILES, today=visit.tap.facts.today)
    if not form.is_valid():
        return _purchase_page(visit, form, status=400)
    if form.proof_file and not spend_if_room((PROOFS_AN_HOUR, str(visit.unit_id))):
        return _purchase_page(visit, form, **too_often_this_hour())
    return _note(visit, form)


def _note(visit: OwnerVisit, form: PurchaseForm) -> HttpResponse:
    try:
        note_purchase(
            unit_id=visit.unit_id,
            brand_id=visit.tap.row.brand_id,
            owner_id=visit.owner.pk,
            bought_on=form.cleaned_data["bought_on"],
            seller=form.cleaned_data["seller"],
            proof=form.proof_file,
            now=visit.now,
            actor_id=visit.actor_id,
        )
    except OwnershipError as error:
        return _purchase_page(visit, form, problem=str(error), status=409)
    return visit.go_to("purchase")


@require_POST
@for_its_owner
def purchase_proof_removed(request: HttpRequest, visit: OwnerVisit) -> HttpResponse:
    """The owner takes the proof out again."""
    try:
        remove_proof(unit_id=visit.unit_id, owner_id=visit.owner.pk, now=visit.now)
    except OwnershipError as error:
        return visit.render_problem(_("It has another owner by now"), str(error))
    return visit.go_to("purchase")


def _kept(visit: OwnerVisit) -> Purchase | None:
    mine = {"ownership__owner": visit.owner.pk, "ownership__until": None}
    row: Purchase | None = Purchase.objects.filter(ownership__unit=visit.unit_id, **mine).first()
    return row


def _kept_form(visit: OwnerVisit) -> PurchaseForm:
    """The form with what is known: as entered, else the day that the giver knew, else the day of the sale."""
    kept = _kept(visit)
    if kept:
        initial = {"bought_on": kept.bought_on, "seller": kept.seller}
    else:
        gift = Gift.objects.filter(unit=visit.unit_id).first() if visit.tap.row.ownerships == 1 else None
        sold_on = visit.tap.row.sold_on if visit.tap.row.ownerships == 1 else None
        initial = {"bought_on": (gift.bought_on if gift else None) or sold_on}
    return PurchaseForm(initial=initial, today=visit.tap.facts.today)


def _purchase_page(
    visit: OwnerVisit,
    form: PurchaseForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_purchase_page(visit.tap, form, _kept(visit), problem=problem)
    return visit.render("experiences/purchase.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@on_unit_page
def gift(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """“I am giving it away”: words that whoever unpacks it reads first; it stays unregistered."""
    mine = _mine(visit)
    if why_not := _why_not(visit, mine):
        return _gift_page(visit, None, mine, why_not=why_not, status=409)
    if request.method != "POST":
        initial = {"words": mine.words, "bought_on": mine.bought_on} if mine else {}
        form = GiftForm(initial={**initial, **new_key()}, today=visit.tap.facts.today)
        return _gift_page(visit, form, mine)
    form = GiftForm(request.POST, today=visit.tap.facts.today)
    if not form.is_valid():
        return _gift_page(visit, form, mine, status=400)
    if not spend_if_room((GIFTS_OF_VISITOR, address_of(request)), (GIFTS_OF_UNIT, str(visit.unit_id))):
        return _gift_page(visit, form, mine, **too_often_this_hour())
    try:
        left = leave_gift(
            unit_id=visit.unit_id,
            gift_id=mine.pk if mine else None,
            now=visit.now,
            **form.cleaned_data,
        )
    except OwnershipError as error:
        return _gift_page(visit, form, mine, problem=str(error), status=409)
    response = visit.go_to("gift")
    remember_gift(request, response, left)
    return response


@require_POST
@on_unit_page
def gift_taken_back(request: HttpRequest, visit: UnitVisit) -> HttpResponse:
    """The browser that left the words takes them back; another one changes nothing."""
    mine = _mine(visit)
    if mine is not None:
        take_gift_back(unit_id=visit.unit_id, gift_id=mine.pk, now=visit.now)
    return visit.go_to("unit_home")


def _mine(visit: UnitVisit) -> Gift | None:
    ids = given_here(visit.request)
    row: Gift | None = Gift.objects.filter(unit=visit.unit_id, pk__in=ids).first() if ids else None
    return row


def _why_not(visit: UnitVisit, mine: Gift | None) -> str:
    """Return why no words can be left now; '' where they can."""
    if visit.tap.row.ownerships or visit.tap.facts.is_owned:
        return _("It is registered already. Its owner passes it on from its page instead.")
    if mine is not None or _sent_before(visit):
        return ""
    if visit.tap.row.gift_words is not None:
        return _(
            "Somebody left words for it already. Only the browser in which they were written can change them."
        )
    if not may_give_away(visit.tap):
        return _("Hold your phone to its tag first, then choose “I am giving it away” on its page.")
    return ""


def _sent_before(visit: UnitVisit) -> bool:
    """Whether this very form left the words: it came twice, and the first answer with its cookie was lost."""
    key = visit.request.POST.get("submission_key", "")
    return (
        bool(re.fullmatch(KEY, key)) and gift_of_form(unit_id=visit.unit_id, submission_key=key) is not None
    )


def _gift_page(
    visit: UnitVisit,
    form: GiftForm | None,
    mine: Gift | None,
    *,
    why_not: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_gift_page(visit.tap, form, mine, why_not=why_not, problem=problem)
    return visit.render("experiences/gift.html", page, status=status)
