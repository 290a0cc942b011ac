"""The replay server: what speaks tardis-machine's protocol is served from this cache.

What serves loads when it is first used: a command line that is wrong does not wait for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickreel.server.access import LOOPBACK, is_loopback
    from tickreel.server.bringing import Bringer
    from tickreel.server.clients import Client, Traffic
    from tickreel.server.hosting import HostedServer
    from tickreel.server.plan import DEFAULT_PORT, ServerPlan
    from tickreel.server.service import ReplayServer

__all__ = [
    "DEFAULT_PORT",
    "LOOPBACK",
    "Bringer",
    "Client",
    "HostedServer",
    "ReplayServer",
    "ServerPlan",
    "Traffic",
    "is_loopback",
]

_MODULES = {
    "Bringer": "bringing",
    "Client": "clients",
    "DEFAULT_PORT": "plan",
    "HostedServer": "hosting",
    "LOOPBACK": "access",
    "ReplayServer": "service",
    "ServerPlan": "plan",
    "Traffic": "clients",
    "is_loopback": "access",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
