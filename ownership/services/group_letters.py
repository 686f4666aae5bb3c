"""To whom letters of a household or an organisation go, and which private links answer for it, as its people change."""

from allauth.account.models import EmailAddress

from ownership.models import Owner, ReleaseRequest
from ownership.models.owners import MemberRole
from products.codes import new_public_code
from products.models import Person, PhoneNumber


def pass_letters_on(group: Owner, person: Person) -> None:
    """`person` looks after the locked group no longer: what went to an address of theirs goes to who does.

    That is whoever looks after it longest and has a confirmed address; where nobody has one, nobody is written to,
    and a request for release goes to staff. An address that nobody of its people had stays: staff wrote it down.
    """
    renew_owner_codes(group)
    if not goes_to(group, addresses_of(person, group.brand_id)):
        return
    write_to(group, **_address_of_who_looks_after(group, but=person))


def write_to(group: Owner, *, email: str, phone: str, locale: str = "") -> None:
    """Let letters about the group's things go there from now on."""
    group.email, group.phone, group.bounced_at = email, phone, None
    group.locale = locale or group.locale
    group.save(update_fields=["email", "phone", "bounced_at", "locale"])


def renew_owner_codes(owner: Owner) -> None:
    """Make the private links void that letters about open requests have told; the owner's own pages lead to the new."""
    for release in ReleaseRequest.objects.open().filter(ownership__owner=owner).only("pk"):
        ReleaseRequest.objects.filter(pk=release.pk).update(owner_code=new_public_code())


def goes_to(group: Owner, addresses: set[str]) -> bool:
    """Whether letters of the group go to one of these (in small letters)."""
    return bool({group.email.lower(), group.phone} & addresses)


def addresses_of(person: Person, brand_id: int) -> set[str]:
    """Return every address of the person, confirmed or not, and where the brand writes to them, in small letters."""
    found = [
        *EmailAddress.objects.filter(user=person).values_list("email", flat=True),
        *PhoneNumber.objects.filter(person=person).values_list("number", flat=True),
    ]
    for pair in Owner.objects.filter(person=person, brand=brand_id).values_list("email", "phone"):
        found += pair
    return {address.lower() for address in found if address}


def _address_of_who_looks_after(group: Owner, *, but: Person) -> dict[str, str]:
    admins = group.members.filter(role=MemberRole.ADMIN).exclude(person=but)
    for member in admins.select_related("person").order_by("since", "pk"):
        emails = EmailAddress.objects.filter(user=member.person, verified=True).order_by("-primary", "pk")
        if email := emails.values_list("email", flat=True).first():
            return {"email": email, "phone": "", "locale": member.person.locale}
        numbers = PhoneNumber.objects.filter(person=member.person).confirmed().order_by("pk")
        if number := numbers.values_list("number", flat=True).first():
            return {"email": "", "phone": number, "locale": member.person.locale}
    return {"email": "", "phone": ""}
