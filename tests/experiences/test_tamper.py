"""Tamper loops: a seal that was opened is unpacking, a guard that was opened is a doubt; both only as the chip says."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from analytics.kinds import EventKind
from analytics.models import Event, Scan, UnitFacts
from products.models import Tag
from tests import factories
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db

# Where the status stands: in the encrypted file data, or in clear under the MAC.
INSIDE = {"mac_from": "enc", "tamper_at": 2}
BULK = {"mac_from": "enc", "tamper_at": 0, "params": {"bulk": "e"}}
CLEAR = {"mac_from": "url", "params": {"tt": "tt"}}
wherever = pytest.mark.parametrize("where", [INSIDE, BULK, CLEAR], ids=["file data", "bulk", "clear"])
each_mode = pytest.mark.parametrize("mode", ["aes", "lrp"])


class Looped:
    """A chip with a tamper loop on a unit."""

    def __init__(self, unit, loop: str, where: dict, mode: str = "aes", **profile):
        made = factories.ChipProfileFactory(brand=unit.brand, tamper_loop=loop, mode=mode, **where, **profile)
        self.data = b"x" * 16 if "tamper_at" in where else None
        self.closed = factories.put_chip_on(unit, made, file_data=self.data)
        self.counter = 0

    def tap(self, status: str) -> str:
        from dataclasses import replace

        self.counter += 1
        return replace(self.closed, chip=replace(self.closed.chip, tamper=status)).tap(self.counter)


def attributes(response) -> dict:
    assert response.status_code == 200
    return main_attributes(response)


@wherever
@each_mode
@pytest.mark.parametrize("loop", ["seal", "guard"])
def test_a_closed_loop_is_simply_genuine(client, unit, where, mode, loop):
    seen = attributes(client.get(Looped(unit, loop, where, mode).tap("CC")))
    assert (seen["authenticity"], seen["flags"], seen["viewer"]) == ("genuine", "", "holding")
    assert not Event.objects.filter(kind=EventKind.SEAL_OPENED).exists()


@wherever
@each_mode
@pytest.mark.parametrize(
    ("status", "words"), [("OO", "The protected part is open"), ("OC", "The protected part was opened once")]
)
def test_an_opened_guard_is_a_doubt_that_leads_the_page(client, unit, where, mode, status, words):
    chip = Looped(unit, "guard", where, mode)
    link = chip.tap(status)
    response = client.get(link)
    seen = attributes(response)
    assert (seen["authenticity"], seen["viewer"], seen["flags"]) == ("tampered", "looking", "")
    assert response.context["page"].modules[0].name == "authenticity"
    page = response.context["page"]
    assert (page.action.code, page.action.url) == ("help", f"/u/{unit.public_code}/help/")
    assert "help" not in [action.code for action in page.quieter]
    assert words in text_of(response)
    assert "Ask Acme about it" in text_of(response)
    tag = Tag.objects.get(pk=chip.closed.tag.pk)
    assert (tag.last_counter, tag.last_visitor) == (1, Scan.objects.get().visitor)
    assert Scan.objects.get().verdict == "tampered"
    assert "possession" not in response.cookies
    # The same page again says the same; so does the used link to anybody else, for a guard never heals.
    assert words in text_of(client.get(link))
    again = Client().get(link)
    assert attributes(again)["authenticity"] == "tampered"
    assert "was opened once" in text_of(again)


def test_a_guard_that_was_closed_when_a_used_link_was_made_is_a_replay(client, unit):
    chip = Looped(unit, "guard", INSIDE)
    before = chip.tap("CC")
    assert attributes(client.get(before))["authenticity"] == "genuine"
    assert attributes(client.get(chip.tap("OO")))["authenticity"] == "tampered"
    assert attributes(Client().get(before))["authenticity"] == "replayed"


@wherever
def test_a_guard_that_could_not_be_read_is_genuine_and_says_so(client, unit, where):
    response = client.get(Looped(unit, "guard", where).tap("II"))
    assert attributes(response)["authenticity"] == "genuine"
    assert "could not say whether the part that it guards was opened" in text_of(response)


def test_a_status_outside_the_mac_is_not_believed_either_way(client, unit):
    chip = Looped(unit, "guard", {"mac_from": "cmac", "params": {"tt": "tt"}})
    for edit in ({"tt=OO": "tt=CC"}, {"tt=OO&": ""}, {}):
        link = chip.tap("OO")
        for old, new in edit.items():
            link = link.replace(old, new)
        response = client.get(link)
        assert attributes(response)["authenticity"] == "genuine"
        assert "look at it yourself" in text_of(response)


@pytest.mark.parametrize("edit", [("tt=OO", "tt=CC"), ("tt=OO&", ""), ("&cmac=", "&cmac=&tt=CC")])
def test_a_covered_status_cant_be_edited_away(client, unit, edit):
    link = Looped(unit, "guard", CLEAR).tap("OO").replace(*edit)
    assert client.get(link).status_code == 400


@wherever
@each_mode
def test_an_opened_seal_is_genuine_noted_once_and_begins_the_holders_first_days(client, unit, where, mode):
    chip = Looped(unit, "seal", where, mode)
    assert attributes(client.get(chip.tap("CC")))["stage"] == "discovery"
    before = timezone.now()
    seen = attributes(client.get(chip.tap("OO")))
    assert (seen["authenticity"], seen["flags"], seen["stage"]) == ("genuine", "opened", "unboxing")
    assert Scan.objects.latest("id").stage == "unboxing"
    opened_at = UnitFacts.objects.get(unit=unit).opened_at
    assert before <= opened_at <= timezone.now()

    for browser, status in ((client, "OC"), (Client(), "OO")):
        seen = attributes(browser.get(chip.tap(status)))
        assert (seen["authenticity"], seen["flags"], seen["stage"]) == ("genuine", "opened", "unboxing")
    assert UnitFacts.objects.get(unit=unit).opened_at == opened_at
    event = Event.objects.get(kind=EventKind.SEAL_OPENED)
    assert (event.unit_id, event.at, event.brand_id) == (unit.pk, opened_at, unit.brand_id)
    assert attributes(client.get(f"/q/{unit.public_code}"))["flags"] == "opened"


def test_the_first_days_after_the_opened_seal_end(client, unit, alice):
    chip = Looped(unit, "seal", INSIDE)
    long_ago = timezone.now() - dt.timedelta(days=40)
    factories.facts(unit, opened_at=long_ago)
    assert attributes(client.get(chip.tap("OO")))["flags"] == "opened"
    assert UnitFacts.objects.get(unit=unit).opened_at == long_ago
    assert not Event.objects.filter(kind=EventKind.SEAL_OPENED).exists()


def test_a_peek_and_a_withdrawn_chip_note_nothing(client, unit):
    chip = Looped(unit, "seal", INSIDE)
    link = chip.tap("OO")
    assert client.get(link, headers={"user-agent": "WhatsApp/2.24 A"}).status_code == 200
    Tag.objects.filter(pk=chip.closed.tag.pk).update(state="withdrawn")
    assert attributes(client.get(link))["authenticity"] == "identified"
    assert not Event.objects.exists()
    assert not UnitFacts.objects.filter(opened_at__isnull=False).exists()


def test_a_chip_that_mirrors_no_counter_can_still_say_that_it_was_opened(client, unit):
    """Opening never heals, so a copied link that says so tells the truth; one that does not proves nothing."""
    guard = Looped(unit, "guard", {"mac_from": "url", "params": {"tt": "tt", "ctr": ""}})
    assert attributes(client.get(guard.tap("CC")))["authenticity"] == "identified"
    assert attributes(client.get(guard.tap("OC")))["authenticity"] == "tampered"


def test_another_chips_open_guard_casts_no_doubt_where_nothing_binds_it(client, unit, bag):
    """A counter alone under a shared key: the link could be of any chip, and says nothing of this one's loop."""
    chip = Looped(unit, "guard", {"mac_from": "picc_data", "params": {"uid": "", "tt": "tt"}})
    other = factories.UnitFactory(product=bag)
    factories.put_chip_on(other, chip.closed.tag.profile)
    seen = attributes(client.get(chip.tap("OO").replace(unit.public_code, other.public_code)))
    assert seen["authenticity"] == "identified"
