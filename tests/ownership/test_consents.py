"""Consents (C8): each yes in its words, taken back by one call."""

import datetime as dt

import pytest

from analytics.models import Event
from ownership.models import Consent, ConsentChannel, ConsentWording
from ownership.services.consents import agreed_wording, current_wording, give_consent, withdraw_consent

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def wording(brand, version: int = 1) -> ConsentWording:
    return ConsentWording.objects.create(
        brand=brand, purpose="marketing", version=version, texts={"en": f"News {version}"}
    )


def give(owner, words) -> Consent:
    return give_consent(owner=owner, wording=words, locale="en", channel=ConsentChannel.TAP_PAGE, now=NOW)


def test_the_same_yes_twice_is_one(acme, alice):
    words = wording(acme)
    assert give(alice, words) == give(alice, words)
    assert Event.objects.get().data == {"purpose": "marketing", "version": 1, "locale": "en"}


def test_a_yes_to_newer_words_is_another_one(acme, alice):
    give(alice, wording(acme))
    give(alice, wording(acme, 2))
    assert Consent.objects.count() == 2


def test_taking_it_back_takes_back_every_version_and_is_no_deletion(acme, alice, bob):
    """C8: the yes stays on the ledger, with the day on which it ended."""
    for version in (1, 2):
        give(alice, wording(acme, version))
    give(bob, ConsentWording.objects.get(version=1))
    later = NOW + dt.timedelta(days=1)
    assert withdraw_consent(owner=alice, purpose="marketing", now=later, through=ConsentChannel.ME) == 2
    assert withdraw_consent(owner=alice, purpose="marketing", now=later, through=ConsentChannel.ME) == 0
    assert set(Consent.objects.filter(owner=alice).values_list("withdrawn_at", flat=True)) == {later}
    assert Consent.objects.get(owner=bob).withdrawn_at is None
    assert Event.objects.filter(kind="consent.withdrawn").count() == 2


def test_a_yes_after_taking_it_back_is_a_new_one(acme, alice):
    words = wording(acme)
    first = give(alice, words)
    withdraw_consent(owner=alice, purpose="marketing", now=NOW, through=ConsentChannel.ME)
    assert give(alice, words) != first


def test_the_newest_words_of_the_brand_count_where_none_were_shown(acme, globex):
    old, new, rival = wording(acme), wording(acme, 2), wording(globex, 7)
    assert current_wording(acme.pk, "marketing") == new
    assert agreed_wording(acme.pk, "marketing", 1) == old
    assert agreed_wording(acme.pk, "marketing", None) == new
    assert agreed_wording(acme.pk, "marketing", 7) == new, "another brand's words are not agreed to"
    assert current_wording(globex.pk, "marketing") == rival
