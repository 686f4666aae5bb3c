"""Lists of units that organisations send."""

from ownership.models import BulkRequest, Owner
from tests.constraint_cases import NOW, breaks


def bulk_request(c, **values):
    """Make a fleet's list at the cast's brand."""
    fleet = Owner.objects.create(brand=c.acme, kind="organisation", name="Fleet")
    key = f"{BulkRequest.objects.count():064x}"
    return BulkRequest.objects.create(
        **{"brand": c.acme, "owner": fleet, "rows": 1, "sent_at": NOW, "submission_key": key, **values}
    )


@breaks("bulk_request_state_known")
def a_list_in_no_state(c):
    bulk_request(c, state="lost", decided_at=NOW)


@breaks("bulk_request_lists_something")
def a_list_of_nothing(c):
    bulk_request(c, rows=0)


@breaks("bulk_request_decided_at_a_time")
def a_list_approved_at_no_time(c):
    bulk_request(c, state="approved")


@breaks("bulk_request_decided_at_a_time")
def a_waiting_list_that_is_decided(c):
    bulk_request(c, decided_at=NOW)


@breaks("BulkRequest.submission_key")
def one_list_sent_twice(c):
    bulk_request(c, submission_key="a" * 64)
    bulk_request(c, submission_key="a" * 64)
