"""Encoding orders in the console: who makes them, who gets their file, how often, and what comes back."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from products.keyring import Keyring
from products.models import AuditRow, ChipProfile, EncodingOrder, Job, PrivateFile, Tag
from products.services import encoding as service
from products.services.files import open_private_file
from products.sun import MacFrom, MasterKey, SunProfile, VirtualChip
from tests import factories
from tests.config.test_console_tenancy import console

pytestmark = pytest.mark.django_db

NEW = "/console/encoding/"
MASTER = "00112233445566778899aabbccddeeff"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private"},
        },
    }


@pytest.fixture
def boss(acme):
    return console(factories.staff(acme, "boss", "brand_admin"))


@pytest.fixture
def manager(acme):
    return console(factories.staff(acme, "mia", "service_manager"))


@pytest.fixture
def rival(globex):
    return console(factories.staff(globex, "rae", "brand_admin"))


@pytest.fixture
def batch(bag):
    batch = factories.BatchFactory(product=bag, code="L1")
    for number in (1, 2):
        factories.UnitFactory(product=bag, batch=batch, serial=f"A-{number}")
    return batch


@pytest.fixture(scope="module")
def station():
    """The station's key pair."""
    return ECKey.generate_key("P-256")


def pem(key, *, private=False):
    return key.as_pem(private=private).decode()


@pytest.fixture
def ask(profile, station):
    def post(client, **values):
        given = {"profile": profile.pk, "handover": "sealed", "recipient": pem(station)}
        return client.post(NEW, {**given, **values})

    return post


@pytest.fixture
def diversified(acme):
    """A profile whose chips have keys of their own, in two versions."""
    keys = Keyring(
        bytes(range(16)),
        {
            1: MasterKey(bytes.fromhex(MASTER), system_id=b"acme"),
            2: MasterKey(bytes.fromhex(MASTER)[::-1], system_id=b"acme"),
        },
    )
    profile = factories.ChipProfileFactory(brand=acme, slug="acme-own")
    ChipProfile.objects.filter(pk=profile.pk).update(keys=keys.write())
    return profile


def page_of(order):
    return reverse("admin:products_encodingorder_change", args=[order.pk])


def take(client, order, django_capture):
    with django_capture(execute=True):
        return client.post(f"{NEW}{order.pk}/file/")


def test_a_sealed_file_is_read_by_the_station_alone(
    boss, ask, batch, station, acme, django_capture_on_commit_callbacks
):
    assert boss.get(NEW).status_code == 200
    answer = ask(boss, batch="L1")
    order = EncodingOrder.objects.get()
    assert answer.url == page_of(order)
    assert station.thumbprint() in boss.get(answer.url).content.decode()
    for _time in range(2):  # sealed: as often as the station loses it
        got = take(boss, order, django_capture_on_commit_callbacks)
        assert got["Content-Type"] == "application/jose"
        assert got["Content-Disposition"] == f'attachment; filename="encoding-order-{order.pk}.jwe"'
        assert b"22" * 16 not in got.content
    document = json.loads(jwe.decrypt_compact(got.content, station).plaintext)
    assert (document["format"], document["order"], document["brand"]) == (
        "encoding-order/1",
        order.pk,
        "acme",
    )
    assert document["keys"][0]["value"] == "22" * 16
    assert [unit["serial"] for unit in document["units"]] == ["A-1", "A-2"]
    assert document["ndef"]["url"].startswith("http://127.0.0.1:8000/t/acme-a?picc_data=000")
    assert AuditRow.objects.filter(action="encoding.fetched").count() == 2
    header = json.loads(_unpadded(got.content.split(b".")[0]))
    assert (header["alg"], header["enc"], header["kid"]) == (
        "ECDH-ES+A256KW",
        "A256GCM",
        station.thumbprint(),
    )


def _unpadded(text):
    import base64

    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


