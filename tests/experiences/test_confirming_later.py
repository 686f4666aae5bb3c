"""The owner's address after the first minute: confirmed later, corrected, and by nobody else."""

import datetime as dt

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from analytics.models import Event
from experiences.contact import masked
from experiences.devices import DEVICE_COOKIE
from ownership.errors import OwnershipError
from ownership.models import Owner, Ownership, Registration
from ownership.models.registrations import ContactKind, RegistrationState
from ownership.services import end_ownership
from ownership.services.addresses import correct_address
from products.models import Device, Person, PhoneNumber
from products.services.devices import revoke_devices
from tests import factories
from tests.experiences.test_registering import confirm, known_alice, path, register, viewer
from tests.reading import code_in_mail, text_of

pytestmark = pytest.mark.django_db

WRONG = "ZZZZ-ZZZZ"
MISTYPED = "alcie@example.com"


def reopened(client: Client) -> Client:
    """Return the browser as it is opened again later: it kept its cookies, and its session ended."""
    later = Client()
    for name in ("visitor", DEVICE_COOKIE):
        if name in client.cookies:
            later.cookies[name] = client.cookies[name].value
    return later


def hours_later() -> None:
    """Let the limits of the last hours run out, and the mails be read."""
    cache.clear()
    mail.outbox.clear()


@pytest.fixture
def owner(chip, unit) -> Client:
    """Alice's browser, reopened: she registered by chip and never entered the code."""
    first = Client()
    first.get(chip.tap())
    register(first, unit)
    hours_later()
    return reopened(first)


def correct(client: Client, unit, contact: str = "alice@example.com"):
    return client.post(path(unit, "address"), {"contact": contact})


def test_an_owner_who_closed_the_browser_confirms_the_address_later(owner, unit):
    """C1: found by the device, sent to the address on file, entered on the page that every code is entered on."""
    page = owner.get(f"/u/{unit.public_code}/")
    assert f'href="{path(unit, "address")}"' in page.content.decode()
    page = owner.get(path(unit, "address"))
    assert page.status_code == 200
    assert "a•••@e•••.com" in text_of(page)
    assert owner.post(path(unit, "confirm/again")).url == path(unit, "confirm")
    assert mail.outbox[-1].to == ["alice@example.com"]
    assert confirm(owner, unit).redirect_chain[-1][0] == path(unit, "welcome")
    assert Registration.objects.get().state == "confirmed"
    assert EmailAddress.objects.get().verified
    home = owner.get(f"/u/{unit.public_code}/")
    assert path(unit, "address") not in home.content.decode()
    assert owner.get(path(unit, "address")).url == f"/u/{unit.public_code}/"


def test_whoever_holds_the_phone_never_reads_the_address(owner, unit):
    pages = [owner.get(path(unit, "address")), owner.get(path(unit, "welcome"))]
    owner.post(path(unit, "confirm/again"))
    pages.append(owner.get(path(unit, "confirm")))
    pages.append(confirm(owner, unit, WRONG))
    for page in pages:
        assert page.status_code == 200
        assert "alice@" not in page.content.decode()
    assert "a•••@e•••.com" in text_of(pages[-1])


def test_the_page_and_its_mistakes_are_french_for_a_french_reader(owner, unit):
    page = owner.get(path(unit, "address") + "?lang=fr")
    assert page["Content-Language"] == "fr"
    assert "Ce n’est pas la bonne adresse" in text_of(page)
    wrong = owner.post(path(unit, "address") + "?lang=fr", {"contact": "alice@"})
    assert "Ce n’est pas une adresse e-mail" in text_of(wrong)


def test_a_mistyped_address_is_corrected_before_it_is_confirmed(chip, unit):
    first = Client()
    first.get(chip.tap())
    register(first, unit, contact=MISTYPED)
    hours_later()
    later = reopened(first)
    assert correct(later, unit).url == path(unit, "confirm")
    assert mail.outbox[-1].to == ["alice@example.com"]
    assert "alice@example.com" in text_of(later.get(path(unit, "confirm"))), "what was typed here is shown"
    confirm(later, unit)
    registration = Registration.objects.get()
    assert (registration.state, registration.contact) == ("confirmed", "alice@example.com")
    assert Owner.objects.get().email == "alice@example.com"
    assert EmailAddress.objects.get().email == "alice@example.com"
    event = Event.objects.get(kind="registration.corrected")
    assert (event.owner_id, event.data) == (Owner.objects.get().pk, {"contact": "email"})
    assert not Event.objects.filter(data__icontains="alice").exists()


def test_an_address_is_corrected_to_a_number_and_back(owner, unit):
    correct(owner, unit, "+33 6 12 34 56 78")
    assert Owner.objects.get().phone == "+33612345678"
    assert Owner.objects.get().email == ""
    assert PhoneNumber.objects.get().number == "+33612345678"
    assert not EmailAddress.objects.exists()
    hours_later()
    correct(owner, unit)
    assert Owner.objects.get().phone == ""
    assert not PhoneNumber.objects.exists()
    confirm(owner, unit)
    assert Registration.objects.get().state == "confirmed"


