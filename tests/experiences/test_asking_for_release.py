"""C5, A9: whoever holds a unit that is registered to somebody else asks for its release."""

import datetime as dt

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analytics.kinds import EventKind
from analytics.models import Event, UnitFacts
from experiences.models import Message
from ownership.models import Evidence, LossReport, Owner, ReleaseRequest, Transfer
from ownership.services.releases.evidence import forget_old_releases
from products.models import PrivateFile
from products.services.files import delete_expired_files, open_private_file
from tests import factories
from tests.experiences.conftest import ago
from tests.experiences.releasing import (
    ALICE,
    CARL,
    WORDS,
    Browser,
    ask_path,
    asked,
    link_to,
    opened,
    owners_path,
    photo,
    picture,
    reachable,
)
from tests.reading import main_attributes, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Browser(headers={"accept-language": "en"})


@pytest.fixture
def alices(unit, alice):
    """Alice's bag, with a printed code only."""
    factories.own(unit, reachable(alice), ago(100))
    return unit


def test_whoever_holds_it_asks_and_only_the_owner_is_written_to(client, alices, chip):
    """C5: with a chip, holding is enough; nothing is open before the address is confirmed."""
    client.get(chip.tap())
    page = client.get(ask_path(alices))
    assert main_attributes(page)["section"] == "release"
    assert asked(client, alices).url == ask_path(alices) + "sent/"
    assert CARL in text_of(client.get(ask_path(alices) + "sent/"))
    assert [sent.to for sent in mail.outbox] == [[CARL]]
    assert not Event.objects.filter(kind=EventKind.RELEASE_ASKED).exists()
    assert not UnitFacts.objects.get(unit=alices).transfer
    path = link_to(CARL)
    assert main_attributes(client.get(path))["state"] == "unconfirmed"  # opening the link alone does nothing
    client.post(path, {"do": "confirm"})
    release = ReleaseRequest.objects.get()
    assert (release.state, release.proof) == ("asked", "holding")
    assert [sent.to for sent in mail.outbox] == [[CARL], [ALICE]]
    assert UnitFacts.objects.get(unit=alices).transfer
    assert main_attributes(client.get(f"/u/{alices.public_code}/"))["flags"] == "transfer"


def test_the_owner_learns_what_is_said_and_never_by_whom(client, alices, chip):
    """C5."""
    client.get(chip.tap())
    release, path = opened(client, alices)
    told = mail.outbox[-1].subject + mail.outbox[-1].body + str(mail.outbox[-1].alternatives[0][0])
    owners_page = text_of(client.get(owners_path(release)))
    assert "bought it second-hand" in told
    assert "bought it second-hand" in owners_page
    for secret in (CARL, "Carl", WORDS):
        assert secret not in told
        assert secret not in owners_page
    assert "lice" not in text_of(client.get(path))


def test_the_ledger_holds_numbers_only(client, alices):
    release, _path = opened(client, alices, evidence=photo())
    event = Event.objects.get(kind=EventKind.RELEASE_ASKED)
    assert event.data == {
        "release": release.pk, "ground": "bought_used", "proof": "code", "claimant": release.claimant_id,
    }  # fmt: skip
    assert event.owner_id == release.ownership.owner_id


def test_with_a_printed_code_only_a_proof_is_asked_for(client, alices):
    """A9: the code can be copied, so a file stands behind the request; without it nothing typed is lost."""
    refused = asked(client, alices)
    assert refused.status_code == 400
    assert "a picture of the piece, or its receipt" in text_of(refused)
    assert WORDS in refused.content.decode()
    assert CARL in refused.content.decode()
    release, _path = opened(client, alices, evidence=photo())
    assert (release.state, release.proof) == ("asked", "code")


def test_with_a_chip_the_phone_is_held_to_it_first(client, alices, chip):
    """The trust ladder: asking needs holding; what was typed waits on the page for the tap."""
    page = client.get(ask_path(alices))
    assert "Hold your phone to its tag first" in text_of(page)
    assert "<form id" not in page.content.decode()
    late = asked(client, alices)
    assert late.status_code == 409
    assert WORDS in late.content.decode()
    assert not ReleaseRequest.objects.exists()
    client.get(chip.tap())
    assert asked(client, alices).status_code == 302


