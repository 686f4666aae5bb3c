"""C6, C14: who of a household reports, corrects and ends a search, and who answers finders."""

import pytest
from django.utils import timezone, translation

from ownership.models import LossReport, Member
from tests.experiences.test_people import bring, browser_of, household, piece, somebody
from tests.reading import text_of

pytestmark = pytest.mark.django_db

STOLEN = {"kind": "stolen", "missed_on": "", "police_reference": "P-1", "words": "Please write"}
LOST = {**STOLEN, "kind": "lost", "words": "It turned up, look no more"}


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def shared(acme, bag):
    """A bag of a household that Ann looks after and Ben uses: its page, Ann's browser and Ben's."""
    ann, ben = somebody(acme, "ann"), somebody(acme, "ben")
    browser = browser_of(ann)
    home = household(browser, acme)
    Member.objects.create(owner=home, person=ben, role="member", since=timezone.now())
    unit = piece(bag, ann)
    bring(browser, home, unit)
    return f"/u/{unit.public_code}/lost/", browser, browser_of(ben)


def test_one_who_only_uses_it_ends_and_weakens_no_search_of_anothers(shared):
    page, ann, ben = shared
    assert ann.post(page, STOLEN).status_code == 302
    seen = ben.get(page)
    assert "whoever looks after it" in text_of(seen)
    assert b'data-action="recovered"' not in seen.content
    ended, corrected = ben.post(f"{page}ended/"), ben.post(page, LOST)
    assert (ended.status_code, corrected.status_code) == (403, 403)
    assert b"It turned up, look no more" in corrected.content
    report = LossReport.objects.get()
    assert (report.kind, report.ended_at) == ("stolen", None)


def test_whoever_reported_it_corrects_and_ends_it(shared):
    page, _, ben = shared
    assert ben.post(page, STOLEN).status_code == 302
    assert b'data-action="recovered"' in ben.get(page).content
    assert ben.post(page, LOST).status_code == 302
    assert ben.post(f"{page}ended/").status_code == 302
    assert LossReport.objects.get().ended_at is not None


def test_who_looks_after_it_corrects_and_ends_what_another_reported(shared):
    page, ann, ben = shared
    ben.post(page, STOLEN)
    assert ann.post(page, LOST).status_code == 302
    assert ann.post(f"{page}ended/").status_code == 302
    assert LossReport.objects.get().ended_at is not None
