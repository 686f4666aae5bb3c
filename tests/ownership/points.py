"""A programme, its rules and rewards, and owners who take part: what tests of points start from."""

import datetime as dt
import itertools

from allauth.account.models import EmailAddress

from ownership.models import LoyaltyEntry, LoyaltyProgramme, LoyaltyRule, Owner, Reward
from ownership.services.loyalty import add_codes, award_by_hand, read_codes
from tests import factories

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
_keys = itertools.count(1)


def ago(days: float, now: dt.datetime = NOW) -> dt.datetime:
    return now - dt.timedelta(days=days)


def key() -> str:
    return f"{next(_keys):032x}"


def programme(brand) -> LoyaltyProgramme:
    made, _new = LoyaltyProgramme.objects.get_or_create(
        brand=brand,
        defaults={"names": {"en": "The Circle", "fr": "Le Cercle"}, "points_words": {"en": "marks", "fr": "marques"}},
    )  # fmt: skip
    return made


def confirmed(owner: Owner) -> Owner:
    """Give the owner a person whose address is confirmed."""
    owner.person = owner.person or factories.PersonFactory()
    owner.save()
    EmailAddress.objects.create(
        user=owner.person, email=owner.email or f"owner-{owner.pk}@example.com", verified=True, primary=True
    )
    return owner


def rule(brand, basis: str = "tenure", **values) -> LoyaltyRule:
    """Make a rule: of an event (a registration), a tenure (a year) or use (60 days, 5 with a tap)."""
    of_basis = {
        "event": {"event_kind": "registration.confirmed"},
        "tenure": {"months": 12},
        "use": {"use_days": 60, "use_taps": 5},
    }[basis]
    programme(brand)
    return LoyaltyRule.objects.create(
        **{
            "brand": brand, "basis": basis, "names": {"en": f"For {basis}", "fr": f"Pour {basis}"},
            "thanks": {"en": "Thank you for keeping it well."}, "points": 200, "starts_at": ago(3650),
            **of_basis, **values,
        }
    )  # fmt: skip


def reward(brand, *codes: str, **values) -> Reward:
    """Make a reward of 100 points with these codes."""
    programme(brand)
    made = Reward.objects.create(
        **{
            "brand": brand,
            "kind": "code",
            "names": {"en": "A belt", "fr": "Une ceinture"},
            "cost": 100,
            **values,
        }
    )
    if codes:
        add_codes(reward=made, lines=read_codes("\n".join(codes).encode()).lines, now=NOW)
    return made


def reading(brand, **values) -> Reward:
    """Make a reward to read."""
    content = {"content": {"en": "How the sole is **sewn**."}}
    return reward(brand, **{"kind": "content", "names": {"en": "The last and the awl"}, **content, **values})


def give(
    owner, points: int, *, now: dt.datetime = NOW, expires_at: dt.datetime | None = None
) -> LoyaltyEntry:
    programme(owner.brand)
    return award_by_hand(
        owner_id=owner.pk, points=points, reason="A kindness", submission_key=key(), actor_id=None, now=now,
        expires_at=expires_at,
    )  # fmt: skip


def balance(owner) -> int:
    owner.refresh_from_db()
    account = getattr(owner, "loyalty_account", None)
    if account is None:
        return 0
    account.refresh_from_db()
    return account.balance
