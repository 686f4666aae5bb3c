"""Who may call the API."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from config.console.site import has_second_factor


class IsStaffOfABrand(BasePermission):
    """Staff with a second factor, as in the console; which rows they see is the query set's matter."""

    def has_permission(self, request: Request, view: Any) -> bool:
        person = request.user
        return bool(person.is_authenticated and person.is_staff and has_second_factor(person))
