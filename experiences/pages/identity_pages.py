"""The pages by which an older piece gets its code: the house, the form, the mail, the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, brand_card, product_card
from experiences.identity_form import AskIdentityForm
from experiences.markdown import render_markdown
from experiences.outbox import outbox_is_open
from experiences.pages.modules import Contact
from ownership.models import IdentityRequest
from products.fields import in_language
from products.models import Brand, Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What each of these pages shows around its matter; `brand` is None where none is chosen yet."""

    title: str
    brand: BrandCard | None
    locale: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HousesPage(Frame):
    """What `experiences/no_code_houses.html` shows: name and address of each house's form."""

    houses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model that takes requests, and where its serial number stands."""

    pk: int
    name: str
    serial_place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPage(Frame):
    """What `experiences/no_code.html` shows."""

    form: AskIdentityForm | None  # None where no model takes requests
    places: tuple[OpenModel, ...]
    url: str
    problem: str
    privacy: SafeString
    contact: Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPage(Frame):
    """What `experiences/no_code_sent.html` shows: where the mail went, as it was typed in this browser."""

    email: str
    again_url: str
    correct_url: str
    outbox_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPage(Frame):
    """What `experiences/no_code_request.html` shows to who opened the mail."""

    state: str
    product: str
    serial: str
    sentence: str
    reason: str
    url: str
    unit_url: str
    sheet_url: str
    contact: Contact


def open_models(products: Sequence[Product], brand: BrandCard) -> tuple[OpenModel, ...]:
    """Return the models by name, with their model number where they have one, in the active language."""
    models = (
        OpenModel(
            product.pk,
            " · ".join(filter(None, (_say(product.names, brand) or product.slug, product.model_number))),
            _say(product.serial_place, brand),
        )
        for product in products
    )
    return tuple(sorted(models, key=lambda model: model.name.casefold()))


def build_houses_page(brands: Sequence[Brand]) -> HousesPage:
    houses = tuple((brand.name, reverse("ask_identity", args=[brand.slug])) for brand in brands)
    return HousesPage(**_frame(_("A code for an older piece"), None), houses=houses)


def build_ask_page(
    brand: BrandCard, form: AskIdentityForm | None, models: tuple[OpenModel, ...], *, problem: str = ""
) -> AskPage:
    return AskPage(
        **_frame(_("A code for your older piece"), brand),
        form=form,
        places=tuple(model for model in models if model.serial_place),
        url=reverse("ask_identity", args=[brand.slug]),
        problem=problem,
        privacy=render_markdown(_say(brand.privacy, brand)),
        contact=_contact(brand),
    )


def build_sent_page(request: IdentityRequest, brand: BrandCard, *, problem: str = "") -> SentPage:
    return SentPage(
        **_frame(_("Open the mail that is on its way"), brand),
        email=request.email,
        again_url=reverse("identity_sent", args=[brand.slug]),
        correct_url=reverse("ask_identity", args=[brand.slug]),
        outbox_url=reverse("outbox") if outbox_is_open() else "",
        problem=problem,
    )


def build_request_page(request: IdentityRequest) -> RequestPage:
    version = request.brand.content_version
    brand = brand_card(request.brand_id, version)
    product = product_card(request.product_id, version, get_language() or brand.locales[0])
    code = request.unit.public_code if request.unit else ""
    title, sentence = _words(request, brand.name)
    return RequestPage(
        **_frame(title, brand),
        state=request.state,
        product=product.name,
        serial=request.unit.serial if request.unit else request.serial,
        sentence=sentence,
        reason=request.reason,
        url=reverse("identity_request", args=[request.code]),
        unit_url=reverse("unit_home", args=[code]) if code else "",
        sheet_url=reverse("code_sheet", args=[code]) if code else "",
        contact=_contact(brand),
    )


def _words(request: IdentityRequest, house: str) -> tuple[str, str]:
    """Return the title and the sentence of a request's page, by what became of it."""
    match request.state:
        case "unconfirmed":
            return _("Confirm your address"), _(
                "One more step: it shows that the answer reaches you. Then %(brand)s gets your request."
            ) % {"brand": house}
        case "approved":
            return _("Your piece has its code"), _(
                "It has a page of its own now. Print the sheet, keep it, and register the piece in your name."
            )
        case "known":
            return _("Your piece has a page already"), _(
                "It was known under this serial number. Its page says what it knows, and who can help."
            )
        case "refused":
            return _("There is no code this time"), _("%(brand)s looked at your request and wrote:") % {
                "brand": house
            }
    return _("%(brand)s has your request") % {"brand": house}, _(
        "Somebody looks at it and at your proof. The answer comes by mail; this page shows it, too."
    )


def _say(texts: dict[str, str], brand: BrandCard) -> str:
    return in_language(texts, get_language() or brand.locales[0], brand.locales[0])


def _contact(brand: BrandCard) -> Contact:
    return Contact(brand.name, brand.care_email, brand.care_phone, _say(brand.care_hours, brand))


def _frame(title: str, brand: BrandCard | None) -> dict[str, Any]:
    return {
        "title": title,
        "brand": brand,
        "locale": get_language() or "en",
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
