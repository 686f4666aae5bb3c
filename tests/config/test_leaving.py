"""I7: a brand leaves with everything, and its codes go on working on its own domain."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import zipfile
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import override_settings
from django.utils import timezone
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from config.leaving import export, tables
from config.leaving.archive import archive_at
from config.leaving.export import Leaving, export_brand, one_moment
from config.leaving.links import read_targets
from ownership.models import (
    Decision,
    Evidence,
    FinderMessage,
    FinderThread,
    Gift,
    Invitation,
    LossReport,
    LoyaltyEntry,
    Member,
    Owner,
    Ownership,
    ProvenanceLink,
    Purchase,
    Recovery,
    Redemption,
    ReleaseRequest,
    Reward,
    RewardCode,
)
from products.encoding.sealing import read_recipient
from products.errors import ProductsError
from products.keyring import Keyring
from products.models import AuditRow, Brand, Job, NextProduct, Person, PrivateFile, Product, Unit
from products.services.files import store_private_file
from products.sun import MacFrom, ParameterNames, SunProfile, verify
from tests import factories
from tests.config.console_rows import ROWS
from tests.config.test_console_tenancy import console
from tests.reading import text_of
from tests.test_architecture import our_models
from warranty.models import WithdrawnCertificate

pytestmark = pytest.mark.django_db

ALGORITHMS = ["ECDH-ES+A256KW", "RSA-OAEP-256", "A256GCM"]


@pytest.fixture(scope="module")
def private_key():
    return ECKey.generate_key("P-256")


@pytest.fixture
def public_pem(private_key, tmp_path):
    path = tmp_path / "public.pem"
    path.write_bytes(private_key.as_pem(private=False))
    return path


@pytest.fixture
def pictures(tmp_path):
    from django.conf import settings

    backend = "django.core.files.storage.FileSystemStorage"
    stored = {
        name: {"BACKEND": backend, "OPTIONS": {"location": tmp_path / name}}
        for name in ("default", "pictures")
    }
    with override_settings(STORAGES={**settings.STORAGES, **stored}):
        yield


@pytest.fixture
def full_brands(acme, globex, chip, bag, pictures):
    """Acme and its rival, each with a row of everything, a picture and a private file."""
    for brand in (acme, globex):
        for build in ROWS.values():
            build(brand)
        what_people_did(brand)
        storages["pictures"].save(f"{brand.slug}.webp", ContentFile(f"picture of {brand.name}".encode()))
        product = Product.objects.for_brand(brand).first()
        Product.objects.filter(pk=product.pk).update(picture=f"{brand.slug}.webp")
        store_private_file(
            brand=brand, purpose="bad_rows", content=ContentFile(f"file of {brand.name}".encode(), "x"),
            original_name="rows.csv", content_type="text/csv", uploaded_by=None, now=timezone.now(),
        )  # fmt: skip
    return acme, globex


def what_people_did(brand) -> None:
    """A row of each table that no list of the console shows by itself."""
    now, later = timezone.now(), timezone.now() + dt.timedelta(days=9)
    product = Product.objects.for_brand(brand).first()
    NextProduct.objects.create(product=product, next_product=factories.ProductFactory(brand=brand))
    unit = factories.UnitFactory(product=product)
    owner = factories.OwnerFactory(brand=brand)
    own = Ownership.objects.create(unit=unit, owner=owner, ordinal=1, since=now)
    group = Owner.objects.create(brand=brand, kind="household")
    Member.objects.create(owner=group, person=factories.PersonFactory(), since=now)
    Invitation.objects.create(
        owner=group, email=f"guest@{brand.slug}.example", locale="en", sent_at=now, expires_at=later
    )
    Purchase.objects.create(ownership=own, bought_on=now.date(), entered_at=now)
    Gift.objects.create(unit=unit, brand=brand, words="For you", left_at=now)
    loss = LossReport.objects.create(brand=brand, unit=unit, ownership=own, kind="lost", reported_at=now)
    thread = FinderThread.objects.create(report=loss, locale="en", submission_key=brand.slug, begun_at=now)
    FinderMessage.objects.create(thread=thread, sender="finder", words="Here it is", sent_at=now)
    ProvenanceLink.objects.create(
        brand=brand, unit=unit, ownership=own, made_at=now, expires_at=later, submission_key=brand.slug
    )
    release = ReleaseRequest.objects.for_brand(brand).first()
    Evidence.objects.create(request=release, side="claimant", sent_at=now)
    Decision.objects.create(
        request=release, instance=2, for_side="owner", reason="Shown", decided_by_id=1, decided_at=now
    )
    reward = Reward.objects.for_brand(brand).first()
    entry = LoyaltyEntry.objects.create(
        owner=owner, kind="redemption", points=-1, dedupe_key=f"leaving:{brand.slug}", at=now
    )
    Redemption.objects.create(owner=owner, reward=reward, entry=entry, submission_key=brand.slug, at=now)
    Recovery.objects.create(
        brand=brand, owner=owner, contact_kind="email", contact=f"new@{brand.slug}.example", shown="purchase",
        reason="Receipt", locale="en", asked_by_id=1, asked_at=now, expires_at=later,
    )  # fmt: skip
    WithdrawnCertificate.objects.create(brand=brand, unit=unit, code=brand.slug, withdrawn_at=now)
    RewardCode.objects.create(reward=reward, code=f"{brand.slug}-1", digest=brand.slug, added_at=now)


def leave(out, public_pem, *more):
    said = io.StringIO()
    call_command(
        "export_brand", "acme", "--recipient-key", str(public_pem), "--out", str(out), *more, stdout=said
    )
    return said.getvalue()


def rows(folder, label) -> list[dict]:
    return [json.loads(line) for line in (folder / f"tables/{label}.jsonl").read_text().splitlines()]


def test_every_model_of_ours_leaves_or_stays_for_a_reason():
    """A new model needs a line in config/leaving/tables.py."""
    ours = {model._meta.label_lower for model in our_models()}
    assert set(tables.TABLES) | set(tables.STAYS) == ours
    assert not set(tables.TABLES) & set(tables.STAYS)


def test_everything_of_the_brand_is_there_and_nothing_of_its_rival(full_brands, public_pem, tmp_path):
    acme, _globex = full_brands
    out = tmp_path / "out"
    said = leave(out, public_pem)
    manifest = json.loads((out / "manifest.json").read_text())
    assert f"{manifest['rows']} rows and {manifest['links']} links of Acme" in said
    empty = [label for label in tables.TABLES if not rows(out, label)]
    assert set(empty) <= {
        "products.branddomain", "products.market", "products.productmaterial", "products.variant",
        "products.identificationkey", "products.resolverlink", "products.encodingorder",
        "analytics.unitactivity", "analytics.doubtwatch",
    }  # fmt: skip
    assert {row["slug"] for row in rows(out, "products.brand")} == {"acme"}
    assert len(rows(out, "products.unit")) == Unit.objects.for_brand(acme).count()
    assert (out / "pictures/acme.webp").read_bytes() == b"picture of Acme"
    contents = [path.read_bytes() for path in (out / "files").iterdir()]
    assert contents == [b"file of Acme"]
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"Acme" in everything
    assert not re.search(rb"globex", everything, re.IGNORECASE)


def test_the_manifest_counts_and_hashes_every_file(full_brands, public_pem, tmp_path):
    out = tmp_path / "out"
    leave(out, public_pem)
    manifest = json.loads((out / "manifest.json").read_text())
    named = {file["name"]: file for file in manifest["files"]}
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert set(named) == there - {"manifest.json"}
    for name, file in named.items():
        content = (out / name).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        if "rows" in file:
            assert file["rows"] == len(content.splitlines())
    assert sum(file.get("rows", 0) for file in named.values()) == manifest["rows"]
    schema = json.loads((out / "schema.json").read_text())
    for label in tables.TABLES:
        for row in rows(out, label)[:1]:
            assert set(row) == set(schema[label]), label
    assert schema["products.unit"]["product_id"] == "BigAutoField → products.product.id"


def test_no_secret_leaves_in_the_clear(full_brands, chip, profile, public_pem, tmp_path):
    person = Person.objects.filter(memberships__brand__slug="acme").first()
    out = tmp_path / "out"
    leave(out, public_pem)
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    for key in (b"11" * 16, b"22" * 16):
        assert key not in everything
    assert person.password.encode() not in everything
    assert person.username in {row["username"] for row in rows(out, "products.staffmembership")}
    assert "keys" not in rows(out, "products.chipprofile")[0]


def test_a_chips_link_verifies_from_nothing_but_the_exported_files(
    chip, unit, public_pem, private_key, tmp_path
):
    """Whoever takes over needs the archive, its private key and NXP's notes; here products.sun stands for their code."""
    out = tmp_path / "out"
    leave(out, public_pem)
    link = chip.tap(42)
    sealed = (out / "keys/chip-keys.jwe").read_text()
    opened = jwe.decrypt_compact(sealed, private_key, algorithms=ALGORITHMS)
    given = {profile["slug"]: profile for profile in json.loads(opened.plaintext)["profiles"]}
    found = given[urlsplit(link).path.rpartition("/")[2]]
    ring = Keyring.read(json.dumps(found))
    sun = SunProfile(
        meta_read_key=ring.meta_read_key,
        file_read_key=ring.file_read_keys[ring.versions[0]],
        mac_from=MacFrom(found["mac_from"]),
        names=ParameterNames(**found["params"]),
        mode=found["mode"],
        key_version=ring.versions[0],
    )
    message = verify(f"testserver{link}", sun)
    tag = next(row for row in rows(out, "products.tag") if row["uid"] == message.uid.hex())
    assert (tag["unit_id"], message.read_ctr) == (unit.pk, 42)
    assert (tag["last_counter"] or 0) < message.read_ctr
    assert rows(out, "products.unit")[0]["serial"] == unit.serial


