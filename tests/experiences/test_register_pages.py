"""What stands around registering: the one action, what it promises, the privacy notice, coverage, the certificate."""

import datetime as dt
import re
from io import BytesIO
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from experiences.pages.modules import coverage_bar
from ownership.models import ConsentWording, Purpose
from products.days import day_in
from products.services.brands import touch_content
from products.typefaces import face_for
from tests.reading import action_of, filled_form, form_of, main_attributes, text_of
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage, last_day

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 3, 12)


@pytest.fixture
def unboxed(unit):
    """The bag, sold yesterday: its page is that of unboxing."""
    unit.sold_on = timezone.now().date() - dt.timedelta(days=1)
    unit.save()
    return unit


@pytest.fixture
def plan(acme):
    return CoveragePlan.objects.create(
        brand=acme,
        names={"en": "Two years"},
        months=24,
        covered={"en": "Material & workmanship:\n\n- seams\n- clasps"},
        excluded={"en": "Wear."},
    )


def test_at_unboxing_the_one_action_submits_the_form_on_the_page(client, chip, unboxed, plan):
    """A2, C1: two fields, a box that is not ticked, one submit, in the page that the tap opened."""
    ask_for_marketing(unboxed.brand)
    page = client.get(chip.tap())
    body = page.content.decode()
    assert body.count("data-action=") == 1
    assert action_of(page) == "register"
    form_id, action = re.search(r'<form id="(\w+)" method="post" action="([^"]+)"', body).groups()
    assert re.search(rf'<button [^>]*type="submit" form="{form_id}" data-action="register"', body)
    assert action == f"/u/{unboxed.public_code}/register/"
    form = re.search(r"<form id.*?</form>", body, re.DOTALL).group()
    assert re.findall(r'<input type="(?!hidden)(\w+)"', form) == ["text", "text", "checkbox"]
    assert "checked" not in form
    assert "<button" not in form


def ask_for_marketing(brand) -> None:
    ConsentWording.objects.create(
        brand=brand, purpose=Purpose.MARKETING, version=1, texts={"en": "Write to me about care."}
    )
    touch_content(brand.pk)


def test_the_button_names_the_day_until_which_registering_gives_warranty(client, chip, unboxed, plan):
    today = day_in(ZoneInfo(unboxed.brand.time_zone), timezone.now())
    until = last_day(today, 24)
    text = text_of(client.get(chip.tap()))
    assert f"Register it, warranty until {until.day} {until:%B %Y}" in text


def test_no_warranty_is_promised_where_there_is_no_plan(client, chip, unboxed):
    text = text_of(client.get(chip.tap()))
    assert "Register it in your name" in text
    assert "warranty" not in text.lower()


def test_with_a_printed_code_the_button_says_that_a_code_comes_first(unboxed, plan):
    text = text_of(Client().get(f"/q/{unboxed.public_code}"))
    assert "Send me the code to register it" in text
    assert "Its warranty then runs until" in text


def test_a_used_link_asks_for_a_new_tap_first_and_the_form_keeps_its_own_button(client, chip, unboxed):
    link = chip.tap()
    Client().get(link)
    body = client.get(link).content.decode()
    assert body.count("data-action=") == 1
    assert 'data-action="tap-again"' in body
    form = re.search(r"<form id.*?</form>", body, re.DOTALL).group()
    assert '<button class="button" type="submit">' in form


def test_the_privacy_notice_is_linked_where_the_brand_wrote_one_and_nowhere_else(unboxed):
    address = f"/u/{unboxed.public_code}/privacy/"
    assert address not in Client().get(f"/u/{unboxed.public_code}/register/").content.decode()
    assert Client().get(address).status_code == 404
    brand = unboxed.brand
    brand.privacy = {"en": "We keep *your address*. <script>alert(1)</script>"}
    brand.save()
    touch_content(brand.pk)
    assert address in Client().get(f"/u/{unboxed.public_code}/register/").content.decode()
    notice = Client().get(address)
    assert "<em>your address</em>" in notice.content.decode()
    assert "<script" not in notice.content.decode()


def test_the_page_of_the_code_says_where_it_went_and_lets_the_address_be_corrected(client, unit):
    page = client.get(f"/u/{unit.public_code}/register/")
    client.post(
        f"/u/{unit.public_code}/register/", {**form_of(page), "contact": "alice@example.com", "name": "Alice"}
    )
    confirm = client.get(f"/u/{unit.public_code}/confirm/")
    assert "It is on its way to alice@example.com and works for fifteen minutes." in text_of(confirm)
    body = confirm.content.decode()
    assert f'href="/u/{unit.public_code}/register/"' in body
    field = re.search(r'<input [^>]*name="code"[^>]*>', body).group()
    assert 'autocomplete="one-time-code"' in field
    assert 'autocapitalize="characters"' in field
    wrong = client.post(f"/u/{unit.public_code}/confirm/", {"code": "AAAA-AAAA"}, follow=True)
    assert wrong.redirect_chain == [(f"/u/{unit.public_code}/confirm/", 302)]
    assert "This is not the code." in text_of(wrong)
    assert "AAAA-AAAA" in wrong.content.decode()


