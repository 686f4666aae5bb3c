"""The tap, through HTTP: verdicts, the counter, what is recorded and what is not."""

import datetime as dt
import json

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from analytics.models import ForgedLinkCount, Scan, UnitActivity
from products.models import Tag
from products.sun import MacFrom
from tests import factories
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
PEEKS = {
    "chat preview": {"headers": {"user-agent": "WhatsApp/2.24 A"}},
    "mail preview": {"headers": {"user-agent": "Mozilla/5.0 (compatible; Slackbot-LinkExpanding 1.0)"}},
}


def authenticity(response) -> str:
    return main_attributes(response)["authenticity"]


def test_a_fresh_chip_link_is_genuine_and_recorded(client, chip, unit, settings):
    """A7: unit, tag, time, counter, verdict, stage, visitor, language and country stand in the scan's row."""
    settings.COUNTRY_HEADER = "CF-IPCountry"
    with time_machine.travel(NOW, tick=False):
        response = client.get(chip.tap(), headers={"cf-ipcountry": "fr", "accept-language": "fr-CA,en;q=0.5"})
    assert response.status_code == 200
    assert authenticity(response) == "genuine"
    assert main_attributes(response)["viewer"] == "holding"
    scan = Scan.objects.get()
    assert (scan.unit_id, scan.tag_id, scan.brand_id) == (unit.pk, chip.tag.pk, unit.brand_id)
    assert (scan.at, scan.counter, scan.verdict, scan.stage) == (NOW, 1, "genuine", "discovery")
    assert (scan.locale, scan.country) == ("fr", "FR")
    assert scan.visitor == client.cookies["visitor"].value
    activity = UnitActivity.objects.get(unit=unit)
    assert (activity.first_scan_at, activity.last_scan_at, activity.scans) == (NOW, NOW, 1)
    assert activity.visitor_count == 1


def test_the_same_visitor_reloading_is_refreshed_and_another_one_replays(client, chip):
    link = chip.tap()
    client.get(link)
    assert authenticity(client.get(link)) == "refreshed"
    assert authenticity(Client().get(link)) == "replayed"
    assert list(Scan.objects.order_by("id").values_list("verdict", flat=True)) == [
        "genuine", "refreshed", "replayed",
    ]  # fmt: skip


def test_a_reload_within_ten_minutes_still_holds_and_never_renews(client, chip):
    """Trust ladder: holding lasts ten minutes from the tap; a reload neither ends nor renews it."""
    link = chip.tap()
    with time_machine.travel(NOW, tick=False):
        client.get(link)
    with time_machine.travel(NOW + dt.timedelta(minutes=9), tick=False):
        reloaded = client.get(link)
        assert main_attributes(reloaded)["viewer"] == "holding"
        assert "possession" not in reloaded.cookies
    with time_machine.travel(NOW + dt.timedelta(minutes=10), tick=False):
        assert main_attributes(client.get(link))["viewer"] == "looking"


def test_another_visitor_with_a_stolen_possession_cookie_holds_nothing(client, chip, unit):
    client.get(chip.tap())
    thief = Client()
    thief.cookies["possession"] = client.cookies["possession"].value
    thief.cookies["visitor"] = "0" * 32
    home = thief.get(f"/u/{unit.public_code}/")
    assert (main_attributes(home)["viewer"], authenticity(home)) == ("looking", "identified")


def test_possession_of_one_unit_is_not_possession_of_another(client, chip, bag, profile):
    other = factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    client.get(chip.tap())
    home = client.get(f"/u/{other.tag.unit.public_code}/")
    assert main_attributes(home)["viewer"] == "looking"
    mine = client.get(f"/u/{chip.tag.unit.public_code}/")
    assert (main_attributes(mine)["viewer"], authenticity(mine)) == ("holding", "refreshed")


def test_a_counter_that_goes_back_is_replayed_and_leaves_the_counter(client, chip):
    client.get(chip.tap(10))
    late = Client().get(chip.tap(9))
    assert (late.status_code, authenticity(late)) == (200, "replayed")
    chip.tag.refresh_from_db()
    assert chip.tag.last_counter == 10
    assert authenticity(client.get(chip.tap(11))) == "genuine"


def test_counter_zero_and_the_highest_counter_are_genuine_once(client, chip):
    assert authenticity(client.get(chip.tap(0))) == "genuine"
    assert authenticity(Client().get(chip.tap(0))) == "replayed"
    assert authenticity(client.get(chip.tap(0xFFFFFF))) == "genuine"
    assert authenticity(Client().get(chip.tap(0xFFFFFF))) == "replayed"


def test_ones_own_old_link_gets_softer_words_than_somebody_elses(client, chip):
    first, second = chip.tap(), chip.tap()
    client.get(first)
    client.get(second)
    own, other = client.get(first), Client().get(first)
    assert authenticity(own) == authenticity(other) == "replayed"
    assert own.context["page"].modules[0].content["verdict"].headline == "Your link from an earlier tap"
    assert other.context["page"].modules[0].content["verdict"].headline == "This link was used before"
    assert "You opened this link before." in text_of(own)
    assert "You opened this link before." not in text_of(other)


