"""The public pages in French: no sentence is left in English, and each is set as French is."""

import ast
import html
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils.dates import MONTHS as MONTH_NAMES
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, override
from django.utils.translation.template import templatize

from analytics.kinds import Flag
from experiences.pages.section_page import SECTION_NAMES
from products.models import ProductMaterial
from products.services.brands import touch_content
from tests import factories
from tests.config.test_messages import read_po
from tests.reading import code_in_mail, form_of, main_attributes, text_of
from warranty.models import Coverage, CoveragePlan

ROOT = Path(settings.BASE_DIR)
CATALOG = ROOT / "locale/fr/LC_MESSAGES/django.po"
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "translate"}
MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
SAME = {"GTIN", "Organisation"}  # reads alike in both
STRING = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""


def test_no_word_of_ours_stands_in_the_place_of_a_month_or_a_weekday():
    """“27 May” is a date; a label “May” of ours would make “27 Peut” of it."""
    with override("fr"):
        assert [str(name) for name in MONTH_NAMES.values()] == MONTHS.split()
    with override("en"):
        names = {str(name) for name in (*MONTH_NAMES.values(), *WEEKDAYS.values())}
    assert not names & set(read_po(CATALOG))


def texts_in_python(path: Path) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return {
        argument.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in MARKS
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def texts_in_template(path: Path) -> set[str]:
    source = templatize(path.read_text(), origin=str(path))
    found = re.findall(rf"(?:_|gettext)\({STRING}\)", source)
    for pair in re.findall(rf"ngettext\({STRING}, {STRING}", source):
        found += pair
    return {ast.literal_eval(text).replace("%%", "%") for text in found}


def public_texts() -> set[str]:
    """Return every English text that a public page may show."""
    templates = [ROOT / "templates/base_public.html"]
    for folder in ("experiences", "components", "mail", "account"):
        templates += (ROOT / "templates" / folder).rglob("*.*")
    modules = [*(ROOT / "experiences/pages").glob("*.py"), *(ROOT / "experiences/views").glob("*.py")]
    modules += [
        ROOT / f"experiences/{name}.py"
        for name in ("forms", "registration_form", "identity_form", "proofs", "contact")
    ]
    modules += (ROOT / "experiences/resolver").glob("*.py")
    modules.append(ROOT / "config/accounts.py")
    return set().union(*map(texts_in_template, templates), *map(texts_in_python, modules)) - SAME


TEXTS = {
    text for text in public_texts() if re.search(r"[a-z]", PLACEHOLDER.sub("", text))
}  # with a word to read
AS_SHOWN = [
    (text, re.compile(".+?".join(map(re.escape, PLACEHOLDER.split(text))), re.DOTALL)) for text in TEXTS
]


def pieces(page) -> set[str]:
    """Return each run of text of a page, and what its attributes say, as a reader meets them."""
    body = re.sub(r"<(style|script)\b.*?</\1>", " ", page.content.decode(), flags=re.DOTALL)
    body = body.replace('lang="en" hreflang="en">English<', "><")  # the way to the other language
    runs = re.findall(r">([^<]+)<", body)
    runs += re.findall(r'\b(?:alt|title|placeholder|aria-label|content)="([^"]*)"', body)
    whole = {" ".join(html.unescape(run).split()) for run in runs}
    return {part for run in whole for part in (run, *run.split(" · ")) if part}


def left_in_english(page) -> set[str]:
    shown = pieces(page)
    return {text for text, pattern in AS_SHOWN if any(pattern.fullmatch(piece) for piece in shown)}


def assert_french(page) -> None:
    assert page.headers["Content-Language"] == "fr"
    assert '<html lang="fr" dir="ltr">' in page.content.decode()
    assert left_in_english(page) == set()


def french(path: str, client: Client | None = None):
    return (client or Client()).get(path, headers={"accept-language": "fr"})


def test_the_texts_of_the_public_pages_are_found():
    assert len(TEXTS) > 120
    assert {
        "This very piece",
        "Set it up",
        "%(count)s owners before this one.",
        "Call %(brand)s",
        "every %(months)s months",
        "There is no such page",
    } <= TEXTS


def test_every_text_of_the_public_pages_has_its_french():
    with override("fr"):
        missing = {text for text in TEXTS if gettext(text) == text}
    plurals = set(re.findall(r'^msgid_plural "(.*)"$', CATALOG.read_text(), re.MULTILINE))
    assert missing - plurals == set(), "translate them in locale/fr and run `make messages`"


def test_nothing_is_marked_as_a_guess():
    assert "#, fuzzy" not in CATALOG.read_text()


def test_french_texts_are_set_as_french_is():
    """Straight apostrophes, breakable spaces before : ; ? » or after «, exclamation marks: none."""
    wrong = re.compile(r"\w'\w|[ ][:;?!»](?!\w)|« |\w[;?»]|!")
    for english, texts in read_po(CATALOG).items():
        for text in texts:
            assert not wrong.search(text), (english, text)


def test_french_texts_fill_in_what_the_english_ones_do():
    for english, texts in read_po(CATALOG).items():
        for text in texts:
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(english)) or len(texts) > 1, (
                english
            )


