"""The query budget of every page: exact statements, counted at the driver, with warm caches.

A page takes the same number of statements with 1 and with 20 rows of history behind it. BEGIN and
COMMIT are not counted; raw statements are.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.kinds import EventKind
from analytics.models import ForgedLinkCount, Scan, UnitFacts
from analytics.services import NewEvent, NewScan, record_events, record_scan
from experiences.consents import unsubscribe_url
from experiences.pages.section_page import SECTION_NAMES
from experiences.provenance import token_of
from experiences.recovering import start_recovery
from experiences.vouching import confirm_token, register_for_somebody
from ownership.models import (
    Consent,
    ConsentWording,
    DataRequest,
    IdentityRequest,
    Invitation,
    Member,
    Owner,
    Purpose,
    ReleaseRequest,
)
from ownership.models.losses import LossKind
from ownership.models.recoveries import IdentityShown
from ownership.models.registrations import ContactKind, Proof
from ownership.models.transfers import TransferKind
from ownership.services import end_ownership
from ownership.services.finders import FinderForm, write_to_owner
from ownership.services.losses import LossForm, report_loss
from ownership.services.loyalty import redeem_reward
from ownership.services.loyalty.awarding import award
from ownership.services.provenance import share_history
from ownership.services.registrations import RegistrationForm
from ownership.services.transfers import start_transfer
from products.models import Device, IdentificationKey, NextProduct, Product
from products.profiles import VERSION_KEY
from products.services.brands import touch_content
from products.services.devices import remember_device
from tests import factories
from tests.ownership import points
from tests.ownership.points import confirmed
from tests.reading import code_in_mail
from warranty.models import Coverage, CoveragePlan
from warranty.services import activate_coverage

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Budget:
    """Statements on PostgreSQL and on SQLite."""

    postgresql: int
    sqlite: int

    @property
    def here(self) -> int:
        return self.postgresql if connection.vendor == "postgresql" else self.sqlite


NONE = Budget(0, 0)
TYPED_FOR_RELEASE = {"ground": "given", "contact": "carl@example.net", "submission_key": "a" * 32}
# PostgreSQL: consume and read in one statement, scan and activity in another; SQLite: two and two.
TAP = Budget(2, 3 + 1)
READ_AND_RECORD = Budget(2, 3)
READ = Budget(1, 1)

TABLE = {
    "chip tap": TAP,
    "chip reload": TAP,
    "replayed by a new visitor": TAP,
    # One statement more: was it this visitor's own old link?
    "replayed by a known visitor": Budget(3, 5),
    "chip peek": READ,
    "chip tap by code": TAP,
    # One statement more: from which UID does the chip's own key come?
    "chip tap by code with a key of its own": Budget(3, 5),
    # Once in the life of a unit: its row of facts, the day, the event.
    "first tap of an opened seal": Budget(TAP.postgresql + 3, TAP.sqlite + 3),
    "next tap of an opened seal": TAP,
    "printed code": READ_AND_RECORD,
    "printed code peek": READ,
    "digital link": READ_AND_RECORD,
    "forged link": NONE,
    "forged link by code": NONE,
    "unknown profile": NONE,
    "malformed digital link": NONE,
    # The trade item; its links and texts are kept in the process.
    "digital link of a model": READ,
    # … and the links of the batch, which need not be known.
    "digital link of a batch": Budget(2, 2),
    # The unit, and its own links with those of its batch.
    "list of a unit's links": Budget(2, 2),
    "kind of link of a unit": Budget(2, 2),
    "list of a model's links": READ,
    # The key, and by which names chips of the brand prove themselves: the query may hold more than our own words.
    "link of a GS1 key": Budget(2, 2),
    "resolver description": READ,
    "page of a model": READ,
    "unbound chip": READ,
    "unknown printed code": READ,
    "unknown digital link": READ,
    "unit page": READ,
    **{f"section {section}": READ for section in SECTION_NAMES},
    # Whose domain is it?
    "registration form": READ,
    "privacy notice": READ,
    # The unit, the browser's session, and what is being registered in it.
    "welcome": Budget(3, 3),
    # Written once in the life of an owner: person, owner, ownership, coverage, message, browser, session, events.
    "registering by chip": Budget(45, 45),
    "registering by printed code": Budget(18, 18),
    # The unit, and how its owner registered it.
    "the address": Budget(2, 2),
    # The unit, the browser, whose thing it is, the report; once it stands also its threads and the last scan.
    "report of a loss": Budget(4, 4),
    "search that goes on": Budget(6, 6),
    "thread with a finder": Budget(5, 5),
    "finder's page": Budget(2, 2),
    "finder's thread": Budget(3, 3),
    "links to the history": Budget(5, 5),
    # The link, the unit, the last genuine scan, one reading more.
    "shared history": Budget(4, 4),
    "purchase": Budget(5, 5),
    "words for a present": READ,
    # The owner's browser on the first tap of its day, and on every other.
    # The unit and its last offer; the owner's browser and things; whether it can be passed on.
    "passing it on": Budget(7, 7),
    # The unit and its offer.
    "what is passed on": Budget(5, 5),
    "link of an offer": Budget(4, 4),
    # … whether its giver's address is too new, what is open about it, and how long words are kept.
    "what shows an offered piece": Budget(6, 6),
    # The offer is read with the unit.
    "tap of what is passed on": READ,
    "owner's chip tap": TAP,
    "owner's first chip tap of a day": Budget(3, 5),
    "the code's page": Budget(6, 6),
    "the code": Budget(17, 17),
    "finishing": Budget(56, 56),
    "certificate": Budget(1, 1),
    "certificate as PDF": Budget(1, 1),
    "outbox": NONE,
    # Whose domain is it, and does any house give codes to older pieces?
    "find": Budget(2, 2),
    "find how to tap": READ,
    "find with a wrong serial": Budget(3, 3),
    "find with the right serial": Budget(2, 2),
    "find at a brand": READ,
    "houses that give codes": Budget(2, 2),
    # The house, and its models.
    "form for a code": Budget(2, 2),
    # Written once: the file, the request, the message, the session.
    "asking for a code": Budget(11, 11),
    "the mail with the request": Budget(3, 3),
    "a request for a code": READ,
    "sheet with the code": READ,
    "sheet with the code as PDF": READ,
    # Who asks for its release: the unit, its owner, what is open already, and how long words are kept.
    "form for a release": Budget(7, 7),
    "the letter with the release": Budget(3, 3),
    # The case, its decisions, its steps, and the pieces of evidence.
    "a request for release": Budget(5, 5),
    # Whose domain, the browser's people and what they act for; then the words, and what was said to them.
    "what I agreed to": Budget(5, 5),
    # … the periods, and what was asked; the pieces.
    "my data": Budget(5, 5),
    "being forgotten": Budget(7, 7),
    "one click in a mail": Budget(2, 2),
    "address confirmed by link": Budget(1, 1),
    "a new address by link": Budget(1, 1),
    # Whose domain, the browser's people, what they act for; programme, who takes part and whose yes is asked for, whose
    # points they may spend, lines, exchanges, rules, rewards.
    "my points": Budget(11, 11),
    "a reward": Budget(13, 13),
    "a reward that I have": Budget(13, 13),
    # One statement more at a brand with a programme, for the owner alone: what did it earn lately, and what comes next?
    "unit page that thanks its owner": Budget(2, 2),
    # Whose domain, the browser's people, what they act for; the groups with their numbers.
    "my people": Budget(5, 5),
    "a group of mine": Budget(10, 10),
    "one of a group": Budget(4, 4),
    "things to take out of a group": Budget(4, 4),
    "an invitation": Budget(3, 3),
    "a fleet": Budget(7, 7),
    "a fleet as CSV": Budget(7, 7),
    "form for many units": Budget(4, 4),
    "what a fleet passes on": Budget(4, 4),
    # Whose domain is it, and the browser's session; whom it is remembered for is asked where it is.
    "the way in": Budget(1, 1),
    "the way in: the code": Budget(3, 3),
    # Written once per way in: what waits for the address, the browser, the session.
    "the way in: entered": Budget(6, 6),
    # The domain, the browser, whom it acts for; what they own, counted and read; what they look after and wait for.
    "my things": Budget(9, 9),
    "my details": Budget(7, 7),
    # Two sights of who they are and of their addresses (the gate, the words in the device), and what was asked is kept.
    "question for a new passkey": Budget(12, 12),
    "question for a passkey": Budget(3, 3),
    "leaving": Budget(3, 3),
    "letting go": Budget(4, 4),
    "no such page": NONE,
    "front door": NONE,
    "alive": NONE,
}


def replayed(client, chip, *, known: bool):
    link = chip.tap()
    (client if known else Client()).get(link)
    client_now = client if known else Client()
    if known:
        client.get(chip.tap())
    return lambda: client_now.get(link)


def another(client, unit, mac_from: str, *, tamper: str = "CC", **profile):
    """Return a tap of another chip on the unit, under a profile of its own, after a first one."""
    made = factories.ChipProfileFactory(brand=unit.brand, mac_from=mac_from, **profile)
    cache.delete(VERSION_KEY)  # another worker made it
    chip = factories.put_chip_on(unit, made, tamper=tamper)
    client.get(chip.tap())
    link = chip.tap()
    return lambda: client.get(link)


def opened_seal(client, unit, *, before: bool):
    """Return a tap of a chip whose seal is open; `before` says whether it said so in a tap before."""
    tap = another(client, unit, "url", params={"tt": "tt"}, tamper_loop="seal", tamper="OO")
    if not before:
        UnitFacts.objects.filter(unit=unit).update(opened_at=None)
    return tap


def reload(client, chip):
    link = chip.tap()
    client.get(link)
    return lambda: client.get(link)


def unbound(client, chip):
    from dataclasses import replace

    stranger = replace(chip.chip, uid=bytes.fromhex("04ffffffffffff"))
    link = stranger.link(chip.base, 1).removeprefix("http://testserver")
    return lambda: client.get(link)


def free(unit) -> None:
    """Take the unit's owner and coverage back, so that it can be registered again."""
    CoveragePlan.objects.get_or_create(
        brand=unit.brand, defaults={"names": {"en": "Two years"}, "months": 24}
    )
    Coverage.objects.filter(unit=unit).delete()
    if unit.ownerships.filter(until=None).exists():
        end_ownership(unit=unit, until=timezone.now(), now=timezone.now())


