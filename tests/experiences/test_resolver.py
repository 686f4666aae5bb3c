"""The resolver as a house runs it: the unit's page stays one tap away, secrets stay here, brands stay apart."""

import datetime as dt
import json
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.models import Scan
from analytics.services import update_facts
from experiences.resolver.responses import SHARED
from ownership.services import start_ownership
from products.models import BrandDomain, IdentificationKey, ResolverLink
from products.services.brands import touch_content
from tests import factories
from tests.reading import main_attributes

pytestmark = pytest.mark.django_db

PERSON = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCRIPT = {"origin": "https://elsewhere.example", "accept": "*/*"}
LIST = {"accept": "application/linkset+json"}


@pytest.fixture
def gtin(bag):
    return bag.trade_items.get().gtin


@pytest.fixture
def path(unit, gtin):
    return f"/01/{gtin}/21/{unit.serial}"


def link(**values):
    target = next((values[name] for name in ("product", "batch", "unit", "key") if name in values), None)
    brand = values.pop("brand", None) or target.brand
    made = ResolverLink.objects.create(
        brand=brand, **{"title": "A page", "href": "https://acme.example/", "link_type": "gs1:faqs", **values}
    )
    touch_content(brand.pk)
    return made


def linkset_of(client, path, **headers):
    answer = client.get(path, headers={**LIST, **headers})
    assert answer.status_code == 200
    return answer.json()["linkset"]


def authenticity(response):
    return main_attributes(response)["authenticity"]


def hrefs(level):
    return {
        relation.removeprefix("https://ref.gs1.org/voc/"): [found["href"] for found in links]
        for relation, links in level.items()
        if relation.startswith("https://ref.gs1.org/voc/")
    }


# --- A person opens the code on a piece ------------------------------------------------------------


@pytest.mark.parametrize("headers", [PERSON, {}, {"accept": "*/*"}])
def test_the_page_itself_answers_whoever_opens_a_units_code(client, path, unit, headers):
    seen = client.get(path, headers=headers)
    assert (seen.status_code, authenticity(seen)) == (200, "identified")
    assert main_attributes(seen)["stage"] == "discovery"
    assert "?linkType=linkset" in seen.headers["Link"]
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert Scan.objects.get().unit_id == unit.pk


def test_no_declared_link_comes_between_a_person_and_the_units_page(client, path, bag):
    link(product=bag, href="https://acme.example/landing", is_default=True)
    link(brand=bag.brand, href="https://acme.example/brand", is_default=True)
    assert client.get(path, headers=PERSON).status_code == 200


def test_a_head_request_takes_nothing_and_says_the_same(client, path):
    assert client.head(path, headers=PERSON).status_code == 200
    assert not Scan.objects.exists()


def test_a_script_of_another_site_is_led_to_the_page_and_leaves_no_scan(client, path, unit):
    answer = client.get(path, headers=SCRIPT)
    assert answer.status_code == 307
    assert answer.headers["Location"].endswith(f"/u/{unit.public_code}/")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not Scan.objects.exists()


def test_a_serial_that_is_not_recorded_is_unknown_and_leads_to_no_other_page(client, gtin):
    for headers in (PERSON, SCRIPT, LIST, {"accept": "application/json"}):
        for query in ("", "?linkType=gs1:pip", "?linkType=linkset"):
            answer = client.get(f"/01/{gtin}/21/NOPE{query}", headers=headers)
            assert answer.status_code == 404
    assert authenticity(client.get(f"/01/{gtin}/21/NOPE", headers=PERSON)) == "unknown"


def test_another_batch_in_the_link_does_not_change_whose_page_it_is(client, unit, gtin):
    unit.batch = factories.BatchFactory(product=unit.product, code="L1")
    unit.save()
    link(batch=factories.BatchFactory(product=unit.product, code="L2"), link_type="gs1:recallStatus")
    levels = linkset_of(client, f"/01/{gtin}/10/L2/21/{unit.serial}")
    assert "recallStatus" not in hrefs(levels[0])
    assert len(levels) == 2


# --- Our own links ---------------------------------------------------------------------------------


