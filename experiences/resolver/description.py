"""The resolver description file (`/.well-known/gs1resolver`; GS1-Conformant Resolver Standard 1.2)."""

from typing import Any

from experiences.resolver.linkset import CONTEXT_URL
from products.digital_link.link_types import NAMESPACE, PREFIX
from products.models import KeyType


def build_description(name: str, root: str) -> dict[str, Any]:
    """Return the description of the resolver at `root`, a scheme and host without a slash."""
    return {
        "name": name,
        "resolverRoot": root,
        "supportedPrimaryKeys": ["01", *KeyType.values],
        "supportedLinkType": [{"namespace": NAMESPACE, "prefix": PREFIX}],
        "linkTypeDefaultCanBeLinkset": False,
        "supportedContextValuesExternal": [
            {"nameOfList": "ISO 3166-1 alpha-2", "url": "https://www.iso.org/iso-3166-country-codes.html"}
        ],
        "contact": {"fn": name},
        "jsonLdContextLocation": CONTEXT_URL,
    }
