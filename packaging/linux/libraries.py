"""Which libraries of the system a bundle needs, held against those that the packages declare.

A library that the loader does not find stops the program at its start, on another machine than this
one; so each name that a file of the bundle asks for must be in the bundle or in the table below.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_GLIBC = (
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
)
DECLARED = {
    **dict.fromkeys(_GLIBC, "libc6"),
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
}
"""Debian's package of each library that is left to the system; ``nfpm.yaml`` declares them all."""
_UNUSED = {"libtbb.so.12"}
"""Asked for only by parts of Numba that are tried and passed over where it is missing."""
_ELF = b"\x7fELF"


class Needs(NamedTuple):
    """What a bundle asks of the system that it runs on."""

    packages: frozenset[str]
    glibc: str
    """The lowest version of the C library that has all that is asked for."""


def needs_of(bundle: Path) -> Needs:
    """Read what all files of *bundle* ask for; ends the program when no package declares one of them."""
    held = {path.name for path in bundle.rglob("*")}
    asked: dict[str, str] = {}
    versions = {(2, 0)}
    for path in bundle.rglob("*"):
        if path.is_symlink() or not path.is_file() or not _is_elf(path):
            continue
        told = subprocess.run(
            ["readelf", "--dynamic", "--version-info", path], capture_output=True, text=True, check=True
        ).stdout
        asked |= dict.fromkeys(re.findall(r"\(NEEDED\).*\[(.+)\]", told), str(path.relative_to(bundle)))
        versions |= {(2, int(minor)) for minor in re.findall(r"Name: GLIBC_2\.(\d+)", told)}
    outside = set(asked) - held - _UNUSED
    if unknown := outside - set(DECLARED):
        sys.exit("no package declares " + ", ".join(f"{name}, for {asked[name]}" for name in sorted(unknown)))
    return Needs(frozenset(DECLARED[name] for name in outside), "{}.{}".format(*max(versions)))


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_ELF)) == _ELF
