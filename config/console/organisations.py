"""Households and organisations in the console: made for a caller, their people, inviting and taking out (C14)."""

from typing import Any, cast

from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from experiences.contact import parse_contact
from experiences.members import invite_by_mail_for_caller
from experiences.typed_words import clean_name
from ownership.errors import OwnershipError
from ownership.models import Member, Owner
from ownership.models.owners import MemberRole, OwnerKind
from ownership.models.registrations import ContactKind
from ownership.services.members import found_for_caller
from ownership.services.sharing import remove_for_caller
from products.audit_trail import write_reading
from products.console import AGENTS, PERSONAL, access_of
from products.models import Brand
from products.services.audit import write_audit

ROLES = [(MemberRole.ADMIN.value, _("Looks after it")), (MemberRole.MEMBER.value, _("Uses it"))]
KINDS = [choice for choice in OwnerKind.choices if choice[0] != OwnerKind.PERSON]


class InviteForm(forms.Form):
    """Whom to invite for a caller; the person gets a mail and decides."""

    email = forms.CharField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"size": 40}))
    role = forms.ChoiceField(label=_("Allowed to"), choices=ROLES, initial=MemberRole.MEMBER.value)
    locale = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def clean_email(self) -> str:
        contact = parse_contact(str(self.cleaned_data["email"]))
        if contact.kind is not ContactKind.EMAIL:
            raise ValidationError(_("Type an e-mail address: the invitation is a mail."), code="email")
        return contact.value


class NewForm(InviteForm):
    """A household or an organisation, and who will look after it."""

    brand = forms.ModelChoiceField(Brand.objects.none(), label=_("Brand"))
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, initial=OwnerKind.ORGANISATION.value)
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"size": 40}))
    field_order = ("brand", "kind", "name", "email", "locale")

    def __init__(self, *args: Any, brands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["role"]
        self.fields["email"].label = _("E-mail of who looks after it")
        brand = cast(forms.ModelChoiceField, self.fields["brand"])
        brand.queryset = brands
        if len(brands) == 1:
            brand.initial = brands[0]

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Make one for a caller; who will look after it gets an invitation."""
    access = access_of(request.user)
    if not access.allows(AGENTS):
        raise PermissionDenied
    brands = access.limit(Brand.objects.all(), "pk", AGENTS)
    form = NewForm(request.POST if request.method == "POST" else None, brands=brands)
    if form.is_valid():
        owner = _make(request, form.cleaned_data)
        messages.success(request, str(_("It is made; the invitation is on its way.")))
        return redirect("console_people", owner.pk)
    context = {**admin.site.each_context(request), "title": _("New household or organisation"), "form": form}
    return render(request, "console/organisation_new.html", context, status=400 if form.is_bound else 200)


@transaction.atomic
def _make(request: HttpRequest, values: dict[str, Any]) -> Owner:
    now, agent_id = timezone.now(), cast(int, request.user.pk)
    owner = found_for_caller(
        brand_id=values["brand"].pk,
        kind=OwnerKind(values["kind"]),
        name=values["name"],
        email=values["email"],
        locale=values["locale"],
        now=now,
    )
    invite_by_mail_for_caller(
        owner_id=owner.pk,
        email=values["email"],
        role=MemberRole.ADMIN,
        locale=values["locale"],
        agent_id=agent_id,
        now=now,
    )
    write_audit(action="found_group", obj=owner, brand_id=owner.brand_id, actor_id=agent_id, now=now)
    return owner


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of a household or an organisation; reading them is noted, changing them is for agents."""
    groups = access_of(request.user).limit(Owner.objects.exclude(kind=OwnerKind.PERSON), "brand", PERSONAL)
    owner = get_object_or_404(groups.select_related("brand"), pk=pk)
    may_change = access_of(request.user).allows(AGENTS, owner.brand_id)
    form = InviteForm()
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        form = InviteForm(request.POST) if request.POST.get("act") == "invite" else InviteForm()
        if _act(request, owner, form):
            return redirect("console_people", pk)
    now = timezone.now()
    write_reading(request, action="read_members", obj=owner, brand_id=owner.brand_id, now=now)
    context = {
        **admin.site.each_context(request),
        "title": _("People of %(name)s") % {"name": owner},
        "owner": owner,
        "members": _members(owner),
        "invitations": owner.invitations.all(),
        "form": form,
        "may_change": may_change,
        "is_organisation": owner.kind == OwnerKind.ORGANISATION,
    }
    return render(request, "console/people.html", context, status=400 if form.is_bound else 200)


def _members(owner: Owner) -> list[dict[str, Any]]:
    rows = list(owner.members.select_related("person"))
    ids = [row.person_id for row in rows]
    confirmed = EmailAddress.objects.filter(user__in=ids, verified=True).order_by("primary", "-pk")
    mails = dict(confirmed.values_list("user_id", "email"))
    own = Owner.objects.filter(brand=owner.brand_id, person__in=ids)
    owners = {row.person_id: row for row in own}
    return [
        {"row": row, "email": mails.get(row.person_id, ""), "owner": owners.get(row.person_id)}
        for row in rows
    ]


def _act(request: HttpRequest, owner: Owner, form: InviteForm) -> bool:
    """Invite or take out; return whether it was done, or there was nothing to do.

    What an invitation is refused for stands on its form, with all that was typed.
    """
    try:
        if request.POST.get("act") == "invite":
            return form.is_valid() and _invite(request, owner, form.cleaned_data)
        return _remove(request, owner)
    except OwnershipError as error:
        if form.is_bound:
            form.add_error(None, str(error))
            return False
        messages.error(request, str(error))
        return True


@transaction.atomic
def _invite(request: HttpRequest, owner: Owner, values: dict[str, Any]) -> bool:
    now, agent_id = timezone.now(), cast(int, request.user.pk)
    invite_by_mail_for_caller(
        owner_id=owner.pk,
        email=values["email"],
        role=MemberRole(values["role"]),
        locale=values["locale"],
        agent_id=agent_id,
        now=now,
    )
    data = {"role": values["role"]}
    write_audit(
        action="invite_member", obj=owner, brand_id=owner.brand_id, actor_id=agent_id, now=now, data=data
    )
    messages.success(request, str(_("The invitation is on its way.")))
    return True


@transaction.atomic
def _remove(request: HttpRequest, owner: Owner) -> bool:
    given = request.POST.get("member", "")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else 0
    member = Member.objects.filter(owner=owner, pk=number).first()
    if member is None:
        return True
    now, agent_id = timezone.now(), cast(int, request.user.pk)
    remove_for_caller(owner_id=owner.pk, member_id=member.pk, agent_id=agent_id, now=now)
    write_audit(
        action="remove_member", obj=owner, brand_id=owner.brand_id, actor_id=agent_id, now=now,
        data={"person": member.person_id},
    )  # fmt: skip
    messages.success(request, str(_("The person is taken out.")))
    return True