def test_every_address_on_a_thing_leads_on(chip, unit, profile, public_pem, tmp_path):
    odd = factories.UnitFactory(product=unit.product, serial='A/1%"?')
    out = tmp_path / "out"
    leave(
        out, public_pem, "--unit-target", "https://own.example/p/{gtin}/{serial}?c={code}",
        "--chip-target", "https://own.example/tap/{profile}",
    )  # fmt: skip
    listed = {row["path"]: row for row in csv.DictReader((out / "links/links.csv").open())}
    gtin = unit.trade_item.gtin
    assert (
        listed[f"/q/{unit.public_code}"]["target"]
        == f"https://own.example/p/{gtin}/AC-0001?c={unit.public_code}"
    )
    assert listed[f"/01/{gtin}/21/A%2F1%25%22%3F"]["serial"] == odd.serial
    assert listed["/t/acme-a"]["target"] == "https://own.example/tap/acme-a"
    assert len(listed) == 2 * 2 + 1
    nginx = (out / "links/heirloom-map.conf").read_text()
    assert f'"/q/{unit.public_code}" "https://own.example/p/{gtin}/AC-0001?c={unit.public_code}";' in nginx
    assert r'"~^/t/acme\-a(/[^/]*)?$" "https://own.example/tap/acme-a$1$is_args$args";' in nginx
    assert (
        f"/01/{gtin}/21/A%2F1%25%22%3F https://own.example/p/{gtin}/A%2F1%25%22%3F?c="
        in (out / "links/_redirects").read_text()
    )
    assert "/t/acme-a* https://own.example/tap/acme-a 302" in (out / "links/_redirects").read_text()


