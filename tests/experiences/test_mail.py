"""Mail and text messages of a registration: in the brand's look and the person's language, once, without traces."""

import datetime as dt
import logging
import re
import smtplib
import socket
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from django.core import mail
from django.utils import timezone

from analytics.models import Event
from experiences import messages
from experiences.models import Message
from experiences.registering import SESSION_KEY
from ownership.models import Registration
from ownership.services import end_ownership
from products.colours import derive_palette
from products.models import Brand, Person
from products.sms import SmsError
from tests import factories
from tests.reading import filled_form
from warranty.models import Coverage, CoveragePlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(acme):
    return CoveragePlan.objects.create(brand=acme, names={"en": "Two years"}, months=24)


@pytest.fixture
def registering(client, unit, chip, plan, django_capture_on_commit_callbacks):
    """Register the unit by its chip, and let what waits for the commit run."""

    def register(locale="en", **changes):
        client.get(chip.tap())
        page = client.get(f"/u/{unit.public_code}/register/?lang={locale}")
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(f"/u/{unit.public_code}/register/?lang={locale}", filled_form(page) | changes)

    return register


def html_of(message) -> str:
    return next(content for content, kind in message.alternatives if kind == "text/html")


def from_name(message) -> str:
    """The sender's name as a mail program shows it."""
    return str(make_header(decode_header(parseaddr(message.message()["From"])[0])))


def sent(subject: str):
    return next(message for message in mail.outbox if subject in message.subject)


def code_of(body: str) -> str:
    return re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", body, re.M).group(1)


def test_the_code_comes_from_the_brand_in_its_look_and_answers_reach_a_person(registering, acme):
    """C1: From is the brand, replies go to its care address, HTML and text carry the code."""
    Brand.objects.filter(pk=acme.pk).update(accent="#336699", name="Acme, Söhne & Co", content_version=7)
    registering()
    message = sent("Your code")
    assert from_name(message) == "Acme, Söhne & Co"
    assert message.reply_to == ["care@acme.example"]
    assert message.subject == "Your code for Weekend bag"
    code = code_of(message.body)
    assert code in html_of(message)
    tint = derive_palette("#336699", acme.paper).tint
    assert f"background-color:{tint}" in html_of(message)
    assert "Acme, Söhne &amp; Co" in html_of(message)
    assert "Acme, Söhne & Co" in message.body, "plain text is not escaped"


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_mails_of_a_registration_speak_the_language_of_its_page(registering, unit, locale):
    registering(locale=locale)
    product = {"en": "Weekend bag", "fr": "Sac de voyage"}[locale]
    coverage = Coverage.objects.get(unit=unit)
    day = {"en": coverage.ends_on.strftime("%-d %B %Y"), "fr": f"{coverage.ends_on.day} "}[locale]
    code, registered = mail.outbox
    for message in (code, registered):
        assert f'<html lang="{locale}" dir="ltr">' in html_of(message)
        assert message.extra_headers["Content-Language"] == locale
        assert product in message.subject
    assert day in registered.body
    assert product in html_of(registered)


def test_the_registered_mail_says_what_until_when_and_where(registering, unit):
    registering()
    message = sent("is registered")
    coverage = Coverage.objects.get(unit=unit)
    for part in (message.body, html_of(message)):
        assert unit.serial in part
        assert f"/certificate/{coverage.certificate_code}/" in part
        assert f"http://127.0.0.1:8000/u/{unit.public_code}/" in part
        assert str(coverage.ends_on.year) in part
        assert "+33 1 99 00 00 00" in part
    assert message.to == ["alice@example.com"]


def test_what_a_stranger_typed_is_never_mailed_on(registering):
    """Else the form would send anybody's words to anybody."""
    registering(name="Win at www.spam.example")
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "spam.example" not in message.body + html_of(message) + message.subject


def test_letters_load_nothing_and_style_inline(registering):
    """Nothing remote, no style sheet, no picture, 600 px: works with images off and tells nobody who reads it."""
    registering()
    for message in mail.outbox:
        html = html_of(message)
        assert not re.search(r"<(style|img|link|script|iframe)\b|url\(|src=|background=", html)
        assert "max-width:600px" in html


def test_a_product_name_with_a_line_break_makes_no_second_header(registering, bag, acme):
    bag.names = {"en": "Bag\nBcc: eve@example.com"}
    bag.save()
    registering()
    for message in mail.outbox:
        assert "\n" not in message.subject
        assert message.message()["Bcc"] is None


