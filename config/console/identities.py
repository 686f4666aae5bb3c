"""Requests for the identity of an older piece: what the holder says, what is known already, and the answer (C11)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from experiences.identities import answer_with_known_unit, approve_request, refuse_request
from ownership.errors import OwnershipError
from ownership.models import IdentityRequest
from ownership.models.identity_requests import IdentityRequestState
from products.audit_trail import write_reading
from products.console import AGENTS, PERSONAL, BrandFilter, BrandScopedAdmin, access_of
from products.digital_link import IdentifierError, check_serial
from products.lists import status_word
from products.models import TradeItem, Unit

MOST_ALIKE = 12
MOST_BESIDE = 4  # serials below and above


class GiveForm(forms.Form):
    """Which GTIN, the serial as staff read it on the proof, and the day of sale where the proof shows it."""

    trade_item = forms.ModelChoiceField(TradeItem.objects.none(), label=_("GTIN"), empty_label=None)
    serial = forms.CharField(
        label=_("Serial number, as you read it on the proof"),
        max_length=80,
        widget=forms.TextInput(attrs={"size": 24, "autocapitalize": "characters", "spellcheck": "false"}),
    )
    sold_on = forms.DateField(
        label=_("Day of the sale, if the proof shows it"),
        required=False,
        help_text=_("A warranty that runs from the sale begins on it. Without it, registering begins none."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, request: IdentityRequest, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["serial"].initial = request.serial
        self.today = today
        items = TradeItem.objects.filter(product=request.product_id).select_related("variant")
        field = cast(forms.ModelChoiceField, self.fields["trade_item"])
        field.queryset = items
        field.label_from_instance = _gtin_label  # type: ignore[assignment,method-assign]
        if not items:
            field.help_text = _("This model has no GTIN yet. Add one on the model's page; the request waits.")

    def clean_serial(self) -> str:
        try:
            return check_serial(self.cleaned_data["serial"])
        except IdentifierError as error:
            raise ValidationError(error.message, code=error.code) from error

    def clean_sold_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["sold_on"]
        if day and day > self.today:
            raise ValidationError(_("This day is in the future."))
        return day


class KnownForm(forms.Form):
    """Which of the units that are there already it is."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Unit"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the unit.")},
    )

    def __init__(self, *args: Any, request: IdentityRequest, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["unit"]).queryset = _alike(request)


class RefuseForm(forms.Form):
    """The words that the holder will read."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        error_messages={"required": _("Say why: the holder reads it.")},
    )

    def __init__(self, *args: Any, request: IdentityRequest, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "The holder reads exactly this, and wrote in %(language)s. Be kind; say what would help."
        ) % {"language": _language(request.locale)}


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to answer, in words before it is done."""

    slug: str
    title: Any
    will: Any
    form: type[Any]
    is_severe: bool = False


