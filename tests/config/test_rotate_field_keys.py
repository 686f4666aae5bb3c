"""`rotate_field_keys`: every secret under the new key, so that the old one can go."""

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from products.encryption import decrypt, encrypt
from products.models import ChipProfile
from products.profiles import to_sun

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_factor(sam):
    return Authenticator.objects.create(
        user=sam, type=Authenticator.Type.TOTP, data={"secret": encrypt("JBSWY3DP")}
    )


def test_chip_keys_and_second_factors_outlive_the_old_key(profile, second_factor, settings, capsys):
    """A8: a year-0 chip verifies after key rotation."""
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    call_command("rotate_field_keys")
    assert "1 chip profiles, 1 second factors" in capsys.readouterr().out
    settings.FIELD_KEYS = [new]
    assert to_sun(ChipProfile.objects.get(pk=profile.pk)).file_read_key == bytes.fromhex("22" * 16)
    second_factor.refresh_from_db()
    assert decrypt(second_factor.data["secret"]) == "JBSWY3DP"


def test_without_the_old_key_nothing_changes_and_a_sentence_says_why(profile, second_factor, settings):
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match=r"Nothing was changed: .* not in FIELD_KEYS"):
        call_command("rotate_field_keys")
    settings.FIELD_KEYS = []
    with pytest.raises(CommandError, match="FIELD_KEYS is not set"):
        call_command("rotate_field_keys")
    settings.FIELD_KEYS = old
    assert to_sun(ChipProfile.objects.get(pk=profile.pk)).file_read_key == bytes.fromhex("22" * 16)