def registering(unit, *steps, chip=None):
    """Return what registers the unit in a browser of its own, up to the last of the steps."""

    def prepare():
        free(unit)
        browser, pages = Client(), f"/u/{unit.public_code}/"
        if chip:
            browser.get(chip.tap())
        form = {"submission_key": uuid.uuid4().hex, "contact": f"{uuid.uuid4().hex}@example.com"}
        requests_by_step = {
            "form": lambda: browser.post(pages + "register/", form),
            "code's page": lambda: browser.get(pages + "confirm/"),
            "code": lambda: browser.post(pages + "confirm/", {"code": code_in_mail()}),
            "finish": lambda: browser.get(pages + "registered/"),
            "address": lambda: browser.get(pages + "address/"),
            "a day later": lambda: Device.objects.update(last_used_at=timezone.now() - dt.timedelta(days=1)),
            "tap": lambda: browser.get(chip.tap()),
            "welcome": lambda: browser.get(pages + "welcome/"),
            "my things": lambda: browser.get("/me/"),
            "my details": lambda: browser.get("/me/details/"),
            "leaving": lambda: browser.get("/me/leave/"),
            "letting go": lambda: browser.get(pages + "gone/"),
        }
        for step in steps[:-1]:
            requests_by_step[step]()
        return lambda: answered(requests_by_step[steps[-1]]())

    return prepare


