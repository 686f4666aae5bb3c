"""Loading the demo's brands: markets, categories, materials, products, batches, chip profiles, texts, pictures."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.files.storage import storages

from experiences.demo.lives import BATCH_AGES
from experiences.demo.promises import load_promises
from experiences.demo.seeds import chip_key
from experiences.demo.spec import Block, BrandSpec, ProductSpec, ProfileSpec
from experiences.models import ContentBlock
from products.digital_link import gtin_check_digit
from products.models import (
    Batch,
    Brand,
    Category,
    Market,
    Material,
    NextProduct,
    Product,
    ProductMaterial,
    TradeItem,
    Variant,
)
from products.services.brands import touch_content
from products.services.chips import save_profile
from products.services.pictures import save_picture
from products.sun import FileReadKey, MasterKey

PICTURES = Path(__file__).parent / "pictures"
PARAMETERS = {"picc_data": "picc_data", "enc": "enc", "cmac": "cmac", "uid": "uid", "ctr": "ctr"}


def gtin_of(number: int) -> str:
    """Return a GTIN of the prefix that GS1 keeps for examples (952)."""
    body = f"0952{number:09d}"
    return body + str(gtin_check_digit(body))


def load_brand(spec: BrandSpec, *, seed: str, anchor: dt.date) -> Brand:
    """Make the brand and all that its units refer to; the caller made sure that it is not there yet."""
    brand: Brand = Brand.objects.create(slug=spec.slug, **spec.fields)
    Market.objects.bulk_create(
        Market(brand=brand, country=country, time_zone=zone) for country, zone in spec.markets.items()
    )
    categories = {
        category.slug: Category.objects.create(
            brand=brand, slug=category.slug, names=category.names, **category.thresholds
        )
        for category in spec.categories
    }
    materials = _load_materials(brand, spec)
    for product in spec.products:
        _load_product(brand, product, categories[product.category], materials, anchor)
    _load_next_products(brand, spec)
    _load_blocks(brand, None, spec.blocks)
    load_promises(brand, spec, anchor)
    for profile in spec.profiles:
        save_profile(
            brand=brand,
            slug=profile.slug,
            mode=profile.mode,
            mac_from=profile.mac_from,
            params=PARAMETERS | profile.params,
            meta_read_key=chip_key(seed, profile.slug, "meta_read") if profile.encrypted else None,
            file_read_key=_file_read_key(seed, profile),
            tamper_loop=profile.tamper_loop,
            tamper_at=profile.tamper_at,
        )
    touch_content(brand.pk)
    return brand


def _file_read_key(seed: str, profile: ProfileSpec) -> FileReadKey:
    if profile.own_keys:
        return MasterKey(chip_key(seed, profile.slug, "master"), system_id=profile.slug.encode())
    return chip_key(seed, profile.slug, "file_read")


def _load_materials(brand: Brand, spec: BrandSpec) -> dict[str, Material]:
    return {
        material.slug: Material.objects.create(
            brand=brand,
            slug=material.slug,
            names=material.names,
            cleaning=material.cleaning,
            avoid=material.avoid,
            treatment=material.treatment,
            treatment_every_months=material.every_months,
        )
        for material in spec.materials
    }


def _load_product(
    brand: Brand, spec: ProductSpec, category: Category, materials: dict[str, Material], anchor: dt.date
) -> None:
    product: Product = Product.objects.create(
        brand=brand,
        category=category,
        slug=spec.slug,
        model_number=spec.model_number,
        names=spec.names,
        line=spec.line,
        picture_alt=spec.picture_alt,
        lifetime_years=spec.lifetime_years,
        serial_place=spec.serial_place,
        tag_place=spec.tag_place,
        uncoded_rule=spec.older,
        uncoded_pattern=spec.older_pattern,
    )
    ProductMaterial.objects.bulk_create(
        ProductMaterial(
            product=product, material=materials[use.material], part=use.part, share=use.share, position=place
        )
        for place, use in enumerate(spec.uses, start=1)
    )
    _load_trade_items(brand, product, spec)
    _load_batches(brand, product, spec, anchor)
    _load_blocks(brand, product, spec.blocks)


def _load_next_products(brand: Brand, spec: BrandSpec) -> None:
    products = {product.slug: product for product in Product.objects.for_brand(brand)}
    NextProduct.objects.bulk_create(
        NextProduct(product=products[product.slug], next_product=products[slug], why=why, position=place)
        for product in spec.products
        for place, (slug, why) in enumerate(product.comes_next, start=1)
    )


def _load_trade_items(brand: Brand, product: Product, spec: ProductSpec) -> None:
    """Give the product its GTIN, or each variant its own where it has variants."""
    variants: list[Variant | None] = [
        Variant.objects.create(product=product, code=code, names=names) for code, names in spec.variants
    ]
    for place, variant in enumerate(variants or [None]):
        TradeItem.objects.create(
            brand=brand, product=product, variant=variant, gtin=gtin_of(spec.gtin_number + place)
        )


def _load_batches(brand: Brand, product: Product, spec: ProductSpec, anchor: dt.date) -> None:
    Batch.objects.bulk_create(
        Batch(
            brand=brand,
            product=product,
            code=batch_code(spec, age),
            made_on=anchor - dt.timedelta(days=age),
            made_in=spec.made_in,
            origin=spec.origins[place % len(spec.origins)],
            composition=_composition(spec, place),
        )
        for place, age in enumerate(BATCH_AGES)
    )


def batch_code(spec: ProductSpec, age: int) -> str:
    """Return the code of the batch made `age` days before the anchor; it does not change with the dates."""
    return f"{spec.prefix.strip('-')}-L{len(BATCH_AGES) - BATCH_AGES.index(age):02d}"


def _composition(spec: ProductSpec, place: int) -> list[dict[str, Any]]:
    if not spec.compositions:
        return []
    return [{"name": "ingredients", "value": spec.compositions[place % len(spec.compositions)]}]


def _load_blocks(brand: Brand, product: Product | None, blocks: tuple[Block, ...]) -> None:
    ContentBlock.objects.bulk_create(
        ContentBlock(
            brand=brand,
            product=product,
            kind=block.kind,
            titles=block.title,
            bodies=block.body,
            stages=list(block.stages),
            audience=block.audience,
            position=place,
        )
        for place, block in enumerate(blocks, start=1)
    )


def load_pictures(spec: BrandSpec) -> int:
    """Give products without a picture theirs, where it is drawn; return how many."""
    storage: Any = storages["pictures"]
    count = 0
    for product in Product.objects.filter(brand__slug=spec.slug):
        file = PICTURES / f"{spec.slug}-{product.slug}.webp"
        if file.exists() and not (product.picture and storage.exists(product.picture)):
            save_picture(product, file.read_bytes())
            count += 1
    return count