def test_a_visitor_who_only_replayed_a_link_does_not_own_it(client, chip):
    first, second = chip.tap(), chip.tap()
    client.get(first)
    client.get(second)
    stranger = Client()
    stranger.get(first)
    again = stranger.get(first)
    assert again.context["page"].modules[0].content["verdict"].headline == "This link was used before"


def test_head_consumes_and_records_nothing(client, chip):
    link = chip.tap()
    head = client.head(link)
    assert (head.status_code, head.content) == (200, b"")
    assert not Scan.objects.exists()
    assert not UnitActivity.objects.exists()
    assert "visitor" not in head.cookies
    assert authenticity(Client().get(link)) == "genuine"


@pytest.mark.parametrize("peek", PEEKS)
def test_whoever_only_peeks_consumes_and_records_nothing(client, chip, unit, peek):
    link = chip.tap()
    seen = client.get(link, **PEEKS[peek])
    assert (seen.status_code, authenticity(seen)) == (200, "identified")
    assert main_attributes(seen)["viewer"] == "looking"
    client.get(f"/q/{unit.public_code}", **PEEKS[peek])
    client.get(f"/01/{unit.trade_item.gtin}/21/{unit.serial}", **PEEKS[peek])
    assert not client.cookies
    assert not Scan.objects.exists()
    assert not UnitActivity.objects.exists()
    chip.tag.refresh_from_db()
    assert (chip.tag.last_counter, chip.tag.last_visitor) == (None, "")
    assert authenticity(Client().get(link)) == "genuine"


@pytest.mark.parametrize("peek", PEEKS)
def test_a_forged_link_that_is_only_peeked_at_is_not_counted(client, chip, peek):
    from analytics.forged import flush_forged_links

    link = chip.tap()[:-1] + "X"
    assert client.get(link, **PEEKS[peek]).status_code == 400
    assert flush_forged_links(now=dt.datetime.now(dt.UTC)) == 0
    assert client.get(link).status_code == 400
    assert flush_forged_links(now=dt.datetime.now(dt.UTC)) == 1


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_only_reading_is_allowed_at_a_link(client, chip, unit, method):
    link = chip.tap()
    for url in (link, f"/q/{unit.public_code}", f"/01/{unit.trade_item.gtin}/21/{unit.serial}"):
        assert getattr(client, method)(url).status_code == 405
    assert not Scan.objects.exists()
    assert authenticity(client.get(link)) == "genuine"


def test_a_withdrawn_tag_identifies_and_consumes_nothing(client, chip):
    Tag.objects.filter(pk=chip.tag.pk).update(state="withdrawn")
    seen = client.get(chip.tap())
    assert (seen.status_code, authenticity(seen)) == (200, "identified")
    assert main_attributes(seen)["viewer"] == "looking"
    assert "possession" not in client.cookies
    chip.tag.refresh_from_db()
    assert chip.tag.last_counter is None


def test_a_mirror_without_counter_is_identified_at_best(client, unit, acme):
    keys = json.dumps({"meta_read_key": None, "file_read_key": "22" * 16})
    profile = factories.ChipProfileFactory(brand=acme, slug="no-counter", keys=keys)
    chip = factories.put_chip_on(unit, profile)
    link = chip.chip.link("http://testserver/t/no-counter", None).removeprefix("http://testserver")
    for _time in range(2):
        seen = client.get(link)
        assert (authenticity(seen), main_attributes(seen)["viewer"]) == ("identified", "looking")
    assert set(Scan.objects.values_list("counter", "verdict")) == {(None, "identified")}


def test_a_link_that_does_not_name_its_chip_is_unknown_not_an_error(client, unit, acme):
    keys = json.dumps({"meta_read_key": None, "file_read_key": "22" * 16})
    profile = factories.ChipProfileFactory(brand=acme, slug="no-uid", keys=keys)
    from products.profiles import to_sun
    from products.sun import VirtualChip

    profile.refresh_from_db()
    link = VirtualChip(uid=None, profile=to_sun(profile)).link("http://testserver/t/no-uid", 7)
    seen = client.get(link.removeprefix("http://testserver"))
    assert (seen.status_code, seen.context["page"].code) == (404, "unknown_uid")


@pytest.mark.parametrize("mac_from", list(MacFrom))
def test_every_place_where_the_mac_input_may_begin_works_over_http(client, unit, acme, mac_from):
    profile = factories.ChipProfileFactory(brand=acme, slug="with-mac", mac_from=mac_from.value)
    chip = factories.put_chip_on(unit, profile, file_data=b"x" * 16 if mac_from is MacFrom.ENC else None)
    assert authenticity(client.get(chip.tap())) == "genuine"
    assert client.get(chip.tap().replace("cmac=", "cmac=0", 1)[:-1]).status_code == 400


