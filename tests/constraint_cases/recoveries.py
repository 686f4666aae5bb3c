"""New addresses that agents wrote down, and certificates that no longer stand."""

import datetime as dt

from ownership.models import Recovery
from tests.constraint_cases import NOW, breaks
from warranty.models import WithdrawnCertificate


def recovery(c, **values):
    """Make a recovery of Alice that waits for its reader."""
    return Recovery.objects.create(
        **{
            "brand": c.acme, "owner": c.alice, "contact_kind": "email", "contact": "new@example.com",
            "shown": "purchase", "reason": "Till receipt of 2024", "locale": "en", "asked_by_id": c.sam.pk,
            "asked_at": NOW, "expires_at": NOW + dt.timedelta(days=3), **values,
        }
    )  # fmt: skip


@breaks("one_waiting_recovery_per_owner")
def two_new_addresses_wait_for_one_owner(c):
    recovery(c)
    recovery(c)


@breaks("Recovery.code")
def two_recoveries_with_one_link(c):
    recovery(c, code="a" * 20)
    recovery(c, code="a" * 20, owner=c.bob)


@breaks("recovery_shown_known")
def identity_shown_by_nothing_known(c):
    recovery(c, shown="charm")


@breaks("recovery_has_a_reason")
def a_recovery_without_a_reason(c):
    recovery(c, reason="")


@breaks("recovery_works_a_while")
def a_recovery_that_never_works(c):
    recovery(c, expires_at=NOW)


@breaks("recovery_confirmed_or_called_off")
def a_recovery_both_confirmed_and_called_off(c):
    recovery(c, confirmed_at=NOW, called_off_at=NOW)


@breaks("WithdrawnCertificate.code")
def one_certificate_withdrawn_twice(c):
    for _time in range(2):
        WithdrawnCertificate.objects.create(brand=c.acme, unit=c.unit, code="b" * 20, withdrawn_at=NOW)
