"""Letters by kind: each module knows the kinds of one matter, and this is the list of all of them."""

from experiences.letters import (
    addresses,
    data_rights,
    identities,
    losses,
    members,
    recovering,
    registered,
    releases,
    transfers,
    vouched,
)
from experiences.letters.base import Source

SOURCES: dict[str, Source] = {
    **registered.SOURCES,
    **data_rights.SOURCES,
    **identities.SOURCES,
    **members.SOURCES,
    **losses.SOURCES,
    **releases.SOURCES,
    **transfers.SOURCES,
    **vouched.SOURCES,
    **recovering.SOURCES,
    **addresses.SOURCES,  # after `recovering`: the same letter also follows an owner's own choice
}
