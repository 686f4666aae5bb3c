"""One code, many pages: the unit's life through HTTP, with the clock moved."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from analytics.kinds import Flag, Verdict
from analytics.services import lower_flag, raise_flag
from ownership.services import end_ownership, record_sale, retire_unit
from products.encryption import cipher
from products.models import Brand, BrandDomain, ChipProfile, Product, Unit
from products.services.brands import touch_content
from products.services.chips import rotate_field_keys
from tests import factories
from tests.reading import action_of, main_attributes, module_names, text_of

pytestmark = pytest.mark.django_db

START = dt.datetime(2024, 1, 10, 12, tzinfo=dt.UTC)


def after(days: int) -> dt.datetime:
    return START + dt.timedelta(days=days)


def tap_at(moment: dt.datetime, link: str, client: Client | None = None):
    with time_machine.travel(moment, tick=False):
        return (client or Client()).get(link)


def live(chip, unit, alice, bob) -> dict:
    """Tap the unit through its whole life; return the page of each moment."""
    pages = {"before sale": tap_at(START, chip.tap())}
    record_sale(unit=unit, sold_on=after(5).date(), now=after(5))
    pages["unboxing"] = tap_at(after(6), chip.tap())
    factories.own(unit, alice, after(6))
    pages["day 3"] = tap_at(after(9), chip.tap())
    pages["day 14"] = tap_at(after(20), chip.tap())
    pages["month six"] = tap_at(after(190), chip.tap())
    pages["year five"] = tap_at(after(5 * 366), chip.tap())
    end_ownership(unit=unit, until=after(1900), now=after(1900))
    factories.own(unit, bob, after(1900))
    pages["after resale"] = tap_at(after(1905), chip.tap())
    retire_unit(unit=unit, status=Unit.Status.RECYCLED, retired_on=after(3000).date(), now=after(3000))
    pages["retired"] = tap_at(after(3001), chip.tap())
    return pages


def test_eight_moments_of_one_life_are_eight_different_pages(chip, unit, alice, bob):
    """A4: they differ in the first action offered and in their ordered list of modules."""
    pages = live(chip, unit, alice, bob)
    assert {main_attributes(page)["authenticity"] for page in pages.values()} == {"genuine"}
    assert [main_attributes(page)["stage"] for page in pages.values()] == [
        "discovery", "unboxing", "onboarding", "onboarding", "ownership", "maturity", "resale", "retired",
    ]  # fmt: skip
    shapes = {moment: (action_of(page), tuple(module_names(page))) for moment, page in pages.items()}
    assert len(set(shapes.values())) == 8, shapes
    lists = [modules for _action, modules in shapes.values()]
    assert len(set(lists)) == 8, shapes
    assert len({action for action, _modules in shapes.values()}) >= 6, shapes


def test_month_six_leads_with_help_and_not_with_day_one(chip, unit, alice, bob):
    """A5: help and maintenance lead, and an owner sees no story or registration first."""
    pages = live(chip, unit, alice, bob)
    modules = module_names(pages["month six"])
    assert action_of(pages["month six"]) == "help"
    assert modules[:3] == ["authenticity", "help", "care"]
    assert not {"story", "register", "setup"} & set(modules)
    assert modules != module_names(pages["before sale"])


def test_month_six_of_a_unit_that_nobody_registered_leads_with_help_too(chip, unit):
    """A5: registration is offered quietly, after what helps."""
    tap_at(START, chip.tap())
    page = tap_at(after(183), chip.tap())
    modules = module_names(page)
    assert (main_attributes(page)["stage"], action_of(page)) == ("ownership", "help")
    assert modules[:2] == ["authenticity", "help"]
    assert "story" not in modules
    assert modules.index("register") > modules.index("care")


def test_the_words_of_a_second_owner_count_owners_and_name_nobody(chip, unit, alice, bob):
    page = live(chip, unit, alice, bob)["after resale"]
    words = text_of(page)
    assert "1 owner before this one." in words
    for private in ("Alice", "Bob", "alice@example.com", "bob@example.com"):
        assert private not in words


STAGES = {
    "discovery": {},
    "unboxing": {"sold": 3},
    "onboarding": {"owned": 3},
    "ownership": {"owned": 200},
    "maturity": {"owned": 900},
    "resale": {"owned": 900, "second": 3},
    "retired": {"retired": True},
}
NOW = after(1000)


def bring_to(unit, alice, bob, *, sold=None, owned=None, second=None, retired=False) -> None:
    if sold is not None:
        record_sale(unit=unit, sold_on=(NOW - dt.timedelta(days=sold)).date(), now=NOW)
    if owned is not None:
        factories.own(unit, alice, NOW - dt.timedelta(days=owned))
    if second is not None:
        end_ownership(unit=unit, until=NOW - dt.timedelta(days=second), now=NOW)
        factories.own(unit, bob, NOW - dt.timedelta(days=second))
    if retired:
        retire_unit(unit=unit, status=Unit.Status.DESTROYED, retired_on=NOW.date(), now=NOW)


@pytest.mark.parametrize("stage", STAGES)
def test_every_flag_leads_the_very_next_page_at_every_stage(client, chip, unit, alice, bob, stage):
    """A6: recall, claim, service, transfer, lost, stolen and dispute lead at any stage."""
    bring_to(unit, alice, bob, **STAGES[stage])
    plain = tap_at(NOW, chip.tap(), client)
    assert main_attributes(plain)["stage"] == stage
    assert main_attributes(plain)["flags"] == ""
    for flag in Flag:
        raise_flag(unit, flag, now=NOW, actor_id=None)
        page = tap_at(NOW, chip.tap(), client)
        assert main_attributes(page)["flags"] == flag.value
        assert module_names(page)[0] == flag.value
        assert action_of(page) == flag.value
        if flag is not Flag.TRANSFER:
            assert main_attributes(page)["stage"] == stage
        lower_flag(unit, flag, now=NOW, actor_id=None)
        assert main_attributes(tap_at(NOW, chip.tap(), client))["flags"] == ""


def test_flags_lead_printed_links_and_the_units_own_pages_too(client, unit):
    raise_flag(unit, Flag.RECALL, now=NOW, actor_id=None)
    for path in (f"/q/{unit.public_code}", f"/u/{unit.public_code}/"):
        page = client.get(path)
        assert (module_names(page)[0], action_of(page)) == ("recall", "recall")
    care = client.get(f"/u/{unit.public_code}/care/")
    assert main_attributes(care)["flags"] == "recall"
    assert "Safety notice" in text_of(care)


def test_all_flags_together_stand_in_their_order(client, chip, unit):
    for flag in reversed(Flag):
        raise_flag(unit, flag, now=NOW, actor_id=None)
    factories.facts(unit, opened_at=NOW)
    page = client.get(chip.tap())
    order = ["recall", "stolen", "lost", "dispute", "claim", "service", "transfer"]
    assert main_attributes(page)["flags"].split() == [*order, "opened"]
    assert module_names(page)[:8] == [*order, "authenticity"]
    assert len(set(module_names(page))) == len(module_names(page))


def test_a_doubtful_link_says_so_before_even_a_recall(client, chip, unit):
    """A6: a doubtful link says so first; the flags follow at once."""
    raise_flag(unit, Flag.RECALL, now=NOW, actor_id=None)
    link = chip.tap()
    client.get(link)
    page = Client().get(link)
    assert main_attributes(page)["authenticity"] == "replayed"
    assert module_names(page)[:2] == ["authenticity", "recall"]
    assert action_of(page) == "tap-again"


def test_a_year_zero_chip_works_in_year_seven_for_the_third_owner(chip, unit, alice, bob, acme, settings):
    """A8: after key rotation, re-theming, a changed domain and an archived product."""
    assert main_attributes(tap_at(START, chip.tap()))["authenticity"] == "genuine"
    carol = factories.OwnerFactory(brand=acme, name="Carol")
    for number, owner in enumerate((alice, bob, carol)):
        if number:
            end_ownership(unit=unit, until=after(number * 900), now=after(number * 900))
        factories.own(unit, owner, after(number * 900))
    old = settings.FIELD_KEYS
    new = "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE="
    settings.FIELD_KEYS = [new, *old]
    before = ChipProfile.objects.values_list("slug").get()
    assert rotate_field_keys() == 1
    settings.FIELD_KEYS = [new]
    assert cipher()
    assert ChipProfile.objects.values_list("slug").get() == before
    Brand.objects.filter(pk=acme.pk).update(accent="#112233", typeface="grotesk", name="Acme & Daughters")
    BrandDomain.objects.create(brand=acme, host="neu.acme.example", is_primary=True)
    Product.objects.update(is_archived=True)
    touch_content(acme.pk)
    with time_machine.travel(after(7 * 366), tick=False):
        page = Client().get(chip.tap(), headers={"host": "neu.acme.example"})
    assert (page.status_code, main_attributes(page)["authenticity"]) == (200, "genuine")
    assert main_attributes(page)["stage"] == "maturity"
    assert "2 owners before this one." in text_of(page)
    assert "Acme & Daughters" in text_of(page)
    assert "#112233" in page.content.decode()


def test_its_mine_takes_a_unit_from_discovery_to_unboxing(client, chip, unit):
    """ "Just bought it?" is one tap away: saying so begins the first days, once."""
    from analytics.models import Event

    assert main_attributes(client.get(chip.tap()))["stage"] == "discovery"
    for _time in range(2):
        said = client.post(f"/u/{unit.public_code}/mine/")
        assert (said.status_code, said.headers["Location"]) == (302, f"/u/{unit.public_code}/")
    assert main_attributes(client.get(f"/u/{unit.public_code}/"))["stage"] == "unboxing"
    assert Event.objects.filter(kind="holder.spoke_up").count() == 1


def test_saying_its_mine_takes_a_form_of_ours(unit):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/u/{unit.public_code}/mine/").status_code == 403
    assert strict.get(f"/u/{unit.public_code}/mine/").status_code == 405


def test_no_stage_of_an_invalid_link_is_shown(client, chip):
    page = client.get(chip.tap()[:-1])
    assert page.context["page"].verdict.value == Verdict.INVALID
    assert main_attributes(page).get("stage", "") == ""


def test_a_used_link_calls_nobody_the_first_owner(chip, unit):
    """B1: said to whoever tapped it, not to whoever was sent the link."""
    record_sale(unit=unit, sold_on=START.date(), now=START)
    link = chip.tap()
    assert "You are its first owner." in text_of(tap_at(START, link))
    replay = tap_at(START, link)
    assert main_attributes(replay)["stage"] == "unboxing"
    assert "You are its first owner." not in text_of(replay)


def test_a_unit_that_nobody_owns_now_is_with_no_owner(chip, unit, alice, bob):
    factories.own(unit, alice, after(0))
    end_ownership(unit=unit, until=after(10), now=after(10))
    assert "1 owner so far." in text_of(tap_at(after(11), chip.tap()))
    factories.own(unit, bob, after(12))
    assert "1 owner before this one." in text_of(tap_at(after(13), chip.tap()))


def test_what_somebody_said_of_a_unit_is_not_laid_in_the_mouth_of_the_next_visitor(chip, unit):
    code = unit.public_code
    holder = Client()
    holder.get(chip.tap())
    holder.post(f"/u/{code}/mine/")
    for path in (chip.tap(), f"/u/{code}/register/"):
        page = Client().get(path)
        assert main_attributes(page)["stage"] == "unboxing"
        assert "You said" not in text_of(page)
        assert "Register it" in text_of(page)


def test_its_mine_takes_the_tag_where_there_is_one(client, chip, unit):
    """A shopper with a photo of the code can't end a shop unit's discovery for everybody."""
    client.get(f"/q/{unit.public_code}")
    refused = client.post(f"/u/{unit.public_code}/mine/")
    assert refused.status_code == 409
    assert "Hold the phone to the tag" in text_of(refused)
    assert "/mine/" not in client.get(f"/u/{unit.public_code}/register/").content.decode()
    assert main_attributes(client.get(f"/q/{unit.public_code}"))["stage"] == "discovery"
    client.get(chip.tap())
    assert "/mine/" in client.get(f"/u/{unit.public_code}/register/").content.decode()
    assert client.post(f"/u/{unit.public_code}/mine/").status_code == 302
    assert main_attributes(client.get(f"/q/{unit.public_code}"))["stage"] == "unboxing"
