"""C5, C12: the owner answers or is silent, staff decide, once more on appeal; each side sees its own page."""

import datetime as dt

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone

from analytics.kinds import EventKind
from analytics.models import Event, UnitFacts
from experiences import releases
from experiences.devices import DEVICE_COOKIE, remember_in_browser
from experiences.recovering import finish_recovery, start_recovery
from ownership.errors import OwnershipError
from ownership.models import Evidence, Owner, Ownership, ReleaseRequest
from ownership.models.owners import Annulled
from ownership.models.recoveries import IdentityShown
from ownership.models.registrations import ContactKind
from ownership.models.releases import Side
from ownership.services import annul_ownership, end_ownership, retire_unit
from ownership.services.releases.evidence import forget_old_releases
from products.models import Device, PrivateFile
from products.models.units import UnitStatus
from products.services.devices import remember_device
from products.services.files import delete_expired_files
from tests import factories
from tests.experiences.conftest import ago
from tests.experiences.releasing import (
    ALICE,
    CARL,
    WORDS,
    Browser,
    link_to,
    opened,
    owners_path,
    photo,
    reachable,
)
from tests.reading import action_of, main_attributes, text_of
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def client():
    """Carl's browser."""
    return Browser(headers={"accept-language": "en"})


@pytest.fixture
def owner():
    """Alice's browser."""
    return Browser(headers={"accept-language": "en"})


@pytest.fixture
def alices(unit, alice):
    factories.own(unit, reachable(alice), ago(100))
    return unit


@pytest.fixture
def case(client, alices):
    """Carl's request, of which Alice knows; the paths of his page and of hers."""
    release, path = opened(client, alices, evidence=photo())
    return release, path, owners_path(release)


@pytest.fixture
def sam_and_kim(acme):
    return factories.staff(acme, "sam", "support_agent"), factories.staff(acme, "kim", "support_agent")


def at_desk(browser, case) -> ReleaseRequest:
    """Let Alice keep it and Carl bring it to the desk."""
    release, path, owners = case
    browser.post(owners, {"do": "refuse", "answer": "I lent it to a friend"})
    browser.post(path, {"do": "desk"})
    release.refresh_from_db()
    return release


def decided(release, sam, side=Side.CLAIMANT, **values) -> ReleaseRequest:
    what = {"reason": "The receipt names the serial number.", "annuls": False, **values}
    now = timezone.now()
    return releases.decide(release_id=release.pk, for_side=side, now=now, actor_id=sam.pk, **what)


def kinds(unit) -> list[str]:
    rows = Event.objects.filter(unit=unit, kind__startswith="release.").order_by("id")
    return list(rows.values_list("kind", flat=True))


def owner_now(unit) -> str:
    return Ownership.objects.of_unit(unit).current().get().owner.email


def test_the_owner_releases_it(owner, client, alices, case):
    """C5: the claimant is the second owner at once; coverage and history stay; each gets a letter."""
    CoveragePlan.objects.create(brand=alices.brand, names={"en": "Two years"}, months=24)
    activate_coverage(unit_id=alices.pk, now=timezone.now())
    until = Coverage.objects.get(unit=alices).ends_on
    release, path, owners = case
    assert owner.post(owners, {"do": "approve"}).status_code == 400  # the box first
    for _again in range(2):
        assert owner.post(owners, {"do": "approve", "sure": "on"}).status_code == 302
    release.refresh_from_db()
    assert release.state == "released"
    taken = release.taken_over
    assert (taken.ordinal, taken.acquired, taken.owner.email) == (2, "release", CARL)
    assert Coverage.objects.get(unit=alices).ends_on == until
    assert {sent.to[0] for sent in mail.outbox[-2:]} == {ALICE, CARL}
    facts = UnitFacts.objects.get(unit=alices)
    assert not facts.transfer
    assert not facts.dispute
    assert kinds(alices) == [EventKind.RELEASE_ASKED, EventKind.RELEASE_ANSWERED, EventKind.RELEASE_ENDED]
    page = client.get(path)
    assert "It is yours" in text_of(page)
    assert f"/me/enter/?next=/u/{alices.public_code}/" in page.content.decode()
    assert "has a new owner" in text_of(owner.get(owners))
    assert DEVICE_COOKIE not in client.cookies  # only a code lets a browser in


