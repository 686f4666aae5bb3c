"""What every public page keeps to: its attributes, its one first action, its policy, its size."""

import base64
import datetime as dt
import gzip
import hashlib
import html
import re
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from analytics.kinds import Flag
from analytics.services import raise_flag
from experiences.models import ContentBlock
from experiences.pages.layouts import (
    DISCOVERY,
    FIRST_DAYS_LAYOUT,
    FIRST_WEEKS,
    MATURITY,
    OWNERSHIP,
    RESALE,
    RETIRED,
    UNBOXING,
)
from experiences.pages.section_page import SECTION_NAMES
from experiences.theme import CORNERS, DENSITIES, STACKS, house_style, style_for
from ownership.services import end_ownership
from products.models import Brand, Product, Unit
from products.services.brands import touch_content
from tests import factories
from tests.reading import action_of, main_attributes, module_names, text_of
from warranty.models import CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db

FIRST_WINDOW = 14_336  # bytes: what a server may send before the first acknowledgement (ten segments)
LIVES = ("discovery", "unboxing", "day 3", "day 14", "ownership", "maturity", "resale", "retired")
LAYOUTS = dict(
    zip(
        LIVES,
        (DISCOVERY, UNBOXING, FIRST_DAYS_LAYOUT, FIRST_WEEKS, OWNERSHIP, MATURITY, RESALE, RETIRED),
        strict=True,
    )
)


def ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def home(unit: Unit, client: Client | None = None):
    return (client or Client()).get(f"/u/{unit.public_code}/")


def section(unit: Unit, name: str):
    return Client().get(f"/u/{unit.public_code}/{name}/")


def test_every_unit_page_carries_the_contracts_attributes_and_one_first_action(lives):
    for life, unit in lives.items():
        page = home(unit)
        attributes = main_attributes(page)
        assert set(attributes) == {"stage", "authenticity", "viewer", "flags"}, life
        assert attributes["viewer"] == "looking"
        body = page.content.decode()
        assert body.count("data-action=") == 1, life
        link = re.search(r'<a class="button" href="/[^"]+" data-action="[a-z-]+">[^<]+</a>', body)
        assert link or life == "unboxing", life
        assert body.count("<h1") == 1


def test_the_first_action_of_unboxing_submits_the_form_on_the_page(lives):
    """C1: registering is one submit on the tap page, without another page before it."""
    unit = lives["unboxing"]
    body = home(unit).content.decode()
    form = re.search(r'<form id="([a-z-]+)" method="post" action="([^"]+)"', body)
    assert form.group(2) == f"/u/{unit.public_code}/register/"
    button = re.search(r'<button class="button" type="submit"([^>]*)>', body).group(1)
    assert f'form="{form.group(1)}"' in button
    assert 'data-action="register"' in button


def test_modules_stand_in_the_order_of_the_stages_layout(lives):
    """A4: the order is the layout's; what has nothing to say is left out."""
    for unit in lives.values():
        if unit.ownerships.exists():
            CoveragePlan.objects.get_or_create(brand=unit.brand, names={"en": "Ten years"}, months=120)
            activate_coverage(unit_id=unit.pk, now=timezone.now())
    for life, unit in lives.items():
        shown = module_names(home(unit))
        wanted = [name for name in LAYOUTS[life].modules if name in shown]
        assert shown == wanted, life
        unsaid = set(LAYOUTS[life].modules) - set(shown)
        assert unsaid <= {"register"}, life


def test_every_section_page_answers_for_a_unit_in_every_stage(lives):
    for life, unit in lives.items():
        for name in SECTION_NAMES:
            page = section(unit, name)
            assert page.status_code == 200, (life, name)
            attributes = main_attributes(page)
            assert attributes["stage"] == main_attributes(home(unit))["stage"], (life, name)
            assert attributes["authenticity"] == "identified"
            assert page.content.decode().count("<h1") == 1, (life, name)
            assert f'href="/u/{unit.public_code}/"' in page.content.decode(), "the way back"


