"""The one way to write to a person: a branded letter, as HTML and as plain text.

Mail clients drop style sheets and many show no pictures, so every style is inlined, the layout is
one table of at most 600 px, and there is nothing to load: no pictures, no tracking.
"""

import re
import smtplib
from dataclasses import dataclass, field
from email.utils import formataddr, make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from experiences.cards import BrandCard
from experiences.theme import CORNERS, HOUSE_LOOK, STACKS
from products.colours import Palette, derive_palette, is_dark
from products.fields import in_language
from products.sms import SmsError

# What sending may raise: the server refused, broke off, did not answer, or is not there.
SEND_ERRORS = (smtplib.SMTPException, OSError, SmsError)
MONO = "'SF Mono',Menlo,Consolas,'Liberation Mono',monospace"
# Each letter by its kind (templates/mail/<kind>.…), and what staff call it.
LETTERS = {
    "login_code": _("The code that confirms an address"),
    "registered": _("It is registered"),
    "identity_asked": _("Confirm the address of a request for a code"),
    "identity_given": _("The code of an older piece"),
    "identity_known": _("The page that the piece has already"),
    "identity_refused": _("Why there is no code"),
    "loss_reported": _("It is reported lost or stolen"),
    "finder_wrote": _("A finder wrote"),
    "owner_answered": _("The owner answered a finder"),
    "invitation": _("Asked to join a household or an organisation"),
    "release_confirm": _("Confirm the address of a request for release"),
    "release_asked": _("Somebody asks the owner to release it"),
    "release_refused": _("The owner does not release it"),
    "release_desk": _("Staff look at it now"),
    "release_decided": _("A dispute is decided"),
    "release_appealed": _("A decision is appealed"),
    "release_taken": _("It is released: to its new owner"),
    "release_given": _("It is released: to its owner so far"),
    "release_kept": _("It stays with its owner"),
    "export_ready": _("Your data is ready"),
    "erasure_asked": _("Your data will be erased"),
    "erasure_failed": _("Why your data could not be erased yet"),
    "dormant": _("Do you still have it?"),
    "agent_registered": _("Registered for you: confirm your address"),
    "recovery_confirm": _("Confirm your new address"),
    "owner_link": _("The way to your things"),
    "address_changed": _("Another address counts now"),
    "new_way_in": _("Another way opens one's things"),
    "transfer_offer": _("Something is passed on to you"),
    "transfer_given": _("It was passed on: receipt for the owner so far"),
    "transfer_taken": _("It is yours: receipt for the new owner"),
    "transfer_over": _("The transfer came to nothing"),
    "unknown_account": _("No code for this address"),
    "no_password": _("No password for this address"),
    "password_reset_key": _("A new password"),
    "doubts": _("New doubts, to staff"),
}


@dataclass(frozen=True, slots=True)
class MailStyles:
    """Values for `style` attributes."""

    table: SafeString
    card: SafeString
    brand: SafeString
    title: SafeString
    text: SafeString
    small: SafeString
    label: SafeString
    value: SafeString
    serial: SafeString
    code: SafeString
    button: SafeString
    link: SafeString
    rule: SafeString


@dataclass(frozen=True, slots=True)
class MailLook:
    """Who writes: the name, the colours and how to reach a person there. Without a brand, the house."""

    name: str
    colours: Palette
    scheme: str
    css: MailStyles
    corner: str
    care_email: str = ""
    care_phone: str = ""
    care_hours: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter about to be written: which one (templates/mail/<kind>.…), by whom, in which language, about what."""

    kind: str
    look: MailLook
    locale: str
    content: dict[str, Any]
    unsubscribe_url: str = ""  # of letters that need a consent: see `experiences.consents.may_be_ended`


@dataclass(frozen=True, slots=True)
class Written:
    """A letter's three parts."""

    subject: str
    text: str
    html: str


def brand_look(brand: BrandCard) -> MailLook:
    return _look(
        brand.name,
        (brand.accent, brand.paper, brand.typeface, brand.corner),
        care_email=brand.care_email,
        care_phone=brand.care_phone,
        care_hours=brand.care_hours,
    )


def house_look() -> MailLook:
    """The look of letters that no brand writes; the name is that of DEFAULT_FROM_EMAIL."""
    name = parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "Heirloom"
    return _look(name, HOUSE_LOOK[:4])


