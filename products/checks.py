"""System checks of `FIELD_KEYS`, so that a wrong key stops a start instead of a tap."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from products.encryption import WrongFieldKeyError, cipher

MISSING_OR_MALFORMED = "heirloom.E001"
DOES_NOT_FIT = "heirloom.E002"


def field_keys_are_keys(*, app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """`FIELD_KEYS` is set and each of its values is a Fernet key."""
    try:
        cipher()
    except ImproperlyConfigured as error:
        return [Error(str(error), id=MISSING_OR_MALFORMED)]
    return []


def field_keys_fit_stored_secrets(
    *, app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **_options: Any
) -> list[CheckMessage]:
    """Every stored chip key can be read; runs where the database is checked (`check --database default`)."""
    from products.models import ChipProfile

    try:
        for alias in databases or ():
            list(ChipProfile.objects.using(alias).values_list("keys", flat=True))
    except WrongFieldKeyError:
        return [
            Error(
                "FIELD_KEYS does not fit this database: a stored chip key was encrypted with another key."
                " Add the key that was used before to FIELD_KEYS, separated by a comma.",
                id=DOES_NOT_FIT,
            )
        ]
    except (ImproperlyConfigured, DatabaseError):
        return []  # said by the check above; or not migrated yet, when nothing is stored either
    return []
