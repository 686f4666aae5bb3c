"""A request for release in words: what became of it, what is left to do, and each step that was taken."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from analytics.kinds import EventKind
from ownership.models import ReleaseRequest
from ownership.models.releases import ReleaseGround, ReleaseState, Side

State = ReleaseState


def ground_to_owner(ground: str) -> str:
    """Return what the claimant says, as the owner reads it: no more of who that is."""
    return {
        ReleaseGround.BOUGHT_USED: _("Somebody says that they bought it second-hand."),
        ReleaseGround.BOUGHT_NEW: _("Somebody says that they bought it new."),
        ReleaseGround.GIVEN: _("Somebody says that it was given to them."),
        ReleaseGround.RECOVERED: _("Somebody says that it is theirs."),
        ReleaseGround.OFFERED: _(
            "Somebody wants to take over what you pass on, and shows that they have it."
        ),
    }[ReleaseGround(ground)]


def taker_words(state: str, house: str) -> tuple[str, str]:
    """Return title and sentence for whoever takes over what its owner offers, and has to show that they have it."""
    title, sentence = {
        State.UNCONFIRMED: (
            _("Confirm your address"),
            _("One more step: it shows that the answer reaches you. Then %(house)s looks at what you sent."),
        ),
        State.DESK: (
            _("%(house)s looks at it"),
            _(
                "A person there looks at what you sent. Until then nobody else can take it over. You get a letter."
            ),
        ),
        State.DECIDED: (
            _("It is not handed over"),
            _("The reason stands below. You can agree, or have somebody else at %(house)s look at it again."),
        ),
        State.APPEALED: _second_look(),
        State.RELEASED: _yours(),
        State.KEPT: (_("It stays with its owner"), _("The offer has ended. %(house)s can tell you more.")),
        State.WITHDRAWN: (
            _("Your request has ended"),
            _("You took it back, or its owner keeps the piece. Nothing more happens with it."),
        ),
    }[State(state)]
    return title % {"house": house}, sentence % {"house": house}


def giver_words(state: str, house: str) -> tuple[str, str]:
    """Return title and sentence for the owner whose offer somebody wants to take up."""
    title, sentence = {
        State.UNCONFIRMED: _not_yet(),
        State.DESK: (
            _("%(house)s looks at who takes it over"),
            _(
                "Somebody wants to take over what you pass on, and shows that they have it. A person at %(house)s"
                " compares what they sent; until then it stays registered to you."
            ),
        ),
        State.DECIDED: (
            _("It is not handed over"),
            _(
                "The reason stands below. Whoever wants to take it over can have somebody else at %(house)s look at it"
                " again."
            ),
        ),
        State.APPEALED: _second_look(),
        State.RELEASED: _passed_on(),
        State.KEPT: (
            _("It stays yours"),
            _("Your offer has ended, and the reason stands below. You can offer it again from its page."),
        ),
        State.WITHDRAWN: (
            _("The request has ended"),
            _("Nobody is looked at any more. Whether your offer still stands, its page says."),
        ),
    }[State(state)]
    return title % {"house": house}, sentence % {"house": house}


def state_title(release: ReleaseRequest, house: str) -> str:
    """Return in one line what the claimant waits for; a decision that can be appealed is read on its own page."""
    if release.transfer_id is not None:
        return taker_words(release.state, house)[0]
    if release.state == State.DECIDED:
        return _("There is a decision")
    return claimant_words(release.state, house, won=False)[0]


def _not_yet() -> tuple[str, str]:
    return _("Nothing to answer yet"), _("You get a letter once there is.")


def _second_look() -> tuple[str, str]:
    return _("A second look"), _(
        "Somebody at %(house)s who did not decide the first time looks at it again. That is final."
    )


def _yours() -> tuple[str, str]:
    return _("It is yours"), _(
        "It is registered to you, with its history. A code to your address opens it on any device."
    )


def _passed_on() -> tuple[str, str]:
    return _("It has a new owner"), _(
        "It is not registered to you any more. The new owner learns nothing about you."
    )


def claimant_words(state: str, house: str, *, won: bool) -> tuple[str, str]:
    """Return title and sentence of the claimant's page; `won`: the decision, where there is one, is for them."""
    title, sentence = {
        State.UNCONFIRMED: (
            _("Confirm your address"),
            _("One more step: it shows that the answer reaches you. Then %(house)s asks the owner."),
        ),
        State.ASKED: (
            _("The owner is asked"),
            _("%(house)s has written to whoever it is registered to, without saying who you are."),
        ),
        State.REFUSED: (
            _("The owner keeps it"),
            _(
                "They say that it is still theirs. If you see that differently, a person at %(house)s decides."
            ),
        ),
        State.DESK: (
            _("%(house)s looks at it"),
            _("A person there looks at what both of you have, and decides. You get a letter."),
        ),
        State.DECIDED: _decided(won),
        State.APPEALED: _second_look(),
        State.RELEASED: _yours(),
        State.KEPT: (_("It stays with its owner"), _("Your request has ended. %(house)s can tell you more.")),
        State.WITHDRAWN: (_("Your request has ended"), _("Nothing more happens with it.")),
    }[State(state)]
    return title % {"house": house}, sentence % {"house": house}


