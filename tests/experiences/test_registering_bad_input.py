"""Registering with whatever people and programs send: a sentence of its own, nothing typed lost, never a 500."""

import html
import re
import uuid

import pytest
import time_machine
from django.core import mail, signing
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from analytics.kinds import Flag
from analytics.services import raise_flag
from experiences.codes import GUESSES
from experiences.devices import DEVICE_COOKIE
from experiences.visitors import POSSESSION_COOKIE
from ownership.models import Owner, Ownership, Registration
from products.limits import has_room
from products.models import Device, Unit
from tests import factories
from tests.experiences.test_registering import ALICE, confirm, filled, path, register, viewer
from tests.reading import code_in_mail, main_attributes, text_of

pytestmark = pytest.mark.django_db

WRONG = "AAAA-AAAA"


def value_of(response, name: str) -> str:
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>', response.content.decode()).group()
    return html.unescape(re.search(r' value="([^"]*)"', field).group(1))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "We need an e-mail address or a telephone number to reach you."),
        ("   ", "We need an e-mail address or a telephone number to reach you."),
        ("alice", "This is not an e-mail address that mail can reach."),
        ("alice2example.com", "This is not an e-mail address that mail can reach."),
        ("alice@", "This is not an e-mail address that mail can reach."),
        ("alice@example", "This is not an e-mail address that mail can reach."),
        ("a@b@example.com", "This is not an e-mail address that mail can reach."),
        ("alice@example.com\r\nBcc: bob@example.com", "This is not an e-mail address that mail can reach."),
        ("\u0430lice@example.com", "This is not an e-mail address that mail can reach."),  # Cyrillic а
        ("alice\uff20example.com", "This is not an e-mail address that mail can reach."),  # full-width @
        ("alice\u202e@example.com", "This is not an e-mail address that mail can reach."),
        ("a\u0000b@example.com", "Null characters are not allowed."),
        ("x" * 250 + "@example.com", "at most 254 characters"),
        ("0612345678", "Write the telephone number with its country, like +33 6 12 34 56 78."),
        ("+33 6 12", "This telephone number does not exist; a digit may be missing."),
        ("+999 123456789", "Write the telephone number with its country"),
        ("1-800-FLOWERS", "This is not an e-mail address that mail can reach."),
    ],
)
def test_an_address_that_is_none_gets_its_own_sentence_and_stays_typed(client, unit, typed, sentence):
    response = register(client, unit, contact=typed, name="Alice Archer")
    assert response.status_code == 400
    assert sentence in text_of(response)
    assert value_of(response, "name") == "Alice Archer"
    if typed.strip() and "\x00" not in typed and "\r" not in typed:
        assert value_of(response, "contact") == typed
    assert not Registration.objects.exists()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "typed",
    [
        "alice@mailinator.com",
        "x@10minutemail.com",
        "a+b.c_d@sub.example.com",
        "Alice@EXAMPLE.com",
        " a@example.com ",
    ],
)
def test_any_address_that_mail_can_reach_gets_the_same_answer(client, unit, typed):
    """Disposable-looking addresses are people's own business."""
    response = register(client, unit, contact=typed)
    assert response.url == path(unit, "confirm")
    assert Registration.objects.get().contact == typed.strip().lower()


def test_a_look_alike_domain_is_kept_and_shown_in_ascii(client, unit):
    response = register(client, unit, contact="alice@exаmple.com")  # Cyrillic а
    assert "alice@xn--exmple-4nf.com" in text_of(client.get(response.url))
    assert mail.outbox[-1].to == ["alice@xn--exmple-4nf.com"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("山田\u3000太郎", "山田 太郎"),
        ("  Zoë   Ångström ", "Zoë Ångström"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("<b>Bob</b>", "<b>Bob</b>"),
        ("", ""),
        ("x" * 120, "x" * 120),
    ],
)
def test_names_of_all_scripts_are_kept(client, chip, unit, typed, kept):
    client.get(chip.tap())
    assert register(client, unit, name=typed).status_code == 302
    assert Owner.objects.get().name == kept


