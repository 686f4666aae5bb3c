"""How allauth is fitted to the house: nobody signs up by form, mail is ours, second-factor secrets are encrypted."""

import logging
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from experiences.cards import card_of, product_card
from experiences.mail import LETTERS, SEND_ERRORS, Letter, MailLook, brand_look, compose_mail, house_look
from experiences.passkeys import name_in_device
from experiences.registering import SESSION_KEY
from experiences.requests import address_of
from experiences.views.me.entering import entering_brand
from experiences.views.me.visit import brand_of_domain
from experiences.views.problems import mail_not_sent
from ownership.contacts import person_with
from ownership.models import Registration
from ownership.models.registrations import ContactKind
from products.encryption import decrypt, encrypt
from products.models import Person, PhoneNumber
from products.sms import send_sms

log = logging.getLogger(__name__)


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Staff are invited, owners come in by their unit: there is no form to sign up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": gettext_lazy("This is not the code. The newest message has the one that works."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """A second factor is staff's: an owner's code is not held up by the passkey that they added."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "config.accounts.StaffSecondFactorStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def get_client_ip(self, request: HttpRequest) -> str:
        """Limits count the visitor's address: behind proxies the connection's is everybody's."""
        return address_of(request) or str(super().get_client_ip(request))

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        values = {"verified_at": timezone.now() if verified else None}
        PhoneNumber.objects.update_or_create(person=user, number=phone, defaults=values)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        number = PhoneNumber.objects.filter(person=user).order_by("pk").first()
        return (number.number, number.verified_at is not None) if number else None

    def set_phone_verified(self, user: Any, phone: str) -> None:
        """Confirm the person's number; not one that somebody else has confirmed, nor one they took away meanwhile."""
        others = PhoneNumber.objects.confirmed().filter(number=phone).exclude(person=user)
        own = PhoneNumber.objects.filter(person=user, number=phone, verified_at=None)
        if not others.exists():
            own.update(verified_at=timezone.now())

    def get_user_by_phone(self, phone: str) -> Any:
        return person_with(ContactKind.PHONE, phone)

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        letter = code_letter(self.request, {"code": code})
        words = {"code": code, "name": letter.look.name}
        send_sms(phone, _("%(code)s is your code for %(name)s. It works for fifteen minutes.") % words)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """The same for a number that nobody has confirmed: a message, which opens nothing."""
        name = _look_of(self.request).name
        send_sms(
            phone,
            _("Somebody asked %(name)s for a code. Nothing is registered with this number.") % {"name": name},
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write in our words and look; what the house has no letter for stays allauth's."""
        kind = self._kind_of(template_prefix)
        if kind not in LETTERS:
            super().send_mail(template_prefix, email, context)
            return
        if kind == "login_code":
            letter = code_letter(self.request, {"code": context["code"]})
        else:
            content = {**_content(context), "is_staff": _is_staffs(email)}
            letter = Letter(kind, _look_of(self.request), _language(), content)
        try:
            compose_mail(letter, email).send()
        except SEND_ERRORS as error:
            if not _on_log_in_page(self.request):
                raise  # the registration's page says it in its own place
            log.warning("A %s mail was not sent: %s", kind, type(error).__name__)
            raise ImmediateHttpResponse(mail_not_sent(self.request)) from error

    def _kind_of(self, template_prefix: str) -> str:
        """Return which letter it is; allauth has one for whoever is not known, whatever they asked for."""
        kind = template_prefix.rpartition("/")[2]
        match = self.request.resolver_match
        is_reset = match is not None and match.url_name == "account_reset_password"
        return "no_password" if kind == "unknown_account" and is_reset else kind


class StaffSecondFactorStage(AuthenticateStage):
    """The second factor of a log-in, asked of staff alone."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        return bool(user and user.is_staff and super()._should_handle(request))


def code_letter(request: HttpRequest, content: dict[str, Any]) -> Letter:
    """Return the letter with the code: the brand's while its unit is being registered, else the house's."""
    registration = _registration_of(request)
    if registration is None:
        return Letter("login_code", _look_of(request), _language(), content)
    brand, unit, locale = registration.brand, registration.unit, registration.locale
    product = product_card(unit.product_id, brand.content_version, locale).name
    look = brand_look(card_of(brand))
    return Letter("login_code", look, locale, {**content, "product": product})


def _look_of(request: HttpRequest) -> MailLook:
    """Return the look of what no registration is about: the brand's on the way to its things, else the house's."""
    brand = (entering_brand(request) or brand_of_domain(request)) if _is_at(request, "me_") else None
    return brand_look(brand) if brand else house_look()


def _registration_of(request: HttpRequest) -> Registration | None:
    """Return what is being registered in this browser; not on the log-in pages, which belong to no brand."""
    if _on_log_in_page(request) or _is_at(request, "me_"):
        return None
    found: Registration | None = (
        Registration.objects.select_related("brand", "unit")
        .filter(pk=request.session.get(SESSION_KEY, 0))
        .first()
    )
    return found


def _is_staffs(email: str) -> bool:
    """Whether it opens the console: only the letter to that very address says so."""
    return Person.objects.filter(
        emailaddress__email=email.lower(), emailaddress__verified=True, is_staff=True
    ).exists()


def _on_log_in_page(request: HttpRequest) -> bool:
    return request.resolver_match is None or _is_at(request, "account_")


def _is_at(request: HttpRequest, names: str) -> bool:
    """Whether the page is one whose URL name begins so."""
    match = request.resolver_match
    return match is not None and (match.url_name or "").startswith(names)


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _content(context: dict[str, Any]) -> dict[str, Any]:
    """Return what a letter shows; a link is built anew, for allauth takes its host from the request."""
    url = urlsplit(context.get("password_reset_url", ""))
    return {"url": f"{settings.PUBLIC_BASE_URL}{url.path}"} if url.path else {}


class EncryptedMFAAdapter(DefaultMFAAdapter):
    """Second-factor secrets are kept with `FIELD_KEYS`."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        """A passkey is made for the host that was asked, in its brand's name."""
        brand = brand_of_domain(context.request)
        return {
            **super().get_public_key_credential_rp_entity(),
            "name": brand.name if brand else "Heirloom",
        }

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        if user.is_staff:
            return entity
        name = name_in_device(user)
        return {**entity, "name": name, "display_name": name}
