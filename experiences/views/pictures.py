"""Pictures of products: public, named by random names, cacheable for ever."""

import re
from typing import Any

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

_NAME = re.compile(r"[A-Za-z0-9_-]{8,64}\.webp")


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    storage: Any = storages["pictures"]
    if not _NAME.fullmatch(name) or not storage.exists(name):
        raise Http404
    response = FileResponse(storage.open(name), content_type="image/webp")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
