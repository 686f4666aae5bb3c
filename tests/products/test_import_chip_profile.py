"""`import_chip_profile`: a profile from JSON, and one clear sentence for everything that is wrong with it."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from products.models import AuditRow, ChipProfile, Tag
from products.profiles import keyring, to_sun
from products.sun import MasterKey
from tests import factories

pytestmark = pytest.mark.django_db

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sun.json").read_text())["sdm"]
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
NO_UID = {**DOCUMENT["params"], "uid": None}
SEALED = {**DOCUMENT, "mac_from": "enc", "tamper": "seal", "tamper_at": 0}


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
        ({**DOCUMENT, "file_read_key": {}}, "The scheme of file_read_key must be “an10922”"),
        ({**DOCUMENT, "file_read_key": {**AN10922, "scheme": "hkdf"}}, "The scheme of file_read_key must be"),
        (
            {**DOCUMENT, "file_read_key": {**AN10922, "uid": "00"}},
            "file_read_key holds “uid”, which is not known",
        ),
        ({**DOCUMENT, "file_read_key": {**AN10922, "master_key": ZEROS}}, "The master key is all zeros"),
        ({**DOCUMENT, "file_read_key": {**AN10922, "master_key": "11"}}, "master_key must be 32 hexadecimal"),
        ({**DOCUMENT, "file_read_key": {**AN10922, "master_key": None}}, "master_key must be 32 hexadecimal"),
        ({**DOCUMENT, "file_read_key": {**AN10922, "system_id": "abc"}}, "system_id must be an even number"),
        ({**DOCUMENT, "file_read_key": {**AN10922, "system_id": 5}}, "system_id must be an even number"),
        ({**DOCUMENT, "file_read_key": {"scheme": "an10922", "master_key": "11" * 16}}, "system_id must be"),
        (
            {**DOCUMENT, "file_read_key": {**AN10922, "system_id": "00" * 25}},
            "system_id must be an even number",
        ),
        ({**DOCUMENT, "file_read_key": {**AN10922, "system_id": "00" * 22, "aid": "3042f5"}}, "too long"),
        ({**DOCUMENT, "meta_read_key": AN10922}, "meta_read_key must be 32 hexadecimal digits"),
        ({**DOCUMENT, "key_version": -1}, "key_version must be a whole number from 0 to 255"),
        ({**DOCUMENT, "key_version": 256}, "key_version must be a whole number from 0 to 255"),
        ({**DOCUMENT, "key_version": "1"}, "key_version must be a whole number"),
        ({**DOCUMENT, "key_version": True}, "key_version must be a whole number"),
        ({**DOCUMENT, "key_version": 1.0}, "key_version must be a whole number"),
        ({**SEALED, "tamper": "alarm"}, "tamper must be one of seal, guard, not “alarm”"),
        ({**SEALED, "tamper": ""}, "tamper must be one of seal, guard"),
        ({**SEALED, "tamper_at": 127}, "tamper_at must be a whole number from 0 to 126"),
        ({**SEALED, "tamper_at": None}, "Say where the tamper status stands"),
        ({**SEALED, "tamper": None}, "Say in tamper what an open loop means"),
        ({**SEALED, "mac_from": "cmac"}, "anybody could write the tamper status"),
        ({**SEALED, "params": {"tt": "tt"}}, "The tamper status stands in one place"),
        ({**DOCUMENT, "params": {"tt": "tt"}}, "Say in tamper what an open loop means"),
        ({**DOCUMENT, "params": {"bulk": "e"}, "meta_read_key": None}, "it needs meta_read_key"),
        ({**DOCUMENT, "params": {"bulk": "enc"}}, "must all differ"),
        ({**DOCUMENT, "params": {"cmac": None}}, "The name of cmac must be"),
        ({**DOCUMENT, "params": {"uid": None, "ctr": None}}, "can't leave out both"),
        ({**DOCUMENT, "params": NO_UID, "mac_from": "enc"}, "mirror both their UID and their counter"),
        ({**SEALED, "params": NO_UID}, "mirror both their UID and their counter"),
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
    with pytest.raises(CommandError, match="1 chip of the profile “series-1” is in use already"):
        import_profile({**DOCUMENT, "file_read_key": "33" * 16})
    profile.refresh_from_db()
    assert to_sun(profile).file_read_key == bytes.fromhex("22" * 16)
    import_profile({**DOCUMENT, "file_read_key": "22" * 16})  # the same again is no replacement


@pytest.fixture
def import_now(import_profile, django_capture_on_commit_callbacks):
    """Import, and let every worker see it."""

    def run(document):
        with django_capture_on_commit_callbacks(execute=True):
            import_profile(document)
        return ChipProfile.objects.get(slug=document["slug"])

    return run


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector["mode"] == "LRP"], ids=lambda vector: vector["id"]
)
def test_a_published_lrp_link_verifies_against_an_imported_profile(import_now, acme, bag, client, vector):
    profile = import_now(
        {**DOCUMENT, "mode": "lrp", "mac_from": "enc" if vector["mac_input_ascii"] else "cmac"}
    )
    unit = factories.UnitFactory(product=bag)
    Tag.objects.create(brand=acme, unit=unit, kind="chip", profile=profile, uid=vector["expect"]["uid"])
    query = "&".join(f"{name}={value}" for name, value in vector["params"].items())
    assert b'data-authenticity="genuine"' in client.get(f"/t/series-1?{query}").content


def test_keys_of_each_chips_own_are_imported_with_their_inputs(import_now):
    profile = import_now({**DOCUMENT, "file_read_key": {**AN10922, "aid": "3042F5"}})
    assert to_sun(profile).file_read_key == MasterKey(b"\x11" * 16, b"\xaa\xbb", b"\x30\x42\xf5")
    again = import_now({**DOCUMENT, "file_read_key": {**AN10922, "aid": "3042f5"}})
    assert again.keys == profile.keys


def test_what_chips_do_not_mirror_is_null_and_a_bulk_value_has_a_name(import_now):
    params = import_now({**DOCUMENT, "params": {"uid": None, "bulk": "e", "tt": None}}).params
    assert params == {
        "picc_data": "picc_data", "enc": "enc", "cmac": "cmac", "uid": "", "ctr": "ctr", "bulk": "e",
    }  # fmt: skip


@pytest.mark.parametrize("document", [SEALED, {**SEALED, "tamper": "guard", "tamper_at": 126}])
def test_a_tamper_loop_is_imported(import_now, document):
    profile = import_now(document)
    assert (profile.tamper_loop, profile.tamper_at) == (document["tamper"], document["tamper_at"])
    assert to_sun(profile).tamper_at == document["tamper_at"]
    assert import_now(document).pk == profile.pk


def test_a_document_with_a_new_version_adds_it_and_the_same_again_changes_nothing(import_now, bag):
    """A8: chips of before are in the field, tapped; their version stays."""
    profile = import_now({**DOCUMENT, "file_read_key": "22" * 16})
    chip = factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    Tag.objects.filter(pk=chip.tag.pk).update(last_counter=3)
    second = {**DOCUMENT, "file_read_key": AN10922, "key_version": 2}
    profile = import_now(second)
    assert keyring(profile).file_read_keys == {0: b"\x22" * 16, 2: MasterKey(b"\x11" * 16, b"\xaa\xbb")}
    row = AuditRow.objects.get(action="chip_key.added")
    assert (row.object_id, row.brand, row.actor_id, row.data) == (
        str(profile.pk),
        profile.brand,
        None,
        {"version": 2},
    )
    before = list(ChipProfile.objects.values())
    for document in (second, {**DOCUMENT, "file_read_key": "22" * 16}):
        import_now(document)
    assert list(ChipProfile.objects.values()) == before
    assert AuditRow.objects.count() == 1


def test_a_tapped_profile_keeps_its_keys_and_settings_whatever_the_version(import_now, bag):
    profile = import_now({**DOCUMENT, "file_read_key": "22" * 16})
    chip = factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    Tag.objects.filter(pk=chip.tag.pk).update(last_counter=3)
    for change in (
        {"file_read_key": "33" * 16},
        {"key_version": 1, "mac_from": "url"},
        {"key_version": 1, "meta_read_key": "44" * 16},
        {"key_version": 1, "params": {"cmac": "m"}},
        {"key_version": 1, "mode": "lrp"},
    ):
        with pytest.raises(CommandError, match="1 chip of the profile “series-1” is in use already"):
            import_now({**DOCUMENT, "file_read_key": "22" * 16, **change})


def test_a_chip_without_counter_is_in_use_from_the_day_it_is_on_a_unit(import_now, bag):
    """Its taps leave no counter behind to tell."""
    static = {**DOCUMENT, "params": {"uid": "uid", "ctr": None, "cmac": "m"}, "meta_read_key": None}
    profile = import_now({**static, "file_read_key": "22" * 16})
    factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    with pytest.raises(CommandError, match="1 chip of the profile “series-1” is in use already"):
        import_now({**static, "file_read_key": "33" * 16})


def test_a_chip_encoded_anew_is_in_use_before_it_counts_again(import_now, bag):
    profile = import_now({**DOCUMENT, "file_read_key": "22" * 16, "key_version": 2})
    chip = factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    Tag.objects.filter(pk=chip.tag.pk).update(key_version=2)
    with pytest.raises(CommandError, match="1 chip of the profile “series-1” is in use already"):
        import_now({**DOCUMENT, "file_read_key": "33" * 16, "key_version": 2})


def test_one_key_under_two_versions_is_refused(import_now):
    """Every used link would be new again under the higher one."""
    import_now({**DOCUMENT, "file_read_key": "22" * 16})
    with pytest.raises(CommandError, match="Version 0 has this very key"):
        import_now({**DOCUMENT, "file_read_key": "22" * 16, "key_version": 1})
    assert keyring(ChipProfile.objects.get()).versions == [0]