def test_what_staff_wrote_down_stays(owner, unit):
    Owner.objects.update(email="by-letter@example.com")
    correct(owner, unit, "alicia@example.com")
    assert Owner.objects.get().email == "by-letter@example.com"
    assert Registration.objects.get().contact == "alicia@example.com"


def test_a_corrected_address_that_somebody_confirmed_gets_the_same_answer_and_its_code_merges(owner, unit):
    """Nothing tells whether the new address is known; its reader's code makes the piece theirs."""
    known = known_alice()
    EmailAddress.objects.filter(user=known).update(email="bob@example.com")
    answers = [correct(owner, unit, "nobody@example.com"), correct(owner, unit, "bob@example.com")]
    assert {answer.url for answer in answers} == {path(unit, "confirm")}
    assert [sent.to for sent in mail.outbox] == [["nobody@example.com"], ["bob@example.com"]]
    confirm(owner, unit)
    assert Ownership.objects.get().owner.person == known
    assert viewer(owner, unit) == "owner"


def test_a_code_for_the_address_before_its_correction_is_worthless(owner, unit):
    owner.post(path(unit, "confirm/again"))
    old = code_in_mail()
    correct(owner, unit, "alicia@example.com")
    assert "This is not the code." in text_of(confirm(owner, unit, old))
    assert Registration.objects.get().state == "owned"


def test_a_code_that_another_session_was_sent_before_the_correction_confirms_nothing(owner, unit):
    other = reopened(owner)
    other.post(path(unit, "confirm/again"))
    old = code_in_mail()
    correct(owner, unit, "alicia@example.com")
    confirm(other, unit, old)
    assert Registration.objects.get().state == "owned"
    assert not EmailAddress.objects.filter(verified=True).exists()


@pytest.mark.parametrize("typed", ["", "alice@", "+33 1", "a" * 300 + "@example.com", "<b>@example.com"])
def test_an_address_that_is_none_stays_typed_and_changes_nothing(owner, unit, typed):
    page = correct(owner, unit, typed)
    assert page.status_code == 400
    assert 'class="error"' in page.content.decode()
    assert Registration.objects.get().contact == "alice@example.com"
    assert mail.outbox == []


# --- Nobody else --------------------------------------------------------------------------------
def refused(client: Client, unit) -> bool:
    """Whether the browser neither sees the page, nor has a code sent, nor changes the address."""
    home = f"/u/{unit.public_code}/"
    answers = [
        client.get(path(unit, "address")),
        client.post(path(unit, "confirm/again")),
        correct(client, unit, "mallory@example.com"),
    ]
    unchanged = not Registration.objects.filter(contact="mallory@example.com").exists()
    return {answer.url for answer in answers} == {home} and unchanged and mail.outbox == []


def test_another_browser_is_refused_also_while_it_holds_the_unit(owner, chip, unit):
    stranger = Client()
    assert refused(stranger, unit)
    stranger.get(chip.tap())
    assert viewer(stranger, unit) == "holding"
    assert refused(stranger, unit)


def test_the_owner_of_another_unit_is_refused(owner, unit, bag, profile):
    other = factories.UnitFactory(product=bag)
    mallory = Client()
    mallory.get(factories.put_chip_on(other, profile).tap())
    register(mallory, other, contact="mallory@elsewhere.example")
    mail.outbox.clear()
    assert refused(reopened(mallory), unit)


def test_a_browser_that_was_forgotten_is_refused(owner, unit):
    revoke_devices(person=Person.objects.get(), now=timezone.now())
    assert refused(owner, unit)


def test_a_person_who_was_switched_off_is_refused(owner, unit):
    Person.objects.update(is_active=False)
    assert viewer(owner, unit) == "looking"
    assert refused(owner, unit)


def test_an_owner_of_before_is_refused(owner, unit):
    end_ownership(unit=unit, until=timezone.now(), now=timezone.now())
    assert refused(owner, unit)


def test_a_code_is_worth_nothing_in_another_session(owner, unit):
    owner.post(path(unit, "confirm/again"))
    other = reopened(owner)
    confirm(other, unit, code_in_mail())
    assert Registration.objects.get().state == "owned"


def test_few_codes_go_to_an_address_and_few_corrections_are_taken(owner, unit):
    answers = [owner.post(path(unit, "confirm/again")) for _time in range(4)]
    assert len(mail.outbox) == 3
    assert answers[-1].url == path(unit, "confirm") + "?code=wait"
    hours_later()
    pages = [correct(owner, unit, f"a{number}@example.com") for number in range(6)]
    assert [page.status_code for page in pages] == [302] * 5 + [429]
    assert 'value="a5@example.com"' in pages[-1].content.decode()
    assert len(mail.outbox) == 5
    assert Registration.objects.get().contact == "a4@example.com"


