"""The project's settings under the environment of a test run (read before any conftest)."""

import os

os.environ["HEIRLOOM_TESTING"] = "1"
os.environ["FIELD_KEYS"] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop beside the ORM

from config.settings import *  # noqa: F403

STATIC_ROOT = BASE_DIR / "static"  # noqa: F405 (nothing is collected; WhiteNoise asks the finders)
# Nearly every test of the console makes a person with a password: what protects it would take most of the time.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # the demo's people have theirs
]
