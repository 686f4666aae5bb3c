"""C13: an owner who lost their address is theirs again at the new one, and a bouncing address is noticed."""

import datetime as dt
import smtplib

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics.models import Event
from experiences.messages import ask_for_letter, send_message
from experiences.models import Message, MessageKind
from experiences.recovering import start_recovery
from ownership.errors import OwnershipError
from ownership.models import Owner, Ownership, Recovery, Registration
from ownership.models.recoveries import IdentityShown
from ownership.models.registrations import ContactKind
from ownership.models.transfers import TransferKind
from ownership.services.letting_go import WhyGone, let_go
from ownership.services.recovering import forget_recoveries
from ownership.services.transfers import start_transfer, take_over
from products.models import Device, Person
from tests import factories

pytestmark = pytest.mark.django_db

SECRET = "bounce-secret-of-the-tests"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def lost(alice, unit):
    """Alice with her bag, whose old address is confirmed and whose browser is remembered."""
    old = factories.PersonFactory()
    EmailAddress.objects.create(user=old, email="alice@example.com", verified=True, primary=True)
    Owner.objects.filter(pk=alice.pk).update(person=old)
    factories.own(unit, alice, timezone.now() - dt.timedelta(days=100))
    Device.objects.create(person=old, created_at=timezone.now(), last_used_at=timezone.now())
    alice.refresh_from_db()
    return alice


def start(owner, sam, contact="new@example.com", kind=ContactKind.EMAIL, now=None):
    return start_recovery(
        owner_id=owner.pk, contact_kind=kind, contact=contact, shown=IdentityShown.PURCHASE,
        reason="Receipt", locale="en", now=now or timezone.now(), actor_id=sam.pk,
    )  # fmt: skip


def url(recovery):
    return reverse("recover", args=[recovery.code])


@pytest.fixture
def reader():
    return Client(headers={"Accept-Language": "en"})


def test_the_new_addresss_reader_has_the_things_and_the_old_browsers_do_not(
    lost, sam, unit, reader, django_capture_on_commit_callbacks
):
    """C13."""
    old = lost.person
    recovery = start(lost, sam)
    page = reader.get(url(recovery))
    assert b"new@example.com" not in page.content
    lost.refresh_from_db()
    assert lost.email == "alice@example.com"  # opening does nothing
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert reader.post(url(recovery)).url == reverse("me")
    lost.refresh_from_db()
    assert (lost.email, lost.bounced_at) == ("new@example.com", None)
    assert lost.person != old
    assert EmailAddress.objects.get(email="new@example.com", verified=True).user == lost.person
    assert b'data-viewer="owner"' in reader.get(reverse("unit_home", args=[unit.public_code])).content
    assert not Device.objects.filter(person=old, revoked_at=None).exists()
    assert [letter.to for letter in mail.outbox] == [["alice@example.com"]]
    assert "new@example.com" not in mail.outbox[0].body
    event = Event.objects.get(kind="owner.recovered")
    assert (event.owner_id, event.actor_id) == (lost.pk, sam.pk)
    assert "example.com" not in str(event.data)


def test_nothing_changes_at_other_brands(lost, sam, globex, reader):
    """A9: an agent of one brand opens nothing of the person's at another."""
    elsewhere = factories.OwnerFactory(brand=globex, person=lost.person, email="alice@example.com")
    reader.post(url(start(lost, sam)))
    elsewhere.refresh_from_db()
    assert elsewhere.email == "alice@example.com"
    assert EmailAddress.objects.get(user=elsewhere.person).email == "alice@example.com"
    assert Device.objects.filter(person=elsewhere.person, revoked_at=None).exists()


def test_the_link_works_once_and_not_too_late(lost, sam, reader):
    recovery = start(lost, sam)
    reader.post(url(recovery))
    stranger = Client()
    assert stranger.post(url(recovery)).status_code == 410
    assert not stranger.cookies.get("device")
    late = start(lost, sam, "later@example.com", now=timezone.now() - dt.timedelta(days=4))
    assert reader.get(url(late)).status_code == 410
    assert reader.post(url(late)).status_code == 410
    lost.refresh_from_db()
    assert lost.email == "new@example.com"
    assert Client().get("/recover/nothing-like-it/").status_code == 404


