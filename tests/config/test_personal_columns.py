"""C9: every column of the data map, filled with a value of its own, is handed over, and forgotten, or says why not.

The values are planted by the map: a new column is searched for without a word here, and a new table asks for a row.
"""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.test import Client
from django.utils import timezone

from config.data_map import HOLDINGS
from experiences.data_rights import sections, steps
from experiences.models import Message
from ownership.models import (
    BulkRequest,
    Consent,
    ConsentWording,
    DataRequest,
    Evidence,
    FinderMessage,
    FinderThread,
    Gift,
    IdentityRequest,
    Invitation,
    LossReport,
    LoyaltyEntry,
    Member,
    Owner,
    Ownership,
    Purchase,
    Recovery,
    Redemption,
    Registration,
    ReleaseRequest,
    RewardCode,
    Transfer,
)
from ownership.models.losses import Sender
from ownership.models.owners import Acquired
from ownership.models.releases import Side
from ownership.services import hand_over
from ownership.services.data_rights.erasure import erase_owner
from ownership.services.data_rights.export import write_archive
from products.models import Device, Person, PhoneNumber, PrivateFile
from products.services.files import store_private_file
from tests import factories
from tests.ownership import points
from tests.ownership.test_data_requests import traces_of

pytestmark = pytest.mark.django_db

IN_THE_FILE = b"%PDF-1.7 Ada Lund %%EOF"

# Columns by which rows are found to be the person's: they hold the person's own address or number.
ADDRESSES = {
    ("ownership.owner", "email"), ("account.emailaddress", "email"), ("ownership.registration", "contact"),
    ("ownership.releaserequest", "contact"), ("ownership.identityrequest", "email"), ("ownership.finderthread", "email"),
}  # fmt: skip
NUMBERS = {("ownership.owner", "phone"), ("products.phonenumber", "number")}
# Random keys that tell one sending from its repetition, and hashes: they say nothing and lead nowhere.
KEYS = {"submission_key", "dedupe_key", "digest"}
# Sealed, or encoded: what stands there is planted in its own way below.
SEALED = {
    ("mfa.authenticator", "data"),
    ("sessions.session", "session_data"),
    ("products.person", "password"),
}

NOT_HANDED_OVER = {
    ("products.person", "username"): "random for owners",
    ("products.person", "first_name"): "staff's",
    ("products.person", "last_name"): "staff's",
    ("products.person", "email"): "staff's; an owner's addresses stand in a table of their own",
    ("products.person", "locale"): "staff's; an owner's language stands in the owner's row",
    ("products.privatefile", "original_name"): "the file itself is handed over",
    ("ownership.gift", "words"): "another person's words",
    ("ownership.transfer", "recipient"): "another person's address",
    ("ownership.datarequest", "problem"): "the name of a hindrance, of a fixed list",
}
# What the erasure leaves, for it says nothing of anybody once the row leads to nobody. (A reward's code is
# encrypted, so that no search finds it; it was handed out and stays used.)
LEFT = {
    ("ownership.consent", "proof"): "the row stays as proof",
    ("ownership.datarequest", "problem"): "the name of a hindrance, of a fixed list",
    ("ownership.identityrequest", "serial"): "the thing's, not the person's",
}


@dataclass(frozen=True)
class Planted:
    """A value that one column of one row holds, and no other."""

    model: str
    column: str
    value: str