def test_the_owner_keeps_it_in_words_that_the_claimant_never_reads(owner, client, alices, case):
    """C5."""
    _release, path, owners = case
    owner.post(owners, {"do": "refuse", "answer": "I lent it to my friend Zoe"})
    assert mail.outbox[-1].to == [CARL]
    page = text_of(client.get(path))
    assert "The owner keeps it" in page
    assert "Zoe" not in page + mail.outbox[-1].body
    assert owner_now(alices) == ALICE
    assert UnitFacts.objects.get(unit=alices).transfer


def test_silence_brings_it_to_the_desk_at_the_end_of_the_last_day(client, alices, case):
    """C5: the timer; running the round twice changes nothing."""
    release, path, _owners = case
    assert release.answer_by.minute == 59
    assert releases.sweep_releases(now=release.answer_by - DAY) == 0
    assert releases.sweep_releases(now=release.answer_by) == 1
    assert releases.sweep_releases(now=release.answer_by) == 0
    release.refresh_from_db()
    assert release.state == "desk"
    assert Event.objects.get(kind=EventKind.RELEASE_ESCALATED).data["why"] == "silence"
    assert UnitFacts.objects.get(unit=alices).dispute
    assert "No answer came" in text_of(client.get(path))


def test_a_refusal_that_nobody_contests_is_the_end_of_it(owner, alices, case):
    release, _path, owners = case
    owner.post(owners, {"do": "refuse"})
    release.refresh_from_db()
    assert releases.sweep_releases(now=release.appeal_by) == 1
    release.refresh_from_db()
    assert release.state == "kept"
    assert not UnitFacts.objects.get(unit=alices).transfer
    assert owner_now(alices) == ALICE


def test_bringing_it_to_the_desk_asks_for_a_new_tap(owner, client, unit, alice, chip):
    """The trust ladder: what is contested needs a tap after being asked; an earlier one is none."""
    factories.own(unit, reachable(alice), ago(100))
    client.get(chip.tap())
    release, path = opened(client, unit)
    owner.post(owners_path(release), {"do": "refuse"})
    asked = client.post(path, {"do": "desk"})
    assert asked.status_code == 409
    assert "Hold the phone to its tag within two minutes" in text_of(asked)
    assert client.post(path, {"do": "desk"}).status_code == 409
    client.get(chip.tap())
    assert client.post(path, {"do": "desk"}).status_code == 302
    release.refresh_from_db()
    assert release.state == "desk"


def test_staff_decide_for_the_claimant_and_it_holds_after_the_time_for_an_appeal(
    owner, client, alices, case, sam_and_kim
):
    """C5: both read the reason; until then it stays with its owner."""
    release = at_desk(client, case)
    decided(release, sam_and_kim[0])
    for browser, path, title in (
        (client, case[1], "Decided for you"),
        (owner, case[2], "Decided for the other"),
    ):
        page = text_of(browser.get(path))
        assert title in page
        assert "The receipt names the serial number." in page
    assert owner_now(alices) == ALICE
    release.refresh_from_db()
    assert releases.sweep_releases(now=release.appeal_by) == 1
    release.refresh_from_db()
    assert (release.state, release.taken_over.acquired) == ("released", "decision")
    assert owner_now(alices) == CARL


def test_whoever_lost_can_agree_so_that_nobody_waits(owner, client, alices, case, sam_and_kim):
    release = at_desk(client, case)
    decided(release, sam_and_kim[0])
    client.post(case[1], {"do": "accept"})  # Carl won: it is not his to agree
    assert owner_now(alices) == ALICE
    owner.post(case[2], {"do": "accept"})
    assert owner_now(alices) == CARL


def test_an_appeal_is_decided_by_somebody_else_and_that_is_final(owner, client, alices, case, sam_and_kim):
    """C5."""
    sam, kim = sam_and_kim
    release = at_desk(client, case)
    decided(release, sam)
    assert owner.post(case[2], {"do": "appeal", "words": ""}).status_code == 400
    for _again in range(2):
        owner.post(case[2], {"do": "appeal", "words": "The receipt is forged"})
    assert Event.objects.filter(kind=EventKind.RELEASE_APPEALED).count() == 1
    assert "forged" not in text_of(client.get(case[1]))
    with pytest.raises(OwnershipError) as refusal:
        decided(release, sam)
    assert refusal.value.code == "same_decider"
    decided(release, kim, side=Side.OWNER, reason="It is forged.")
    release.refresh_from_db()
    assert release.state == "kept"
    assert owner_now(alices) == ALICE
    assert [row.instance for row in release.decisions.all()] == [1, 2]
    with pytest.raises(OwnershipError):
        decided(release, kim)


