"""The demo's staff: people of each brand's console, with a password and a second factor each."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher, identify_hasher

from experiences.demo.houses import HOUSES
from experiences.demo.seeds import digest, staff_password, staff_totp_secret
from products.encryption import WrongFieldKeyError
from products.models import Brand, Person, StaffMembership

OPERATOR = "operator"
ROLES = {
    "admin": "brand_admin",
    "agent": "support_agent",
    "editor": "content_editor",
    "service": "service_manager",
    "compliance": "compliance",
    "analyst": "analyst",
}
# Demo passwords have 120 random bits, so there is nothing to stretch; the first log-in raises this to the default.
ITERATIONS = 20_000


@dataclass(frozen=True, slots=True)
class StaffLogin:
    username: str
    password: str
    totp_secret: str
    role: str
    brand: str | None

    def as_json(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def staff_logins(seed: str) -> list[StaffLogin]:
    """Return the log-ins of this installation's demo: the operator, and each brand's staff."""
    rows: list[tuple[str, str, str | None]] = [(OPERATOR, "operator", None)]
    rows += [(f"{house.slug}-{name}", role, house.slug) for house in HOUSES for name, role in ROLES.items()]
    return [
        StaffLogin(name, staff_password(seed, name), staff_totp_secret(seed, name), role, brand)
        for name, role, brand in rows
    ]


def load_staff(seed: str) -> int:
    """Make the staff, and put right what no longer fits their log-ins; return how many were made."""
    brands = {brand.slug: brand for brand in Brand.objects.filter(slug__in=[h.slug for h in HOUSES])}
    return sum(_load_person(login, brands.get(login.brand or ""), seed) for login in staff_logins(seed))


def _load_person(login: StaffLogin, brand: Brand | None, seed: str) -> bool:
    email = f"{login.username}@{brand.slug if brand else 'heirloom'}.example"
    is_operator = login.username == OPERATOR
    person, made = Person.objects.get_or_create(
        username=login.username,
        defaults={"email": email, "is_staff": True, "is_superuser": is_operator, "locale": "en"},
    )
    if not _fits(login.password, person.password):
        salt = digest(seed, "salt", login.username).hex()[:22]
        person.password = PBKDF2PasswordHasher().encode(login.password, salt, ITERATIONS)
        person.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=person, email=email, defaults={"verified": True, "primary": True})
    _load_totp(person, login.totp_secret)
    if brand:
        StaffMembership.objects.get_or_create(brand=brand, person=person, role=login.role)
    return made


def _fits(password: str, encoded: str) -> bool:
    """Compare without what Django's `check_password` does besides: storing a slower hash, taking longer."""
    try:
        return bool(identify_hasher(encoded).verify(password, encoded))
    except ValueError:  # no password, or one of an unknown kind
        return False


def _load_totp(person: Person, secret: str) -> None:
    found = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if found is None:
        data = {"secret": get_adapter().encrypt(secret)}
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data=data)
    elif _read_secret(found) != secret:
        found.data = {**found.data, "secret": get_adapter().encrypt(secret)}
        found.save(update_fields=["data"])


def _read_secret(authenticator: Authenticator) -> str:
    try:
        return str(get_adapter().decrypt(authenticator.data["secret"]))
    except WrongFieldKeyError:
        return ""
