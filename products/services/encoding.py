"""Orders to an encoding station: composing the file, handing it to whom it is for, and to nobody else."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.encoding.document import OrderContent, UnitToEncode, compose
from products.encoding.sealing import Recipient, seal
from products.encoding.template import Template, TemplateError, build_template
from products.encryption import WrongFieldKeyError, decrypt, encrypt
from products.errors import ProductsError
from products.links import brand_base_url
from products.models import Batch, Brand, ChipProfile, EncodingOrder, Person, PrivateFile, Tag, Unit
from products.profiles import to_sun
from products.services.audit import write_audit
from products.services.files import delete_private_file, open_private_file, store_private_file
from products.sun import MasterKey, SunProfile

ORDER_PURPOSE = "encoding_order"
MAX_CHIPS = 20_000  # in one order: composed while somebody waits
KEPT_SEALED = dt.timedelta(days=30)
KEPT_IN_CLEAR = dt.timedelta(days=3)  # until it is fetched; encrypted at rest meanwhile


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What is to be encoded, and for whom. Without a recipient the file may be fetched once."""

    profile: ChipProfile
    key_version: int | None = None  # None: the newest
    batch: Batch | None = None
    uids: tuple[bytes, ...] = ()  # 7 bytes each
    recipient: Recipient | None = None


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """An order's file on its way out."""

    content: bytes
    name: str
    content_type: str


def order_encoding(
    *, brand: Brand, wanted: OrderRequest, requested_by: Person, now: dt.datetime
) -> EncodingOrder:
    """Make an order and its file. Keys of single chips are told for the named UIDs only, a master key never.

    Raises ProductsError with a sentence where the order can't be made.
    """
    sun = _sun(wanted)
    base_url = brand_base_url(brand) + reverse("chip_tap", args=[wanted.profile.slug])
    template = _template(sun, base_url)
    units = _units(wanted)
    _check(wanted, sun, units)
    order = _open_order(brand, wanted, sun, base_url, requested_by, now)
    content = OrderContent(
        order.pk, brand.slug, wanted.profile.slug, sun, template, wanted.uids, units, made_at=now
    )
    file = _store(order, json.dumps(compose(content), indent=1), wanted.recipient, requested_by, now)
    EncodingOrder.objects.filter(pk=order.pk).update(file=file)
    order.file = file
    return order


def fetch_order_file(*, order: EncodingOrder, actor: Person, now: dt.datetime) -> FetchedFile:
    """Hand out an order's file and write down to whom: any number of times if it is sealed, else once.

    Raises ProductsError `fetched` (somebody has it already) or `gone` (its time was over, or it can't be read).
    """
    if order.file is None:
        raise _fetched() if order.fetched_at and not order.is_sealed else _gone()
    content = _read(order.file, is_sealed=order.is_sealed)
    with transaction.atomic():
        if not (_note_fetched if order.is_sealed else _take)(order, actor, now):
            raise _fetched()
        write_audit(
            action="encoding.fetched",
            obj=order,
            brand_id=order.brand_id,
            actor_id=actor.pk,
            now=now,
            data={"recipient": order.recipient, "chips": order.tags},
        )
    kind = "application/jose" if order.is_sealed else "application/json"
    return FetchedFile(content, order.file.original_name, kind)


def _sun(wanted: OrderRequest) -> SunProfile:
    """Return the profile as chips have it that are encoded now: under one version of its key."""
    sun = _readable(wanted.profile)
    try:
        return sun.under_version(sun.key_version if wanted.key_version is None else wanted.key_version)
    except KeyError as error:
        have = ", ".join(str(version) for version, _key in sun.file_read_keys)
        sentence = _("The profile has no key version %(wanted)d. It has: %(have)s.")
        raise ProductsError(
            "unknown_version", sentence % {"wanted": wanted.key_version, "have": have}
        ) from error


def _readable(profile: ChipProfile) -> SunProfile:
    try:
        return to_sun(profile)
    except WrongFieldKeyError as error:
        sentence = _(
            "The keys of this profile can't be read here. Tell the operator: a key of FIELD_KEYS is missing."
        )
        raise ProductsError("unreadable", sentence) from error


def _template(sun: SunProfile, base_url: str) -> Template:
    try:
        return build_template(sun, base_url)
    except TemplateError as error:
        sentence = _(
            "No chip can hold the link of this profile: shorten the brand's domain or the parameters."
        )
        raise ProductsError("no_template", sentence) from error


def _units(wanted: OrderRequest) -> list[UnitToEncode]:
    """Return the batch's units that wait for a chip."""
    if wanted.batch is None:
        return []
    waiting = Unit.objects.filter(batch=wanted.batch).without_chip().order_by("trade_item", "serial")
    rows = waiting.values_list("trade_item__gtin", "serial", "public_code")[: MAX_CHIPS + 1]
    return [UnitToEncode(*row) for row in rows]