@pytest.mark.parametrize("kind", ["rsa", "x25519", "jwk"])
def test_other_kinds_of_keys_open_it_too(boss, ask, batch, kind, django_capture_on_commit_callbacks):
    key = RSAKey.generate_key(2048) if kind == "rsa" else OKPKey.generate_key("X25519")
    given = json.dumps(key.as_dict(private=False)) if kind == "jwk" else pem(key)
    ask(boss, batch="L1", recipient=given)
    got = take(boss, EncodingOrder.objects.get(), django_capture_on_commit_callbacks)
    assert json.loads(jwe.decrypt_compact(got.content, key, algorithms=ALGORITHMS).plaintext)["keys"]


ALGORITHMS = ["RSA-OAEP-256", "ECDH-ES+A256KW", "A256GCM"]


def test_a_file_in_clear_is_fetched_once_and_nothing_that_looks_ahead_takes_it(
    boss, ask, batch, acme, django_capture_on_commit_callbacks
):
    ask(boss, batch="L1", handover="once", recipient="")
    order = EncodingOrder.objects.get()
    with open_private_file(order.file) as kept:
        assert b"2222222222222222" not in kept.read()  # encrypted at rest
    for look in (boss.get, boss.head):
        assert look(f"{NEW}{order.pk}/file/").status_code == 405
        assert look(page_of(order), headers={"sec-purpose": "prefetch"}).status_code == 200
    got = take(boss, order, django_capture_on_commit_callbacks)
    assert json.loads(got.content)["keys"][0]["value"] == "22" * 16
    assert {"private", "no-store"} <= set(got["Cache-Control"].split(", "))
    order.refresh_from_db()
    assert (order.file, order.fetched_by.username) == (None, "boss")
    assert not PrivateFile.objects.exists()
    row = AuditRow.objects.get(action="encoding.fetched")
    assert (row.actor_id, row.object_id) == (order.fetched_by_id, str(order.pk))
    again = boss.post(f"{NEW}{order.pk}/file/", follow=True).content.decode()
    assert "This file was fetched already" in again
    assert "It is no longer here" in again
    assert AuditRow.objects.filter(action="encoding.fetched").count() == 1


def test_of_two_who_fetch_at_once_one_gets_it(boss, ask, batch, acme, sam):
    from django.utils import timezone

    from products.errors import ProductsError

    ask(boss, batch="L1", handover="once", recipient="")
    mine = EncodingOrder.objects.select_related("file").get()
    yours = EncodingOrder.objects.select_related("file").get()
    assert service.fetch_order_file(order=mine, actor=sam, now=timezone.now()).content
    with pytest.raises(ProductsError, match="fetched already"):
        service.fetch_order_file(order=yours, actor=sam, now=timezone.now())
    assert AuditRow.objects.filter(action="encoding.fetched").count() == 1


def test_the_general_way_to_files_does_not_lead_to_it(boss, ask, batch):
    ask(boss, batch="L1", handover="once", recipient="")
    assert boss.get(f"/console/files/{PrivateFile.objects.get().pk}/").status_code == 404


def test_a_file_whose_key_at_rest_is_lost_says_so(boss, ask, batch, settings):
    from cryptography.fernet import Fernet

    ask(boss, batch="L1", handover="once", recipient="")
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    order = EncodingOrder.objects.get()
    page = boss.post(f"{NEW}{order.pk}/file/", follow=True).content.decode()
    assert "no longer here" in page
    assert EncodingOrder.objects.get().fetched_at is None


def test_a_profile_whose_keys_cannot_be_read_is_refused_with_a_sentence(boss, ask, batch, settings):
    from cryptography.fernet import Fernet

    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    answer = ask(boss, batch="L1")
    assert answer.status_code == 400
    assert "a key of FIELD_KEYS is missing" in answer.content.decode()