@pytest.mark.parametrize("typed", ["x" * 121, "a\u0007b", "a\u202eb", "a\u0000b", "a\ud7ffb\ue000"])
def test_names_that_cant_be_written_are_refused(client, chip, unit, typed):
    client.get(chip.tap())
    response = register(client, unit, name=typed)
    assert response.status_code == 400
    assert value_of(response, "contact") == "alice@example.com"
    assert not Registration.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "0" * 31, "0" * 33, "g" * 32, "0" * 32 + "\n", "' OR 1=1 --"])
def test_a_form_without_a_proper_key_is_no_form(client, unit, key):
    response = client.post(path(unit), {**ALICE, "submission_key": key})
    assert response.status_code in (302, 400)
    assert Registration.objects.count() == (1 if response.status_code == 302 else 0)


@pytest.mark.parametrize("wording", ["0", "-1", "99999999999", "one", "77"])
def test_a_wording_that_was_never_shown_is_not_agreed_to(client, chip, unit, wording):
    client.get(chip.tap())
    response = register(client, unit, wording=wording, marketing="on")
    assert response.status_code in (302, 400)
    assert not Registration.objects.filter(marketing=True).exists()


def test_a_post_of_ten_megabytes_is_refused(client, unit):
    response = client.post(path(unit), {**ALICE, "name": "x" * 10_000_000})
    assert response.status_code in (400, 413)
    assert not Registration.objects.exists()


def test_a_form_without_its_csrf_token_is_asked_for_once_more(unit):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(path(unit), {**ALICE, "submission_key": uuid.uuid4().hex})
    assert response.status_code == 403
    assert "Please send that once more" in text_of(response)
    assert not Registration.objects.exists()


@pytest.mark.parametrize("page", ["register", "confirm", "registered", "welcome"])
def test_pages_of_a_code_that_no_unit_has(client, page):
    assert client.get(f"/u/00000000000000000000/{page}/", follow=True).status_code == 404


@pytest.mark.parametrize("page", ["confirm", "registered", "welcome"])
def test_pages_that_nothing_led_to_lead_to_the_unit(client, unit, page):
    response = client.get(path(unit, page), follow=True)
    assert response.redirect_chain[-1][0] == f"/u/{unit.public_code}/"
    assert response.status_code == 200


def test_asking_for_a_code_without_a_registration_leads_to_the_unit(client, unit):
    assert client.post(path(unit, "confirm/again")).url == f"/u/{unit.public_code}/"
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("retired", "The life of this piece has ended, so it can't be registered any more."),
        ("lost", "This piece is reported lost or stolen."),
        ("stolen", "This piece is reported lost or stolen."),
        ("dispute", "Whose this piece is, is being clarified."),
        ("owned", "This piece is registered already. If it is yours now, the brand can help."),
    ],
)
@pytest.mark.parametrize("by", ["chip", "printed code"])
def test_a_unit_that_cant_be_registered_says_why_and_keeps_what_was_typed(
    client, chip, unit, bob, state, sentence, by
):
    if by == "chip":
        client.get(chip.tap())
    form = filled(client, unit)
    if state == "retired":
        Unit.objects.filter(pk=unit.pk).update(status="recycled", retired_on=timezone.now().date())
    elif state == "owned":
        factories.own(unit, bob, timezone.now())
    else:
        raise_flag(unit, Flag(state), now=timezone.now(), actor_id=None)
    response = client.post(path(unit), form)
    assert response.status_code == 409
    assert sentence in text_of(response)
    assert value_of(response, "contact") == "alice@example.com"
    assert value_of(response, "name") == "Alice"
    assert "Bob" not in response.content.decode()
    assert not Registration.objects.exists()
    assert mail.outbox == []


