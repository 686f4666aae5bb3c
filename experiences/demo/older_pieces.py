"""Older pieces whose holders ask for a code: a few requests that wait on the desk, each with a drawn type plate as proof."""

import datetime as dt
import io
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageDraw, ImageFont

from analytics.kinds import EventKind
from analytics.services import NewEvent, record_event
from experiences.demo.seeds import dice, digest
from experiences.demo.spec import BrandSpec
from experiences.identities import PROOF
from experiences.models import DemoLoad
from ownership.models import IdentityRequest
from ownership.models.identity_requests import IdentityRequestState
from ownership.services.identities import WAITING_KEPT
from products.codes import new_public_code
from products.models import PrivateFile, Product
from products.services.files import store_private_file
from products.typefaces import font_file

FACE = "SourceSansPro-Semibold"


@dataclass(frozen=True)
class Asked:
    """A request, sent so many hours before the end of the anchor's day before."""

    house: str
    product: str
    serial: str
    email: str
    locale: str
    note: str
    hours: int


ASKED = (
    Asked("corvane", "alder-weekender", "AW-98-0417", "solene.marchal@owner.example", "fr",
          "Il était à ma tante, qui l'avait acheté à Lyon en 1998.", 30),
    Asked("corvane", "meridian-38", "M38-002114", "h.okafor@owner.example", "en", "", 74),
    Asked("kronfeldt", "d18-drill", "D18-7O0214", "jonas.wirth@owner.example", "en",
          "The third character after the dash is hard to read.", 9),
)  # fmt: skip


def load_requests(house: BrandSpec, load: DemoLoad) -> None:
    """Put the house's requests on the desk, once: those that are there, or were answered, stay as they are."""
    for number, asked in enumerate(ASKED):
        key = digest(load.seed, "asked", number).hex()[:64]
        if asked.house != house.slug or IdentityRequest.objects.filter(submission_key=key).exists():
            continue
        product = Product.objects.select_related("brand").get(brand__slug=house.slug, slug=asked.product)
        at = dt.datetime.combine(load.anchor, dt.time(), dt.UTC) - dt.timedelta(hours=asked.hours)
        _write(asked, product, key, at, load.seed)


def _write(asked: Asked, product: Product, key: str, at: dt.datetime, seed: str) -> None:
    proof = _proof(product, asked, at)
    with transaction.atomic():
        request = IdentityRequest.objects.create(
            brand=product.brand,
            product=product,
            serial=asked.serial,
            email=asked.email,
            locale=asked.locale,
            note=asked.note,
            proof=proof,
            state=IdentityRequestState.WAITING,
            code=new_public_code(dice(seed, "request", key).choice),
            submission_key=key,
            sent_at=at,
            confirmed_at=at,
        )
        data = {"request": request.pk, "product": product.pk}
        record_event(NewEvent(EventKind.IDENTITY_REQUESTED, product.brand_id, at, data=data), now=at)


def _proof(product: Product, asked: Asked, at: dt.datetime) -> PrivateFile:
    return store_private_file(
        brand=product.brand,
        purpose=PROOF,
        content=ContentFile(_plate(product.model_number, asked.serial), "proof.webp"),
        original_name="proof.webp",
        content_type="image/webp",
        uploaded_by=None,
        now=at,
        keep_for=WAITING_KEPT,
    )


def _plate(model: str, serial: str) -> bytes:
    """Draw a worn plate that shows the model and the serial number."""
    picture = Image.new("RGB", (900, 600), "#5b4636")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((110, 150, 790, 450), 28, fill="#c9b98f", outline="#7d6c46", width=6)
    for x in (150, 750):
        draw.ellipse((x - 16, 284, x + 16, 316), fill="#7d6c46")
    for text, size, y in ((model, 44, 235), (serial, 76, 335)):
        draw.text((450, y), text, fill="#3a3122", font=ImageFont.truetype(font_file(FACE), size), anchor="mm")
    out = io.BytesIO()
    picture.rotate(3, resample=Image.Resampling.BICUBIC, fillcolor="#5b4636").save(out, "WEBP", quality=80)
    return out.getvalue()
