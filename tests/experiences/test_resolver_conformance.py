"""I4: the resolver against the standard, clause by clause; each test is named after what it holds.

Clauses: GS1-Conformant Resolver Standard 1.2, conformance statement; the questions are asked as GS1's own
test suite asks them (a script of another site, `Accept: */*`, redirects not followed).
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from analytics.models import Scan
from products.digital_link.link_types import ratified, read_link_type
from products.models import BrandDomain, IdentificationKey, ResolverLink
from tests import factories

pytestmark = pytest.mark.django_db

SCHEMAS = Path(__file__).parents[1] / "schemas"
LINKSET_SCHEMA = json.loads((SCHEMAS / "gs1-linkset.schema.json").read_text())
DESCRIPTION_SCHEMA = json.loads((SCHEMAS / "gs1-resolver-description-1.2.0.schema.json").read_text())
SUITE = {"origin": "https://ref.gs1.org", "accept": "*/*"}
ROOT = "https://id.example"
DEFAULT, MULTI = "https://ref.gs1.org/voc/defaultLink", "https://ref.gs1.org/voc/defaultLinkMulti"
GLN = "9520123456788"


@pytest.fixture(autouse=True)
def _own_address(settings):
    settings.PUBLIC_BASE_URL = ROOT


@pytest.fixture
def batch(bag):
    return factories.BatchFactory(product=bag, code="L1")


@pytest.fixture
def unit(bag, batch):
    return factories.UnitFactory(product=bag, serial="AC-0001", batch=batch)


@pytest.fixture
def gln(acme):
    return IdentificationKey.objects.create(brand=acme, ai="414", value=GLN, name="Workshop in Lyon")


@pytest.fixture
def gtin(bag):
    return bag.trade_items.get().gtin


@pytest.fixture
def things(unit, batch, gln, gtin):
    """Every level with links of its own: what the suite is run over."""
    link(
        product=unit.product,
        link_type="gs1:pip",
        language="en",
        href="https://acme.example/en",
        is_default=True,
    )
    link(product=unit.product, link_type="gs1:pip", language="fr", href="https://acme.example/fr")
    link(product=unit.product, link_type="gs1:instructions", href="https://acme.example/manual?v=2")
    link(
        product=unit.product,
        link_type="gs1:certificationInfo",
        href="https://acme.example/ce",
        media_type="application/pdf",
    )
    link(
        product=unit.product,
        link_type="gs1:certificationInfo",
        href="https://acme.example/ce-de",
        market="DE",
    )
    link(batch=batch, link_type="gs1:recallStatus", href="https://acme.example/recall/L1")
    link(batch=batch, link_type="gs1:instructions", href="https://acme.example/manual-L1")
    link(unit=unit, link_type="gs1:certificationInfo", href="https://acme.example/ce/1")
    link(brand=unit.brand, link_type="gs1:socialMedia", href="https://social.example/acme")
    link(key=gln, link_type="gs1:locationInfo", href="https://acme.example/lyon", is_default=True)
    link(key=gln, link_type="gs1:openingHoursInfo", href="https://acme.example/lyon/hours")
    return [
        f"/01/{gtin}",
        f"/01/{gtin}/10/L1",
        f"/01/{gtin}/21/AC-0001",
        f"/01/{gtin}/10/L1/21/AC-0001",
        f"/414/{GLN}",
    ]


def link(**values):
    target = next((values[name] for name in ("product", "batch", "unit", "key") if name in values), None)
    brand = values.pop("brand", None) or target.brand
    return ResolverLink.objects.create(
        brand=brand, **{"title": "A page", "href": "https://acme.example/", "link_type": "gs1:faqs", **values}
    )


def ask(client, path, method="get", **headers):
    return getattr(client, method)(path, headers={"host": "id.example", **SUITE, **headers})


def linkset_of(client, path):
    answer = ask(client, path, accept="application/linkset+json")
    assert answer.status_code == 200
    return answer.json()["linkset"]


def effective(linkset, path):
    """Return the links of each type as the suite finds them: walking up the anchors, the first has it."""
    anchors = {entry["anchor"]: entry for entry in linkset}
    found, at = {}, ROOT + path
    while "/" in urlsplit(at).path[1:]:
        for relation, links in anchors.get(at, {}).items():
            if relation not in ("anchor", "itemDescription"):
                found.setdefault(relation, links)
        at = at.rsplit("/", 2)[0]
    return found


# --- HTTP ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_shall_support_http_get_and_head_requests(client, things, method):
    for path in things:
        answer = ask(client, path, method)
        assert answer.status_code == 307
        assert answer.headers["Location"].startswith("https://")


def test_shall_support_http_options_requests(client, things):
    answer = ask(client, things[0], "options", access_control_request_method="GET")
    assert answer.status_code == 204
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_shall_support_cors_on_every_answer(client, things):
    urls = [
        *things,
        f"{things[0]}?linkType=linkset",
        f"{things[0]}/foo",
        "/01/09520000000004",
        "/.well-known/gs1resolver",
    ]
    for url in urls:
        for method in ("get", "head", "options"):
            headers = ask(client, url, method).headers
            assert headers["Access-Control-Allow-Origin"] == "*", url
            assert headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
            assert "Link" in headers["Access-Control-Expose-Headers"]


def test_shall_support_cors_for_a_person_too(client, things):
    headers = client.get(things[2], headers={"accept": "text/html"}).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers


def test_every_answer_says_what_it_depends_on(client, things, settings):
    settings.COUNTRY_HEADER = "X-Country"
    for url in (*things, f"{things[0]}?linkType=all"):
        vary = {name.strip() for name in ask(client, url).headers["Vary"].split(",")}
        assert {"Accept", "Accept-Language", "Origin", "X-Country"} <= vary


# --- URI syntax --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        "{0}/foo", "{0}/21", "{0}/21/a/10/b", "{0}/99/a", "{0}?89=a", "{0}?17=abc", "{0}?21=a", "{0}?99=a&99=b",
        "{0}/10/%00", "{0}/10/%zz", "{0}/10/" + "x" * 600, "/01/09520000000001", "/01/1", "/01", "/01/", "/414/1",
        "/00/1", "/01/٠", "/8013/abc", "{0}/01/09520000000004", "{0}//10/a",
    ],
)  # fmt: skip
def test_shall_validate_the_uri_and_report_errors_with_400(client, things, bad):
    url = bad.format(things[0])
    path, _question, _query = url.partition("?")
    answer = client.get(url, headers=SUITE, RAW_URI=url)
    assert answer.status_code == 400, path
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")


def test_shall_not_use_200_with_a_resource_that_indicates_an_error(client, things):
    for url in (
        f"{things[0]}/foo",
        f"/01/{factories.gtin_of(999_999)}",
        f"{things[0]}?linkType=gs1:nosuchlt",
    ):
        for accept in ("*/*", "text/html", "application/json", "application/linkset+json"):
            assert ask(client, url, accept=accept).status_code in (400, 404)


def test_should_tolerate_trailing_slashes(client, things):
    for path in things:
        without, with_slash = ask(client, path), ask(client, f"{path}/")
        assert without.status_code == with_slash.status_code == 307
        assert without.headers["Location"] == with_slash.headers["Location"]


def test_all_key_qualifiers_shall_be_supported(client, things, gtin):
    for url in (
        f"/01/{gtin}/22/V",
        f"/01/{gtin}/22/V/10/L1",
        f"/01/{gtin}/235/TPX",
        f"/414/{GLN}/254/x",
        f"/414/{GLN}/7040/1ABC",
    ):
        assert ask(client, url).status_code == 307, url
    assert client.get(f"/01/{gtin}/22/V/10/L1/21/AC-0001").status_code == 200


def test_compressed_uris_are_not_read_and_never_answered_with_200(client, things):
    """Compression is a standard of its own (docs/adr/0011): such an address is nobody's, or no key."""
    assert ask(client, "/AQnYUc1gmiCNV4JGYgYA").status_code == 404
    assert ask(client, f"{things[0]}/ARFKk4XB0CDKWcnpq").status_code == 400


