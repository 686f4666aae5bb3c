"""Printing labels in the console: choose, look at the first sheet, print, fetch; and who may not."""

import io
import re
import zipfile

import pypdf
import pytest
import zxingcpp
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from products.labels import runs
from products.models import AuditRow, Job, PrivateFile
from products.services import labels as service
from products.services.job_runs import work_on_job
from tests import factories
from tests.config.test_console_tenancy import console

pytestmark = pytest.mark.django_db

PAGE = "/console/labels/"


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
def manager(acme):
    return console(factories.staff(acme, "mia", "service_manager"))


@pytest.fixture
def rival(globex):
    return console(factories.staff(globex, "rae", "brand_admin"))


@pytest.fixture
def units(bag):
    batch = factories.BatchFactory(product=bag, code="L1", made_on="2026-03-01")
    return [factories.UnitFactory(product=bag, batch=batch, serial=f"A-{n:04d}") for n in range(1, 4)]


@pytest.fixture
def send(acme, django_capture_on_commit_callbacks):
    def post(client, button="preview", execute=True, **values):
        given = {
            "brand": acme.pk, "format": "a4-24", "start": "1", "copies": "1", "kind": "short", "level": "m",
            "says": ["name", "model", "gtin"],
        }  # fmt: skip
        with django_capture_on_commit_callbacks(execute=execute):
            return client.post(PAGE, {**given, **values, button: "x"})

    return post


@pytest.fixture
def order(send):
    """Look at the first sheet, then print it; return the job."""

    def print_them(client, **values):
        shown = send(client, **values).context["form"].data["shown"]
        answer = send(client, "print", shown=shown, **values)
        assert answer.status_code == 302, answer.context["form"].errors
        return Job.objects.get(pk=re.search(r"\d+", answer.url)[0])

    return print_them


def fetched(client, job):
    answer = client.get(f"/console/files/{job.result['file']}/")
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


def text_of(pdf):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_batch_is_looked_at_printed_and_fetched(manager, units, send, order, bag):
    assert manager.get(PAGE).status_code == 200
    page = send(manager, batch="L1").content.decode()
    assert "<strong>3 labels</strong>, 1 sheet" in page
    assert not Job.objects.exists()
    job = order(manager, batch="L1")
    assert (job.state, job.done, job.total) == ("done", 3, 3)
    answer, pdf = fetched(manager, job)
    assert answer["Content-Disposition"] == f'attachment; filename="labels-{job.pk}.pdf"'
    said = text_of(pdf)
    assert all(unit.serial in said for unit in units)
    assert "Weekend bag" in said
    assert f"GTIN {bag.trade_items.get().gtin}" in said
    row = AuditRow.objects.get(action="labels.printed")
    assert (row.data["labels"], row.data["selection"]["batch"]) == (3, "L1")
    assert f"/console/files/{job.result['file']}/" in manager.get(f"{PAGE}{job.pk}/").content.decode()


def test_the_preview_shows_the_very_first_code(manager, units, send):
    import base64

    page = send(manager, batch="L1", format="roll-38x19").content.decode()
    png = base64.b64decode(re.search(r"data:image/png;base64,([^\"]+)", page)[1])
    link = zxingcpp.read_barcode(Image.open(io.BytesIO(png))).text
    assert link == f"http://127.0.0.1:8000/q/{units[0].public_code}"


def test_nothing_is_printed_that_was_not_shown(manager, units, send, order):
    """The form was changed after the preview, or units came in meanwhile: the sheet is shown again first."""
    shown = send(manager, batch="L1").context["form"].data["shown"]
    assert send(manager, "print", batch="L1", copies="2", shown=shown).status_code == 200
    assert send(manager, "print", batch="L1").status_code == 200
    factories.UnitFactory(product=units[0].product, batch=units[0].batch)
    again = send(manager, "print", batch="L1", shown=shown)
    assert "<strong>4 labels</strong>" in again.content.decode()
    assert not Job.objects.exists()


def test_a_label_is_in_the_language_of_its_brand_not_of_who_prints_it(manager, acme, units, order):
    acme.locales = ["fr", "en"]
    acme.save()
    _answer, pdf = fetched(manager, order(manager, serials="A-0001"))
    said = text_of(pdf)
    assert "Sac de voyage" in said
    assert f"Modèle {units[0].product.model_number}" in said


