"""Fictional owners: who a key of the demo stands for."""

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress

from experiences.demo.seeds import dice, digest
from experiences.demo.spec import BrandSpec
from products.models import Person

UNCONFIRMED = "unconfirmed-"  # keys of owners who never entered the code sent to their address

FIRST_NAMES = (
    "Claire", "Hugo", "Inès", "Jonas", "Mila", "Oscar", "Nora", "Théo", "Louise", "Emil", "Greta", "Malik",
    "Anouk", "Rasmus", "Salomé", "Tomasz", "Ada", "Bastien", "Camille", "Dario", "Esther", "Felix", "Hanne",
    "Ivo", "Jeanne", "Karim", "Lotte", "Marius", "Noémie", "Odile", "Paul", "Rosa", "Simon", "Tessa", "Victor",
)  # fmt: skip
LAST_NAMES = (
    "Amberlin", "Brisetour", "Castorel", "Dorvane", "Elmsworth", "Fauvel-Roy", "Grenholt", "Hasselbrook",
    "Ingelmann", "Jaspery", "Kestermann", "Lavergnac", "Morvillard", "Nettleforth", "Ottenburg", "Pellistre",
    "Quillenbach", "Rosendael", "Sternfeldt", "Tavernoux", "Ullenbeck", "Valcourbe", "Wexmoor", "Zellinger",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoOwner:
    kind: str
    name: str
    email: str
    phone: str
    locale: str


def email_of(brand: BrandSpec, key: str) -> str:
    """Return the address by which the owner of this key is found again."""
    return f"{key}@{brand.slug}-owners.example"


def owner_of(seed: str, brand: BrandSpec, key: str) -> DemoOwner:
    """Return the person or organisation behind the key; telephone numbers are of ranges kept for fiction."""
    roll = dice(seed, "owner", brand.slug, key)
    locale = roll.choice(("en", "fr"))
    if key.startswith("organisation-"):
        name = brand.organisations[int(key.rpartition("-")[2])]
        return DemoOwner("organisation", name, email_of(brand, key), _phone(roll.randrange(1000)), locale)
    name = f"{roll.choice(FIRST_NAMES)} {roll.choice(LAST_NAMES)}"
    phone = _phone(roll.randrange(1000)) if roll.random() < 0.4 else ""
    return DemoOwner("person", name, email_of(brand, key), phone, locale)


def persons_for(
    seed: str,
    brand: BrandSpec,
    owners: dict[str, DemoOwner],
    since: dict[str, dt.datetime],
    confirmed: set[str],
) -> dict[str, Person]:
    """Make the people behind these owners, who log in with the code sent to their address; return them by key."""
    persons = {key: _person(seed, brand, key, owner, since[key]) for key, owner in owners.items()}
    Person.objects.bulk_create(persons.values())
    EmailAddress.objects.bulk_create(
        EmailAddress(user=persons[key], email=owner.email, primary=True, verified=key in confirmed)
        for key, owner in owners.items()
    )
    return persons


def _person(seed: str, brand: BrandSpec, key: str, owner: DemoOwner, since: dt.datetime) -> Person:
    secret = digest(seed, "person", brand.slug, key).hex()
    return Person(
        username=f"p-{secret[:32]}",
        password=f"!{secret[:40]}",  # begins with what no password's hash begins with: none fits
        locale=owner.locale,
        date_joined=since,
    )


def _phone(number: int) -> str:
    """Return a British mobile number of Ofcom's range for drama (07700 900000 to 900999)."""
    return f"+44 7700 900{number:03d}"