def test_an_owner_whom_nobody_can_reach_is_not_waited_for(client, unit, alice):
    """C5: no confirmed address, so the desk has it at once; whoever typed that address hears nothing."""
    factories.own(unit, alice, ago(100))
    release, path = opened(client, unit, evidence=photo())
    assert release.state == "desk"
    facts = UnitFacts.objects.get(unit=unit)
    assert facts.dispute
    assert facts.transfer
    assert {tuple(sent.to) for sent in mail.outbox} == {(CARL,)}
    assert "could not be reached" in text_of(client.get(path))


def test_an_owner_whose_mail_comes_back_is_not_waited_for(client, alices, alice):
    Owner.objects.filter(pk=alice.pk).update(bounced_at=timezone.now())
    release, _path = opened(client, alices, evidence=photo())
    assert release.state == "desk"


def test_the_same_form_twice_is_one_request(client, alices):
    key = "a" * 32
    for _again in range(2):
        assert asked(client, alices, submission_key=key, evidence=photo()).status_code == 302
    assert ReleaseRequest.objects.count() == Evidence.objects.count() == 1
    first, second = link_to(CARL, 0), link_to(CARL, 1)
    assert first == second
    for _again in range(2):
        assert client.post(first, {"do": "confirm"}).status_code == 302
    assert Event.objects.filter(kind=EventKind.RELEASE_ASKED).count() == 1
    assert Message.objects.filter(kind="release_asked").count() == 1


def test_a_second_claimant_is_told_kindly(client, alices):
    """Two claimants: the first one's request is open, and nothing about it is told."""
    waiting = asked(client, alices, contact="dora@example.net", evidence=photo())
    assert waiting.status_code == 302
    opened(client, alices, evidence=photo())
    late = client.post(link_to("dora@example.net"), {"do": "confirm"})
    assert late.status_code == 409
    assert "Somebody has asked for its release already" in text_of(late)
    third = asked(
        Browser(headers={"accept-language": "en"}), alices, contact="eve@example.net", evidence=photo()
    )
    assert "Somebody has asked for its release already" in text_of(third)
    assert CARL not in text_of(third) + text_of(late)
    assert ReleaseRequest.objects.open().count() == 1


def test_a_transfer_stands_before_a_release(client, alices, alice):
    opened_transfer(alices, alice)
    page = client.get(ask_path(alices))
    assert "Its owner is passing it on just now" in text_of(page)
    assert asked(client, alices, evidence=photo()).status_code == 200
    assert not ReleaseRequest.objects.exists()


def opened_transfer(unit, owner) -> Transfer:
    from products.codes import new_public_code

    now = timezone.now()
    values = {
        "unit": unit, "ownership": unit.ownerships.get(), "kind": "sale", "started_at": now,
        "expires_at": now + dt.timedelta(days=14),
    }  # fmt: skip
    names = {field.name for field in Transfer._meta.fields}
    more = {"brand": unit.brand, "locale": "en", "submission_key": new_public_code()}
    return Transfer.objects.create(**values, **{key: value for key, value in more.items() if key in names})


def test_what_its_owner_is_looking_for_is_not_released(client, alices):
    """A reported loss comes first: the finder's words go to the owner."""
    LossReport.objects.create(
        brand=alices.brand, unit=alices, ownership=alices.ownerships.get(), kind="stolen", reported_at=timezone.now(),
        **({"submission_key": "a" * 64} if hasattr(LossReport, "submission_key") else {}),
    )  # fmt: skip
    assert "Its owner is looking for it" in text_of(client.get(ask_path(alices)))
    asked(client, alices, evidence=photo())
    assert not ReleaseRequest.objects.exists()


def test_it_is_mine_now_is_offered_quietly(client, alices, chip):
    """C5: the way in, on the unit's own page."""
    page = client.get(chip.tap())
    assert f'href="{ask_path(alices)}">It is mine now' in page.content.decode()


def test_nobody_asks_for_what_is_nobodys_or_at_its_end(client, unit, alice):
    page = client.get(ask_path(unit))
    assert f"/u/{unit.public_code}/register/" in page.content.decode()
    factories.own(unit, alice, ago(10))
    unit.status, unit.retired_on = "recycled", timezone.now().date()
    unit.save()
    assert "has ended" in text_of(client.get(ask_path(unit)))
    assert asked(client, unit, evidence=photo()).status_code == 200
    assert not ReleaseRequest.objects.exists()


