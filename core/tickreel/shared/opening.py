"""Opens a cache with the shared tier that its settings name; without one nothing of it is loaded.

This is the one way by which reads, books and replays come by days of a shared server: whoever opens a
cache here, or lets :func:`renew_supply` attach what is set by now, need do nothing more.
"""

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

    from tickreel.settings import LoadedSettings, SharedSettings
    from tickreel.shared.line import Line
    from tickreel.shared.supply import SharedSupply


def open_cache(home: str | Path | None = None, *, read_only: bool = False, listens: bool = False) -> Cache:
    """Open the cache in *home*, making it when it is not there; with the shared cache that is set, if any.

    Without *home* it is ``TICKREEL_HOME``, else the system's place for application data. A shared server
    that does not answer is no error: days that are only there are missing then. A program that runs on
    *listens*, on a thread that ends with the cache, to what others change there.

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
        if listens:
            supply.listen()
    return cache


def renew_supply(cache: Cache, environ: Mapping[str, str] = os.environ) -> None:
    """Let an open cache use the shared cache that is set by now, and listen to it; the former is let go.

    Raises:
        UsageError: the address is none; then the cache uses none.
    """
    cache.attach(None)
    supply = open_supply(cache, load(cache.home, environ=environ), environ)
    if supply is not None:
        cache.attach(supply)
        supply.listen()


def supply_of(cache: Cache) -> SharedSupply | None:
    """Give the shared tier of a cache; None where there is none."""
    if cache.farther is None:
        return None
    from tickreel.shared.supply import SharedSupply

    return cache.farther if isinstance(cache.farther, SharedSupply) else None


def open_supply(
    cache: Cache, loaded: LoadedSettings, environ: Mapping[str, str] = os.environ
) -> SharedSupply | None:
    """Open the shared tier of a cache; None where none is set. Nothing is connected yet.

    Raises:
        UsageError: the address is none.
    """
    settings = loaded.values.shared
    if not settings.is_used:
        return None
    from tickreel.shared.supply import SharedSupply
    from tickreel.shared.tier import SharedTier

    tier = SharedTier(line_of(settings, environ), ttl_s=settings.ttl_s, now_us=cache.disk.now_us)
    return SharedSupply(cache, tier)


def line_of(
    settings: SharedSettings, environ: Mapping[str, str] = os.environ, password: str | None = None
) -> Line:
    """Make a line to the server that is set; nothing is connected yet.

    The password is the one given, else that of the address, else that of environment or keyring.

    Raises:
        UsageError: the address is none, or there is none.
    """
    from tickreel.shared.address import read_address
    from tickreel.shared.line import Line

    address = read_address(settings.url or "")
    if address.password is not None:
        hide(address.password)
    if password is not None:
        hide(password)
    elif address.password is None:
        password = find_key(KeyName.REDIS, environ).value
    return Line(address, settings, password)
