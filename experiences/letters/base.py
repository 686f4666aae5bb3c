"""What every kind of letter has to say of itself: to whom it goes, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass

from experiences.mail import Letter
from experiences.models import Message
from ownership.models import Owner


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: by mail where there is an e-mail address, else as a text message."""

    email: str = ""
    phone: str = ""


class CannotReach(Exception):  # noqa: N818 - a state of affairs, not a fault of ours
    """There is nobody to send it to, for the reason that `Message.problem` keeps."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Source:
    """Of one kind of message: its address and its letter as things stand when it is sent.

    Both raise CannotReach where it is not to be sent any more.
    """

    address: Callable[[Message], Address]
    letter: Callable[[Message], Letter]


def owner_address(owner: Owner | None) -> Address:
    """Return where the brand writes to the owner: an e-mail address that bounced is not tried again.

    Raises CannotReach `no_address` or `bounced`.
    """
    if owner is None or not (owner.email or owner.phone):
        raise CannotReach("no_address")
    if owner.bounced_at is None:
        return Address(email=owner.email, phone=owner.phone)
    if not owner.phone:
        raise CannotReach("bounced")
    return Address(phone=owner.phone)


def to_its_owner(message: Message) -> Address:
    """The owner whom the message names."""
    return owner_address(message.owner)


def to_owner_of_that_time(message: Message) -> Address:
    """The owner of the message's ownership, while it lasts."""
    if message.ownership is None or message.ownership.until is not None:
        raise CannotReach("not_owner_now")
    return owner_address(message.ownership.owner)
