"""What registering gives, said before it is done: the last day of the warranty, or nothing."""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from experiences.tap import Tap
from products.days import last_day
from warranty.services import first_day


def warranty_until(tap: Tap) -> dt.date | None:
    """Return the last day that would be covered if the unit were registered today; None where there is none."""
    row, today = tap.row, tap.facts.today
    plan = next((plan for plan in tap.product.plans if plan.market in ("", row.market)), None)
    until = row.covered_until
    if until is None and plan:
        is_older = row.identity_given_on is not None
        starts_on = first_day(plan.starts_from, sold_on=row.sold_on, today=today, is_older=is_older)
        until = last_day(starts_on, plan.months) if starts_on else None
    return until if until and until >= today else None


def registering_label(tap: Tap) -> str:
    """Return the words on the button: a verb and its result."""
    if tap.possession is None:
        return _("Send me the code to register it")
    until = warranty_until(tap)
    if until is None:
        return _("Register it in your name")
    return _("Register it, warranty until %(date)s") % {"date": date_format(until)}
