"""Every constraint of our models, broken on purpose; none may stand untested."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.utils import DataError

from analytics.models import ForgedLinkCount, UnitFacts
from experiences.models import ContentBlock, Message
from ownership.models import Consent, ConsentWording, Owner, Ownership, Registration
from products.models import (
    Batch,
    Brand,
    BrandDomain,
    Category,
    ChipProfile,
    Market,
    Material,
    Product,
    ProductMaterial,
    StaffMembership,
    Tag,
    TradeItem,
    Unit,
    Variant,
)
from tests import factories
from warranty.models import Coverage, CoveragePlan

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
OURS = ("products", "analytics", "ownership", "experiences", "warranty", "parts")
CASES: dict = {}


def breaks(*names):
    """Register a case: called with a `Cast`, it must be refused by the database."""

    def register(case):
        for name in names:
            CASES.setdefault(name, []).append(case)
        return case

    return register


class Cast:
    def __init__(self, **rows):
        self.__dict__.update(rows)


@pytest.fixture
def cast(acme, globex, bag, unit, profile, chip, alice, bob, sam):
    return Cast(
        acme=acme,
        globex=globex,
        bag=bag,
        unit=unit,
        profile=profile,
        chip=chip,
        alice=alice,
        bob=bob,
        sam=sam,
    )


def ownership(c, **values):
    return Ownership.objects.create(
        **{"unit": c.unit, "owner": c.alice, "ordinal": 1, "since": NOW, **values}
    )


@breaks("one_current_owner_per_unit")
def two_current_owners(c):
    ownership(c)
    ownership(c, owner=c.bob, ordinal=2)


@breaks("one_ownership_per_ordinal")
def two_first_owners(c):
    ownership(c, until=NOW)
    ownership(c, owner=c.bob)


@breaks("ownership_ends_after_start")
def an_end_before_the_start(c):
    ownership(c, until=NOW - dt.timedelta(microseconds=1))


@breaks("ownership_counts_from_one")
def an_owner_number_zero(c):
    ownership(c, ordinal=0)


@breaks("one_owner_per_person_and_brand")
def one_person_twice_at_a_brand(c):
    Owner.objects.create(brand=c.acme, person=c.sam)
    Owner.objects.create(brand=c.acme, person=c.sam)


@breaks("owner_kind_known")
def an_owner_of_no_kind(c):
    Owner.objects.filter(pk=c.alice.pk).update(kind="robot")


@breaks("owned_units_have_an_ownership")
def an_owner_without_since(c):
    UnitFacts.objects.create(unit=c.unit, owner_id=1, ownerships=1)


@breaks("owned_units_have_an_ownership")
def a_since_without_owner(c):
    UnitFacts.objects.create(unit=c.unit, owned_since=NOW, ownerships=1)


@breaks("owned_units_have_an_ownership")
def an_owner_without_ownership(c):
    UnitFacts.objects.create(unit=c.unit, owner_id=1, owned_since=NOW, ownerships=0)


@breaks("one_forged_count_per_day")
def a_day_counted_twice(c):
    for _time in range(2):
        ForgedLinkCount.objects.create(brand=c.acme, profile="acme-a", day=NOW.date(), reason="not_hex")


@breaks("one_primary_domain_per_brand")
def two_primary_domains(c):
    for host in ("a.example", "b.example"):
        BrandDomain.objects.create(brand=c.acme, host=host, is_primary=True)


@breaks("one_market_per_country")
def a_country_twice(c):
    for zone in ("Europe/Paris", "UTC"):
        Market.objects.create(brand=c.acme, country="FR", time_zone=zone)


@breaks("one_membership_per_role")
def a_role_twice(c):
    StaffMembership.objects.create(brand=c.acme, person=c.sam, role="support_agent")


@breaks("membership_role_known")
def a_role_that_is_none(c):
    StaffMembership.objects.update(role="emperor")


@breaks("one_category_per_slug")
def a_category_twice(c):
    Category.objects.create(brand=c.acme, slug=c.bag.category.slug)


@breaks("category_not_its_own_parent")
def a_category_above_itself(c):
    Category.objects.filter(pk=c.bag.category_id).update(parent=c.bag.category_id)


@breaks("one_material_per_slug")
def a_material_twice(c):
    Material.objects.create(brand=c.acme, slug=Material.objects.get().slug)


@breaks("treatment_interval_at_least_a_month")
def a_treatment_every_no_months(c):
    Material.objects.update(treatment_every_months=0)


@breaks("one_product_per_slug")
def a_product_twice(c):
    Product.objects.create(brand=c.acme, category=c.bag.category, slug=c.bag.slug)


@breaks("material_once_per_product")
def a_material_twice_in_a_product(c):
    ProductMaterial.objects.create(product=c.bag, material=Material.objects.get())


@breaks("material_share_is_a_percentage")
def a_share_below_nothing(c):
    ProductMaterial.objects.update(share="-0.01")


@breaks("material_share_is_a_percentage")
def a_share_above_all(c):
    ProductMaterial.objects.update(share="100.01")


@breaks("one_variant_per_code")
def a_variant_twice(c):
    for _time in range(2):
        Variant.objects.create(product=c.bag, code="red")


@breaks("gtin_has_14_digits")
def a_short_gtin(c):
    TradeItem.objects.update(gtin="4006381333931")


@breaks("gtin_has_14_digits")
def a_gtin_with_a_letter(c):
    TradeItem.objects.update(gtin="0400638133393X")


@breaks("gtin_has_14_digits")
def a_gtin_with_a_line_break(c):
    TradeItem.objects.update(gtin="0400638133393\n")


@breaks("TradeItem.gtin")
def a_gtin_at_two_brands(c):
    rival = factories.ProductFactory(brand=c.globex)
    TradeItem.objects.create(brand=c.globex, product=rival, gtin=c.unit.trade_item.gtin)


@breaks("one_batch_per_code")
def a_batch_twice(c):
    for _time in range(2):
        Batch.objects.create(brand=c.acme, product=c.bag, code="L1")


@breaks("serial_unique_per_gtin")
def a_serial_twice(c):
    factories.UnitFactory(product=c.bag, serial=c.unit.serial)


@breaks("unit_has_a_serial")
def a_unit_without_serial(c):
    Unit.objects.update(serial="")


@breaks("unit_status_known")
def a_unit_in_no_status(c):
    Unit.objects.update(status="melted", retired_on=NOW.date())


@breaks("unit_retired_on_a_day")
def a_retired_unit_without_a_day(c):
    Unit.objects.update(status="recycled")


@breaks("unit_retired_on_a_day")
def a_living_unit_with_a_last_day(c):
    Unit.objects.update(retired_on=NOW.date())


@breaks("Unit.public_code")
def a_public_code_twice(c):
    factories.UnitFactory(product=c.bag, public_code=c.unit.public_code)


@breaks("chip_mode_known")
def a_chip_mode_that_is_none(c):
    ChipProfile.objects.update(mode="des")


@breaks("chip_mac_from_known")
def a_mac_from_nowhere(c):
    ChipProfile.objects.update(mac_from="moon")


@breaks("ChipProfile.slug")
def a_profile_name_at_two_brands(c):
    factories.ChipProfileFactory(brand=c.globex, slug=c.profile.slug)


def tag(c, **values):
    return Tag.objects.create(**{"brand": c.acme, "unit": c.unit, "kind": "chip", **values})


@breaks("chip_bound_to_one_unit")
def a_chip_on_two_units(c):
    tag(c, unit=factories.UnitFactory(product=c.bag), profile=c.profile, uid=c.chip.tag.uid)


@breaks("chip_bound_to_one_unit")
def a_withdrawn_chip_bound_anew(c):
    Tag.objects.update(state="withdrawn")
    tag(c, unit=factories.UnitFactory(product=c.bag), profile=c.profile, uid=c.chip.tag.uid)


@breaks("one_active_qr_per_unit")
def two_active_codes(c):
    tag(c, kind="qr")
    tag(c, kind="qr")


@breaks("chip_has_profile_and_uid")
def a_chip_without_profile(c):
    tag(c, uid="04" + "a" * 12)


@breaks("chip_has_profile_and_uid")
def a_chip_without_uid(c):
    tag(c, profile=c.profile)


@breaks("chip_has_profile_and_uid")
def a_code_with_uid(c):
    tag(c, kind="qr", uid="04" + "a" * 12)


@breaks("chip_has_profile_and_uid")
def a_tag_of_no_kind(c):
    tag(c, kind="rfid", profile=c.profile, uid="04" + "a" * 12)


@breaks("counter_has_three_bytes")
def a_counter_below_zero(c):
    Tag.objects.update(last_counter=-1)


@breaks("counter_has_three_bytes")
def a_counter_of_four_bytes(c):
    Tag.objects.update(last_counter=0x1000000)


@breaks("job_state_known")
def a_job_in_no_state(c):
    from products.models import Job

    Job.objects.create(brand=c.acme, kind="import", state="asleep")


@breaks("block_kind_known")
def a_text_of_no_kind(c):
    ContentBlock.objects.filter(kind="tip").update(kind="poem")


@breaks("block_for_product_or_category")
def a_text_for_product_and_category(c):
    ContentBlock.objects.filter(kind="tip").update(category=c.bag.category)


@breaks("Brand.slug")
def a_brand_twice(c):
    Brand.objects.create(slug="acme", name="Another", locales=["en"])


@breaks("BrandDomain.host")
def a_domain_at_two_brands(c):
    for brand in (c.acme, c.globex):
        BrandDomain.objects.create(brand=brand, host="care.example")


@breaks("PrivateFile.name")
def a_file_name_twice(c):
    from products.models import PrivateFile

    for _time in range(2):
        PrivateFile.objects.create(brand=c.acme, name="x" * 32, purpose="x", content_type="x", size=1)


@breaks("block_audience_known")
def a_text_for_nobody_known(c):
    ContentBlock.objects.filter(kind="tip").update(audience="ghosts")


@breaks("confirmed_telephone_of_one_person")
def a_confirmed_telephone_of_two(c):
    for _time in range(2):
        factories.PersonFactory(phone="+33612345678", phone_verified=True)


def wording(c, **values):
    return ConsentWording.objects.create(
        **{"brand": c.acme, "purpose": "marketing", "version": 1, "texts": {"en": "News"}, **values}
    )


@breaks("one_wording_per_version")
def a_version_twice(c):
    wording(c)
    wording(c)


@breaks("wording_purpose_known")
def a_wording_for_no_purpose(c):
    wording(c, purpose="astrology")


def consent(c, words, **values):
    return Consent.objects.create(
        **{"owner": c.alice, "wording": words, "locale": "en", "channel": "x", "given_at": NOW, **values}
    )


@breaks("one_standing_consent_per_wording")
def a_yes_twice(c):
    words = wording(c)
    consent(c, words)
    consent(c, words)


@breaks("consent_withdrawn_after_given")
def a_yes_taken_back_before_it_was_given(c):
    consent(c, wording(c), withdrawn_at=NOW - dt.timedelta(microseconds=1))


def registration(c, **values):
    return Registration.objects.create(
        **{
            "brand": c.acme, "unit": c.unit, "submission_key": "0" * 32, "proof": "code", "state": "pending",
            "contact_kind": "email", "contact": "a@example.com", "locale": "en", "created_at": NOW, **values,
        }
    )  # fmt: skip


@breaks("Registration.submission_key")
def a_form_sent_twice(c):
    registration(c)
    registration(c)


@breaks("Registration.ownership")
def an_ownership_of_two_registrations(c):
    owned = ownership(c)
    registration(c, ownership=owned)
    registration(c, ownership=owned, submission_key="1" * 32)


@breaks("registration_state_known")
def a_registration_in_no_state(c):
    registration(c, state="lost")


@breaks("registration_confirmed_at_a_time")
def a_confirmed_registration_without_a_time(c):
    registration(c, state="confirmed")


@breaks("a_printed_code_makes_no_owner_at_once")
def an_owner_at_once_by_a_printed_code(c):
    registration(c, state="owned")


def plan(c, **values):
    return CoveragePlan.objects.create(**{"brand": c.acme, "names": {"en": "x"}, "months": 24, **values})


@breaks("plan_lasts_a_month_or_more")
def a_plan_of_no_months(c):
    plan(c, months=0)


@breaks("plan_for_product_or_category")
def a_plan_for_product_and_category(c):
    plan(c, product=c.bag, category=c.bag.category)


def coverage(c, **values):
    return Coverage.objects.create(
        **{
            "brand": c.acme, "unit": c.unit, "plan": plan(c), "starts_on": NOW.date(), "ends_on": NOW.date(),
            "activated_at": NOW, "certificate_code": "a" * 20, **values,
        }
    )  # fmt: skip


@breaks("coverage_ends_after_start")
def a_coverage_that_ends_before_it_starts(c):
    coverage(c, ends_on=NOW.date() - dt.timedelta(days=1))


@breaks("Coverage.unit")
def two_coverages_of_a_unit(c):
    coverage(c)
    coverage(c, certificate_code="b" * 20)


@breaks("Coverage.certificate_code")
def a_certificate_of_two_units(c):
    coverage(c)
    coverage(c, unit=factories.UnitFactory(product=c.bag))


def message(c, **values):
    return Message.objects.create(
        **{
            "brand": c.acme, "unit": c.unit, "kind": "registered", "locale": "en", "dedupe_key": "x",
            "created_at": NOW, "changed_at": NOW, **values,
        }
    )  # fmt: skip


@breaks("Message.dedupe_key")
def a_message_twice(c):
    message(c)
    message(c)


@breaks("message_kind_known")
def a_message_of_no_kind(c):
    message(c, kind="gossip")


@breaks("message_state_known")
def a_message_in_no_state(c):
    message(c, state="flying")


ALL_CASES = [(name, case) for name, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("name", "case"), ALL_CASES, ids=[f"{n}-{case.__name__}" for n, case in ALL_CASES])
def test_the_database_refuses(cast, name, case):
    with pytest.raises((IntegrityError, DataError)) as refusal, transaction.atomic():
        case(cast)
    words = str(refusal.value)
    model, _, field = name.partition(".")
    if field:
        column = f"{apps.get_model(owner_of(model), model)._meta.db_table}"
        assert column in words
        assert field in words
    else:
        assert name in words or "UNIQUE constraint failed" in words


def owner_of(model: str) -> str:
    return next(app for app in OURS if model.lower() in apps.all_models[app])


def test_no_constraint_stands_untested():
    """A new constraint, or a new unique field, needs a case above."""
    named = {
        constraint.name
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint | models.UniqueConstraint)
    }
    unique = {
        f"{model.__name__}.{field.name}"
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.local_fields
        if field.unique and not field.primary_key and model.__name__ != "Person"
    }
    assert named | unique == set(CASES)


def test_what_may_be_is_not_refused(cast):
    """The neighbours of the refusals above: legal, and accepted."""
    ownership(cast, until=NOW)
    ownership(cast, owner=cast.bob, ordinal=2)
    words = wording(cast)
    consent(cast, words, withdrawn_at=NOW)
    consent(cast, words)
    registration(cast, proof="holding", state="owned")
    coverage(cast)
    for _time in range(2):
        factories.PersonFactory(phone="+33612345678")
    Owner.objects.create(brand=cast.acme)
    Owner.objects.create(brand=cast.acme)
    Owner.objects.create(brand=cast.globex, person=cast.sam)
    Tag.objects.update(last_counter=0xFFFFFF)
    other = factories.ChipProfileFactory(brand=cast.acme)
    tag(cast, profile=other, uid=cast.chip.tag.uid)
    tag(cast, kind="qr", state="withdrawn")
    tag(cast, kind="qr")
    second = TradeItem.objects.create(brand=cast.acme, product=cast.bag, gtin=factories.gtin_of(777_777))
    factories.UnitFactory(product=cast.bag, trade_item=second, serial=cast.unit.serial)
    BrandDomain.objects.create(brand=cast.acme, host="a.example")
    BrandDomain.objects.create(brand=cast.acme, host="b.example")
    Unit.objects.filter(pk=cast.unit.pk).update(status="recycled", retired_on=NOW.date())