def _look(name: str, look: tuple[str, str, str, str], **care: Any) -> MailLook:
    accent, paper, typeface, corner = look
    colours = derive_palette(accent, paper)
    scheme = "dark" if is_dark(colours.paper) else "light"
    return MailLook(
        name, colours, scheme, _styles(colours, typeface, CORNERS[corner]), CORNERS[corner], **care
    )


def _styles(colours: Palette, typeface: str, corner: str) -> MailStyles:
    face, weight = STACKS[typeface], "bold" if typeface == "grotesk" else "normal"

    def style(size: int, height: int, ink: str, more: str = "") -> SafeString:
        return mark_safe(f"font-family:{face};font-size:{size}px;line-height:{height}px;color:{ink};{more}")  # noqa: S308

    def plain(text: str) -> SafeString:
        return mark_safe(text)  # noqa: S308 - our stacks and colours that were checked at save

    wrap = "overflow-wrap:anywhere;word-break:break-word;"
    mono = f"font-family:{MONO};"
    return MailStyles(
        table=plain(f"background-color:{colours.table};margin:0;padding:0;width:100%;"),
        card=plain(f"background-color:{colours.paper};border-radius:{corner};"),
        brand=style(14, 20, colours.quiet, "margin:0;letter-spacing:0.04em;"),
        title=style(25, 32, colours.ink, f"margin:0 0 16px;font-weight:{weight};{wrap}"),
        text=style(16, 25, colours.ink, f"margin:0 0 16px;{wrap}"),
        small=style(13, 20, colours.quiet, f"margin:0 0 8px;{wrap}"),
        label=style(13, 18, colours.quiet, "margin:0;"),
        value=style(16, 24, colours.ink, f"margin:0 0 12px;{wrap}"),
        serial=style(16, 24, colours.ink, f"margin:0 0 12px;{mono}{wrap}"),
        code=style(
            32,
            40,
            colours.ink,
            f"margin:0;{mono}font-weight:bold;letter-spacing:0.08em;white-space:nowrap;",
        ),
        button=style(
            16,
            24,
            colours.on_accent,
            f"background-color:{colours.accent};border:1px solid {colours.accent};border-radius:{corner};"
            "display:inline-block;padding:12px 22px;text-decoration:none;",
        ),
        link=plain(f"color:{colours.link};text-decoration:underline;"),
        rule=plain(f"border-top:1px solid {colours.tint};font-size:1px;line-height:1px;"),
    )


def write_letter(letter: Letter) -> Written:
    """Return subject, text and HTML in the letter's language."""
    with translation.override(letter.locale):
        context = {
            **letter.content,
            "look": letter.look,
            "css": letter.look.css,
            "care_hours": in_language(letter.look.care_hours, letter.locale),
            "locale": letter.locale,
            "unsubscribe_url": letter.unsubscribe_url,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
        }
        context["subject"] = _one_line(render_to_string(f"mail/{letter.kind}.subject.txt", context))
        text = render_to_string(f"mail/{letter.kind}.txt", context)
        html = render_to_string(f"mail/{letter.kind}.html", context)
    return Written(context["subject"], re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html)


def _one_click(letter: Letter) -> dict[str, str]:
    """Return the headers by which a mail program offers to end such letters (RFC 2369, RFC 8058)."""
    if not letter.unsubscribe_url:
        return {}
    return {
        "List-Unsubscribe": f"<{letter.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _one_line(text: str) -> str:
    """A subject is one header line, whatever a product's name holds."""
    return " ".join(text.split())


def compose_mail(letter: Letter, to: str, *, message_id: str = "") -> EmailMultiAlternatives:
    """Return the mail, ready to send. `message_id` is what stands before the @ where it must stay the same."""
    written = write_letter(letter)
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    domain = address.rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=written.subject,
        body=written.text,
        from_email=formataddr((letter.look.name, address)),
        to=[to],
        reply_to=[letter.look.care_email] if letter.look.care_email else None,
        headers={
            "Message-ID": f"<{message_id}@{domain}>" if message_id else make_msgid(domain=domain),
            "Content-Language": letter.locale,
            "Auto-Submitted": "auto-generated",  # RFC 3834, so that no holiday notice answers
            **_one_click(letter),
        },
    )
    mail.attach_alternative(written.html, "text/html")
    return mail
