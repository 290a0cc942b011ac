"""An analyst that asks the fake server without waiting between tries, over the ledger of a test."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tickreel.analysis.caps import Caps
from tickreel.analysis.chat import ChatAnalyst
from tickreel.analysis.ledger import Ledger
from tickreel.analysis.limits import Gate
from tickreel.analysis.prices import NANO, Price, set_price
from tickreel.analysis.service import AnalysisService
from tickreel.keys import NO_KEY, Key
from tickreel.settings import Settings
from tickreel.sources.network import network_of, open_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from typing import Any

    from tickreel.store.records.database import Database

MODEL = "fake-1"
_NOW_US = 1_721_692_800_000_000


@dataclass
class Bench:
    """Makes services over the ledger of the test; waits are noted and not waited."""

    database: Database
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        set_price(self.database, MODEL, Price(1_000, 2_000), 0)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database, Caps(NANO, 10 * NANO, 10 * NANO), lambda: _NOW_US)

    @asynccontextmanager
    async def service(
        self,
        url: str,
        *,
        key: Key = NO_KEY,
        model: str = MODEL,
        ledger: Ledger | None = None,
        silence_s: float = 60.0,
        at_once: int = 4,
        per_minute: int = 6_000,
    ) -> AsyncIterator[AnalysisService]:
        async def note(seconds: float) -> None:
            self.waits.append(seconds)
            await asyncio.sleep(0)

        network = network_of(Settings())
        async with open_client(network, url) as client:
            client.timeout = silence_s
            gate = Gate(self.database, lambda: _NOW_US, per_minute, sleep=note, chance=lambda: 0.0)
            analyst = ChatAnalyst(client, url, model, key, gate)
            yield AnalysisService(ledger or self.ledger, analyst, answer_tokens=200, at_once=at_once)


def awaited(work: Coroutine[Any, Any, Any]) -> Any:
    async def guarded() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(guarded())
