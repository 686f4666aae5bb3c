"""Finding a unit by what its label says (A10): help, limits, and answers that tell nothing."""

import pytest
from django.core.cache import cache
from django.test import Client

from experiences.find import PER_ADDRESS, PER_MODEL, find_unit
from products.models import TradeItem
from tests import factories
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db


def ask(client, model, serial, brand="", **extra):
    return client.post(f"/find/{brand}", {"model": model, "serial": serial}, **extra)


@pytest.fixture
def piece(acme):
    product = factories.ProductFactory(
        brand=acme, model_number="WB-20", slug="weekend", names={"en": "Weekend bag", "fr": "Sac de voyage"}
    )
    TradeItem.objects.create(brand=acme, product=product, gtin="09521234000019"[:13] + "0")
    return factories.UnitFactory(product=product, serial="Ac-00i7")


@pytest.mark.parametrize(
    ("model", "serial"),
    [
        ("WB-20", "Ac-00i7"),
        ("wb-20", "AC-00I7"),
        ("  WB-20 ", "  ac-00i7  "),
        ("weekend", "ac-00i7"),
        ("Weekend bag", "ac-00i7"),
        ("WEEKEND BAG", "ac-00i7"),
        ("Sac de voyage", "ac-00i7"),
    ],
)
def test_model_and_serial_lead_to_the_unit(client, piece, model, serial):
    found = ask(client, model, serial)
    assert (found.status_code, found.headers["Location"]) == (302, f"/q/{piece.public_code}")
    page = client.get(found.headers["Location"])
    assert main_attributes(page)["authenticity"] == "identified"


@pytest.mark.parametrize("spell", ["{0}", "{1}", "{2} {3}", " {2}-{3} "])
def test_the_digits_under_the_barcode_are_a_model_too(client, piece, spell):
    gtin = piece.trade_item.gtin
    found = ask(client, spell.format(gtin, gtin[1:], gtin[1:7], gtin[7:]), piece.serial)
    assert found.status_code == 302


def test_a_wrong_model_and_a_wrong_serial_get_the_same_answer(client, piece):
    wrong_model = ask(client, "Nothing", piece.serial)
    wrong_serial = ask(client, "WB-20", "NOPE")
    assert wrong_model.status_code == wrong_serial.status_code == 404
    assert wrong_model.context["page"].message == wrong_serial.context["page"].message
    assert wrong_model.context["page"].message in text_of(wrong_model)


def test_a_serial_that_two_products_share_needs_the_right_model(client, acme, globex):
    pieces = [
        factories.UnitFactory(
            product=factories.ProductFactory(brand=brand, model_number=number, names={"en": "Bag"}),
            serial="S1",
        )
        for brand, number in ((acme, "A-1"), (acme, "A-2"), (globex, "A-1"))
    ]
    assert ask(client, "A-2", "s1").headers["Location"].endswith(pieces[1].public_code)
    # Two brands, or two products of one name: ambiguous, and answered like a wrong number.
    assert ask(client, "A-1", "s1").status_code == 404
    assert ask(client, "Bag", "s1").status_code == 404
    assert ask(client, "A-1", "s1", brand="acme/").headers["Location"].endswith(pieces[0].public_code)
    assert ask(client, "A-1", "s1", brand="globex/").headers["Location"].endswith(pieces[2].public_code)


def test_a_brands_form_never_finds_a_rivals_unit(client, piece, globex):
    assert ask(client, "WB-20", piece.serial, brand="globex/").status_code == 404
    assert ask(client, "WB-20", piece.serial, brand="nobody/").status_code == 404


def test_on_a_brands_own_domain_the_form_is_that_brands(client, piece, globex):
    from products.models import BrandDomain

    BrandDomain.objects.create(brand=globex, host="care.globex.example")
    page = client.get("/find/", headers={"host": "care.globex.example:8443"})
    assert page.context["page"].brand.name == "Globex"
    other = client.post(
        "/find/", {"model": "WB-20", "serial": piece.serial}, headers={"host": "CARE.globex.example"}
    )
    assert other.status_code == 404


