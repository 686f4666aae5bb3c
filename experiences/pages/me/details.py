"""My details: names, addresses, browsers."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, card_of
from experiences.details import Known, addresses_of, written_to
from experiences.details_form import DetailsForm, shown_as
from experiences.me import Me
from experiences.outbox import outbox_is_open
from experiences.pages.me.frame import MeFrame, me_frame
from experiences.passkeys import Passkey, may_have_passkeys, shown_passkeys
from experiences.registration_form import AddressForm
from ownership.models import Owner
from products.models import Device, Person


@dataclass(frozen=True, slots=True)
class AtBrand:
    """What one brand knows of the visitor."""

    brand: str
    form: DetailsForm
    url: str
    bounced: bool
    problem: str


@dataclass(frozen=True, slots=True)
class ShownAddress:
    key: str
    words: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class ShownDevice:
    pk: int
    since: dt.datetime
    used: dt.datetime
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsPage(MeFrame):
    """What `me/details.html` shows."""

    done: str
    problem: str
    at_brands: list[AtBrand]
    addresses: list[ShownAddress]
    is_masked: bool
    code_url: str
    add_form: AddressForm
    devices: list[ShownDevice]
    passkeys: list[Passkey] | None  # None: the visitor may have none
    host: str  # where a passkey would be made


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCodePage(MeFrame):
    """What `me/address_code.html` shows."""

    address: str
    mistyped: str
    problem: str
    outbox_url: str


def details_form(owner: Owner, me: Me, addresses: list[Known], data: Any = None) -> DetailsForm:
    """Return the form of one owner; with `data` as it was sent."""
    card = card_of(owner.brand)
    return DetailsForm(
        data,
        owner=owner,
        locales=card.locales,
        addresses=addresses,
        now_written_to=written_to(owner, addresses),
        in_clear=in_clear(me),
    )


def in_clear(me: Me) -> bool:
    """Whether addresses are shown whole: whoever merely holds the telephone sees no more than their masks."""
    return me.by_code is not None and me.by_code == me.person


def build_details_page(
    brand: BrandCard | None,
    me: Me,
    person: Person,
    owners: list[Owner],
    *,
    host: str,
    bound: DetailsForm | None = None,
    bound_owner: int = 0,
    add_form: AddressForm | None = None,
    problem: str = "",
    done: str = "",
) -> DetailsPage:
    """`host`: where passkeys are made; `bound`: what was sent for the owner `bound_owner`, with its mistakes."""
    addresses = addresses_of(person)
    own = [owner for owner in owners if owner.person_id == person.pk]
    may_have = may_have_passkeys(person, addresses)
    return DetailsPage(
        **me_frame(_("My details"), brand, reverse("me_details")),
        done=done,
        problem=problem,
        at_brands=[
            AtBrand(
                brand=owner.brand.name,
                form=bound if bound and owner.pk == bound_owner else details_form(owner, me, addresses),
                url=reverse("me_owner", args=[owner.pk]),
                bounced=owner.bounced_at is not None,
                problem="",
            )
            for owner in own
        ],
        addresses=_addresses(me, addresses),
        is_masked=not in_clear(me),
        code_url=f"{reverse('me_enter')}?next={reverse('me_details')}",
        add_form=add_form or AddressForm(),
        devices=_devices(me, person),
        passkeys=shown_passkeys(person, host, everywhere=brand is None) if may_have else None,
        host=host,
    )


def _addresses(me: Me, addresses: list[Known]) -> list[ShownAddress]:
    whole = in_clear(me)
    return [
        ShownAddress(known.key, shown_as(known, in_clear=whole), known.is_confirmed) for known in addresses
    ]


def _devices(me: Me, person: Person) -> list[ShownDevice]:
    here = {device.pk for device in me.devices}
    rows = Device.objects.filter(person=person, revoked_at=None).order_by("-last_used_at", "-pk")
    return [ShownDevice(row.pk, row.created_at, row.last_used_at, row.pk in here) for row in rows[:50]]


def build_address_code_page(
    brand: BrandCard | None, *, address: str, mistyped: str, problem: str = ""
) -> AddressCodePage:
    return AddressCodePage(
        **me_frame(_("Enter the code that we sent you"), brand, reverse("me_address_code")),
        address=address,
        mistyped=mistyped,
        problem=problem,
        outbox_url=reverse("outbox") if outbox_is_open() else "",
    )
