"""What the pages of households and organisations show: who shares, what is shared, and the invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from experiences.cards import BrandCard, product_card
from experiences.contact import masked
from experiences.pages.me.frame import MeFrame, me_frame
from experiences.people_forms import FoundForm, InviteForm, NameForm
from ownership.models import Invitation, Member, Owner, Ownership
from ownership.models.owners import MemberRole, OwnerKind

SHOWN_THINGS = 50


@dataclass(frozen=True, slots=True)
class Group:
    """One household or organisation in the list of the visitor's."""

    name: str
    house: str
    things: int
    people: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage(MeFrame):
    """What `me/people.html` shows."""

    groups: list[Group]
    form: FoundForm | None  # None where nothing is the visitor's that could be shared
    problem: str
    url: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    name: str
    role: str
    is_me: bool
    url: str  # empty where the visitor may change nothing


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invitation that nobody answered yet."""

    pk: int
    address: str
    role: str
    until: str


@dataclass(frozen=True, slots=True)
class Thing:
    pk: int
    name: str
    serial: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage(MeFrame):
    """What `me/group.html` shows."""

    house: str
    is_household: bool
    looks_after: bool
    people: list[PersonRow]
    waiting: list[Waiting]
    things: list[Thing]
    count: int
    can_bring: bool
    name_form: NameForm
    invite_form: InviteForm
    letters_to: str
    problem: str
    notice: str
    urls: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePage(MeFrame):
    """What `me/group_things.html` shows: things to tick, and what becomes of them."""

    words: str
    button: str
    form: forms.Form
    url: str
    back_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage(MeFrame):
    """What `me/group_member.html` shows: one person's role, and taking them out."""

    form: forms.Form
    remove_words: str
    url: str
    back_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurePage(MeFrame):
    """What `me/group_sure.html` shows before something ends."""

    words: list[str]
    button: str
    url: str
    back_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage(MeFrame):
    """What `me/invitation.html` shows; `name` only to whoever proved that the invited address is theirs."""

    state: str  # open, confirm, gone
    sentence: str
    name: str
    address: str
    url: str
    problem: str


def group_name(group: Owner) -> str:
    """Return what a group is called; a household needs no name."""
    return group.name or (_("Household") if group.kind == OwnerKind.HOUSEHOLD else _("Organisation"))


def build_people_page(
    brand: BrandCard | None, groups: list[Owner], form: FoundForm | None, *, problem: str = ""
) -> PeoplePage:
    """`groups`: with the numbers `things` and `people`."""
    url = reverse("me_people")
    return PeoplePage(
        **me_frame(_("The people who use my things"), brand, url),
        groups=[
            Group(
                group_name(group),
                group.brand.name,
                group.things,  # type: ignore[attr-defined]
                group.people,  # type: ignore[attr-defined]
                reverse("me_group", args=[group.pk]),
            )
            for group in groups
        ],
        form=form,
        problem=problem,
        url=url,
    )


def build_group_page(
    brand: BrandCard | None,
    member: Member,
    *,
    name_form: NameForm,
    invite_form: InviteForm,
    can_bring: bool,
    problem: str = "",
    notice: str = "",
) -> GroupPage:
    group, looks_after = member.owner, member.role == MemberRole.ADMIN
    url = reverse("me_group", args=[group.pk])
    owned = Ownership.objects.current().filter(owner=group)
    frame = me_frame(group_name(group), brand, url)
    return GroupPage(
        **frame,
        house=group.brand.name,
        is_household=group.kind == OwnerKind.HOUSEHOLD,
        looks_after=looks_after,
        people=_people(member),
        waiting=_waiting(group) if looks_after else [],
        things=things_of(owned.order_by("-since")[:SHOWN_THINGS], frame["locale"]),
        count=owned.count(),
        can_bring=can_bring,
        name_form=name_form,
        invite_form=invite_form,
        letters_to=masked(group.email or group.phone),
        problem=problem,
        notice=notice,
        urls=_urls(group),
    )


def _urls(group: Owner) -> dict[str, str]:
    acts = ("invite", "withdraw", "name", "letters", "bring", "take", "leave", "close")
    urls = {act: reverse("me_group_act", args=[group.pk, act]) for act in acts}
    fleet = group.kind == OwnerKind.ORGANISATION
    return {**urls, "group": reverse("me_group", args=[group.pk])} | (
        {"fleet": reverse("fleet", args=[group.pk])} if fleet else {}
    )


def things_of(owned: Any, locale: str) -> list[Thing]:
    """Return the units of these ownerships, as their owner calls them."""
    found = []
    for ownership in owned.select_related("unit__brand"):
        unit = ownership.unit
        name = product_card(unit.product_id, unit.brand.content_version, locale).name
        found.append(Thing(unit.pk, name, unit.serial, reverse("unit_home", args=[unit.public_code])))
    return found