def test_registering_twice_and_confirming_makes_one_message(
    registering, client, unit, django_capture_on_commit_callbacks
):
    response = registering()
    code = code_of(mail.outbox[0].body)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"/u/{unit.public_code}/confirm/", {"code": code}, follow=True)
    assert response.status_code == 200
    assert Registration.objects.get().state == "confirmed"
    assert Message.objects.get().state == "sent"
    assert [message.subject for message in mail.outbox].count("Weekend bag is registered") == 1
    event = Event.objects.get(kind="message.sent")
    assert (event.unit_id, event.data) == (
        unit.pk,
        {"message": Message.objects.get().pk, "kind": "registered"},
    )


def test_sending_a_message_twice_sends_it_once(registering):
    registering()
    message = Message.objects.get()
    before = len(mail.outbox)
    assert messages.send_message(message_id=message.pk, now=timezone.now()) == "sent"
    assert len(mail.outbox) == before


def test_no_message_row_holds_an_address(registering):
    registering()
    row = Message.objects.values().get()
    assert "alice" not in str(row)


def test_a_printed_codes_registration_gets_its_mail_only_once_it_is_confirmed(
    client, unit, plan, django_capture_on_commit_callbacks
):
    page = client.get(f"/u/{unit.public_code}/register/")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/u/{unit.public_code}/register/", filled_form(page))
    assert [message.subject for message in mail.outbox] == ["Your code for Weekend bag"]
    with django_capture_on_commit_callbacks(execute=True):
        code = code_of(mail.outbox[0].body)
        client.post(f"/u/{unit.public_code}/confirm/", {"code": code}, follow=True)
    assert mail.outbox[-1].subject == "Weekend bag is registered"


def waiting_message(unit, owner, now) -> Message:
    ownership = factories.own(unit, owner, now)
    return Message.objects.create(
        brand=unit.brand, unit=unit, ownership=ownership, kind="registered", locale="en",
        dedupe_key="registered:1", created_at=now, changed_at=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPServerDisconnected("lost"), "uncertain"),
        (TimeoutError(), "uncertain"),
        (ConnectionRefusedError(), "waiting"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "waiting"),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"later")}), "waiting"),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"unknown")}), "failed"),
        (smtplib.SMTPDataError(554, b"spam"), "failed"),
    ],
)
def test_a_failing_server_leaves_the_honest_state(unit, alice, monkeypatch, error, state):
    """Certainly not taken: tried again. Refused for good: failed. Else: uncertain, never sent again."""
    now = timezone.now()
    message = waiting_message(unit, alice, now)

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    assert messages.send_message(message_id=message.pk, now=now) == state
    monkeypatch.undo()
    again = messages.sweep_messages(now=now + dt.timedelta(minutes=11))
    assert again == ([message.pk] if state == "waiting" else [])
    assert not Event.objects.filter(kind="message.sent").exists()


def test_a_crash_while_sending_is_found_and_never_sent_again(unit, alice, monkeypatch):
    now = timezone.now()
    message = waiting_message(unit, alice, now)

    def crash(*args, **kwargs):
        assert Message.objects.get().state == "sending", "committed before anything leaves"
        raise KeyboardInterrupt

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", crash)
    with pytest.raises(KeyboardInterrupt):
        messages.send_message(message_id=message.pk, now=now)
    monkeypatch.undo()
    assert messages.sweep_messages(now=now + dt.timedelta(minutes=5)) == []
    assert Message.objects.get().state == "sending"
    assert messages.sweep_messages(now=now + dt.timedelta(minutes=11)) == []
    assert Message.objects.get().state == "uncertain"
    assert messages.send_message(message_id=message.pk, now=now) == "uncertain"
    assert mail.outbox == []


def test_a_message_that_waited_three_days_is_given_up(unit, alice):
    now = timezone.now()
    waiting_message(unit, alice, now)
    assert messages.sweep_messages(now=now + dt.timedelta(days=3)) == []
    assert Message.objects.values_list("state", "problem").get() == ("failed", "too_late")


def test_who_owns_it_no_more_gets_no_message(unit, alice):
    now = timezone.now()
    message = waiting_message(unit, alice, now)
    end_ownership(unit=unit, until=now, now=now)
    assert messages.send_message(message_id=message.pk, now=now) == "failed"
    assert Message.objects.get().problem == "not_owner_now"
    assert mail.outbox == []


def test_an_owner_without_an_address_gets_no_message(unit, bob):
    bob.email = ""
    bob.save()
    now = timezone.now()
    message = waiting_message(unit, bob, now)
    assert messages.send_message(message_id=message.pk, now=now) == "failed"
    assert Message.objects.get().problem == "no_address"


