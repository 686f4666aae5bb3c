"""Why a stage was chosen or passed over, in words for staff."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from experiences.stages import Reason
from products.models.units import UnitStatus

SENTENCES = {
    "still_active": gettext_noop("Its life has not ended."),
    "life_ended": gettext_noop("Its life has ended: %(status)s."),
    "transfer_open": gettext_noop("A transfer or release is open."),
    "no_change_of_hands": gettext_noop("It has no second or later owner now."),
    "new_later_owner": gettext_noop(
        "Owner number %(ordinal)s has had it for %(days)s days, fewer than %(limit)s."
    ),
    "later_owner_settled": gettext_noop(
        "Owner number %(ordinal)s has had it for %(days)s days, %(limit)s or more."
    ),
    "was_registered": gettext_noop("It has been registered."),
    "first_scan_long_ago": gettext_noop("First scanned %(days)s days ago, %(limit)s or more."),
    "holder_spoke_up": gettext_noop("On %(day)s its holder said that it is theirs."),
    "not_sold_as_far_as_known": gettext_noop(
        "First scanned %(days)s days ago, and not sold as far as anyone knows."
    ),
    "many_visitors": gettext_noop(
        "Sold, but opened by %(visitors)s visitors (%(limit)s make it a display piece)."
    ),
    "few_visitors": gettext_noop(
        "Sold or opened, and seen by only %(visitors)s visitors (%(limit)s make it a display piece)."
    ),
    "given_away": gettext_noop("Words of a giver wait for whoever unpacks it."),
    "no_holder_known": gettext_noop("No sale, opened seal or word of a holder is known."),
    "first_days_with_holder": gettext_noop("With its holder since %(day)s: day %(days)s of %(limit)s."),
    "first_days_over": gettext_noop("With its holder since %(day)s: %(days)s days, %(limit)s or more."),
    "not_first_ownership": gettext_noop("It is not in its first ownership."),
    "first_weeks_of_ownership": gettext_noop("First owner for %(days)s days, fewer than %(limit)s."),
    "first_weeks_over": gettext_noop("First owner for %(days)s days, %(limit)s or more."),
    "age_unknown": gettext_noop("Its age is not known: no sale, ownership or scan."),
    "old_enough": gettext_noop("Its age runs from %(from)s; it matured on %(day)s, after %(months)s months."),
    "not_old_enough": gettext_noop(
        "Its age runs from %(from)s; it matures on %(day)s, after %(months)s months."
    ),
    "nothing_else": gettext_noop("Nothing more particular holds."),
}


def sentence(reason: Reason) -> str:
    """Return the reason as a sentence in the active language."""
    values = dict(reason.values)
    if "status" in values:
        values["status"] = str(UnitStatus(values["status"]).label).lower()
    return _(SENTENCES[reason.code]) % values