class Life:
    """Somebody at Acme: a row of theirs in every table that the data map lists. `after`: who had the unit first."""

    def __init__(self, brand, bag, name="ada", after: "Life | None" = None):
        self.name, self.address = name, f"{name}@person.example"
        self.number = "+33698765433" if after else "+33698765432"
        self.brand, self.now = brand, timezone.now()
        self.later = self.now + dt.timedelta(days=9)
        self.person = factories.PersonFactory()
        self.owner = Owner.objects.create(brand=brand, kind="person", person=self.person)
        self.unit = after.unit if after else factories.UnitFactory(product=bag)
        since = self.now - dt.timedelta(days=20 if after else 40)
        if after:
            hand_over(unit=self.unit, owner=self.owner, acquired=Acquired.TRANSFER, now=since)
        else:
            factories.own(self.unit, self.owner, since)
        self.owned = Ownership.objects.get(unit=self.unit, until=None)
        other = factories.OwnerFactory(brand=brand, name="Somebody else")
        self.others = factories.own(
            factories.UnitFactory(product=bag), other, self.now - dt.timedelta(days=9)
        )
        self.wording, _made = ConsentWording.objects.get_or_create(
            brand=brand, purpose="marketing", version=1, defaults={"texts": {"en": "News"}}
        )
        self.company = Owner.objects.create(brand=brand, kind="organisation", name="Hotel")

    def file(self, purpose: str) -> PrivateFile:
        return store_private_file(
            brand=self.brand, purpose=purpose, content=ContentFile(IN_THE_FILE, name="proof"), uploaded_by=self.person,
            original_name="proof.pdf", content_type="application/pdf", now=self.now,
        )  # fmt: skip

    def key(self) -> str:
        return points.key()

    def report(self, owned: Ownership) -> LossReport:
        return LossReport.objects.create(
            brand=self.brand,
            unit=owned.unit,
            ownership=owned,
            kind="lost",
            reported_at=self.now,
            ended_at=self.now,
        )

    def thread(self, owned: Ownership) -> FinderThread:
        return FinderThread.objects.create(
            report=self.report(owned), locale="en", submission_key=self.key(), begun_at=self.now
        )

    def message(self, owned: Ownership, sender: Sender) -> FinderMessage:
        thread = self.thread(owned)
        if sender is Sender.FINDER:
            FinderThread.objects.filter(pk=thread.pk).update(email=self.address)
        return FinderMessage.objects.create(thread=thread, sender=sender, words="-", sent_at=self.now)

    def case(self, owned: Ownership, side: Side) -> ReleaseRequest:
        """A case that this side lost first, and appealed."""
        made = ReleaseRequest.objects.create(
            brand=self.brand, unit=owned.unit, ownership=owned, ground="given", proof="code", state="kept",
            claimant=self.owner if side is Side.CLAIMANT else None, contact_kind="email", contact="b@example.com",
            locale="en", submission_key=self.key(), sent_at=self.now, confirmed_at=self.now, ended_at=self.now,
        )  # fmt: skip
        won = Side.OWNER if side is Side.CLAIMANT else Side.CLAIMANT
        made.decisions.create(instance=1, for_side=won, reason="-", decided_by_id=1, decided_at=self.now)
        return made

    def evidence(self, case: ReleaseRequest, side: Side) -> Evidence:
        return Evidence.objects.create(
            request=case, side=side, file=self.file("evidence"), digest=self.key(), sent_at=self.now
        )

    def entry(self, **values: Any) -> LoyaltyEntry:
        return LoyaltyEntry.objects.create(
            **{"owner": self.owner, "kind": "award", "points": 5, "dedupe_key": self.key(), "reason": "-",
               "at": self.now, **values}
        )  # fmt: skip

    def code(self) -> RewardCode:
        reward = points.reward(self.brand)
        spent = self.entry(kind="redemption", points=-1)
        taken = Redemption.objects.create(
            owner=self.owner, reward=reward, entry=spent, submission_key=self.key(), at=self.now
        )
        return RewardCode.objects.create(
            reward=reward, code="-", digest=self.key(), added_at=self.now, redemption=taken, used_at=self.now
        )