def test_a_unit_reported_stolen_while_its_code_was_under_way_is_not_given_away(client, unit):
    register(client, unit)
    raise_flag(unit, Flag.STOLEN, now=timezone.now(), actor_id=None)
    response = confirm(client, unit)
    assert response.status_code == 200
    assert "can't be registered now" in text_of(response)
    assert not Ownership.objects.exists()


def test_five_wrong_codes_end_it_and_what_was_typed_is_still_there(client, unit):
    register(client, unit)
    right = code_in_mail()
    for _time in range(4):
        response = client.post(path(unit, "confirm"), {"code": WRONG})
        assert response.url == path(unit, "confirm")
    response = client.post(path(unit, "confirm"), {"code": WRONG}, follow=True)
    assert response.redirect_chain[-1][0].startswith(path(unit))
    assert "That code works no longer" in text_of(response)
    assert value_of(response, "contact") == "alice@example.com"
    assert value_of(response, "name") == "Alice"
    confirm(client, unit, right)
    assert not Ownership.objects.exists()


def test_the_tries_are_counted_for_all_workers_and_all_codes(client, unit):
    """New codes don't buy endless guesses: the count is in the cache, not in the browser's session."""
    register(client, unit)
    for _time in range(2):
        for _guess in range(5):
            client.post(path(unit, "confirm"), {"code": WRONG})
        client.post(path(unit, "confirm/again"))
    response = confirm(client, unit)
    assert "That code works no longer" in text_of(response)
    assert not Ownership.objects.exists()
    assert not has_room(GUESSES, "alice@example.com")
    cache.clear()  # a quarter of an hour later
    client.post(path(unit, "confirm/again"))
    confirm(client, unit)
    assert Ownership.objects.exists()


def test_a_code_works_for_fifteen_minutes(client, unit):
    with time_machine.travel("2026-11-01 12:00:00Z", tick=False) as clock:
        register(client, unit)
        code = code_in_mail()
        clock.shift(15 * 60 + 1)
        response = confirm(client, unit, code)
        assert "That code works no longer" in text_of(response)
        assert value_of(response, "contact") == "alice@example.com"
        assert not Ownership.objects.exists()
        client.post(path(unit), filled(client, unit))
        confirm(client, unit)
        assert Ownership.objects.exists()


def test_a_lapsed_code_of_an_owner_is_asked_for_again_on_the_welcome_page(client, chip, unit):
    with time_machine.travel("2026-11-01 12:00:00Z", tick=False) as clock:
        client.get(chip.tap())
        register(client, unit)
        clock.shift(15 * 60 + 1)
        response = client.get(path(unit, "confirm"), follow=True)
        assert response.redirect_chain[-1][0].startswith(path(unit, "welcome"))
        assert f'action="{path(unit, "confirm/again")}"' in response.content.decode()
        assert client.post(path(unit, "confirm/again")).url == path(unit, "confirm")
        confirm(client, unit)
    assert Registration.objects.get().state == "confirmed"


def test_an_address_gets_few_codes_a_minute_from_all_browsers_together(unit):
    """The limit stands in the cache that the workers share."""
    answers = [register(Client(), unit) for _time in range(5)]
    assert [answer.status_code for answer in answers] == [302] * 3 + [429] * 2
    assert "Several codes went to this address lately." in text_of(answers[-1])
    assert value_of(answers[-1], "contact") == "alice@example.com"
    assert len(mail.outbox) == 3


def test_who_sends_the_form_of_one_unit_again_and_again_shuts_its_buyer_not_out(unit):
    prankster, buyer = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    answers = [register(prankster, unit, contact=f"p{number}@example.com") for number in range(8)]
    assert [answer.status_code for answer in answers] == [302] * 6 + [429] * 2
    assert value_of(answers[-1], "contact") == "p7@example.com"
    assert register(buyer, unit, contact="buyer@example.com").status_code == 302


