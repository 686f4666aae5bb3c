"""Two rows of one brand that are the same owner: which one stays, what will happen, and how they showed to be the same."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from config.console.owner_acts import owner_for
from ownership.contacts import has_confirmed
from ownership.errors import OwnershipError
from ownership.models import Owner, Ownership
from ownership.models.recoveries import IdentityShown
from ownership.services.merging import merge_owners
from ownership.services.parties import refuse_party
from products.audit_trail import write_reading
from products.services.audit import write_audit

_NUMBER = re.compile(r"\A#?(\d{1,18})\Z")


class OtherForm(forms.Form):
    """Which other row: by its number, or by the address that stands in it."""

    other = forms.CharField(
        label=_("The other owner's number, e-mail or telephone"),
        max_length=254,
        widget=forms.TextInput(attrs={"size": 40, "autocomplete": "off"}),
    )


class MergeForm(forms.Form):
    """Which of the two stays, and why they are one."""

    kept = forms.TypedChoiceField(label=_("Which one stays"), coerce=int, widget=forms.RadioSelect)
    shown = forms.ChoiceField(
        label=_("How they showed to be the same"),
        required=False,
        choices=[("", _("Needed only where both have confirmed addresses")), *IdentityShown.choices],
    )

    def __init__(self, *args: Any, both: tuple[Owner, Owner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = [(owner.pk, f"{owner} (#{owner.pk})") for owner in both]  # type: ignore[attr-defined]
        self.fields["kept"].initial = both[0].pk


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as the page shows it."""

    owner: Owner
    units: int
    confirmed: bool


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def merge(request: HttpRequest, owner_id: int) -> HttpResponse:
    """Ask which other row it is. What is typed is posted: no address stands in a link."""
    owner = owner_for(request, owner_id)
    form = OtherForm(request.POST or None)
    if form.is_valid():
        other = _find(owner, form.cleaned_data["other"])
        if other is not None:
            return redirect("console_merge_owners", owner.pk, other.pk)
        form.add_error("other", _("No other owner of this brand has this number or address."))
    context = {**_context(request), "owner": owner, "form": form}
    return TemplateResponse(
        request, "console/merge_which.html", context, status=400 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def merge_both(request: HttpRequest, owner_id: int, other_id: int) -> HttpResponse:
    """Show both, say what will happen, and merge them."""
    both = owner_for(request, owner_id), owner_for(request, other_id)
    now = timezone.now()
    form = MergeForm(request.POST if request.method == "POST" else None, both=both)
    if request.method == "POST" and form.is_valid() and _run(both, form, request, now):
        messages.success(request, str(_("They are one owner now.")))
        return redirect("admin:ownership_owner_change", form.cleaned_data["kept"])
    for owner in both:
        write_reading(request, action="read_owner", obj=owner, brand_id=owner.brand_id, now=now)
    context = {**_context(request), "owner": both[0], "sides": [_side(owner) for owner in both], "form": form}
    return TemplateResponse(request, "console/merge.html", context, status=400 if form.is_bound else 200)


def _run(both: tuple[Owner, Owner], form: MergeForm, request: HttpRequest, now: dt.datetime) -> bool:
    kept_id, shown = form.cleaned_data["kept"], form.cleaned_data["shown"]
    gone = next(owner for owner in both if owner.pk != kept_id) if both[0] != both[1] else both[0]
    try:
        with transaction.atomic():
            refuse_party([owner.pk for owner in both], actor_id=request.user.pk)
            kept = merge_owners(
                kept_id=kept_id,
                gone_id=gone.pk,
                now=now,
                actor_id=request.user.pk,
                shown=IdentityShown(shown) if shown else None,
            )
            write_audit(
                action="merge_owners", obj=kept, brand_id=kept.brand_id, actor_id=request.user.pk, now=now,
                data={"from": gone.pk, "to": kept.pk, "shown": shown},
            )  # fmt: skip
    except OwnershipError as error:
        form.add_error(None, str(error))
        return False
    return True


def _find(owner: Owner, text: str) -> Owner | None:
    rows = Owner.objects.for_brand(owner.brand).exclude(pk=owner.pk)
    text = text.strip()
    if "\0" in text:
        return None
    if match := _NUMBER.match(text):
        by_number: Owner | None = rows.filter(pk=int(match[1])).first()
        return by_number
    found: Owner | None = (rows.filter(email__iexact=text) | rows.filter(phone=text)).first()
    return found


def _side(owner: Owner) -> Side:
    confirmed = owner.person is not None and has_confirmed(owner.person)
    return Side(owner, Ownership.objects.current().filter(owner=owner).count(), confirmed)


def _context(request: HttpRequest) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": _("Merge two owners")}
