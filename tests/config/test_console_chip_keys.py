"""The versions of a chip profile's key in the console: shown without a key, changed by brand admins only, audited."""

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse

from products.models import AuditRow, ChipProfile, Tag
from products.profiles import keyring
from products.sun import MasterKey
from tests import factories
from tests.config.test_console_tenancy import console
from tests.reading import text_of

pytestmark = pytest.mark.django_db

MASTER = {"version": 1, "scheme": "an10922", "key": "a1" * 16, "system_id": "6865", "aid": "3042f5"}


@pytest.fixture
def boss(acme):
    return console(factories.staff(acme, "boss", "brand_admin"))


def page(profile) -> str:
    return reverse("admin:products_chipprofile_change", args=[profile.pk])


def adding(profile) -> str:
    return reverse("admin:products_chipprofile_add_key", args=[profile.pk])


def removing(profile, version: int) -> str:
    return reverse("admin:products_chipprofile_remove_key", args=[profile.pk, version])


def versions(profile) -> list[int]:
    return keyring(ChipProfile.objects.get(pk=profile.pk)).versions


def test_the_page_shows_mode_mirrors_versions_and_tamper_policy_and_no_key(boss, acme, bag):
    profile = factories.ChipProfileFactory(
        brand=acme, mode="lrp", mac_from="enc", keys=factories.OWN_KEYS, tamper_loop="guard", tamper_at=4,
        params={"bulk": "e"},
    )  # fmt: skip
    factories.put_chip_on(factories.UnitFactory(product=bag), profile, file_data=b"x" * 16)
    seen = boss.get(page(profile))
    text = text_of(seen)
    for expected in (
        "LRP", "its UID; its counter; encrypted; all in the one parameter “e”",
        "A guard: opening it is tampering · status at byte 4 of the file data",
        "0 · each chip has a key of its own (AN10922) · 1 chip in use", "Add a version",
    ):  # fmt: skip
        assert expected in text
    assert "Remove" not in text  # the last version
    for secret in ("11" * 16, "33" * 16):
        assert secret not in seen.content.decode()


@pytest.mark.parametrize(
    ("params", "keys", "expected"),
    [
        ({"uid": ""}, None, "no UID: the link names the unit by its code; its counter; encrypted"),
        ({"ctr": "", "tt": "t"}, '{"meta_read_key": null, "file_read_key": "%s"}' % ("22" * 16), "in clear"),
    ],
)
def test_what_a_chip_does_not_mirror_is_said(boss, acme, params, keys, expected):
    extra = {"keys": keys} if keys else {}
    profile = factories.ChipProfileFactory(
        brand=acme, params=params, tamper_loop="seal", mac_from="url", **extra
    )
    text = text_of(boss.get(page(profile)))
    assert expected in text
    assert ("no counter: its links identify, and never prove" in text) is ("ctr" in params)
    assert ("A seal: opening it is unpacking · status in the parameter “t”" in text) is ("tt" in params)


def test_keys_that_cannot_be_read_leave_the_page_readable(boss, profile, settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    seen = boss.get(page(profile))
    assert seen.status_code == 200
    assert "The keys can't be read with FIELD_KEYS" in text_of(seen)
    for url in (adding(profile), removing(profile, 0)):
        assert "The keys can't be read with FIELD_KEYS" in text_of(boss.post(url, MASTER, follow=True))


def test_a_brand_admin_adds_a_version_and_it_stands_on_the_audit_trail(boss, profile):
    assert 'value="1"' in boss.get(adding(profile)).content.decode()  # the next version
    answer = boss.post(adding(profile), MASTER, follow=True)
    assert "The version is added" in text_of(answer)
    assert keyring(ChipProfile.objects.get(pk=profile.pk)).file_read_keys[1] == MasterKey(
        b"\xa1" * 16, b"\x68\x65", b"\x30\x42\xf5"
    )
    row = AuditRow.objects.get(action="chip_key.added")
    assert (row.brand, row.data) == (profile.brand, {"version": 1})
    assert row.actor_id is not None
    assert "a1a1" not in answer.content.decode() + str(AuditRow.objects.values())


def test_a_shared_key_is_added_without_identifiers(boss, profile):
    boss.post(adding(profile), {"version": 9, "scheme": "shared", "key": "A1" * 16})
    assert keyring(ChipProfile.objects.get(pk=profile.pk)).file_read_keys[9] == b"\xa1" * 16


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": 0}, "has a version 0 of its key already"),
        ({"version": 256}, "less than or equal to 255"),
        ({"version": ""}, "This field is required"),
        ({"key": "zz"}, "master_key must be 32 hexadecimal digits"),
        ({"key": "00" * 16}, "The master key is all zeros"),
        ({"system_id": "abc"}, "system_id must be an even number"),
        ({"scheme": "shared"}, "A key that all chips share has no identifiers"),
        ({"scheme": "other"}, "not one of the available choices"),
        ({"scheme": "shared", "system_id": "", "aid": "", "key": "22" * 16}, "Version 0 has this very key"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(boss, profile, change, sentence):
    answer = boss.post(adding(profile), {**MASTER, **change})
    assert answer.status_code == 200
    assert sentence in text_of(answer)
    if "system_id" not in change:
        assert 'value="6865"' in answer.content.decode()
    assert versions(profile) == [0]


def test_a_version_is_removed_once_its_profiles_name_was_typed(boss, profile, bag):
    boss.post(adding(profile), MASTER)
    factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    Tag.objects.update(key_version=1)
    text = text_of(boss.get(removing(profile, 0)))
    assert "1 chip of the profile was never tapped" in text
    for typed in ("", "acme", "ACME-A"):
        assert boss.post(removing(profile, 0), {"confirmation": typed}).status_code == 200
    assert versions(profile) == [1, 0]
    answer = boss.post(removing(profile, 0), {"confirmation": "acme-a"}, follow=True)
    assert "Version 0 is removed" in text_of(answer)
    assert versions(profile) == [1]
    assert AuditRow.objects.get(action="chip_key.removed").data == {"version": 0}


def test_a_version_that_chips_need_is_not_removed_and_the_count_is_said(boss, profile, bag):
    boss.post(adding(profile), MASTER)
    for _chip in range(2):
        factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    answer = boss.post(removing(profile, 0), {"confirmation": "acme-a"})
    assert "2 chips still need version 0 of the key" in text_of(answer)
    assert versions(profile) == [1, 0]


@pytest.mark.parametrize("role", ["compliance", "auditor", "support_agent", "content_editor"])
def test_other_roles_change_no_key(acme, profile, role):
    client = console(factories.staff(acme, "other", role))
    for url, values in ((adding(profile), MASTER), (removing(profile, 0), {"confirmation": "acme-a"})):
        assert client.get(url).status_code in (302, 403)
        assert client.post(url, values).status_code in (302, 403)
    assert versions(profile) == [0]
    if role in ("compliance", "auditor"):
        assert "Add a version" not in text_of(client.get(page(profile)))


def test_a_rivals_keys_are_not_reached(boss, globex):
    rival = factories.ChipProfileFactory(brand=globex)
    for url, values in ((adding(rival), MASTER), (removing(rival, 0), {"confirmation": rival.slug})):
        for answer in (boss.get(url), boss.post(url, values)):
            assert (answer.status_code, answer.url) == (302, reverse("admin:index"))
    assert versions(rival) == [0]
