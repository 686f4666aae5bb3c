"""Older pieces without a code: asking for one, confirming the address, and what became of it (C11)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from experiences.cards import BrandCard, card_of
from experiences.identities import (
    PER_EMAIL,
    PER_VISITOR,
    SESSION_KEY,
    ask_again,
    ask_for_identity,
    confirm_request,
)
from experiences.identity_form import AskIdentityForm, blank_identity_form
from experiences.languages import speaking
from experiences.pages.code_sheet import build_code_sheet
from experiences.pages.identity_pages import (
    OpenModel,
    build_ask_page,
    build_houses_page,
    build_request_page,
    build_sent_page,
    open_models,
)
from experiences.requests import address_of
from experiences.responses import render_public, serve_pdf
from experiences.theme import brand_style, house_style
from experiences.views.find import brand_at
from experiences.views.too_often import too_often_today
from ownership.errors import OwnershipError
from ownership.models import IdentityRequest
from ownership.models.identity_requests import IdentityRequestState
from ownership.services.identities import IdentityForm
from products.codes import normalise_public_code
from products.limits import spend_if_room
from products.models import Brand, Product, Unit


@require_safe
def houses(request: HttpRequest) -> HttpResponse:
    """Which house made it? On a brand's own domain that is known."""
    here = brand_at(request, None)
    if here:
        return redirect("ask_identity", brand=here.slug)
    brands = list(Brand.objects.taking_requests())
    if len(brands) == 1:
        return redirect("ask_identity", brand=brands[0].slug)
    with speaking(request, None):
        page = build_houses_page(brands)
        return render_public(request, "experiences/no_code_houses.html", {"page": page}, style=house_style())


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, brand: str) -> HttpResponse:
    """The form, and what became of it: the same answer for every serial number."""
    card = brand_at(request, brand)
    assert card is not None
    with speaking(request, card):
        products = {product.pk: product for product in Product.objects.taking_requests_of(card.pk)}
        models = open_models(list(products.values()), card)
        choices = [(model.pk, model.name) for model in models]
        if request.method != "POST" or not models:
            form = blank_identity_form(choices, **_typed_before(request, card)) if models else None
            return _ask_page(request, card, form, models)
        form = AskIdentityForm(request.POST, request.FILES, choices=choices)
        if not form.is_valid() or form.proof_file is None:
            return _ask_page(request, card, form, models, status=400)
        if not _may_try(request, form.cleaned_data["email"]):
            return _ask_page(request, card, form, models, **too_often_today())
        typed = _typed(form, products[form.cleaned_data["product"]])
        try:
            asked = ask_for_identity(form=typed, proof=form.proof_file, now=timezone.now())
        except OwnershipError as error:  # the model was closed meanwhile
            return _ask_page(request, card, form, models, problem=str(error), status=409)
        request.session[SESSION_KEY] = asked.pk
        return redirect("identity_sent", brand=card.slug)


def _typed(form: AskIdentityForm, product: Product) -> IdentityForm:
    return IdentityForm(
        submission_key=form.cleaned_data["submission_key"],
        product=product,
        serial=form.cleaned_data["serial"],
        email=form.cleaned_data["email"],
        note=form.cleaned_data["note"],
        locale=translation.get_language() or "en",
    )


def _may_try(request: HttpRequest, email: str) -> bool:
    """Count one request, from this visitor and to this address."""
    return spend_if_room((PER_VISITOR, address_of(request)), (PER_EMAIL, email))


def _typed_before(request: HttpRequest, card: BrandCard) -> dict[str, object]:
    """Return what was sent in this browser and waits for its mail to be opened, so that it can be corrected."""
    asked = _asked_here(request, card)
    if asked is None or asked.state != IdentityRequestState.UNCONFIRMED:
        return {}
    return {"product": asked.product_id, "serial": asked.serial, "email": asked.email, "note": asked.note}


def _asked_here(request: HttpRequest, card: BrandCard) -> IdentityRequest | None:
    pk = request.session.get(SESSION_KEY)
    if pk is None:
        return None
    asked: IdentityRequest | None = IdentityRequest.objects.filter(pk=pk, brand_id=card.pk).first()
    return asked


def _ask_page(
    request: HttpRequest,
    card: BrandCard,
    form: AskIdentityForm | None,
    models: tuple[OpenModel, ...],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    page = build_ask_page(card, form, models, problem=problem)
    return render_public(
        request, "experiences/no_code.html", {"page": page}, style=brand_style(card), status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sent(request: HttpRequest, brand: str) -> HttpResponse:
    """Where the mail went; sent again on request."""
    card = brand_at(request, brand)
    assert card is not None
    asked = _asked_here(request, card)
    if asked is None or not asked.email:
        return redirect("ask_identity", brand=card.slug)
    with speaking(request, card):
        problem = ""
        if request.method == "POST":
            if _may_try(request, asked.email):
                ask_again(request=asked, now=timezone.now())
                return redirect("identity_sent", brand=card.slug)
            problem = _("It was sent several times today. Look among unwanted mail, or try again tomorrow.")
        page = build_sent_page(asked, card, problem=problem)
        return render_public(
            request,
            "experiences/no_code_sent.html",
            {"page": page},
            style=brand_style(card),
            status=429 if problem else 200,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def identity_request(request: HttpRequest, code: str) -> HttpResponse:
    """What the mail's link opens. Only the button confirms: programs that read mail open links, too."""
    rows = IdentityRequest.objects.select_related("brand", "unit")
    asked = get_object_or_404(rows, code=normalise_public_code(code))
    if request.method == "POST":
        confirmed = confirm_request(request_id=asked.pk, now=timezone.now())
        return redirect("identity_request", code=confirmed.code)
    card = card_of(asked.brand)
    with speaking(request, card):
        page = build_request_page(asked)
        return render_public(
            request, "experiences/no_code_request.html", {"page": page}, style=brand_style(card)
        )


@require_safe
def code_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """The unit's printed code on one sheet; it shows nothing that its own link does not."""
    unit = _unit(code)
    with speaking(request, card_of(unit.brand)):
        page = build_code_sheet(unit)
        style = brand_style(page.brand, "paper.css")
        return render_public(request, "experiences/code_sheet.html", {"page": page}, style=style)


@require_safe
def code_sheet_as_pdf(request: HttpRequest, code: str) -> HttpResponse:
    from experiences.pages.code_sheet_pdf import code_sheet_pdf  # what draws is loaded by whoever draws

    unit = _unit(code)
    with speaking(request, card_of(unit.brand)):
        return serve_pdf(code_sheet_pdf(build_code_sheet(unit)), f"code-{unit.public_code}")


def _unit(code: str) -> Unit:
    rows = Unit.objects.select_related("brand", "trade_item")
    unit: Unit = get_object_or_404(rows, public_code=normalise_public_code(code))
    return unit
