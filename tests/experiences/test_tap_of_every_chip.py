"""Every kind of chip through HTTP: what its links prove, and what they do not."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from analytics.forged import flush_forged_links
from analytics.kinds import EventKind
from analytics.models import Event, ForgedLinkCount, Scan
from products.models import Tag
from products.profiles import keyring
from products.services.chips import add_key_version, remove_key_version
from tests import factories
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db

SHARED = json.dumps({"meta_read_key": "11" * 16, "file_read_keys": {"0": "22" * 16}})
PLAIN = json.dumps({"meta_read_key": None, "file_read_keys": {"0": "22" * 16}})


@pytest.fixture
def chip_of(acme, unit):
    """Return a function that puts a chip of a profile of its own on Acme's bag."""

    def make(unit=unit, *, file_data=None, tamper="CC", **profile):
        made = factories.ChipProfileFactory(brand=acme, **profile)
        return factories.put_chip_on(unit, made, file_data=file_data, tamper=tamper)

    return make


def authenticity(response) -> str:
    return main_attributes(response)["authenticity"]


def said(response) -> str:
    return text_of(response)


@pytest.mark.parametrize("mode", ["aes", "lrp"])
@pytest.mark.parametrize(
    "shape",
    [
        {"mac_from": "cmac"},
        {"mac_from": "enc", "file_data": b"x" * 16},
        {"mac_from": "picc_data", "keys": PLAIN},
        {"mac_from": "enc", "params": {"bulk": "e"}},
        {"mac_from": "enc", "params": {"bulk": "e"}, "file_data": b"x" * 32},
        {"mac_from": "cmac", "keys": factories.OWN_KEYS},
        {"mac_from": "url", "params": {"uid": ""}},
        {"mac_from": "cmac", "params": {"uid": ""}, "keys": factories.OWN_KEYS},
    ],
    ids=["picc", "enc", "plain", "bulk", "bulk enc", "own key", "code in the address", "own key by code"],
)  # fmt: skip
def test_a_fresh_link_is_genuine_once_whatever_the_chip(client, chip_of, mode, shape):
    chip = chip_of(mode=mode, **shape)
    link = chip.tap()
    assert authenticity(client.get(link)) == "genuine"
    assert authenticity(client.get(link)) == "refreshed"
    assert authenticity(Client().get(link)) == "replayed"
    assert authenticity(client.get(chip.tap())) == "genuine"
    forged = link[:-1] + ("0" if link[-1] != "0" else "1")
    assert Client().get(forged).status_code == 400
    assert Tag.objects.get(pk=chip.tag.pk).last_counter == 2
    assert Scan.objects.filter(verdict="genuine", tag=chip.tag.pk, counter__in=[1, 2]).count() == 2


# A counter without UID


def test_a_counter_alone_is_as_good_on_another_units_address_and_so_proves_nothing(
    client, chip_of, unit, bag
):
    other = factories.UnitFactory(product=bag)
    chip = chip_of(mac_from="cmac", params={"uid": ""})
    factories.put_chip_on(other, chip.tag.profile)
    for link in (chip.tap(), chip.tap().replace(unit.public_code, other.public_code)):
        seen = client.get(link)
        assert (authenticity(seen), main_attributes(seen)["viewer"]) == ("identified", "looking")
        assert "another of the same kind could have made it" in said(seen)
    assert not Tag.objects.filter(last_counter__isnull=False).exists()  # nobody uses up another's counter


@pytest.mark.parametrize(
    "shape", [{"mac_from": "url"}, {"mac_from": "cmac", "keys": factories.OWN_KEYS}], ids=["url", "own key"]
)
def test_a_bound_counter_is_refused_under_another_units_code(client, chip_of, unit, bag, shape):
    other = factories.UnitFactory(product=bag)
    chip = chip_of(params={"uid": ""}, **shape)
    others = factories.put_chip_on(other, chip.tag.profile)
    link = chip.tap()
    swapped = client.get(link.replace(unit.public_code, other.public_code))
    assert (swapped.status_code, swapped.context["page"].code) == (400, "mac_mismatch")
    assert Tag.objects.get(pk=others.tag.pk).last_counter is None
    assert authenticity(client.get(link)) == "genuine"


def test_an_unknown_code_is_unknown_and_a_forged_link_counted(client, chip_of, unit):
    own = chip_of(mac_from="cmac", params={"uid": ""}, keys=factories.OWN_KEYS)
    shared = chip_of(mac_from="cmac", params={"uid": ""})
    seen = client.get(own.tap().replace(unit.public_code, "0" * 20))
    assert (seen.status_code, seen.context["page"].code) == (404, "unknown_uid")
    assert "does not say which piece it stands on" in said(seen)
    seen = client.get(shared.tap().replace(unit.public_code, "0" * 20))
    assert (seen.status_code, seen.context["page"].code) == (404, "no_such_tag")
    assert flush_forged_links(now=timezone.now()) == 2
    assert set(ForgedLinkCount.objects.values_list("reason", flat=True)) == {"unknown_uid", "no_such_tag"}


@pytest.mark.parametrize("keys", [SHARED, factories.OWN_KEYS], ids=["shared key", "own key"])
def test_a_link_without_uid_and_without_code_is_unknown(client, chip_of, unit, keys):
    chip = chip_of(mac_from="cmac", params={"uid": ""}, keys=keys)
    seen = client.get(chip.tap().replace(f"/{unit.public_code}", ""))
    assert (seen.status_code, seen.context["page"].code) == (404, "unknown_uid")


