"""The owner's page about their data at each brand: take it along, be forgotten, call that off."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from experiences.cards import BrandCard
from experiences.letters.data_rights import hindered_words
from experiences.pages.me.frame import MeFrame, me_frame
from ownership.models import DataRequest, LossReport, Owner, OwnershipPolicy
from ownership.models.data_rights import DataRequestKind, DataRequestState
from ownership.models.owners import OwnerKind
from ownership.services.holding import held_until

Kind, State = DataRequestKind, DataRequestState


@dataclass(frozen=True, slots=True)
class House:
    """What may be asked of one brand, and what was."""

    owner_id: int
    name: str
    is_group: bool  # a household's or an organisation's data: all of its things
    export_state: str
    file_url: str
    waits_for_export: bool
    erasure_id: int | None  # the one that can be called off
    erasure_state: str
    erasure_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPage(MeFrame):
    """What `me/data.html` shows."""

    houses: tuple[House, ...]
    url: str
    consents_url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetPage(MeFrame):
    """What `me/forget.html` shows: what being forgotten means, before it is asked for."""

    house: House
    pieces: int  # that whoever holds them next can register
    missed: int  # reported lost or stolen: they stay so
    held_until: str  # the first day after a recovery on which something may leave; '' where nothing holds it
    url: str
    data_url: str
    problem: str


def build_data_page(brand: BrandCard | None, owners: Sequence[Owner], *, problem: str = "") -> DataPage:
    """Return the page in a fixed number of statements; `owners` come with their brands."""
    url = reverse("me_data")
    return DataPage(
        **me_frame(_("My data"), brand, url),
        houses=_houses(owners),
        url=url,
        consents_url=reverse("me_consents"),
        problem=problem,
    )


def build_forget_page(
    brand: BrandCard | None, owner: Owner, *, now: dt.datetime, problem: str = ""
) -> ForgetPage:
    url = reverse("me_forget", args=[owner.pk])
    (house,) = _houses([owner])
    standing = LossReport.objects.standing().filter(ownership=OuterRef("pk"))
    owned = owner.ownerships.current().annotate(is_missed=Exists(standing))
    counts = owned.aggregate(
        pieces=Count("pk", filter=Q(is_missed=False)), missed=Count("pk", filter=Q(is_missed=True))
    )
    until = held_until(owner_id=owner.pk, now=now)
    return ForgetPage(
        **me_frame(_("Forget me"), brand, url),
        house=house,
        pieces=counts["pieces"],
        missed=counts["missed"],
        held_until=date_format(localtime(until)) if until else "",
        url=url,
        data_url=reverse("me_data"),
        problem=problem,
    )


def _houses(owners: Sequence[Owner]) -> tuple[House, ...]:
    days = dict(
        OwnershipPolicy.objects.filter(brand__in={owner.brand_id for owner in owners}).values_list(
            "brand_id", "erasure_days"
        )
    )
    asked: dict[int | None, list[DataRequest]] = {}
    rows = DataRequest.objects.filter(owner__in=owners).select_related("file").order_by("-pk")
    for request in rows:
        asked.setdefault(request.owner_id, []).append(request)
    default = OwnershipPolicy().erasure_days
    return tuple(
        _house(owner, asked.get(owner.pk, []), days.get(owner.brand_id, default)) for owner in owners
    )


def _house(owner: Owner, requests: Sequence[DataRequest], erasure_days: int) -> House:
    export = next((request for request in requests if request.kind == Kind.EXPORT), None)
    erasure = next((request for request in requests if request.kind == Kind.ERASURE), None)
    is_group = owner.kind != OwnerKind.PERSON
    name = owner.brand.name
    return House(
        owner_id=owner.pk,
        name=f"{name} · {owner.name or owner.get_kind_display()}" if is_group else name,
        is_group=is_group,
        export_state=_export_state(export),
        file_url=reverse("me_data_file", args=[export.pk]) if export and export.file else "",
        waits_for_export=export is not None and export.state == State.WAITING,
        erasure_id=erasure.pk if erasure and erasure.state == State.WAITING else None,
        erasure_state=_erasure_state(erasure),
        erasure_days=erasure_days,
    )


def _export_state(request: DataRequest | None) -> str:
    if request is None:
        return ""
    if request.state == State.WAITING:
        return _("It is being put together. We write to you when it is ready.")
    if request.state == State.FAILED:
        return _("It could not be put together. Nothing is lost; please ask for it again.")
    if request.file is None or request.file.expires_at is None:
        return ""
    return _("Put together on %(day)s. It waits here until %(until)s.") % {
        "day": date_format(localtime(request.ended_at)),
        "until": date_format(localtime(request.file.expires_at)),
    }


def _erasure_state(request: DataRequest | None) -> str:
    if request is None:
        return ""
    if request.state == State.WAITING:
        return _("Your data will be erased on %(day)s.") % {"day": date_format(localtime(request.due_at))}
    if request.state == State.FAILED:
        return _("Your data could not be erased yet.") + " " + hindered_words(request.problem)
    return ""