@pytest.mark.parametrize(
    ("today", "state", "left", "gone"),
    [
        (DAY - dt.timedelta(1), "ahead", 10, 0),
        (DAY, "active", 10, 0),
        (DAY + dt.timedelta(5), "active", 5, 50),
        (DAY + dt.timedelta(9), "active", 1, 90),
        (DAY + dt.timedelta(10), "over", 0, 100),
    ],
)
def test_the_coverage_bar_covers_the_last_day_whole(today, state, left, gone):
    bar = coverage_bar(DAY, DAY + dt.timedelta(9), today)
    assert (bar["state"], bar["days_left"], bar["share_gone"]) == (state, left, gone)


def certificate(unit, name: str) -> bytes:
    product = unit.product
    product.names = {"en": name}
    product.save()
    touch_content(unit.brand_id)
    coverage = activate_coverage(unit_id=unit.pk, now=timezone.now())
    return Client().get(f"/certificate/{coverage.certificate_code}.pdf").content


def pages_in(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.parametrize("typeface", ["serif", "humanist", "grotesk"])
@pytest.mark.parametrize("name", ["Bag", "Łódź „Žlutá“ Сумка İğne", "鞄", "W" * 60, "<b>&"])
def test_the_certificate_is_one_sheet_in_every_typeface_and_script(unit, plan, typeface, name):
    unit.brand.typeface = typeface
    unit.brand.save()
    plan.covered = {"en": "Every seam and clasp.\n\n" * 60}
    plan.save()
    pdf = certificate(unit, name)
    assert pdf.startswith(b"%PDF")
    assert pages_in(pdf) == 1


def test_the_certificate_embeds_its_typefaces_and_links_to_its_check(unit, plan):
    pdf = certificate(unit, "Łódź")
    assert b"/FontFile2" in pdf
    assert b"SourceSerifPro" in pdf
    assert b"/URI" in pdf


def test_a_face_without_a_letter_gives_way_to_one_that_has_it():
    assert face_for("Bag", "SourceSerifPro-It") == "SourceSerifPro-It"
    assert face_for("Сумка", "SourceSerifPro-It") == "SourceSerifPro-Regular"
    assert face_for("鞄", "SourceSerifPro-It") == "STSong-Light"
    assert face_for("かばん", "SourceSerifPro-It") == "HeiseiMin-W3"


def test_the_certificates_page_shows_terms_dates_and_a_code_to_check_it(unit, plan):
    coverage = activate_coverage(unit_id=unit.pk, now=timezone.now())
    page = Client().get(f"/certificate/{coverage.certificate_code}/")
    body, text = page.content.decode(), text_of(page)
    assert "seams" in text
    assert "Wear." in text
    assert unit.serial in text
    assert f"until and including {coverage.ends_on.day} {coverage.ends_on:%B %Y}" in text
    assert f"/certificate/{coverage.certificate_code}/" in text
    assert "<svg" in body
    assert ' style="' not in body


def pdf_text(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_the_certificate_names_no_person_and_its_printed_link_opens(client, chip, unit, plan):
    """C2: a statement of the unit, which whoever holds the sheet may check; its owner stands nowhere on it."""
    client.get(chip.tap())
    page = client.get(f"/u/{unit.public_code}/register/")
    form = filled_form(page) | {"contact": "zoe.quill@example.com", "name": "Zoë Quill"}
    client.post(f"/u/{unit.public_code}/register/", form)
    code = Coverage.objects.get().certificate_code
    sheet, pdf = client.get(f"/certificate/{code}/"), client.get(f"/certificate/{code}.pdf").content
    details = PdfReader(BytesIO(pdf)).metadata
    for text in (sheet.content.decode(), pdf_text(pdf), repr(details)):
        assert not re.search(r"quill|zoë|zoe|example\.com", text, flags=re.IGNORECASE)
    printed = re.search(r"https?://\S+/certificate/\S+", pdf_text(pdf)).group()
    assert printed in text_of(sheet)
    stranger = Client().get(urlsplit(printed).path)
    assert stranger.status_code == 200
    assert unit.serial in text_of(stranger)
    assert Client().get(f"/certificate/{code[:-1]}{'0' if code[-1] != '0' else '1'}/").status_code == 404


def test_the_coverage_stands_on_the_page_of_every_looker(client, unit, plan):
    """It goes with the unit, so a buyer may check it before there is a sale."""
    coverage = activate_coverage(unit_id=unit.pk, now=timezone.now())
    type(unit).objects.filter(pk=unit.pk).update(sold_on=timezone.now().date() - dt.timedelta(days=400))
    page = Client().get(f"/u/{unit.public_code}/")
    assert main_attributes(page)["viewer"] == "looking"
    assert f'href="/certificate/{coverage.certificate_code}/"' in page.content.decode()


@pytest.mark.parametrize("code", ["a%00b", "nowhere", "%F0%9F%98%80"])
def test_a_code_that_no_certificate_has_is_unknown(client, code):
    for path in (f"/certificate/{code}/", f"/certificate/{code}.pdf"):
        assert client.get(path).status_code == 404
