"""How allauth is fitted to the house: nobody signs up by form, and second-factor secrets are encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from products.encryption import decrypt, encrypt


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Staff are invited, owners come in by their unit: there is no form to sign up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class EncryptedMFAAdapter(DefaultMFAAdapter):
    """Second-factor secrets are kept with `FIELD_KEYS`."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Heirloom"}