def test_the_owner_cannot_ask_themselves(client, alices):
    """The answer to the form is the same for every address; only who opens the mail learns whose it is."""
    assert asked(client, alices, contact=ALICE, evidence=photo()).status_code == 302
    own = client.post(link_to(ALICE), {"do": "confirm"})
    assert own.status_code == 409
    assert "registered to you already" in text_of(own)
    assert not ReleaseRequest.objects.open().exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"ground": "stolen by me"},
        {"ground": ""},
        {"contact": "\u0430lice@example.com"},  # a Cyrillic a
        {"contact": "nobody"},
        {"contact": ""},
        {"statement": "nul\0byte"},
        {"statement": "x" * 2001},
        {"name": "x" * 121},
        {"name": "right\u202eleft"},
        {"submission_key": "../../etc/passwd"},
        {"evidence": SimpleUploadedFile("empty.jpg", b"", "image/jpeg")},
        {"evidence": SimpleUploadedFile("x.jpg", b"<html><script>1</script></html>", "image/jpeg")},
        {"evidence": SimpleUploadedFile("x.pdf", b"%PDF-1.7 and no end", "application/pdf")},
        {"evidence": [photo(f"#88442{number}") for number in range(6)]},
    ],
    ids=lambda typed: next(iter(typed)),
)
def test_bad_input_gets_a_sentence_and_loses_nothing(client, alices, typed):
    values = {"evidence": photo(), **typed}
    answer = asked(client, alices, **values)
    assert answer.status_code == 400
    if next(iter(typed)) != "submission_key":
        assert 'class="error"' in answer.content.decode()
    if "statement" not in typed:
        assert WORDS in answer.content.decode()
    assert not ReleaseRequest.objects.exists()
    assert not PrivateFile.objects.exists()


def test_forty_megabytes_are_refused_in_words(client, alices):
    huge = SimpleUploadedFile("huge.jpg", picture() + b"\0" * (40 * 1024 * 1024), "image/jpeg")
    answer = asked(client, alices, evidence=huge)
    assert answer.status_code == 400
    assert "MB" in text_of(answer)
    assert not PrivateFile.objects.exists()


def test_evidence_is_drawn_anew_and_kept_apart(client, alices):
    """Nothing of the sender's file is kept but its picture; its name is ours."""
    opened(client, alices, evidence=photo(name="Carl Carlson, my flat.jpg"))
    file = Evidence.objects.get().file
    assert (file.purpose, file.content_type, file.original_name) == (
        "evidence",
        "image/webp",
        "evidence.webp",
    )
    assert open_private_file(file).read(4) == b"RIFF"


def test_what_nobody_confirms_is_forgotten_after_a_week(client, alices):
    asked(client, alices, evidence=photo())
    file = PrivateFile.objects.get()
    week = timezone.now() + dt.timedelta(days=7, minutes=1)
    assert forget_old_releases(now=week - dt.timedelta(hours=1)) == 0
    assert forget_old_releases(now=week) == 1
    assert not ReleaseRequest.objects.exists()
    delete_expired_files(now=week)
    assert not PrivateFile.objects.filter(pk=file.pk).exists()


def test_a_script_is_stopped(client, alices):
    answers = [asked(client, alices, evidence=photo()).status_code for _again in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_telephone_gets_the_private_link_by_text_message(client, alices):
    from products.models import PhoneNumber

    answer = asked(client, alices, contact="+33 6 12 34 56 78", evidence=photo())
    assert answer.status_code == 302
    release = ReleaseRequest.objects.get()
    assert Message.objects.get(kind="release_confirm").state == "sent"
    client.post(f"/release/{release.code}/", {"do": "confirm"})
    release.refresh_from_db()
    assert release.claimant.phone == "+33612345678"
    assert PhoneNumber.objects.confirmed().filter(person=release.claimant.person).exists()


def test_a_made_up_code_opens_nothing(client, alices):
    opened(client, alices, evidence=photo())
    assert client.get("/release/AAAAAAAAAAAA/").status_code == 404
    assert client.post("/release/AAAAAAAAAAAA/", {"do": "approve"}).status_code == 404