def test_a_message_makes_only_the_steps_of_its_table(unit, alice):
    now = timezone.now()
    message = waiting_message(unit, alice, now)
    with pytest.raises(ValueError, match="does not go"):
        messages.advance_message(message, Message.State.SENT, Message.State.WAITING, now=now)


def test_a_telephone_owner_gets_text_messages(registering, unit):
    registering(contact="+33 6 12 34 56 78")
    code, registered = mail.outbox
    assert code.to == registered.to == ["33612345678@sms.invalid"]
    assert re.fullmatch(r"\S{6,9} is your code for Acme\. It works for fifteen minutes\.", code.body)
    assert registered.body.startswith("Acme: Weekend bag is registered. Under warranty until and including ")
    assert registered.body.endswith(f"/u/{unit.public_code}/")


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("/accounts/login/code/", "No code for this address at Heirloom"),
        ("/accounts/password/reset/", "No password for this address at Heirloom"),
    ],
)
def test_log_in_pages_write_in_the_look_of_the_house_and_in_our_words(client, registering, path, subject):
    """A registration begun in the same browser does not lend its brand to the log-in pages."""
    registering()
    session = client.session
    assert session[SESSION_KEY]
    del session["account_login"]  # its code was given up
    session.save()
    mail.outbox.clear()
    client.post(path, {"email": "nobody@example.com"}, headers={"host": "evil.example"})
    (message,) = mail.outbox
    assert from_name(message) == "Heirloom"
    assert message.subject == subject
    assert "Acme" not in message.body + html_of(message)
    assert "evil.example" not in message.body + html_of(message)


def test_the_log_in_code_of_staff_is_the_houses(client, sam):
    client.post("/accounts/login/code/", {"email": "sam@acme.example"})
    assert mail.outbox[-1].subject == "Your code for Heirloom"
    assert mail.outbox[-1].reply_to == []


def test_a_log_in_page_says_when_its_mail_can_not_be_sent(client, sam, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise smtplib.SMTPSenderRefused(553, b"sam@acme.example", "care@heirloom.invalid")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    response = client.post("/accounts/login/code/", {"email": "sam@acme.example"})
    assert response.status_code == 503
    assert "We could not send the mail just now" in response.content.decode()
    assert "sam@" not in caplog.text


def test_a_link_for_a_new_password_never_takes_its_host_from_the_request(client, sam):
    client.post("/accounts/password/reset/", {"email": "sam@acme.example"}, headers={"host": "evil.example"})
    message = mail.outbox[-1]
    assert "evil.example" not in message.body + html_of(message)
    link = re.search(r"http://127\.0\.0\.1:8000(/accounts/password/reset/key/\S+)", message.body).group(1)
    assert client.get(link, follow=True).status_code == 200


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPServerDisconnected("lost"),
        smtplib.SMTPRecipientsRefused({"alice@example.com": (550, b"alice@example.com")}),
        ConnectionRefusedError(),
    ],
)
def test_a_code_that_can_not_be_sent_loses_nothing(client, unit, plan, monkeypatch, caplog, error):
    """C1: a printed code's form comes back as typed, with a sentence; sent again, it is the same registration."""
    page = client.get(f"/u/{unit.public_code}/register/")
    form = filled_form(page)

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    with caplog.at_level(logging.DEBUG):
        response = client.post(f"/u/{unit.public_code}/register/", form)
    assert response.status_code == 503
    page = response.content.decode()
    assert "We could not send the mail just now" in page
    assert 'value="alice@example.com"' in page
    assert f'value="{form["submission_key"]}"' in page
    assert "alice" not in caplog.text
    monkeypatch.undo()
    assert client.post(f"/u/{unit.public_code}/register/", form).url == f"/u/{unit.public_code}/confirm/"
    assert Registration.objects.count() == 1


def test_a_holder_is_owner_even_if_the_code_could_not_be_sent(registering, client, unit, monkeypatch):
    """C2: and the welcome offers to send it again."""

    def fail(*args, **kwargs):
        raise SmsError("The gateway answered 500.", refused=True)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    response = registering()
    assert response.url == f"/u/{unit.public_code}/welcome/?code=failed"
    page = client.get(response.url).content.decode()
    assert "We could not send your code just now" in page
    assert f'action="/u/{unit.public_code}/confirm/again/"' in page
    monkeypatch.undo()
    response = client.post(f"/u/{unit.public_code}/confirm/again/")
    assert response.url == f"/u/{unit.public_code}/confirm/"
    client.post(response.url, {"code": code_of(mail.outbox[-1].body)}, follow=True)
    assert Registration.objects.get().state == "confirmed"


