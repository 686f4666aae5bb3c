"""Writing what the good rows of one chunk ask for, with a fixed number of statements."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError

from products.imports.deciding import PLAIN_COLUMNS, Plan
from products.models import Batch, Brand, Tag, Unit, Variant
from products.models.units import TagKind
from products.services.brands import touch_content

Code = tuple[int, str]  # a product's id, and the code of its batch or variant
Codes = dict[Code, int]


def write_plans(plans: list[Plan], brand: Brand) -> None:
    """Write them in the running transaction; raises IntegrityError where somebody else was faster."""
    # In one order everywhere, so that two imports wait for each other and never in a circle.
    plans = sorted(plans, key=lambda plan: (plan.item.pk, plan.row.serial))
    batches = find_or_make_batches({(plan.item.product_id, plan.row.batch) for plan in plans}, brand)
    variants = find_or_make_variants({(plan.item.product_id, plan.variant) for plan in plans}, brand)
    made = [plan for plan in plans if plan.is_new]
    fresh = Unit.objects.bulk_create([_new_unit(plan, brand, batches, variants) for plan in made])
    for plan, unit in zip(made, fresh, strict=True):
        plan.unit = unit
    _update_units([plan for plan in plans if plan.changed], batches, variants)
    Tag.objects.bulk_create([_new_tag(plan, brand) for plan in plans if plan.adds_chip or plan.adds_qr])
    _replace_chips([plan for plan in plans if plan.replaces])


def _new_unit(plan: Plan, brand: Brand, batches: Codes, variants: Codes) -> Unit:
    row, product_id = plan.row, plan.item.product_id
    return Unit(
        brand=brand,
        product_id=product_id,
        trade_item_id=plan.item.pk,
        serial=row.serial,
        batch_id=batches.get((product_id, row.batch)),
        variant_id=variants.get((product_id, plan.variant)),
        attributes=row.attributes,
        **{column: getattr(row, column) for column in PLAIN_COLUMNS},
    )


def _update_units(plans: list[Plan], batches: Codes, variants: Codes) -> None:
    for plan in plans:
        product_id = plan.item.product_id
        for column, value in plan.changed.items():
            if column == "batch":
                setattr(plan.unit, "batch_id", batches[product_id, value])  # noqa: B010 - unit is not None here
            elif column == "variant":
                setattr(plan.unit, "variant_id", variants[product_id, value])  # noqa: B010
            else:
                setattr(plan.unit, column, value)
    columns = sorted({column for plan in plans for column in plan.changed})
    if columns:
        Unit.objects.bulk_update([plan.unit for plan in plans if plan.unit], columns)


def _new_tag(plan: Plan, brand: Brand) -> Tag:
    if plan.adds_qr:
        return Tag(brand=brand, unit=plan.unit, kind=TagKind.QR)
    return Tag(
        brand=brand,
        unit=plan.unit,
        kind=TagKind.CHIP,
        profile_id=plan.profile_id,
        uid=plan.row.tag_uid,
    )


def _replace_chips(plans: list[Plan]) -> None:
    """Put the right UID on chips that were never used; a tap between reading and now counts as a race."""
    if not plans:
        return
    untouched = Tag.objects.filter(
        pk__in=[plan.replaces.pk for plan in plans if plan.replaces], last_counter__isnull=True
    ).select_for_update()
    tags = {tag.pk: tag for tag in untouched.order_by("pk")}
    if len(tags) < len(plans):
        raise IntegrityError("a chip was used while its unit was being imported")
    for plan in plans:
        if plan.replaces:
            tag = tags[plan.replaces.pk]
            # The other chip was perhaps encoded under an older version of the key: its first tap says which.
            tag.profile_id, tag.uid, tag.key_version = plan.profile_id, plan.row.tag_uid, 0
    Tag.objects.bulk_update(tags.values(), ["profile", "uid", "key_version"])


def find_or_make_batches(wanted: set[Code], brand: Brand) -> Codes:
    """Return the ids of these batches, making those that are not there; an empty code names none."""
    wanted = _named(wanted)
    known = _ids(Batch, wanted)
    if missing := sorted(wanted - known.keys()):
        fresh = [Batch(brand=brand, product_id=product_id, code=code) for product_id, code in missing]
        Batch.objects.bulk_create(fresh, ignore_conflicts=True)
        known = _ids(Batch, wanted)
    return known


def find_or_make_variants(wanted: set[Code], brand: Brand) -> Codes:
    """Return the ids of these variants, making those that are not there; an empty code names none."""
    wanted = _named(wanted)
    known = _ids(Variant, wanted)
    if missing := sorted(wanted - known.keys()):
        fresh = [Variant(product_id=product_id, code=code) for product_id, code in missing]
        Variant.objects.bulk_create(fresh, ignore_conflicts=True)
        known = _ids(Variant, wanted)
        touch_content(brand.pk)  # pages name the variant
    return known


def _named(codes: set[Code]) -> set[Code]:
    return {(product_id, code) for product_id, code in codes if code}


def _ids(model: Any, wanted: set[Code]) -> Codes:
    if not wanted:
        return {}
    found = model.objects.filter(
        product__in={product_id for product_id, _code in wanted},
        code__in={code for _product_id, code in wanted},
    ).values_list("product_id", "code", "pk")
    return {(product_id, code): pk for product_id, code, pk in found if (product_id, code) in wanted}
