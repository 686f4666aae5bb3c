"""Which tables a brand takes with it, and which stay; a test compares both lists with all models there are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models

from products.fields import EncryptedTextField

CHUNK = 2000  # rows in memory at a time


@dataclass(frozen=True, slots=True)
class Table:
    """A model whose rows leave: the lookup from a row to its brand, and what is added to or left out of a row."""

    brand_path: str
    more: dict[str, str] = field(default_factory=dict)  # column to lookup
    without: frozenset[str] = frozenset()


# In the order in which another system would read them: what is referred to comes first.
TABLES = {
    "products.brand": Table("pk"),
    "products.branddomain": Table("brand"),
    "products.market": Table("brand"),
    # Who worked for the brand; what they log in with is theirs and stays.
    "products.staffmembership": Table(
        "brand",
        more={
            "username": "person__username",
            "first_name": "person__first_name",
            "last_name": "person__last_name",
        },
    ),
    "products.category": Table("brand"),
    "products.material": Table("brand"),
    "products.product": Table("brand"),
    "products.productmaterial": Table("product__brand"),
    "products.nextproduct": Table("product__brand"),
    "products.variant": Table("product__brand"),
    "products.tradeitem": Table("brand"),
    "products.batch": Table("brand"),
    "products.unit": Table("brand"),
    # Its keys stand in `keys/chip-keys.jwe` alone, sealed for the recipient.
    "products.chipprofile": Table("brand", without=frozenset({"keys"})),
    "products.tag": Table("brand"),
    "products.identificationkey": Table("brand"),
    "products.resolverlink": Table("brand"),
    "products.privatefile": Table("brand"),
    "products.encodingorder": Table("brand"),
    "products.job": Table("brand"),
    "products.auditrow": Table("brand"),
    "analytics.scan": Table("brand"),
    "analytics.event": Table("brand", without=frozenset({"transaction_id"})),
    "analytics.unitactivity": Table("unit__brand"),
    "analytics.unitfacts": Table("unit__brand"),
    "analytics.forgedlinkcount": Table("brand"),
    "analytics.doubtrules": Table("brand"),
    "analytics.doubt": Table("brand"),
    "analytics.doubtwatch": Table("brand"),
    "ownership.owner": Table("brand"),
    "ownership.ownership": Table("unit__brand"),
    "ownership.consentwording": Table("brand"),
    "ownership.consent": Table("owner__brand"),
    "ownership.registration": Table("brand"),
    "ownership.identityrequest": Table("brand"),
    "ownership.ownershippolicy": Table("brand"),
    "ownership.member": Table("owner__brand"),
    # Codes are keys to pages of this installation, held by who got them by mail: they open nothing elsewhere.
    "ownership.invitation": Table("owner__brand", without=frozenset({"code"})),
    "ownership.bulkrequest": Table("brand"),
    "ownership.purchase": Table("ownership__unit__brand"),
    "ownership.gift": Table("brand"),
    "ownership.recovery": Table("brand", without=frozenset({"code"})),
    "ownership.transfer": Table("brand", without=frozenset({"code", "bundle"})),
    "ownership.releaserequest": Table("brand", without=frozenset({"code", "owner_code"})),
    "ownership.evidence": Table("request__brand"),
    "ownership.decision": Table("request__brand"),
    "ownership.lossreport": Table("brand"),
    "ownership.finderthread": Table("report__brand", without=frozenset({"code"})),
    "ownership.findermessage": Table("thread__report__brand"),
    "ownership.provenancelink": Table("brand"),
    "ownership.datarequest": Table("brand"),
    "ownership.tombstone": Table("brand"),
    "ownership.loyaltyprogramme": Table("brand"),
    "ownership.loyaltyrule": Table("brand"),
    "ownership.loyaltyaccount": Table("owner__brand"),
    "ownership.loyaltyentry": Table("owner__brand"),
    "ownership.reward": Table("brand"),
    "ownership.redemption": Table("owner__brand"),
    # The codes themselves are the shop's own; the fingerprint tells which was handed out.
    "ownership.rewardcode": Table("reward__brand", without=frozenset({"code"})),
    "warranty.coverageplan": Table("brand"),
    "warranty.coverage": Table("brand"),
    "warranty.withdrawncertificate": Table("brand"),
    "experiences.contentblock": Table("brand"),
    "experiences.message": Table("brand"),
}
# Models of ours that no brand takes with it, and why.
STAYS = {
    "products.person": "what a person logs in with is the person's, at every brand of the installation",
    "products.phonenumber": "what a person logs in with is the person's, at every brand of the installation",
    "products.device": "browsers remembered by cookies that this installation signed",
    "experiences.demoload": "a note of this installation about its demo",
}


def columns_of(label: str) -> dict[str, str]:
    """Return the columns of a table's file, each with the lookup that it is read by."""
    table, model = TABLES[label], apps.get_model(label)
    own = {
        column.attname: column.attname
        for column in model._meta.concrete_fields
        if column.name not in table.without
    }
    secret = [column.name for column in model._meta.concrete_fields if isinstance(column, EncryptedTextField)]
    if exposed := set(secret) - table.without:
        raise AssertionError(f"{label} would show what is kept encrypted: {sorted(exposed)}")
    return own | table.more


def types_of(label: str) -> dict[str, str]:
    """Return each column's type in words of Django's model fields, with what a number refers to."""
    model = apps.get_model(label)
    return {column: _type(model, lookup) for column, lookup in columns_of(label).items()}


def _type(model: type[models.Model], lookup: str) -> str:
    for step in lookup.split("__")[:-1]:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    found: Any = next(
        column
        for column in model._meta.concrete_fields
        if lookup.split("__")[-1] in (column.attname, column.name)
    )
    kind = found.target_field.get_internal_type() if found.is_relation else found.get_internal_type()
    return f"{kind} → {found.related_model._meta.label_lower}.id" if found.is_relation else kind


def rows_of(label: str, brand_id: int) -> Iterator[dict[str, Any]]:
    """Yield the brand's rows of a table in the order of their ids, read in chunks."""
    columns = columns_of(label)
    rows = apps.get_model(label)._base_manager.filter(**{TABLES[label].brand_path: brand_id}).order_by("pk")
    for values in rows.values_list(*columns.values()).iterator(chunk_size=CHUNK):
        yield dict(zip(columns, values, strict=True))
