"""Which addresses are a person's beyond doubt: only rows with these are theirs without naming them."""

from allauth.account.models import EmailAddress

from products.models import Person, PhoneNumber


def confirmed_addresses(person: Person | None) -> list[str]:
    """Return the e-mail addresses (small letters) and telephone numbers whose codes the person entered."""
    if person is None:
        return []
    emails = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    numbers = PhoneNumber.objects.confirmed().filter(person=person).values_list("number", flat=True)
    return [*(email.lower() for email in emails), *numbers]
