"""Who may call the API."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class IsStaffOfABrand(BasePermission):
    """Staff only; which rows they see is the query set's matter (`visible_to`)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated and request.user.is_staff)
