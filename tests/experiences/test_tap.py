"""The tap, through HTTP: verdicts, the counter, what is recorded."""

import re

import pytest

from analytics.models import Scan, UnitActivity

pytestmark = pytest.mark.django_db


def main_attributes(response) -> dict[str, str]:
    main = re.search(r"<main([^>]*)>", response.content.decode()).group(1)
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', main))


def test_a_fresh_chip_link_is_genuine_and_recorded(client, chip, unit):
    """A7: unit, tag, time, counter, verdict, stage, visitor and language stand in the scan's row."""
    response = client.get(chip.tap())
    assert response.status_code == 200
    assert main_attributes(response)["authenticity"] == "genuine"
    assert main_attributes(response)["viewer"] == "holding"
    scan = Scan.objects.get()
    assert (scan.unit_id, scan.tag_id, scan.counter, scan.verdict) == (unit.pk, chip.tag.pk, 1, "genuine")
    assert (scan.stage, scan.locale, len(scan.visitor)) == ("discovery", "en", 32)
    assert UnitActivity.objects.get(unit=unit).visitor_count == 1


def test_the_same_visitor_reloading_is_refreshed_and_another_one_replays(client, chip):
    from django.test import Client

    link = chip.tap()
    client.get(link)
    assert main_attributes(client.get(link))["authenticity"] == "refreshed"
    assert main_attributes(Client().get(link))["authenticity"] == "replayed"