@pytest.mark.parametrize(
    ("values", "serials"),
    [
        ({"serials": "A-0001..A-0002"}, ["A-0001", "A-0002"]),
        ({"serials": "A-0003\r\n A-0001\tA-0003"}, ["A-0001", "A-0003"]),
        ({"made_from": "2026-03-01", "made_to": "2026-03-01"}, ["A-0001", "A-0002", "A-0003"]),
        ({"serials": "A-0002", "copies": "2"}, ["A-0002", "A-0002"]),
    ],
)
def test_units_are_chosen_by_range_list_or_days(manager, units, order, values, serials):
    _answer, pdf = fetched(manager, order(manager, **values))
    assert re.findall(r"A-\d{4}", text_of(pdf)) == serials


def test_products_narrow_down(manager, units, order, bag):
    factories.UnitFactory(product=factories.full_product(bag.brand), serial="A-0001")
    _answer, pdf = fetched(manager, order(manager, product=bag.pk, serials="A-0001"))
    assert f"GTIN {bag.trade_items.get().gtin}" in text_of(pdf)


def test_the_digital_link_of_gs1_can_be_printed(manager, units, order, bag):
    import pypdfium2

    _answer, pdf = fetched(manager, order(manager, serials="A-0001", kind="gs1", level="h"))
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=300 / 72).to_pil()
    link = zxingcpp.read_barcode(picture).text
    assert link == f"http://127.0.0.1:8000/01/{bag.trade_items.get().gtin}/21/A-0001"


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({}, "__all__", "Say which units"),
        ({"batch": "nothing-like-it"}, "__all__", "No unit fits"),
        ({"serials": "A-0001 Z-1 Z-2"}, "serials", "2 serial numbers are of no unit: Z-1, Z-2"),
        ({"serials": "A-0001..A-0009"}, "serials", "6 serial numbers are of no unit"),
        ({"serials": "№ 7"}, "serials", "are of no unit"),
        ({"serials": "A-0..A-99999999999999999999"}, "serials", "more than 10000"),
        ({"serials": "1" * 5000 + ".." + "1" * 5000}, "serials", "There is no unit"),
        ({"serials": "1" * 1_000_000 + "x"}, "serials", "There is no unit"),
        ({"serials": "1..9999 " * 10_000}, "serials", "more than 10000"),
        ({"serials": "A-0001", "format": "a0"}, "format", "a0 is not one of"),
        ({"serials": "A-0001", "start": "25"}, "start", "has 24 labels"),
        ({"serials": "A-0001", "start": "0"}, "start", "greater than or equal to 1"),
        ({"serials": "A-0001", "copies": "21"}, "copies", "less than or equal to 20"),
        ({"serials": "A-0001", "kind": "aztec"}, "kind", "not one of"),
        ({"made_from": "2026-03-02", "made_to": "2026-03-01"}, "made_to", "before the first"),
        ({"made_from": "yesterday"}, "made_from", "valid date"),
        ({"units": "1;DROP"}, "units", "be read"),
        ({"batch": "x" * 21}, "batch", "at most 20"),
        ({"serials": "A\x00B"}, "serials", "Null characters"),
    ],
)
def test_bad_input_gets_its_own_sentence_and_nothing_is_lost(manager, units, send, values, field, words):
    answer = send(manager, **values)
    assert answer.status_code == 400
    assert words in " ".join(answer.context["form"].errors[field])
    assert answer.context["form"].data.get("serials", "") == values.get("serials", "")


def test_a_serial_of_two_products_asks_for_the_product(manager, units, send, acme):
    factories.UnitFactory(product=factories.full_product(acme), serial="A-0001")
    answer = send(manager, serials="A-0001")
    assert "choose the product, too" in answer.context["form"].errors["serials"][0]


def test_too_many_labels_are_refused_and_many_warned_of(manager, units, send, monkeypatch):
    monkeypatch.setattr("config.console.labels.LARGE_RUN", 2)
    assert "This is a large run" in send(manager, batch="L1").content.decode()
    monkeypatch.setattr(service, "MAX_LABELS", 2)
    answer = send(manager, batch="L1")
    assert "Print 2 at most" in answer.context["form"].errors["__all__"][0]


