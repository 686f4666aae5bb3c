"""A piece that its owner reports lost or stolen is given to nobody who claims it, at whatever point of the case."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.kinds import EventKind
from analytics.models import Event, UnitFacts
from experiences import releases
from ownership.errors import OwnershipError
from ownership.models import Decision, LossReport, Ownership, ReleaseRequest
from ownership.models.losses import LossKind
from ownership.models.releases import Side
from ownership.services import end_ownership
from ownership.services.losses import LossForm, end_loss, leave_loss_to_brand, report_loss
from tests import factories
from tests.config.test_console_tenancy import console
from tests.experiences.conftest import ago
from tests.experiences.releasing import ALICE, CARL, Browser, opened, owners_path, photo, reachable
from tests.reading import text_of

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def case(unit, alice) -> ReleaseRequest:
    """Carl asks for Alice's piece, and she knows."""
    factories.own(unit, reachable(alice), ago(100))
    return opened(Browser(headers={"accept-language": "en"}), unit, evidence=photo())[0]


@pytest.fixture
def kim(acme):
    return factories.staff(acme, "kim", "support_agent")


def reported(unit, alice) -> None:
    report_loss(unit_id=unit.pk, owner_id=alice.pk, form=LossForm(LossKind.STOLEN), now=timezone.now())


def state_of(case) -> str:
    case.refresh_from_db()
    return case.state


def decided(case, by, side: Side) -> ReleaseRequest:
    return releases.decide(
        release_id=case.pk, for_side=side, reason="Seen.", annuls=False, now=timezone.now(), actor_id=by.pk
    )


def stays_missed_with_alice(unit) -> bool:
    current = Ownership.objects.of_unit(unit).current().get()
    return current.owner.email == ALICE and UnitFacts.objects.get(unit=unit).stolen


def test_at_the_desk_it_is_said_and_it_goes_to_no_claimant_until_the_search_has_ended(case, unit, alice, sam):
    """C5: silence takes a stolen piece to the desk; staff read that it is stolen, and can't give it away."""
    reported(unit, alice)
    assert releases.sweep_releases(now=case.answer_by + DAY) == 1
    desk = console(sam)
    page = reverse("admin:ownership_releaserequest_change", args=[case.pk])
    assert "Reported stolen on" in text_of(desk.get(page))
    path = reverse("admin:ownership_releaserequest_decide", args=[case.pk])
    sent = {"for_side": "claimant", "reason": "Their receipt names it."}
    for values in (sent, {**sent, "annuls": "on"}):
        answer = desk.post(path, values)
        assert answer.status_code == 400
        assert "once the search has ended" in text_of(answer)
        assert "Their receipt names it." in answer.content.decode()
    assert not Decision.objects.exists()
    assert stays_missed_with_alice(unit)
    end_loss(unit_id=unit.pk, owner_id=alice.pk, now=timezone.now(), actor_id=sam.pk, reason="Found")
    assert "Reported stolen" not in text_of(desk.get(page))
    assert desk.post(path, sent).status_code == 302


def test_staff_leave_a_stolen_piece_with_its_owner_at_any_time(case, unit, alice, sam):
    reported(unit, alice)
    releases.sweep_releases(now=case.answer_by + DAY)
    decided(case, sam, Side.OWNER)
    case.refresh_from_db()
    releases.sweep_releases(now=case.appeal_by)
    assert state_of(case) == "kept"
    assert stays_missed_with_alice(unit)


def test_reported_after_the_decision_a_colleague_looks_again(case, unit, alice, sam, kim):
    """C5: the time for an appeal runs out, and the piece is not given away over the report."""
    releases.sweep_releases(now=case.answer_by + DAY)
    decided(case, sam, Side.CLAIMANT)
    reported(unit, alice)
    case.refresh_from_db()
    late = case.appeal_by + DAY
    assert releases.sweep_releases(now=late) == 1
    assert releases.sweep_releases(now=late) == 0
    assert state_of(case) == "appealed"
    step = Event.objects.filter(kind=EventKind.RELEASE_ESCALATED).latest("id")
    assert step.data == {"release": case.pk, "why": "missed"}
    assert stays_missed_with_alice(unit)
    with pytest.raises(OwnershipError) as refusal:
        decided(case, sam, Side.OWNER)
    assert refusal.value.code == "same_decider"
    decided(case, kim, Side.OWNER)
    assert state_of(case) == "kept"


@pytest.mark.parametrize("at_the_end", [False, True])
def test_who_looks_for_it_does_not_let_it_go_at_the_same_time(case, unit, alice, sam, at_the_end):
    """Neither with a yes to the question, nor by agreeing to the decision: the search has to end first."""
    if at_the_end:
        releases.sweep_releases(now=case.answer_by + DAY)
        decided(case, sam, Side.CLAIMANT)
    reported(unit, alice)
    owner = Browser(headers={"accept-language": "en"})
    answer = owner.post(owners_path(case), {"do": "accept" if at_the_end else "approve", "sure": "on"})
    assert answer.status_code == 409
    assert "once the search has ended" in text_of(answer)
    assert stays_missed_with_alice(unit)
    owner_id = Ownership.objects.of_unit(unit).current().get().owner_id
    end_loss(unit_id=unit.pk, owner_id=owner_id, now=timezone.now())
    owner.post(owners_path(case), {"do": "accept" if at_the_end else "approve", "sure": "on"})
    assert Ownership.objects.of_unit(unit).current().get().owner.email == CARL


def test_what_its_owner_left_reported_goes_to_nobody(case, unit, alice):
    """Whoever is forgotten leaves the search to the brand: the claimant does not get it by that."""
    reported(unit, alice)
    now = timezone.now()
    leave_loss_to_brand(ownership=case.ownership, now=now)
    end_ownership(unit=unit, until=now, now=now)
    assert releases.sweep_releases(now=now) == 1
    assert state_of(case) == "withdrawn"
    assert not Ownership.objects.of_unit(unit).current().exists()
    assert LossReport.objects.standing().count() == 1
