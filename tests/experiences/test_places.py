"""Where a visitor is: what the edge says, what an operator's database says, and that nothing nearer is kept."""

import os

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client, RequestFactory
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from analytics.models import Scan
from experiences.places import country_of

FRENCH, JAPANESE, CITY = "192.0.2.7", "198.51.100.9", "Sapporo"


def write_database(path, countries, **more):
    """Write a small database of countries per network, in the format of GeoLite2."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-Country")
    for network, country in countries.items():
        writer.insert_network(IPSet([network]), {"country": {"iso_code": country}, **more})
    writer.to_db_file(str(path))


@pytest.fixture
def database(tmp_path, settings):
    path = tmp_path / "countries.mmdb"
    write_database(path, {"192.0.2.0/24": "FR", "198.51.100.0/24": "JP", "2001:db8::/32": "CA"})
    settings.GEOIP_DATABASE = str(path)
    return path


def at(address, **meta):
    return country_of(RequestFactory().get("/", REMOTE_ADDR=address, **meta))


@pytest.mark.parametrize(
    ("sent", "country"),
    [("fr", "FR"), ("FR", "FR"), ("", ""), ("XX", ""), ("T1", ""), ("FRA", ""), ("é1", ""), ("F\n", "")],
)
def test_the_country_is_what_the_configured_header_says(settings, sent, country):
    assert at(FRENCH, HTTP_CF_IPCOUNTRY=sent) == ""
    settings.COUNTRY_HEADER = "CF-IPCountry"
    assert at(FRENCH, HTTP_CF_IPCOUNTRY=sent) == country


@pytest.mark.parametrize(
    ("address", "country"),
    [
        (FRENCH, "FR"), (JAPANESE, "JP"), ("2001:db8::1", "CA"), ("::ffff:192.0.2.7", "FR"),
        ("203.0.113.1", ""), ("127.0.0.1", ""), ("", ""), ("no address", ""), ("192.0.2.7:80", ""),
    ],
)  # fmt: skip
def test_the_database_knows_the_country_by_address(database, address, country):
    assert at(address) == country


def test_the_edge_goes_first_where_it_knows(database, settings):
    assert at(FRENCH, HTTP_CF_IPCOUNTRY="DE") == "FR"  # nobody trusts this header
    settings.COUNTRY_HEADER = "CF-IPCountry"
    assert at(FRENCH, HTTP_CF_IPCOUNTRY="DE") == "DE"
    assert at(FRENCH, HTTP_CF_IPCOUNTRY="XX") == "FR"


def test_the_address_looked_up_is_the_one_that_trusted_proxies_saw(database, settings):
    forwarded = {"HTTP_X_FORWARDED_FOR": f"{FRENCH}, {JAPANESE}"}
    assert at("127.0.0.1", **forwarded) == ""
    settings.TRUSTED_PROXIES = 1
    assert at("127.0.0.1", **forwarded) == "JP"


def test_a_replaced_file_counts_from_the_next_tap(database):
    assert at(FRENCH) == "FR"
    fresh = database.with_name("fresh.mmdb")
    write_database(fresh, {"192.0.2.0/24": "BE"})
    os.replace(fresh, database)
    assert at(FRENCH) == "BE"


def test_a_file_that_is_missing_or_damaged_leaves_the_country_unknown_and_says_so_once(
    database, settings, caplog
):
    for content in (b"", b"not a database", database.read_bytes()[:-200]):
        database.write_bytes(content)
        assert [at(FRENCH), at(FRENCH)] == ["", ""]
    settings.GEOIP_DATABASE = str(database.with_name("nowhere.mmdb"))
    assert [at(FRENCH), at(FRENCH)] == ["", ""]
    assert len([record for record in caplog.records if "GEOIP_DATABASE" in record.message]) == 4


def test_records_of_another_shape_are_no_country(tmp_path, settings):
    for number, record in enumerate(({"country": "FR"}, {"country": {"iso_code": 7}}, {}, {"country": {}})):
        writer = MMDBWriter(ip_version=4, database_type="Test")
        writer.insert_network(IPSet(["192.0.2.0/24"]), record)
        path = tmp_path / f"{number}.mmdb"
        writer.to_db_file(str(path))
        settings.GEOIP_DATABASE = str(path)
        assert at(FRENCH) == ""
        assert at("2001:db8::1") == ""  # IPv6 in a database of IPv4


@pytest.mark.django_db
def test_a_tap_keeps_the_country_and_nothing_nearer(chip, tmp_path, settings):
    path = tmp_path / "cities.mmdb"
    place = {"city": {"names": {"en": CITY}}, "location": {"latitude": 43.0667, "longitude": 141.35}}
    write_database(path, {"198.51.100.0/24": "JP"}, **place)
    settings.GEOIP_DATABASE = str(path)
    answer = Client(REMOTE_ADDR=JAPANESE).get(chip.tap())
    assert answer.status_code == 200
    assert Scan.objects.get().country == "JP"
    everything = "\n".join(_all_rows()) + answer.content.decode() + str(answer.headers) + str(answer.cookies)
    for trace in (JAPANESE, CITY, "43.06", "141.35"):
        assert trace not in everything


def _all_rows():
    """Yield every row of every table, as text."""
    for model in apps.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            yield from (str(row) for row in cursor.fetchall())


@pytest.mark.parametrize("name", ["latitude", "longitude", "address", "city", "ip"])
def test_no_column_of_the_ledger_could_hold_a_place_or_an_address(name):
    for label in ("analytics.Scan", "analytics.Event", "analytics.UnitActivity", "analytics.Doubt"):
        assert name not in {field.name for field in apps.get_model(label)._meta.fields}
