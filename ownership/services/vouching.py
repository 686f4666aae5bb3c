"""Registering for somebody else: a seller or an agent vouches, and who is registered confirms the address later."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from analytics.services import lock_unit
from ownership.models import ConsentChannel, ConsentWording, Registration
from ownership.models.owners import Acquired
from ownership.models.registrations import Proof, RegistrationState
from ownership.services.consents import give_consent, shown_in
from ownership.services.ownerships import start_ownership
from ownership.services.registrations import RegistrationForm, send_registration

# Who vouches, and how the ownership and its consents then came about.
VOUCHED = {
    Proof.TILL: (Acquired.TILL, ConsentChannel.TILL),
    Proof.AGENT: (Acquired.AGENT, ConsentChannel.AGENT),
}


@transaction.atomic
def register_for(
    *,
    unit_id: int,
    form: RegistrationForm,
    proof: Proof,
    wordings: Sequence[ConsentWording],
    now: dt.datetime,
    actor_id: int,
) -> Registration:
    """Make whoever has the form's address the unit's owner at once; the address waits to be confirmed.

    `proof`: TILL or AGENT. `wordings`: what they agreed to before the member of staff `actor_id`; nothing is sent
    for it before the address is confirmed. Whom the brand knows already joins their owner row then, not now: an
    address that staff typed opens nothing of anybody's. The same form again returns the same registration.
    Raises OwnershipError as `send_registration` does.
    """
    lock_unit(unit_id)
    registration = send_registration(unit_id=unit_id, form=form, proof=proof, now=now)
    owner = registration.owner
    if registration.state != RegistrationState.PENDING or owner is None:
        return registration
    acquired, channel = VOUCHED[proof]
    registration.ownership = start_ownership(
        unit=registration.unit, owner=owner, since=now, now=now, actor_id=actor_id, acquired=acquired
    )
    registration.state = RegistrationState.OWNED
    Registration.objects.filter(pk=registration.pk).update(
        ownership=registration.ownership, state=registration.state
    )
    for wording in wordings:
        give_consent(
            owner=owner,
            wording=wording,
            locale=shown_in(wording, form.locale),
            channel=channel,
            now=now,
            unit_id=unit_id,
            proof=f"agent:{actor_id}",
        )
    return registration