def test_fine_print_is_warned_of(manager, bag, send):
    factories.UnitFactory(product=bag, serial="/" * 20)  # three characters each in a link
    given = {"serials": "/" * 20, "format": "roll-25x15"}
    fine = send(manager, kind="gs1", level="h", **given).content.decode()
    assert "a printer of 600 dpi or more" in fine
    assert "That is fine print" in fine
    coarse = send(manager, serials="/" * 20).content.decode()
    assert "a printer of 203 dpi or more" in coarse
    assert "That is fine print" not in coarse


def test_long_runs_are_several_files_of_whole_sheets(manager, units, order, monkeypatch):
    monkeypatch.setattr(service, "PER_FILE", 24)
    answer, content = fetched(manager, order(manager, batch="L1", copies="20", start="20"))
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        counts = [len(re.findall(r"A-\d{4}", text_of(archive.read(name)))) for name in archive.namelist()]
    assert counts == [5, 24, 24, 7]


def test_a_run_can_be_stopped_and_leaves_no_file(manager, units, send, acme):
    shown = send(manager, batch="L1").context["form"].data["shown"]
    answer = send(manager, "print", execute=False, batch="L1", shown=shown)
    assert '<meta http-equiv="refresh"' in manager.get(answer.url).content.decode()
    assert manager.post(f"{answer.url}stop/").status_code == 302
    assert Job.objects.get().state == "cancelled"
    assert "there is no file" in manager.get(answer.url).content.decode()
    assert not PrivateFile.objects.exists()


def test_a_run_that_is_stopped_half_way_leaves_no_file_either(manager, units, send, acme, monkeypatch):
    shown = send(manager, batch="L1").context["form"].data["shown"]
    send(manager, "print", execute=False, batch="L1", shown=shown)
    monkeypatch.setattr(service, "READ_AT_ONCE", 1)
    draw = service.write_sheets

    def draw_while_somebody_stops_it(out, labels, options):
        next(labels)
        Job.objects.update(cancel_requested=True)
        return draw(out, labels, options)

    monkeypatch.setattr(service, "write_sheets", draw_while_somebody_stops_it)
    work_on_job(Job.objects.get().pk, now=timezone.now())
    job = Job.objects.get()
    assert (job.state, job.done, job.total) == ("cancelled", 1, 3)
    assert not PrivateFile.objects.exists()


def test_a_run_whose_units_are_gone_says_so(manager, units, send, acme):
    shown = send(manager, batch="L1").context["form"].data["shown"]
    send(manager, "print", execute=False, batch="L1", shown=shown)
    for unit in units:
        unit.delete()
    work_on_job(Job.objects.get().pk, now=timezone.now())
    job = Job.objects.get()
    assert (job.state, job.error) == ("failed", "No unit fits what you chose.")


@pytest.mark.parametrize("role", ["support_agent", "content_editor", "analyst", "auditor", "service_partner"])
def test_other_roles_may_not_print(acme, role, send, units):
    client = console(factories.staff(acme, "pat", role))
    assert client.get(PAGE).status_code == 403
    assert send(client, batch="L1").status_code == 403
    assert 'value="print_labels"' not in client.get("/console/products/unit/").content.decode()


def test_a_visitor_is_sent_to_the_login(client, units):
    for path in (PAGE, f"{PAGE}1/", f"/console/codes/{units[0].pk}/short.svg"):
        assert "/login/" in client.get(path).url


def test_a_rival_reaches_neither_units_nor_jobs_nor_files(
    manager, rival, units, send, order, acme, globex, bag
):
    job = order(manager, batch="L1")
    assert rival.get(f"{PAGE}{job.pk}/").status_code == 404
    assert rival.post(f"{PAGE}{job.pk}/stop/").status_code == 404
    assert rival.get(f"/console/files/{job.result['file']}/").status_code == 404
    assert rival.get(f"/console/codes/{units[0].pk}/short.svg").status_code == 404
    for values in ({"serials": "A-0001"}, {"units": str(units[0].pk)}, {"batch": "L1"}, {"product": bag.pk}):
        assert send(rival, **values).status_code == 400, values
    assert "Acme" not in rival.get(PAGE).content.decode()


