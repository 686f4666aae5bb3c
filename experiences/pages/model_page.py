"""The page of a model: where a GS1 Digital Link without a serial number leads."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi

from experiences.cards import BrandCard, ProductCard
from experiences.forms import FindForm
from experiences.pages.modules import Contact
from experiences.pages.unit_page import Language, languages_at
from experiences.resolver.things import Model
from products.fields import in_language


@dataclass(frozen=True, slots=True)
class ModelPage:
    """What `experiences/model.html` shows."""

    title: str
    brand: BrandCard
    product: ProductCard
    variant: str
    gtin: str
    form: FindForm
    find_url: str
    help_url: str
    contact: Contact
    subject: str
    languages: list[Language]
    locale: str
    direction: str


def build_model_page(model: Model) -> ModelPage:
    """Return the page of a model in the active language."""
    brand, locale = model.brand, get_language() or model.brand.locales[0]
    product = model.card(locale)
    url = reverse("model_page", args=[model.gtin])
    return ModelPage(
        title=product.name,
        brand=brand,
        product=product,
        variant=product.variants.get(model.variant_id or 0, ""),
        gtin=model.gtin,
        form=FindForm(initial={"model": model.gtin}),
        find_url=reverse("find_brand", args=[brand.slug]),
        help_url=reverse("find_help"),
        contact=Contact(
            brand.name,
            brand.care_email,
            brand.care_phone,
            in_language(brand.care_hours, locale, brand.locales[0]),
        ),
        subject=product.name,
        languages=languages_at(url, brand.locales, locale),
        locale=locale,
        direction="rtl" if get_language_bidi() else "ltr",
    )
