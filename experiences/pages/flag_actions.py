"""What an open matter asks to be done first, by whoever looks: a verb with its result, and where it is done."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.kinds import Flag
from experiences.tap import Tap

Doing = tuple[str, str]  # the label and the address


def flag_action(tap: Tap, flag: Flag) -> Doing:
    """Return what the leading flag offers to this viewer."""
    return DOINGS[flag](tap)


def _ask(label: Callable[[], str]) -> Callable[[Tap], Doing]:
    def doing(tap: Tap) -> Doing:
        help_url = reverse("unit_section", args=[tap.row.public_code, "help"])
        return label() % {"brand": tap.brand.name}, help_url

    return doing


def _missed(label: Callable[[], str]) -> Callable[[Tap], Doing]:
    def doing(tap: Tap) -> Doing:
        if tap.row.viewer_is_owner:
            return _("Your search for it"), reverse("lost", args=[tap.row.public_code])
        return label(), reverse("found", args=[tap.row.public_code])

    return doing


def _disputed(tap: Tap) -> Doing:
    if tap.row.viewer_is_owner:
        return _("Tell your side"), reverse("ask_release", args=[tap.row.public_code])
    return _ask(lambda: _("Ask %(brand)s about it"))(tap)


def _changing_hands(tap: Tap) -> Doing:
    """A transfer waits for whoever takes it over; a release for the owner's answer."""
    mine, code = tap.row.viewer_is_owner, tap.row.public_code
    if tap.row.offered == "return":
        label = _("See how you return it") if mine else _("See how it is returned")
        return label, reverse("transfer", args=[code])
    if tap.row.offered == "desk":
        return _("See how far it is"), reverse("transfer", args=[code])
    if tap.row.offered:
        label = _("See how you pass it on") if mine else _("Accept it, it becomes yours")
        return label, reverse("transfer", args=[code])
    if mine:
        return _("Answer the request"), reverse("ask_release", args=[code])
    return _ask(lambda: _("Ask %(brand)s about the transfer"))(tap)


DOINGS: dict[Flag, Callable[[Tap], Doing]] = {
    Flag.RECALL: _ask(lambda: _("Get the remedy from %(brand)s")),
    Flag.STOLEN: _missed(lambda: _("Send word to its owner")),
    Flag.LOST: _missed(lambda: _("Tell its owner that you found it")),
    Flag.DISPUTE: _disputed,
    Flag.CLAIM: _ask(lambda: _("Ask %(brand)s about the claim")),
    Flag.SERVICE: _ask(lambda: _("Ask %(brand)s about the appointment")),
    Flag.TRANSFER: _changing_hands,
}