def owner_looks(unit, chip, page: str, *, missed: bool = False):
    """Return what opens a page of the owner's about the unit; `{thread}` in it is a finder's."""

    def prepare():
        registering(unit, "form", chip=chip)()()
        browser = Client()
        owner = Owner.objects.filter(ownerships__unit=unit, ownerships__until=None).get()
        device = remember_device(person=owner.person, now=timezone.now())
        browser.cookies["device"] = signing.dumps([[device.pk, device.epoch]], salt="experiences.devices")
        thread = _missed(unit) if missed else None
        return lambda: answered(
            browser.get(f"/u/{unit.public_code}/{page.format(thread=thread and thread.pk)}/")
        )

    return prepare


def passed_on(unit, chip, page: str, *, valuable: bool = False):
    """Return what opens a page of an offer for who holds the unit; `{offer}` in it is the offer's code."""

    def prepare():
        Product.objects.filter(pk=unit.product_id).update(is_valuable=valuable)
        registering(unit, "form", chip=chip)()()
        giver = unit.ownerships.get(until=None)
        offer = start_transfer(
            unit_id=unit.pk, owner_id=giver.owner_id, kind=TransferKind.SALE, now=timezone.now()
        )
        browser = Client()
        browser.get(chip.tap())
        return lambda: answered(browser.get(page.format(code=unit.public_code, offer=offer.code)))

    return prepare