def test_our_own_links_lead_to_pages_that_exist(client, path, unit):
    own = hrefs(linkset_of(client, path)[0])
    assert {"pip", "registerProduct", "consumerHandlingStorageInfo", "support", "traceability"} <= set(own)
    for targets in own.values():
        for address in targets:
            assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200
    assert "dpp" not in own  # there is no passport yet


def test_our_own_links_follow_what_is_true_of_the_unit(client, path, unit, alice):
    now = dt.datetime.now(dt.UTC)
    start_ownership(unit=unit, owner=alice, since=now, now=now)
    update_facts(unit_id=unit.pk, recall=True, lost=True)
    own = hrefs(linkset_of(client, path)[0])
    assert "registerProduct" not in own
    assert own["recallStatus"] == own["reportFound"] == own["support"]


def test_the_list_of_links_is_the_same_for_everybody(client, path, unit):
    client.get(f"/q/{unit.public_code}")
    assert linkset_of(client, path) == linkset_of(Client(), path)


def test_a_declared_link_takes_the_place_of_ours(client, path, bag):
    link(product=bag, link_type="gs1:support", href="https://help.acme.example/")
    levels = linkset_of(client, path)
    assert "support" not in hrefs(levels[0])
    assert hrefs(levels[1])["support"] == ["https://help.acme.example/"]


def test_a_link_outside_the_public_list_still_answers(client, gtin, bag):
    link(product=bag, link_type="gs1:masterData", href="https://b2b.acme.example/", is_public=False)
    assert "masterData" not in hrefs(linkset_of(client, f"/01/{gtin}")[0])
    assert client.get(f"/01/{gtin}?linkType=gs1:masterData").headers["Location"].startswith("https://b2b.")


def test_who_reads_the_list_gets_what_it_promises(client, gtin, bag):
    """A link outside the list, though more particular, does not come before one that stands in it."""
    batch = factories.BatchFactory(product=bag, code="L1")
    link(batch=batch, link_type="gs1:masterData", href="https://b2b.acme.example/", is_public=False)
    link(batch=batch, link_type="gs1:recallStatus", href="https://acme.example/recall")
    link(product=bag, link_type="gs1:masterData", href="https://acme.example/data")
    link(product=bag, link_type="gs1:masterData", href="https://b2b.acme.example/2", is_public=False)
    listed = linkset_of(client, f"/01/{gtin}/10/L1")
    assert [hrefs(level).get("masterData") for level in listed] == [None, ["https://acme.example/data"]]
    for path in (f"/01/{gtin}", f"/01/{gtin}/10/L1"):
        answer = client.get(f"{path}?linkType=gs1:masterData")
        assert answer.headers["Location"].startswith("https://acme.example/data")


def test_an_edit_shows_at_once(client, gtin, bag):
    assert client.get(f"/01/{gtin}?linkType=gs1:faqs").status_code == 404
    made = link(product=bag)
    assert client.get(f"/01/{gtin}?linkType=gs1:faqs").status_code == 307
    made.delete()
    touch_content(bag.brand_id)
    assert client.get(f"/01/{gtin}?linkType=gs1:faqs").status_code == 404


# --- Languages, markets, formats -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "query", "end"),
    [
        ({"accept-language": "fr-CA,fr;q=0.9"}, "", "fr-CA"),
        ({"accept-language": "fr-BE"}, "", "fr"),
        ({"accept-language": "de, fr;q=0.5"}, "", "fr"),
        ({"accept-language": "de"}, "", "any"),
        ({}, "", "any"),
        ({"accept-language": "en"}, "&lang=fr", "fr"),
        ({"accept-language": "*"}, "", "any"),
    ],
)
def test_the_language_is_negotiated_and_lang_goes_before_the_header(client, gtin, bag, headers, query, end):
    for language in ("en", "fr", "fr-CA", ""):
        link(product=bag, language=language, href=f"https://acme.example/{language or 'any'}")
    answer = client.get(f"/01/{gtin}?linkType=gs1:faqs{query}", headers=headers)
    assert answer.headers["Location"].split("?")[0] == f"https://acme.example/{end}"


