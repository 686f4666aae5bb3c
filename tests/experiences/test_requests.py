"""What the wire said, before Django decoded it."""

import pytest
from django.test import RequestFactory

from experiences.requests import address_of, raw_link, raw_path


def request_for(path="/", **meta):
    return RequestFactory().get(path, **meta)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/01/09520000000004/21/A%2FB", "/01/09520000000004/21/A%2FB"),
        ("/t/acme?a=b?c=d", "/t/acme"),
        ("http://care.acme.example/01/1/21/A%2FB?x=1", "/01/1/21/A%2FB"),
        ("https://care.acme.example", "/"),
        ("/q/a://b/c", "/q/a://b/c"),
        ("/q/x?next=http://y/z", "/q/x"),
    ],
)
def test_the_raw_path_is_what_the_server_got(uri, path):
    assert raw_path(request_for("/other", RAW_URI=uri)) == path
    assert raw_path(request_for("/other", REQUEST_URI=uri)) == path


def test_without_a_raw_uri_the_path_is_encoded_again():
    assert raw_path(request_for("/01/1/21/A%C3%A9 B%25")) == "/01/1/21/A%C3%A9%20B%"
    assert raw_path(request_for("/t/acme-a")) == "/t/acme-a"


@pytest.mark.parametrize(
    ("query", "link"),
    [("", "tap.acme.example:81/t/a"), ("x=%41&y=+", "tap.acme.example:81/t/a?x=%41&y=+")],
)
def test_the_raw_link_has_host_port_path_and_query_undecoded(query, link):
    request = request_for("/t/a", HTTP_HOST="tap.acme.example:81", QUERY_STRING=query)
    assert raw_link(request) == link


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "1.1.1.1", "9.9.9.9"),
        (1, "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (2, "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (3, "1.1.1.1, 2.2.2.2", "9.9.9.9"),
        (1, "", "9.9.9.9"),
        (1, " , ,", "9.9.9.9"),
    ],
)
def test_the_address_is_never_what_the_visitor_wrote_itself(settings, proxies, header, address):
    settings.TRUSTED_PROXIES = proxies
    assert address_of(request_for(REMOTE_ADDR="9.9.9.9", HTTP_X_FORWARDED_FOR=header)) == address


@pytest.mark.parametrize(
    ("sent", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::1"),
        ("no address", "no address"),
    ],
)
def test_a_household_is_one_address_however_many_it_has(rf, sent, counted):
    assert address_of(rf.get("/", REMOTE_ADDR=sent)) == counted