def test_an_appeal_comes_too_late_after_its_last_day(owner, client, case, sam_and_kim):
    release = at_desk(client, case)
    decided(release, sam_and_kim[0])
    release.refresh_from_db()
    with time_machine.travel(release.appeal_by + DAY, tick=False):
        late = owner.post(case[2], {"do": "appeal", "words": "I was away"})
    assert late.status_code == 409
    assert "I was away" in late.content.decode()


def test_nobody_decides_their_own_case(client, alices, case, alice, sam_and_kim):
    release = at_desk(client, case)
    with pytest.raises(OwnershipError) as refusal:
        decided(release, alice.person)
    assert refusal.value.code == "party"


def test_a_premature_registration_yields_to_the_real_buyer(client, alices, alice, case, sam_and_kim):
    """C12: it counts as none: the buyer is the first owner, and the warranty begins anew with them."""
    CoveragePlan.objects.create(
        brand=alices.brand, names={"en": "Two years"}, months=24, starts_from="registration"
    )
    with time_machine.travel(ago(90), tick=False):
        activate_coverage(unit_id=alices.pk, now=timezone.now())
    before = Coverage.objects.get(unit=alices).starts_on
    release = at_desk(client, case)
    decided(release, sam_and_kim[0], annuls=True)
    release.refresh_from_db()
    releases.sweep_releases(now=release.appeal_by)
    first, second = Ownership.objects.of_unit(alices).order_by("id")
    assert (first.owner, first.annulled) == (alice, Annulled.PREMATURE)
    assert (second.ordinal, second.owner.email) == (1, CARL)
    assert UnitFacts.objects.get(unit=alices).ownerships == 1
    assert Coverage.objects.get(unit=alices).starts_on > before


def test_an_owner_under_a_new_address_is_no_further_owner(owner, client, alices, sam_and_kim):
    """C13: who lost the registered address has the piece back as it was: the first owner, since then."""
    release, path = opened(client, alices, ground="recovered", evidence=photo())
    since = release.ownership.since
    release = at_desk(client, (release, path, owners_path(release)))
    decided(release, sam_and_kim[0])
    release.refresh_from_db()
    releases.sweep_releases(now=release.appeal_by)
    before, after = Ownership.objects.of_unit(alices).order_by("id")
    assert before.annulled == Annulled.RECOVERED
    assert (after.ordinal, after.since, after.owner.email) == (1, since, CARL)
    facts = UnitFacts.objects.get(unit=alices)
    assert (facts.ownerships, facts.owned_since, facts.first_owned_at) == (1, since, since)


def test_an_ownership_that_stays_cannot_count_as_none(client, case, sam_and_kim):
    release = at_desk(client, case)
    with pytest.raises(OwnershipError) as refusal:
        decided(release, sam_and_kim[0], side=Side.OWNER, annuls=True)
    assert refusal.value.code == "annuls_for_owner"


def test_the_claimant_takes_it_back(client, alices, case):
    release, path, owners = case
    for _again in range(2):
        assert client.post(path, {"do": "withdraw"}).status_code == 302
    release.refresh_from_db()
    assert release.state == "withdrawn"
    assert not UnitFacts.objects.get(unit=alices).transfer
    assert {sent.to[0] for sent in mail.outbox[-2:]} == {ALICE, CARL}
    assert "The request has ended" in text_of(client.get(owners))


def test_a_side_does_only_what_is_its_own(owner, client, alices, case):
    """The claimant's link can't answer for the owner, nor the owner's bring it to the desk."""
    release, path, owners = case
    for act in ("approve", "refuse", "accept", "appeal", "desk", "nonsense", ""):
        assert client.post(path, {"do": act, "sure": "on"}).status_code == 302
    for act in ("withdraw", "confirm", "desk"):
        assert owner.post(owners, {"do": act}).status_code == 302
    release.refresh_from_db()
    assert release.state == "asked"
    assert owner_now(alices) == ALICE


