"""One field for an e-mail address or a telephone number: told apart, checked and normalised by libraries."""

from dataclasses import dataclass

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, validate_email

from ownership.models.registrations import ContactKind

# Never a premium or shared-cost number: whoever typed it would be paid for the code that we send.
REACHED_BY_TEXT = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE,
}


@dataclass(frozen=True, slots=True)
class Contact:
    """An address as stored: small letters with the domain in ASCII, or E.164."""

    kind: ContactKind
    value: str


def parse_contact(text: str, country: str = "") -> Contact:
    """Return the address; `country` (ISO 3166-1 alpha-2) is where a national number is dialled.

    Raises ValidationError with a sentence that says what is wrong with it.
    """
    text = text.strip()
    is_number = any(ch.isdigit() for ch in text) and not any(ch.isalpha() or ch == "@" for ch in text)
    return _phone(text, country) if is_number else _email(text)


def _email(text: str) -> Contact:
    try:
        # Letters outside ASCII before the @ can imitate another address; hardly any mailbox has them.
        parsed = validate_email(text, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValidationError(
            _("This is not an e-mail address that mail can reach. It looks like name@example.com."),
            code="email",
        ) from error
    return Contact(ContactKind.EMAIL, (parsed.ascii_email or parsed.normalized).lower())


def _phone(text: str, country: str) -> Contact:
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(
            _("Write the telephone number with its country, like +33 6 12 34 56 78."), code="phone"
        ) from error
    if not phonenumbers.is_valid_number(number):
        raise ValidationError(
            _("This telephone number does not exist; a digit may be missing."), code="phone"
        )
    if phonenumbers.number_type(number) not in REACHED_BY_TEXT:
        raise ValidationError(
            _("Text messages don't reach this kind of number. A mobile number does."), code="phone"
        )
    return Contact(ContactKind.PHONE, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def masked(address: str) -> str:
    """Return what its owner recognises an address by, and nobody else learns: `a•••@e•••.com`, `••• 78`."""
    name, at, domain = address.partition("@")
    if not at:
        return f"••• {address[-2:]}" if address else ""
    host, _dot, ending = domain.rpartition(".")
    return f"{name[:1]}•••@{host[:1]}•••.{ending}"
