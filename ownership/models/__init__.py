"""Owners, what they own from when until when, how they registered it, and what they agreed to."""

from ownership.models.consents import Consent, ConsentChannel, ConsentWording, Purpose
from ownership.models.identity_requests import IdentityRequest
from ownership.models.owners import Owner, Ownership
from ownership.models.registrations import Registration

__all__ = [
    "Consent", "ConsentChannel", "ConsentWording", "IdentityRequest", "Owner", "Ownership", "Purpose",
    "Registration",
]  # fmt: skip