def owner_words(state: str, house: str, *, won: bool) -> tuple[str, str]:
    """Return title and sentence of the owner's page; `won`: the decision, where there is one, is for them."""
    title, sentence = {
        State.UNCONFIRMED: _not_yet(),
        State.ASKED: (
            _("Is it still yours?"),
            _("It is registered to you. You decide; whoever asks does not learn who you are."),
        ),
        State.REFUSED: (
            _("It stays with you"),
            _(
                "You said that it is still yours. Whoever asks may have %(house)s decide; you would hear of it."
            ),
        ),
        State.DESK: (
            _("%(house)s looks at it"),
            _("A person there looks at what both of you have, and decides. Your side counts: add it here."),
        ),
        State.DECIDED: _decided(won),
        State.APPEALED: _second_look(),
        State.RELEASED: _passed_on(),
        State.KEPT: (_("It stays yours"), _("The request has ended. For you nothing changes.")),
        State.WITHDRAWN: (_("The request has ended"), _("Nothing is left to answer.")),
    }[State(state)]
    return title % {"house": house}, sentence % {"house": house}


def _decided(won: bool) -> tuple[str, str]:
    if won:
        return _("Decided for you"), _(
            "It holds once the time for an appeal is over, or sooner if the other side agrees."
        )
    return _("Decided for the other side"), _(
        "You can agree, or have somebody else at %(house)s look at it again."
    )


def step_words(kind: str, data: Mapping[str, Any], side: Side, *, offered: bool = False) -> str:
    """Return one step of the ledger as this side reads it; '' for what is not for its eyes.

    `offered`: nobody is at odds, for its owner offers it.
    """
    is_owner = side is Side.OWNER
    match kind:
        case EventKind.RELEASE_ASKED if offered:
            return _("Somebody showed that they have it") if is_owner else _("You showed that you have it")
        case EventKind.RELEASE_DECIDED if offered:
            won = data.get("side") == Side.CLAIMANT
            return _("It was found to be with them") if won and is_owner else _found(won)
        case EventKind.RELEASE_ASKED:
            return _("Somebody asked for its release") if is_owner else _("You asked for its release")
        case EventKind.RELEASE_ANSWERED:
            return _answered(data.get("answer", ""), is_owner)
        case EventKind.RELEASE_ESCALATED:
            return _escalated(data.get("why", ""), is_owner)
        case EventKind.RELEASE_DECIDED:
            return _("Decided for you") if data.get("side") == side else _("Decided for the other side")
        case EventKind.RELEASE_APPEALED:
            return _("You appealed") if data.get("side") == side else _("The other side appealed")
        case EventKind.RELEASE_WITHDRAWN:
            return _("The request was taken back") if is_owner else _("You took your request back")
        case EventKind.RELEASE_ENDED:
            return _ended(data.get("outcome", ""), is_owner)
        case EventKind.EVIDENCE_SENT:
            return _("You added evidence") if data.get("side") == side else ""
    return ""


def _found(won: bool) -> str:
    return _("It was found to be with you") if won else _("What was sent was not enough")


def _answered(answer: str, is_owner: bool) -> str:
    if answer == "approved":
        return _("You released it") if is_owner else _("The owner released it")
    return _("You said that it is still yours") if is_owner else _("The owner said that it is still theirs")


def _escalated(why: str, is_owner: bool) -> str:
    if why == "refused":
        return _("It was brought to us") if is_owner else _("You brought it to us")
    if why == "silence":
        return _("No answer came, so we look at it")
    return _("The owner could not be reached, so we look at it")


def _ended(outcome: str, is_owner: bool) -> str:
    if outcome == State.RELEASED:
        return _("It has a new owner") if is_owner else _("It is yours")
    if outcome == "called_off":
        return _("You called your offer off") if is_owner else _("Its owner keeps it after all")
    if outcome == State.KEPT:
        return _("It stays yours") if is_owner else _("It stays with its owner")
    return _("It ended, because things changed otherwise")
