"""Versions of a chip profile's key: added, removed only when no chip needs them, each on the audit trail."""

import datetime as dt

import pytest

from products.errors import ProductsError
from products.models import AuditRow, ChipProfile, Tag
from products.profiles import keyring
from products.services.chips import add_key_version, chips_needing, remove_key_version
from products.sun import MasterKey
from tests import factories

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
MASTER = MasterKey(b"\x33" * 16, system_id=b"hl")


def add(profile, version, key=MASTER, actor_id=7):
    return add_key_version(profile=profile, version=version, key=key, actor_id=actor_id, now=NOW)


def remove(profile, version):
    return remove_key_version(profile=profile, version=version, actor_id=7, now=NOW)


def versions(profile) -> list[int]:
    return keyring(ChipProfile.objects.get(pk=profile.pk)).versions


def chips(profile, bag, *key_versions: int) -> None:
    for version in key_versions:
        tag = factories.put_chip_on(factories.UnitFactory(product=bag), profile).tag
        Tag.objects.filter(pk=tag.pk).update(key_version=version, last_counter=1)


def test_a_version_is_added_beside_the_others_and_audited(profile):
    add(profile, 3)
    add(profile, 1, key=b"\x44" * 16)
    assert versions(profile) == [3, 1, 0]
    keys = keyring(ChipProfile.objects.get(pk=profile.pk))
    assert keys.file_read_keys == {0: b"\x22" * 16, 1: b"\x44" * 16, 3: MASTER}
    assert keys.meta_read_key == b"\x11" * 16
    rows = AuditRow.objects.order_by("id")
    assert [(row.action, row.actor_id, row.at, row.data) for row in rows] == [
        ("chip_key.added", 7, NOW, {"version": 3}),
        ("chip_key.added", 7, NOW, {"version": 1}),
    ]


@pytest.mark.parametrize(
    ("version", "key", "code"),
    [
        (0, MASTER, "version_taken"),
        (256, MASTER, "bad_version"),
        (-1, MASTER, "bad_version"),
        (1, b"\x22" * 16, "same_key"),
    ],
)
def test_what_is_no_new_version_is_refused(profile, version, key, code):
    with pytest.raises(ProductsError) as refusal:
        add(profile, version, key)
    assert refusal.value.code == code
    assert refusal.value.sentence.endswith(".")
    assert versions(profile) == [0]
    assert not AuditRow.objects.exists()


def test_a_version_that_no_chip_needs_is_removed_and_audited(profile, bag):
    add(profile, 1)
    chips(profile, bag, 1, 1)
    assert (chips_needing(profile_of(profile), 0), chips_needing(profile_of(profile), 1)) == (0, 2)
    remove(profile, 0)
    assert versions(profile) == [1]
    row = AuditRow.objects.get(action="chip_key.removed")
    assert (row.actor_id, row.data) == (7, {"version": 0})


def test_a_removed_key_comes_back_under_its_own_version_only(profile):
    """Links that were used under it would be new again under a higher one."""
    add(profile, 1)
    remove(profile, 0)
    assert "22" * 16 not in profile_of(profile).keys
    with pytest.raises(ProductsError) as refusal:
        add(profile, 2, key=b"\x22" * 16)
    assert refusal.value.code == "same_key"
    assert "Version 0 has this very key" in refusal.value.sentence
    add(profile, 0, key=b"\x22" * 16)
    assert versions(profile) == [1, 0]
    remove(profile, 1)
    with pytest.raises(ProductsError):
        add(profile, 5)


def profile_of(profile) -> ChipProfile:
    return ChipProfile.objects.get(pk=profile.pk)


@pytest.mark.parametrize(("needing", "sentence"), [(1, "1 chip still needs"), (2, "2 chips still need")])
def test_a_version_that_chips_need_stays_and_the_count_is_said(profile, bag, needing, sentence):
    add(profile, 1)
    chips(profile, bag, *([0] * needing), 1)
    with pytest.raises(ProductsError) as refusal:
        remove(profile, 0)
    assert refusal.value.code == "in_use"
    assert sentence in refusal.value.sentence
    assert versions(profile) == [1, 0]


def test_chips_of_an_unknown_version_need_the_next_one_above(profile, bag):
    """A CSV does not say the version: what it brings in is recorded under 0."""
    add(profile, 2)
    add(profile, 4, key=b"\x44" * 16)
    remove(profile, 0)
    chips(profile, bag, 0, 1, 2, 3)
    assert chips_needing(profile_of(profile), 2) == 3
    assert chips_needing(profile_of(profile), 4) == 1


def test_withdrawn_chips_and_other_profiles_need_nothing(profile, bag, acme):
    add(profile, 1)
    chips(profile, bag, 0)
    chips(factories.ChipProfileFactory(brand=acme), bag, 0)
    Tag.objects.filter(profile=profile).update(state="withdrawn")
    remove(profile, 0)
    assert versions(profile) == [1]


def test_the_last_version_and_one_that_is_not_there_are_not_removed(profile):
    for version, code in ((0, "last_version"), (5, "no_such_version")):
        with pytest.raises(ProductsError) as refusal:
            remove(profile, version)
        assert refusal.value.code == code
    assert versions(profile) == [0]
