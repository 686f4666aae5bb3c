"""The virtual chip: `manage.py tap SERIAL` prints links that the pages accept."""

import io
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from analytics.models import Scan
from products.models import ChipProfile, Tag
from products.models.units import MAX_COUNTER
from products.profiles import VERSION_KEY
from tests import factories

pytestmark = pytest.mark.django_db


def tap(*arguments: str) -> str:
    out = io.StringIO()
    call_command("tap", *arguments, stdout=out)
    return out.getvalue().strip()


def open_link(client, link: str):
    parts = urlsplit(link)
    return client.get(f"{parts.path}?{parts.query}", headers={"host": parts.netloc})


def counter_of(client, link: str) -> int:
    assert open_link(client, link).status_code == 200
    return Scan.objects.latest("id").counter


def test_a_printed_link_is_genuine_and_the_next_one_counts_on(client, chip, unit):
    first = tap(unit.serial)
    assert first.startswith("http://127.0.0.1:8000/t/acme-a?picc_data=")
    response = open_link(client, first)
    assert 'data-authenticity="genuine"' in response.content.decode()
    assert Scan.objects.get().counter == 1
    assert counter_of(client, tap(unit.serial)) == 2


def test_printing_a_link_consumes_nothing(client, chip, unit):
    tap(unit.serial)
    assert Tag.objects.get(pk=chip.tag.pk).last_counter is None
    assert counter_of(client, tap(unit.serial.lower())) == 1


def test_a_named_counter_and_base_are_used(client, chip, unit):
    link = tap(unit.serial, "--counter", "41", "--base", "https://care.acme.example/")
    assert link.startswith("https://care.acme.example/t/acme-a?")
    assert counter_of(client, link) == 41


@pytest.mark.parametrize("mac_from", ["cmac", "enc", "picc_data", "url"])
def test_links_of_every_kind_of_profile_are_genuine(client, chip, unit, profile, mac_from):
    ChipProfile.objects.filter(pk=profile.pk).update(mac_from=mac_from)
    cache.delete(VERSION_KEY)
    response = open_link(client, tap(unit.serial))
    assert 'data-authenticity="genuine"' in response.content.decode()


def test_an_unknown_serial_is_named(acme):
    with pytest.raises(CommandError, match="No unit has the serial number NOPE-1 at the brand acme"):
        tap("NOPE-1", "--brand", "acme")


def test_several_units_with_that_serial_ask_for_gtin_or_brand(client, chip, unit, globex):
    other = factories.UnitFactory(product=factories.ProductFactory(brand=globex), serial=unit.serial)
    factories.put_chip_on(other, factories.ChipProfileFactory(brand=globex, slug="globex-a"))
    with pytest.raises(CommandError, match=r"Several units .* --gtin or --brand") as refusal:
        tap(unit.serial)
    assert other.trade_item.gtin in str(refusal.value)
    assert "/t/globex-a?" in tap(unit.serial, "--brand", "globex")
    assert "/t/acme-a?" in tap(unit.serial, "--gtin", unit.trade_item.gtin.lstrip("0"))


def test_a_wrong_gtin_is_explained(unit):
    with pytest.raises(CommandError, match="check digit should be"):
        tap(unit.serial, "--gtin", "4006381333932")


def test_a_unit_without_chip_is_told_apart(unit):
    with pytest.raises(CommandError, match=f"{unit.serial} has no chip.*{unit.public_code}"):
        tap(unit.serial)


def test_a_withdrawn_chip_emits_nothing(chip, unit):
    Tag.objects.filter(pk=chip.tag.pk).update(state="withdrawn")
    with pytest.raises(CommandError, match="has no chip"):
        tap(unit.serial)


@pytest.mark.parametrize("counter", ["-1", str(MAX_COUNTER + 1)])
def test_a_counter_out_of_range_is_refused(chip, unit, counter):
    with pytest.raises(CommandError, match="out of range"):
        tap(unit.serial, f"--counter={counter}")


def test_a_chip_that_has_counted_to_its_end_says_so(chip, unit):
    Tag.objects.filter(pk=chip.tag.pk).update(last_counter=MAX_COUNTER)
    with pytest.raises(CommandError, match="out of range"):
        tap(unit.serial)