def test_headings_never_skip_a_level(lives):
    pages = [home(unit) for unit in lives.values()]
    pages += [section(lives["maturity"], name) for name in SECTION_NAMES]
    pages += [Client().get("/find/"), Client().get("/find/how-to-tap/"), Client().get("/q/nothing")]
    for page in pages:
        levels = [int(level) for level in re.findall(r"<h([1-6])", page.content.decode())]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_the_policy_allows_the_pages_own_sheet_by_its_hash_and_nothing_else(client, chip):
    page = client.get(chip.tap())
    body = page.content.decode()
    sheets = re.findall(r"<style>(.*?)</style>", body, flags=re.DOTALL)
    assert len(sheets) == 1
    digest = base64.b64encode(hashlib.sha256(sheets[0].encode()).digest()).decode()
    policy = page["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy


def test_no_page_has_inline_styles_or_scripts_or_anything_from_elsewhere(lives):
    pages = [home(unit) for unit in lives.values()]
    pages += [section(lives["maturity"], name) for name in SECTION_NAMES]
    pages += [Client().get(path) for path in ("/find/", "/find/how-to-tap/", "/q/nothing", "/no-such-page")]
    for page in pages:
        body = page.content.decode()
        assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", body)
        assert "<script" not in body
        assert not re.search(r'(src|srcset)="(?!/)', body)
        assert not re.search(r"url\(|@import", body)


@pytest.mark.parametrize("typeface", STACKS)
@pytest.mark.parametrize("corner", CORNERS)
def test_a_full_page_fits_the_first_window_in_every_look(lives, acme, typeface, corner):
    """P9: the whole page, its style included, comes in one round trip."""
    Brand.objects.filter(pk=acme.pk).update(typeface=typeface, corner=corner)
    touch_content(acme.pk)
    for life, unit in lives.items():
        page = Client().get(f"/u/{unit.public_code}/", headers={"accept-encoding": "gzip"})
        assert page["Content-Encoding"] == "gzip"
        assert len(page.content) <= FIRST_WINDOW, life
        assert main_attributes_of(gzip.decompress(page.content).decode())


def main_attributes_of(body: str) -> list[str]:
    return re.findall(r"<main[^>]*data-stage=\"[a-z]+\"", body)


def test_the_sheet_is_the_same_for_all_units_of_a_look_and_differs_between_looks():
    sheets = {
        style_for("#7a4a21", "#f7f1e6", typeface, corner, density).css
        for typeface in STACKS
        for corner in CORNERS
        for density in DENSITIES
    }
    assert len(sheets) == len(STACKS) * len(CORNERS) * len(DENSITIES)
    assert house_style() == house_style()
    assert not any("<" in sheet for sheet in sheets), "nothing in a sheet can end its element"


def test_hostile_names_and_attributes_are_shown_as_text(acme):
    evil = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    bag = factories.full_product(
        acme, names={"en": evil}, picture_alt={"en": evil}, picture="a" * 12 + ".webp"
    )
    unit = factories.UnitFactory(product=bag, serial="X<b>\"'&", attributes={evil: evil, "artisan": evil})
    for page in (home(unit), *(section(unit, name) for name in SECTION_NAMES)):
        body = page.content.decode()
        assert not any(raw in body for raw in ("<script", "<img src=x", "X<b>"))
        assert html.escape(evil) in body
        assert body.count("</style>") == 1


def test_a_page_is_whole_without_picture_texts_care_or_contact(globex):
    """A3 with the least that a brand can have entered."""
    Brand.objects.filter(pk=globex.pk).update(care_email="", care_phone="")
    touch_content(globex.pk)
    unit = factories.UnitFactory(product=factories.ProductFactory(brand=globex), serial="GL-1")
    page = home(unit)
    assert page.status_code == 200
    assert module_names(page) == ["authenticity", "identity", "register"]
    assert "<img" not in page.content.decode()
    for name in SECTION_NAMES:
        body = section(unit, name).content.decode()
        assert not any(scheme in body for scheme in ("mailto:", "tel:"))
        assert not re.search(r'href="(#|)"', body), "no dead links"


def test_a_picture_has_its_size_its_words_and_the_first_place_in_the_queue(acme, bag, unit):
    Product.objects.filter(pk=bag.pk).update(picture="a" * 12 + ".webp", picture_alt={"en": "A brown bag"})
    touch_content(acme.pk)
    image = re.search(r"<img[^>]*>", home(unit).content.decode()).group()
    assert 'src="/pictures/aaaaaaaaaaaa.webp"' in image
    assert 'width="800" height="800"' in image
    assert 'alt="A brown bag"' in image
    assert 'fetchpriority="high"' in image


def test_a_direction_and_a_language_stand_on_the_page(unit):
    assert '<html lang="en" dir="ltr">' in home(unit).content.decode()
    french = Client().get(f"/u/{unit.public_code}/?lang=fr").content.decode()
    assert '<html lang="fr" dir="ltr">' in french
    assert f'<a href="/u/{unit.public_code}/?lang=en" lang="en" hreflang="en">English</a>' in french
    assert 'aria-current="true">Français</a>' in french


def test_the_other_direction_reaches_the_page_and_codes_keep_theirs():
    body = render_to_string(
        "experiences/problem.html",
        {
            "title": "T",
            "sentence": "S",
            "status": 404,
            "locale": "ar",
            "direction": "rtl",
            "style": house_style(),
        },
    )
    assert '<html lang="ar" dir="rtl">' in body
    css = house_style().css
    assert not re.search(r"[{;](margin|padding|border)-(left|right):", css), "logical properties only"
    assert not re.search(r"[{;](left|right|text-align: ?(left|right)):?", css)


def test_the_form_stands_where_nobody_is_owner_and_its_mine_is_the_quieter_way(lives):
    for life in ("discovery", "unboxing"):
        body = section(lives[life], "register").content.decode()
        assert f'action="/u/{lives[life].public_code}/register/"' in body, life
    assert (
        f'action="/u/{lives["discovery"].public_code}/mine/"'
        in section(lives["discovery"], "register").content.decode()
    )
    for life in ("day 3", "maturity", "resale", "retired"):
        assert "<form" not in section(lives[life], "register").content.decode(), life
    assert "This piece is registered already." in text_of(section(lives["ownership"], "register"))
    assert "can't be registered now" in text_of(section(lives["retired"], "register"))


def test_a_unit_whose_owner_gave_it_up_is_not_said_to_be_new(unit, alice):
    factories.own(unit, alice, ago(100))
    end_ownership(unit=unit, until=ago(5), now=timezone.now())
    page = section(unit, "register")
    assert "/mine/" not in page.content.decode()
    assert "/register/" in page.content.decode(), "the next owner may register it"
    assert "Just bought it?" not in text_of(home(unit))


def test_whoever_said_its_mine_is_not_asked_again(client, unit):
    client.post(f"/u/{unit.public_code}/mine/")
    page = home(unit, client)
    assert action_of(page) == "register"
    assert "/mine/" not in page.content.decode()
    assert "/mine/" not in section(unit, "register").content.decode()


def test_a_message_to_the_brand_names_the_unit(unit):
    body = section(unit, "help").content.decode()
    assert 'href="mailto:care@acme.example?subject=Weekend%20bag%20%C2%B7%20AC-0001"' in body
    assert 'href="tel:+33199000000"' in body


def test_a_recall_leads_every_page_of_the_unit_with_a_way_to_the_remedy(unit):
    """A6: also on the pages behind the first one."""
    raise_flag(unit, Flag.RECALL, now=timezone.now(), actor_id=None)
    assert action_of(home(unit)) == "recall"
    for name in SECTION_NAMES:
        page = section(unit, name)
        assert module_names(page)[0] == "recall", name
        assert main_attributes(page)["flags"] == "recall"
        callout = re.search(
            r'data-flag="recall".*?</section>', page.content.decode(), flags=re.DOTALL
        ).group()
        assert "mailto:care@acme.example" in callout, name


def test_a_replayed_link_tells_where_the_tag_is(chip, acme, bag):
    Product.objects.filter(pk=bag.pk).update(tag_place={"en": "Inside the flap"})
    touch_content(acme.pk)
    link = chip.tap()
    Client().get(link)
    page = Client().get(link)
    assert "Where its tag is: Inside the flap" in text_of(page)
    assert action_of(page) == "tap-again"


def test_a_refusal_carries_its_verdict_and_the_better_of_two_ways_first(client, chip):
    invalid = client.get(chip.tap()[:-1] + "Z")
    assert main_attributes(invalid) == {
        "stage": "", "authenticity": "invalid", "viewer": "looking", "flags": ""
    }  # fmt: skip
    assert action_of(invalid) == "tap-again"
    unknown = client.get("/q/nothing")
    assert main_attributes(unknown)["authenticity"] == "unknown"
    assert action_of(unknown) == "find"
    assert invalid.content.decode().count("data-action=") == 1


def test_a_form_field_is_tied_to_its_label_hint_and_error(client, acme):
    body = client.post("/find/", {"model": "Weekend bag", "serial": ""}).content.decode()
    assert '<label for="id_serial">' in body
    serial = re.search(r'<input[^>]*name="serial"[^>]*>', body).group()
    assert 'aria-invalid="true"' in serial
    described = re.search(r'aria-describedby="([^"]*)"', serial).group(1).split()
    assert described == ["id_serial_helptext", "id_serial_error"]
    assert all(f'id="{name}"' in body for name in described)
    assert 'value="Weekend bag"' in body, "nothing typed is lost"


def test_set_up_and_help_are_readable_without_leaving_the_page(unit, acme, bag):
    """A2: on a bad network the answer is already there."""
    ContentBlock.objects.filter(brand=acme, kind="help").update(bodies={"en": "Push until it clicks."})
    touch_content(acme.pk)
    page = home(unit)
    assert "Push until it clicks." in text_of(page)
    assert "<details><summary>A help text</summary>" in page.content.decode()
