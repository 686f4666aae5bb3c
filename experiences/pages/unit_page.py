"""The page that a tap opens."""

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from analytics.kinds import Stage, Verdict
from experiences.cards import BrandCard, ProductCard
from experiences.pages.flag_actions import flag_action
from experiences.pages.identity import line_of_its_own
from experiences.pages.layouts import DOUBTFUL, UNBOXING, layout_for, leading_flag, order_modules
from experiences.pages.modules import REGISTER_FORM, Module, build_module, due_treatments, section_url
from experiences.pages.promises import registering_label
from experiences.tap import Tap
from experiences.theme import Style, brand_style

QUIETER = 3  # at most so many actions beside the first

SECTIONS = {
    "explore": "story", "register": "register", "setup": "setup", "care": "care", "help": "help",
    "service": "service", "recycle": "recycle", "provenance": "provenance",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do, named by a verb and its result."""

    code: str
    label: str
    url: str
    form: str = ""  # the id of the form on this page that it submits


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class UnitPage:
    """What `experiences/unit.html` shows."""

    title: str
    brand: BrandCard
    product: ProductCard
    serial: str
    variant: str
    line: str
    stage: str
    verdict: str
    viewer: str
    flags: str
    action: Action
    quieter: list[Action]
    acts_after: str  # the module below which the first action stands
    modules: list[Module]
    languages: list[Language]
    locale: str
    direction: str
    home_url: str
    subject: str
    is_urgent: bool
    new_address_url: str  # where the owner, whom mail does not reach, gives another address
    style: Style


def build_unit_page(tap: Tap) -> UnitPage:
    """Return the page for a handled tap, in the active language."""
    layout = layout_for(tap.decision, tap.facts)
    flags = tap.row.flags
    names = order_modules(("gift", "moments", *layout.modules, "yours"), flags, tap.verdict)
    modules = [module for name in names if (module := build_module(name, tap))]
    present = {module.name for module in modules}
    action = _first_action(tap, layout.actions, present)
    if action.code == "register" and layout is UNBOXING:  # the form itself stands on the page
        action = replace(action, label=registering_label(tap), form=REGISTER_FORM)
    home_url = reverse("unit_home", args=[tap.row.public_code])
    return UnitPage(
        title=subject_of(tap),
        brand=tap.brand,
        product=tap.product,
        serial=tap.row.serial,
        variant=tap.product.variants.get(tap.row.variant_id or 0, ""),
        line=line_of_its_own(tap),
        stage=tap.decision.stage.value,
        verdict=tap.verdict.value,
        viewer=tap.viewer,
        flags=page_flags(tap),
        action=action,
        quieter=_quieter(tap, action, present),
        acts_after="register" if action.form else "authenticity",
        modules=modules,
        languages=languages_of(tap, home_url),
        locale=tap.locale,
        direction="rtl" if get_language_bidi() else "ltr",
        home_url=home_url,
        subject=subject_of(tap),
        is_urgent=bool(flags) or tap.verdict in DOUBTFUL,
        new_address_url=reverse("me_details") if tap.row.viewer_bounced else "",
        style=brand_style(tap.brand),
    )


def next_action(tap: Tap) -> Action:
    """Return what the unit's page would lead with, without building the page."""
    wanted = layout_for(tap.decision, tap.facts).actions
    present = {SECTIONS[code] for code in wanted if build_module(SECTIONS[code], tap)}
    return _first_action(tap, wanted, present)


def subject_of(tap: Tap) -> str:
    """Return the subject of a message about this unit: whoever answers then knows which one is meant."""
    return f"{tap.product.name} · {tap.row.serial}"


def page_flags(tap: Tap) -> str:
    """Return `data-flags`: what is open, and `opened` for a seal that was opened."""
    return " ".join([*tap.row.flags, *(["opened"] if tap.row.opened_at else [])])


def languages_of(tap: Tap, url: str) -> list[Language]:
    """Return the brand's languages, each with the address of this page in it; a tap's own link is never opened twice."""
    return languages_at(url, tap.brand.locales, tap.locale)


def languages_at(url: str, locales: tuple[str, ...], current: str) -> list[Language]:
    """Return the languages in which a page can be read, each with its address."""
    names = {"en": "English", "fr": "Français"}
    return [Language(code, names.get(code, code), f"{url}?lang={code}", code == current) for code in locales]


def _first_action(tap: Tap, wanted: tuple[str, ...], present: set[str]) -> Action:
    if tap.verdict is Verdict.TAMPERED:
        return Action(
            "help", _("Ask %(brand)s about it") % {"brand": tap.brand.name}, section_url(tap, "help")
        )
    if tap.verdict is Verdict.REPLAYED:
        return Action("tap-again", _("How to tap again"), reverse("find_help"))
    flag = leading_flag(tap.row.flags)
    if flag is not None:
        return Action(flag.value, *flag_action(tap, flag))
    for code in wanted:
        if SECTIONS[code] in present:
            return _action(tap, code)
    return _action(tap, "provenance")


def _quieter(tap: Tap, first: Action, present: set[str]) -> list[Action]:
    codes = [code for code in ("help", "care", "setup", "register", "service") if code in present]
    quieter = [_action(tap, code) for code in codes if code != first.code][:QUIETER]
    if may_give_away(tap):
        gift_url = reverse("gift", args=[tap.row.public_code])
        quieter.append(Action("gift", _("I am giving it away"), gift_url))
    if may_ask_for_release(tap):
        ask_url = reverse("ask_release", args=[tap.row.public_code])
        quieter.append(Action("ask-release", _("It is mine now"), ask_url))
    if tap.row.viewer_unconfirmed:
        quieter.append(Action("address", _("Confirm your address"), address_url(tap)))
    return quieter


def may_ask_for_release(tap: Tap) -> bool:
    """Whether its release is offered: somebody else owns it, and neither looks for it nor passes it on."""
    row = tap.row
    free = not (row.lost or row.stolen or row.transfer or row.dispute)
    return tap.facts.is_owned and not row.viewer_is_owner and row.status == "active" and free


def may_give_away(tap: Tap) -> bool:
    """Whether words for a present are offered: it was never registered, and where a chip could prove it, it is held."""
    new = not tap.facts.was_registered and tap.decision.stage in (Stage.DISCOVERY, Stage.UNBOXING)
    held = tap.possession is not None or not tap.row.has_chip
    return new and held and tap.row.gift_words is None and not (tap.row.lost or tap.row.stolen)


def address_url(tap: Tap) -> str:
    """Return where the owner confirms or corrects the address."""
    return reverse("address", args=[tap.row.public_code])


def _action(tap: Tap, code: str) -> Action:
    if code == "register":
        return Action(code, _label(tap, code), reverse("register", args=[tap.row.public_code]))
    return Action(code, _label(tap, code), section_url(tap, SECTIONS[code]))


def _label(tap: Tap, code: str) -> str:
    if code == "care" and (due := due_treatments(tap)):
        return _("%(treatment)s: next on %(date)s") % {
            "treatment": due[0].what,
            "date": date_format(due[0].on),
        }
    return {
        "explore": _("See what it is and what it is made of"),
        "register": _("Register it in your name"),
        "setup": _("Set it up, step by step"),
        "care": _("See how to care for it"),
        "help": _("Something wrong? Get help"),
        "service": _("Have it serviced or repaired"),
        "recycle": _("Recycle it properly"),
        "provenance": _("See its history"),
    }[code]