def test_guessing_is_limited_per_address_and_what_was_typed_stays(client, piece):
    for _time in range(PER_ADDRESS.most):
        assert ask(client, "WB-20", "guess").status_code == 404
    limited = ask(client, "WB-20", "guess-13")
    assert limited.status_code == 429
    assert limited.context["page"].message in text_of(limited)
    assert 'value="guess-13"' in limited.content.decode()
    # Over the limit even the right number tells nothing; another address is not concerned.
    assert ask(client, "WB-20", piece.serial).status_code == 429
    assert ask(Client(REMOTE_ADDR="203.0.113.9"), "WB-20", piece.serial).status_code == 302


def test_guessing_at_one_model_is_limited_for_everybody_together(client, piece):
    for number in range(PER_MODEL.most - 1):
        address = f"198.51.{number // 250}.{number % 250}"
        assert find_unit(model="WB-20", serial=f"guess-{number}", brand_id=None, address=address).not_found
    assert ask(Client(REMOTE_ADDR="203.0.113.8"), "WB-20", "guess-300").status_code == 404
    assert ask(Client(REMOTE_ADDR="203.0.113.9"), "wb-20 ", piece.serial).status_code == 429


def test_right_answers_spend_nothing(client, piece):
    for _time in range(PER_ADDRESS.most + 3):
        assert ask(client, "WB-20", piece.serial).status_code == 302


def test_the_address_is_the_one_that_trusted_proxies_tell(client, piece, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(PER_ADDRESS.most):
        # What a client writes itself stands before what the proxy appends, and moves no limit.
        ask(client, "WB-20", "guess", headers={"x-forwarded-for": f"10.0.0.{number}, 203.0.113.7"})
    over = {"x-forwarded-for": "10.9.9.9, 203.0.113.7"}
    assert ask(client, "WB-20", piece.serial, headers=over).status_code == 429
    fresh = {"x-forwarded-for": "203.0.113.7, 203.0.113.8"}
    assert ask(client, "WB-20", piece.serial, headers=fresh).status_code == 302


@pytest.mark.parametrize(
    ("model", "serial", "sentence"),
    [
        ("", "X", "Type the model name, its number, or the digits under the barcode."),
        ("X", "  ", "Type the serial number."),
        ("X", "9" * 21, "A serial number has at most 20 characters; this has more."),
    ],
)
def test_an_incomplete_form_says_what_is_missing_and_costs_no_guess(client, acme, model, serial, sentence):
    for _time in range(PER_ADDRESS.most + 1):
        answer = ask(client, model, serial)
    assert answer.status_code == 400
    assert sentence in text_of(answer)


def keys_in_the_cache() -> list[str]:
    """Return every key of the cache under test, whether it is this process's memory or Redis."""
    backend = cache._cache
    if hasattr(backend, "get_client"):
        return [key.decode() for key in backend.get_client().keys("*")]
    return [str(key) for key in backend]


def test_no_serial_number_is_kept_in_the_cache_or_the_log(client, piece, caplog):
    ask(client, "WB-20", "SECRET-SERIAL")
    assert "SECRET-SERIAL" not in caplog.text
    assert not any("wb-20" in key.lower() for key in keys_in_the_cache())


def test_the_form_and_its_help_open_for_every_visitor(client, acme):
    for path in ("/find/", "/find/acme/", "/find/how-to-tap/"):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert client.get("/").headers["Location"] == "/find/"


def test_the_form_takes_a_token_of_ours(piece):
    assert ask(Client(enforce_csrf_checks=True), "WB-20", piece.serial).status_code == 403


def test_serials_that_differ_by_case_only_are_each_found_as_written(client, bag):
    upper = factories.UnitFactory(product=bag, serial="TWIN-A")
    lower = factories.UnitFactory(product=bag, serial="twin-a")
    for unit in (upper, lower):
        response = client.post("/find/", {"model": bag.model_number, "serial": unit.serial})
        assert response.url == f"/q/{unit.public_code}"
    assert client.post("/find/", {"model": bag.model_number, "serial": "Twin-a"}).status_code == 404