def test_keys_of_single_chips_are_told_for_named_chips_only(
    boss, ask, diversified, station, django_capture_on_commit_callbacks
):
    refused = ask(boss, profile=diversified.pk, batch="")
    assert "Name chips by their UIDs" in str(refused.context["form"].errors)
    ask(boss, profile=diversified.pk, uids="04AABBCCDDEEFF\n04aabbccddeeff 04000000000001", key_version="1")
    order = EncodingOrder.objects.get()
    assert (order.tags, order.key_version) == (2, 1)
    got = take(boss, order, django_capture_on_commit_callbacks)
    document = json.loads(jwe.decrypt_compact(got.content, station).plaintext)
    assert [chip["uid"] for chip in document["chips"]] == ["04aabbccddeeff", "04000000000001"]
    own = MasterKey(bytes.fromhex(MASTER), system_id=b"acme").for_uid(bytes.fromhex("04aabbccddeeff")).hex()
    assert document["chips"][0]["file_read_key"] == own
    assert MASTER not in json.dumps(document)


def test_uids_come_from_a_file_too(boss, ask, diversified):
    file = SimpleUploadedFile("uids.csv", b"\xef\xbb\xbfuid\r\n04aabbccddeeff\r\n04000000000001\r\n")
    ask(boss, profile=diversified.pk, uid_file=file)
    assert EncodingOrder.objects.get().tags == 2
    assert EncodingOrder.objects.get().key_version == 2  # the newest


def test_chips_with_own_keys_need_their_uids(boss, ask, diversified, batch):
    refused = ask(boss, profile=diversified.pk, batch="L1")
    assert "upload the UIDs" in str(refused.context["form"].errors)


def test_a_chip_that_carries_the_version_already_is_refused(boss, ask, profile, unit):
    factories.put_chip_on(unit, profile, "04aabbccddeeff")
    refused = ask(boss, uids="04aabbccddeeff")
    assert "its old links would pass again" in refused.content.decode()
    assert not EncodingOrder.objects.exists()


def test_links_that_name_the_unit_need_the_batch(
    boss, ask, acme, batch, station, django_capture_on_commit_callbacks
):
    profile = factories.ChipProfileFactory(brand=acme, params={"uid": ""})
    assert "choose the batch" in ask(boss, profile=profile.pk, uids="04aabbccddeeff").content.decode()
    ask(boss, profile=profile.pk, batch="L1")
    got = take(boss, EncodingOrder.objects.get(), django_capture_on_commit_callbacks)
    document = json.loads(jwe.decrypt_compact(got.content, station).plaintext)
    at, length = document["ndef"]["code_offset"], document["ndef"]["code_length"]
    assert bytes.fromhex(document["ndef"]["file"])[at : at + length] == b"0" * 20
    assert {len(unit["code"]) for unit in document["units"]} == {length}


PRIVATE = ECKey.generate_key("P-256")


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"recipient": ""}, "recipient", "Paste the station"),
        ({"recipient": "hello"}, "recipient", "Paste a public key"),
        ({"recipient": PRIVATE.as_pem(private=True).decode()}, "recipient", "private key"),
        ({"recipient": json.dumps(PRIVATE.as_dict(private=True))}, "recipient", "private key"),
        ({"recipient": json.dumps(OctKey.generate_key(256).as_dict(private=True))}, "recipient", "private key"),
        ({"recipient": RSAKey.generate_key(1024, auto_kid=False).as_pem(private=False).decode()}, "recipient", "1024 bits"),
        ({"recipient": OKPKey.generate_key("Ed25519").as_pem(private=False).decode()}, "recipient", "Ed25519"),
        ({"recipient": ECKey.generate_key("secp256k1").as_pem(private=False).decode()}, "recipient", "secp256k1"),
        ({"recipient": '{"kty": "EC", "crv": "P-256", "x": "aa", "y": "bb"}'}, "recipient", "is it whole"),
        ({"recipient": '{"kty": "RSA", "n": 1, "e": []}'}, "recipient", "is it whole"),
        ({"recipient": '{"kty": ["EC"]}'}, "recipient", "RSA, EC or OKP"),
        ({"recipient": json.dumps({"kty": "OKP", "crv": "X25519", "x": "A" * 43})}, "recipient", "Nothing can be sealed"),
        ({"recipient": json.dumps(PRIVATE.as_dict(private=False) | {"key_ops": ["verify"]})}, "recipient", "can be sealed"),
        ({"recipient": "{"}, "recipient", "not JSON"),
        ({"recipient": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"}, "recipient", "no public key"),
        ({"uids": "04zz"}, "uids", "14 hexadecimal digits"),
        ({"uids": "№"}, "uids", "14 hexadecimal digits"),
        ({"batch": "L9"}, "batch", "no batch"),
        ({"batch": "", "uids": ""}, "__all__", "Name chips"),
        ({"key_version": "9", "uids": "04aabbccddeeff"}, "__all__", "no key version 9. It has: 0"),
        ({"key_version": "256"}, "key_version", "255"),
        ({"profile": "999999"}, "profile", "valid choice"),
        ({"uid_file": SimpleUploadedFile("u.txt", b"\xff\xfe\x00\x01")}, "uid_file", "not text"),
        ({"uid_file": SimpleUploadedFile("u.txt", b"0" * (1024 * 1024 + 1))}, "uid_file", "larger than 1 MB"),
    ],
)  # fmt: skip
def test_bad_input_gets_its_own_sentence(boss, ask, values, field, words):
    answer = ask(boss, **values)
    assert answer.status_code == 400
    assert words in " ".join(answer.context["form"].errors[field])
    assert not EncodingOrder.objects.exists()
    assert not PrivateFile.objects.exists()


