"""Private files, handed out to staff of their brand only."""

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from experiences.bulk_registration import BAD_ROWS_PURPOSE as BULK_BAD_ROWS
from experiences.bulk_registration import LIST_PROOF_PURPOSE, LIST_PURPOSE
from experiences.identities import PROOF
from experiences.purchases import PROOF as PURCHASE_PROOF
from experiences.releases import EVIDENCE
from ownership.services.data_rights.export import PURPOSE as EXPORT
from products.console import AGENTS, NOBODY, PERSONAL, Roles, access_of
from products.errors import ProductsError
from products.models import PrivateFile, Role
from products.services.audit import write_audit
from products.services.files import open_private_file

IMPORTERS: Roles = frozenset({Role.BRAND_ADMIN, Role.SERVICE_MANAGER})
LABEL_PRINTERS: Roles = IMPORTERS
# Who may open files of a purpose; of any other purpose, a brand admin.
READERS: dict[str, Roles] = {
    "units_to_import": IMPORTERS,
    "bad_rows": IMPORTERS,
    "labels": LABEL_PRINTERS,
    "encoding_order": NOBODY,  # on the order's page only, where fetching is counted
    "encoding_result": IMPORTERS,
    PROOF: PERSONAL,
    PURCHASE_PROOF: PERSONAL,
    EVIDENCE: PERSONAL,
    EXPORT: NOBODY,  # handed to the person alone, on their own page
    LIST_PURPOSE: AGENTS,
    LIST_PROOF_PURPOSE: PERSONAL,
    BULK_BAD_ROWS: AGENTS,
}
BRAND_ADMIN: Roles = frozenset({Role.BRAND_ADMIN})


@require_GET
@admin.site.admin_view
def private_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the file as an attachment; another brand's file does not exist."""
    file = get_object_or_404(PrivateFile, pk=pk)
    if not access_of(request.user).allows(READERS.get(file.purpose, BRAND_ADMIN), file.brand_id):
        raise Http404
    try:
        content = open_private_file(file)
    except ProductsError as error:
        raise Http404 from error
    write_audit(
        action="file.read", obj=file, brand_id=file.brand_id, actor_id=request.user.pk, now=timezone.now()
    )
    response = FileResponse(
        content, as_attachment=True, filename=file.original_name or file.name, content_type=file.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
