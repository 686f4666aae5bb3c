"""What an agent can do for an owner: reach them again, send them the way to their things, make two rows one.

Each act is a small form, a page that says what will happen, one service; each leaves an audit row.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from experiences.contact import Contact, parse_contact
from experiences.recovering import send_owner_link, start_recovery
from ownership.errors import OwnershipError
from ownership.models import Owner
from ownership.models.owners import OwnerKind
from ownership.models.recoveries import IdentityShown
from ownership.services.bouncing import clear_bounce, mark_bounced
from products.console import AGENTS, PERSONAL, access_of
from products.limits import Limit, give_back, spend_if_room
from products.services.audit import write_audit

# Each is a mail or a text message to somebody.
LINKS = Limit("owner-link", most=5, seconds=60 * 60)


class OwnerForm(forms.Form):
    """A form about one owner."""

    def __init__(self, *args: Any, owner: Owner, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner


class RecoverForm(OwnerForm):
    """The new address, and how the owner showed to be the owner."""

    contact = forms.CharField(
        label=_("New e-mail or telephone"),
        max_length=254,
        help_text=_("A telephone number with its country, like +33 6 12 34 56 78."),
        widget=forms.TextInput(attrs={"size": 40, "autocomplete": "off", "spellcheck": "false"}),
    )
    locale = forms.ChoiceField(label=_("Language of the message"))
    shown = forms.ChoiceField(
        label=_("How they showed to be the owner"), choices=IdentityShown.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("What you saw or heard"),
        max_length=300,
        help_text=_("Whoever looks into it later reads this. Don't copy numbers of documents."),
        widget=forms.TextInput(attrs={"size": 60}),
    )

    def __init__(self, *args: Any, owner: Owner, **kwargs: Any) -> None:
        super().__init__(*args, owner=owner, **kwargs)
        names, spoken = dict(settings.LANGUAGES), owner.brand.locales or ["en"]
        field = self.fields["locale"]
        field.choices = [(code, names.get(code, code)) for code in spoken]  # type: ignore[attr-defined]
        field.initial = owner.locale

    def clean_contact(self) -> Contact:
        return parse_contact(self.cleaned_data["contact"])


@dataclass(frozen=True, slots=True)
class OwnerAct:
    """An act on an owner, in words before it is done; `audit` names it in the audit trail."""

    slug: str
    audit: str
    title: Any
    will: Any
    undo: Any
    done: Any
    form: type[OwnerForm]
    run: Callable[[Owner, dict[str, Any], int, dt.datetime], object]
    fits: Callable[[Owner], bool]
    is_severe: bool = False


def _recover(owner: Owner, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    contact: Contact = values["contact"]
    return start_recovery(
        owner_id=owner.pk,
        contact_kind=contact.kind,
        contact=contact.value,
        shown=IdentityShown(values["shown"]),
        reason=values["reason"],
        locale=values["locale"],
        now=now,
        actor_id=actor_id,
    )


def _send_link(owner: Owner, values: dict[str, Any], actor_id: int, now: dt.datetime) -> object:
    if not spend_if_room((LINKS, str(owner.pk))):
        raise OwnershipError(
            "too_often", gettext("It was sent several times within the hour. Ask them to look again.")
        )
    try:
        return send_owner_link(owner=owner, now=now)
    except BaseException:  # nothing went out
        give_back(LINKS, str(owner.pk))
        raise


RECOVER = OwnerAct(
    "recover",
    "recover_owner",
    _("Recover: a new address"),
    _(
        "The new address gets a link that works for three days. Only when its reader confirms it does it take the"
        " place of the old ones: browsers that knew the owner by those know them no longer, the old address is"
        " told, and for two days nothing can be passed on. What the person has at other brands is not touched."
    ),
    _(
        "Until it is confirmed: recover with another address, which makes the first link void. Afterwards: recover again."
    ),
    _("The link is on its way. Nothing changes before it is confirmed."),
    RecoverForm,
    _recover,
    lambda owner: owner.kind == OwnerKind.PERSON,
    is_severe=True,
)
LINK = OwnerAct(
    "link",
    "send_owner_link",
    _("Send the way to their things"),
    _(
        "They get a message with the link to their own pages, where a one-time code to their address lets them in."
    ),
    _("Nothing to undo: without the code the link opens nothing."),
    _("It is on its way."),
    OwnerForm,
    _send_link,
    lambda owner: bool(owner.phone or (owner.email and owner.bounced_at is None)),
)
BOUNCED = OwnerAct(
    "bounced",
    "mark_bounced",
    _("Mail comes back"),
    _(
        "Nothing more is sent to the e-mail address, and the owner is asked for another one at their next tap."
    ),
    _("“Mail arrives again” on this page, or another address."),
    _("It is noted. The next tap asks for another address."),
    OwnerForm,
    lambda owner, values, actor_id, now: mark_bounced(owner_id=owner.pk, now=now, actor_id=actor_id),
    lambda owner: bool(owner.email and owner.bounced_at is None),
)
ARRIVES = OwnerAct(
    "arrives",
    "clear_bounce",
    _("Mail arrives again"),
    _("The e-mail address is written to again, and nobody is asked for another one."),
    _("“Mail comes back” on this page."),
    _("It is noted."),
    OwnerForm,
    lambda owner, values, actor_id, now: clear_bounce(owner_id=owner.pk),
    lambda owner: owner.bounced_at is not None,
)

ACTS: dict[str, OwnerAct] = {act.slug: act for act in (LINK, RECOVER, BOUNCED, ARRIVES)}


def owner_for(request: HttpRequest, owner_id: int) -> Owner:
    """Return the owner for somebody who may act for them; raises Http404 for another brand's, PermissionDenied."""
    access = access_of(request.user)
    rows = access.limit(Owner.objects.select_related("brand", "person"), "brand", PERSONAL)
    owner: Owner | None = rows.filter(pk=owner_id).first()
    if owner is None:
        raise Http404
    if not access.allows(AGENTS, owner.brand_id):
        raise PermissionDenied
    return owner


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def act(request: HttpRequest, owner_id: int, slug: str) -> HttpResponse:
    """Ask before acting, then call the one service of the act."""
    chosen = ACTS.get(slug)
    if chosen is None:
        raise Http404
    owner = owner_for(request, owner_id)
    form = chosen.form(request.POST if request.method == "POST" else None, owner=owner)
    if request.method == "POST" and form.is_valid() and _run(chosen, owner, form, request):
        messages.success(request, str(chosen.done))
        return redirect("admin:ownership_owner_change", owner.pk)
    context = {
        **admin.site.each_context(request),
        "title": chosen.title,
        "owner": owner,
        "act": chosen,
        "form": form,
        "fits": chosen.fits(owner),
    }
    status = 400 if form.is_bound else 200
    return TemplateResponse(request, "console/owner_act.html", context, status=status)


def _run(chosen: OwnerAct, owner: Owner, form: OwnerForm, request: HttpRequest) -> bool:
    """Return whether the service did it; what it refuses stands on the form."""
    now, actor_id = timezone.now(), request.user.pk or 0
    try:
        if not chosen.fits(owner):
            raise OwnershipError("unfit", gettext("This can't be done for this owner now."))
        with transaction.atomic():
            chosen.run(owner, form.cleaned_data, actor_id, now)
            write_audit(action=chosen.audit, obj=owner, brand_id=owner.brand_id, actor_id=actor_id, now=now)
    except OwnershipError as error:
        form.add_error(None, str(error))
        return False
    return True