def test_without_a_wanted_language_the_brands_first_goes_before_its_others(client, gtin, bag):
    for language in ("fr", "en"):
        link(product=bag, language=language, href=f"https://acme.example/{language}")
    assert "/en?" in client.get(f"/01/{gtin}?linkType=gs1:faqs").headers["Location"]


def test_the_market_is_what_the_context_says_else_what_the_edge_says(client, gtin, bag, settings):
    settings.COUNTRY_HEADER = "X-Country"
    for market in ("FR", "JP", ""):
        link(product=bag, market=market, href=f"https://acme.example/{market or 'all'}")

    def led(query="", **headers):
        return (
            client.get(f"/01/{gtin}?linkType=gs1:faqs{query}", headers=headers)
            .headers["Location"]
            .split("?")[0]
        )

    assert led().endswith("/all")
    assert led(x_country="JP").endswith("/JP")
    assert led("&context=FR", x_country="JP").endswith("/FR")
    assert led("&context=US").endswith("/all")
    assert led("&context=%00").endswith("/all")


def test_the_format_is_negotiated(client, gtin, bag):
    for media_type in ("application/pdf", "text/html"):
        link(product=bag, media_type=media_type, href=f"https://acme.example/{media_type}")

    def led(accept):
        answer = client.get(f"/01/{gtin}?linkType=gs1:faqs", headers={"accept": accept})
        return answer.headers["Location"].split("?")[0].removeprefix("https://acme.example/")

    assert led("application/pdf") == "application/pdf"
    assert led(PERSON["accept"]) == led("*/*") == led("image/png") == "text/html"


# --- Secrets ---------------------------------------------------------------------------------------


def test_a_taps_secrets_are_handed_on_to_nobody(client, gtin, acme, bag):
    factories.ChipProfileFactory(
        brand=acme, slug="own-words", params={"picc_data": "P1", "cmac": "sig", "enc": "e"}
    )
    link(product=bag, href="https://elsewhere.example/x?a=1#part")
    proof = "picc_data=AA&CMAC=BB&enc=CC&uid=DD&ctr=EE&tt=FF&p1=GG&Sig=HH&e=II&%65nc=JJ&cm%61c=KK&+cmac=LL"
    sent = client.get(f"/01/{gtin}?foo=1&{proof}&linkType=gs1:faqs&bar=2").headers["Location"]
    assert sent == "https://elsewhere.example/x?a=1&foo=1&linkType=gs1:faqs&bar=2#part"
    sent = client.get(f"/01/{gtin}?{proof}", headers=SCRIPT).headers["Location"]
    assert sent == f"http://127.0.0.1:8000/model/{gtin}/"


def test_a_long_query_is_handed_on_and_a_longer_one_refused(client, gtin):
    assert client.get(f"/01/{gtin}?x={'y' * 4000}").headers["Location"].endswith("y" * 4000)
    assert client.get(f"/01/{gtin}?x={'y' * 5000}").status_code == 400


# --- Brands stay apart -----------------------------------------------------------------------------


def test_on_a_brands_domain_only_its_own_things_resolve(client, unit, gtin, path, acme, globex):
    BrandDomain.objects.create(brand=acme, host="id.acme.example")
    BrandDomain.objects.create(brand=globex, host="id.globex.example")
    key = IdentificationKey.objects.create(brand=acme, ai="414", value="9520123456788", name="Workshop")
    link(key=key)
    paths = [path, f"/01/{gtin}", f"/01/{gtin}/10/L1", "/414/9520123456788", f"/model/{gtin}/"]
    for url in paths:
        for headers in (PERSON, SCRIPT, LIST):
            for host, right in (
                ("id.acme.example:8443", True),
                ("id.globex.example", False),
                ("testserver", True),
            ):
                answer = client.get(url, headers={**headers, "host": host})
                assert (answer.status_code != 404) == right, (url, host, headers)


