"""What a form says that was sent too often: nothing that was typed is lost, and when it can be sent again.

Both go into a page as it is built again: `_form_page(visit, form, **too_often_this_hour())`.
"""

from typing import TypedDict

from django.utils.translation import gettext as _


class TooOften(TypedDict):
    problem: str
    status: int


def too_often_this_hour() -> TooOften:
    problem = _("That was sent very often. What you typed is still there; try again in an hour.")
    return TooOften(problem=problem, status=429)


def too_often_today() -> TooOften:
    problem = _("That was sent very often. What you typed is still there; try again tomorrow.")
    return TooOften(problem=problem, status=429)
