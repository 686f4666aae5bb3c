"""What of a request's query goes on to the target: everything, but never a chip's proof.

A chip may be encoded with a GS1 Digital Link whose query holds its SUN message. Whoever has that has
the tap; so its parameters, under the names of every profile of the brand, stay here.
"""

from dataclasses import astuple
from urllib.parse import unquote_plus

from products.models import ChipProfile
from products.sun import ParameterNames

_STANDARD = frozenset(name for name in (*astuple(ParameterNames()), "tt") if name)

_OURS = frozenset({"linktype", "lang", "context"})


def forwarded(href: str, query: str, secret: frozenset[str]) -> str:
    """Return the target with the pairs of the query behind its own, in their order and spelling."""
    kept = [pair for pair in query.split("&") if pair and _name(pair) not in secret]
    if not kept:
        return href
    address, hash_mark, fragment = href.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{'&'.join(kept)}{hash_mark}{fragment}"


def may_hold_secrets(query: str) -> bool:
    """Return whether there is more in the query than what the resolver itself is asked with."""
    return any(pair and _name(pair) not in _OURS for pair in query.split("&"))


def secret_names(brand_id: int) -> frozenset[str]:
    """Return the names, in small letters, of the parameters in which chips of this brand prove themselves."""
    profiles = ChipProfile.objects.filter(brand_id=brand_id).values_list("params", flat=True)
    named = {str(name).lower() for params in profiles for name in params.values()}
    return _STANDARD | named


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0]).strip().lower()