def test_too_many_chips_are_refused(boss, ask, batch, monkeypatch):
    monkeypatch.setattr(service, "MAX_CHIPS", 1)
    assert "1 chips at most" in ask(boss, batch="L1").content.decode()


def test_two_batches_of_one_name_ask_for_the_product(boss, ask, batch, acme):
    other = factories.BatchFactory(product=factories.full_product(acme), code="L1")
    assert "choose the product" in ask(boss, batch="L1").content.decode()
    factories.UnitFactory(product=other.product, batch=other)
    ask(boss, batch="L1", product=other.product.pk)
    assert EncodingOrder.objects.get().batch == other


def test_units_that_have_a_chip_or_ended_are_not_listed(
    boss, ask, batch, profile, station, django_capture_on_commit_callbacks
):
    first, second = batch.units.order_by("serial")
    factories.put_chip_on(first, profile)
    ask(boss, batch="L1")
    got = take(boss, EncodingOrder.objects.get(), django_capture_on_commit_callbacks)
    document = json.loads(jwe.decrypt_compact(got.content, station).plaintext)
    assert [unit["serial"] for unit in document["units"]] == [second.serial]


@pytest.mark.parametrize(
    "role", ["support_agent", "content_editor", "analyst", "auditor", "service_manager", "compliance"]
)
def test_other_roles_get_no_keys(acme, role, ask, batch, boss):
    ask(boss, batch="L1", handover="once")
    order = EncodingOrder.objects.get()
    client = console(factories.staff(acme, "pat", role))
    assert client.get(NEW).status_code == 403
    assert ask(client, batch="L1").status_code == 403
    assert client.post(f"{NEW}{order.pk}/file/").status_code == 404
    assert "console/encoding/" not in client.get("/console/products/encodingorder/").content.decode()
    order.refresh_from_db()
    assert order.fetched_at is None


def test_a_rival_finds_neither_order_nor_file_nor_job(boss, rival, ask, batch, profile, acme, upload):
    ask(boss, batch="L1", handover="once")
    order = EncodingOrder.objects.get()
    job = upload(boss, order, "A-1,04aabbccddeeff")
    assert rival.post(f"{NEW}{order.pk}/file/").status_code == 404
    assert rival.post(f"{NEW}{order.pk}/result/", {"file": csv("A-2,04000000000001")}).status_code == 404
    assert rival.get(f"{NEW}jobs/{job.pk}/").status_code == 404
    assert rival.post(f"{NEW}jobs/{job.pk}/stop/").status_code == 404
    assert rival.get(page_of(order)).status_code == 302
    assert profile.slug not in rival.get(NEW).content.decode()
    assert ask(rival, batch="L1").status_code == 400
    assert EncodingOrder.objects.get().fetched_at is None