def vouched(unit, path: str):
    """Open the link to somebody whom an agent registered, and whose address an agent wrote down anew."""

    def prepare():
        form = RegistrationForm(
            submission_key="a" * 32, contact_kind=ContactKind.EMAIL, contact="told@example.com", name="",
            marketing=False, locale="en",
        )  # fmt: skip
        told = register_for_somebody(unit_id=unit.pk, form=form, proof=Proof.AGENT, now=NOW, actor_id=1)
        recovery = start_recovery(
            owner_id=told.owner_id, contact_kind=ContactKind.EMAIL, contact="new@example.com",
            shown=IdentityShown.PURCHASE, reason="Receipt", locale="en", now=timezone.now(),
            actor_id=factories.PersonFactory(is_staff=True).pk,
        )  # fmt: skip
        where = path.format(token=confirm_token(told), code=recovery.code)
        return lambda: answered(Client().get(where))

    return prepare


def of_my_own(unit, path: str):
    """Return what opens an owner's page about their data, with as many yeses and requests behind it as scans."""

    def prepare():
        person = factories.PersonFactory()
        owner = factories.OwnerFactory(brand=unit.brand, person=person, email="mine@example.com")
        wording, _made = ConsentWording.objects.get_or_create(
            brand=unit.brand, purpose="marketing", version=1, texts={"en": "News"}
        )
        for number in range(Scan.objects.filter(unit=unit).count()):
            at = NOW + dt.timedelta(hours=number)
            Consent.objects.create(
                owner=owner, wording=wording, locale="en", channel="me", given_at=at, withdrawn_at=at
            )
            DataRequest.objects.create(
                brand=unit.brand, owner=owner, kind="export", state="cancelled", asked_at=at, due_at=at, ended_at=at
            )  # fmt: skip
        browser, device = Client(), remember_device(person=person, now=timezone.now())
        browser.cookies["device"] = signing.dumps([[device.pk, device.epoch]], salt="experiences.devices")
        token = unsubscribe_url(owner, Purpose.MARKETING).rstrip("/").rpartition("/")[2]
        return lambda: answered(browser.get(path.format(owner=owner.pk, token=token)))

    return prepare


def with_points(unit, path: str):
    """Return what opens a page of points, with as many lines, rules, rewards and exchanges behind it as scans."""

    def prepare():
        person = factories.PersonFactory()
        owner = confirmed(factories.OwnerFactory(brand=unit.brand, person=person))
        free(unit)
        factories.own(unit, owner, timezone.now())
        earned = points.rule(unit.brand)
        to_read = points.reading(unit.brand, cost=1)
        for number in range(Scan.objects.filter(unit=unit).count()):
            award(points.rule(unit.brand), [(owner.pk, unit.pk)], now=timezone.now())
            points.give(owner, 50)
            prize = points.reward(unit.brand, f"{owner.pk}-{number}", cost=1)
            redeem_reward(
                owner_id=owner.pk, reward_id=prize.pk, submission_key=points.key(), actor_id=None, now=timezone.now()
            )  # fmt: skip
        award(earned, [(owner.pk, unit.pk)], now=timezone.now())
        following = factories.ProductFactory(brand=unit.brand)
        NextProduct.objects.get_or_create(product=unit.product, defaults={"next_product": following})
        had = owner.redemptions.first()
        touch_content(unit.brand_id)
        browser, device = Client(), remember_device(person=owner.person, now=timezone.now())
        browser.cookies["device"] = signing.dumps([[device.pk, device.epoch]], salt="experiences.devices")
        address = path.format(owner=owner.pk, reward=to_read.pk, had=had.pk, code=unit.public_code)
        browser.get(f"/u/{unit.public_code}/")  # warms the brand's card under its new version
        return lambda: answered(browser.get(address))

    return prepare


def sharing(unit, path: str):
    """Return what opens a page of an organisation's, with as many units, people and invitations as scans."""

    def prepare():
        person = factories.PersonFactory(last_login=NOW)
        address = f"{uuid.uuid4().hex}@example.com"
        EmailAddress.objects.create(user=person, email=address, verified=True)
        group = Owner.objects.create(brand=unit.brand, kind="organisation", name=uuid.uuid4().hex)
        member = Member.objects.create(owner=group, person=person, role="admin", since=NOW)
        factories.OwnerFactory(brand=unit.brand, person=person)
        until = timezone.now() + dt.timedelta(days=9)
        for number in range(Scan.objects.filter(unit=unit).count()):
            factories.own(factories.UnitFactory(product=unit.product), group, NOW)
            other = Member.objects.create(owner=group, person=factories.PersonFactory(), since=NOW)
            invited = Invitation.objects.create(
                owner=group, email=f"n{number}@example.com", locale="en", sent_at=NOW, expires_at=until
            )
            Invitation.objects.filter(pk=invited.pk, email="n0@example.com").update(email=address)
        browser, device = Client(), remember_device(person=person, now=timezone.now())
        browser.cookies["device"] = signing.dumps([[device.pk, device.epoch]], salt="experiences.devices")
        code = Invitation.objects.get(owner=group, email=address).code
        return lambda: answered(
            browser.get(path.format(group=group.pk, me=member.pk, other=other.pk, code=code))
        )

    return prepare