def test_a_mac_over_the_whole_link_covers_the_host(client, unit, acme):
    profile = factories.ChipProfileFactory(brand=acme, slug="whole", mac_from="url")
    chip = factories.put_chip_on(unit, profile)
    chip.base = "https://care.acme.example:8443/t/whole"
    link = chip.tap().removeprefix("https://care.acme.example:8443")
    assert client.get(link).status_code == 400
    assert client.get(link, headers={"host": "tap.globex.example"}).status_code == 400
    right = client.get(link, headers={"host": "care.acme.example:8443"})
    assert authenticity(right) == "genuine"


def test_parameters_that_others_append_are_tolerated(client, chip):
    seen = client.get(chip.tap() + "&lang=fr&utm_source=mail&fbclid=A%20b")
    assert (seen.status_code, authenticity(seen)) == (200, "genuine")
    assert seen.headers["Content-Language"] == "fr"


@pytest.mark.parametrize("path", ["qr", "digital_link", "digital_link_short_gtin"])
def test_printed_links_identify_and_prove_nothing(client, unit, path):
    gtin = unit.trade_item.gtin
    link = {
        "qr": f"/q/{unit.public_code.upper()}",
        "digital_link": f"/01/{gtin}/21/{unit.serial}",
        "digital_link_short_gtin": f"/01/{gtin[1:]}/21/{unit.serial}/",
    }[path]
    for _time in range(2):
        seen = client.get(link)
        assert (authenticity(seen), main_attributes(seen)["viewer"]) == ("identified", "looking")
    assert "possession" not in client.cookies
    assert set(Scan.objects.values_list("unit", "verdict", "counter")) == {(unit.pk, "identified", None)}


def test_the_printed_tag_of_a_unit_stands_in_the_scan(client, unit):
    tag = Tag.objects.create(brand=unit.brand, unit=unit, kind="qr")
    client.get(f"/q/{unit.public_code}")
    assert Scan.objects.get().tag_id == tag.pk


def test_a_serial_with_a_slash_is_found_by_its_raw_path(client, bag):
    unit = factories.UnitFactory(product=bag, serial="A/1+2")
    path = f"/01/{unit.trade_item.gtin}/21/A%2F1%2B2"
    assert client.get(path, RAW_URI=path).status_code == 200
    assert Scan.objects.get().unit_id == unit.pk


def test_opening_the_pages_of_a_unit_records_no_scan(client, unit):
    client.get(f"/u/{unit.public_code}/")
    client.get(f"/u/{unit.public_code}/care/")
    assert not Scan.objects.exists()
    assert not UnitActivity.objects.exists()


def test_forged_links_are_counted_and_not_stored(client, chip, acme):
    """A7: forged links are counted, not stored."""
    from analytics.forged import flush_forged_links

    link = chip.tap()
    for _time in range(3):
        assert client.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 400
    assert client.get(link[:-1] + "X").status_code == 400
    assert not Scan.objects.exists()
    assert flush_forged_links(now=dt.datetime.now(dt.UTC)) == 4
    assert dict(ForgedLinkCount.objects.values_list("reason", "links")) == {"mac_mismatch": 3, "not_hex": 1}
    assert set(ForgedLinkCount.objects.values_list("brand", "profile")) == {(acme.pk, "acme-a")}


def test_a_tap_answers_when_the_cache_has_forgotten_everything(client, chip):
    client.get(chip.tap())
    cache.clear()
    assert authenticity(client.get(chip.tap())) == "genuine"


def test_pages_are_one_visitors_alone(client, chip):
    seen = client.get(chip.tap())
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert seen.headers["X-Robots-Tag"] == "noindex"
    assert seen.cookies["visitor"]["httponly"]
    assert seen.cookies["possession"]["httponly"]
    assert "sessionid" not in seen.cookies


@pytest.mark.parametrize(
    "headers", [{"sec-purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}]
)
def test_a_browser_that_fetches_ahead_is_sent_away_and_the_tap_stays_unused(client, chip, headers):
    """A page fetched ahead would be the one shown later: it is refused, so that the real tap is checked."""
    link = chip.tap()
    assert client.get(link, headers=headers).status_code == 503
    assert not Scan.objects.exists()
    assert authenticity(client.get(link)) == "genuine"


def test_links_passed_on_make_no_display_piece(client, chip, unit):
    """Others who open a used link never stood before the unit: they don't count among its visitors."""
    link = chip.tap()
    client.get(link)
    for _other in range(4):
        assert authenticity(Client().get(link)) == "replayed"
    assert UnitActivity.objects.get(unit=unit).visitor_count == 1
    assert UnitActivity.objects.get(unit=unit).scans == 5


def test_another_method_is_answered_405_even_where_forms_are_checked(chip, unit):
    strict = Client(enforce_csrf_checks=True)
    for path in (chip.tap(), f"/q/{unit.public_code}", "/01/09520000000004/21/A"):
        assert strict.post(path).status_code == 405
