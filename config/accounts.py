"""How allauth is fitted to the house: nobody signs up by form, and second-factor secrets are encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext as _

from products.encryption import decrypt, encrypt
from products.models import Person
from products.sms import send_sms


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Staff are invited, owners come in by their unit: there is no form to sign up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        type(user).objects.filter(pk=user.pk).update(phone=phone, phone_verified=verified)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone_verified(self, user: Any, phone: str) -> None:
        if not Person.objects.filter(phone=phone, phone_verified=True).exclude(pk=user.pk).exists():
            self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> Any:
        return Person.objects.filter(phone=phone, phone_verified=True).first()

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        send_sms(phone, _("%(code)s is your code. It works for fifteen minutes.") % {"code": code})


class EncryptedMFAAdapter(DefaultMFAAdapter):
    """Second-factor secrets are kept with `FIELD_KEYS`."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Heirloom"}
