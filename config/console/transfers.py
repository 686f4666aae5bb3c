"""Passing units on, for staff: the list of offers, and what an agent does for whoever calls."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.console.unit_action import Action
from config.console.unit_forms import UnitForm
from experiences.transfer_form import grouped
from experiences.transfers import call_off_for_caller, offer_for_caller
from ownership.models import Transfer
from ownership.models.transfers import TransferKind
from products.console import AGENTS, PERSONAL, BrandFilter, BrandScopedAdmin, access_of
from products.lists import status_word
from products.models import Unit


class StartForm(UnitForm):
    kind = forms.ChoiceField(
        label=_("How it is passed on"), choices=TransferKind.choices, widget=forms.RadioSelect
    )
    recipient = forms.EmailField(
        label=_("E-mail of whoever is to have it (optional)"),
        required=False,
        max_length=254,
        help_text=_("The link goes there. Without it, read the code out to the caller."),
    )


def _start(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    return offer_for_caller(
        unit=unit,
        kind=TransferKind(values["kind"]),
        recipient=values["recipient"],
        now=now,
        actor_id=actor_id,
    )


def _call_off(unit: Unit, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    return call_off_for_caller(unit=unit, now=now, actor_id=actor_id)


START_TRANSFER = Action(
    "transfer",
    _("Pass it on for its owner"),
    _(
        "Whoever holds the unit, or has the code, can accept it until the period is over; it stays with its owner until"
        " then. A valuable one without a chip waits for a look at who takes it over. Make sure that it is the owner who"
        " calls. The code stands in the list of transfers."
    ),
    _("Call the transfer off on the unit's page while nobody has accepted; both stay in its history."),
    _("It is offered. Its code stands in the list of transfers."),
    StartForm,
    _start,
    lambda unit, facts: bool(
        facts
        and facts.owner_id
        and not unit.is_retired
        and not (facts.transfer or facts.lost or facts.stolen or facts.dispute)
    ),
)
CANCEL_TRANSFER = Action(
    "cancel-transfer",
    _("Call the transfer off"),
    _(
        "The code and the link stop working, and the unit stays with its owner. Whoever was sent the link is told."
    ),
    _("Its owner, or you for a caller, can start anew."),
    _("The transfer is called off."),
    UnitForm,
    _call_off,
    lambda unit, facts: bool(facts and facts.transfer and Transfer.objects.of_unit(unit).open().exists()),
)
TRANSFER_ACTS = (START_TRANSFER, CANCEL_TRANSFER)


@admin.register(Transfer)
class TransferAdmin(BrandScopedAdmin):
    """Read only; the code is for agents, and the address that an offer went to is shown to nobody."""

    service_owned = True
    roles_view = PERSONAL
    show_facets = admin.ShowFacets.NEVER
    list_display = [
        "serial",
        "product",
        "kind",
        "state_word",
        "started_at",
        "expires_at",
        "settled_at",
        "brand",
    ]
    list_filter = ["state", "kind", "started_at", ("brand", BrandFilter)]
    list_select_related = ["unit__product", "brand"]
    search_fields = ["=unit__serial"]

    @admin.display(description=_("serial number"), ordering="unit__serial")
    def serial(self, transfer: Any) -> str:
        return str(transfer.unit.serial)

    @admin.display(description=_("product"))
    def product(self, transfer: Any) -> str:
        return str(transfer.unit.product)

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, transfer: Any) -> Any:
        return status_word(transfer.state, transfer.get_state_display())

    @admin.display(description=_("code to read out"))
    def spoken_code(self, transfer: Any) -> str:
        return grouped(transfer.bundle or transfer.code) if transfer.state == Transfer.State.OPEN else "-"

    @admin.display(description=_("offered together"))
    def together(self, transfer: Any) -> int:
        return Transfer.objects.filter(bundle=transfer.bundle).count() if transfer.bundle else 1

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [
            "brand", "unit", "kind", "state", "started_at", "expires_at", "settled_at", "started_by_id", "together",
        ]  # fmt: skip
        is_agent = obj is not None and access_of(request.user).allows(AGENTS, obj.brand_id)
        return [*fields, "spoken_code"] if is_agent else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)