CLAIMS = ("name", "contact", "locale", "statement", "appeal")
# A row of hers in each table with words in it, and which of its columns are hers; None: all that the map names.
ROWS: dict[str, Callable[[Life], list[tuple[models.Model, tuple[str, ...] | None]]]] = {
    "ownership.owner": lambda ada: [(ada.owner, None)],
    "products.person": lambda ada: [(ada.person, None)],
    "account.emailaddress": lambda ada: [
        (EmailAddress.objects.create(user=ada.person, email="-", verified=True, primary=True), None)
    ],
    "products.phonenumber": lambda ada: [
        (PhoneNumber.objects.create(person=ada.person, number="-", verified_at=ada.now), None)
    ],
    "ownership.registration": lambda ada: [(Registration.objects.create(
        brand=ada.brand, unit=ada.unit, owner=ada.owner, person=ada.person, ownership=ada.owned, proof="code",
        submission_key=ada.key(), state="confirmed", contact_kind="email", locale="en", created_at=ada.now,
        confirmed_at=ada.now, wording=ada.wording,
    ), None)],
    "ownership.purchase": lambda ada: [(Purchase.objects.create(
        ownership=ada.owned, bought_on=ada.now.date(), proof=ada.file("purchase"), entered_at=ada.now
    ), None)],
    "ownership.gift": lambda ada: [
        (Gift.objects.get_or_create(brand=ada.brand, unit=ada.unit, defaults={"left_at": ada.now})[0], None)
    ],
    "ownership.transfer": lambda ada: [(Transfer.objects.create(
        brand=ada.brand, unit=ada.unit, ownership=ada.owned, kind="sale", state="expired", started_at=ada.now,
        expires_at=ada.later, settled_at=ada.now,
    ), None)],
    "ownership.releaserequest": lambda ada: [
        (ada.case(ada.others, Side.CLAIMANT), CLAIMS), (ada.case(ada.owned, Side.OWNER), ("answer", "appeal")),
    ],
    "ownership.evidence": lambda ada: [
        (ada.evidence(ada.case(ada.others, Side.CLAIMANT), Side.CLAIMANT), None),
        (ada.evidence(ada.case(ada.owned, Side.OWNER), Side.OWNER), None),
    ],
    "ownership.recovery": lambda ada: [(Recovery.objects.create(
        brand=ada.brand, owner=ada.owner, contact_kind="email", shown="purchase", reason="-", locale="en",
        asked_by_id=1, asked_at=ada.now, expires_at=ada.later,
    ), None)],
    "ownership.lossreport": lambda ada: [(ada.report(ada.owned), None)],
    "ownership.finderthread": lambda ada: [
        (ada.message(ada.others, Sender.FINDER).thread, None),
    ],
    "ownership.findermessage": lambda ada: [
        (ada.message(ada.others, Sender.FINDER), None), (ada.message(ada.owned, Sender.OWNER), None),
    ],
    "ownership.identityrequest": lambda ada: [(IdentityRequest.objects.create(
        brand=ada.brand, product=ada.unit.product, locale="en", submission_key=ada.key(), state="refused",
        sent_at=ada.now, confirmed_at=ada.now, decided_at=ada.now, proof=ada.file("identity_proof"),
    ), None)],
    "ownership.invitation": lambda ada: [(Invitation.objects.create(
        owner=ada.company, email=ada.address, locale="en", sent_at=ada.now, expires_at=ada.later
    ), ("locale",))],
    "ownership.consent": lambda ada: [(Consent.objects.create(
        owner=ada.owner, wording=ada.wording, locale="en", channel="me", given_at=ada.now, confirmed_at=ada.now
    ), None)],
    "ownership.datarequest": lambda ada: [(DataRequest.objects.create(
        brand=ada.brand, owner=ada.owner, kind="export", state="failed", asked_at=ada.now, due_at=ada.now,
        ended_at=ada.now,
    ), None)],
    "ownership.loyaltyentry": lambda ada: [(ada.entry(), None)],
    "ownership.rewardcode": lambda ada: [(ada.code(), None)],
    "experiences.message": lambda ada: [(Message.objects.create(
        brand=ada.brand, unit=ada.unit, owner=ada.owner, kind="registered", locale="en", dedupe_key=ada.key(),
        created_at=ada.now, changed_at=ada.now,
    ), None)],
    "products.privatefile": lambda ada: [(ada.file("note"), None)],
}  # fmt: skip
# An organisation's own: the erasure of one of its people leaves it, that of the organisation takes it.
OF_A_GROUP = {"ownership.bulkrequest"}


def texts(model: str, names: tuple[str, ...]) -> list[models.Field]:
    """Return the columns of a holding that hold words."""
    fields = [apps.get_model(model)._meta.get_field(name) for name in names]
    kinds = (models.CharField, models.TextField)
    return [
        field for field in fields
        if isinstance(field, kinds) and field.name not in KEYS and (model, field.name) not in SEALED
    ]  # fmt: skip


def plant(life: Life) -> list[Planted]:
    """Fill each column of words with a value of its own, and return what was planted."""
    planted: list[Planted] = []
    for holding in HOLDINGS:
        columns = texts(holding.model, holding.fields)
        if not holding.erased_by or not columns or holding.model in OF_A_GROUP:
            continue
        assert holding.model in ROWS, f"add a row of {holding.model} to ROWS"
        missing = {field.name for field in columns}
        for row, names in ROWS[holding.model](life):
            mine = [field for field in columns if names is None or field.name in names]
            values = {
                field.name: _value_of(life, holding.model, field, len(planted) + at)
                for at, field in enumerate(mine)
            }
            type(row)._base_manager.filter(pk=row.pk).update(**values)
            planted += [Planted(holding.model, name, value) for name, value in values.items()]
            missing -= set(values)
        assert missing <= {"email"}, f"fill {missing} of {holding.model}"
    return planted


