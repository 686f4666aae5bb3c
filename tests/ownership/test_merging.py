"""G2: two owner rows that are the same human become one, with all that both had."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress

from analytics.models import Event, UnitFacts
from experiences.models import Message
from ownership.errors import OwnershipError
from ownership.models import (
    BulkRequest,
    Consent,
    ConsentWording,
    DataRequest,
    Invitation,
    LoyaltyAccount,
    LoyaltyEntry,
    Member,
    Owner,
    Ownership,
    Recovery,
    Redemption,
    Registration,
    ReleaseRequest,
    Reward,
)
from ownership.models.recoveries import IdentityShown
from ownership.services.merging import merge_owners, relations_to_owner
from tests import factories

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
MAKERS = {}
_number = iter(range(10_000))


def names(label):
    """Register what makes a row of the model that names this owner, with everything else the same."""

    def register(maker):
        MAKERS[label] = maker
        return maker

    return register


@names("ownership.Ownership.owner")
def _ownership(owner, acme):
    unit = factories.UnitFactory(product=factories.ProductFactory(brand=acme, category__brand=acme))
    factories.own(unit, owner, NOW)
    return Ownership.objects.get(unit=unit)


@names("ownership.Member.owner")
def _member(owner, acme):
    person, _made = factories.Person.objects.get_or_create(username="member-of-both")
    return Member.objects.create(owner=owner, person=person, role="member", since=NOW)


@names("ownership.Invitation.owner")
def _invitation(owner, acme):
    return Invitation.objects.create(
        owner=owner, email="new@example.com", locale="en", sent_at=NOW, expires_at=NOW + dt.timedelta(days=7)
    )


@names("ownership.BulkRequest.owner")
def _bulk(owner, acme):
    return BulkRequest.objects.create(
        brand=acme, owner=owner, rows=1, sent_at=NOW, submission_key=f"{next(_number):064x}"
    )


@names("ownership.Consent.owner")
def _consent(owner, acme):
    wording, _made = ConsentWording.objects.get_or_create(
        brand=acme, purpose="marketing", version=1, defaults={"texts": {"en": "Write to me."}}
    )
    return Consent.objects.create(owner=owner, wording=wording, locale="en", channel="me", given_at=NOW)


@names("ownership.DataRequest.owner")
def _data_request(owner, acme):
    return DataRequest.objects.create(brand=acme, owner=owner, kind="export", asked_at=NOW, due_at=NOW)


@names("ownership.LoyaltyAccount.owner")
def _account(owner, acme):
    return LoyaltyAccount.objects.create(owner=owner, balance=50)


def _line(owner, points=50, kind="award"):
    return LoyaltyEntry.objects.create(
        owner=owner, kind=kind, points=points, reason="Welcome", dedupe_key=f"n:{next(_number)}", at=NOW
    )


@names("ownership.LoyaltyEntry.owner")
def _entry(owner, acme):
    return _line(owner)


@names("ownership.Redemption.owner")
def _redemption(owner, acme):
    reward = Reward.objects.create(brand=acme, kind="content", names={"en": "A film"}, cost=10)
    line = _line(owner, -10, "redemption")
    return Redemption.objects.create(
        owner=owner, reward=reward, entry=line, submission_key=f"{next(_number):064x}", at=NOW
    )


def _unit(acme):
    return factories.UnitFactory(product=factories.ProductFactory(brand=acme, category__brand=acme))


@names("ownership.Registration.owner")
def _registration(owner, acme):
    return Registration.objects.create(
        brand=acme, unit=_unit(acme), owner=owner, submission_key=f"{next(_number):032x}", proof="code",
        state="pending", contact_kind="email", contact="a@example.com", locale="en", created_at=NOW,
    )  # fmt: skip


@names("ownership.Recovery.owner")
def _recovery(owner, acme):
    return Recovery.objects.create(
        brand=acme, owner=owner, contact_kind="email", contact="new@example.com", shown="purchase",
        reason="Receipt", locale="en", asked_by_id=1, asked_at=NOW, expires_at=NOW + dt.timedelta(days=3),
    )  # fmt: skip


@names("ownership.ReleaseRequest.claimant")
def _release(owner, acme):
    other = factories.OwnerFactory(brand=acme, name="Somebody else")
    return ReleaseRequest.objects.create(
        brand=acme, unit=_unit(acme), ownership=_ownership(other, acme), claimant=owner, ground="given",
        proof="holding", state="unconfirmed", contact_kind="email", contact="a@example.com", locale="en",
        submission_key=f"{next(_number):064x}", sent_at=NOW,
    )  # fmt: skip


@names("experiences.Message.owner")
def _message(owner, acme):
    return Message.objects.create(
        brand=acme, owner=owner, kind="owner_link", locale="en", dedupe_key=f"m:{next(_number)}",
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip


def _label(relation):
    model = relation.related_model
    return f"{model._meta.app_label}.{model.__name__}.{relation.field.name}"


def merge(kept, gone, **extra):
    return merge_owners(kept_id=kept.pk, gone_id=gone.pk, now=NOW, actor_id=7, **extra)


def test_every_foreign_key_to_an_owner_has_a_row_here():
    """G2: whoever adds a table that names an owner says here what merging makes of it."""
    assert sorted(MAKERS) == sorted(_label(relation) for relation in relations_to_owner())


@pytest.mark.parametrize("label", sorted(MAKERS))
def test_what_either_had_is_the_kept_owners_and_nothing_names_the_other(label, acme, alice, bob):
    """G2: both have one, which is where a rule of “one per owner” would be broken."""
    MAKERS[label](alice, acme)
    MAKERS[label](bob, acme)
    merge(alice, bob)
    for relation in relations_to_owner():
        rows = relation.related_model._base_manager.filter(**{relation.field.name: bob.pk})
        assert not rows.exists(), _label(relation)
    relation = next(field for field in relations_to_owner() if _label(field) == label)
    assert relation.related_model._base_manager.filter(**{relation.field.name: alice}).exists()
    assert not Owner.objects.filter(pk=bob.pk).exists()


@pytest.mark.parametrize("label", sorted(MAKERS))
def test_what_only_the_other_had_is_not_lost(label, acme, alice, bob):
    MAKERS[label](bob, acme)
    relation = next(field for field in relations_to_owner() if _label(field) == label)
    before = relation.related_model._base_manager.count()
    merge(alice, bob)
    assert relation.related_model._base_manager.filter(**{relation.field.name: alice}).exists()
    assert relation.related_model._base_manager.count() == before


def test_units_points_and_gaps_add_up(acme, alice, bob, unit):
    factories.own(unit, bob, NOW)
    LoyaltyAccount.objects.create(owner=alice, balance=30)
    LoyaltyAccount.objects.create(owner=bob, balance=12)
    Owner.objects.filter(pk=bob.pk).update(phone="+33612345678")
    kept = merge(alice, bob)
    assert UnitFacts.objects.get(unit=unit).owner_id == alice.pk
    assert LoyaltyAccount.objects.get(owner=alice).balance == 42
    assert (kept.name, kept.email, kept.phone) == ("Alice Archer", "alice@example.com", "+33612345678")


def test_what_a_rule_gave_to_one_is_not_given_again(alice, bob):
    line = LoyaltyEntry.objects.create(
        owner=bob, kind="award", points=5, reason="Rule", dedupe_key=f"rule:3:{bob.pk}:9", at=NOW
    )
    merge(alice, bob)
    line.refresh_from_db()
    assert line.dedupe_key == f"rule:3:{alice.pk}:9"


def test_a_rule_with_the_number_of_an_owner_is_no_owner(alice, bob):
    line = LoyaltyEntry.objects.create(
        owner=bob, kind="award", points=5, reason="Rule", dedupe_key=f"rule:{bob.pk}:{bob.pk}:9", at=NOW
    )
    merge(alice, bob)
    line.refresh_from_db()
    assert line.dedupe_key == f"rule:{bob.pk}:{alice.pk}:9"


def test_the_ledger_tells_which_number_became_which(alice, bob):
    merge(alice, bob)
    event = Event.objects.get(kind="owner.merged")
    assert (event.owner_id, event.actor_id) == (alice.pk, 7)
    assert event.data == {"from": bob.pk, "to": alice.pk, "shown": ""}


def person(owner, email):
    who = factories.PersonFactory()
    EmailAddress.objects.create(user=who, email=email, verified=True, primary=True)
    Owner.objects.filter(pk=owner.pk).update(person=who)
    return who


def test_two_confirmed_people_are_refused_unless_an_agent_says_how_they_showed_it(alice, bob):
    person(alice, "alice@example.com")
    person(bob, "bob@example.com")
    with pytest.raises(OwnershipError) as refused:
        merge(alice, bob)
    assert refused.value.code == "two_people"
    assert Owner.objects.filter(pk=bob.pk).exists()
    assert merge(alice, bob, shown=IdentityShown.DOCUMENT).pk == alice.pk


def test_the_only_confirmed_log_in_stays_whichever_row_does(alice, bob):
    Owner.objects.filter(pk=alice.pk).update(person=factories.PersonFactory())
    confirmed = person(bob, "bob@example.com")
    assert merge(alice, bob).person == confirmed


def test_a_code_to_the_others_unconfirmed_address_does_not_hand_the_owner_over(acme, alice, bob):
    """The address that somebody typed once must not open what the merged owner has."""
    own = person(alice, "alice@example.com")
    stranger = factories.PersonFactory()
    Owner.objects.filter(pk=bob.pk).update(person=stranger)
    waiting = _registration(bob, acme)
    Registration.objects.filter(pk=waiting.pk).update(person=stranger, proof="holding", state="owned")
    assert merge(alice, bob).person == own
    waiting.refresh_from_db()
    assert (waiting.person, waiting.state) == (own, "confirmed")


def test_never_across_brands_nor_kinds_nor_with_oneself_nor_what_is_gone(alice, bob, globex):
    rival = factories.OwnerFactory(brand=globex)
    house = factories.OwnerFactory(brand=alice.brand, kind="household")
    for other, code in (
        (rival, "other_brand"),
        (house, "kinds"),
        (alice, "same"),
        (Owner(pk=987654), "gone"),
    ):
        with pytest.raises(OwnershipError) as refused:
            merge(alice, other)
        assert refused.value.code == code
    assert Owner.objects.filter(pk__in=(alice.pk, rival.pk, house.pk)).count() == 3


def test_who_waits_to_be_forgotten_is_not_merged(acme, alice, bob):
    DataRequest.objects.create(brand=acme, owner=bob, kind="erasure", asked_at=NOW, due_at=NOW)
    with pytest.raises(OwnershipError) as refused:
        merge(alice, bob)
    assert refused.value.code == "erasing"
