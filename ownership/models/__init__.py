"""Owners, what they own from when until when, how they registered it, and what they agreed to."""

from ownership.models.consents import Consent, ConsentWording, Purpose
from ownership.models.owners import Owner, Ownership
from ownership.models.registrations import Registration

__all__ = ["Consent", "ConsentWording", "Owner", "Ownership", "Purpose", "Registration"]
