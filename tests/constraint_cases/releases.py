"""Requests for release, their evidence and decisions."""

from ownership.models import Decision, Evidence, ReleaseRequest
from tests.constraint_cases import NOW, breaks
from tests.constraint_cases.ownerships import ownership
from tests.constraint_cases.transfers import transfer


def release(c, key="1", **values) -> ReleaseRequest:
    """Make a claimant's open request for the cast's unit."""
    held = values.pop("ownership", None) or c.unit.ownerships.first() or ownership(c)
    return ReleaseRequest.objects.create(
        **{
            "brand": c.acme, "unit": c.unit, "ownership": held, "ground": "bought_used", "proof": "holding",
            "state": "desk", "contact_kind": "email", "contact": "carl@example.net", "locale": "en",
            "submission_key": key * 64, "sent_at": NOW, "confirmed_at": NOW, **values,
        }
    )  # fmt: skip


def decision(c, **values) -> Decision:
    case = values.pop("request", None) or release(c)
    what = {"instance": 1, "for_side": "owner", "reason": "So.", "decided_by_id": c.sam.pk, "decided_at": NOW}
    return Decision.objects.create(request=case, **{**what, **values})


@breaks("one_open_release_per_unit")
def two_claimants_at_once(c):
    release(c)
    release(c, key="2")


@breaks("release_state_known")
def a_request_in_limbo(c):
    release(c, state="limbo")


@breaks("release_ground_known")
def a_request_for_no_reason(c):
    release(c, ground="because")


@breaks("release_after_a_confirmed_address")
def an_owner_asked_for_nobody(c):
    release(c, state="desk", confirmed_at=None)


@breaks("released_unit_has_a_new_owner")
def a_release_to_nobody(c):
    release(c, state="released", ended_at=NOW)


@breaks("release_ended_at_a_time")
def an_end_without_a_time(c):
    release(c, state="kept")


@breaks("asked_owner_has_a_time")
def an_owner_with_no_time_to_answer(c):
    release(c, state="asked", answer_by=None)


@breaks("offered_release_comes_of_a_transfer")
def an_offer_that_nobody_made(c):
    release(c, ground="offered")


@breaks("offered_release_comes_of_a_transfer")
def an_offer_for_another_reason(c):
    release(c, ownership=(offered := transfer(c)).ownership, transfer=offered)


@breaks("offered_release_asks_no_owner")
def an_owner_asked_about_their_own_offer(c):
    offered = transfer(c)
    release(
        c, ownership=offered.ownership, transfer=offered, ground="offered", state="asked", answer_by=NOW
    )  # fmt: skip


@breaks("ReleaseRequest.code")
def two_claimants_pages_at_one_address(c):
    first = release(c, state="kept", ended_at=NOW)
    release(c, key="2", code=first.code)


@breaks("ReleaseRequest.owner_code")
def two_owners_pages_at_one_address(c):
    first = release(c, state="kept", ended_at=NOW)
    release(c, key="2", owner_code=first.owner_code)


@breaks("ReleaseRequest.submission_key")
def one_form_that_asks_twice(c):
    release(c, state="kept", ended_at=NOW)
    release(c)


@breaks("ReleaseRequest.taken_over")
def one_new_owner_by_two_requests(c):
    first = ownership(c)
    release(c, ownership=first, state="released", ended_at=NOW, taken_over=first)
    release(c, key="2", ownership=first, state="released", ended_at=NOW, taken_over=first)


@breaks("evidence_side_known")
def evidence_of_a_neighbour(c):
    Evidence.objects.create(request=release(c), side="neighbour", digest="a" * 64, sent_at=NOW)


@breaks("one_piece_of_evidence_per_file")
def the_same_file_twice(c):
    case = release(c)
    for _again in range(2):
        Evidence.objects.create(request=case, side="owner", digest="a" * 64, sent_at=NOW)


@breaks("one_decision_per_instance")
def two_first_decisions(c):
    first = decision(c)
    decision(c, request=first.request)


@breaks("decision_of_two_instances")
def a_third_instance(c):
    decision(c, instance=3)


@breaks("decision_side_known")
def a_decision_for_the_brand(c):
    decision(c, for_side="brand")


@breaks("decision_has_a_reason")
def a_decision_without_a_reason(c):
    decision(c, reason="")


@breaks("decision_has_a_reason")
def a_forgotten_reason_that_still_stands(c):
    decision(c, reason_forgotten_at=NOW)
