"""Absolute links: the brand's own domain, else the installation's; never the Host header."""

import pytest

from products.codes import ALPHABET, LENGTH, new_public_code, normalise_public_code
from products.links import brand_base_url, digital_link, qr_url
from products.models import BrandDomain, Unit
from tests import factories

pytestmark = pytest.mark.django_db


def test_without_a_domain_links_use_the_installations_address(unit, settings):
    settings.PUBLIC_BASE_URL = "https://things.example:8443"
    base = brand_base_url(unit.brand)
    assert qr_url(unit, base) == f"https://things.example:8443/q/{unit.public_code}"
    assert digital_link(unit, base) == f"https://things.example:8443/01/{unit.trade_item.gtin}/21/AC-0001"


def test_the_primary_domain_goes_before_and_keeps_the_scheme(acme, settings):
    settings.PUBLIC_BASE_URL = "https://things.example"
    BrandDomain.objects.create(brand=acme, host="old.acme.example")
    assert brand_base_url(acme) == "https://things.example"
    BrandDomain.objects.create(brand=acme, host="care.acme.example", is_primary=True)
    assert brand_base_url(acme) == "https://care.acme.example"


def test_a_hostile_host_gets_into_no_link(client, unit):
    page = client.get(f"/q/{unit.public_code}", headers={"host": "evil.example"})
    assert "evil.example" not in page.content.decode()
    found = client.post(
        "/find/",
        {"model": unit.product.model_number, "serial": unit.serial},
        headers={"host": "evil.example"},
    )
    assert "evil.example" not in found.headers["Location"]


def test_a_digital_link_of_an_awkward_serial_leads_back(client, bag):
    unit = factories.UnitFactory(product=bag, serial="A/1%?&+=\"'")
    path = digital_link(unit, "")
    assert client.get(path, RAW_URI=path).status_code == 200


def test_public_codes_have_100_random_bits_and_are_read_out_safely():
    codes = {new_public_code() for _n in range(200)}
    assert len(codes) == 200
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert len(set(ALPHABET)) == 32
    assert LENGTH * 5 >= 96
    assert not set("ilou") & set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    ["0123abcdefghjkmnpqrs", "O123ABCDEFGHJKMNPQRS", " o1-23abc-defgh-jkmnpqrs ", "0l23abcdefghjkmnpqrs"],
)
def test_a_mistyped_code_is_put_right(typed):
    assert normalise_public_code(typed) == "0123abcdefghjkmnpqrs"


@pytest.mark.parametrize("typed", ["", "\x00", "a\x00b", "é", "a b", "a/b", "'", "٣"])
def test_what_can_not_be_a_code_is_none(typed):
    assert normalise_public_code(typed) == ""
    assert not Unit.objects.filter(public_code="").exists()
