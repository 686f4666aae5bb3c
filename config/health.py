"""Probes: alive (the process answers) and ready (it can serve a tap)."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the database and the cache do, else 503 naming the one that fails."""
    failing = [name for name, probe in (("database", _database), ("cache", _cache)) if not _passes(probe)]
    return JsonResponse(
        {"status": "failing" if failing else "ok", "failing": failing}, status=503 if failing else 200
    )


def _passes(probe) -> bool:  # type: ignore[no-untyped-def]
    try:
        probe()
    except Exception:  # whatever a driver raises, the answer is the same
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.set("health", 1, 5)
    if cache.get("health") != 1:
        raise RuntimeError("the cache forgets")