@pytest.mark.parametrize(
    "target",
    [
        "/units/{code}", "javascript:{code}", "https://own.example/", "https://own.example/{secret}/{code}",
        "https://own.example/{code} x", 'https://own.example/"{code}', "https://own.example/$host/{code}",
        "https://own.example/{code}\n/evil", "https:///{code}", "https://own.example/{serial}",
    ],
)  # fmt: skip
def test_an_address_that_codes_can_not_lead_to_is_refused(target):
    with pytest.raises(ProductsError):
        read_targets(target, "https://own.example/{profile}")


def test_a_zip_holds_the_same_and_is_its_owners_alone(full_brands, public_pem, tmp_path):
    folder, packed = tmp_path / "out", tmp_path / "out.zip"
    leave(folder, public_pem)
    AuditRow.objects.filter(action="brand.exported").delete()
    leave(packed, public_pem)
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name not in ("manifest.json", "keys/chip-keys.jwe"):
                assert archive.read(name) == (folder / name).read_bytes(), name
    assert packed.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in [folder, *folder.rglob("*")])


def test_it_is_in_the_audit_trail_by_numbers(acme, unit, public_pem, tmp_path):
    leave(tmp_path / "out", public_pem)
    row = AuditRow.objects.get(action="brand.exported")
    assert row.brand == acme
    assert set(row.data) == {"rows", "recipient"}


