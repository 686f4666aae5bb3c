"""What a unit's owner can do with it, beside what its page leads with: pass it on, share its history, miss it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from experiences.tap import Tap


def build_yours(tap: Tap) -> dict[str, Any] | None:
    """Return the ways of the owner who looks; None for everybody else, and once its life has ended."""
    if not tap.row.viewer_is_owner or tap.row.status != "active":
        return None
    missed = tap.row.lost or tap.row.stolen
    passing = _("See how you pass it on") if tap.row.offered else _("Pass it on")
    ways = [
        (passing, "transfer"),
        (_("Share its history with a buyer"), "share_history"),
        (_("When and where you bought it"), "purchase"),
        (_("Your search for it") if missed else _("Report it lost or stolen"), "lost"),
        (_("I no longer have it"), "let_go"),
    ]
    of_this_one = [(label, reverse(name, args=[tap.row.public_code])) for label, name in ways]
    return {"ways": [*of_this_one, (_("My things"), reverse("me"))]}
