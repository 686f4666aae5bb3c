"""`import_chip_profile`: a profile from JSON, and one clear sentence for everything that is wrong with it."""

import json

import pytest
from django.core.management import CommandError, call_command

from products.models import ChipProfile, Tag
from products.profiles import to_sun
from tests import factories

pytestmark = pytest.mark.django_db

ZEROS = "00" * 16
DOCUMENT = {
    "slug": "series-1",
    "mode": "aes",
    "meta_read_key": ZEROS,
    "file_read_key": ZEROS,
    "mac_from": "cmac",
    "params": {"picc_data": "picc_data", "enc": "enc", "cmac": "cmac", "uid": "uid", "ctr": "ctr"},
}


@pytest.fixture
def import_profile(tmp_path, acme):
    def run(document, brand="acme"):
        file = tmp_path / "profile.json"
        file.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        call_command("import_chip_profile", str(file), brand=brand)

    return run


def test_a_published_link_verifies_against_an_imported_profile(import_profile, acme, bag, client):
    """The AES link of NXP AN12196 rev. 1.8, table 2, whose keys are published and all zero."""
    import_profile(DOCUMENT)
    profile = ChipProfile.objects.get(slug="series-1", brand=acme)
    unit = factories.UnitFactory(product=bag)
    Tag.objects.create(brand=acme, unit=unit, kind="chip", profile=profile, uid="04de5f1eacc040")
    link = "/t/series-1?picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086"
    assert b'data-authenticity="genuine"' in client.get(link).content


def test_the_same_file_again_changes_nothing(import_profile):
    import_profile(DOCUMENT)
    before = list(ChipProfile.objects.values())
    import_profile({**DOCUMENT, "file_read_key": ZEROS.upper()})
    assert list(ChipProfile.objects.values()) == before


def test_keys_are_encrypted_at_rest_and_a_plain_mirror_has_no_meta_read_key(import_profile):
    from django.db import connection

    import_profile({**DOCUMENT, "meta_read_key": None, "file_read_key": "ab" * 16})
    with connection.cursor() as cursor:
        cursor.execute("SELECT keys FROM products_chipprofile WHERE slug = 'series-1'")
        assert "abab" not in cursor.fetchone()[0]
    sun = to_sun(ChipProfile.objects.get(slug="series-1"))
    assert (sun.meta_read_key, sun.file_read_key) == (None, bytes.fromhex("ab" * 16))


def test_parameters_left_out_keep_their_defaults(import_profile):
    import_profile({**DOCUMENT, "params": {"picc_data": "p", "cmac": "m"}})
    params = ChipProfile.objects.get(slug="series-1").params
    assert params == {"picc_data": "p", "enc": "enc", "cmac": "m", "uid": "uid", "ctr": "ctr"}


AN10922 = {"scheme": "an10922", "master_key": "11" * 16, "system_id": "aabb"}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b'{"slug": "a", "slug": "b"}', "“slug” stands in the file twice"),
        (["series-1"], "one JSON object"),
        ({**DOCUMENT, "colour": "red"}, "“colour” is not known"),
        ({key: DOCUMENT[key] for key in DOCUMENT if key != "file_read_key"}, "“file_read_key” is missing"),
        ({**DOCUMENT, "slug": "no/slug"}, "slug must be"),
        ({**DOCUMENT, "slug": ""}, "slug must be"),
        ({**DOCUMENT, "slug": 7}, "slug must be"),
        ({**DOCUMENT, "slug": "x" * 61}, "slug must be 1 to 60"),
        ({**DOCUMENT, "file_read_key": "00" * 15}, "file_read_key must be 32 hexadecimal digits"),
        ({**DOCUMENT, "file_read_key": None}, "file_read_key must be 32 hexadecimal digits"),
        ({**DOCUMENT, "meta_read_key": "zz" * 16}, "meta_read_key must be 32 hexadecimal digits"),
        ({**DOCUMENT, "mode": "des"}, "mode must be one of aes, lrp, not “des”"),
        ({**DOCUMENT, "mac_from": "tail"}, "mac_from must be one of cmac, enc, picc_data, url"),
        ({**DOCUMENT, "mac_from": ["cmac"]}, "mac_from must be one of"),
        ({**DOCUMENT, "params": []}, "params must be an object"),
        ({**DOCUMENT, "params": {"tail": "x"}}, "“tail”, which is not known"),
        ({**DOCUMENT, "params": {"enc": "cmac"}}, "must all differ"),
        ({**DOCUMENT, "params": {"enc": "e&c"}}, "The name of enc must be"),
        ({**DOCUMENT, "params": {"enc": None}}, "The name of enc must be"),
        ({**DOCUMENT, "mode": "lrp"}, "does not support chips in LRP mode yet"),
        ({**DOCUMENT, "file_read_key": AN10922}, "does not support keys derived per chip (AN10922) yet"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_stored(import_profile, document, sentence):
    with pytest.raises(CommandError) as refusal:
        import_profile(document)
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert not ChipProfile.objects.exists()


def test_a_wrong_key_is_not_repeated(import_profile):
    with pytest.raises(CommandError) as refusal:
        import_profile({**DOCUMENT, "file_read_key": "deadbeef"})
    assert "deadbeef" not in str(refusal.value)


def test_an_unknown_brand_and_a_missing_file_are_named(import_profile, tmp_path):
    with pytest.raises(CommandError, match="no brand with the short name “initech”"):
        import_profile(DOCUMENT, brand="initech")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_chip_profile", str(tmp_path / "none.json"), brand="acme")


def test_another_brands_slug_is_taken_without_saying_whose(import_profile, globex):
    import_profile(DOCUMENT, brand="globex")
    with pytest.raises(CommandError) as refusal:
        import_profile(DOCUMENT)
    assert "taken" in str(refusal.value)
    assert "globex" not in str(refusal.value).lower()
    assert ChipProfile.objects.get().brand == globex


def test_keys_can_be_replaced_until_a_chip_was_tapped(import_profile, acme, bag):
    import_profile(DOCUMENT)
    import_profile({**DOCUMENT, "file_read_key": "22" * 16})
    profile = ChipProfile.objects.get(slug="series-1")
    assert to_sun(profile).file_read_key == bytes.fromhex("22" * 16)

    factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    tapped = factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    Tag.objects.filter(pk=tapped.tag.pk).update(last_counter=3)
    with pytest.raises(CommandError, match="1 chip of the profile “series-1” was tapped already"):
        import_profile({**DOCUMENT, "file_read_key": "33" * 16})
    profile.refresh_from_db()
    assert to_sun(profile).file_read_key == bytes.fromhex("22" * 16)
    import_profile({**DOCUMENT, "file_read_key": "22" * 16})  # the same again is no replacement
