"""Data rights: requests, tombstones, the periods, and where a consent was taken back."""

import datetime as dt

from ownership.models import Consent, ConsentWording, DataRequest, OwnershipPolicy, Tombstone
from tests.constraint_cases import NOW, breaks


def request(c, **values):
    return DataRequest.objects.create(
        **{
            "brand": c.acme, "owner": c.alice, "kind": "erasure", "asked_at": NOW,
            "due_at": NOW + dt.timedelta(days=14), **values,
        }
    )  # fmt: skip


@breaks("one_waiting_data_request_per_kind")
def two_erasures_that_wait(c):
    request(c)
    request(c)


@breaks("data_request_kind_known")
def a_request_to_be_praised(c):
    request(c, kind="praise")


@breaks("data_request_state_known")
def a_request_that_dreams(c):
    request(c, state="dreaming", ended_at=NOW)


@breaks("data_request_ended_at_a_time")
def a_request_done_at_no_time(c):
    request(c, state="done")


@breaks("Tombstone.owner_id")
def one_owner_erased_twice(c):
    for _again in range(2):
        Tombstone.objects.create(brand=c.acme, owner_id=c.alice.pk, erased_at=NOW)


@breaks("OwnershipPolicy.brand")
def two_sets_of_periods(c):
    for _again in range(2):
        OwnershipPolicy.objects.create(brand=c.acme)


@breaks("ownership_periods_long_enough")
def evidence_that_goes_at_once(c):
    OwnershipPolicy.objects.create(brand=c.acme, evidence_days=1)


@breaks("consent_withdrawn_somewhere_is_withdrawn")
def a_yes_taken_back_somewhere_but_never(c):
    words = ConsentWording.objects.create(brand=c.acme, purpose="marketing", version=1, texts={"en": "N"})
    Consent.objects.create(
        owner=c.alice, wording=words, locale="en", channel="me", given_at=NOW, withdrawn_through="me"
    )