def test_staff_of_two_brands_print_one_brands_product_only(acme, globex, bag, send, units):
    person = factories.staff(acme, "double", "brand_admin")
    factories.StaffMembership.objects.create(brand=globex, person=person, role="brand_admin")
    answer = send(console(person), brand=globex.pk, product=bag.pk)
    assert "another brand" in answer.context["form"].errors["product"][0]


def test_units_ticked_in_their_list_come_along(manager, units, send, order, acme):
    answer = manager.post(
        "/console/products/unit/",
        {"action": "print_labels", "_selected_action": [unit.pk for unit in units[:2]]},
        follow=True,
    )
    assert answer.redirect_chain[-1][0].startswith(PAGE)
    page = answer.content.decode()
    assert "2 units are chosen." in page
    chosen = re.search(r'name="units" value="([\d,]+)"', page)[1]
    _answer, pdf = fetched(manager, order(manager, units=chosen))
    assert re.findall(r"A-\d{4}", text_of(pdf)) == ["A-0001", "A-0002"]


def test_too_many_ticked_units_are_refused(manager, units, monkeypatch):
    monkeypatch.setattr("config.console.labels.MOST_SELECTED", 2)
    answer = manager.post(
        "/console/products/unit/",
        {"action": "print_labels", "_selected_action": [unit.pk for unit in units]},
        follow=True,
    )
    assert "Tick 2 units at most" in answer.content.decode()


def test_a_units_code_is_shown_and_saved_as_svg_and_png(manager, unit):
    shown = manager.get(f"/console/codes/{unit.pk}/short.svg")
    assert shown["Content-Type"] == "image/svg+xml"
    assert f">{unit.serial}</text>" in shown.content.decode()
    assert not AuditRow.objects.filter(action="code.saved").exists()
    for kind, level in (("short", "m"), ("gs1", "h")):
        saved = manager.get(f"/console/codes/{unit.pk}/{kind}.png?save&level={level}")
        assert saved["Content-Disposition"].startswith("attachment")
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(saved.content)).convert("L"))
        assert code.text.startswith("http://127.0.0.1:8000/" + {"short": "q/", "gs1": "01/"}[kind])
        assert code.ec_level >= "H" if level == "h" else code.ec_level in "MQH"
    assert [row.data["kind"] for row in AuditRow.objects.filter(action="code.saved")] == ["gs1", "short"]
    page = manager.get(reverse("admin:products_unit_change", args=[unit.pk])).content.decode()
    assert f"/console/codes/{unit.pk}/gs1.png?save" in page


@pytest.mark.parametrize("path", ["aztec.svg", "short.gif", "short.svg?level=x"])
def test_a_code_of_another_kind_does_not_exist(manager, unit, path):
    assert manager.get(f"/console/codes/{unit.pk}/{path}").status_code == 404


def test_a_serial_with_markup_is_harmless_in_the_picture(manager, bag):
    unit = factories.UnitFactory(product=bag, serial="<&\"'>")
    import xml.etree.ElementTree as ElementTree

    svg = manager.get(f"/console/codes/{unit.pk}/short.svg").content
    assert ElementTree.fromstring(svg)[-1].text == unit.serial


def test_the_page_costs_the_same_with_3_and_30_units(
    manager, units, send, django_assert_max_num_queries, bag
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    send(manager, product=bag.pk)
    with CaptureQueriesContext(connection) as few:
        send(manager, product=bag.pk)
    for number in range(4, 31):
        factories.UnitFactory(product=bag, serial=f"A-{number:04d}")
    with CaptureQueriesContext(connection) as many:
        send(manager, product=bag.pk)
    assert len(many) == len(few)


def test_a_range_that_is_none_is_a_serial_number(bag):
    assert runs._written_out("A-1..B-2") == ["A-1..B-2"]
    assert runs._written_out("A-0998..A-1001") == ["A-0998", "A-0999", "A-1000", "A-1001"]
    assert runs._written_out("7..9") == ["7", "8", "9"]
    assert runs._written_out("9..7") == []
