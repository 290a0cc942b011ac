"""A day of a market as a vendor's files: written in a stream, the same for the same seed.

It is not there to look at but to be stored and read by the million: bursts, wide and near
levels, moves that eat through the book, and prices a world away, in proportions like those of a
large futures market.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from isal import isal_zlib

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.progress import UNWATCHED, Monitor

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

EXCHANGE, SYMBOL = "binance-futures", "BTCUSDT"
FIRST_DAY = date(2024, 3, 1)
FEWEST_ROWS = 1_000
_BATCH_ROWS = 65_536
_LINE_BYTES = 128
"""No line is longer: names 24, times 34, flag or id 20, side 5, price 11, amount 16."""
_LEVELS = 1_000
_FIRST_BID_TICK = 620_000
_FIRST_TRADE_ID = 4_611_302_117
_QUIET_END_US = 30 * US_PER_SECOND
"""The last message comes this long before midnight, so that its local time is still of the day."""


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """One file of a generated day."""

    key: DatasetKey
    day: date
    path: Path
    rows: int
    text_bytes: int
    """Before compression."""


@dataclass(frozen=True, slots=True)
class GeneratedDay:
    """The files of one day of one market."""

    book: GeneratedFile
    trades: GeneratedFile


def write_day(
    folder: Path,
    rows: int,
    *,
    seed: int = 0,
    number: int = 0,
    symbol: str = SYMBOL,
    monitor: Monitor = UNWATCHED,
) -> GeneratedDay:
    """Write the files of one whole day: *rows* rows of the book, and its trades.

    Memory does not grow with *rows*. *number* counts days from :data:`FIRST_DAY`; each has its
    own rows. The names are the vendor's; a *symbol* is no longer than :data:`SYMBOL`. What
    was begun is left when this is interrupted.

    Raises:
        UsageError: a day cannot have so few rows.
        Cancelled: the monitor said so.
    """
    # Numba takes half a second, which whoever only asks for help never needs.
    from tickreel.bench import generatorkernels as kernels

    if rows < FEWEST_ROWS:
        raise UsageError(f"a generated day has at least {FEWEST_ROWS} rows, not {rows}")
    day = FIRST_DAY + timedelta(days=number)
    start_us = day_start_us(day)
    state = np.zeros(kernels.STATE_CELLS, np.int64)
    # Far apart for neighbouring seeds and days: the counter's steps are large and odd.
    state[kernels.KEY] = np.random.SeedSequence((seed, number)).generate_state(1, np.uint64).view(np.int64)[0]
    state[kernels.BEST_BID] = _FIRST_BID_TICK
    state[kernels.END_US] = start_us + US_PER_DAY - _QUIET_END_US
    state[kernels.ROWS_LEFT] = rows
    state[kernels.TRADE_ID] = _FIRST_TRADE_ID
    pace = np.array([float(start_us + 80_000), 0.0])
    book = np.zeros((2, kernels.WIDTH), np.int32)
    touched = np.empty(kernels.LARGEST_MESSAGE, np.int64)
    book_rows = np.empty((_BATCH_ROWS, kernels.ROW_COLUMNS), np.int64)
    trade_rows = np.empty((_BATCH_ROWS, kernels.TRADE_COLUMNS), np.int64)
    with ExitStack() as stack:
        book_file = stack.enter_context(_CsvFile(folder, symbol, DataType.INCREMENTAL_BOOK_L2, day))
        trades_file = stack.enter_context(_CsvFile(folder, symbol, DataType.TRADES, day))
        monitor.report(0, rows)
        kernels.open_day(state, book, book_rows, start_us + 80_000, min(_LEVELS, rows // 4))
        while True:
            kernels.carry_on(state, pace, book, touched, book_rows, trade_rows)
            book_file.write(book_rows, int(state[kernels.ROWS]))
            trades_file.write(trade_rows, int(state[kernels.TRADES]))
            state[kernels.ROWS] = state[kernels.TRADES] = 0
            left = int(state[kernels.ROWS_LEFT])
            monitor.report(rows - left, rows)
            if not left:
                break
    return GeneratedDay(book_file.written(), trades_file.written())


class _CsvFile:
    """One gzip file while it is written; a context manager."""

    def __init__(self, folder: Path, symbol: str, data_type: DataType, day: date) -> None:
        self._key = DatasetKey(EXCHANGE, symbol, data_type)
        self._day = day
        self._path = folder / f"{EXCHANGE}_{data_type}_{day.isoformat()}_{symbol}.csv.gz"
        self._file = self._path.open("xb")
        # The highest level costs five times as much and saves one byte in a hundred.
        self._coder = isal_zlib.compressobj(level=1, wbits=31)
        self._text = np.empty(_BATCH_ROWS * _LINE_BYTES, np.uint8)
        self._rows = 0
        self._text_bytes = 0
        self._put(f"{SCHEMAS[data_type].header}\n".encode())

    def __enter__(self) -> _CsvFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._file.write(self._coder.flush())
        self._file.close()

    def write(self, table: NDArray[np.int64], rows: int) -> None:
        """Add the first *rows* of a table."""
        from tickreel.bench.spellingkernels import spell

        is_trades = self._key.type is DataType.TRADES
        first, second = ("buy,", "sell,") if is_trades else ("bid,", "ask,")
        used = spell(
            table,
            rows,
            _letters(f"{EXCHANGE},{self._key.symbol},"),
            _letters(first),
            _letters(second),
            _letters("true,false,"),
            is_trades,
            self._text,
        )
        self._put(self._text.data[:used])
        self._rows += rows

    def _put(self, text: bytes | memoryview) -> None:
        self._file.write(self._coder.compress(text))
        self._text_bytes += len(text)

    def written(self) -> GeneratedFile:
        """Say what was written."""
        return GeneratedFile(self._key, self._day, self._path, self._rows, self._text_bytes)


def _letters(word: str) -> NDArray[np.uint8]:
    return np.array(list(word.encode()), np.uint8)
