"""The houses' programmes: each in its own words, with two rules and two rewards, and owners who have points already."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from experiences.demo.seeds import digest
from experiences.demo.spec import BrandSpec, Texts, t
from experiences.models import DemoLoad
from ownership.models import LoyaltyAccount, LoyaltyProgramme, LoyaltyRule, Reward
from ownership.models.loyalty import RewardKind, RuleBasis
from ownership.services.loyalty import add_codes, read_codes, redeem_reward, run_loyalty
from products.models import Brand
from products.services.brands import touch_content

ROUNDS = (400, 200, 60, 0)  # days before the history's end on which points were given
CODES = 40
EXCHANGES = 3  # owners who have exchanged points already


@dataclass(frozen=True)
class ProgrammeSpec:
    """A programme: its words, what a registration and time or use earn, a reward with codes, and one to read."""

    name: Texts
    points: Texts
    welcome: Texts
    welcome_thanks: Texts
    milestone: Texts
    milestone_thanks: Texts
    milestone_is: dict[str, object]
    code: Texts
    code_body: Texts
    story: Texts
    story_body: Texts
    story_content: Texts


PROGRAMMES = {
    "corvane": ProgrammeSpec(
        name=t("The Corvane Patina", "La Patine Corvane"),
        points=t("marks", "marques"),
        welcome=t("Entered in the house's book", "Inscrite au livre de la maison"),
        welcome_thanks=t("Its page in our book bears your name now.", "Sa page dans notre livre porte désormais votre nom."),
        milestone=t("A year of patina", "Une année de patine"),
        milestone_thanks=t("A year shows on leather, and it becomes it.", "Une année se lit sur le cuir, et lui va bien."),
        milestone_is={"basis": RuleBasis.TENURE, "months": 12},
        code=t("A conditioning by the workshop", "Un soin du cuir par l'atelier"),
        code_body=t("Show the code at any of our counters.", "Présentez le code à l'un de nos comptoirs."),
        story=t("The last bench on the left", "Le dernier établi à gauche"),
        story_body=t("A short account from the workshop.", "Un court récit de l'atelier."),
        story_content=t(
            "Two needles, one thread, and *nothing hurried*. The saddle stitch holds even when one side of it breaks.",
            "Deux aiguilles, un fil, et *rien de pressé*. Le point sellier tient même lorsqu'un côté cède.",
        ),
    ),
    "ysolde": ProgrammeSpec(
        name=t("Ysolde Ritual", "Le Rituel Ysolde"),
        points=t("drops", "gouttes"),
        welcome=t("The first evening", "Le premier soir"),
        welcome_thanks=t("A routine begins with one evening.", "Un rituel commence par un soir."),
        milestone=t("Sixty days of care", "Soixante jours de soin"),
        milestone_thanks=t("Skin renews itself in about that time.", "La peau se renouvelle à peu près en ce temps."),
        milestone_is={"basis": RuleBasis.USE, "use_days": 60, "use_taps": 5},
        code=t("A travel flask", "Un flacon de voyage"),
        code_body=t("Enter the code with your next order.", "Saisissez le code lors de votre prochaine commande."),
        story=t("Notes from the laboratory", "Carnet du laboratoire"),
        story_body=t("Why less is often enough.", "Pourquoi moins suffit souvent."),
        story_content=t(
            "Three drops, warmed between the palms, spread further than ten from the pipette.",
            "Trois gouttes, réchauffées entre les paumes, s'étendent mieux que dix au compte-gouttes.",
        ),
    ),
    "kronfeldt": ProgrammeSpec(
        name=t("Kronfeldt Hours", "Heures Kronfeldt"),
        points=t("hours", "heures"),
        welcome=t("Machine registered", "Machine enregistrée"),
        welcome_thanks=t("Spare parts for it are kept for fifteen years.", "Ses pièces sont conservées quinze ans."),
        milestone=t("Half a year at work", "Six mois de service"),
        milestone_thanks=t("A machine in use is a machine kept well.", "Une machine qui sert est une machine entretenue."),
        milestone_is={"basis": RuleBasis.TENURE, "months": 6},
        code=t("A set of blades", "Un jeu de lames"),
        code_body=t("Enter the code when you order parts.", "Saisissez le code en commandant des pièces."),
        story=t("How we test to failure", "Comment nous testons jusqu'à la rupture"),
        story_body=t("From the test bench.", "Depuis le banc d'essai."),
        story_content=t(
            "Every hundredth motor runs until it stops. What stops it is what we change.",
            "Un moteur sur cent tourne jusqu'à l'arrêt. Ce qui l'arrête, nous le changeons.",
        ),
    ),
}  # fmt: skip


@transaction.atomic
def load_loyalty(house: BrandSpec, load: DemoLoad, now: dt.datetime) -> None:
    """Set the programme up and give what its rules promise; a programme that is there already is left alone."""
    brand = Brand.objects.get(slug=house.slug)
    if LoyaltyProgramme.objects.filter(brand=brand).exists():
        return
    midnight = min(dt.datetime.combine(load.anchor, dt.time(), dt.UTC), now)
    spec = PROGRAMMES[house.slug]
    LoyaltyProgramme.objects.create(brand=brand, names=spec.name, points_words=spec.points)
    _write_rules(brand, spec, midnight)
    rewards = _write_rewards(brand, spec, load.seed, midnight)
    for days in ROUNDS:
        run_loyalty(brand_id=brand.pk, now=midnight - dt.timedelta(days=days))
    _exchange(brand, rewards, load.seed, midnight)
    touch_content(brand.pk)


def _write_rules(brand: Brand, spec: ProgrammeSpec, midnight: dt.datetime) -> None:
    starts_at = midnight - dt.timedelta(days=3 * 365)
    LoyaltyRule.objects.create(
        brand=brand, names=spec.welcome, thanks=spec.welcome_thanks, basis=RuleBasis.EVENT,
        event_kind="registration.confirmed", points=100, repeats=True, cap_per_year=500, starts_at=starts_at,
    )  # fmt: skip
    LoyaltyRule.objects.create(
        brand=brand, names=spec.milestone, thanks=spec.milestone_thanks, points=200, expires_months=24,
        starts_at=starts_at, **spec.milestone_is,
    )  # fmt: skip


def _write_rewards(brand: Brand, spec: ProgrammeSpec, seed: str, now: dt.datetime) -> list[Reward]:
    with_code = Reward.objects.create(
        brand=brand, kind=RewardKind.CODE, names=spec.code, bodies=spec.code_body, cost=250, position=1
    )
    to_read = Reward.objects.create(
        brand=brand, kind=RewardKind.CONTENT, names=spec.story, bodies=spec.story_body, content=spec.story_content,
        cost=80, position=2,
    )  # fmt: skip
    codes = [digest(seed, "reward", brand.slug, number).hex()[:10].upper() for number in range(CODES)]
    add_codes(reward=with_code, lines=read_codes("\n".join(codes).encode()).lines, now=now)
    return [with_code, to_read]


def _exchange(brand: Brand, rewards: list[Reward], seed: str, now: dt.datetime) -> None:
    """Let the richest exchange for what they can pay."""
    richest = LoyaltyAccount.objects.filter(owner__brand=brand).order_by("-balance", "owner_id")[:EXCHANGES]
    for account in richest:
        reward = next((one for one in rewards if one.cost <= account.balance), None)
        if reward is not None:
            key = digest(seed, "exchange", brand.slug, account.owner_id).hex()[:32]
            redeem_reward(
                owner_id=account.owner_id, reward_id=reward.pk, submission_key=key, actor_id=None, now=now
            )
