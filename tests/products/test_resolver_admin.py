"""The console's pages for links of the resolver and GS1 keys: what they take, what they refuse, and why."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from products.models import AuditRow, BrandDomain, IdentificationKey, ResolverLink
from products.targets import MAX_LENGTH, check_target
from tests import factories
from tests.reading import text_of

LINKS, KEYS = "/console/products/resolverlink/", "/console/products/identificationkey/"


@pytest.fixture
def boss(acme):
    client = Client()
    client.force_login(factories.with_second_factor(factories.staff(acme, "boss", "brand_admin")))
    return client


def form(**values):
    return {
        "link_type": "gs1:instructions", "title": "The manual", "href": "https://acme.example/manual",
        "media_type": "text/html", "is_public": "on", "forwards_query": "on", **values,
    }  # fmt: skip


def refusal(response):
    assert response.status_code == 200
    assert not ResolverLink.objects.exists()
    return text_of(response)


# --- Links -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_link_that_staff_declare_answers_at_once_and_is_in_the_audit_trail(boss, bag):
    gtin = bag.trade_items.get().gtin
    assert boss.get(f"/01/{gtin}?linkType=gs1:instructions").status_code == 404
    assert boss.post(f"{LINKS}add/", form(product=bag.pk)).status_code == 302
    link = ResolverLink.objects.get()
    assert (link.brand, link.product) == (bag.brand, bag)
    answer = boss.get(f"/01/{gtin}?linkType=gs1:instructions")
    assert answer.headers["Location"].startswith("https://acme.example/manual")
    assert AuditRow.objects.filter(object_type="products.resolverlink", action="add").exists()
    boss.post(f"{LINKS}{link.pk}/change/", form(product=bag.pk, href="https://acme.example/new"))
    assert "/new" in boss.get(f"/01/{gtin}?linkType=gs1:instructions").headers["Location"]
    boss.post(f"{LINKS}{link.pk}/delete/", {"post": "yes"})
    assert boss.get(f"/01/{gtin}?linkType=gs1:instructions").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"link_type": "gs1:nosuchlt"}, "is not one of the available choices"),
        ({"link_type": "gs1:defaultLink"}, "is not one of the available choices"),
        ({"link_type": "gs1:productSustainabilityInfo"}, "is not one of the available choices"),
        (
            {"language": "French"},
            "Ensure this value has at most 10 characters|Write a language as two small letters",
        ),
        ({"language": "FR"}, "Write a language as two small letters"),
        ({"market": "fr"}, "Write a country as two capital letters"),
        ({"media_type": "html"}, "Write a media type in small letters"),
        ({"href": "javascript:alert(1)"}, "begins with https:// or http://"),
        ({"title": ""}, "This field is required"),
    ],
)
def test_what_a_link_can_not_be_is_said_and_nothing_typed_is_lost(boss, bag, values, said):
    seen = boss.post(f"{LINKS}add/", form(product=bag.pk, **values))
    assert any(words in refusal(seen) for words in said.split("|"))
    assert 'value="text/html"' in seen.content.decode() or "media_type" in values
    assert all(value in seen.content.decode() for value in values.values())


@pytest.mark.django_db
def test_a_link_is_for_one_thing(boss, bag, unit):
    assert "Choose one thing" in refusal(boss.post(f"{LINKS}add/", form(product=bag.pk, unit=unit.pk)))


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"is_default": "on"}, {"link_type": "gs1:pip"}])
def test_the_code_of_a_unit_leads_to_the_units_page(boss, unit, values):
    said = refusal(boss.post(f"{LINKS}add/", form(unit=unit.pk, **values)))
    assert "always leads to the piece's own page" in said


@pytest.mark.django_db
def test_a_link_stands_once(boss, bag):
    assert boss.post(f"{LINKS}add/", form(product=bag.pk)).status_code == 302
    again = boss.post(f"{LINKS}add/", form(product=bag.pk, href="https://ACME.example/manual"))
    assert "This very link stands here already" in text_of(again)
    assert boss.post(f"{LINKS}add/", form(product=bag.pk, language="fr")).status_code == 302


@pytest.mark.django_db
def test_a_thing_has_one_default_link(boss, bag):
    assert boss.post(f"{LINKS}add/", form(product=bag.pk, is_default="on")).status_code == 302
    seen = boss.post(f"{LINKS}add/", form(product=bag.pk, is_default="on", link_type="gs1:faqs"))
    assert "Another link is the default here already" in text_of(seen)
    assert boss.post(f"{LINKS}add/", form(is_default="on")).status_code == 302  # the brand's own


@pytest.mark.django_db
def test_a_rivals_things_can_not_be_linked_nor_its_links_seen(boss, globex):
    theirs = factories.full_product(globex)
    assert "Select a valid choice" in refusal(boss.post(f"{LINKS}add/", form(product=theirs.pk)))
    link = ResolverLink.objects.create(
        brand=globex, link_type="gs1:faqs", href="https://g.example/", title="G"
    )
    assert boss.get(f"{LINKS}{link.pk}/change/").status_code == 302
    assert "https://g.example/" not in boss.get(LINKS).content.decode()
    assert boss.post(f"{LINKS}{link.pk}/change/", form()).status_code == 302
    link.refresh_from_db()
    assert link.title == "G"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "may"), [("content_editor", True), ("compliance", True), ("analyst", False)]
)
def test_who_makes_things_may_link_them(acme, role, may):
    client = Client()
    client.force_login(factories.with_second_factor(factories.staff(acme, "somebody", role)))
    assert client.post(f"{LINKS}add/", form()).status_code == (302 if may else 403)
    assert ResolverLink.objects.exists() == may


# --- Targets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("javascript:alert(1)", "scheme"), ("JaVaScRiPt:alert(1)", "scheme"), ("data:text/html,x", "scheme"),
        ("file:///etc/passwd", "scheme"), ("ftp://acme.example/", "scheme"), ("//acme.example/", "scheme"),
        ("acme.example", "scheme"), ("", "scheme"), ("/manual", "scheme"), ("java\nscript:alert(1)", "unwritten"),
        ("https://acme.example/a b", "unwritten"), ("https://acme.example\\@evil.example", "unwritten"),
        ("https://user:word@acme.example/", "credentials"), ("https://acme.example@evil.example/", "credentials"),
        ("http://localhost/", "inside"), ("http://localhost:8000/", "inside"), ("http://LOCALHOST./", "inside"),
        ("http://app.localhost/", "inside"), ("http://127.0.0.1/", "inside"), ("http://127.1/", "inside"),
        ("http://[64:ff9b::a00:1]/", "inside"), ("http://[2002:c0a8:1::]/", "inside"),
        ("http://2130706433/", "inside"), ("http://0x7f000001/", "inside"), ("http://0177.0.0.1/", "inside"),
        ("http://0/", "inside"), ("http://10.0.0.8/", "inside"), ("http://192.168.1.1/", "inside"),
        ("http://172.16.0.1/", "inside"), ("http://169.254.169.254/latest/meta-data/", "inside"),
        ("http://100.64.0.1/", "inside"), ("http://224.0.0.1/", "inside"), ("http://[::1]/", "inside"),
        ("http://[::ffff:10.0.0.1]/", "inside"), ("http://[fe80::1]/", "inside"), ("http://[fd00::1]/", "inside"),
        ("http://metadata.google.internal/", "inside"), ("http://db.internal/", "inside"),
        ("http://printer.local/", "inside"), ("http://nas.home.arpa/", "inside"), ("http://1２7.0.0.1/", "inside"),
        ("http://intranet/", "malformed"), ("https://", "malformed"), ("https://[::1", "malformed"),
        ("https://acme.example:99999/", "malformed"), ("https://a..example/", "malformed"),
        ("https://-a.example/", "malformed"), ("https://" + "a" * 64 + ".example/", "malformed"),
        ("https://1.2.3.4.5/", "malformed"), ("https://acme.example/" + "x" * 500, "too_long"),
        ("https://ours.example/console/", "back_room"), ("https://ours.example/accounts/login/", "back_room"),
        ("https://OURS.example:8443/api/v1/", "back_room"), ("https://ours.example/01/09520000000004", "loop"),
        ("https://ours.example/8004/95201234", "loop"), ("https://ours.example/%63onsole/", "back_room"),
        ("https://ours.example//console", "back_room"), ("https://ours.example/x/../console/", "back_room"),
        ("https://ours.example/%30%31/09520000000004", "loop"),
    ],
)  # fmt: skip
def test_where_a_link_must_not_lead(address, code):
    with pytest.raises(ValidationError) as caught:
        check_target(address, our_hosts={"ours.example"})
    assert caught.value.code == code
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        (" https://acme.example/manual?v=2#part ", "https://acme.example/manual?v=2#part"),
        ("HTTPS://Acme.Example/Manual", "https://acme.example/Manual"),
        ("https://bücher.example/straße", "https://xn--bcher-kva.example/stra%C3%9Fe"),
        ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://acme.example:8443/a%20b", "https://acme.example:8443/a%20b"),
        ("http://93.184.215.14/", "http://93.184.215.14/"),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/x", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/x"),
        ("https://ours.example/find/", "https://ours.example/find/"),
        ("https://acme.example/console/", "https://acme.example/console/"),
    ],
)  # fmt: skip
def test_where_a_link_may_lead_and_how_it_is_stored(address, stored):
    assert check_target(address, our_hosts={"ours.example"}) == stored
    assert check_target(stored, our_hosts={"ours.example"}) == stored
    assert len(stored) <= MAX_LENGTH


@pytest.mark.django_db
def test_the_domains_of_every_brand_are_ours(boss, bag, globex):
    BrandDomain.objects.create(brand=globex, host="id.globex.example")
    seen = boss.post(f"{LINKS}add/", form(product=bag.pk, href="https://id.globex.example/console/"))
    assert "for staff or machines" in refusal(seen)


@pytest.mark.django_db
def test_a_host_in_any_script_is_stored_in_ascii(boss, bag):
    boss.post(f"{LINKS}add/", form(product=bag.pk, href="https://bücher.example/"))
    assert ResolverLink.objects.get().href == "https://xn--bcher-kva.example/"


# --- Keys --------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ai", "typed", "stored"),
    [
        ("414", "952 0123 456788", "9520123456788"),
        ("8004", "9520614141234567", "9520614141234567"),
        ("8013", "1987654Ad4X4bL5ttr2310c2K", "1987654Ad4X4bL5ttr2310c2K"),
    ],
)
def test_a_key_is_recorded_as_it_is_written_in_a_link(boss, ai, typed, stored):
    assert boss.post(f"{KEYS}add/", {"ai": ai, "value": typed, "name": "Workshop"}).status_code == 302
    assert IdentificationKey.objects.get().value == stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ai", "typed", "said"),
    [
        ("414", "9520123456789", "the check digit should be 8"),
        ("414", "95201234", "is not a GLN"),
        ("00", "abc", "is not a SSCC"),
        ("8013", "1987654Ad4X4bL5ttr2310c2J", "last two characters"),
        ("8004", "ABC", "GS1 Company Prefix"),
        ("410", "9520123456788", "Select a valid choice"),
    ],
)
def test_a_wrong_key_is_refused_with_what_is_wrong(boss, ai, typed, said):
    seen = boss.post(f"{KEYS}add/", {"ai": ai, "value": typed, "name": "Workshop"})
    assert said in text_of(seen)
    assert typed in seen.content.decode()
    assert not IdentificationKey.objects.exists()


@pytest.mark.django_db
def test_a_key_belongs_to_one_brand(boss, globex):
    IdentificationKey.objects.create(brand=globex, ai="414", value="9520123456788", name="Theirs")
    seen = boss.post(f"{KEYS}add/", {"ai": "414", "value": "9520123456788", "name": "Ours"})
    assert "recorded already" in text_of(seen)
    assert "Theirs" not in text_of(seen)
