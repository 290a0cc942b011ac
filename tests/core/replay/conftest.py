"""A cache of the test's own, and a shelf that takes rows written out in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.vendorfiles import l2_line, write_csv

from tickreel.market.types import DataType
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from support.dictbook import Row


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


@pytest.fixture
def put_lines(cache: Cache, tmp_path: Path) -> Callable[..., None]:
    """Import lines of any type: ``put_lines(data_type, lines, complete=, symbol=)``."""
    files = iter(range(10_000))

    def put(
        data_type: DataType, lines: Iterable[str], *, complete: bool = False, symbol: str | None = None
    ) -> None:
        path = write_csv(tmp_path / f"{next(files)}.csv", data_type, lines)
        cache.import_file(path, type=data_type, complete=complete, symbol=symbol)

    return put


@pytest.fixture
def put_l2(put_lines: Callable[..., None]) -> Callable[..., None]:
    """Import rows of an order book: ``put_l2(rows, complete=, symbol=, symbols=, exchange_us=)``."""

    def put(
        rows: Iterable[Row],
        *,
        complete: bool = False,
        symbol: str | None = None,
        symbols: Iterable[str] = (),
        exchange_us: Iterable[int] = (),
    ) -> None:
        listed, names, clocks = list(rows), list(symbols), list(exchange_us)
        lines = []
        for n, row in enumerate(listed):
            cells = {"symbol": names[n]} if names else {}
            if clocks:
                cells["timestamp"] = str(clocks[n])
            text = l2_line(
                row.local_us, row.side, repr(row.price), repr(row.amount), snapshot=row.is_snapshot, **cells
            )
            lines.append(text)
        put_lines(DataType.INCREMENTAL_BOOK_L2, lines, complete=complete, symbol=symbol)

    return put
