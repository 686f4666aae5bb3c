"""Secrets at rest: the first key encrypts, all decrypt, and a wrong one says so in a sentence."""

import json

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from products.encryption import WrongFieldKeyError, cipher, decrypt, encrypt
from products.models import ChipProfile
from products.services.chips import rotate_field_keys
from tests import factories

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _n in range(3))


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT keys FROM products_chipprofile")
        return cursor.fetchone()[0]


def test_what_was_encrypted_comes_back(settings):
    settings.FIELD_KEYS = [OLD]
    assert decrypt(encrypt("é secret")) == "é secret"
    assert "secret" not in encrypt("secret")
    assert encrypt("secret") != encrypt("secret")


def test_the_first_key_encrypts_and_all_decrypt(settings):
    settings.FIELD_KEYS = [OLD]
    token = encrypt("secret")
    settings.FIELD_KEYS = [NEW, OLD]
    assert decrypt(token) == "secret"
    newer = encrypt("secret")
    settings.FIELD_KEYS = [NEW]
    assert decrypt(newer) == "secret"
    with pytest.raises(WrongFieldKeyError):
        decrypt(token)


@pytest.mark.parametrize("token", ["", "x", "gAAAAA", "é"])
def test_what_we_never_encrypted_is_a_wrong_key(settings, token):
    settings.FIELD_KEYS = [OLD]
    with pytest.raises(WrongFieldKeyError):
        decrypt(token)


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, "é" * 44], [""]])
def test_missing_or_malformed_keys_tell_the_operator_what_to_do(settings, keys):
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match=r"FIELD_KEYS.*Make one with"):
        cipher()


@pytest.mark.django_db
def test_chip_keys_are_never_stored_in_clear(settings):
    settings.FIELD_KEYS = [OLD]
    factories.ChipProfileFactory(keys=json.dumps({"meta_read_key": None, "file_read_key": "ab" * 16}))
    assert "ab" * 16 not in stored()
    assert json.loads(ChipProfile.objects.get().keys)["file_read_key"] == "ab" * 16


@pytest.mark.django_db
def test_rotation_leaves_everything_readable_with_the_new_key_alone(settings):
    settings.FIELD_KEYS = [OLD]
    factories.ChipProfileFactory()
    before, clear = stored(), ChipProfile.objects.get().keys
    settings.FIELD_KEYS = [NEW, OLD]
    assert rotate_field_keys() == 1
    assert stored() != before
    settings.FIELD_KEYS = [NEW]
    assert ChipProfile.objects.get().keys == clear
    assert rotate_field_keys() == 1


@pytest.mark.django_db
def test_rotation_changes_nothing_when_one_secret_can_not_be_read(settings):
    settings.FIELD_KEYS = [OLD]
    factories.ChipProfileFactory(slug="a")
    settings.FIELD_KEYS = [OTHER]
    factories.ChipProfileFactory(slug="b")
    settings.FIELD_KEYS = [NEW, OLD]
    with connection.cursor() as cursor:
        cursor.execute("SELECT keys FROM products_chipprofile ORDER BY slug")
        before = cursor.fetchall()
    with pytest.raises(WrongFieldKeyError):
        rotate_field_keys()
    with connection.cursor() as cursor:
        cursor.execute("SELECT keys FROM products_chipprofile ORDER BY slug")
        assert cursor.fetchall() == before
