"""Acts in the window, each watched: how long its user waits, what its own thread computes, and where."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING

from tickreel_desktop.responsiveness import Responsiveness, Wait

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LIMIT_S = 0.05
_NOTED_S = 0.01
_ASK_EVERY_S = 0.002
_SETTLES_S = 0.3
_PAUSE_S = 0.02
_OURS = re.compile(r"(\w+) \((\w+\.py:\d+)\)")


class Watched:
    """What was done, and how the window answered meanwhile."""

    def __init__(self) -> None:
        self.found: list[tuple[str, tuple[Wait, ...]]] = []

    async def do(self, name: str, act: Callable[[], Awaitable[None]]) -> None:
        """Do one thing and watch how the window answers until it has settled."""
        probe = Responsiveness(long_s=_NOTED_S, ask_every_s=_ASK_EVERY_S)
        await act()
        await asyncio.sleep(_SETTLES_S)
        probe.stop()
        self.found.append((name, probe.waits))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what sends no word; raises TimeoutError after two minutes."""
        async with asyncio.timeout(120):
            while not holds():  # noqa: ASYNC110 - what it waits for sends no word
                await asyncio.sleep(_PAUSE_S)

    def tell(self) -> None:
        """Print the table."""
        print(f"{'act':<32}{'waits':>7}{'longest ms':>12}{'computing':>11}  where it computed most")
        for name, waits in self.found:
            if not waits:
                print(f"{name:<32}{0:>7}{'under 10':>12}")
                continue
            worst = max(waits, key=lambda wait: wait.cpu_s or 0.0)
            calls = _OURS.findall(worst.where)
            where = f"{calls[-1][0]} ({calls[-1][1]})" if calls else ""
            longest_ms = 1e3 * max(wait.wall_s for wait in waits)
            print(f"{name:<32}{len(waits):>7}{longest_ms:>12.0f}{1e3 * (worst.cpu_s or 0):>11.0f}  {where}")
        over = [name for name, waits in self.found if any((wait.cpu_s or 0) > LIMIT_S for wait in waits)]
        print(f"{len(over)} of {len(self.found)} acts computed longer than {LIMIT_S * 1e3:.0f} ms at once")
        print(
            "load of the machine over 1, 5 and 15 minutes: " + " ".join(f"{n:.1f}" for n in os.getloadavg())
        )