def test_evidence_of_one_side_is_counted_for_that_side_alone(owner, client, case):
    release, path, owners = case
    for _again in range(2):
        assert owner.post(owners, {"do": "evidence", "evidence": photo("#112233")}).status_code == 302
    assert release.evidence.filter(side="owner").count() == 1  # the same file again is one
    assert "You sent 1 file." in text_of(owner.get(owners))
    assert "You sent 1 file." in text_of(client.get(path))
    steps = Event.objects.filter(kind=EventKind.EVIDENCE_SENT)
    assert [event.data["side"] for event in steps] == ["owner"]
    assert "You added evidence" not in text_of(client.get(path))
    assert PrivateFile.objects.filter(expires_at__gt=timezone.now()).count() == 2


def test_a_side_sends_five_files_at_most(client, case):
    release, path, _owners = case
    four = [photo(colour) for colour in ("#aa0000", "#00aa00", "#0000aa", "#aaaa00")]
    assert client.post(path, {"do": "evidence", "evidence": four}).status_code == 302
    assert client.post(path, {"do": "evidence", "evidence": photo("#000000")}).status_code == 302
    assert release.evidence.count() == 5
    assert 'name="evidence"' not in client.get(path).content.decode()


def test_a_disguised_file_is_no_evidence(client, case):
    release, path, _owners = case
    script = SimpleUploadedFile("photo.png", b"#!/bin/sh\nrm -rf /", "image/png")
    answer = client.post(path, {"do": "evidence", "evidence": script})
    assert answer.status_code == 400
    assert "neither a photograph nor a PDF" in text_of(answer)
    assert release.evidence.count() == 1


def test_an_owner_who_leaves_leaves_it_to_the_claimant(alices, case):
    """An erased or departed owner can't answer; anybody could register the unit now, so the claimant has it."""
    end_ownership(unit=alices, until=timezone.now(), now=timezone.now())
    assert releases.sweep_releases(now=timezone.now()) == 1
    assert owner_now(alices) == CARL


def test_an_owner_who_has_it_no_longer_is_not_told_that_it_stays_theirs(
    alices, case, django_capture_on_commit_callbacks
):
    annul_ownership(unit=alices, reason=Annulled.RETURNED, now=timezone.now())
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        releases.sweep_releases(now=timezone.now())
    assert [sent.to for sent in mail.outbox] == [[CARL]]


def test_one_persons_two_addresses_do_not_dispute_for_ever(alices, case):
    """The owner's address turned out to be the claimant's: the request ends, and holds no other up."""
    release = case[0]
    Ownership.objects.filter(pk=release.ownership_id).update(owner=release.claimant_id)
    assert [releases.sweep_releases(now=timezone.now()) for _time in range(2)] == [1, 0]
    release.refresh_from_db()
    assert release.state == "withdrawn"
    assert not UnitFacts.objects.get(unit=alices).transfer


def test_the_link_that_went_to_an_address_of_before_answers_no_more(alices, case, owner, sam):
    """C13: an owner was recovered; who reads the old address can't let the unit go."""
    release, _path, old_link = case
    recovery = start_recovery(
        owner_id=release.ownership.owner_id, contact_kind=ContactKind.EMAIL, contact="new@example.com",
        shown=IdentityShown.PURCHASE, reason="Receipt", locale="en", now=timezone.now(), actor_id=sam.pk,
    )  # fmt: skip
    finish_recovery(recovery=recovery, now=timezone.now())
    assert owner.get(old_link).status_code == 404
    release.refresh_from_db()
    assert owner.get(owners_path(release)).status_code == 200


def test_what_went_back_to_the_shop_is_not_the_claimants(alices, case):
    annul_ownership(unit=alices, reason=Annulled.RETURNED, now=timezone.now())
    assert releases.sweep_releases(now=timezone.now()) == 1
    case[0].refresh_from_db()
    assert case[0].state == "withdrawn"
    assert not Ownership.objects.of_unit(alices).current().exists()
    assert not UnitFacts.objects.get(unit=alices).transfer