def _missed(unit):
    owner_id = unit.ownerships.get(until=None).owner_id
    report_loss(unit_id=unit.pk, owner_id=owner_id, form=LossForm(LossKind.LOST), now=timezone.now())
    form = FinderForm(uuid.uuid4().hex, "Here it is", "", "en")
    return write_to_owner(unit_id=unit.pk, form=form, now=timezone.now())


def finder_looks(client, unit, chip, page: str):
    def prepare():
        registering(unit, "form", chip=chip)()()
        thread = _missed(unit)
        return lambda: answered(client.get(page.format(code=unit.public_code, thread=thread.code)))

    return prepare


def history_shared(client, unit, chip):
    def prepare():
        registering(unit, "form", chip=chip)()()
        ownership = unit.ownerships.get(until=None)
        link = share_history(
            unit_id=unit.pk, owner_id=ownership.owner_id, submission_key=uuid.uuid4().hex, now=timezone.now()
        )
        return lambda: answered(client.get(f"/provenance/{token_of(link)}/"))

    return prepare


def coming_back(*steps):
    """Return what brings an owner who confirmed their address back in another browser, up to the last step."""

    def prepare():
        person = factories.PersonFactory()
        address = f"{uuid.uuid4().hex}@example.com"
        EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
        browser = Client()
        requests_by_step = {
            "ask": lambda: browser.post("/me/enter/", {"contact": address}),
            "code's page": lambda: browser.get("/me/enter/code/"),
            "code": lambda: browser.post("/me/enter/code/", {"code": code_in_mail()}),
            "entered": lambda: browser.get("/me/entered/"),
            "new passkey": lambda: browser.get("/me/details/passkeys/new/"),
        }
        for step in steps[:-1]:
            requests_by_step[step]()
        return lambda: answered(requests_by_step[steps[-1]]())

    return prepare


def answered(response):
    assert response.status_code in (200, 302)
    return response


def certified(client, unit, suffix):
    def prepare():
        free(unit)
        coverage = activate_coverage(unit_id=unit.pk, now=timezone.now())
        return lambda: answered(client.get(f"/certificate/{coverage.certificate_code}{suffix}"))

    return prepare


def asking(unit, *, form_only: bool = False, then: str = ""):
    """Return what asks for the code of an older piece in a browser of its own, and what opens the page after it."""

    def prepare():
        Product.objects.filter(pk=unit.product_id).update(uncoded_rule="approval")
        browser, address = Client(), "/find/acme/no-code/"
        form = {
            "submission_key": uuid.uuid4().hex, "product": unit.product_id, "serial": "OLD-1",
            "email": f"{uuid.uuid4().hex}@example.com",
        }  # fmt: skip
        if form_only:
            return lambda: answered(browser.get(address))
        proof = SimpleUploadedFile("receipt.pdf", b"%PDF-1.4 %%EOF")
        if not then:
            return lambda: answered(browser.post(address, {**form, "proof": proof}))
        browser.post(address, {**form, "proof": proof})
        code = IdentityRequest.objects.latest("pk").code
        return lambda: answered(browser.get(then.format(code=code)))

    return prepare


def releasing(client, chip, unit, page: str):
    def prepare():
        if not unit.ownerships.exists():
            factories.own(unit, factories.OwnerFactory(brand=unit.brand), NOW)
        client.get(chip.tap())
        path = f"/u/{unit.public_code}/release/"
        if page == "form":
            return lambda: answered(client.get(path))
        client.post(path, TYPED_FOR_RELEASE)
        case = ReleaseRequest.objects.get()
        if page == "case":
            client.post(f"/release/{case.code}/", {"do": "confirm"})
        return lambda: answered(client.get(path + "sent/" if page == "sent" else f"/release/{case.code}/"))

    return prepare