# --- The linkset -------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["{}?linkType=linkset", "{}?linkType=all"])
def test_shall_return_the_linkset_for_the_link_type_and_not_redirect(client, things, url):
    for path in things:
        answer = ask(client, url.format(path))
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/linkset+json"


def test_shall_return_the_linkset_for_the_accept_header_and_not_redirect(client, things):
    for path in things:
        answer = ask(client, path, accept="application/linkset+json")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/linkset+json")


@pytest.mark.parametrize("accept", ["application/json", "application/ld+json"])
def test_the_linkset_shall_be_available_as_json_and_should_be_as_json_ld(client, things, accept):
    for url in (things[0], f"{things[0]}?linkType=linkset"):
        answer = ask(client, url, accept=accept)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, accept)
        said = answer.json()
        assert ("@context" in said) == (accept == "application/ld+json")


def test_the_linkset_shall_validate_against_the_published_schema(client, things):
    for path in things:
        answer = ask(client, path, accept="application/linkset+json")
        jsonschema.Draft7Validator(LINKSET_SCHEMA).validate(answer.json())


def test_the_linkset_of_a_qualified_link_shall_include_the_links_of_each_level(client, things, gtin):
    anchors = [entry["anchor"] for entry in linkset_of(client, things[3])]
    assert anchors == [f"{ROOT}/01/{gtin}/10/L1/21/AC-0001", f"{ROOT}/01/{gtin}/10/L1", f"{ROOT}/01/{gtin}"]
    assert [entry["anchor"] for entry in linkset_of(client, things[0])] == [f"{ROOT}/01/{gtin}"]