@pytest.mark.django_db
def test_the_page_of_a_unit_in_every_stage_is_french(lives):
    for life, unit in lives.items():
        for path in ("", *(f"{name}/" for name in SECTION_NAMES)):
            page = french(f"/u/{unit.public_code}/{path}")
            assert page.status_code == 200, (life, path)
            assert_french(page)


@pytest.mark.django_db
def test_the_page_of_a_model_and_the_lists_of_links_are_french(unit):
    gtin = unit.trade_item.gtin
    assert_french(french(f"/model/{gtin}/"))
    browser = {"accept": "text/html", "accept-language": "fr"}
    for path in (f"/01/{gtin}", f"/01/{gtin}/21/{unit.serial}"):
        for link_type, status in (("linkset", 200), ("gs1:menuInfo", 404)):
            page = Client().get(f"{path}?linkType={link_type}", headers=browser)
            assert page.status_code == status
            assert_french(page)


@pytest.mark.django_db
def test_a_reader_can_tell_english_from_french_here(lives):
    """What the tests above look for is there to be found: the same pages in English hold it."""
    for unit in lives.values():
        assert len(left_in_english(Client().get(f"/u/{unit.public_code}/"))) > 8


@pytest.mark.django_db
@pytest.mark.parametrize("flag", list(Flag))
def test_what_is_open_is_said_in_french(flag, unit):
    factories.facts(unit, **{flag.value: True})
    page = french(f"/u/{unit.public_code}/")
    assert flag.value in main_attributes(page)["flags"]
    assert_french(page)


@pytest.mark.django_db
def test_verdicts_and_refusals_are_french(chip):
    visitor, link = Client(), chip.tap()
    other = french(chip.tap(), Client())
    pages = [french(link, visitor), french(link, visitor), french(link), other]
    pages += [french(path) for path in (link[:-1], link[:20], "/q/nothing", "/t/none?a=1", "/01/12/21/x")]
    assert {main_attributes(page)["authenticity"] for page in pages} >= {"replayed", "unknown", "invalid"}
    for page in pages:
        assert_french(page)


@pytest.mark.django_db
def test_finding_and_its_mistakes_are_french(unit):
    pages = [french(path) for path in ("/find/", "/find/acme/", "/find/how-to-tap/", "/nothing")]
    typed = ({}, {"model": "None", "serial": "None"}, {"model": "A", "serial": "1" * 21})
    pages += [Client().post("/find/", values, headers={"accept-language": "fr"}) for values in typed]
    for page in pages:
        assert_french(page)


def register(client: Client, path: str, **typed: str):
    values = {**form_of(french(path, client)), "contact": "alice@example.com", "name": "Alice", **typed}
    return client.post(path, values, headers={"accept-language": "fr"})


