"""The page where a serial number is typed, and the one that tells how to tap."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from experiences.cards import BrandCard
from experiences.find import FindOutcome
from experiences.forms import FindForm


@dataclass(frozen=True, slots=True)
class FindPage:
    """What `experiences/find.html` and `experiences/how_to_tap.html` show."""

    title: str
    form: FindForm
    message: str
    brand: BrandCard | None
    find_url: str
    help_url: str
    no_code_url: str  # '' where no older piece gets a code
    status: int
    locale: str
    direction: str


def build_find_page(
    form: FindForm, outcome: FindOutcome, brand: BrandCard | None, *, takes_requests: bool = False
) -> FindPage:
    """`takes_requests`: older pieces without a code may get one, at this brand or, without one, at any."""
    return FindPage(
        title=_("Find your piece by its serial number"),
        form=form,
        message=_message(outcome),
        brand=brand,
        find_url=reverse("find_brand", args=[brand.slug]) if brand else reverse("find"),
        help_url=reverse("find_help"),
        no_code_url=_no_code_url(brand) if takes_requests else "",
        status=_status(form, outcome),
        locale=get_language() or "en",
        direction="rtl" if get_language_bidi() else "ltr",
    )


def _no_code_url(brand: BrandCard | None) -> str:
    return reverse("ask_identity", args=[brand.slug]) if brand else reverse("no_code")


def _message(outcome: FindOutcome) -> str:
    if outcome.too_many:
        return _(
            "That was tried too often from here. What you typed is still there; try again in a quarter of an hour."
        )
    if outcome.model_closed:
        return _(
            "Serial numbers of this model were tried very often in the last hour, so it is closed for a while."
            " What you typed is still there; try again in an hour, or hold the phone to the tag."
        )
    if outcome.not_found:
        return _(
            "No piece was found with this model and serial number. Look for similar characters: 0 and O, 1 and I, 5 and S."
        )
    return ""


def _status(form: FindForm, outcome: FindOutcome) -> int:
    if outcome.too_many or outcome.model_closed:
        return 429
    if outcome.not_found:
        return 404
    return 400 if form.is_bound and not form.is_valid() else 200