def test_links_of_a_rival_get_into_no_list(client, unit, path, globex):
    link(brand=globex, href="https://globex.example/")
    other = factories.UnitFactory(product=factories.full_product(globex), serial="G-1")
    link(unit=other, href="https://globex.example/unit")
    link(product=other.product, href="https://globex.example/product")
    assert "globex" not in json.dumps(linkset_of(client, path))
    # A row that names another brand's product by mistake counts for nobody.
    ResolverLink.objects.create(
        brand=globex,
        product=unit.product,
        link_type="gs1:faqs",
        href="https://globex.example/trap",
        title="x",
    )
    touch_content(unit.brand_id)
    assert "globex" not in json.dumps(linkset_of(client, path))
    assert client.get(f"{path}?linkType=gs1:faqs").status_code == 404


def test_a_hostile_host_anchors_nothing(client, path, unit, settings):
    settings.PUBLIC_BASE_URL = "https://things.example"
    assert "evil" not in json.dumps(linkset_of(client, path, host="evil.example"))
    assert "evil" not in client.get(path, headers={"host": "evil.example"}).headers["Link"]
    assert linkset_of(client, path, host="evil.example")[0]["anchor"].startswith("https://things.example/01/")


def test_things_are_anchored_where_they_were_asked_for(client, path, acme, settings):
    settings.PUBLIC_BASE_URL = "https://things.example"
    BrandDomain.objects.create(brand=acme, host="id.acme.example", is_primary=True)
    touch_content(acme.pk)
    for host in ("things.example", "id.acme.example"):
        level = linkset_of(client, path, host=host)[0]
        assert level["anchor"] == f"https://{host}{path}"
        assert hrefs(level)["pip"][0].startswith("https://id.acme.example/u/")
    settings.ALLOWED_HOSTS = ["resolver.example"]
    assert linkset_of(client, path, host="resolver.example")[0]["anchor"] == f"https://resolver.example{path}"


# --- Other keys ------------------------------------------------------------------------------------


def test_a_key_leads_to_its_first_public_link_where_none_is_the_default(client, acme):
    key = IdentificationKey.objects.create(brand=acme, ai="8004", value="9520614141234567", name="Press 4")
    assert client.get("/8004/9520614141234567").status_code == 404
    link(key=key, link_type="gs1:epcis", href="https://acme.example/hidden", is_public=False)
    link(key=key, link_type="gs1:serviceInfo", href="https://acme.example/service")
    assert client.get("/8004/9520614141234567").headers["Location"] == "https://acme.example/service"
    assert linkset_of(client, "/8004/9520614141234567")[0]["itemDescription"] == "Press 4"


# --- For people --------------------------------------------------------------------------------------


