"""The sections of an export that this floor fills: which rows are the owner's, and which of their columns.

What the other side of a case or another member typed or is stands in no column here.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.kinds import EventKind
from analytics.models import Event
from ownership.models import (
    BulkRequest,
    Consent,
    DataRequest,
    Decision,
    Evidence,
    IdentityRequest,
    Invitation,
    LoyaltyAccount,
    LoyaltyEntry,
    Member,
    Owner,
    Ownership,
    Purchase,
    Redemption,
    Registration,
    ReleaseRequest,
    Transfer,
)
from ownership.models.releases import Side
from ownership.services.data_rights.addresses import confirmed_addresses
from ownership.services.data_rights.export import Column, Section
from ownership.services.data_rights.loss_sections import LOSS_SECTIONS
from products.models import AuditRow, Device, PhoneNumber

WHEN, STATE, SERIAL, KIND = _("When"), _("State"), _("Serial number"), _("Kind")


def _as_claimant(owner: Owner) -> Q:
    return Q(claimant=owner)


def _evidence_of(owner: Owner) -> Any:
    own = Q(request__claimant=owner, side=Side.CLAIMANT) | Q(request__ownership__owner=owner, side=Side.OWNER)
    return Evidence.objects.filter(own)


def _appeals_of(owner: Owner) -> Any:
    """An appeal is of the side that lost at first."""
    lost_as_claimant = Q(claimant=owner, decisions__instance=1, decisions__for_side=Side.OWNER)
    lost_as_owner = Q(ownership__owner=owner, decisions__instance=1, decisions__for_side=Side.CLAIMANT)
    return ReleaseRequest.objects.filter(lost_as_claimant | lost_as_owner).exclude(appeal="")


def _decisions_about(owner: Owner) -> Any:
    return Decision.objects.filter(Q(request__claimant=owner) | Q(request__ownership__owner=owner))


def _readings_of(owner: Owner) -> Any:
    numbers = Registration.objects.filter(owner=owner).values_list("pk", flat=True)
    rows = AuditRow.objects.filter(brand=owner.brand_id)
    return rows.filter(
        Q(object_type="ownership.owner", object_id=str(owner.pk))
        | Q(object_type="ownership.registration", object_id__in=[str(number) for number in numbers])
    )


OWN_SECTIONS = (
    Section(
        "owner",
        _("What the brand knows of you"),
        (
            Column("kind", "kind", KIND),
            Column("name", "name", _("Name")),
            Column("email", "email", _("E-mail")),
            Column("phone", "phone", _("Telephone")),
            Column("language", "locale", _("Language")),
            Column("known_since", "created_at", _("Known since")),
            Column("bounced_at", "bounced_at", _("Mail came back")),
            Column("asked_whether_still_there_at", "dormant_told_at", _("Asked whether you are still there")),
        ),
        lambda owner: Owner.objects.filter(pk=owner.pk),
    ),
    Section(
        "addresses",
        _("E-mail addresses that let you in"),
        (
            Column("email", "email", _("E-mail")),
            Column("confirmed", "verified", _("Confirmed")),
            Column("first", "primary", _("The first one")),
        ),
        lambda owner: EmailAddress.objects.filter(user=owner.person_id or 0),
    ),
    Section(
        "telephones",
        _("Telephone numbers that let you in"),
        (Column("number", "number", _("Telephone")), Column("confirmed_at", "verified_at", _("Confirmed"))),
        lambda owner: PhoneNumber.objects.filter(person=owner.person_id or 0),
    ),
    Section(
        "browsers",
        _("Browsers that remember you"),
        (
            Column("since", "created_at", _("Since")),
            Column("last_used", "last_used_at", _("Last used")),
            Column("forgotten", "revoked_at", _("Forgotten")),
        ),
        lambda owner: Device.objects.filter(person=owner.person_id or 0),
    ),
    Section(
        "things",
        _("What you own or owned"),
        (
            Column("product", "unit__product__names", _("Product")),
            Column("gtin", "unit__trade_item__gtin", _("GTIN")),
            Column("serial", "unit__serial", SERIAL),
            Column("owner_number", "ordinal", _("You are owner number")),
            Column("how", "acquired", _("How it came to you")),
            Column("since", "since", _("Since")),
            Column("until", "until", _("Until")),
            Column("annulled", "annulled", _("Annulled")),
        ),
        lambda owner: Ownership.objects.filter(owner=owner).order_by("since", "pk"),
        note=_("Scans of these pieces stand in no export: they are not tied to any person."),
    ),
    Section(
        "registrations",
        _("Registrations that you sent"),
        (
            Column("serial", "unit__serial", SERIAL),
            Column("state", "state", STATE),
            Column("proof", "proof", _("Proof")),
            Column("name", "name", _("Name")),
            Column("address", "contact", _("Address")),
            Column("language", "locale", _("Language")),
            Column("news", "marketing", _("News wanted")),
            Column("sent_at", "created_at", _("Sent")),
            Column("confirmed_at", "confirmed_at", _("Confirmed")),
        ),
        lambda owner: Registration.objects.filter(owner=owner),
    ),
    Section(
        "consents",
        _("What you agreed to"),
        (
            Column("purpose", "wording__purpose", _("Purpose")),
            Column("version", "wording__version", _("Version")),
            Column("words", "wording__texts", _("Words")),
            Column("language", "locale", _("Language")),
            Column("where", "channel", _("Where")),
            Column("given_at", "given_at", _("Agreed")),
            Column("confirmed_at", "confirmed_at", _("Address confirmed")),
            Column("withdrawn_at", "withdrawn_at", _("Taken back")),
            Column("withdrawn_where", "withdrawn_through", _("Where taken back")),
            Column("proof", "proof", _("Proof")),
        ),
        lambda owner: Consent.objects.filter(owner=owner),
    ),
    Section(
        "purchases",
        _("Purchases that you entered"),
        (
            Column("serial", "ownership__unit__serial", SERIAL),
            Column("bought_on", "bought_on", _("Bought on")),
            Column("seller", "seller", _("Bought from")),
            Column("entered_at", "entered_at", _("Entered")),
        ),
        lambda owner: Purchase.objects.filter(ownership__owner=owner),
        files="proof_id",
    ),
    Section(
        "passed_on",
        _("What you passed on, or offered to"),
        (
            Column("serial", "unit__serial", SERIAL),
            Column("kind", "kind", KIND),
            Column("state", "state", STATE),
            Column("started_at", "started_at", _("Started")),
            Column("works_until", "expires_at", _("Works until")),
            Column("settled_at", "settled_at", _("Settled")),
        ),
        lambda owner: Transfer.objects.filter(ownership__owner=owner),
    ),
    Section(
        "taken_over",
        _("What was passed on to you"),
        (
            Column("serial", "unit__serial", SERIAL),
            Column("kind", "kind", KIND),
            Column("settled_at", "settled_at", _("Settled")),
        ),
        lambda owner: Transfer.objects.filter(taken_over__owner=owner),
    ),
    Section(
        "releases_asked",
        _("Requests for release that you sent"),
        (
            Column("serial", "unit__serial", SERIAL),
            Column("ground", "ground", _("Ground")),
            Column("state", "state", STATE),
            Column("name", "name", _("Name")),
            Column("address", "contact", _("Address")),
            Column("language", "locale", _("Language")),
            Column("statement", "statement", _("What you said")),
            Column("sent_at", "sent_at", _("Sent")),
            Column("ended_at", "ended_at", _("Ended")),
        ),
        lambda owner: ReleaseRequest.objects.filter(_as_claimant(owner)),
    ),
    Section(
        "releases_answered",
        _("Requests for release of your pieces"),
        (
            Column("serial", "unit__serial", SERIAL),
            Column("state", "state", STATE),
            Column("answer", "answer", _("What you answered")),
            Column("sent_at", "sent_at", _("Sent")),
            Column("ended_at", "ended_at", _("Ended")),
        ),
        lambda owner: ReleaseRequest.objects.filter(ownership__owner=owner),
    ),
    Section(
        "evidence",
        _("Evidence that you sent"),
        (
            Column("serial", "request__unit__serial", SERIAL),
            Column("note", "note", _("Note")),
            Column("sent_at", "sent_at", _("Sent")),
        ),
        _evidence_of,
        files="file_id",
    ),
    Section(
        "decisions",
        _("Decisions of disputes"),
        (
            Column("serial", "request__unit__serial", SERIAL),
            Column("for", "for_side", _("For")),
            Column("reason", "reason", _("Reason")),
            Column("decided_at", "decided_at", _("Decided")),
        ),
        _decisions_about,
    ),
    Section(
        "appeals",
        _("What you said against a decision"),
        (
            Column("serial", "unit__serial", SERIAL),
            Column("words", "appeal", _("What you said")),
            Column("ended_at", "ended_at", _("Ended")),
        ),
        _appeals_of,
    ),
    *LOSS_SECTIONS,
    Section(
        "groups",
        _("Households and organisations that you belong to"),
        (
            Column("name", "owner__name", _("Name")),
            Column("kind", "owner__kind", KIND),
            Column("role", "role", _("Role")),
            Column("since", "since", _("Since")),
        ),
        lambda owner: Member.objects.filter(person=owner.person_id or 0, owner__brand=owner.brand_id),
    ),
    Section(
        "members",
        _("Members of this household or organisation"),
        (Column("role", "role", _("Role")), Column("since", "since", _("Since"))),
        lambda owner: Member.objects.filter(owner=owner),
        note=_("Without names and addresses: those are the members' own data."),
    ),
    Section(
        "invitations",
        _("Invitations that wait for you"),
        (
            Column("from", "owner__name", _("From")),
            Column("address", "email", _("Address")),
            Column("role", "role", _("Role")),
            Column("language", "locale", _("Language")),
            Column("sent_at", "sent_at", _("Sent")),
        ),
        lambda owner: Invitation.objects.filter(
            owner__brand=owner.brand_id, email__in=confirmed_addresses(owner.person)
        ),
    ),
    Section(
        "lists",
        _("Lists of units that you sent"),
        (
            Column("rows", "rows", _("Units listed")),
            Column("state", "state", STATE),
            Column("reason", "reason", _("Reason")),
            Column("sent_at", "sent_at", _("Sent")),
        ),
        lambda owner: BulkRequest.objects.filter(owner=owner),
        files="file_id",
    ),
    Section(
        "identity_requests",
        _("Requests for the code of an older piece"),
        (
            Column("product", "product__names", _("Product")),
            Column("serial", "serial", SERIAL),
            Column("address", "email", _("Address")),
            Column("language", "locale", _("Language")),
            Column("note", "note", _("Note")),
            Column("state", "state", STATE),
            Column("reason", "reason", _("Reason")),
            Column("sent_at", "sent_at", _("Sent")),
        ),
        lambda owner: IdentityRequest.objects.filter(
            brand=owner.brand_id, email__in=confirmed_addresses(owner.person)
        ),
        files="proof_id",
    ),
    Section(
        "points_balance",
        _("Points"),
        (Column("points", "balance", _("Points")),),
        lambda owner: LoyaltyAccount.objects.filter(owner=owner),
    ),
    Section(
        "points",
        _("How your points came and went"),
        (
            Column("kind", "kind", KIND),
            Column("points", "points", _("Points")),
            Column("for", "rule__names", _("For")),
            Column("serial", "unit__serial", SERIAL),
            Column("reason", "reason", _("Reason")),
            Column("at", "at", WHEN),
            Column("expire_at", "expires_at", _("Expire")),
        ),
        lambda owner: LoyaltyEntry.objects.filter(owner=owner),
    ),
    Section(
        "rewards",
        _("Rewards that you took"),
        (
            Column("reward", "reward__names", _("Reward")),
            Column("code", "code__code", _("Code")),
            Column("at", "at", WHEN),
            Column("taken_back_at", "reversed_at", _("Taken back")),
        ),
        lambda owner: Redemption.objects.filter(owner=owner),
    ),
    Section(
        "requests",
        _("What you asked about your data"),
        (
            Column("kind", "kind", KIND),
            Column("state", "state", STATE),
            Column("asked_at", "asked_at", _("Asked")),
            Column("ended_at", "ended_at", _("Ended")),
        ),
        lambda owner: DataRequest.objects.filter(owner=owner),
    ),
    Section(
        "history",
        _("What the brand's ledger says of you"),
        (
            Column("what", "kind", _("What"), dict(EventKind.choices)),
            Column("serial", "unit__serial", SERIAL),
            Column("at", "at", WHEN),
        ),
        lambda owner: Event.objects.filter(owner_id=owner.pk, brand=owner.brand_id).order_by("at", "id"),
    ),
    Section(
        "readings",
        _("When staff read or changed your data"),
        (Column("what", "action", _("What")), Column("at", "at", WHEN)),
        _readings_of,
    ),
)