def test_a_code_beside_a_uid_must_name_the_same_unit(client, chip_of, unit, bag):
    other = factories.UnitFactory(product=bag)
    chip = chip_of(mac_from="cmac")
    link = chip.tap()
    seen = client.get(link.replace("?", f"/{other.public_code}?"))
    assert (seen.status_code, seen.context["page"].code) == (404, "no_such_tag")
    assert authenticity(client.get(link.replace("?", f"/{unit.public_code}?"))) == "genuine"


# A UID without counter


@pytest.mark.parametrize("keys", [SHARED, PLAIN, factories.OWN_KEYS], ids=["picc", "plain", "own key"])
def test_a_uid_alone_identifies_and_says_why_it_proves_no_more(client, chip_of, keys):
    chip = chip_of(mac_from="cmac", params={"ctr": ""}, keys=keys)
    for _time in range(2):
        seen = client.get(chip.tap())
        assert (authenticity(seen), main_attributes(seen)["viewer"]) == ("identified", "looking")
        assert "makes the same one at every tap" in said(seen)
    assert Tag.objects.get(pk=chip.tag.pk).last_counter is None


@pytest.mark.parametrize("mode", ["aes", "lrp"])
@pytest.mark.parametrize("keys", [SHARED, PLAIN, factories.OWN_KEYS], ids=["picc", "plain", "own key"])
def test_a_counter_written_beside_a_uid_alone_does_not_make_it_genuine(client, chip_of, mode, keys):
    """The MAC of a UID without counter is that of counter 0, which no chip says: it counts a read, then answers."""
    chip = chip_of(mac_from="cmac", mode=mode, keys=keys)
    mac = chip.chip.link(chip.base, None).rpartition("=")[2]
    for _time in range(2):
        seen = client.get(f"/t/{chip.tag.profile.slug}?uid={chip.tag.uid}&ctr=000000&cmac={mac}")
        assert (authenticity(seen), main_attributes(seen)["viewer"]) == ("identified", "looking")
    assert Tag.objects.get(pk=chip.tag.pk).last_counter is None
    assert authenticity(client.get(chip.tap())) == "genuine"


# Versions of the key


@pytest.fixture
def version(django_capture_on_commit_callbacks, profile):
    """Return a function that adds a version of the key to Acme's profile."""

    def add(number: int, key=None):
        with django_capture_on_commit_callbacks(execute=True):
            add_key_version(
                profile=profile,
                version=number,
                key=key or bytes([0x40 + number]) * 16,
                actor_id=None,
                now=timezone.now(),
            )
        profile.refresh_from_db()

    return add


def under(chip, number: int):
    """Return the chip as it is once it was encoded under this version."""
    from dataclasses import replace

    from products.profiles import to_sun

    sun = to_sun(chip.tag.profile.__class__.objects.get(pk=chip.tag.profile_id))
    return replace(chip, chip=replace(chip.chip, profile=sun.under_version(number)))


def test_a_year_0_chip_verifies_after_versions_were_added(client, chip, version):
    """A8: what was encoded first works on, without another tap in between."""
    version(1)
    version(2)
    assert authenticity(client.get(under(chip, 0).tap())) == "genuine"
    assert Tag.objects.get(pk=chip.tag.pk).key_version == 0
    assert not Event.objects.filter(kind=EventKind.TAG_ENCODED_ANEW).exists()


def test_a_chip_encoded_anew_counts_from_the_start_and_its_old_links_never_come_back(
    client, chip, unit, version
):
    old = [chip.tap(counter) for counter in (500, 900, 901, 5_000)]
    assert authenticity(client.get(old[1])) == "genuine"
    version(1)
    anew = under(chip, 1)
    link = anew.tap(1)
    assert authenticity(client.get(link)) == "genuine"
    for stale in old:
        assert authenticity(Client().get(stale)) == "replayed"
    assert authenticity(client.get(link)) == "refreshed"
    assert authenticity(client.get(anew.tap(2))) == "genuine"
    tag = Tag.objects.get(pk=chip.tag.pk)
    assert (tag.key_version, tag.last_counter) == (1, 2)
    event = Event.objects.get(kind=EventKind.TAG_ENCODED_ANEW)
    assert (event.unit_id, event.data) == (unit.pk, {"tag": chip.tag.pk, "key_version": 1})


def test_a_chip_first_seen_under_a_later_version_was_not_encoded_anew(client, chip, version):
    version(1)
    assert authenticity(client.get(under(chip, 1).tap())) == "genuine"
    assert not Event.objects.filter(kind=EventKind.TAG_ENCODED_ANEW).exists()


def test_a_removed_versions_links_do_not_check_any_more(
    client, chip, profile, version, django_capture_on_commit_callbacks
):
    version(1)
    assert authenticity(client.get(under(chip, 1).tap())) == "genuine"
    with django_capture_on_commit_callbacks(execute=True):
        remove_key_version(profile=profile, version=0, actor_id=None, now=timezone.now())
    profile.refresh_from_db()
    assert keyring(profile).versions == [1]
    assert client.get(chip.tap()).status_code == 400
    assert authenticity(client.get(under(chip, 1).tap(9))) == "genuine"