def test_private_and_weak_keys_and_what_is_none_are_refused(acme, private_key, tmp_path):
    weak = RSAKey.generate_key(1024, auto_kid=False)
    for number, content in enumerate(
        [private_key.as_pem(private=True), weak.as_pem(private=False), b"no key", b"\xff\xfe", b""]
    ):
        key = tmp_path / f"key-{number}"
        key.write_bytes(content)
        with pytest.raises(CommandError):
            leave(tmp_path / "out", key)
        assert not (tmp_path / "out").exists()
    with pytest.raises(CommandError, match="No such file"):
        leave(tmp_path / "out", tmp_path / "nothing.pem")


def test_nothing_is_overwritten_and_a_broken_off_archive_leaves_nothing(
    acme, unit, public_pem, tmp_path, monkeypatch
):
    (tmp_path / "out").mkdir()
    with pytest.raises(CommandError, match="exists already"):
        leave(tmp_path / "out", public_pem)
    monkeypatch.setattr(export, "_write_pictures", lambda *_: 1 / 0)
    for name in ("new", "new.zip"):
        with pytest.raises(ZeroDivisionError):
            leave(tmp_path / name, public_pem)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "public.pem"]
    assert not AuditRow.objects.filter(action="brand.exported").exists()


def test_a_lost_file_is_named_and_does_not_stop_the_rest(full_brands, public_pem, tmp_path):
    storages["pictures"].delete("acme.webp")
    out = tmp_path / "out"
    leave(out, public_pem)
    assert "pictures/acme.webp" in json.loads((out / "manifest.json").read_text())["missing"]


def test_an_unknown_brand_is_said(public_pem, tmp_path):
    with pytest.raises(CommandError, match="no brand with the short name"):
        leave(tmp_path / "out", public_pem)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_all_tables_show_one_moment(acme, public_pem, tmp_path, monkeypatch):
    """What others write while the export runs is not in it, in none of its tables."""
    factories.UnitFactory(product=factories.ProductFactory(brand=acme))
    before = Brand.objects.count()
    write_links = export.write_links

    def meanwhile(*args):
        other = connections.create_connection("default")
        with other.cursor() as cursor:
            cursor.execute("UPDATE products_unit SET serial = 'LATER'")
        other.close()
        return write_links(*args)

    monkeypatch.setattr(export, "write_links", meanwhile)
    out = tmp_path / "out"
    leave(out, public_pem)
    assert Unit.objects.get().serial == "LATER"
    assert "LATER" not in (out / "links/links.csv").read_text()
    assert rows(out, "products.unit")[0]["serial"] != "LATER"
    assert Brand.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_reading_one_moment_keeps_nobody_from_writing_afterwards(acme):
    with one_moment():
        assert Brand.objects.count() == 1
    Brand.objects.update(name="Acme again")
    assert not connection.in_atomic_block
    with pytest.raises(ZeroDivisionError), one_moment():
        1 / 0  # noqa: B018
    Brand.objects.update(name="Acme")


