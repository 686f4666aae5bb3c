"""Open matters, in words for whoever holds the unit."""

from django.utils.translation import gettext as _

from analytics.kinds import Flag


def own_flag_words(flag: Flag) -> tuple[str, str] | None:
    """Return what an open matter means to the owner, where that is something else."""
    return {
        Flag.STOLEN: (
            _("You reported it stolen"),
            _("Everybody who opens its page reads that it is not for sale, and can write to you."),
        ),
        Flag.LOST: (
            _("You are looking for it"),
            _("Everybody who opens its page can write to you without learning who you are."),
        ),
    }.get(flag)


def flag_words(flag: Flag, brand: str) -> tuple[str, str]:
    """Return what an open matter means to whoever holds the unit, and what to do now."""
    return {
        Flag.RECALL: (
            _("Safety notice: stop using it for now"),
            _("%(brand)s has recalled this very unit. Ask for the remedy; it costs you nothing.")
            % {"brand": brand},
        ),
        **_missed_words(brand),
        Flag.DISPUTE: (
            _("Its ownership is being clarified"),
            _("Two parties say that it is theirs. Until %(brand)s has decided, it can't be passed on.")
            % {"brand": brand},
        ),
        Flag.CLAIM: (
            _("A claim is open"),
            _("%(brand)s is working on it. Ask for the state of things at any time.") % {"brand": brand},
        ),
        Flag.SERVICE: (
            _("Service is booked"),
            _("An appointment for this unit is booked with %(brand)s.") % {"brand": brand},
        ),
        Flag.TRANSFER: (
            _("A change of owner is open"),
            _("This unit is being passed on. Until that is done it stays with its present owner."),
        ),
    }[flag]


def desk_words(brand: str) -> tuple[str, str]:
    """Return what a change of owner means while staff look at who takes the unit over."""
    return (
        _("%(brand)s looks at who takes it over") % {"brand": brand},
        _(
            "Its owner passes it on, and somebody has shown that they have it. Until that is decided it stays with its"
            " present owner."
        ),
    )


def _missed_words(brand: str) -> dict[Flag, tuple[str, str]]:
    return {
        Flag.STOLEN: (
            _("Reported stolen, not for sale"),
            _(
                "Its owner reported it stolen. If it was offered to you, do not buy it. Write to its owner instead:"
                " %(brand)s passes it on and names neither of you."
            )
            % {"brand": brand},
        ),
        Flag.LOST: (
            _("Its owner is looking for it"),
            _(
                "It is not for sale. Have you found it? Thank you. Write to its owner:"
                " %(brand)s passes it on and names neither of you."
            )
            % {"brand": brand},
        ),
    }
