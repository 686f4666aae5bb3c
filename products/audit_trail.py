"""Reading the audit trail, and noting that staff read personal data."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.http import HttpRequest

from products.models import Person
from products.services.audit import write_audit


def with_actor_name(rows: Any, by: str = "actor_id") -> Any:
    """Add `actor_name`, the log-in name of the member of staff who did it, without a further statement per row.

    An owner's own log-in name is a random one, and says nothing.
    """
    names = Person.objects.filter(pk=models.OuterRef(by), is_staff=True).values("username")[:1]
    return rows.annotate(actor_name=models.Subquery(names))


def changed_fields(message: Any) -> Iterator[str]:
    """Yield the names of the changed fields from the admin's description of a change."""
    for part in message if isinstance(message, list) else []:
        for change in part.values():
            yield from (str(name) for name in change.get("fields", ()))
            if "name" in change and "fields" not in change:
                yield str(change["name"])


def write_reading(
    request: HttpRequest,
    *,
    action: str,
    obj: Any,
    brand_id: int | None,
    now: dt.datetime,
    **data: Any,
) -> None:
    """Note that staff read personal data; `data` holds ids."""
    write_audit(action=action, obj=obj, brand_id=brand_id, actor_id=request.user.pk, now=now, data=data)
