"""Verifying one link in this process, in microseconds: AES and LRP, shared keys and keys of each chip's own.

The shortest of many: what the machine does besides only ever adds to it.
"""

import timeit
from contextlib import suppress

from products.sun import MacFrom, MasterKey, SunError, SunProfile, VirtualChip, verify

META, FILE = b"\x11" * 16, b"\x22" * 16
MASTER = MasterKey(b"\x33" * 16, system_id=b"heirloom")
UID = bytes.fromhex("04de5f1eacc040")
FILE_DATA = b"x" * 16
SECONDS = 0.4  # for each kind

CASES = {
    "AES": (SunProfile(META, FILE, MacFrom.CMAC), None),
    "AES, forged": (SunProfile(META, FILE, MacFrom.CMAC), None),
    "AES, file data": (SunProfile(META, FILE, MacFrom.ENC), FILE_DATA),
    "AES, own key": (SunProfile(META, MASTER, MacFrom.CMAC), None),
    "LRP": (SunProfile(META, FILE, MacFrom.CMAC, mode="lrp"), None),
    "LRP, file data": (SunProfile(META, FILE, MacFrom.ENC, mode="lrp"), FILE_DATA),
    "LRP, own key": (SunProfile(META, MASTER, MacFrom.CMAC, mode="lrp"), None),
    "LRP, whole link": (SunProfile(META, FILE, MacFrom.URL, mode="lrp"), None),
}


def report_verification() -> None:
    """Print a line per kind of chip."""
    times = {name: _microseconds(name, *case) for name, case in CASES.items()}
    print(f"\n{'verifying a link':18}{'µs':>8}{'x AES':>8}")
    for name, time in times.items():
        print(f"{name:18}{time:>8.1f}{time / times['AES']:>8.1f}")


def _microseconds(name: str, profile: SunProfile, data: bytes | None) -> float:
    link = VirtualChip(UID, profile, data).link("https://example.com/t/acme-a", 7).removeprefix("https://")
    if "forged" in name:
        link = link[:-1] + ("0" if link[-1] != "0" else "1")

    def once() -> None:
        with suppress(SunError):
            verify(link, profile)

    once()
    runs = int(SECONDS / timeit.timeit(once, number=1)) + 1
    return min(timeit.repeat(once, number=1, repeat=runs)) * 1e6