def gs1_key(client, brand):
    def prepare():
        key, _made = IdentificationKey.objects.get_or_create(
            brand=brand, ai="414", value="9520123456788", name="Workshop"
        )
        if not key.resolver_links.exists():
            key.resolver_links.create(
                brand=brand, link_type="gs1:faqs", href="https://acme.example/", title="A"
            )
        return lambda: client.get("/414/9520123456788?foo=bar")

    return prepare


def requests(client, chip, unit) -> dict:
    """Return for each line of the table what prepares it and returns the request."""
    gtin = unit.trade_item.gtin
    typed = {"model": unit.product.model_number}
    peek = {"user-agent": "WhatsApp/2.24 A"}
    script = {"origin": "https://elsewhere.example"}

    def get(path, **extra):
        return lambda: lambda: client.get(path, **extra)

    return {
        "chip tap": lambda: (lambda link: lambda: client.get(link))(chip.tap()),
        "chip reload": lambda: reload(client, chip),
        "replayed by a new visitor": lambda: replayed(client, chip, known=False),
        "replayed by a known visitor": lambda: replayed(client, chip, known=True),
        "chip tap by code": lambda: another(client, unit, "url", params={"uid": ""}),
        "chip tap by code with a key of its own": lambda: another(
            client, unit, "cmac", params={"uid": ""}, keys=factories.OWN_KEYS
        ),
        "first tap of an opened seal": lambda: opened_seal(client, unit, before=False),
        "next tap of an opened seal": lambda: opened_seal(client, unit, before=True),
        "forged link by code": lambda: (
            lambda: client.get(f"/t/acme-a/{unit.public_code}?ctr=000001&cmac={'0' * 16}")
        ),
        "chip peek": lambda: (lambda link: lambda: client.get(link, headers=peek))(chip.tap()),
        "printed code": get(f"/q/{unit.public_code}"),
        "printed code peek": get(f"/q/{unit.public_code}", headers=peek),
        "digital link": get(f"/01/{gtin}/21/{unit.serial}"),
        "forged link": get(f"/t/acme-a?picc_data={'0' * 32}&cmac={'0' * 16}"),
        "unknown profile": get("/t/nobody?cmac=00"),
        "malformed digital link": get("/01/1/21/1"),
        "digital link of a model": get(f"/01/{gtin}"),
        "digital link of a batch": get(f"/01/{gtin}/10/L1"),
        "list of a unit's links": get(f"/01/{gtin}/21/{unit.serial}?linkType=linkset"),
        "kind of link of a unit": get(f"/01/{gtin}/21/{unit.serial}?linkType=gs1:support", headers=script),
        "list of a model's links": get(f"/01/{gtin}?linkType=linkset"),
        "link of a GS1 key": gs1_key(client, unit.brand),
        "resolver description": get("/.well-known/gs1resolver"),
        "page of a model": get(f"/model/{gtin}/"),
        "unbound chip": lambda: unbound(client, chip),
        "unknown printed code": get("/q/00000000000000000000"),
        "unknown digital link": get(f"/01/{gtin}/21/NOPE"),
        "unit page": get(f"/u/{unit.public_code}/"),
        **{f"section {name}": get(f"/u/{unit.public_code}/{name}/") for name in SECTION_NAMES},
        "registration form": get(f"/u/{unit.public_code}/register/"),
        "privacy notice": get(f"/u/{unit.public_code}/privacy/"),
        "registering by chip": registering(unit, "form", chip=chip),
        "welcome": registering(unit, "form", "welcome", chip=chip),
        "registering by printed code": registering(unit, "form"),
        "the address": registering(unit, "form", "address", chip=chip),
        "report of a loss": owner_looks(unit, chip, "lost"),
        "search that goes on": owner_looks(unit, chip, "lost", missed=True),
        "thread with a finder": owner_looks(unit, chip, "lost/{thread}", missed=True),
        "passing it on": owner_looks(unit, chip, "transfer"),
        "what is passed on": passed_on(unit, chip, "/u/{code}/transfer/"),
        "link of an offer": passed_on(unit, chip, "/transfer/{offer}/"),
        "what shows an offered piece": passed_on(unit, chip, "/transfer/{offer}/proof/", valuable=True),
        "tap of what is passed on": passed_on(unit, chip, "/u/{code}/"),
        "finder's page": finder_looks(client, unit, chip, "/u/{code}/found/"),
        "finder's thread": finder_looks(client, unit, chip, "/found/{thread}/"),
        "links to the history": owner_looks(unit, chip, "history/share"),
        "shared history": history_shared(client, unit, chip),
        "purchase": owner_looks(unit, chip, "purchase"),
        "words for a present": lambda: lambda: client.get(f"/u/{unit.public_code}/gift/"),
        "owner's chip tap": registering(unit, "form", "tap", chip=chip),
        "owner's first chip tap of a day": registering(unit, "form", "a day later", "tap", chip=chip),
        "the code's page": registering(unit, "form", "code's page"),
        "the code": registering(unit, "form", "code"),
        "finishing": registering(unit, "form", "code", "finish"),
        "certificate": certified(client, unit, "/"),
        "certificate as PDF": certified(client, unit, ".pdf"),
        "outbox": lambda: lambda: answered(client.get("/outbox/", headers={"host": "localhost"})),
        "find": get("/find/"),
        "find how to tap": get("/find/how-to-tap/"),
        "find with a wrong serial": lambda: lambda: client.post("/find/", {**typed, "serial": "NOPE"}),
        "find with the right serial": lambda: lambda: client.post("/find/", {**typed, "serial": unit.serial}),
        "find at a brand": get("/find/acme/"),
        "houses that give codes": get("/find/no-code/"),
        "form for a code": asking(unit, form_only=True),
        "asking for a code": asking(unit),
        "the mail with the request": asking(unit, then="/find/acme/no-code/sent/"),
        "a request for a code": asking(unit, then="/request/{code}/"),
        "sheet with the code": get(f"/u/{unit.public_code}/code/"),
        "sheet with the code as PDF": get(f"/u/{unit.public_code}/code.pdf"),
        "form for a release": releasing(client, chip, unit, "form"),
        "the letter with the release": releasing(client, chip, unit, "sent"),
        "a request for release": releasing(client, chip, unit, "case"),
        "address confirmed by link": vouched(unit, "/confirm/{token}/"),
        "a new address by link": vouched(unit, "/recover/{code}/"),
        "what I agreed to": of_my_own(unit, "/me/consents/"),
        "my data": of_my_own(unit, "/me/data/"),
        "being forgotten": of_my_own(unit, "/me/forget/{owner}/"),
        "one click in a mail": of_my_own(unit, "/consents/{token}/"),
        "my points": with_points(unit, "/me/points/"),
        "a reward": with_points(unit, "/me/points/{owner}/{reward}/"),
        "a reward that I have": with_points(unit, "/me/points/had/{had}/"),
        "unit page that thanks its owner": with_points(unit, "/u/{code}/"),
        "my people": sharing(unit, "/me/people/"),
        "a group of mine": sharing(unit, "/me/people/{group}/"),
        "one of a group": sharing(unit, "/me/people/{group}/people/{other}/"),
        "things to take out of a group": sharing(unit, "/me/people/{group}/take/"),
        "an invitation": sharing(unit, "/invitation/{code}/"),
        "a fleet": sharing(unit, "/me/fleet/{group}/"),
        "a fleet as CSV": sharing(unit, "/me/fleet/{group}/units.csv"),
        "form for many units": sharing(unit, "/me/fleet/{group}/register/"),
        "what a fleet passes on": sharing(unit, "/me/fleet/{group}/offers/"),
        "the way in": get("/me/enter/"),
        "the way in: the code": coming_back("ask", "code's page"),
        "the way in: entered": coming_back("ask", "code", "entered"),
        "my things": registering(unit, "form", "my things", chip=chip),
        "my details": registering(unit, "form", "my details", chip=chip),
        "question for a new passkey": coming_back("ask", "code", "entered", "new passkey"),
        "question for a passkey": get("/me/enter/passkey/"),
        "leaving": registering(unit, "form", "leaving", chip=chip),
        "letting go": registering(unit, "form", "letting go", chip=chip),
        "no such page": get("/nothing/here"),
        "front door": get("/"),
        "alive": get("/health/live"),
    }