def _people(me: Member) -> list[PersonRow]:
    """Name people as the house knows them, else by what only they recognise of their address."""
    members = list(me.owner.members.select_related("person"))
    ids = [member.person_id for member in members]
    rows = Owner.objects.filter(brand=me.owner.brand_id, person__in=ids).exclude(name="")
    names = dict(rows.values_list("person_id", "name"))
    mails = EmailAddress.objects.filter(user__in=ids, verified=True).order_by("primary", "-pk")
    addresses = dict(mails.values_list("user_id", "email"))
    looks_after = me.role == MemberRole.ADMIN
    return [
        PersonRow(
            names.get(member.person_id) or masked(addresses.get(member.person_id, "")) or _("Somebody"),
            _role(member.role),
            member.pk == me.pk,
            reverse("me_group_member", args=[me.owner_id, member.pk])
            if looks_after and member.pk != me.pk
            else "",
        )
        for member in members
    ]


def _waiting(group: Owner) -> list[Waiting]:
    return [
        Waiting(row.pk, masked(row.email), _role(row.role), date_format(row.expires_at.date()))
        for row in group.invitations.all()
    ]


def _role(role: str) -> str:
    return _("Looks after the things") if role == MemberRole.ADMIN else _("Uses the things")


def build_choose_page(
    brand: BrandCard | None, group: Owner, form: forms.Form, *, act: str, problem: str = ""
) -> ChoosePage:
    name = group_name(group)
    words = {
        "bring": (
            _("Which things shall %(name)s share?") % {"name": name},
            _(
                "They stay what they are: the first owner stays the first, the warranty runs on. Everybody there"
                " sees them, and who looks after them can pass them on."
            ),
            _("Share these things"),
        ),
        "take": (
            _("Which things shall be yours alone?"),
            _(
                "What you brought in comes back to you as it was. What somebody else brought in changes hands:"
                " you become its next owner."
            ),
            _("Take these things out"),
        ),
    }
    title, sentence, button = words[act]
    url = reverse("me_group_act", args=[group.pk, act])
    return ChoosePage(
        **me_frame(title, brand, url),
        words=sentence,
        button=button,
        form=form,
        url=url,
        back_url=reverse("me_group", args=[group.pk]),
        problem=problem,
    )


def build_member_page(
    brand: BrandCard | None, group: Owner, name: str, member_id: int, form: forms.Form, *, problem: str = ""
) -> MemberPage:
    url = reverse("me_group_member", args=[group.pk, member_id])
    return MemberPage(
        **me_frame(name, brand, url),
        form=form,
        remove_words=_stays(group),
        url=url,
        back_url=reverse("me_group", args=[group.pk]),
        problem=problem,
    )


def _stays(group: Owner) -> str:
    if group.kind == OwnerKind.HOUSEHOLD:
        return _("Whoever goes is nobody to these things at once, and takes along what they brought in.")
    return _("Whoever goes is nobody to these things at once; all of them stay here.")


def build_leave_page(brand: BrandCard | None, group: Owner, *, problem: str = "") -> SurePage:
    name = group_name(group)
    words = [
        _("What you brought in comes back to you; the rest stays here.")
        if group.kind == OwnerKind.HOUSEHOLD
        else _("All things stay here."),
        _("To come back, you need a new invitation."),
    ]
    return _sure(brand, group, "leave", _("Leave %(name)s") % {"name": name}, words, problem)


def build_close_page(brand: BrandCard | None, group: Owner, *, problem: str = "") -> SurePage:
    name = group_name(group)
    if group.kind == OwnerKind.HOUSEHOLD:
        words = [
            _("Each thing goes back to whoever brought it in; what nobody here brought in becomes yours."),
            _("Nobody else sees your things any more. Warranty and history stay with them."),
        ]
    else:
        words = [_("It can be closed once it has no things. Its people then see nothing of it any more.")]
    return _sure(brand, group, "close", _("Close %(name)s") % {"name": name}, words, problem)


def _sure(
    brand: BrandCard | None, group: Owner, act: str, title: str, words: list[str], problem: str
) -> SurePage:
    url = reverse("me_group_act", args=[group.pk, act])
    back = reverse("me_group", args=[group.pk])
    return SurePage(
        **me_frame(title, brand, url), words=words, button=title, url=url, back_url=back, problem=problem
    )


def build_invitation_page(
    brand: BrandCard | None, invitation: Invitation | None, *, code: str, is_theirs: bool, problem: str = ""
) -> InvitationPage:
    url = reverse("invitation", args=[code])
    if invitation is None:
        gone = _("It was answered, taken back, or its time is over. Whoever sent it can send a new one.")
        frame = me_frame(_("This invitation is over"), brand, url)
        return InvitationPage(
            **frame, state="gone", sentence=gone, name="", address="", url=url, problem=problem
        )
    household = invitation.owner.kind == OwnerKind.HOUSEHOLD
    title = (
        _("A household shares its things with you")
        if household
        else _("An organisation shares its things with you")
    )
    sentence = (
        _("You will see their pages as one of their owners, can ask for help and report one missing.")
        if invitation.role == MemberRole.MEMBER
        else _("You will look after them: see their pages, invite people, and pass things on.")
    )
    return InvitationPage(
        **me_frame(title, brand, url),
        state="open" if is_theirs else "confirm",
        sentence=sentence,
        name=group_name(invitation.owner) if is_theirs else "",
        address=masked(invitation.email),
        url=url,
        problem=problem,
    )


def labels_of(things: Sequence[Thing]) -> list[tuple[int, str]]:
    """Return things as choices: name and serial number."""
    return [(thing.pk, f"{thing.name} · {thing.serial}") for thing in things]
