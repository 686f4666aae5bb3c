"""The published AES links, through HTTP, against profiles and units made as rows."""

import json
from pathlib import Path

import pytest
from django.test import Client

from analytics.models import Scan
from products.models import Tag
from products.profiles import to_sun
from products.sun import verify
from tests import factories
from tests.reading import main_attributes

pytestmark = pytest.mark.django_db

VECTORS = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parents[1] / "vectors" / "sun.json").read_text())["sdm"]
    if vector["mode"] == "AES"
}


def link_of(vector, **changed) -> str:
    query = "&".join(f"{name}={value}" for name, value in {**vector["params"], **changed}.items())
    return f"/t/{slug_of(vector)}?{query}"


def slug_of(vector) -> str:
    return vector["id"].replace("_", "-")


@pytest.fixture
def vector(request, bag):
    return install(VECTORS[request.param], bag)


def install(vector, product):
    """Make the profile of a published link, and a unit that carries its chip if none does yet."""
    profile = factories.ChipProfileFactory(
        brand=product.brand,
        slug=slug_of(vector),
        mac_from="enc" if vector["mac_input_ascii"] else "cmac",
        keys=json.dumps(
            {
                "meta_read_key": vector["sdm_meta_read_key"],
                "file_read_key": vector["sdm_file_read_key"],
            }
        ),
    )
    profile.refresh_from_db()
    uid = verify(link_of(vector).lstrip("/"), to_sun(profile)).uid.hex()
    unit = factories.UnitFactory(product=product)
    Tag.objects.create(brand=product.brand, unit=unit, kind="chip", profile=profile, uid=uid)
    return vector


def authenticity(response) -> str:
    return main_attributes(response)["authenticity"]


@pytest.mark.parametrize("vector", VECTORS, indirect=True)
def test_a_published_link_is_genuine_once(client, vector):
    link = link_of(vector)
    assert authenticity(client.get(link)) == "genuine"
    assert authenticity(client.get(link)) == "refreshed"
    assert authenticity(Client().get(link)) == "replayed"
    counter = vector["expect"].get("read_ctr")
    if counter is not None:
        assert set(Scan.objects.values_list("counter", flat=True)) == {counter}


@pytest.mark.parametrize("vector", VECTORS, indirect=True)
def test_any_flipped_digit_of_a_published_link_is_invalid(client, vector):
    for name, value in vector["params"].items():
        for position, digit in enumerate(value):
            flipped = value[:position] + f"{int(digit, 16) ^ 1:X}" + value[position + 1 :]
            seen = client.get(link_of(vector, **{name: flipped}))
            assert (seen.status_code, seen.context["page"].verdict.value) == (400, "invalid"), (
                name,
                position,
            )
    assert not Scan.objects.exists()
    assert authenticity(client.get(link_of(vector))) == "genuine"


def test_two_links_of_one_chip_in_order_are_both_genuine(client, bag):
    older, newer = same_chip(bag)
    assert authenticity(client.get(link_of(older))) == "genuine"
    assert authenticity(client.get(link_of(newer))) == "genuine"
    assert authenticity(Client().get(link_of(older))) == "replayed"


def test_two_links_of_one_chip_reversed_let_only_the_newer_pass(client, bag):
    older, newer = same_chip(bag)
    assert authenticity(client.get(link_of(newer))) == "genuine"
    assert authenticity(client.get(link_of(older))) == "replayed"
    assert Tag.objects.get().last_counter == newer["expect"]["read_ctr"]


def same_chip(bag):
    """Return the two published links of chip 04958caa5c5e80, counters 1 and 8, under one profile."""
    older = {**VECTORS["aes_enc_an12196_t4"], "id": "one-chip"}
    newer = {**VECTORS["aes_enc_sun2"], "id": "one-chip"}
    install(older, bag)
    assert (older["expect"]["read_ctr"], newer["expect"]["read_ctr"]) == (1, 8)
    return older, newer