def test_a_batch_that_the_link_does_not_name_speaks_for_its_unit(client, things):
    first = linkset_of(client, things[2])[0]
    assert first["https://ref.gs1.org/voc/recallStatus"][0]["href"] == "https://acme.example/recall/L1"


def test_all_links_shall_include_target_type_and_title(client, things):
    for path in things:
        for entry in linkset_of(client, path):
            assert entry["itemDescription"]
            for relation, links in entry.items():
                if relation not in ("anchor", "itemDescription"):
                    assert all(found["href"].startswith("https://") and found["title"] for found in links)


def test_link_types_should_be_ratified_ones_of_the_gs1_web_vocabulary(client, things):
    for path in things:
        for relation in effective(linkset_of(client, path), path):
            assert read_link_type(relation) in ratified()


def test_the_linkset_should_link_to_its_json_ld_context(client, things):
    for url in (things[0], f"{things[2]}?linkType=linkset"):
        sent = ask(client, url, accept="application/linkset+json").headers["Link"]
        assert 'rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"' in sent.split(", ")[0]


def test_should_expose_the_link_to_the_linkset_and_no_others_when_redirecting(client, things):
    for path in things:
        sent = ask(client, path).headers["Link"]
        assert sent == f'<{ROOT}{path}?linkType=linkset>; rel="linkset"; type="application/linkset+json"'


def test_the_link_to_the_linkset_leads_to_it(client, things):
    address = urlsplit(ask(client, things[2]).headers["Link"][1:].split(">")[0])
    assert ask(client, f"{address.path}?{address.query}").json()["linkset"]


def test_the_subject_is_the_uri_in_its_canonical_form(client, things, gtin):
    assert linkset_of(client, f"/01/{gtin[1:]}/")[0]["anchor"] == f"{ROOT}/01/{gtin}"


# --- The default link ----------------------------------------------------------------------------------


def test_shall_recognise_exactly_one_default_link_without_optional_attributes(client, things):
    for path in things:
        default = effective(linkset_of(client, path), path)[DEFAULT]
        assert [set(found) for found in default] == [{"href", "title"}]


