"""From a file of units to a clone's alert: import, encoding, label, tap, doubt, decision. A unit's identity, whole."""

import datetime as dt
import io
import json
import re

import pypdf
import pytest
import time_machine
import zxingcpp
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from joserfc import jwe
from joserfc.jwk import ECKey
from pypdfium2 import PdfDocument

from analytics.models import Doubt, Event, Scan
from analytics.tasks import sweep_doubts
from experiences.tasks import tell_staff_of_doubts
from products.models import AuditRow, ChipProfile, EncodingOrder, Job, Tag, Unit
from products.sun import MacFrom, SunProfile, VirtualChip
from tests import factories
from tests.config.test_console_tenancy import console
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
CHIPS = ("04a1b2c3d4e580", "04a1b2c3d4e680")
PROFILE = {
    "slug": "acme-own",
    "mode": "lrp",
    "meta_read_key": "0f" * 16,
    "file_read_key": {"scheme": "an10922", "master_key": "5a" * 16, "system_id": "61636d65"},
    "mac_from": "picc_data",
}


@pytest.fixture(autouse=True)
def _as_installed(tmp_path, settings):
    """Private files in a folder of the test's own, and an edge that tells the country."""
    settings.COUNTRY_HEADER = "X-Country"
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
def send(django_capture_on_commit_callbacks):
    """POST as a browser does; what is to happen after the commit happens."""

    def post(client, path, values):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(path, values)

    return post


def upload(name, *lines):
    return SimpleUploadedFile(name, "\n".join(lines).encode(), "text/csv")


def saved(client, job):
    return b"".join(client.get(f"/console/files/{job.result['file']}/").streaming_content)


def chip_written_from(document, uid):
    """Return a chip as the station writes it: from the order's file, and nothing else."""
    own = {chip["uid"]: bytes.fromhex(chip["file_read_key"]) for chip in document["chips"]}
    shared = {key["name"]: key["value"] for key in document["keys"]}
    profile = SunProfile(
        meta_read_key=bytes.fromhex(shared["SDMMetaReadKey"]),
        file_read_key=own[uid],
        mac_from=MacFrom.PICC_DATA,
        mode="lrp" if document["chip"]["lrp_mode"] else "aes",
    )
    return VirtualChip(bytes.fromhex(uid), profile)


def test_from_the_file_of_units_to_the_alert_of_a_clone(acme, bag, boss, send, tmp_path):
    """A1, A7, G5: two units get identities of their own; one is copied; staff learn it, its owner is accused of nothing."""
    with time_machine.travel(NOON - dt.timedelta(days=30), tick=False):
        _import_two_units(boss, send, acme, bag.trade_items.get().gtin)
        document = _order_encoding(boss, send, tmp_path)
        order = EncodingOrder.objects.get()
        result = upload("result.csv", "serial,uid", f"J-0001,{CHIPS[0]}", f"J-0002,{CHIPS[1]}")
        send(boss, f"/console/encoding/{order.pk}/result/", {"file": result})
        printed = _print_labels(boss, send, acme)
    first, second = Unit.objects.order_by("serial")
    assert dict(Tag.objects.filter(kind="chip").values_list("unit__serial", "uid")) == {
        "J-0001": CHIPS[0],
        "J-0002": CHIPS[1],
    }

    # Each label and each chip leads to a page of its own.
    assert printed == {
        "J-0001": f"http://127.0.0.1:8000/q/{first.public_code}",
        "J-0002": f"http://127.0.0.1:8000/q/{second.public_code}",
    }
    chips = [chip_written_from(document, uid) for uid in CHIPS]
    base = document["ndef"]["url"].partition("?")[0]
    assert base == order.base_url
    with time_machine.travel(NOON - dt.timedelta(hours=3), tick=False):
        for unit, chip in ((first, chips[0]), (second, chips[1])):
            page = Client().get(chip.link(base, 1), HTTP_X_COUNTRY="FR")
            assert main_attributes(page)["authenticity"] == "genuine"
            assert unit.serial in text_of(page)
            seen = Client().get(printed[unit.serial])
            assert main_attributes(seen)["authenticity"] == "identified"
            assert unit.serial in text_of(seen)

    # A link read off the first chip is sold on a copy, far away, while its owner taps at home.
    owner, harvested = Client(), chips[0].link(base, 3)
    with time_machine.travel(NOON - dt.timedelta(minutes=50), tick=False):
        owner.get(chips[0].link(base, 2), HTTP_X_COUNTRY="FR")
    with time_machine.travel(NOON - dt.timedelta(minutes=20), tick=False):
        assert main_attributes(Client().get(harvested, HTTP_X_COUNTRY="JP"))["authenticity"] == "genuine"
    assert list(
        Scan.objects.filter(counter__gte=2).order_by("at").values_list("unit__serial", "country")
    ) == [
        ("J-0001", "FR"),
        ("J-0001", "JP"),
    ]
    with time_machine.travel(NOON, tick=False):
        sweep_doubts()
        tell_staff_of_doubts()
        doubt = Doubt.objects.get()
        assert (doubt.unit, doubt.kind, doubt.state) == (first, "far_apart", "open")
        alert = mail.outbox[-1]
        assert alert.to == ["boss@acme.example"]
        assert "J-0001" in alert.body

        # Staff follow the alert, see why, and decide; the page that the owner opens says nothing of it.
        where = reverse("admin:analytics_doubt_change", args=[doubt.pk])
        assert where in alert.body
        page = text_of(boss.get(where))
        assert "Japan" in page or "JP" in page
        decide = re.search(r'action="([^"]+/decide/)"', boss.get(where).content.decode())
        assert decide is not None
        send(boss, decide[1], {"state": "confirmed", "reason": "Copies were bought at a market"})
        doubt.refresh_from_db()
        assert (doubt.state, doubt.reason) == ("confirmed", "Copies were bought at a market")
        opened = owner.get(chips[0].link(base, 4), HTTP_X_COUNTRY="FR")
    assert main_attributes(opened)["authenticity"] == "genuine"
    for word in ("doubt", "clone", "copy", "copies", "counterfeit", "Japan"):
        assert word not in text_of(opened).lower()
    told = set(Event.objects.filter(brand=acme).values_list("kind", flat=True))
    assert {"units.imported", "tag.bound", "doubt.raised", "doubt.decided"} <= told
    done = set(AuditRow.objects.filter(brand=acme).values_list("action", flat=True))
    assert {"encoding.ordered", "encoding.fetched", "labels.printed"} <= done