class Counter:
    """Counts what reaches the driver."""

    def __init__(self):
        self.statements: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")):
            self.statements.append(sql)
        return execute(sql, params, many, context)


def give_history(unit, chip, rows: int) -> None:
    for number in range(rows):
        record_scan(
            NewScan(
                at=NOW - dt.timedelta(days=rows - number), brand_id=unit.brand_id, unit_id=unit.pk,
                tag_id=chip.tag.pk, counter=None, verdict="identified", stage="discovery",
                visitor=f"{number:032x}", locale="en", country="FR",
            )
        )  # fmt: skip
    record_events(
        [NewEvent(EventKind.FLAG_RAISED, unit.brand_id, NOW, unit_id=unit.pk) for _row in range(rows)],
        now=NOW,
    )


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("what", TABLE)
def test_the_statements_of(client, chip, unit, what, rows):
    give_history(unit, chip, rows)
    prepare = requests(client, chip, unit)[what]
    prepare()()  # warms what is kept in the process
    request, counter = prepare(), Counter()
    with connection.execute_wrapper(counter):
        request()
    assert len(counter.statements) == TABLE[what].here, "\n".join(counter.statements)


def test_every_address_of_the_public_stands_in_the_table():
    """A new public page needs a line."""
    from django.urls import URLPattern, get_resolver

    lines = {
        "gs1resolver": "resolver description", "model_page": "page of a model",
        "home": "front door", "chip_tap": "chip tap", "chip_tap_of_unit": "chip tap by code",
        "qr_tap": "printed code", "digital_link": "digital link",
        "unit_home": "unit page", "unit_section": "section care", "find": "find", "find_help": "find how to tap",
        "find_brand": "find at a brand", "no_code": "houses that give codes", "ask_identity": "form for a code",
        "ask_release": "form for a release", "release_sent": "the letter with the release",
        "release": "a request for release",
        "identity_sent": "the mail with the request", "identity_request": "a request for a code",
        "code_sheet": "sheet with the code", "code_sheet_pdf": "sheet with the code as PDF",
        "health_live": "alive", "register": "registration form",
        "privacy": "privacy notice", "welcome": "welcome", "address": "the address", "confirm": "the code's page",
        "transfer": "what is passed on", "transfer_link": "link of an offer",
        "transfer_proof": "what shows an offered piece",
        "lost": "search that goes on", "lost_thread": "thread with a finder", "found": "finder's page",
        "found_thread": "finder's thread", "share_history": "links to the history", "purchase": "purchase",
        "shared_history": "shared history", "gift": "words for a present",
        "registered": "finishing", "certificate": "certificate", "certificate_pdf": "certificate as PDF",
        "confirm_by_link": "address confirmed by link", "recover": "a new address by link",
        "outbox": "outbox", "me_consents": "what I agreed to", "me_data": "my data", "me_forget": "being forgotten",
        "unsubscribe": "one click in a mail",
        "me": "my things", "me_enter": "the way in", "me_enter_code": "the way in: the code",
        "me_entered": "the way in: entered", "me_details": "my details", "me_leave": "leaving",
        "me_passkey_options": "question for a new passkey", "me_enter_passkey": "question for a passkey",
        "let_go": "letting go",
        "me_points": "my points", "me_reward": "a reward", "me_taken": "a reward that I have",
        "me_people": "my people", "me_group": "a group of mine", "me_group_member": "one of a group",
        "me_group_act": "things to take out of a group", "invitation": "an invitation", "fleet": "a fleet",
        "fleet_csv": "a fleet as CSV", "fleet_register": "form for many units",
        "fleet_offers": "what a fleet passes on",
    }  # fmt: skip
    # Pages for staff and machines, files, a probe that asks the database, and forms' answers.
    elsewhere = {
        "me_owner",
        "me_new_address",
        "me_address_code",
        "me_old_address",
        "me_forget_browser",
        "me_passkeys",
        "me_old_passkey",
        "fleet_transfer",
        "me_data_file",
        "me_keep",
        "picture",
        "health_ready",
        "its_mine",
        "send_again",
        "outbox_mail",
        "lost_ended",
        "transfer_cancel",
        "transfer_accept",
        "transfer_code",
        "history_link_taken_back",
        "purchase_proof_removed",
        "gift_taken_back",
        "bounces",
    }
    public = {
        pattern.name
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLPattern) and pattern.callback.__module__.startswith("experiences")
    }
    assert public - elsewhere <= set(lines)
    assert set(lines.values()) <= set(TABLE)


def test_a_forged_link_writes_nothing_however_often(client, chip):
    """P5: no database statement per forged tap."""
    link = f"/t/acme-a?picc_data={'0' * 32}&cmac={'0' * 16}"
    client.get(link)
    counter = Counter()
    with connection.execute_wrapper(counter):
        for _time in range(50):
            assert client.get(link).status_code == 400
    assert counter.statements == []
    assert not ForgedLinkCount.objects.exists()