ANSWERS = {
    answer.slug: answer
    for answer in (
        Answer(
            "give",
            _("Give it an identity"),
            _("A unit is made with a printed code. The holder gets its page and a sheet to print by mail."),
            GiveForm,
        ),
        Answer(
            "known",
            _("Send the page it has already"),
            _("No unit is made. The holder gets the chosen unit's page and the sheet with its code by mail."),
            KnownForm,
        ),
        Answer(
            "refuse",
            _("Refuse"),
            _("No unit is made. The holder gets your words by mail and can ask again."),
            RefuseForm,
            is_severe=True,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page of one request shows."""

    asked: IdentityRequest
    proof_url: str
    proof_is_picture: bool
    alike: tuple[Unit, ...]
    beside: tuple[str, ...]
    others: int
    answers: tuple[tuple[Answer, forms.Form], ...]


@admin.register(IdentityRequest)
class IdentityRequestAdmin(BrandScopedAdmin):
    """The list names nobody; who opens a request reads an address, and that is noted."""

    service_owned = True
    roles_view = PERSONAL
    show_facets = admin.ShowFacets.NEVER
    list_display = ["serial", "product", "state_word", "sent_at", "decided_at", "brand"]
    list_filter = ["state", "sent_at", ("product", BrandFilter), ("brand", BrandFilter)]
    list_select_related = ["product", "brand"]
    search_fields = ["=serial"]

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, asked: Any) -> SafeString:
        return status_word(asked.state, asked.get_state_display())

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.answer_view)
        address = path("<int:pk>/<slug:slug>/answer/", view, name="ownership_identityrequest_answer")
        return [address, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        asked = self.get_object(request, object_id)
        if asked is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if request.method == "POST" or not self.has_view_permission(request, asked):
            raise PermissionDenied
        return self._page(request, asked)

    def answer_view(self, request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        """Take one of the answers; what is wrong with it stands on its form."""
        asked = self.get_object(request, str(pk))
        if asked is None or slug not in ANSWERS:
            raise Http404
        if not access_of(request.user).allows(AGENTS, asked.brand_id):
            raise PermissionDenied
        here = reverse("admin:ownership_identityrequest_change", args=[pk])
        if request.method != "POST":
            return redirect(here)
        form = ANSWERS[slug].form(request.POST, request=asked, today=timezone.now().date(), prefix=slug)
        if not form.is_valid() or not _run(slug, asked, form, request):
            return self._page(request, asked, sent=(slug, form))
        messages.success(request, str(_("The request is answered; the mail is on its way.")))
        return redirect(here)

    def _page(
        self, request: HttpRequest, asked: IdentityRequest, sent: tuple[str, forms.Form] | None = None
    ) -> HttpResponse:
        now = timezone.now()
        write_reading(request, action="read_request", obj=asked, brand_id=asked.brand_id, now=now)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Request for an identity"),
            "page": build_desk(asked, request.user, now.date(), sent),
        }
        return TemplateResponse(
            request, "console/identity_request.html", context, status=400 if sent else 200
        )


def build_desk(
    asked: IdentityRequest, person: Any, today: dt.date, sent: tuple[str, forms.Form] | None = None
) -> Desk:
    """Gather the page in a fixed number of statements; `sent` is the answer that was refused, with its form."""
    waits = asked.state == IdentityRequestState.WAITING
    may_answer = waits and access_of(person).allows(AGENTS, asked.brand_id)
    alike = tuple(_alike(asked)[:MOST_ALIKE]) if waits else ()
    return Desk(
        asked=asked,
        proof_url=reverse("console_file", args=[asked.proof_id]) if asked.proof_id else "",
        proof_is_picture=bool(asked.proof and asked.proof.content_type.startswith("image/")),
        alike=alike,
        beside=_beside(asked) if waits else (),
        others=IdentityRequest.objects.filter(product=asked.product_id, serial=asked.serial)
        .exclude(pk=asked.pk)
        .count(),
        answers=_answers(asked, alike, today, sent) if may_answer else (),
    )


def _answers(
    asked: IdentityRequest, alike: tuple[Unit, ...], today: dt.date, sent: tuple[str, forms.Form] | None
) -> tuple[tuple[Answer, forms.Form], ...]:
    forms_by_slug = {
        slug: answer.form(request=asked, today=today, prefix=slug)
        for slug, answer in ANSWERS.items()
        if slug != "known" or alike
    }
    if sent:
        forms_by_slug[sent[0]] = sent[1]
    return tuple((ANSWERS[slug], form) for slug, form in forms_by_slug.items())


def _alike(asked: IdentityRequest) -> Any:
    """Return the product's units that the request may mean: the same serial, or one that looks like it."""
    units = Unit.objects.of_product(asked.product).looking_like(asked.serial)
    return units.select_related("facts", "variant")


def _beside(asked: IdentityRequest) -> tuple[str, ...]:
    """Return the product's serials next to this one in their order: what a made-up one does not fit between."""
    serials = Unit.objects.of_product(asked.product).values_list("serial", flat=True)
    below = serials.filter(serial__lt=asked.serial).order_by("-serial")[:MOST_BESIDE]
    above = serials.filter(serial__gt=asked.serial).order_by("serial")[:MOST_BESIDE]
    return (*reversed(below), *above)


def _run(slug: str, asked: IdentityRequest, form: Any, request: HttpRequest) -> bool:
    """Return whether the service did it; what it refuses stands on the form."""
    by: dict[str, Any] = {"request_id": asked.pk, "now": timezone.now(), "actor_id": request.user.pk}
    values: dict[str, Any] = form.cleaned_data
    try:
        if slug == "give":
            approve_request(**values, **by)
        elif slug == "known":
            answer_with_known_unit(**values, **by)
        else:
            refuse_request(**values, **by)
    except OwnershipError as error:
        form.add_error(None, str(error))
        return False
    return True


def _gtin_label(item: Any) -> str:
    return f"{item.gtin} · {item.variant}" if item.variant else str(item.gtin)


def _language(locale: str) -> Any:
    from django.conf import settings

    return dict(settings.LANGUAGES).get(locale, locale)
