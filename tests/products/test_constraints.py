"""Every constraint of our models, broken on purpose; none may stand untested."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.utils import DataError

from analytics.models import Doubt, DoubtRules, ForgedLinkCount, UnitFacts
from experiences.models import ContentBlock, Message
from ownership.models import Consent, ConsentWording, IdentityRequest, Owner, Registration
from products.models import (
    Batch,
    Brand,
    BrandDomain,
    Category,
    ChipProfile,
    EncodingOrder,
    IdentificationKey,
    Market,
    Material,
    NextProduct,
    PhoneNumber,
    PrivateFile,
    Product,
    ProductMaterial,
    ResolverLink,
    StaffMembership,
    Tag,
    TradeItem,
    Unit,
    Variant,
)
from tests import factories
from tests.constraint_cases import CASES, NOW, breaks, load_cases
from tests.constraint_cases.ownerships import ownership
from warranty.models import Coverage, CoveragePlan

pytestmark = pytest.mark.django_db

OURS = ("products", "analytics", "ownership", "experiences", "warranty", "parts")


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


@breaks("one_current_owner_per_unit")
def two_current_owners(c):
    ownership(c)
    ownership(c, owner=c.bob, ordinal=2)


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


@breaks("next_product_once")
def what_comes_next_twice(c):
    following = factories.ProductFactory(brand=c.acme)
    for _time in range(2):
        NextProduct.objects.create(product=c.bag, next_product=following)


@breaks("next_product_is_another")
def a_product_after_itself(c):
    NextProduct.objects.create(product=c.bag, next_product=c.bag)


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


@breaks("chip_tamper_known")
def a_tamper_loop_that_is_none(c):
    ChipProfile.objects.update(tamper_loop="alarm")


@breaks("chip_tamper_status_in_file_data")
def a_tamper_status_beyond_the_file_data(c):
    ChipProfile.objects.update(tamper_loop="seal", tamper_at=127)


@breaks("chip_tamper_status_in_file_data")
def a_tamper_status_without_a_loop(c):
    ChipProfile.objects.update(tamper_loop="", tamper_at=0)


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


@breaks("consent_confirmed_after_given")
def a_yes_confirmed_before_it_was_given(c):
    consent(c, wording(c), confirmed_at=NOW - dt.timedelta(microseconds=1))


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


def doubt(c, **values):
    return Doubt.objects.create(
        **{
            "brand": c.acme,
            "unit": c.unit,
            "kind": "retired",
            "first_seen_at": NOW,
            "last_seen_at": NOW,
            **values,
        }
    )


@breaks("one_standing_doubt_per_unit_and_kind")
def two_standing_doubts(c):
    doubt(c)
    doubt(c, state="confirmed", decided_at=NOW, reason="Seen on a market stall")


@breaks("doubt_kind_known")
def a_doubt_of_no_kind(c):
    doubt(c, kind="hunch")


@breaks("doubt_state_known")
def a_doubt_in_no_state(c):
    doubt(c, state="maybe", decided_at=NOW, reason="Who knows")


@breaks("doubt_decided_at_a_time")
def a_doubt_decided_at_no_time(c):
    doubt(c, state="dismissed", reason="A display piece")


@breaks("doubt_decided_with_a_reason")
def a_doubt_decided_for_no_reason(c):
    doubt(c, state="dismissed", decided_at=NOW)


@breaks("doubt_seen_in_order")
def a_doubt_last_seen_before_it_was_first_seen(c):
    doubt(c, last_seen_at=NOW - dt.timedelta(seconds=1))


@breaks("doubt_seen_in_order")
def a_doubt_that_was_never_seen(c):
    doubt(c, sightings=0)


@breaks("DoubtRules.brand")
def two_sets_of_rules(c):
    DoubtRules.objects.create(brand=c.acme)
    DoubtRules.objects.create(brand=c.acme)


for _name in ("counter_jump_hours", "replay_days", "code_days", "market_days"):

    @breaks("doubt_rules_look_back_30_days")
    def rules_that_look_back_too_far(c, name=_name):
        DoubtRules.objects.create(brand=c.acme, **{name: 24 * 30 + 1})


@breaks("one_visitor_is_no_signal")
def rules_by_which_one_visitor_is_a_signal(c):
    DoubtRules.objects.create(brand=c.acme, replay_visitors=1)


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


def resolver_link(c, **values):
    return ResolverLink.objects.create(
        **{
            "brand": c.acme,
            "link_type": "gs1:pip",
            "href": "https://acme.example/",
            "title": "Page",
            **values,
        }
    )


def gs1_key(c, **values):
    return IdentificationKey.objects.create(
        **{"brand": c.acme, "ai": "414", "value": "9520123456788", "name": "Workshop", **values}
    )


@breaks("gs1_key_of_one_brand")
def a_key_of_two_brands(c):
    gs1_key(c)
    gs1_key(c, brand=c.globex)


@breaks("gs1_key_kind_known")
def a_key_of_no_kind(c):
    gs1_key(c, ai="410")


@breaks("resolver_link_for_one_thing")
def a_link_for_a_product_and_a_unit(c):
    resolver_link(c, product=c.bag, unit=c.unit)


@breaks("resolver_link_for_one_thing")
def a_link_for_a_batch_and_a_key(c):
    resolver_link(c, batch=factories.BatchFactory(product=c.bag), key=gs1_key(c))


@breaks("one_default_link_per_thing")
def two_default_links_of_a_product(c):
    resolver_link(c, product=c.bag, is_default=True)
    resolver_link(c, product=c.bag, is_default=True, link_type="gs1:faqs")


@breaks("one_default_link_per_thing")
def two_default_links_of_a_brand(c):
    resolver_link(c, is_default=True)
    resolver_link(c, is_default=True)


@breaks("resolver_link_stands_once")
def one_link_twice(c):
    resolver_link(c, product=c.bag)
    resolver_link(c, product=c.bag, title="Another title")


@breaks("unit_leads_to_its_own_page")
def a_unit_whose_code_leads_elsewhere(c):
    resolver_link(c, unit=c.unit, is_default=True, link_type="gs1:faqs")


@breaks("unit_leads_to_its_own_page")
def a_unit_whose_product_page_is_elsewhere(c):
    resolver_link(c, unit=c.unit)


@breaks("resolver_link_leads_to_the_web")
def a_link_that_runs_a_script(c):
    resolver_link(c, href="javascript:alert(1)")


def encoding_order(c, **values):
    return EncodingOrder.objects.create(
        **{
            "brand": c.acme,
            "profile": c.profile,
            "base_url": "https://acme.example/t/a",
            "created_at": NOW,
            **values,
        }
    )


@breaks("encoding_key_version_is_a_byte")
def a_key_version_of_two_bytes(c):
    encoding_order(c, key_version=256)


@breaks("one_time_file_goes_when_fetched")
def a_file_in_clear_that_stays_when_fetched(c):
    file = PrivateFile.objects.create(
        brand=c.acme, purpose="encoding_order", content_type="application/json", size=1
    )
    EncodingOrder.objects.filter(pk=encoding_order(c, file=file).pk).update(fetched_at=NOW)


def identity(c, **values):
    number = IdentityRequest.objects.count()
    return IdentityRequest.objects.create(
        **{
            "brand": c.acme, "product": c.bag, "serial": "OLD-1", "email": "old@example.com", "locale": "en",
            "submission_key": f"{number:064x}", "state": "waiting", "sent_at": NOW, "confirmed_at": NOW, **values,
        }
    )  # fmt: skip


@breaks("identity_request_state_known")
def a_request_in_no_state(c):
    identity(c, state="lost", decided_at=NOW)


@breaks("answered_identity_names_its_unit")
def an_identity_given_to_no_unit(c):
    identity(c, state="approved", decided_at=NOW)


@breaks("answered_identity_names_its_unit")
def a_waiting_request_with_a_unit(c):
    identity(c, unit=c.unit)


@breaks("identity_after_a_confirmed_address")
def a_waiting_request_from_an_address_that_nobody_confirmed(c):
    identity(c, confirmed_at=None)


@breaks("identity_decided_at_a_time")
def a_refusal_at_no_time(c):
    identity(c, state="refused")


@breaks("identity_decided_at_a_time")
def a_waiting_request_that_was_decided(c):
    identity(c, decided_at=NOW)


@breaks("one_identity_given_per_unit")
def two_requests_that_made_one_unit(c):
    identity(c, state="approved", unit=c.unit, decided_at=NOW)
    identity(c, state="approved", unit=c.unit, decided_at=NOW)


@breaks("one_waiting_request_per_holder")
def two_waiting_requests_of_one_holder(c):
    identity(c)
    identity(c)


@breaks("IdentityRequest.submission_key")
def one_form_makes_two_requests(c):
    identity(c, submission_key="k")
    identity(c, submission_key="k", serial="OLD-2")


@breaks("IdentityRequest.code")
def two_requests_with_one_code(c):
    identity(c, code="c")
    identity(c, code="c", serial="OLD-2")


@breaks("product_uncoded_rule_known")
def a_product_with_no_rule_for_older_units(c):
    Product.objects.filter(pk=c.bag.pk).update(uncoded_rule="maybe")


@breaks("uncoded_pattern_rule_has_its_pattern")
def a_rule_by_pattern_without_one(c):
    Product.objects.filter(pk=c.bag.pk).update(uncoded_rule="pattern", uncoded_pattern="")


@breaks("message_about_something")
def a_message_about_nothing(c):
    Message.objects.create(
        brand=c.acme, kind="registered", locale="en", dedupe_key="nothing", created_at=NOW, changed_at=NOW
    )


load_cases()
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
    identity(cast)
    identity(cast, state="refused", decided_at=NOW)
    identity(cast, state="known", unit=cast.unit, decided_at=NOW)
    identity(cast, state="known", unit=cast.unit, decided_at=NOW)
    identity(cast, state="approved", unit=cast.unit, decided_at=NOW)
    doubt(cast)
    doubt(cast, state="dismissed", decided_at=NOW, reason="A display piece")
    for _time in range(2):
        PhoneNumber.objects.create(person=factories.PersonFactory(), number="+33612345678")
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