def test_progress_can_stop_it(acme, unit, public_pem, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(_rows):
        raise StoppedError

    leaving = Leaving(
        brand=acme, recipient=read_recipient(public_pem.read_text()), now=timezone.now(),
        targets=read_targets("https://a.example/{code}", "https://a.example/{profile}"), on_progress=stop,
    )  # fmt: skip
    with pytest.raises(StoppedError):
        export_brand(leaving, archive_at(tmp_path / "out.zip"))
    assert not (tmp_path / "out.zip").exists()


# --- From the console --------------------------------------------------------------------------
def ordered(private_key, **changes):
    return {
        "key": private_key.as_pem(private=False).decode(),
        "unit_target": "https://own.example/{code}",
        "chip_target": "https://own.example/{profile}",
        **changes,
    }


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """Run what is enqueued once the request is committed."""

    def post(client, address, form):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, form)

    return post


def test_a_brand_admin_takes_everything_along(full_brands, private_key, at_once):
    acme, globex = full_brands
    boss = console(factories.staff(acme, "boss", "brand_admin"))
    assert (
        'href="/console/leaving/"' in boss.get(f"/console/products/brand/{acme.pk}/change/").content.decode()
    )
    assert boss.get("/console/leaving/").status_code == 200
    answer = at_once(boss, "/console/leaving/", {"brand": acme.pk, **ordered(private_key)})
    job = Job.objects.get(kind="export_brand")
    assert answer.headers["Location"] == f"/console/leaving/{job.pk}/"
    assert (job.state, job.error) == ("done", "")
    assert "Fetch the archive" in text_of(boss.get(f"/console/leaving/{job.pk}/"))
    file = PrivateFile.objects.get(pk=job.result["file"])
    assert dt.timedelta(days=6) < file.expires_at - timezone.now() <= dt.timedelta(days=7)
    fetched = boss.get(f"/console/files/{file.pk}/")
    with zipfile.ZipFile(io.BytesIO(b"".join(fetched.streaming_content))) as archive:
        assert json.loads(archive.read("manifest.json"))["brand"] == "acme"
    assert AuditRow.objects.filter(action="file.read", object_id=str(file.pk)).exists()
    rival = console(factories.staff(globex, "rita", "brand_admin"))
    assert rival.get(f"/console/leaving/{job.pk}/").status_code == 404
    assert rival.get(f"/console/files/{file.pk}/").status_code == 404
    agent = console(factories.staff(acme, "agnes", "support_agent"))
    assert agent.get("/console/leaving/").status_code == 403
    assert agent.get(f"/console/files/{file.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": "nonsense"}, "Paste a public key"),
        ({"key": ""}, "This field is required"),
        ({"unit_target": "https://own.example/"}, "must hold one of"),
        ({"chip_target": "ftp://own.example/{profile}"}, "no address that codes can lead to"),
        ({"chip_target": "https://[own.example/{profile}"}, "no address that codes can lead to"),
    ],
)
def test_what_is_wrong_with_the_order_is_said_and_nothing_typed_is_lost(acme, private_key, changes, words):
    boss = console(factories.staff(acme, "boss", "brand_admin"))
    answer = boss.post("/console/leaving/", {"brand": acme.pk, **ordered(private_key, **changes)})
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert "https://own.example/" in answer.content.decode()
    assert not Job.objects.exists()


def test_a_rivals_brand_can_not_be_taken_along(acme, globex, private_key):
    boss = console(factories.staff(acme, "boss", "brand_admin"))
    answer = boss.post("/console/leaving/", {"brand": globex.pk, **ordered(private_key)})
    assert answer.status_code == 400
    assert not Job.objects.exists()