def test_a_unit_at_its_end_ends_the_request(owner, alices, case):
    retire_unit(
        unit=alices, status=UnitStatus.DESTROYED, retired_on=timezone.now().date(), now=timezone.now()
    )
    late = owner.post(case[2], {"do": "approve", "sure": "on"})
    assert late.status_code == 409
    assert releases.sweep_releases(now=timezone.now()) == 1
    case[0].refresh_from_db()
    assert case[0].state == "withdrawn"


def test_a_claimant_who_was_erased_ends_it(alices, case):
    Owner.objects.filter(pk=case[0].claimant_id).delete()
    assert releases.sweep_releases(now=timezone.now()) == 1
    case[0].refresh_from_db()
    assert case[0].state == "withdrawn"


def test_words_and_files_go_on_schedule(client, alices, case):
    """Personal data is kept so long after the end, then nothing of either side is left in the case."""
    release, path, owners = case
    client.post(owners, {"do": "refuse", "answer": "No"})
    client.post(path, {"do": "withdraw"})
    release.refresh_from_db()
    due = release.ended_at + 90 * DAY
    assert forget_old_releases(now=due - DAY) == 0
    assert forget_old_releases(now=due) == 1
    assert forget_old_releases(now=due) == 0
    release.refresh_from_db()
    assert (release.contact, release.name, release.statement, release.answer) == ("", "", "", "")
    assert release.claimant is None
    assert not Owner.objects.filter(email=CARL).exists()
    assert not EmailAddress.objects.filter(email=CARL).exists()
    assert not Evidence.objects.exists()
    delete_expired_files(now=due)
    assert not PrivateFile.objects.exists()
    assert client.get(path).status_code == 200
    assert WORDS not in text_of(client.get(owners))


def test_staffs_reason_is_forgotten_with_both_sides_words(client, alices, case, sam_and_kim):
    release = at_desk(client, case)
    decided(release, sam_and_kim[0])
    client.post(case[2], {"do": "accept"})
    release.refresh_from_db()
    due = release.ended_at + 90 * DAY
    assert forget_old_releases(now=due - DAY) == 0
    # One side's erasure may have emptied all the rest before.
    ReleaseRequest.objects.update(contact="", name="", statement="", answer="", appeal="")
    assert forget_old_releases(now=due) == 1
    assert forget_old_releases(now=due) == 0
    decision = release.decisions.get()
    assert (decision.reason, decision.reason_forgotten_at) == ("", due)
    page = text_of(client.get(case[1]))
    assert "Decided for you" in page
    assert "The reason is no longer kept." in page


def remembered(person) -> Browser:
    """Return the browser in which a person is remembered."""
    response = HttpResponse()
    remember_in_browser(response, remember_device(person=person, now=timezone.now()))
    browser = Browser(headers={"accept-language": "en"})
    browser.cookies[DEVICE_COOKIE] = response.cookies[DEVICE_COOKIE].value
    return browser


def test_the_unit_leads_its_owner_to_the_answer(client, alices, case, alice):
    """A6: an open request leads the very next page; only the owner gets to the owner's page."""
    _release, _path, owners = case
    home = f"/u/{alices.public_code}/"
    own = remembered(alice.person)
    page = own.get(home)
    assert main_attributes(page)["flags"] == "transfer"
    assert f'href="{home}release/"' in page.content.decode()
    assert own.get(home + "release/").url == owners
    assert owners not in client.get(home + "release/").content.decode()


@pytest.mark.usefixtures("case")
def test_an_owner_silent_for_long_enters_a_code_first(alices, alice):
    own = remembered(alice.person)
    Device.objects.update(last_used_at=ago(91))
    assert own.get(f"/u/{alices.public_code}/release/").url.startswith("/me/enter/")


def test_a_dispute_leads_the_page_of_whoever_looks(client, alices, case):
    """A6."""
    at_desk(client, case)
    page = Browser(headers={"accept-language": "en"}).get(f"/u/{alices.public_code}/")
    assert main_attributes(page)["flags"] == "dispute transfer"
    assert main_attributes(page)["stage"] == "resale"
    assert action_of(page) == "dispute"


def test_links_of_letters_are_of_their_side(case):
    release, path, owners = case
    assert (link_to(CARL), link_to(ALICE)) == (path, owners)
    assert release.code != release.owner_code
