"""Replays with analyses along them, played in frames of any length over a home of a test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from support.feeds import EXCHANGE, SYMBOL

from tickreel.analysis import Landed, LiveSetup, opened_live
from tickreel.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.analysis import LiveAnalyses
    from tickreel.store import Cache

SPAN = ("2024-07-23T00:00", "2024-07-23T00:01")


class LiveRun:
    """One replay from its beginning to its end; keeps all that it was told."""

    def __init__(self, cache: Cache, setup: LiveSetup | None = None, **named: Any) -> None:
        self.cache = cache
        self.events: list[Any] = []
        self.replay = Replay(cache, [(EXCHANGE, SYMBOL)], *SPAN)
        self._setup = setup
        self._named = named

    @property
    def landed(self) -> list[Landed]:
        """What became of the windows, by their ends."""
        found = [one for one in self.events if isinstance(one, Landed)]
        return sorted(found, key=lambda one: (one.ask.to_us, one.ask.number))

    @property
    def forms(self) -> list[dict[str, Any]]:
        """The same as JSON has it."""
        return [one.to_form() for one in self.landed]

    def opened(self) -> Any:
        """Open the analyses along the replay."""
        return opened_live(
            self.cache, self._setup, replay=self.replay, on_event=self.events.append, **self._named
        )

    async def play(self, *, step_us: int = 1_000_000, pause_s: float = 0.0) -> LiveAnalyses:
        """Play it in frames of a length, and wait for what is left."""
        async with self.opened() as live:
            await self.show(live, step_us=step_us, pause_s=pause_s)
            await live.drain()
        return live  # type: ignore[no-any-return]

    async def show(
        self, live: LiveAnalyses, *, step_us: int = 1_000_000, to_us: int | None = None, pause_s: float = 0.0
    ) -> None:
        """Play on in frames of a length, up to an instant."""
        end_us = self.replay.end_us - 1 if to_us is None else to_us
        while self.replay.at_us < end_us:
            at_us = min(self.replay.at_us + step_us, end_us)
            live.take(await asyncio.to_thread(self.replay.advance, at_us))
            await asyncio.sleep(pause_s)


def spans(landed: Sequence[Landed]) -> list[tuple[int, int]]:
    """Give the windows as seconds after the beginning of the day."""
    start_us = 1_721_692_800_000_000
    return [((one.ask.from_us - start_us) // 10**6, (one.ask.to_us - start_us) // 10**6) for one in landed]
