"""Letters by kind: each module knows the kinds of one matter, and this is the list of all of them."""

from experiences.letters import identities, losses, members, registered, releases
from experiences.letters.base import Source

SOURCES: dict[str, Source] = {
    **registered.SOURCES,
    **identities.SOURCES,
    **members.SOURCES,
    **losses.SOURCES,
    **releases.SOURCES,
}