def test_a_code_is_good_only_in_the_browser_that_asked_for_it(unit):
    asked, other = Client(), Client()
    register(asked, unit)
    code = code_in_mail()
    register(other, unit, contact="mallory@example.com")
    response = confirm(other, unit, code)
    assert "This is not the code." in text_of(response)
    assert not Ownership.objects.exists()


def test_a_code_for_another_unit_confirms_only_that_one(client, unit, bag):
    """The page of the code sends its reader to the unit that it is for."""
    other = factories.UnitFactory(product=bag)
    register(client, unit)
    assert client.get(path(other, "confirm")).url == path(unit, "confirm")
    client.post(path(other, "confirm"), {"code": code_in_mail()}, follow=True)
    assert not Ownership.objects.exists()
    confirm(client, unit)
    assert Ownership.objects.get().unit == unit


def test_a_later_address_makes_the_earlier_code_worthless(client, unit):
    register(client, unit, contact="mallory@example.com")
    code = code_in_mail()
    register(client, unit)
    assert "This is not the code." in text_of(confirm(client, unit, code))
    assert not Ownership.objects.exists()


def test_another_units_possession_makes_no_owner(client, unit, bag, profile):
    other = factories.put_chip_on(factories.UnitFactory(product=bag), profile)
    client.get(other.tap())
    assert register(client, unit).url == path(unit, "confirm")
    assert not Ownership.objects.exists()


def test_another_visitors_possession_makes_no_owner(client, chip, unit):
    client.get(chip.tap())
    thief = Client()
    thief.get(f"/q/{unit.public_code}")
    thief.cookies[POSSESSION_COOKIE] = client.cookies[POSSESSION_COOKIE].value
    assert register(thief, unit).url == path(unit, "confirm")
    assert not Ownership.objects.exists()


def test_a_replayed_link_makes_no_owner(client, chip, unit):
    link = chip.tap()
    Client().get(link)
    client.get(link)
    assert register(client, unit).url == path(unit, "confirm")
    assert not Ownership.objects.exists()


def cookies_that_are_none(device: Device) -> list[str]:
    def signed(pairs, salt="experiences.devices") -> str:
        return signing.dumps(pairs, salt=salt)

    own = signed([[device.pk, device.epoch]])
    return [
        "",
        "x",
        own[:-1] + ("A" if own[-1] != "A" else "B"),
        signed([[device.pk, device.epoch]], salt="experiences.possession"),
        signed([[device.pk, device.epoch + 1]]),
        signed([[device.pk]]),
        signed([device.pk, device.epoch]),
        signed({"id": device.pk}),
        signed([["x", "y"]]),
        signed([[None, None]]),
        signed(None),
        signed([]),
        signed([[0, 1]] * 5 + [[device.pk, device.epoch]]),  # beyond as many as are read
        "\u00e9" * 3,
        "a:" * 2000,
    ]


def test_a_tampered_device_cookie_is_nobodys(client, chip, unit):
    client.get(chip.tap())
    register(client, unit)
    assert viewer(client, unit) == "owner"
    for cookie in cookies_that_are_none(Device.objects.get()):
        stranger = Client()
        stranger.cookies[DEVICE_COOKIE] = cookie
        page = stranger.get(f"/u/{unit.public_code}/")
        assert page.status_code == 200, cookie
        assert main_attributes(page)["viewer"] == "looking", cookie


def test_the_device_cookie_is_kept_from_scripts_and_other_sites(client, chip, unit):
    client.get(chip.tap())
    cookie = register(client, unit).cookies[DEVICE_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == 400 * 24 * 3600
    assert "alice" not in cookie.value


def test_no_page_of_registering_is_kept_by_caches(client, chip, unit):
    client.get(chip.tap())
    pages = [client.get(path(unit))]
    register(client, unit)
    pages += [client.get(path(unit, "confirm")), client.get(path(unit, "welcome"))]
    for page in pages:
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