def test_shall_redirect_to_the_default_link(client, things):
    for path in things:
        default = effective(linkset_of(client, path), path)[DEFAULT][0]["href"]
        answer = ask(client, path)
        assert (answer.status_code, answer.headers["Location"]) == (307, default)


def test_the_default_link_shall_also_be_described_by_a_descriptive_link_type(client, things):
    for path in things:
        for entry in linkset_of(client, path):
            described = {
                found["href"] for relation, links in entry.items() if relation.startswith("http") for found in links
                if relation not in (DEFAULT, MULTI)
            }  # fmt: skip
            assert {found["href"] for found in entry.get(DEFAULT, [])} <= described


def test_there_shall_be_a_default_link_higher_up_for_any_request_however_granular(client, things, gtin):
    for url in (f"/01/{gtin}/10/KL8G", f"/01/{gtin}/22/X/10/KL8G", f"/01/{gtin}/235/X"):
        assert ask(client, url).headers["Location"] == "https://acme.example/en"
    assert ask(client, f"/414/{GLN}/254/KL8G").headers["Location"] == "https://acme.example/lyon"


def test_a_thing_without_declared_links_still_has_its_default(client, bag, gtin):
    answer = ask(client, f"/01/{gtin}")
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{ROOT}/model/{gtin}/")
    assert client.get(f"/model/{gtin}/").status_code == 200


def test_default_link_multi_lets_the_language_choose_and_each_of_its_links_is_reached(client, things):
    for path in things[:2]:
        sisters = effective(linkset_of(client, path), path)[MULTI]
        assert {found["hreflang"][0] for found in sisters} == {"en", "fr"}
        for found in sisters:
            answer = ask(client, path, accept=found["type"], accept_language=found["hreflang"][0])
            assert answer.headers["Location"] == found["href"]
    assert MULTI not in effective(
        linkset_of(client, things[2]), things[2]
    )  # the unit's own page has no sisters


# --- Link types ------------------------------------------------------------------------------------------


def test_shall_redirect_to_the_requested_link_type_where_one_is_available(client, things):
    asked = 0
    for path in things:
        for relation, links in effective(linkset_of(client, path), path).items():
            if relation in (DEFAULT, MULTI):
                continue
            for found in links:
                code = read_link_type(relation)
                context = f"&context={found['context'][0]}" if "context" in found else ""
                language = (
                    {"accept_language": found["hreflang"][0]}
                    if len(links) > 1 and "hreflang" in found
                    else {}
                )
                answer = ask(client, f"{path}?linkType={code}{context}", accept=found["type"], **language)
                assert answer.status_code == 307, (path, code)
                location = answer.headers["Location"]
                assert location.split("?linkType=")[0].split("&linkType=")[0] == found["href"]
                asked += 1
    assert asked > 25


@pytest.mark.parametrize(
    "spelt",
    [
        "gs1:pip",
        "https://ref.gs1.org/voc/pip",
        "https://gs1.org/voc/pip",
        "http%3A%2F%2Fwww.gs1.org%2Fvoc%2Fpip",
    ],
)
def test_shall_recognise_the_gs1_web_vocabulary_namespace(client, things, spelt):
    answer = ask(client, f"{things[0]}?linkType={spelt}", accept_language="fr")
    assert answer.headers["Location"].startswith("https://acme.example/fr")


def test_shall_return_404_where_no_link_of_the_type_is_available(client, things):
    for path in things:
        for link_type in ("gs1:nosuchlt", "gs1:menuInfo", "pip", "schema:url", "x" * 500, "%00"):
            assert ask(client, f"{path}?linkType={link_type}").status_code == 404


def test_the_more_particular_level_wins_for_its_type(client, things):
    wins = {0: "manual?v=2", 1: "manual-L1", 2: "manual-L1", 3: "manual-L1"}
    for number, end in wins.items():
        location = ask(client, f"{things[number]}?linkType=gs1:instructions").headers["Location"]
        assert location.startswith(f"https://acme.example/{end}")


