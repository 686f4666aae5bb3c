"""The virtual chip: `manage.py tap SERIAL` prints links that the pages accept."""

import io
import json
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


def change_profile(profile, **changes) -> None:
    ChipProfile.objects.filter(pk=profile.pk).update(**changes)
    cache.delete(VERSION_KEY)


@pytest.mark.parametrize("mode", ["aes", "lrp"])
@pytest.mark.parametrize(
    "kind",
    [
        {"mac_from": "cmac"},
        {"mac_from": "enc"},
        {"mac_from": "picc_data"},
        {"mac_from": "url"},
        {"mac_from": "enc", "params": {"bulk": "e"}},
        {"keys": factories.OWN_KEYS},
        {"mac_from": "url", "params": {"uid": ""}},
        {"params": {"uid": ""}, "keys": factories.OWN_KEYS},
        {"mac_from": "enc", "tamper_loop": "guard", "tamper_at": 14},
        {"mac_from": "enc", "tamper_loop": "seal", "tamper_at": 15},
        {"mac_from": "enc", "tamper_loop": "guard", "tamper_at": 126, "params": {"bulk": "e"}},
        {"mac_from": "picc_data", "tamper_loop": "seal", "params": {"tt": "tt"}},
    ],
    ids=lambda kind: " ".join(f"{name}={value}" for name, value in kind.items() if name != "keys") or "own key",
)  # fmt: skip
def test_links_of_every_kind_of_profile_are_genuine(client, chip, unit, profile, kind, mode):
    change_profile(profile, mode=mode, **kind)
    response = open_link(client, tap(unit.serial))
    assert 'data-authenticity="genuine"' in response.content.decode()


def test_a_chip_without_counter_identifies(client, chip, unit, profile):
    change_profile(profile, params={"ctr": ""})
    assert 'data-authenticity="identified"' in open_link(client, tap(unit.serial)).content.decode()


def test_a_chip_encoded_anew_counts_from_the_start_and_goes_on(client, chip, unit, profile):
    assert counter_of(client, tap(unit.serial, "--counter", "41")) == 41
    keys = {"meta_read_key": None, "file_read_keys": {"0": "22" * 16, "2": factories.MASTER_KEY}}
    change_profile(profile, keys=json.dumps(keys))
    with pytest.raises(CommandError, match=r"has no key version 1; it has 0, 2\."):
        tap(unit.serial, "--key-version", "1")
    assert counter_of(client, tap(unit.serial)) == 42  # as it was encoded before
    for counter in (1, 2):
        assert counter_of(client, tap(unit.serial, "--key-version", "2")) == counter
    assert counter_of(client, tap(unit.serial)) == 3
    assert set(Scan.objects.values_list("verdict", flat=True)) == {"genuine"}


@pytest.mark.parametrize(
    ("loop", "state", "verdict", "flags"),
    [
        ("guard", "open", "tampered", ""),
        ("guard", "reopened", "tampered", ""),
        ("guard", "unreadable", "genuine", ""),
        ("seal", "open", "genuine", "opened"),
        ("seal", "closed", "genuine", ""),
    ],
)
def test_the_loop_is_as_it_is_said(client, chip, unit, profile, loop, state, verdict, flags):
    change_profile(profile, mac_from="enc", tamper_loop=loop, tamper_at=0)
    page = open_link(client, tap(unit.serial, "--loop", state)).content.decode()
    assert f'data-authenticity="{verdict}"' in page
    assert f'data-flags="{flags}"' in page


def test_an_opened_seal_stays_open_in_the_next_link(client, chip, unit, profile):
    change_profile(profile, mac_from="url", params={"tt": "tt"}, tamper_loop="seal")
    assert "tt=CC" in tap(unit.serial)
    open_link(client, tap(unit.serial, "--loop", "open"))
    assert "tt=OO" in tap(unit.serial)


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
