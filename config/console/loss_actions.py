"""What staff do for whoever calls about a lost or stolen unit, about a purchase, about the words of a present."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.console.unit_action import Action
from config.console.unit_forms import ReasonForm, UnitForm, day_field
from experiences.losses import end_for_caller, report_for_caller
from ownership.models import Gift, Purchase
from ownership.models.losses import LossKind
from ownership.services import record_sale
from ownership.services.purchases import take_gift_back
from products.models import Unit


class ReportForm(ReasonForm):
    missed_on = day_field(_("Missed since (optional)"), required=False)
    police_reference = forms.CharField(
        label=_("The police's reference (optional)"),
        max_length=80,
        required=False,
        help_text=_("The owner and staff see it; no public page does."),
    )

    def clean_missed_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["missed_on"]
        if day is not None and day > self.today:
            raise forms.ValidationError(_("This day is in the future."))
        return day


def _report(kind: LossKind, title: Any, will: Any) -> Action:
    def run(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
        told = {name: values[name] for name in ("missed_on", "police_reference", "reason")}
        return report_for_caller(unit=unit, kind=kind, now=now, actor_id=actor_id, **told)

    return Action(
        f"raise-{kind.value}",
        title,
        will,
        _("End the search on the unit's page at any time; both stay in its history."),
        _("It is reported. That leads the unit's next page, and its owner gets a letter."),
        ReportForm,
        run,
        lambda unit, facts: not getattr(facts, kind.value, False) and not unit.is_retired,
        is_severe=True,
    )


def _end(kind: LossKind, title: Any) -> Action:
    def run(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
        return end_for_caller(unit=unit, reason=values["reason"], now=now, actor_id=actor_id)

    return Action(
        f"lower-{kind.value}",
        title,
        _("The notice disappears from the unit's page at its next tap, and finders can write no more."),
        _("Report it again on the unit's page; both stay in its history."),
        _("The search is over."),
        ReasonForm,
        run,
        lambda unit, facts: bool(getattr(facts, kind.value, False)),
    )


LOSS_ENDINGS = (
    _end(LossKind.STOLEN, _("Take back: stolen")),
    _end(LossKind.LOST, _("Take back: lost")),
)
LOSS_REPORTS = (
    _report(
        LossKind.STOLEN,
        _("Report it stolen"),
        _("Every visitor sees first that this unit was reported stolen and is not for sale."),
    ),
    _report(
        LossKind.LOST,
        _("Report it lost"),
        _("Every visitor sees first that this unit was lost, and can write to its owner."),
    ),
)


def _told_purchase(unit: Unit) -> Purchase | None:
    purchase: Purchase | None = Purchase.objects.filter(
        ownership__unit=unit, ownership__until__isnull=True, ownership__ordinal=1
    ).first()
    return purchase


def _adopt(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    purchase = _told_purchase(unit)
    if purchase is None:
        return None
    return record_sale(unit=unit, sold_on=purchase.bought_on, now=now, actor_id=actor_id)


ADOPT_PURCHASE = Action(
    "adopt-purchase",
    _("Adopt the owner's day of purchase"),
    _("The unit counts as sold on the day that its first owner entered. Look at the proof first."),
    _("A recorded sale can't be taken back here, and another day is refused."),
    _("The sale is recorded on the owner's day."),
    UnitForm,
    _adopt,
    lambda unit, facts: unit.sold_on is None and not unit.is_retired and _told_purchase(unit) is not None,
)
REMOVE_GIFT = Action(
    "remove-gift",
    _("Remove a giver's words"),
    _("The words that somebody left for whoever unpacks it disappear from its page."),
    _("They can't be brought back; whoever gives it away can leave words again."),
    _("The words are removed."),
    UnitForm,
    lambda unit, values, actor_id, now: take_gift_back(
        unit_id=unit.pk, gift_id=None, now=now, actor_id=actor_id
    ),
    lambda unit, facts: not getattr(facts, "ownerships", 0) and Gift.objects.filter(unit=unit).exists(),
)
