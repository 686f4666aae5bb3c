"""allauth's forms that begin with an address: an address opens only what it was confirmed for."""

from typing import Any

from allauth.account.forms import RequestLoginCodeForm, ResetPasswordForm
from allauth.account.models import EmailAddress

from products.models import Person


def may_log_in_by(person: Person, email: str) -> bool:
    """Whether a message to the address may let somebody in as this person.

    A person made by an unconfirmed registration is remembered in the browser of whoever typed the
    address. Were the address confirmed for that person elsewhere, that browser would be its reader's too.
    """
    confirmed = EmailAddress.objects.filter(user=person, email__iexact=email, verified=True)
    return person.is_staff or confirmed.exists()


class LoginCodeForm(RequestLoginCodeForm):
    """An address that is not confirmed gets the same answer as one that nobody knows."""

    _user: Any = None

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self._user and not may_log_in_by(self._user, email):
            self._user = None
        return email


class PasswordForm(ResetPasswordForm):
    """The same: no password for somebody whose address is not confirmed."""

    users: Any = None

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [person for person in self.users if may_log_in_by(person, email)]
        return email
