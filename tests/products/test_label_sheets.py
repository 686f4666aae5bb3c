"""Labels on paper: read back from the PDF by a decoder and as text, format by format."""

import io
import itertools

import pypdf
import pypdfium2
import pytest
import zxingcpp

from products.labels.formats import FORMATS, MM
from products.labels.layout import Label, box_of, lay_out
from products.labels.qr import Level, symbol
from products.labels.sheets import PREVIEW_WIDTH, SheetOptions, module_size, preview_png, write_sheets

LONGEST_SERIAL = "W" * 20
LONG_NAME = "Weekend bag of full-grain leather in cognac, with brass buckles, large"
SHORT_LINK = "https://care.corvane.example/q/0123456789abcdefghjk"
GS1_LINK = "https://care.corvane.example/01/09521234567899/21/" + "%2F" * 20
DETAILS = ("Model AB-1200-X", "GTIN 09521234567899")

every_format = pytest.mark.parametrize("slug", FORMATS)


def label(number=1, *, content=SHORT_LINK, serial=None, name=LONG_NAME):
    return Label(content, serial or f"CV-2026-{number:04d}", name, DETAILS)


def pdf_of(slug, labels, *, level=Level.M, start=1):
    out = io.BytesIO()
    count = write_sheets(out, labels, SheetOptions(FORMATS[slug], level, "Labels", start))
    assert count == len(labels)
    return out.getvalue()


def codes_on(pdf, page=0, dpi=300):
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[page].render(scale=dpi / 72, grayscale=True).to_pil()
    return zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)


@every_format
@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("content", [SHORT_LINK, GS1_LINK], ids=["short", "gs1"])
def test_a_code_is_read_back_from_the_smallest_print(slug, level, content):
    """At 600 dpi, what label printers and office printers do, the longest link can be read."""
    (found,) = codes_on(pdf_of(slug, [label(content=content)], level=level), dpi=600)
    assert found.text == content
    assert {"M": "MQH", "H": "H"}[level.value.upper()].find(found.ec_level) >= 0


@every_format
def test_every_label_of_a_sheet_carries_its_own_code_and_serial(slug):
    per_sheet = FORMATS[slug].per_sheet
    labels = [label(number, content=f"{SHORT_LINK}{number}") for number in range(1, per_sheet + 3)]
    pdf = pdf_of(slug, labels)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == FORMATS[slug].sheets(len(labels))
    assert sorted(code.text for code in codes_on(pdf)) == sorted(one.content for one in labels[:per_sheet])
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert all(one.serial in text for one in labels)
    assert reader.metadata.title == "Labels"


def test_a_used_sheet_is_begun_at_its_first_free_label():
    pdf = pdf_of("a4-24", [label(number) for number in (1, 2)], start=24)
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert ["CV-2026-0001" in page.extract_text() for page in reader.pages] == [True, False]
    (found,) = codes_on(pdf)
    height = 297 / 25.4 * 300
    assert found.position.top_left.y > height * 0.85


@every_format
@pytest.mark.parametrize("serial", ["1", "CV-2026-0001", LONGEST_SERIAL, "i" * 20, "AB/CD-EF_GH.IJ:KL(MN"])
@pytest.mark.parametrize(
    "name", ["", "Bag", LONG_NAME, "Donaudampfschifffahrtsgesellschaft" * 3, "旅行鞄 " * 9]
)
def test_nothing_ever_leaves_its_label_or_meets_the_code(slug, serial, name):
    """The text keeps to its column, line under line, however long serial and name are."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    found = FORMATS[slug]
    box = box_of(found)
    lines = lay_out(Label(SHORT_LINK, serial, name, DETAILS), box)
    assert "".join(line.text for line in lines if line.face.endswith("Semibold")) == serial
    symbol_ends = box.symbol[0] + box.symbol[2]
    for line in lines:
        assert line.x > symbol_ends
        assert line.x + stringWidth(line.text, line.face, line.size) < found.label[0] * MM
        assert line.size >= 4.5
        assert 0 < line.y - 0.21 * line.size < line.y + 0.72 * line.size < found.label[1] * MM
    for above, below in itertools.pairwise(lines):
        assert above.y - 0.21 * above.size >= below.y + 0.72 * below.size - 0.01


@every_format
def test_a_number_is_whole_or_not_there(slug):
    """Half a GTIN would be a wrong one; only a name may be cut short."""
    lines = [line.text for line in lay_out(label(), box_of(FORMATS[slug]))]
    assert {line for line in lines if line.startswith(("Model", "GTIN"))} <= set(DETAILS)
    assert [line for line in lines if line.endswith("…")] in ([], [lines[0]], [lines[1]])


@every_format
def test_all_labels_of_a_format_lie_on_the_sheet_and_beside_each_other(slug):
    found = FORMATS[slug]
    corners = [found.corner(position) for position in range(1, found.per_sheet + 1)]
    for left, bottom in corners:
        assert -0.01 <= left <= found.page[0] - found.label[0] + 0.01
        assert -0.01 <= bottom <= found.page[1] - found.label[1] + 0.01
    for (left, bottom), (other_left, other_bottom) in itertools.combinations(corners, 2):
        apart = abs(left - other_left) >= found.label[0] - 0.01
        assert apart or abs(bottom - other_bottom) >= found.label[1] - 0.01
    for position in (0, found.per_sheet + 1):
        with pytest.raises(ValueError, match="positions"):
            found.corner(position)


def test_the_symbol_is_the_smallest_that_holds_the_link():
    assert symbol(SHORT_LINK, Level.M).version == 4  # 51 bytes: 62 fit (ISO/IEC 18004, table 7)
    assert symbol(SHORT_LINK, Level.H).version == 6  # 4 holds 34, 5 holds 44, 6 holds 58
    assert symbol(SHORT_LINK, Level.H).error == "H"


def test_the_quiet_zone_is_four_modules_on_every_side():
    found = FORMATS["roll-25x15"]
    module = module_size(label(), SheetOptions(found, Level.M, ""))
    (code,) = codes_on(pdf_of("roll-25x15", [label()]), dpi=1200)
    across = box_of(found).symbol[2] / MM / module
    assert round(across) == symbol(SHORT_LINK, Level.M).symbol_size(border=4)[0]
    edge = code.position.top_left.x / 1200 * 25.4
    assert edge >= 4 * module


def test_the_preview_is_the_first_sheet():
    png = preview_png([label()], SheetOptions(FORMATS["a4-24"], Level.M, ""))
    from PIL import Image

    picture = Image.open(io.BytesIO(png))
    assert abs(picture.width - PREVIEW_WIDTH) <= 1
    assert zxingcpp.read_barcode(picture).text == SHORT_LINK
