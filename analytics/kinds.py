"""The kinds of events; every service that makes something happen names its kind here."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    UNITS_IMPORTED = "units.imported", _("Units imported")
    UNIT_SOLD = "unit.sold", _("Sold")
    UNIT_RETURNED = "unit.returned", _("Returned to the shop: the sale is taken back")
    UNIT_RETIRED = "unit.retired", _("Retired")
    TAG_WITHDRAWN = "tag.withdrawn", _("Tag withdrawn")
    HOLDER_SPOKE_UP = "holder.spoke_up", _("Somebody said: it's mine")
    HOLDER_UNSAID = "holder.unsaid", _("“It's mine” taken back")
    SEAL_OPENED = "seal.opened", _("Seal opened")
    OWNERSHIP_STARTED = "ownership.started", _("New owner")
    OWNERSHIP_ENDED = "ownership.ended", _("Ownership ended")
    OWNERSHIP_LET_GO = "ownership.let_go", _("Owner no longer has it")
    OWNERSHIP_ANNULLED = "ownership.annulled", _("Ownership annulled")
    OWNERSHIP_SHARED = "ownership.shared", _("Moved between a person and their household or organisation")
    OWNER_MERGED = "owner.merged", _("Owners merged")
    OWNER_RECOVERED = "owner.recovered", _("Owner reached under a new address")
    OWNER_BOUNCED = "owner.bounced", _("Owner's address bounced")
    OWNER_CHANGED = "owner.changed", _("Owner changed their details")
    OWNER_ERASED = "owner.erased", _("Owner erased")
    MEMBER_JOINED = "member.joined", _("Joined a household or an organisation")
    MEMBER_LEFT = "member.left", _("Left a household or an organisation")
    PURCHASE_ENTERED = "purchase.entered", _("Purchase entered")
    GIFT_LEFT = "gift.left", _("Given away: words left for whoever unpacks it")
    GIFT_REMOVED = "gift.removed", _("Words of a giver taken back")
    TRANSFER_STARTED = "transfer.started", _("Transfer started")
    TRANSFER_ACCEPTED = "transfer.accepted", _("Transfer accepted")
    TRANSFER_CANCELLED = "transfer.cancelled", _("Transfer called off")
    TRANSFER_EXPIRED = "transfer.expired", _("Transfer not accepted in time")
    RELEASE_ASKED = "release.asked", _("Release asked for")
    RELEASE_ANSWERED = "release.answered", _("Release answered by the owner")
    RELEASE_ESCALATED = "release.escalated", _("Release brought to the desk")
    RELEASE_DECIDED = "release.decided", _("Dispute decided")
    RELEASE_APPEALED = "release.appealed", _("Decision appealed")
    RELEASE_WITHDRAWN = "release.withdrawn", _("Request for release withdrawn")
    RELEASE_ENDED = "release.ended", _("Request for release ended")
    EVIDENCE_SENT = "evidence.sent", _("Evidence sent")
    LOSS_REPORTED = "loss.reported", _("Reported lost or stolen")
    LOSS_CHANGED = "loss.changed", _("Report of a loss corrected")
    LOSS_ENDED = "loss.ended", _("No longer missed")
    FINDER_WROTE = "finder.wrote", _("A finder wrote")
    FINDER_ANSWERED = "finder.answered", _("The owner answered a finder")
    PROVENANCE_SHARED = "provenance.shared", _("History shared")
    PROVENANCE_REVOKED = "provenance.revoked", _("Shared history taken back")
    DATA_EXPORTED = "data.exported", _("Personal data handed over")
    ERASURE_ASKED = "erasure.asked", _("Erasure asked for")
    ERASURE_CANCELLED = "erasure.cancelled", _("Erasure called off")
    POINTS_AWARDED = "points.awarded", _("Points given")
    POINTS_REDEEMED = "points.redeemed", _("Points exchanged")
    POINTS_EXPIRED = "points.expired", _("Points expired")
    POINTS_REVERSED = "points.reversed", _("Points taken back")
    COVERAGE_RESET = "coverage.reset", _("Warranty taken back")
    REGISTRATION_SENT = "registration.sent", _("Registration sent")
    REGISTRATION_CONFIRMED = "registration.confirmed", _("Registration confirmed")
    REGISTRATION_CORRECTED = "registration.corrected", _("Address of a registration corrected")
    REGISTRATION_LAPSED = "registration.lapsed", _("Registration never confirmed")
    CONSENT_GIVEN = "consent.given", _("Consent given")
    CONSENT_WITHDRAWN = "consent.withdrawn", _("Consent withdrawn")
    COVERAGE_ACTIVATED = "coverage.activated", _("Warranty activated")
    MESSAGE_SENT = "message.sent", _("Message sent")
    DOUBT_RAISED = "doubt.raised", _("Doubt raised")
    DOUBT_DECIDED = "doubt.decided", _("Doubt decided")
    TAG_BOUND = "tag.bound", _("Tag bound")
    TAG_ENCODED_ANEW = "tag.encoded_anew", _("Tag encoded anew")
    IDENTITY_REQUESTED = "identity.requested", _("Identity asked for")
    IDENTITY_GIVEN = "identity.given", _("Identity given")
    IDENTITY_KNOWN = "identity.known", _("Asked for again: sent to its page")
    IDENTITY_REFUSED = "identity.refused", _("Identity refused")
    FLAG_RAISED = "flag.raised", _("Flag raised")
    FLAG_LOWERED = "flag.lowered", _("Flag lowered")


class Flag(models.TextChoices):
    """What leads the page at any stage, in this order."""

    RECALL = "recall", _("Open recall")
    STOLEN = "stolen", _("Reported stolen")
    LOST = "lost", _("Reported lost")
    DISPUTE = "dispute", _("Ownership disputed")
    CLAIM = "claim", _("Open claim")
    SERVICE = "service", _("Service booked")
    TRANSFER = "transfer", _("Transfer or release open")


class DoubtKind(models.TextChoices):
    """Signals of a clone or of the grey market; for staff only."""

    FAR_APART = "far_apart", _("Far apart in a short time")
    COUNTER_JUMP = "counter_jump", _("Counter jumped ahead")
    COUNTER_REGRESSION = "counter_regression", _("Counter went back")
    MANY_VISITORS = "many_visitors", _("Many visitors on one code or link")
    NEVER_SHIPPED = "never_shipped", _("Tapped before it was shipped")
    OTHER_MARKET = "other_market", _("Tapped outside its market")
    RETIRED = "retired", _("Tapped after it was retired")
    REPORTED_LOST = "reported_lost", _("Tapped while reported lost or stolen")


class DoubtState(models.TextChoices):
    OPEN = "open", _("Open")
    WATCHED = "watched", _("Watched")
    CONFIRMED = "confirmed", _("Confirmed")
    DISMISSED = "dismissed", _("Dismissed")


class Verdict(models.TextChoices):
    """What the link proves (`data-authenticity`)."""

    GENUINE = "genuine", _("Genuine")
    REFRESHED = "refreshed", _("Reloaded by the same visitor")
    REPLAYED = "replayed", _("Link used before")
    TAMPERED = "tampered", _("Tamper loop open")
    INVALID = "invalid", _("Code does not check")
    IDENTIFIED = "identified", _("Identified, not proved")
    UNKNOWN = "unknown", _("No such unit")


class Stage(models.TextChoices):
    """The stages of a unit's life (`data-stage`)."""

    DISCOVERY = "discovery", _("Discovery")
    UNBOXING = "unboxing", _("Unboxing")
    ONBOARDING = "onboarding", _("Onboarding")
    OWNERSHIP = "ownership", _("Ownership")
    MATURITY = "maturity", _("Maturity")
    RESALE = "resale", _("Resale")
    RETIRED = "retired", _("Retired")