def test_a_new_code_that_can_not_be_sent_leaves_the_old_one_working(client, unit, plan, monkeypatch):
    page = client.get(f"/u/{unit.public_code}/register/")
    client.post(f"/u/{unit.public_code}/register/", filled_form(page))
    code = code_of(mail.outbox[-1].body)

    def fail(*args, **kwargs):
        raise TimeoutError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    response = client.post(f"/u/{unit.public_code}/confirm/", {"action": "resend"})
    assert response.url == f"/u/{unit.public_code}/confirm/?code=failed"
    assert "We could not send your code just now" in client.get(response.url).content.decode()
    monkeypatch.undo()
    response = client.post(f"/u/{unit.public_code}/confirm/", {"code": code}, follow=True)
    assert response.redirect_chain[-1][0] == f"/u/{unit.public_code}/welcome/"


def test_a_new_code_is_asked_for_and_entered_on_the_units_own_page(client, unit, plan):
    page = client.get(f"/u/{unit.public_code}/register/")
    client.post(f"/u/{unit.public_code}/register/", filled_form(page))
    response = client.post(f"/u/{unit.public_code}/confirm/", {"action": "resend"})
    assert response.url == f"/u/{unit.public_code}/confirm/"
    assert mail.outbox[-1].subject == "Your code for Weekend bag"
    client.post(response.url, {"code": code_of(mail.outbox[-1].body)}, follow=True)
    assert Registration.objects.get().state == "confirmed"


def test_another_addresss_code_confirms_nothing(client, unit, plan, monkeypatch):
    """A code that went to one address is no proof of another that was typed after it."""
    page = client.get(f"/u/{unit.public_code}/register/")
    client.post(f"/u/{unit.public_code}/register/", filled_form(page) | {"contact": "eve@example.com"})
    code = code_of(mail.outbox[-1].body)
    page = client.get(f"/u/{unit.public_code}/register/")
    monkeypatch.setattr("experiences.codes.ratelimit.consume", lambda *args, **kwargs: None)
    response = client.post(f"/u/{unit.public_code}/register/", filled_form(page))
    assert response.status_code == 429
    client.post(f"/u/{unit.public_code}/confirm/", {"code": code}, follow=True)
    client.get(f"/u/{unit.public_code}/registered/")
    assert set(Registration.objects.values_list("state", flat=True)) == {"pending"}


def test_logging_in_as_somebody_else_confirms_nothing(client, unit, plan, sam):
    page = client.get(f"/u/{unit.public_code}/register/")
    client.post(f"/u/{unit.public_code}/register/", filled_form(page))
    session = client.session
    registration_id = session[SESSION_KEY]
    client.force_login(Person.objects.get(username="sam"))
    session = client.session
    session[SESSION_KEY] = registration_id
    session.save()
    assert client.get(f"/u/{unit.public_code}/registered/").url == f"/u/{unit.public_code}/"
    assert Registration.objects.get().state == "pending"


def test_neither_address_nor_code_is_logged(registering, client, unit, caplog):
    with caplog.at_level(logging.DEBUG):
        registering()
        code = code_of(mail.outbox[0].body)
        client.post(f"/u/{unit.public_code}/confirm/", {"code": code}, follow=True)
    assert "alice" not in caplog.text
    assert code not in caplog.text


class Kept(MessageHandler):
    """What the server was given."""

    def __init__(self):
        super().__init__()
        self.messages = []

    def handle_message(self, message):
        self.messages.append(message)


def test_a_mail_server_gets_one_multipart_mail_with_its_headers(registering, settings):
    handler = Kept()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        registering()
    finally:
        server.stop()
    code, registered = handler.messages
    assert registered.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in registered.get_payload()]
    assert kinds == ["text/plain", "text/html"]
    assert registered["From"] == "Acme <care@heirloom.invalid>"
    assert registered["To"] == "alice@example.com"
    assert registered["Reply-To"] == "care@acme.example"
    assert registered["Message-ID"] == f"<message-{Message.objects.get().pk}@heirloom.invalid>"
    assert registered["Auto-Submitted"] == "auto-generated"
    assert registered["X-RcptTo"] == "alice@example.com"
    assert code["Message-ID"].endswith("@heirloom.invalid>")
    assert Message.objects.get().state == "sent"