def _import_two_units(boss, send, acme, gtin):
    rows = [f"{gtin},J-000{number},L-7,FR" for number in (1, 2)]
    file = upload("units.csv", "gtin,serial,batch,market", *rows)
    send(boss, "/console/imports/", {"brand": acme.pk, "file": file})
    assert Job.objects.get(kind="import_units").result["new"] == 2


def _order_encoding(boss, send, tmp_path):
    """Import the profile, order the encoding of the batch, and open the file as the station does."""
    (tmp_path / "profile.json").write_text(json.dumps(PROFILE))
    call_command("import_chip_profile", str(tmp_path / "profile.json"), brand="acme")
    station = ECKey.generate_key("P-256")
    asked = {
        "profile": ChipProfile.objects.get().pk,
        "batch": "L-7",
        "uids": "\n".join(CHIPS),
        "handover": "sealed",
        "recipient": station.as_pem(private=False).decode(),
    }
    answer = send(boss, "/console/encoding/", asked)
    assert answer.status_code == 302, answer.context["form"].errors
    sealed = send(boss, f"/console/encoding/{EncodingOrder.objects.get().pk}/file/", {})
    document = json.loads(jwe.decrypt_compact(sealed.content, station).plaintext)
    assert [unit["serial"] for unit in document["units"]] == ["J-0001", "J-0002"]
    return document


def _print_labels(boss, send, acme):
    """Print the batch's labels; return what each says to a camera, by the serial beside it."""
    wanted = {
        "brand": acme.pk,
        "batch": "L-7",
        "format": "roll-38x19",
        "start": "1",
        "copies": "1",
        "kind": "short",
        "level": "m",
    }
    shown = send(boss, "/console/labels/", {**wanted, "preview": "x"}).context["form"].data["shown"]
    send(boss, "/console/labels/", {**wanted, "shown": shown, "print": "x"})
    sheets = saved(boss, Job.objects.get(kind="print_labels"))
    pages = pypdf.PdfReader(io.BytesIO(sheets)).pages
    pictures = [page.render(scale=600 / 72).to_pil() for page in PdfDocument(sheets)]
    return {
        re.search(r"J-\d{4}", page.extract_text())[0]: zxingcpp.read_barcode(picture).text
        for page, picture in zip(pages, pictures, strict=True)
    }