def test_a_visitor_is_sent_to_the_login(client, boss, ask, batch):
    ask(boss, batch="L1")
    order = EncodingOrder.objects.get()
    assert "/login/" in client.get(NEW).url
    for path in (f"{NEW}{order.pk}/file/", f"{NEW}{order.pk}/result/"):
        assert "/login/" in client.post(path).url
    assert EncodingOrder.objects.get().fetched_at is None


# --- What the station reports --------------------------------------------------------------------
def csv(*lines):
    return SimpleUploadedFile("result.csv", "\n".join(["serial,uid", *lines]).encode(), "text/csv")


@pytest.fixture
def upload(django_capture_on_commit_callbacks):
    def post(client, order, *lines):
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(f"{NEW}{order.pk}/result/", {"file": csv(*lines)})
        return Job.objects.get(pk=re.search(r"jobs/(\d+)/", answer.url)[1])

    return post


def test_the_stations_result_is_a_job_whose_bad_rows_can_be_fetched(boss, manager, ask, batch, upload):
    ask(boss, batch="L1")
    order = EncodingOrder.objects.get()
    job = upload(manager, order, "A-1,04AABBCCDDEEFF", "A-2,nothing")
    assert (job.state, job.result["bound"], job.result["bad"]) == ("done", 1, 1)
    assert Tag.objects.get(uid="04aabbccddeeff").unit.serial == "A-1"
    page = manager.get(f"{NEW}jobs/{job.pk}/").content.decode()
    assert page_of(order) in page
    bad = manager.get(f"/console/files/{job.result['bad_rows_file']}/")
    assert b"".join(bad.streaming_content).startswith(b"line,column,reason\n3,uid,")
    assert f"/console/encoding/jobs/{job.pk}/" in manager.get(page_of(order)).content.decode()


def test_a_chip_written_from_the_file_alone_taps_as_genuine(
    client, boss, ask, diversified, batch, station, upload, django_capture_on_commit_callbacks
):
    """From the order to the tap: what a station knows is what stands in its file."""
    ask(boss, profile=diversified.pk, batch="L1", uids="04aabbccddeeff")
    order = EncodingOrder.objects.get()
    got = take(boss, order, django_capture_on_commit_callbacks)
    told = json.loads(jwe.decrypt_compact(got.content, station).plaintext)
    keys = {key["name"]: key for key in told["keys"]}
    written = SunProfile(
        meta_read_key=bytes.fromhex(keys["SDMMetaReadKey"]["value"]),
        file_read_key=bytes.fromhex(told["chips"][0]["file_read_key"]),
        mac_from=MacFrom.CMAC,
    )
    chip = VirtualChip(bytes.fromhex(told["chips"][0]["uid"]), written)
    link = chip.link(told["ndef"]["url"].partition("?")[0], 1).removeprefix("http://127.0.0.1:8000")
    assert 'data-authenticity="genuine"' not in client.get(link).content.decode()
    upload(boss, order, f"{told['units'][0]['serial']},{told['chips'][0]['uid']}")
    page = client.get(link).content.decode()
    assert 'data-authenticity="genuine"' in page
    assert told["units"][0]["serial"] in page
    assert Tag.objects.get().key_version == keys["SDMFileReadKey"]["version"] == 2


def test_a_missing_or_empty_result_is_asked_for_again(boss, ask, batch, upload):
    ask(boss, batch="L1")
    order = EncodingOrder.objects.get()
    for data in ({}, {"file": SimpleUploadedFile("r.csv", b"")}):
        answer = boss.post(f"{NEW}{order.pk}/result/", data)
        assert answer.status_code == 400
        assert "errorlist" in answer.content.decode()
    job = upload(boss, order)
    assert (job.state, job.result["bound"]) == ("done", 0)


def test_a_waiting_import_can_be_stopped(boss, ask, batch):
    ask(boss, batch="L1")
    order = EncodingOrder.objects.get()
    answer = boss.post(f"{NEW}{order.pk}/result/", {"file": csv("A-1,04aabbccddeeff")})
    boss.post(f"{answer.url}stop/")
    assert Job.objects.get().state == "cancelled"
    assert "Chips that were bound before stay" in boss.get(answer.url).content.decode()
    assert not Tag.objects.exists()
