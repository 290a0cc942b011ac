"""What this machine has and lacks for the first steps; read on a worker thread."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tickreel.keys import KeyName, KeyOrigin, find_key, keyring_name
from tickreel.market.units import format_bytes
from tickreel_desktop.welcome.page import Fact

if TYPE_CHECKING:
    from pathlib import Path

_LITTLE_BYTES = 5 * 10**9
_KEY_WORDS = {
    KeyOrigin.NONE: "Tardis key: none yet",
    KeyOrigin.ENVIRONMENT: f"Tardis key: from {KeyName.TARDIS.variable}",
    KeyOrigin.KEYRING: "Tardis key: kept",
    KeyOrigin.SESSION: "Tardis key: for this session",
}


def look(home: Path, *, is_read_only: bool) -> list[Fact]:
    """Look at the home, the store of passwords and the vendor's key."""
    free_bytes = shutil.disk_usage(home).free
    room = f"{format_bytes(free_bytes)} free"
    if is_read_only:
        cache = Fact(f"The cache can only be read, {room}", is_good=False, is_problem=True)
    else:
        cache = Fact(f"The cache can be written, {room}", is_good=True, is_problem=free_bytes < _LITTLE_BYTES)
    store = keyring_name()
    kept = Fact("No keyring on this system" if store is None else store, is_good=store is not None)
    origin = find_key(KeyName.TARDIS).origin
    return [cache, kept, Fact(_KEY_WORDS[origin], is_good=origin is not KeyOrigin.NONE)]
