"""Write `.env` with fresh keys, once: run as a script by `make run`, before Django is needed."""

import base64
import os
import secrets
from pathlib import Path


def write_keys_once(path: Path) -> bool:
    """Write SECRET_KEY and FIELD_KEYS to `path`, readable by its owner only; return False if it was there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(f"SECRET_KEY={secrets.token_urlsafe(60)}\n")
        file.write(f"FIELD_KEYS={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}\n")
    return True


if __name__ == "__main__":
    write_keys_once(Path(__file__).resolve().parent.parent / ".env")
