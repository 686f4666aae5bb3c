"""Turning the keys over under which allauth's second factors are kept (see `config.accounts`)."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from products.encryption import decrypt, encrypt

# What allauth keeps encrypted in an authenticator's data (a secret, a seed, a list of recovery codes).
ENCRYPTED_FACTOR_DATA = ("secret", "seed", "migrated_codes")


@transaction.atomic
def rotate_second_factors() -> int:
    """Encrypt all second-factor secrets anew with the first of FIELD_KEYS; return how many.

    Raises WrongFieldKeyError, and changes nothing, if one can't be read with any of the keys.
    """
    count = 0
    for authenticator in Authenticator.objects.select_for_update():
        held = {name for name in ENCRYPTED_FACTOR_DATA if name in authenticator.data}
        if held:
            data = authenticator.data | {name: _encrypted_anew(authenticator.data[name]) for name in held}
            Authenticator.objects.filter(pk=authenticator.pk).update(data=data)
            count += 1
    return count


def _encrypted_anew(value: Any) -> Any:
    return [encrypt(decrypt(code)) for code in value] if isinstance(value, list) else encrypt(decrypt(value))
