"""What an empty list of the console says: where its rows come from, and so what to do next."""

from typing import Any

from django.utils.translation import gettext_lazy as _

FIRST_ROWS = {
    "analytics.event": _(
        "The ledger begins with the first unit: with its import, its sale or its first tap."
    ),
    "analytics.scan": _("The first tap, or the first printed code that somebody opens, stands here."),
    "experiences.contentblock": _("Add a set-up step or a help topic: it shows at the next tap."),
    "experiences.message": _("What is written to owners stands here, with what became of it."),
    "ownership.consent": _("What somebody agrees to while registering stands here, with its words."),
    "ownership.loyaltyaccount": _("Whoever gets the first points stands here."),
    "ownership.loyaltyentry": _(
        "Points that rules give stand here within the hour; those that you give by hand at once."
    ),
    "ownership.datarequest": _(
        "What owners ask about their data stands here. For a caller, start on the owner's page."
    ),
    "ownership.ownershippolicy": _("The defaults count until you add periods of your own."),
    "ownership.tombstone": _("Whom the brand has forgotten stands here, by number alone."),
    "ownership.owner": _("Whoever registers the first piece stands here."),
    "ownership.transfer": _("What owners pass on stands here, with what became of it."),
    "ownership.registration": _(
        "Nobody has registered a piece yet. Its holder can, on the page that a tap opens."
    ),
    "products.batch": _("Add a batch, or import units that name theirs."),
    "products.job": _("Imports and other long work stand here, while they run and afterwards."),
    "products.privatefile": _(
        "Files that long work leaves behind, such as the bad rows of an import, wait here."
    ),
    "products.product": _("Add the first product: its page is what a tap opens."),
    "products.tag": _("Tags come with the units that are imported."),
    "products.unit": _("Import units from a file: the button stands above."),
    "warranty.coverage": _("Coverage begins when a unit is registered and a coverage plan fits."),
    "warranty.coverageplan": _("Add a plan, and registering a unit begins its warranty."),
}


def first_rows_of(model: Any) -> Any:
    """Return the sentence about a model's first rows; "" for a list whose button to add says enough."""
    return FIRST_ROWS.get(model._meta.label_lower, "")