def mail_left_in_english() -> set[str]:
    """Return the English texts of every mail that was sent: its subject, its letter and its plain text."""
    assert mail.outbox
    shown: set[str] = set()
    for sent in mail.outbox:
        letters = sent.alternatives[0][0] if sent.alternatives else ""
        shown |= pieces(HttpResponse(letters)) | {
            " ".join(line.split()) for line in (sent.subject, *sent.body.splitlines())
        }
    return {text for text, pattern in AS_SHOWN if any(map(pattern.fullmatch, shown))}


@pytest.fixture
def promised(acme):
    """A warranty of two years and a privacy notice, in French."""
    acme.privacy = {"fr": "Votre adresse sert à votre pièce."}
    acme.save()
    touch_content(acme.pk)
    return CoveragePlan.objects.create(
        brand=acme,
        names={"fr": "Deux ans"},
        months=24,
        covered={"fr": "Les coutures."},
        excluded={"fr": "L’usure."},
    )


@pytest.mark.django_db
def test_registering_by_a_printed_code_is_french_from_the_form_to_the_certificate(unit, promised):
    client, path = Client(), f"/u/{unit.public_code}/"
    pages = [french(path + page, client) for page in ("register/", "privacy/")]
    pages += [register(client, path + "register/", contact=wrong) for wrong in ("", "alice@", "06 1")]
    register(client, path + "register/")
    pages.append(french(path + "confirm/", client))
    wrong, headers = {"code": "AAAA-AAAA"}, {"accept-language": "fr"}
    pages.append(client.post(path + "confirm/", wrong, headers=headers, follow=True))
    client.post(path + "confirm/", {"code": code_in_mail()}, headers={"accept-language": "fr"})
    french(path + "registered/", client)
    certificate = Coverage.objects.get(unit=unit).certificate_code
    pages += [french(page, client) for page in (path + "welcome/", path, f"/certificate/{certificate}/")]
    pages.append(french(path + "register/"))
    for page in pages:
        assert page.status_code in (200, 400)
        assert_french(page)


@pytest.mark.django_db
def test_registering_by_chip_is_french_and_so_is_its_mail(
    chip, unit, promised, django_capture_on_commit_callbacks
):
    client, path = Client(), f"/u/{unit.public_code}/"
    assert_french(french(chip.tap(), client))
    assert_french(french(path + "register/", client))
    with django_capture_on_commit_callbacks(execute=True):
        register(client, path + "register/")
    assert_french(french(path + "welcome/", client))
    assert mail_left_in_english() == set()


@pytest.mark.django_db
def test_logging_in_with_a_code_is_french_and_so_is_its_mail():
    client, path = Client(), "/accounts/login/code/"
    pages = [french(path, client)]
    client.post(path, {"email": "bob@example.com"}, headers={"accept-language": "fr"})
    pages.append(french(f"{path}confirm/", client))
    pages.append(client.post(f"{path}confirm/", {"code": "AAAA-AAAA"}, headers={"accept-language": "fr"}))
    for page in pages:
        assert left_in_english(page) == set()
    assert mail_left_in_english() == set()


@pytest.mark.django_db
def test_a_form_without_its_cookie_is_refused_in_french(unit):
    strict = Client(enforce_csrf_checks=True)
    page = strict.post(f"/u/{unit.public_code}/mine/", headers={"accept-language": "fr"})
    assert page.status_code == 403
    assert_french(page)


@pytest.mark.django_db
def test_dates_and_numbers_are_written_as_in_the_readers_language(acme, lives):
    use = ProductMaterial.objects.get(product=lives["retired"].product)
    use.share = "12.50"
    use.save()
    touch_content(acme.pk)
    retired = lives["retired"]
    path = f"/u/{retired.public_code}/recycle/"
    assert "12,5\N{NO-BREAK SPACE}%" in html.unescape(french(path).content.decode())
    assert "12.5\N{NO-BREAK SPACE}%" in html.unescape(Client().get(path).content.decode())
    month = MONTHS.split()[retired.retired_on.month - 1]
    history = text_of(french(f"/u/{retired.public_code}/provenance/"))
    assert f"{retired.retired_on.day} {month} {retired.retired_on.year} Recyclée" in history
