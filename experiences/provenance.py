"""The link of a shared history: its signed token, and the row that says whether it works still.

The signature covers the row's number, the unit and the last moment, so nothing is looked up for a guessed link,
and a link that was taken back or whose owner changed dies with its row.
"""

import datetime as dt

from django.core import signing

from ownership.models import ProvenanceLink

_SIGNER = signing.Signer(salt="experiences.provenance")


class LinkError(Exception):
    """Why a shared history can't be read: `forged`, or `over` (its time, its owner's or the link itself)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def token_of(link: ProvenanceLink) -> str:
    """Return what stands in the link's address; the same row always gives the same."""
    return _SIGNER.sign_object([link.pk, link.unit_id, int(link.expires_at.timestamp())])


def read_token(token: str, *, now: dt.datetime) -> ProvenanceLink:
    """Return the link with its unit and brand, if it may be read now. Raises LinkError."""
    try:
        pk, unit_id, until = (int(value) for value in _SIGNER.unsign_object(token))
    except (signing.BadSignature, ValueError, TypeError, UnicodeError) as error:
        raise LinkError("forged") from error
    links = ProvenanceLink.objects.working(now).select_related("unit__brand")
    link: ProvenanceLink | None = links.filter(pk=pk, unit=unit_id).first()
    if link is None or int(link.expires_at.timestamp()) != until:
        raise LinkError("over")
    return link
