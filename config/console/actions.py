"""What staff can do from a unit's page: each a small form, a page that says what will happen, one service."""

import datetime as dt
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.kinds import Flag
from analytics.services import lower_flag, raise_flag
from analytics.tags import withdraw_chip
from config.console.loss_actions import ADOPT_PURCHASE, LOSS_ENDINGS, LOSS_REPORTS, REMOVE_GIFT
from config.console.till import CALLER, TILL
from config.console.transfers import TRANSFER_ACTS
from config.console.unit_action import Action
from config.console.unit_forms import ReasonForm, ReturnForm, SaleForm, UnitForm, day_field
from experiences.cards import card_of
from experiences.returns import return_unit
from experiences.services import take_back_its_mine
from ownership.services import record_sale, retire_unit
from products.days import day_in
from products.models import Tag, Unit
from products.models.units import UnitStatus

FLAGS = (Flag.RECALL,)  # the others follow from what is open: a report of a loss, a case, a claim, a booking


class RetireForm(UnitForm):
    status = forms.ChoiceField(
        label=_("How its life ended"),
        choices=[choice for choice in UnitStatus.choices if choice[0] != UnitStatus.ACTIVE],
        widget=forms.RadioSelect,
    )
    day = day_field(_("On which day"))


class WithdrawForm(ReasonForm):
    """Which of the unit's working chips, and why."""

    chip = forms.ModelChoiceField(
        Tag.objects.none(), label=_("Chip"), widget=forms.RadioSelect, empty_label=None
    )
    field_order = ("chip", "reason")

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, unit=unit, **kwargs)
        cast(forms.ModelChoiceField, self.fields["chip"]).queryset = _working_chips(unit)


def _working_chips(unit: Unit) -> Any:
    return Tag.objects.chips().active().filter(unit=unit)


def _sell(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    return record_sale(unit=unit, sold_on=values["day"], market=values["market"], now=now, actor_id=actor_id)


def _retire(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    return retire_unit(
        unit=unit, status=UnitStatus(values["status"]), retired_on=values["day"], now=now, actor_id=actor_id
    )


SALE = Action(
    "sale",
    _("Record the sale"),
    _(
        "The unit counts as sold from this day on: its page leads with registration, and its age runs from here."
    ),
    _("A recorded sale can't be taken back here, and another day is refused. Check the day."),
    _("The sale is recorded."),
    SaleForm,
    _sell,
    lambda unit, facts: unit.sold_on is None and not unit.is_retired,
)
RETIRE = Action(
    "retire",
    _("Retire the unit"),
    _(
        "Its page then says that its life has ended and how to recycle it. It can't be sold or registered any more."
    ),
    _("This can't be undone here. Its identity and history stay readable."),
    _("The unit is retired."),
    RetireForm,
    _retire,
    lambda unit, facts: not unit.is_retired,
    is_severe=True,
)

UNSAY = Action(
    "unsay",
    _("Take back “it's mine”"),
    _("The unit's page shows again what it showed before somebody said that it is theirs."),
    _("Whoever holds the unit can say it again on its page; both stay in its history."),
    _("It is taken back."),
    UnitForm,
    lambda unit, values, actor_id, now: take_back_its_mine(unit_id=unit.pk, now=now, actor_id=actor_id),
    lambda unit, facts: bool(facts and facts.holder_spoke_up_at and not facts.ownerships),
)

RETURN = Action(
    "return",
    _("Take back a returned unit"),
    _(
        "Its registration, its warranty and its sale are undone: whoever buys it next is its first owner. The certificate"
        " says that it no longer stands. A unit that changed hands before keeps its earlier owners, its sale and"
        " its warranty; only the last ownership is undone. Nothing else of the person's is touched."
    ),
    _("This can't be undone here: sell or register it anew. What was stays in its history."),
    _("It is taken back. Its next buyer is its first owner."),
    ReturnForm,
    lambda unit, values, actor_id, now: return_unit(
        unit_id=unit.pk, now=now, actor_id=actor_id, resold_on=values["resold_on"]
    ),
    lambda unit, facts: bool(not unit.is_retired and (unit.sold_on or (facts and facts.owner_id))),
    is_severe=True,
)

WITHDRAW = Action(
    "withdraw",
    _("Withdraw a chip"),
    _(
        "The chip's links still lead to this unit, but prove nothing any more. The unit can take another chip."
    ),
    _("This can't be undone here. If the chip is fine after all, have it encoded under another profile."),
    _("The chip is withdrawn."),
    WithdrawForm,
    lambda unit, values, actor_id, now: withdraw_chip(
        tag=values["chip"], reason=values["reason"], now=now, actor_id=actor_id
    ),
    lambda unit, facts: _working_chips(unit).exists(),
    is_severe=True,
)

_RAISE = {
    Flag.RECALL: _("Put under recall"),
}
_LOWER = {
    Flag.RECALL: _("End the recall"),
}
_WILL_RAISE = {
    Flag.RECALL: _("Every visitor sees first that this unit is under recall, and what to do."),
}


def _raise_action(flag: Flag) -> Action:
    def run(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
        return raise_flag(unit, flag, now=now, actor_id=actor_id, reason=values["reason"])

    return Action(
        f"raise-{flag.value}",
        _RAISE[flag],
        _WILL_RAISE[flag],
        _("Lower the flag on the unit's page at any time; both stay in its history."),
        _("The flag is up. It leads the unit's next page."),
        ReasonForm,
        run,
        lambda unit, facts: not getattr(facts, flag.value, False),
        is_severe=True,
    )


def _lower_action(flag: Flag) -> Action:
    def run(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
        return lower_flag(unit, flag, now=now, actor_id=actor_id, reason=values["reason"])

    return Action(
        f"lower-{flag.value}",
        _LOWER[flag],
        _("The notice disappears from the unit's page at its next tap."),
        _("Raise the flag again on the unit's page; both stay in its history."),
        _("The flag is down."),
        ReasonForm,
        run,
        lambda unit, facts: bool(getattr(facts, flag.value, False)),
    )


ACTIONS: dict[str, Action] = {
    action.slug: action
    for action in (
        TILL,
        SALE,
        CALLER,
        UNSAY,
        ADOPT_PURCHASE,
        *LOSS_ENDINGS,
        *map(_lower_action, FLAGS),
        *LOSS_REPORTS,
        *map(_raise_action, FLAGS),
        REMOVE_GIFT,
        *TRANSFER_ACTS,
        RETURN,
        WITHDRAW,
        RETIRE,
    )
}


def actions_for(unit: Unit, facts: Any) -> list[Action]:
    """Return what makes sense for the unit as it is now."""
    return [action for action in ACTIONS.values() if action.fits(unit, facts)]


def today_of(unit: Unit) -> dict[str, dt.date]:
    """Return the day that date fields begin with."""
    zone = card_of(unit.brand).zone(unit.market)
    return {"day": day_in(zone, timezone.now())}
