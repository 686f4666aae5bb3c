"""Chip profiles kept in the process: no statement per tap, and a change is seen at the next one."""

import importlib
import json

import pytest
from cryptography.fernet import Fernet
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

from products import profiles
from products.encryption import WrongFieldKeyError
from products.models import Brand, ChipProfile
from products.profiles import find_profile
from products.services.brands import touch_content
from products.services.chips import save_profile
from tests import factories
from tests.reading import main_attributes

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def save(brand, slug="acme-a", key=b"\x22" * 16):
    return save_profile(
        brand=brand, slug=slug, mode="aes", mac_from="cmac", params={}, meta_read_key=b"\x11" * 16, file_read_key=key,
    )  # fmt: skip


def another_worker():
    """Return the module as another process has it: the same cache, nothing loaded."""
    spec = importlib.util.find_spec("products.profiles")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_warm_profile_takes_no_statement(profile, django_assert_num_queries):
    assert find_profile("acme-a").pk == profile.pk
    with django_assert_num_queries(0):
        assert find_profile("acme-a").pk == profile.pk
        assert find_profile("nobody") is None


def test_a_command_reaches_a_server_that_keeps_its_cache_to_itself(acme, on_commit, settings, tmp_path):
    """The embedded default: `import_chip_profile` runs beside a server whose cache is its own memory."""
    settings.DATA_DIR = tmp_path / "data"
    server = another_worker()
    server.cache = LocMemCache("a server of its own", {})
    assert server.find_profile("acme-a") is None
    with on_commit():
        save(acme)
    assert server.find_profile("acme-a").sun.file_read_key == b"\x22" * 16


def test_a_changed_key_counts_at_the_next_tap(client, chip, acme, on_commit):
    assert main_attributes(client.get(chip.tap()))["authenticity"] == "genuine"
    with on_commit():
        save(acme, key=b"\x33" * 16)
    assert client.get(chip.tap()).status_code == 400


def test_another_worker_sees_the_change_too(acme, on_commit):
    with on_commit():
        save(acme)
    worker = another_worker()
    assert worker.find_profile("acme-a").sun.file_read_key == b"\x22" * 16
    with on_commit():
        save(acme, key=b"\x33" * 16)
    assert worker.find_profile("acme-a").sun.file_read_key == b"\x33" * 16
    assert find_profile("acme-a").sun.file_read_key == b"\x33" * 16


def test_a_new_and_a_removed_profile_are_seen(acme, on_commit):
    assert find_profile("acme-a") is None
    with on_commit():
        save(acme)
    assert find_profile("acme-a") is not None
    ChipProfile.objects.all().delete()
    with on_commit():
        profiles.forget_profiles()
    assert find_profile("acme-a") is None


def test_a_brands_new_look_reaches_refusals(client, profile, acme, on_commit):
    assert client.get("/t/acme-a").context["page"].brand.accent == "#7a4b20"
    Brand.objects.filter(pk=acme.pk).update(accent="#010203")
    with on_commit():
        touch_content(acme.pk)
    assert client.get("/t/acme-a").context["page"].brand.accent == "#010203"


def test_a_change_that_is_rolled_back_is_never_seen(profile, acme, on_commit):
    from django.db import transaction

    find_profile("acme-a")
    with on_commit() as callbacks, transaction.atomic():
        save(acme, key=b"\x33" * 16)
        transaction.set_rollback(True)
    assert callbacks == []
    assert find_profile("acme-a").sun.file_read_key == b"\x22" * 16


def test_a_wrong_field_key_is_named_and_leaves_unrelated_pages_alone(client, unit, profile, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(WrongFieldKeyError):
        find_profile("acme-a")
    for path, status in (
        (f"/q/{unit.public_code}", 200),
        (f"/01/{unit.trade_item.gtin}/21/{unit.serial}", 200),
        (f"/u/{unit.public_code}/", 200),
        ("/find/", 200),
        ("/q/nothing", 404),
        ("/health/live", 200),
    ):
        assert client.get(path).status_code == status


def test_one_brands_unreadable_profile_does_not_stop_anothers_taps(client, chip, globex, settings):
    """A tenant's mistake stays the tenant's: what can be read works on."""
    right = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    factories.ChipProfileFactory(brand=globex, slug="globex-a")
    settings.FIELD_KEYS = right
    assert main_attributes(client.get(chip.tap()))["authenticity"] == "genuine"
    with pytest.raises(WrongFieldKeyError):
        find_profile("globex-a")


@pytest.mark.parametrize(
    "broken",
    [
        {"params": {"picc": "p"}},
        {"params": []},
        {"keys": "not json"},
        {"keys": json.dumps({"meta_read_key": None})},
        {"keys": json.dumps({"meta_read_key": None, "file_read_key": "zz"})},
        {"keys": json.dumps({"meta_read_key": None, "file_read_key": "00"})},
    ],
)
def test_one_brands_malformed_profile_does_not_stop_anothers_taps(client, chip, globex, broken):
    factories.ChipProfileFactory(brand=globex, slug="globex-a", **broken)
    assert main_attributes(Client().get(chip.tap()))["authenticity"] == "genuine"


def test_keys_never_show_in_a_loaded_profile(profile):
    shown = repr(find_profile("acme-a"))
    assert "22" * 8 not in shown
    assert "\\x22" not in shown