def test_should_return_300_with_the_links_where_none_fits_better(client, things, bag):
    for number in (1, 2):
        link(product=bag, link_type="gs1:relatedVideo", href=f"https://video.example/{number}")
    answer = ask(client, f"{things[0]}?linkType=gs1:relatedVideo")
    assert (answer.status_code, answer.headers["Content-Type"]) == (300, "application/linkset+json")
    jsonschema.Draft7Validator(LINKSET_SCHEMA).validate(answer.json())
    offered = answer.json()["linkset"][0]["https://ref.gs1.org/voc/relatedVideo"]
    assert [found["href"] for found in offered] == ["https://video.example/1", "https://video.example/2"]
    page = client.get(f"{things[0]}?linkType=gs1:relatedVideo", headers={"accept": "text/html"})
    assert page.status_code == 300
    assert "https://video.example/2" in page.content.decode()


# --- The query -----------------------------------------------------------------------------------------


def test_by_default_shall_pass_on_all_pairs_of_the_query_when_redirecting(client, things):
    location = ask(client, f"{things[0]}?foo=bar&17=261231&utm=a%2Fb&foo=again").headers["Location"]
    assert location == "https://acme.example/en?foo=bar&17=261231&utm=a%2Fb&foo=again"
    location = ask(client, f"{things[0]}?linkType=gs1:instructions&foo=bar").headers["Location"]
    assert location == "https://acme.example/manual?v=2&linkType=gs1:instructions&foo=bar"
    assert ask(client, f"{things[2]}?foo=bar").headers["Location"].endswith("/?foo=bar")


def test_a_link_may_keep_the_query_to_itself_and_says_so(client, things, bag):
    link(product=bag, link_type="gs1:support", href="https://acme.example/help", forwards_query=False)
    assert (
        ask(client, f"{things[0]}?linkType=gs1:support&foo=bar").headers["Location"]
        == "https://acme.example/help"
    )
    said = linkset_of(client, things[0])[0]["https://ref.gs1.org/voc/support"][0]
    assert said["fwqs"] is False


# --- The resolver description file ----------------------------------------------------------------------


def test_shall_provide_a_resolver_description_file(client, db):
    answer = ask(client, "/.well-known/gs1resolver", accept="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    said = answer.json()
    jsonschema.Draft7Validator(DESCRIPTION_SCHEMA).validate(said)
    assert said["resolverRoot"] == ROOT
    assert said["jsonLdContextLocation"].startswith("https://ref.gs1.org/")
    assert {"namespace": "https://ref.gs1.org/voc/", "prefix": "gs1:"} in said["supportedLinkType"]


def test_the_supported_primary_keys_shall_be_listed_and_are_supported(client, acme):
    from tests.products.test_digital_link_uris import RIGHT

    keys = ask(client, "/.well-known/gs1resolver").json()["supportedPrimaryKeys"]
    assert len(keys) == 15
    for ai in set(keys) - {"01"}:
        key = IdentificationKey.objects.create(brand=acme, ai=ai, value=RIGHT[ai], name=ai)
        link(key=key, href=f"https://acme.example/{ai}")
        assert ask(client, f"/{ai}/{RIGHT[ai]}").headers["Location"] == f"https://acme.example/{ai}"


def test_a_brands_domain_describes_itself(client, acme):
    BrandDomain.objects.create(brand=acme, host="id.acme.example")
    said = ask(client, "/.well-known/gs1resolver", host="id.acme.example").json()
    assert (said["name"], said["resolverRoot"]) == ("Acme", "https://id.acme.example")


# --- Not a tap ------------------------------------------------------------------------------------------


def test_asking_the_resolver_is_no_tap_and_hands_out_no_cookie(client, things):
    for path in things:
        for url in (path, f"{path}?linkType=linkset", f"{path}?linkType=gs1:pip"):
            answer = ask(client, url)
            assert not answer.cookies
            assert answer.headers["X-Robots-Tag"] == "noindex"
    assert not Scan.objects.exists()