def test_the_page_of_a_model_says_that_the_serial_number_is_missing_and_takes_it(client, unit, gtin):
    lead = client.get(f"/01/{gtin}", headers=PERSON)
    page = client.get(lead.headers["Location"].removeprefix("http://127.0.0.1:8000"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "names the model; the serial number is missing" in text
    assert unit.product.names["en"] in text
    found = client.post("/find/acme/", {"model": gtin, "serial": unit.serial})
    assert found.headers["Location"] == f"/q/{unit.public_code}"
    assert f'name="model" value="{gtin}"' in text


def test_the_page_of_a_model_speaks_french(client, gtin):
    page = client.get(f"/model/{gtin}/?lang=fr")
    assert page.headers["Content-Language"] == "fr"
    assert 'lang="fr"' in page.content.decode()


@pytest.mark.parametrize(
    ("gtin", "status"),
    [
        (factories.gtin_of(999_999), 404),
        ("1", 400),
        ("abc", 400),
        ("%00", 400),
        ("٠" * 8, 400),
        ("9" * 5000, 400),
    ],
)
def test_the_page_of_no_model_says_so(client, db, gtin, status):
    assert client.get(f"/model/{gtin}/").status_code == status


def test_a_person_reads_the_links_as_a_page(client, path, bag):
    link(product=bag, link_type="gs1:relatedVideo", href="https://video.example/<1>", title="<b>Film</b>")
    page = client.get(f"{path}?linkType=linkset", headers=PERSON)
    text = page.content.decode()
    assert page.headers["Content-Type"].startswith("text/html")
    assert "&lt;b&gt;Film&lt;/b&gt;" in text
    assert "gs1:relatedVideo" in text
    missing = client.get(f"{path}?linkType=gs1:menuInfo%00<script>", headers=PERSON)
    assert missing.status_code == 404
    assert "There is no page of the kind" in missing.content.decode()
    assert "<script>" not in missing.content.decode()


# --- Caches --------------------------------------------------------------------------------------------


def test_what_is_said_of_a_model_may_be_kept_shortly_and_of_a_unit_never(client, path, gtin):
    for url, kept in ((f"/01/{gtin}", SHARED), (path, "private, no-store")):
        for headers in (SCRIPT, LIST):
            answer = client.get(url, headers=headers)
            assert answer.headers["Cache-Control"] == kept
            assert answer.headers["X-Robots-Tag"] == "noindex"
    assert client.get(f"/01/{gtin}?linkType=gs1:nosuch", headers=SCRIPT).headers["Cache-Control"] != SHARED
    page = client.get(f"/01/{gtin}?linkType=linkset&lang=fr", headers=PERSON)
    assert page.headers["Cache-Control"] == "private, no-store"  # it remembers the language


def test_a_list_that_did_not_change_is_not_sent_again(client, gtin, bag):
    first = client.get(f"/01/{gtin}", headers=LIST)
    again = client.get(f"/01/{gtin}", headers={**LIST, "if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    link(product=bag)
    changed = client.get(f"/01/{gtin}", headers={**LIST, "if-none-match": first.headers["ETag"]})
    assert changed.status_code == 200


# --- Hostile wires -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "suffix", ["%2500", "%252F", "\u0661", "%D9%A1", "%E2%80%AE", "a" * 21, "%20", "..", "%2E%2E"]
)
def test_odd_serials_are_refused_or_unknown(client, gtin, suffix):
    url = f"/01/{gtin}/21/{suffix}"
    answer = client.get(url, headers=PERSON, RAW_URI=quote(url, safe="/%"))
    assert answer.status_code == (404 if suffix in ("%2500", "%252F") else 400)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    tail=st.text(max_size=40),
    query=st.text(max_size=40) | st.sampled_from(["linkType=" * 300, "&" * 4000, "lang=%ff", "context=\xff"]),
    accept=st.sampled_from(
        ["*/*", "application/linkset+json", "text/html", "a/b;q=x", "", ";;,,", "application/*"]
    ),
    language=st.text("frende-*,;q=01. ", max_size=30),
)
def test_whatever_the_wire_the_resolver_answers(client, gtin, path, tail, query, accept, language):
    wire = quote(tail.encode("utf-8", "surrogatepass"), safe="/%?&=:;")
    raw_query = query.encode("utf-8", "surrogatepass").decode("latin-1")
    for url in (f"/01/{gtin}{wire}", f"/01/{gtin}/21/{wire}", path, f"/414/{wire}", f"/model/{wire}"):
        seen = client.get(
            url.split("?")[0], RAW_URI=url, QUERY_STRING=raw_query,
            headers={"accept": accept, "accept-language": language},
        )  # fmt: skip
        assert seen.status_code in (200, 300, 301, 307, 400, 404), url


def test_units_can_not_be_counted_through_by_asking_for_their_links(client, path, gtin, settings):
    """One address gets so many lists of units an hour, known or not; models and opened codes are not counted."""
    settings.UNIT_LINKS_PER_HOUR = 2
    assert client.get(path, headers=LIST).status_code == 200
    assert client.get(f"/01/{gtin}/21/NOBODY", headers=LIST).status_code == 404
    for url, headers in ((path, LIST), (f"{path}?linkType=gs1:pip", PERSON), (path, SCRIPT)):
        refused = client.get(url, headers=headers)
        assert refused.status_code == 429, url
        assert refused["Content-Type"] == "application/problem+json"
        assert refused["Retry-After"] == "3600"
        assert refused["Access-Control-Allow-Origin"] == "*"
        assert "public" not in refused["Cache-Control"]
    assert client.get(f"/01/{gtin}", headers=LIST).status_code == 200
    assert main_attributes(client.get(path, headers=PERSON))["authenticity"] == "identified"
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(path, headers=LIST).status_code == 200