def _check(wanted: OrderRequest, sun: SunProfile, units: list[UnitToEncode]) -> None:
    if max(len(wanted.uids), len(units)) > MAX_CHIPS:
        sentence = _("An order is for %(most)d chips at most: split the batch or the list.")
        raise ProductsError("too_many", sentence % {"most": MAX_CHIPS})
    if not wanted.uids and not units:
        raise ProductsError(
            "nothing", _("Name chips by their UIDs, or a batch with units that have no chip yet.")
        )
    if isinstance(sun.file_read_key, MasterKey) and not wanted.uids:
        sentence = _("Each chip of this profile has a key of its own: upload the UIDs of the chips.")
        raise ProductsError("uids_needed", sentence)
    if not sun.names.uid and not units:
        sentence = _("The links of this profile name the unit, not the chip: choose the batch.")
        raise ProductsError("batch_needed", sentence)
    _refuse_old_version(wanted, sun)


def _refuse_old_version(wanted: OrderRequest, sun: SunProfile) -> None:
    """A chip that is encoded anew counts from the start: under its old version its old links would pass again."""
    count = sum(
        Tag.objects.chips()
        .filter(profile=wanted.profile, key_version__gte=sun.key_version)
        .filter(uid__in=[uid.hex() for uid in wanted.uids[at : at + 1000]])
        .count()
        for at in range(0, len(wanted.uids), 1000)
    )
    if count:
        sentence = ngettext(
            "%(count)d of these chips is on a unit under this key version already. Add a newer version to the"
            " profile first: a chip encoded anew counts from the start, and its old links would pass again.",
            "%(count)d of these chips are on units under this key version already. Add a newer version to the"
            " profile first: a chip encoded anew counts from the start, and its old links would pass again.",
            count,
        )
        raise ProductsError("old_version", sentence % {"count": count})


@transaction.atomic
def _open_order(
    brand: Brand, wanted: OrderRequest, sun: SunProfile, base_url: str, requested_by: Person, now: dt.datetime
) -> EncodingOrder:
    order: EncodingOrder = EncodingOrder.objects.create(
        brand=brand,
        profile=wanted.profile,
        batch=wanted.batch,
        key_version=sun.key_version,
        base_url=base_url,
        recipient=wanted.recipient.thumbprint if wanted.recipient else "",
        tags=len(wanted.uids),
        requested_by=requested_by,
        created_at=now,
    )
    write_audit(
        action="encoding.ordered",
        obj=order,
        brand_id=brand.pk,
        actor_id=requested_by.pk,
        now=now,
        data={"profile": wanted.profile.slug, "chips": order.tags, "recipient": order.recipient},
    )
    return order


def _store(
    order: EncodingOrder, document: str, recipient: Recipient | None, person: Person, now: dt.datetime
) -> PrivateFile:
    """Keep the file: sealed, or encrypted at rest with FIELD_KEYS until it is fetched."""
    kept = seal(document.encode(), recipient) if recipient else encrypt(document)
    return store_private_file(
        brand=order.brand,
        purpose=ORDER_PURPOSE,
        content=ContentFile(kept.encode("ascii")),
        original_name=f"encoding-order-{order.pk}.{'jwe' if recipient else 'json'}",
        content_type="application/jose" if recipient else "application/json",
        uploaded_by=person,
        now=now,
        keep_for=KEPT_SEALED if recipient else KEPT_IN_CLEAR,
    )


def _read(file: PrivateFile, *, is_sealed: bool) -> bytes:
    with open_private_file(file) as stored:
        kept = stored.read()
    try:
        return bytes(kept) if is_sealed else decrypt(kept.decode("ascii")).encode()
    except WrongFieldKeyError as error:
        raise _gone() from error


def _take(order: EncodingOrder, actor: Person, now: dt.datetime) -> bool:
    """Of any number of people who fetch at once, one changes the row; the file goes with it."""
    assert order.file is not None
    unfetched = EncodingOrder.objects.filter(pk=order.pk, fetched_at=None)
    if not unfetched.update(fetched_at=now, fetched_by=actor, file=None):
        return False
    delete_private_file(order.file, now=now)
    return True


def _note_fetched(order: EncodingOrder, actor: Person, now: dt.datetime) -> bool:
    """Keep who fetched it last."""
    return bool(EncodingOrder.objects.filter(pk=order.pk).update(fetched_at=now, fetched_by=actor))


def _fetched() -> ProductsError:
    return ProductsError(
        "fetched", _("This file was fetched already, and is no longer here. Make a new order if it was lost.")
    )


def _gone() -> ProductsError:
    return ProductsError("gone", _("The file of this order is no longer here. Make a new order."))