def test_a_row_that_the_new_addresss_reader_has_already_becomes_one_with_it(lost, sam, acme, unit, reader):
    known = factories.PersonFactory()
    EmailAddress.objects.create(user=known, email="new@example.com", verified=True)
    double = factories.OwnerFactory(brand=acme, person=known, email="new@example.com")
    reader.post(url(start(lost, sam)))
    assert not Owner.objects.filter(pk=double.pk).exists()
    lost.refresh_from_db()
    assert lost.person == known
    assert Ownership.objects.get(unit=unit).owner == lost


def test_a_code_to_the_old_address_does_not_take_the_owner_back(lost, sam, unit, reader):
    waiting = Registration.objects.create(
        brand=lost.brand, unit=unit, owner=lost, person=lost.person, submission_key="e" * 32, proof="holding",
        state="owned", contact_kind="email", contact="alice@example.com", locale="en",
        created_at=timezone.now(),
    )  # fmt: skip
    reader.post(url(start(lost, sam)))
    waiting.refresh_from_db()
    lost.refresh_from_db()
    assert (waiting.state, waiting.person) == ("confirmed", lost.person)


def test_a_telephone_number_can_take_the_place_of_an_address(lost, sam, reader):
    reader.post(url(start(lost, sam, "+33612345678", ContactKind.PHONE)))
    lost.refresh_from_db()
    assert (lost.email, lost.phone) == ("", "+33612345678")


def test_nothing_is_passed_on_for_two_days(lost, sam, unit, reader):
    """C13: the old address was told; it has this long to object."""
    reader.post(url(start(lost, sam)))
    now = timezone.now()
    offer = {"unit_id": unit.pk, "owner_id": lost.pk, "kind": TransferKind.SALE}
    with pytest.raises(OwnershipError) as refused:
        start_transfer(**offer, now=now)
    assert refused.value.code == "on_hold"
    with pytest.raises(OwnershipError) as kept:
        let_go(unit_id=unit.pk, owner_id=lost.pk, why=WhyGone.GIVEN, now=now)
    assert kept.value.code == "on_hold"
    assert start_transfer(**offer, now=now + dt.timedelta(hours=49)).state == "open"


def test_what_the_old_address_had_offered_waits_as_well(lost, bob, sam, unit, reader):
    """C13: whoever read the old address may have begun it."""
    now = timezone.now()
    offered = start_transfer(unit_id=unit.pk, owner_id=lost.pk, kind=TransferKind.SALE, now=now)
    reader.post(url(start(lost, sam)))
    with pytest.raises(OwnershipError) as refused:
        take_over(transfer_id=offered.pk, owner=bob, now=timezone.now())
    assert refused.value.code == "on_hold"
    later = timezone.now() + dt.timedelta(hours=49)
    assert take_over(transfer_id=offered.pk, owner=bob, now=later).owner == bob


def test_addresses_of_recoveries_go_after_a_month(lost, sam):
    start(lost, sam)
    now = timezone.now()
    assert forget_recoveries(now=now + dt.timedelta(days=29)) == 0
    assert forget_recoveries(now=now + dt.timedelta(days=31)) == 1
    assert forget_recoveries(now=now + dt.timedelta(days=31)) == 0
    assert not Recovery.objects.exists()


# --- Mail that comes back --------------------------------------------------------------------------
def message_to(owner) -> Message:
    return ask_for_letter(
        kind=MessageKind.OWNER_LINK, brand_id=owner.brand_id, about_id=owner.pk, owner_id=owner.pk,
        locale="en", now=timezone.now(), number=str(Message.objects.count()),
    )  # fmt: skip


