"""Points in the brand's own words, and what an owner has, had and can have for them. Reads only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from experiences.me import Me
from ownership.models import (
    ConsentWording,
    LoyaltyEntry,
    LoyaltyProgramme,
    LoyaltyRule,
    Owner,
    Purpose,
    Redemption,
    Reward,
)
from ownership.models.loyalty import RewardKind
from products.fields import in_language


@dataclass(frozen=True, slots=True)
class Purse:
    """All that one owner's page of points shows, as rows."""

    owner: Owner
    programme: LoyaltyProgramme
    takes_part: bool
    asks_for_a_yes: bool  # the brand has words that one agrees to
    may_spend: bool
    lines: list[LoyaltyEntry] = field(default_factory=list)  # the newest first
    rules: list[LoyaltyRule] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)  # each with `codes_left`
    taken: list[Redemption] = field(default_factory=list)

    @property
    def balance(self) -> int:
        return sum(line.points for line in self.lines)


def amount(points: int, words: dict[str, str], locale: str, fallback: str = "en") -> str:
    """Return a number of points with the brand's word for them, like “200 marks”."""
    number = number_format(points, use_l10n=True, force_grouping=True)
    return f"{number}\N{NO-BREAK SPACE}{in_language(words, locale, fallback) or _('points')}"


def purses_of(me: Me, owners: Iterable[Owner]) -> list[Purse]:
    """Return what these owners have, at brands with a programme; as many statements for one owner as for many."""
    by_id = {owner.pk: owner for owner in owners}
    brands = {owner.brand_id for owner in by_id.values()}
    programmes = {one.brand_id: one for one in LoyaltyProgramme.objects.filter(brand__in=brands)}
    shown = [owner for owner in by_id.values() if owner.brand_id in programmes]
    if not shown:
        return []
    ids = [owner.pk for owner in shown]
    partakers = set(Owner.objects.filter(pk__in=ids).taking_part().values_list("pk", flat=True))
    words = ConsentWording.objects.filter(brand__in=programmes, purpose=Purpose.LOYALTY)
    asking = set(words.values_list("brand", flat=True).distinct().order_by())
    may_spend = _looked_after(me, shown)
    purses = {
        owner.pk: Purse(
            owner, programmes[owner.brand_id], owner.pk in partakers, owner.brand_id in asking, owner.pk in may_spend
        )
        for owner in shown
    }  # fmt: skip
    _fill(purses)
    return [purse for purse in purses.values() if purse.owner.person_id or purse.lines or purse.rules]


def offered_rewards() -> Any:
    """Return the rewards that are offered, each with how many codes are left."""
    left = Count("codes", filter=Q(codes__used_at__isnull=True))
    return Reward.objects.filter(is_active=True).annotate(codes_left=left).order_by("brand", "position", "pk")


def is_left(reward: Reward) -> bool:
    """Whether the reward can be given to somebody now; `codes_left` is what `offered_rewards` counted."""
    return reward.kind == RewardKind.CONTENT or bool(getattr(reward, "codes_left", 0))


def _looked_after(me: Me, owners: list[Owner]) -> set[int]:
    """Return whose points these people may spend: a member who only uses the things of a house may not."""
    own = {person.pk for person in me.people}
    mine = {owner.pk for owner in owners if owner.person_id in own}
    groups = Owner.objects.filter(
        pk__in=[owner.pk for owner in owners], members__person__in=own, members__role="admin"
    )
    return mine | set(groups.values_list("pk", flat=True))


def _fill(purses: dict[int, Purse]) -> None:
    lines = LoyaltyEntry.objects.filter(owner__in=purses).select_related(
        "rule", "redemption__reward", "reverses__rule", "reverses__redemption__reward"
    )
    for line in lines.order_by("-pk"):
        purses[line.owner_id].lines.append(line)
    taken = Redemption.objects.filter(owner__in=purses, reversed_at=None).select_related("reward", "code")
    for one in taken.order_by("-pk"):
        purses[one.owner_id].taken.append(one)
    brands = {purse.owner.brand_id for purse in purses.values()}
    rules: dict[int, list[LoyaltyRule]] = defaultdict(list)
    for rule in LoyaltyRule.objects.filter(brand__in=brands, is_active=True).order_by("pk"):
        rules[rule.brand_id].append(rule)
    rewards: dict[int, list[Reward]] = defaultdict(list)
    for reward in offered_rewards().filter(brand__in=brands):
        rewards[reward.brand_id].append(reward)
    for purse in purses.values():
        is_person = purse.owner.kind == "person"
        purse.rules.extend(rule for rule in rules[purse.owner.brand_id] if is_person or rule.for_several)
        purse.rewards.extend(rewards[purse.owner.brand_id])
