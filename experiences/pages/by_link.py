"""What the private link of a message opens: one question, one button."""

from dataclasses import dataclass

from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, product_card
from experiences.contact import masked
from experiences.pages.modules import Contact
from ownership.models import Recovery, Registration
from products.fields import in_language


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """What `experiences/by_link.html` shows; without `button` there is nothing to do (any more)."""

    title: str
    sentence: str
    name: str
    brand: BrandCard
    locale: str
    direction: str
    product: str = ""
    serial: str = ""
    button: str = ""
    onward_url: str = ""
    onward: str = ""
    contact: Contact


def _page(brand: BrandCard, name: str, title: str, sentence: str, **more: str) -> LinkPage:
    locale = get_language() or "en"
    return LinkPage(
        title=title,
        sentence=sentence,
        name=name,
        brand=brand,
        locale=locale,
        direction="rtl" if get_language_bidi() else "ltr",
        contact=Contact(
            brand.name,
            brand.care_email,
            brand.care_phone,
            in_language(brand.care_hours, locale, brand.locales[0]),
        ),
        **more,
    )


def build_confirm_link_page(registration: Registration, brand: BrandCard) -> LinkPage:
    """The address of what a seller or an agent registered."""
    locale = get_language() or "en"
    product = product_card(registration.unit.product_id, registration.brand.content_version, locale)
    return _page(
        brand,
        "confirm-by-link",
        _("Is this address yours?"),
        _("%(brand)s registered a piece for you and noted %(address)s. With one press it is confirmed.")
        % {"brand": brand.name, "address": masked(registration.contact)},
        product=product.name,
        serial=registration.unit.serial,
        button=_("Yes, confirm it"),
    )


def build_recover_page(recovery: Recovery, brand: BrandCard) -> LinkPage:
    """The new address of an owner who lost theirs."""
    return _page(
        brand,
        "recover",
        _("Is this your new address?"),
        _(
            "You told %(brand)s that you can't reach your old address any more. With one press %(address)s takes"
            " its place, and browsers that knew you by the old one know you no longer."
        )
        % {"brand": brand.name, "address": masked(recovery.contact)},
        button=_("Yes, use this one"),
    )


def build_done_page(brand: BrandCard, *, onward_url: str) -> LinkPage:
    """A link that was used already, or whose matter is settled."""
    return _page(
        brand,
        "link-used",
        _("This is settled already"),
        _(
            "The link worked once, or what it was for has been settled otherwise. Your things show how it stands."
        ),
        onward_url=onward_url,
        onward=_("Open my things"),
    )


def build_over_page(brand: BrandCard) -> LinkPage:
    """A link that came too late."""
    return _page(
        brand,
        "link-over",
        _("This link works no longer"),
        _("It was too old. Ask %(brand)s for a new one; it takes a minute.") % {"brand": brand.name},
    )


def build_withdrawn_page(brand: BrandCard, *, onward_url: str) -> LinkPage:
    """The certificate of a unit that was returned to the shop."""
    return _page(
        brand,
        "certificate-withdrawn",
        _("This certificate no longer stands"),
        _(
            "The piece was returned, and its warranty with it. Whoever has it now gets a warranty of their own"
            " when they register it."
        ),
        onward_url=onward_url,
        onward=_("Open its page"),
    )
