"""Owners, what they own from when until when, how they came to it and pass it on, and what they agreed to."""

from ownership.models.bulk import BulkRequest
from ownership.models.consents import Consent, ConsentChannel, ConsentWording, Purpose
from ownership.models.data_rights import DataRequest, Tombstone
from ownership.models.identity_requests import IdentityRequest
from ownership.models.losses import FinderMessage, FinderThread, LossReport, ProvenanceLink
from ownership.models.loyalty import (
    LoyaltyAccount,
    LoyaltyEntry,
    LoyaltyProgramme,
    LoyaltyRule,
    Redemption,
    Reward,
    RewardCode,
)
from ownership.models.owners import Invitation, Member, Owner, Ownership
from ownership.models.policies import OwnershipPolicy
from ownership.models.purchases import Gift, Purchase
from ownership.models.recoveries import Recovery
from ownership.models.registrations import Registration
from ownership.models.releases import Decision, Evidence, ReleaseRequest
from ownership.models.transfers import Transfer

__all__ = [
    "BulkRequest", "Consent", "ConsentChannel", "ConsentWording", "DataRequest", "Decision", "Evidence", "FinderMessage",
    "FinderThread", "Gift", "IdentityRequest", "Invitation", "LossReport", "LoyaltyAccount", "LoyaltyEntry",
    "LoyaltyProgramme", "LoyaltyRule", "Member", "Owner", "Ownership", "OwnershipPolicy", "ProvenanceLink", "Purchase",
    "Purpose", "Recovery", "Redemption", "Registration", "ReleaseRequest", "Reward", "RewardCode", "Tombstone", "Transfer",
]  # fmt: skip
