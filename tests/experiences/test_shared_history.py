"""Before buying second-hand (C7): the owner shares the unit's history, a buyer reads it."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from experiences.provenance import token_of
from ownership.models import OwnershipPolicy, ProvenanceLink
from ownership.models.owners import Acquired
from ownership.services import hand_over
from products.models import Device, Unit
from tests import factories
from tests.experiences.test_losses import browser, key_of, owner, path  # noqa: F401 - a fixture among them
from tests.experiences.test_registering import plan, register  # noqa: F401 - a fixture among them
from tests.reading import text_of

pytestmark = pytest.mark.django_db

SHARE = "history/share"


def share(seller, unit):
    """Make a link; return its path."""
    seller.post(path(unit, SHARE), {"submission_key": key_of(seller.get(path(unit, SHARE)))})
    return f"/provenance/{token_of(ProvenanceLink.objects.latest('pk'))}/"


def test_a_buyer_reads_exactly_what_is_on_record(plan, owner, unit, acme, alice):  # noqa: F811
    """C7: genuine, made, coverage left, owners so far, not reported stolen; and who owns it nowhere."""
    Unit.objects.filter(pk=unit.pk).update(
        made_on=dt.date(2025, 3, 1), made_in="Lyon", sold_on=dt.date(2025, 5, 1)
    )
    url = share(owner, unit)
    page = browser().get(url)
    words = text_of(page)
    assert page.status_code == 200
    for fact in (
        "Its chip last proved itself on", "1 March 2025 in Lyon", "Full-grain leather", "1 May 2025",
        "1 so far, the present one included", "Until and including", "Not reported lost or stolen", "None open",
        unit.serial, "hold your phone to the tag",
    ):  # fmt: skip
        assert fact in words, fact
    for nobody in ("Alice", "alice@", "Archer"):
        assert nobody not in page.content.decode()
    assert "Change of owner" not in words
    assert "Claim" not in words, "no claims are kept yet, so nothing is said of them"
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        ("stolen", "Reported stolen: it is not for sale"),
        ("lost", "Reported lost: it is not for sale"),
        ("dispute", "It is being clarified whose it is"),
        ("recall", "A recall of this very piece is open"),
        ("transfer", "One is open and not accepted yet"),
        ("claim", "One is open"),
        ("service", "An appointment is booked"),
    ],
)
def test_what_is_open_is_said(owner, unit, flag, sentence):  # noqa: F811
    url = share(owner, unit)
    factories.facts(unit, **{flag: True})
    page = browser().get(url)
    assert sentence in text_of(page)
    assert ("Don't buy it now" in text_of(page)) is (flag in ("stolen", "lost", "dispute"))


def test_a_printed_code_is_never_called_genuine(client, bag, alice):
    unit = factories.UnitFactory(product=bag)
    factories.own(unit, alice, timezone.now())
    link = ProvenanceLink.objects.create(
        brand=unit.brand, unit=unit, ownership=unit.ownerships.get(), made_at=timezone.now(),
        expires_at=timezone.now() + dt.timedelta(days=1),
    )  # fmt: skip
    words = text_of(browser().get(f"/provenance/{token_of(link)}/"))
    assert "a printed code, which can be copied" in words
    assert "proved itself" not in words
    assert "compare the serial number" in words


def test_the_owner_sees_how_often_it_was_read_and_takes_it_back(owner, unit):  # noqa: F811
    url = share(owner, unit)
    assert "Not opened yet." in text_of(owner.get(path(unit, SHARE)))
    browser().get(url)
    Client(HTTP_USER_AGENT="WhatsApp/2.24 A").get(url)
    browser().head(url)
    assert "Opened once." in text_of(owner.get(path(unit, SHARE)))
    owner.post(path(unit, f"{SHARE}/back"), {"link": ProvenanceLink.objects.get().pk})
    gone = browser().get(url)
    assert gone.status_code == 410
    assert unit.serial not in gone.content.decode()
    assert "taken back" in text_of(gone)


def test_it_ends_by_itself_after_the_brands_period(owner, unit, acme):  # noqa: F811
    OwnershipPolicy.objects.create(brand=acme, provenance_days=7)
    url = share(owner, unit)
    assert "7 days" in text_of(owner.get(path(unit, SHARE)))
    with time_machine.travel(timezone.now() + dt.timedelta(days=6, hours=23)):
        assert browser().get(url).status_code == 200
    with time_machine.travel(timezone.now() + dt.timedelta(days=7, minutes=1)):
        assert browser().get(url).status_code == 410


def test_it_dies_with_the_ownership(owner, unit, bob):  # noqa: F811
    url = share(owner, unit)
    hand_over(unit=unit, owner=bob, acquired=Acquired.TRANSFER, now=timezone.now())
    assert browser().get(url).status_code == 410


def test_a_changed_link_is_no_link(owner, unit):  # noqa: F811
    url = share(owner, unit)
    token = url.split("/")[2]
    body, signature = token.rsplit(":", 1)
    for forged in (
        body, token[:-1] + ("A" if token[-1] != "A" else "B"), body[:-1] + "x:" + signature, "x", "x" * 5000,
        ":", "a:b", "%00", "%E2%80%AE",
    ):  # fmt: skip
        answer = browser().get(f"/provenance/{forged}/")
        assert answer.status_code == 404, forged
        assert unit.serial not in answer.content.decode()
    other = ProvenanceLink.objects.get()
    other.expires_at += dt.timedelta(days=9)
    assert browser().get(f"/provenance/{token_of(other)}/").status_code == 410, "another end than the row's"


def test_the_button_pressed_twice_makes_one_link(owner, unit):  # noqa: F811
    form = {"submission_key": key_of(owner.get(path(unit, SHARE)))}
    for _time in range(2):
        assert owner.post(path(unit, SHARE), form).status_code == 302
    assert ProvenanceLink.objects.count() == 1
    assert owner.post(path(unit, SHARE), {"submission_key": "\x00"}).status_code == 400


def test_ten_links_are_enough(owner, unit):  # noqa: F811
    for number in range(10):
        owner.post(path(unit, SHARE), {"submission_key": f"{number:032x}"})
    answer = owner.post(path(unit, SHARE), {"submission_key": "f" * 32})
    assert answer.status_code == 409
    assert "Ten links work already" in text_of(answer)
    assert ProvenanceLink.objects.count() == 10


def test_nobody_else_shares_or_takes_back(owner, unit, bag, profile, chip):  # noqa: F811
    """A holder, another owner of the house, an owner whose browser was silent: each is refused."""
    share(owner, unit)
    link = ProvenanceLink.objects.get()
    holder = browser()
    holder.get(chip.tap())
    for page in (SHARE, f"{SHARE}/back"):
        answer = holder.post(path(unit, page), {"link": link.pk, "submission_key": "0" * 32})
        assert answer.url.startswith("/me/enter/")
    other = factories.UnitFactory(product=bag, serial="AC-0002")
    bob = browser()
    bob.get(factories.put_chip_on(other, profile).tap())
    register(bob, other, contact="bob@example.com", name="Bob")
    assert bob.post(path(unit, SHARE), {"submission_key": "0" * 32}).status_code == 403
    bob.post(path(other, f"{SHARE}/back"), {"link": link.pk})
    assert ProvenanceLink.objects.get(pk=link.pk).revoked_at is None
    Device.objects.update(last_used_at=timezone.now() - dt.timedelta(days=91))
    assert owner.get(path(unit, SHARE)).url.startswith("/me/enter/")
    assert ProvenanceLink.objects.count() == 1


def test_crafted_numbers_of_links_change_nothing(owner, unit):  # noqa: F811
    share(owner, unit)
    for number in ("", "0", "-1", "x", "9" * 40, "99999"):
        assert owner.post(path(unit, f"{SHARE}/back"), {"link": number}).status_code == 302
    assert ProvenanceLink.objects.get().revoked_at is None


def test_it_says_whose_records_and_which_day_in_french_too(owner, unit):  # noqa: F811
    url = share(owner, unit)
    page = Client(HTTP_ACCEPT_LANGUAGE="fr").get(url)
    assert re.search(r'<html[^>]* lang="fr"', page.content.decode())