def test_an_address_confirmed_meanwhile_is_not_corrected(owner, unit):
    registration = Registration.objects.get()
    owner.post(path(unit, "confirm/again"))
    confirm(owner, unit)
    with pytest.raises(OwnershipError) as refusal:
        correct_address(
            registration_id=registration.pk,
            contact_kind=ContactKind.EMAIL,
            contact="mallory@example.com",
            now=timezone.now(),
        )
    assert refusal.value.code == "confirmed"
    assert correct(owner, unit).url == f"/u/{unit.public_code}/"
    assert Owner.objects.get().email == "alice@example.com"


# --- Several pieces, several persons -------------------------------------------------------------
@pytest.fixture
def second(bag, profile):
    unit = factories.UnitFactory(product=bag, serial="AC-0002")
    return factories.put_chip_on(unit, profile)


def test_a_further_piece_needs_no_code_for_an_address_that_its_owner_confirmed(owner, unit, second):
    owner.post(path(unit, "confirm/again"))
    confirm(owner, unit)
    mail.outbox.clear()
    owner.get(second.tap())
    response = register(owner, second.tag.unit)
    assert response.url == path(second.tag.unit, "welcome")
    assert set(Registration.objects.values_list("state", flat=True)) == {"confirmed"}
    assert not any("code" in sent.subject.lower() for sent in mail.outbox)
    assert "Confirm your address" not in text_of(owner.get(response.url))


def test_two_pieces_that_wait_for_one_address_need_one_code(owner, unit, second):
    owner.get(second.tap())
    register(owner, second.tag.unit)
    owner.post(path(unit, "confirm/again"))
    confirm(owner, unit)
    assert set(Registration.objects.values_list("state", flat=True)) == {"confirmed"}


def test_a_correction_is_for_every_piece_that_waits_for_that_address(owner, unit, second):
    owner.get(second.tap())
    register(owner, second.tag.unit)
    hours_later()
    correct(owner, unit, "alicia@example.com")
    assert set(Registration.objects.values_list("contact", flat=True)) == {"alicia@example.com"}
    confirm(owner, unit)
    assert set(Registration.objects.values_list("state", flat=True)) == {RegistrationState.CONFIRMED}


def test_one_browser_keeps_the_pieces_of_two_persons(owner, unit, second):
    """C1: the second person's piece takes nothing from the first's, before and after either code."""
    other = second.tag.unit
    owner.get(second.tap())
    register(owner, other, contact="bob@example.com", name="Bob")
    assert Owner.objects.count() == 2
    assert (viewer(owner, unit), viewer(owner, other)) == ("owner", "owner")
    confirm(owner, other)
    assert (viewer(owner, unit), viewer(owner, other)) == ("owner", "owner")
    owner.post(path(unit, "confirm/again"))
    assert mail.outbox[-1].to == ["alice@example.com"]
    confirm(owner, unit)
    assert (viewer(owner, unit), viewer(owner, other)) == ("owner", "owner")
    assert Device.objects.count() == 2
    revoke_devices(person=Ownership.objects.get(unit=other).owner.person, now=timezone.now())
    assert (viewer(owner, unit), viewer(owner, other)) == ("owner", "reachable")


def test_a_browser_remembers_five_persons_and_then_forgets_the_first(owner, unit, bag, profile):
    units = [unit]
    for number in range(5):
        chip = factories.put_chip_on(factories.UnitFactory(product=bag), profile)
        owner.get(chip.tap())
        register(owner, chip.tag.unit, contact=f"person{number}@example.com")
        units.append(chip.tag.unit)
    assert [viewer(owner, one) for one in units] == ["looking"] + ["owner"] * 5


def test_when_the_browser_was_used_last_is_kept_up_once_a_day(owner, chip, unit):
    device = Device.objects.get()
    start = timezone.now()
    for hours, kept_up in ((5, False), (23, False), (25, True), (30, False), (50, True)):
        before = Device.objects.get().last_used_at
        with time_machine.travel(start + dt.timedelta(hours=hours), tick=False):
            owner.head(f"/u/{unit.public_code}/")
            assert Device.objects.get().last_used_at == before, "nobody looked"
            owner.get(chip.tap())
            expected = timezone.now() if kept_up else before
            assert Device.objects.get().last_used_at == expected, hours
    with time_machine.travel(start + dt.timedelta(hours=80), tick=False):
        owner.get(f"/u/{unit.public_code}/")
        assert Device.objects.get(pk=device.pk).last_used_at == timezone.now()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("alice@example.com", "a•••@e•••.com"),
        ("a@b.co.uk", "a•••@b•••.uk"),
        ("+33612345678", "••• 78"),
        ("", ""),
    ],
)
def test_what_is_shown_of_an_address(address, shown):
    assert masked(address) == shown
