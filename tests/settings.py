"""The project's settings under the environment of a test run (read before any conftest)."""

import atexit
import os
import shutil
import tempfile

os.environ["HEIRLOOM_TESTING"] = "1"
# Each process that runs tests has its own: a change of keys made by one would show in all others.
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="heirloom-tests-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ["FIELD_KEYS"] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop beside the ORM

from config.settings import *  # noqa: E402, F403

STATIC_ROOT = BASE_DIR / "static"  # noqa: F405 (nothing is collected; WhiteNoise asks the finders)
# Nearly every test of the console makes a person with a password: what protects it would take most of the time.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # the demo's people have theirs
]

# The app's next code may appear between reading one and sending it: on a busy machine that takes seconds.
MFA_TOTP_TOLERANCE = 1
# Workers that share the tests (pytest-xdist) have each their own database; queue and cache must be their own, too.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    CELERY_TASK_DEFAULT_QUEUE = f"{CELERY_TASK_DEFAULT_QUEUE}-{worker}"  # noqa: F405
    redis, _, number = CACHES["default"]["LOCATION"].rpartition("/")  # noqa: F405
    if redis.startswith("redis:"):  # Redis numbers its databases: from the one that was named downwards
        CACHES["default"]["LOCATION"] = f"{redis}/{int(number) - int(worker.removeprefix('gw'))}"  # noqa: F405