def _value_of(life: Life, model: str, field: models.Field, number: int) -> str:
    if (model, field.name) in ADDRESSES:
        return life.address
    if (model, field.name) in NUMBERS:
        return life.number
    value = f"{life.name}.{number:03d}"
    if isinstance(field, models.EmailField):
        value += "@x.example"
    assert field.max_length is None or len(value) <= field.max_length
    return value


@pytest.fixture
def ada(acme, bag) -> Life:
    return Life(acme, bag)


def test_every_value_is_handed_over_or_says_why_not(ada):
    planted = plant(ada)
    owner = Owner.objects.get(pk=ada.owner.pk)
    raw = io.BytesIO()
    write_archive(raw, owner=owner, sections=sections(), now=ada.now)
    archive = zipfile.ZipFile(raw)
    handed = json.dumps(json.loads(archive.read("data.json"))["data"], ensure_ascii=False)
    held_back = {(one.model, one.column) for one in planted if f'"{one.value}"' not in handed}
    assert held_back == set(NOT_HANDED_OVER)


def test_no_value_is_left_but_what_says_why(ada, django_capture_on_commit_callbacks):
    planted = plant(ada)
    files = [f"{file.brand_id}/{file.name}" for file in PrivateFile.objects.all()]
    assert len(files) == 5
    with django_capture_on_commit_callbacks(execute=True):
        erase_owner(owner_id=ada.owner.pk, now=timezone.now(), steps=steps())
    left = {
        (one.model, one.column) for one in planted
        if not _is_language(one) and traces_of(one.value)
    }  # fmt: skip
    assert left == set(LEFT)
    assert not any(default_storage.exists(name) for name in files)


def _is_language(one: Planted) -> bool:
    """A language names nobody: it stays where a row stays that leads to nobody."""
    return one.column == "locale" and one.model not in ("ownership.owner", "products.person")


def test_what_lets_them_in_goes_with_them(ada):
    """Second factor, browsers and visits: sealed or encoded, so no search finds them."""
    plant(ada)
    Authenticator.objects.create(user=ada.person, type="totp", data={"secret": "sealed"})
    Device.objects.create(person=ada.person, created_at=ada.now, last_used_at=ada.now)
    client = Client()
    client.force_login(ada.person)
    Member.objects.create(owner=ada.company, person=ada.person, since=ada.now)
    erase_owner(owner_id=ada.owner.pk, now=timezone.now(), steps=steps())
    assert not Person.objects.filter(pk=ada.person.pk).exists()
    of_hers = ("account.emailaddress", "products.phonenumber", "products.device", "mfa.authenticator")
    assert [label for label in (*of_hers, "sessions.session", "ownership.member") if _rows(label)] == []


def _rows(label: str) -> bool:
    return apps.get_model(label)._base_manager.exists()


def test_an_organisations_list_goes_with_the_organisation(ada, django_capture_on_commit_callbacks):
    company, now = ada.company, ada.now
    made = BulkRequest.objects.create(
        brand=ada.brand, owner=company, file=ada.file("bulk"), proof=ada.file("bulk_proof"), rows=2, state="refused",
        submission_key=ada.key(), sent_at=now, decided_at=now, reason="Ada Lund bought none of it",
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        erase_owner(owner_id=company.pk, now=timezone.now(), steps=steps())
    assert traces_of("Ada Lund") == []
    assert not PrivateFile.objects.filter(pk__in=[made.file_id, made.proof_id]).exists()


# --- Two owners of one unit ---------------------------------------------------------------------

# What the unit is now, and not what anybody did: it follows whose it is.
OF_THE_UNIT = {"analytics.unitfacts", "analytics.unitactivity"}


def test_nobody_elses_row_changes_in_any_table(ada, acme, bag, django_capture_on_commit_callbacks):
    """The one who had it first keeps every row as it stands, whatever the second did with the same unit."""
    plant(ada)
    first = {label: set(rows) for label, rows in _every_row().items()}
    second = Life(acme, bag, "bea", after=ada)
    plant(second)
    before = _every_row()
    with django_capture_on_commit_callbacks(execute=True):
        erase_owner(owner_id=second.owner.pk, now=timezone.now(), steps=steps())
    after = _every_row()
    assert traces_of(second.address) == []
    changed = {
        label for label, numbers in first.items() for number in numbers
        if after[label].get(number) != before[label][number]
    }  # fmt: skip
    assert changed - OF_THE_UNIT == set()


def _every_row() -> dict[str, dict[Any, dict[str, Any]]]:
    """Return the values of each row of each table, by its number."""
    return {
        model._meta.label_lower: {row[model._meta.pk.attname]: row for row in model._base_manager.values()}
        for model in apps.get_models()
    }
