"""The letter that says what is registered."""

from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from experiences.cards import BrandCard, card_of, product_card
from experiences.letters.base import CannotReach, Source, to_owner_of_that_time
from experiences.mail import Letter, brand_look
from experiences.models import Message, MessageKind
from products.models import Unit
from warranty.models import Coverage


def _letter(message: Message) -> Letter:
    if message.unit is None:
        raise CannotReach("no_address")
    brand = card_of(message.unit.brand)
    return registered_letter(message.unit, brand, message.locale)


def registered_letter(unit: Unit, brand: BrandCard, locale: str) -> Letter:
    """Return the letter that says what is registered, until when it is covered, and where its page is.

    It repeats nothing that was typed: the address may be a stranger's until it is confirmed.
    """
    coverage: Coverage | None = Coverage.objects.filter(unit=unit).first()
    product = product_card(unit.product_id, unit.brand.content_version, locale)
    content: dict[str, Any] = {
        "product": product.name,
        "serial": unit.serial,
        "unit_url": brand.base_url + reverse("unit_home", args=[unit.public_code]),
    }
    if coverage:
        with translation.override(locale):
            content["covered_until"] = date_format(coverage.ends_on)
        content["certificate_url"] = brand.base_url + reverse("certificate", args=[coverage.certificate_code])
    return Letter("registered", brand_look(brand), locale, content)


SOURCES: dict[str, Source] = {MessageKind.REGISTERED: Source(to_owner_of_that_time, _letter)}
