"""Factories for rows, and small builders for what a test needs whole."""

import datetime as dt
import json
import secrets
import time
from dataclasses import dataclass

import factory
from factory.django import DjangoModelFactory

from analytics.services import update_facts
from experiences.models import ContentBlock
from ownership.models import Owner
from products.digital_link import gtin_check_digit
from products.encryption import encrypt
from products.models import (
    Batch,
    Brand,
    Category,
    ChipProfile,
    Material,
    Person,
    Product,
    ProductMaterial,
    StaffMembership,
    Tag,
    TradeItem,
    Unit,
)
from products.profiles import to_sun
from products.sun import VirtualChip

PASSWORD = "correct horse battery staple"


def gtin_of(number: int) -> str:
    """Return a GTIN of the range that GS1 keeps for examples."""
    body = f"0952{number:09d}"
    return body + str(gtin_check_digit(body))


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = Brand

    slug = factory.Sequence(lambda n: f"brand-{n}")
    name = factory.LazyAttribute(lambda brand: brand.slug.title())
    locales = ["en", "fr"]
    time_zone = "UTC"
    care_email = factory.LazyAttribute(lambda brand: f"care@{brand.slug}.example")
    care_phone = "+33 1 99 00 00 00"


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    brand = factory.SubFactory(BrandFactory)
    slug = factory.Sequence(lambda n: f"category-{n}")
    names = {"en": "Bags", "fr": "Sacs"}


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    brand = factory.SubFactory(BrandFactory)
    category = factory.SubFactory(CategoryFactory, brand=factory.SelfAttribute("..brand"))
    slug = factory.Sequence(lambda n: f"product-{n}")
    model_number = factory.Sequence(lambda n: f"M-{n}")
    names = {"en": "Weekend bag", "fr": "Sac de voyage"}


class TradeItemFactory(DjangoModelFactory):
    class Meta:
        model = TradeItem

    product = factory.SubFactory(ProductFactory)
    brand = factory.SelfAttribute("product.brand")
    gtin = factory.Sequence(gtin_of)


class BatchFactory(DjangoModelFactory):
    class Meta:
        model = Batch

    product = factory.SubFactory(ProductFactory)
    brand = factory.SelfAttribute("product.brand")
    code = factory.Sequence(lambda n: f"L{n:04d}")


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    product = factory.SubFactory(ProductFactory)
    brand = factory.SelfAttribute("product.brand")
    trade_item = factory.LazyAttribute(
        lambda unit: unit.product.trade_items.first() or TradeItemFactory(product=unit.product)
    )
    serial = factory.Sequence(lambda n: f"SN{n:06d}")


class ChipProfileFactory(DjangoModelFactory):
    class Meta:
        model = ChipProfile

    brand = factory.SubFactory(BrandFactory)
    slug = factory.Sequence(lambda n: f"profile-{n}")
    mode = "aes"
    mac_from = "cmac"
    params = {"picc_data": "picc_data", "enc": "enc", "cmac": "cmac", "uid": "uid", "ctr": "ctr"}
    keys = json.dumps({"meta_read_key": "11" * 16, "file_read_key": "22" * 16})


class OwnerFactory(DjangoModelFactory):
    class Meta:
        model = Owner

    brand = factory.SubFactory(BrandFactory)
    name = factory.Sequence(lambda n: f"Owner {n}")


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    password = factory.django.Password(PASSWORD)


@dataclass
class ChipOnUnit:
    """A virtual chip that counts its taps."""

    tag: Tag
    chip: VirtualChip
    base: str
    counter: int = 0

    def tap(self, counter: int | None = None) -> str:
        """Return the path and query of the next tap's link."""
        self.counter = self.counter + 1 if counter is None else counter
        return self.chip.link(self.base, self.counter).removeprefix("http://testserver")


# Every chip has a key of its own, derived from its UID (AN10922).
MASTER_KEY = {"scheme": "an10922", "master_key": "33" * 16, "system_id": "68656972", "aid": ""}
OWN_KEYS = json.dumps({"meta_read_key": "11" * 16, "file_read_keys": {"0": MASTER_KEY}})


def put_chip_on(
    unit: Unit,
    profile: ChipProfile,
    uid: str | None = None,
    file_data: bytes | None = None,
    tamper: str = "CC",
) -> ChipOnUnit:
    """Put a virtual chip on the unit; `tamper` is the status of its loop, permanent and current."""
    uid = uid or "04" + secrets.token_hex(6)
    profile.refresh_from_db()
    tag = Tag.objects.create(brand=unit.brand, unit=unit, kind="chip", profile=profile, uid=uid)
    sun = to_sun(profile)
    chip = VirtualChip(uid=bytes.fromhex(uid), profile=sun, file_data=file_data, tamper=tamper)
    path = profile.slug if sun.names.uid else f"{profile.slug}/{unit.public_code}"
    return ChipOnUnit(tag, chip, f"http://testserver/t/{path}")


def full_product(brand: Brand, **extra) -> Product:
    """Return a product with two materials and a text of every kind."""
    product = ProductFactory(brand=brand, **extra)
    TradeItemFactory(product=product)
    leather = Material.objects.create(
        brand=brand,
        slug=f"leather-{product.pk}",
        names={"en": "Full-grain leather", "fr": "Cuir pleine fleur"},
        cleaning={"en": "Wipe it with a dry cloth."},
        avoid={"en": "Keep it away from radiators."},
        treatment={"en": "Condition the leather", "fr": "Nourrir le cuir"},
        treatment_every_months=6,
    )
    ProductMaterial.objects.create(product=product, material=leather, share="80.00", position=1)
    for kind in ContentBlock.Kind.values:
        ContentBlock.objects.create(
            brand=brand,
            product=product,
            kind=kind,
            titles={"en": f"A {kind} text"},
            bodies={"en": f"About {kind}."},
        )
    return product


def staff(brand: Brand, username: str, role: str) -> Person:
    person = PersonFactory(username=username, is_staff=True, email=f"{username}@{brand.slug}.example")
    StaffMembership.objects.create(brand=brand, person=person, role=role)
    return person


def own(unit: Unit, owner: Owner, since: dt.datetime):
    """Make `owner` the unit's owner since then, through the service."""
    from ownership.services import start_ownership

    return start_ownership(unit=unit, owner=owner, since=since, now=since)


def facts(unit: Unit, **changes) -> None:
    update_facts(unit.pk, **changes)


def with_second_factor(person: Person, secret: str = "JBSWY3DPEHPK3PXP") -> Person:
    """Give the person an authenticator app with this secret (base 32)."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=person, type="totp", data={"secret": encrypt(secret)})
    return person


def code_of_app(secret: str = "JBSWY3DPEHPK3PXP") -> str:
    """Return what an authenticator app shows now."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def operator() -> Person:
    return PersonFactory(username="operator", is_staff=True, is_superuser=True)
