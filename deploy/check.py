"""Run `manage.py check --deploy` as on a production site, failing at any warning, whatever `.env` says."""

import os
import subprocess
import sys
from pathlib import Path

PRODUCTION = {
    "SECRET_KEY": "only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "FIELD_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "PUBLIC_BASE_URL": "https://tap.example",
    "EMAIL_URL": "smtp+tls://mail.example:587",
    "ALLOWED_HOSTS": "tap.example",
    "BEHIND_PROXY": "1",
    "SECURE_SSL_REDIRECT": "1",
    "DATABASE_URL": "sqlite://:memory:",
    "DEBUG": "0",
}


def main() -> int:
    """Return the exit code of the checks."""
    command = [
        sys.executable,
        "manage.py",
        "check",
        "--deploy",
        "--database",
        "default",
        "--fail-level",
        "WARNING",
    ]
    root = Path(__file__).resolve().parent.parent
    return subprocess.run(command, cwd=root, env={**os.environ, **PRODUCTION}, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
