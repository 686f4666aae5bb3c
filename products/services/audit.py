"""The audit trail: who of the staff read or changed what."""

import datetime as dt
from typing import Any

from django.db import models

from products.models import AuditRow


def write_audit(
    *,
    action: str,
    obj: models.Model,
    brand_id: int | None,
    actor_id: int | None,
    now: dt.datetime,
    data: dict[str, Any] | None = None,
) -> AuditRow:
    """Append one row; `data` holds ids and field names, never personal data."""
    row: AuditRow = AuditRow.objects.create(
        brand_id=brand_id,
        actor_id=actor_id,
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        at=now,
        data=data or {},
    )
    return row
