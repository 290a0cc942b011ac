"""Opens a cache with the shared tier that its settings name; without one nothing of it is loaded."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tickreel.keys import KeyName, find_key
from tickreel.logs import hide
from tickreel.settings import home_dir, load
from tickreel.store import Cache

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tickreel.settings import LoadedSettings
    from tickreel.shared.line import Line
    from tickreel.shared.supply import SharedSupply


def open_cache(home: str | Path | None = None, *, read_only: bool = False) -> Cache:
    """Open the cache in *home*, making it when it is not there; with the shared cache that is set, if any.

    Without *home* it is ``TICKREEL_HOME``, else the system's place for application data. A shared server
    that does not answer is no error: days that are only there are missing then.

    Raises:
        EnvironmentProblem: the home cannot be used; the message says why and what to do.
        UsageError: the address of the shared cache is none.
    """
    cache = Cache(home_dir(flag=home), read_only=read_only)
    try:
        supply = open_supply(cache, load(cache.home))
    except BaseException:
        cache.close()
        raise
    if supply is not None:
        cache.attach(supply)
    return cache


def open_supply(
    cache: Cache, loaded: LoadedSettings, environ: Mapping[str, str] = os.environ
) -> SharedSupply | None:
    """Open the shared tier of a cache; None where none is set. Nothing is connected yet.

    Raises:
        UsageError: the address is none.
    """
    if not loaded.values.shared.is_used:
        return None
    from tickreel.shared.supply import SharedSupply
    from tickreel.shared.tier import SharedTier

    line = open_line(loaded, environ)
    tier = SharedTier(line, ttl_s=loaded.values.shared.ttl_s, now_us=cache.disk.now_us)
    return SharedSupply(cache, tier)


def open_line(loaded: LoadedSettings, environ: Mapping[str, str] = os.environ) -> Line:
    """Make the line to the server that is set; nothing is connected yet.

    Raises:
        UsageError: the address is none, or there is none.
    """
    from tickreel.shared.address import read_address
    from tickreel.shared.line import Line

    settings = loaded.values.shared
    address = read_address(settings.url or "")
    if address.password is not None:
        hide(address.password)
        return Line(address, settings, None)
    return Line(address, settings, find_key(KeyName.REDIS, environ).value)
