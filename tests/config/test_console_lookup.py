"""G1: one search finds the unit, by whatever an agent has at hand, and never another brand's."""

import datetime as dt

import pytest
from django.urls import reverse

from analytics.models import Scan
from products.models import AuditRow, Tag
from tests import factories
from tests.config.test_console_tenancy import console

pytestmark = pytest.mark.django_db

PAST = dt.datetime(2026, 1, 10, 9, tzinfo=dt.UTC)
URL = "/console/look-up/"


@pytest.fixture
def agent(sam):
    return console(sam)


@pytest.fixture
def rival(globex):
    """Globex's agent, who must find nothing of Acme's."""
    return console(factories.staff(globex, "rival", "support_agent"))


@pytest.fixture
def known(unit, chip, alice):
    """Acme's bag with a chip and an owner, and everything by which it can be found."""
    alice.phone = "+33 6 12 34 56 78"
    alice.save()
    factories.own(unit, alice, PAST)
    gtin, uid = unit.trade_item.gtin, chip.tag.uid
    without_uid, own_key = (
        factories.put_chip_on(
            unit,
            factories.ChipProfileFactory(brand=unit.brand, params={"uid": ""}, **extra),
        )
        for extra in ({}, {"keys": factories.OWN_KEYS})
    )
    return {
        "tap link": "http://testserver" + chip.tap(),
        "tap path": chip.tap(),
        "tap link with the unit's code": chip.tap().replace("?", f"/{unit.public_code.upper()}?"),
        "tap link without UID": without_uid.tap(),
        "tap link of a key of its own": own_key.tap(),
        "QR link": f"https://id.acme.example/q/{unit.public_code}",
        "page link": f"https://id.acme.example/u/{unit.public_code}/care/",
        "Digital Link": f"https://id.acme.example/01/{gtin}/21/AC-0001",
        "Digital Link path": f"/01/{gtin}/21/AC-0001?linkType=gs1:pip",
        "serial": "AC-0001",
        "serial in small letters": " ac-0001 ",
        "public code": unit.public_code,
        "public code in capitals": unit.public_code.upper(),
        "tag UID": uid,
        "tag UID as readers print it": ":".join(uid[i : i + 2].upper() for i in range(0, 14, 2)),
        "GTIN and serial": f"{gtin} AC-0001",
        "short GTIN and serial": f"{gtin.lstrip('0')},ac-0001",
        "element string": f"(01){gtin}(21)AC-0001",
        "e-mail": "Alice@Example.com",
        "telephone": "06 12 34 56 78",
        "telephone with country": "0033612345678",
        "name": "alice archer",
        "part of the name": "Archer",
    }


WAYS = [
    "tap link", "tap path", "QR link", "page link", "Digital Link", "Digital Link path", "serial",
    "serial in small letters", "public code", "public code in capitals", "tag UID",
    "tag UID as readers print it", "GTIN and serial", "short GTIN and serial", "element string", "e-mail",
    "telephone", "telephone with country", "name", "part of the name",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_it_opens_the_one_unit_that_was_meant(way, agent, rival, known, unit):
    for answer in (agent.post(URL, {"q": known[way]}), agent.get(URL, {"q": known[way]})):
        assert answer.status_code == 302
        assert answer.url == reverse("admin:products_unit_change", args=[unit.pk])
    page = rival.get(URL, {"q": known[way]})
    assert page.status_code == 200
    assert page.context["found"].is_empty
    assert "AC-0001" not in page.content.decode().replace(f'value="{known[way].strip()}"', "")


def test_pasting_a_tap_link_uses_nothing_up(agent, client, chip, unit):
    link = chip.tap()
    agent.post(URL, {"q": "http://testserver" + link})
    assert Tag.objects.get(pk=chip.tag.pk).last_counter is None
    assert not Scan.objects.exists()
    assert 'data-authenticity="genuine"' in client.get(link).content.decode()


def test_a_changed_tap_link_is_called_so(agent, chip):
    link = chip.tap()
    flipped = link[:-1] + ("0" if link[-1] != "0" else "1")
    assert "does not check" in agent.get(URL, {"q": flipped}).content.decode()


def test_several_hits_are_listed(agent, bag, unit):
    other = factories.UnitFactory(product=factories.full_product(bag.brand), serial="AC-0001")
    text = agent.get(URL, {"q": "AC-0001"}).content.decode()
    assert "2 units" in text
    for one in (unit, other):
        assert reverse("admin:products_unit_change", args=[one.pk]) in text


def test_nothing_found_says_what_was_tried(agent):
    text = agent.get(URL, {"q": "nothing-like-it"}).content.decode()
    assert "Nothing found." in text
    assert "a serial number" in text
    assert "an owner" in text


def test_several_owners_are_listed_and_the_reading_is_written_down(agent, sam, alice, bob):
    text = agent.get(URL, {"q": "example.com"}).content.decode()
    assert "Nothing found." in text, "part of an address is no search for people"
    bob.name = "Alice Baker"
    bob.save()
    text = agent.get(URL, {"q": "alice"}).content.decode()
    assert "Alice Archer" in text
    assert "Alice Baker" in text
    row = AuditRow.objects.get(action="look_up_owners")
    assert row.actor_id == sam.pk
    assert set(row.data["owner_ids"]) == {alice.pk, bob.pk}
    assert "lice" not in str(row.data)


def test_two_letters_do_not_list_the_customers(agent, alice, bob):
    assert agent.get(URL, {"q": "al"}).context["found"].is_empty
    assert not AuditRow.objects.exists()


def test_a_posted_search_leaves_no_name_in_the_address(agent, alice, bob):
    bob.name = "Alice Baker"
    bob.save()
    answer = agent.post(URL, {"q": "alice"})
    assert answer.url == URL
    assert "Alice Baker" in agent.get(URL).content.decode(), "reloading and going back keep the hits"


@pytest.mark.parametrize("role", ["analyst", "auditor", "commerce", "service_partner"])
def test_roles_without_personal_data_find_no_owner(role, acme, known):
    client = console(factories.staff(acme, "other", role))
    for way in ("e-mail", "telephone", "name"):
        assert client.get(URL, {"q": known[way]}).context["found"].is_empty
    assert client.get(URL, {"q": known["serial"]}).status_code == 302


def test_a_content_editor_finds_no_unit(acme, known):
    client = console(factories.staff(acme, "editor", "content_editor"))
    assert client.get(URL, {"q": known["serial"]}).context["found"].is_empty


@pytest.mark.parametrize(
    "query",
    ["", " ", "/", "//", "http://[", "/t/", "/t/none?x=1", "/t/acme-a", "/q/%00", "/01/1/21/", "\x00", "%", "(01)",
     "'; --", "x" * 5000, "/t/acme-a?picc_data=zz&cmac=zz", "http://testserver/t/acme-a?picc_data=" + "0" * 4000],
)  # fmt: skip
def test_odd_input_is_answered_with_a_page(query, agent, unit, chip):
    assert agent.get(URL, {"q": query}).status_code == 200
    assert agent.post(URL, {"q": query}).status_code == 302


def test_the_field_stands_on_every_page(agent, unit):
    for page in ("/console/", "/console/products/unit/", URL, f"/console/products/unit/{unit.pk}/change/"):
        assert 'id="look-up-q"' in agent.get(page).content.decode()
