"""A vendor that is stood in for, a cache, and the service between them, for tests of fetching."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from support.faketardis import FakeTardis
from support.vendorfiles import csv_text, line, packed

from tickreel.fetch import retries
from tickreel.fetch.request import FetchRequest, Origin
from tickreel.fetch.service import FetchService
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us
from tickreel.market.types import DataType
from tickreel.sources import datasets
from tickreel.store import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from tickreel.fetch.preflight import FetchPlan
    from tickreel.filesystem import Disk

EXCHANGE = "binance-futures"
SYMBOL = "BTCUSDT"
FIRST = date(2024, 7, 1)


def path_of(day: date, symbol: str = SYMBOL, data_type: DataType = DataType.TRADES) -> str:
    """Name the vendor's file of a day."""
    return f"{EXCHANGE}/{data_type}/{day:%Y/%m/%d}/{symbol}.csv.gz"


def day_text(day: date, symbol: str = SYMBOL, rows: int = 3) -> bytes:
    """Write the trades of a day that differ from those of any other day and symbol."""
    start = day_start_us(day)
    step = US_PER_DAY // rows
    lines = (
        line(
            DataType.TRADES,
            start + number * step + US_PER_SECOND,
            symbol=symbol,
            id=f"{day.toordinal()}-{number}",
        )
        for number in range(rows)
    )
    return csv_text(DataType.TRADES, lines)


def write_days(folder: Path, count: int, *symbols: str, first: date = FIRST) -> list[date]:
    """Write *count* days of trades into the vendor's layout, for each symbol."""
    days = [first + timedelta(days=number) for number in range(count)]
    for symbol in symbols or (SYMBOL,):
        for day in days:
            path = folder / path_of(day, symbol)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(packed(day_text(day, symbol), "csv.gz"))
    return days


def asked(days: int, *symbols: str, first: date = FIRST, **given: Any) -> FetchRequest:
    """Ask for *days* days of trades."""
    start = day_start_us(first)
    named = tuple((EXCHANGE, symbol) for symbol in symbols or (SYMBOL,))
    return FetchRequest(named, (DataType.TRADES,), start, start + days * US_PER_DAY, **given)


def asked_range(from_us: int, to_us: int, data_type: DataType = DataType.TRADES) -> FetchRequest:
    """Ask a tardis-machine for a range."""
    return FetchRequest(((EXCHANGE, SYMBOL),), (data_type,), from_us, to_us, Origin.MACHINE)


class Desk:
    """A fake vendor, a cache and the service; made by :func:`fetch_desk`."""

    def __init__(self, fake: FakeTardis, cache: Cache, environ: dict[str, str]) -> None:
        self.fake = fake
        self.cache = cache
        self.environ = environ

    def service(self) -> FetchService:
        """Open the service anew, as another program would."""
        return FetchService(self.cache, environ=self.environ)

    def plan(self, request: FetchRequest) -> FetchPlan:
        """Say what a fetch would do."""
        with self.service() as service:
            return asyncio.run(service.preflight(request))

    def fetch(self, request: FetchRequest) -> FetchPlan:
        """Fetch, to the end."""
        with self.service() as service:
            plan = asyncio.run(service.preflight(request))
            job_id = service.submit(plan)
            if job_id is not None:
                asyncio.run(asyncio.wait_for(service.work(job_id), 60))
            return service.outcome(plan, job_id)


@contextmanager
def fetch_desk(
    folder: Path, home: Path, *, key: str | None = "secret", disk: Disk | None = None, **given: Any
) -> Iterator[Desk]:
    """Stand a vendor up over *folder*, and open a cache in *home* that fetches from it."""
    with FakeTardis(folder, **given) as fake, Cache(home, disk=disk) as cache:
        environ = {
            "TICKREEL_TARDIS_API_URL": fake.api_url,
            "TICKREEL_TARDIS_DATASETS_URL": fake.datasets_url,
            "TICKREEL_TARDIS_MACHINE_URL": fake.machine_url,
            "TICKREEL_SILENCE_TIMEOUT_S": "1",
            **({"TARDIS_API_KEY": key} if key else {}),
        }
        yield Desk(fake, cache, environ)


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits after trouble be short."""
    monkeypatch.setattr(retries, "wait_s", lambda attempts, chance: 0.01 * attempts)
    monkeypatch.setattr(retries, "_RATE_EXTRA_S", 0.01)
    monkeypatch.setattr(datasets, "_ASK_WAITS_S", (0.01, 0.02))