def test_a_server_that_knows_no_such_reader_marks_the_address(alice, monkeypatch):
    """C13."""

    def refuse(self, *args, **kwargs):
        raise smtplib.SMTPRecipientsRefused({"alice@example.com": (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    message = message_to(alice)
    assert send_message(message_id=message.pk, now=timezone.now()) == "failed"
    message.refresh_from_db()
    alice.refresh_from_db()
    assert (message.problem, alice.bounced_at is not None) == ("bounced", True)


def test_a_server_that_is_only_busy_marks_nothing(alice, monkeypatch):
    def later(self, *args, **kwargs):
        raise smtplib.SMTPRecipientsRefused({"alice@example.com": (450, b"later")})

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", later)
    assert send_message(message_id=message_to(alice).pk, now=timezone.now()) == "waiting"
    alice.refresh_from_db()
    assert alice.bounced_at is None


def test_a_bounced_address_is_not_tried_again_and_a_telephone_is(alice):
    Owner.objects.filter(pk=alice.pk).update(bounced_at=timezone.now())
    message = message_to(alice)
    assert send_message(message_id=message.pk, now=timezone.now()) == "failed"
    message.refresh_from_db()
    assert message.problem == "bounced"
    assert mail.outbox == []
    Owner.objects.filter(pk=alice.pk).update(phone="+33612345678")
    assert send_message(message_id=message_to(alice).pk, now=timezone.now()) == "sent"


def test_the_next_tap_of_a_bounced_owner_asks_for_another_address(lost, sam, unit, reader):
    """C13: nobody else sees it, and another address ends it."""
    home = reverse("unit_home", args=[unit.public_code])
    reader.post(url(start(lost, sam)))
    assert b'data-flag="address"' not in reader.get(home).content
    Owner.objects.filter(pk=lost.pk).update(bounced_at=timezone.now())
    page = reader.get(home).content.decode()
    assert "comes back" in page
    assert f'href="{reverse("me_details")}"' in page
    assert "comes back" not in Client(headers={"Accept-Language": "en"}).get(home).content.decode()


@pytest.fixture
def report(settings, client):
    settings.BOUNCE_SECRET = SECRET

    def send(body, secret=SECRET):
        return client.post(
            "/hooks/bounces/",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )

    return send


def test_the_mail_provider_reports_what_came_back(alice, report):
    """C13: twice is once."""
    message = message_to(alice)
    body = {"message_id": f"<message-{message.pk}@mail.example>", "address": "Alice@example.com"}
    assert report(body).status_code == 204
    assert report(body).status_code == 204
    alice.refresh_from_db()
    message.refresh_from_db()
    assert alice.bounced_at is not None
    assert message.problem == "bounced"
    assert Event.objects.filter(kind="owner.bounced").count() == 1


def test_a_late_report_about_an_address_of_before_marks_nothing(alice, report):
    message = message_to(alice)
    body = {"message_id": f"message-{message.pk}@mail.example", "address": "older@example.com"}
    assert report(body).status_code == 204
    alice.refresh_from_db()
    assert alice.bounced_at is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('{"message_id": 3}', 400),
        ('{"message_id": "message-1@a", "address": "\\u0000"}', 400),
        ('{"message_id": "x", "address": []}', 400),
        ("[" * 5000, 400),
        ('{"message_id": "' + "x" * 20_000 + '"}', 400),
        (b"\xff\xfe", 400),
        ('{"message_id": "<somebody@else.example>"}', 404),
        ('{"message_id": "<message-999999999@mail.example>"}', 404),
        ('{"message_id": "<message-٣@mail.example>"}', 404),
    ],
)
def test_what_is_no_report_is_refused(alice, report, body, status):
    assert report(body).status_code == status
    alice.refresh_from_db()
    assert alice.bounced_at is None


def test_without_the_secret_nothing_is_believed(alice, report, settings, client):
    message = message_to(alice)
    body = {"message_id": f"message-{message.pk}@mail.example"}
    for wrong in ("", "wrong", "é"):
        assert report(body, secret=wrong).status_code == 401
    assert client.get("/hooks/bounces/").status_code == 405
    settings.BOUNCE_SECRET = ""
    assert report(body, secret="").status_code == 404
    alice.refresh_from_db()
    assert alice.bounced_at is None


def test_people_are_not_made_for_links_that_nobody_opened(lost, sam):
    before = Person.objects.count()
    start(lost, sam)
    assert Person.objects.count() == before
