"""Registering many units for an organisation: staff's own list, and the lists that organisations send (C14)."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.console.job_pages import find_job, show_job, stop_job
from config.console.uploads import UploadForm, job_of_upload, rows_of, show_upload
from experiences.bulk_registration import (
    REGISTER_IN_BULK,
    approve_and_register,
    ask_for_registration,
    request_bulk_registration,
)
from ownership.errors import OwnershipError
from ownership.models import BulkRequest, Owner
from ownership.models.bulk import BulkState
from ownership.models.owners import OwnerKind
from ownership.services.bulk import COLUMNS, refuse_list
from products.audit_trail import write_reading
from products.console import AGENTS, PERSONAL, BrandFilter, BrandScopedAdmin, access_of
from products.lists import status_word
from products.models import Job, Person
from products.models.operations import JobState
from products.services.audit import write_audit


class BulkForm(UploadForm):
    """For which organisation the units are."""

    owner = forms.ModelChoiceField(
        Owner.objects.none(),
        label=_("Organisation"),
        widget=forms.NumberInput(attrs={"size": 12}),
        help_text=_("Its number, as it stands on its page"),
        error_messages={"invalid_choice": _("There is no organisation with this number at your brands.")},
    )
    field_order = ("owner",)

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["owner"]).queryset = owners


@require_http_methods(["GET", "HEAD", "POST"])
@admin.site.admin_view
def register_in_bulk(request: HttpRequest) -> HttpResponse:
    """Offer the form; take a list and go to its job."""
    access = access_of(request.user)
    if not access.allows(AGENTS):
        raise PermissionDenied
    organisations = Owner.objects.filter(kind=OwnerKind.ORGANISATION).select_related("brand")
    owners = access.limit(organisations, "brand", AGENTS)
    sent = request.method == "POST"
    form = BulkForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        owners=owners,
        initial={"owner": request.GET.get("owner", "")},
    )

    def ask(values: dict[str, Any]) -> Job:
        return request_bulk_registration(
            owner=values["owner"],
            requester=cast(Person, request.user),
            content=values["file"],
            dry_run=values["dry_run"],
            now=timezone.now(),
        )

    if job := job_of_upload(form, ask):
        return redirect("console_bulk_job", job.pk)
    return show_upload(request, "console/bulk.html", form, title=_("Register in bulk"), columns=COLUMNS)


@require_GET
@admin.site.admin_view
def bulk_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far it is, and its result."""
    job = _job(request, pk)
    context = {
        **rows_of(job),
        "title": _("Register in bulk"),
        "to_write": job.result.get("new", 0),
        "owner_id": job.params.get("owner"),
    }
    return show_job(request, job, "console/bulk_job.html", context)


@require_POST
@admin.site.admin_view
def stop_bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it to stop; what is registered stays."""
    stop_job(request, _job(request, pk))
    return redirect("console_bulk_job", pk)


@require_POST
@admin.site.admin_view
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Register what the preview has shown, or what a stopped run left; units registered before stay as they are."""
    job = _job(request, pk)
    owner = Owner.objects.for_brand(job.brand).filter(pk=job.params["owner"]).first()
    if owner is None or job.state in (JobState.WAITING, JobState.RUNNING):
        messages.error(request, str(_("This job has not ended yet, or its organisation is gone.")))
        return redirect("console_bulk_job", pk)
    following = ask_for_registration(
        owner=owner,
        file_id=job.params["file"],
        requester=cast(Person, request.user),
        dry_run=False,
        now=timezone.now(),
    )
    return redirect("console_bulk_job", following.pk)


def _job(request: HttpRequest, pk: int) -> Job:
    return find_job(request, pk, kind=REGISTER_IN_BULK, roles=AGENTS)


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("Who looks after the organisation reads exactly this."),
        error_messages={"required": _("Say why: the organisation reads it.")},
    )


@admin.register(BulkRequest)
class BulkRequestAdmin(BrandScopedAdmin):
    """Lists that organisations sent. Approving one registers its units; who opens one is noted."""

    service_owned = True
    roles_view = PERSONAL
    list_display = ["__str__", "organisation", "rows", "state_word", "sent_at", "decided_at", "brand"]
    list_filter = ["state", "sent_at", ("brand", BrandFilter)]
    list_select_related = ["brand"]
    search_fields = ["=pk", "=owner__pk"]

    @admin.display(description=_("organisation"))
    def organisation(self, row: BulkRequest) -> str:
        return f"#{row.owner_id}"

    @admin.display(description=_("state"), ordering="state")
    def state_word(self, row: Any) -> SafeString:
        return status_word(row.state, row.get_state_display())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        form = RefuseForm()
        if request.method == "POST":
            act = request.POST.get("act")
            if act not in ("approve", "refuse") or not access_of(request.user).allows(AGENTS, row.brand_id):
                raise PermissionDenied
            form = RefuseForm(request.POST) if act == "refuse" else form
            if not form.is_bound or form.is_valid():
                return self._answer(request, row, form)
        return self._page(request, row, form)

    def _answer(self, request: HttpRequest, row: BulkRequest, form: RefuseForm) -> HttpResponse:
        person, now = cast(Person, request.user), timezone.now()
        here = redirect("admin:ownership_bulkrequest_change", row.pk)
        try:
            if form.is_bound:
                reason = form.cleaned_data["reason"]
                refuse_list(request_id=row.pk, reason=reason, decided_by_id=person.pk, now=now)
            else:
                row = approve_and_register(request_id=row.pk, by=person, now=now)
                here = redirect("console_bulk_job", row.job_id)
        except OwnershipError as error:
            messages.error(request, str(error))
            return redirect("admin:ownership_bulkrequest_change", row.pk)
        action = "refuse_list" if form.is_bound else "approve_list"
        write_audit(action=action, obj=row, brand_id=row.brand_id, actor_id=person.pk, now=now)
        return here

    def _page(self, request: HttpRequest, row: BulkRequest, form: RefuseForm) -> HttpResponse:
        now = timezone.now()
        write_reading(request, action="read_list", obj=row, brand_id=row.brand_id, now=now)
        waits = row.state == BulkState.WAITING
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("List of an organisation"),
            "asked": row,
            "owner": row.owner,
            "file_url": reverse("console_file", args=[row.file_id]) if row.file_id else "",
            "proof_url": reverse("console_file", args=[row.proof_id]) if row.proof_id else "",
            "form": form,
            "may_answer": waits and access_of(request.user).allows(AGENTS, row.brand_id),
        }
        status = 400 if form.is_bound else 200
        return TemplateResponse(request, "console/bulk_request.html", context, status=status)
