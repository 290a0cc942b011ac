"""Measures how the Data workspace bears 100,000 recorded days: reading is left out, all else is timed.

Prints one line of JSON: the longest milliseconds that the thread of the window computed for each, a picture
of the whole table included. What runs on a worker thread is given in seconds, with the longest time in
milliseconds that the window did not answer meanwhile; both are wall time, and depend on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from datetime import date, timedelta
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from qasync import QEventLoop

from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import Cache, Day, DayState, Part, Source, open_cache
from tickreel.store.model import Grade
from tickreel_desktop.data import DataWorkspace, Holdings, dataset_rows
from tickreel_desktop.data.detail import DetailReader
from tickreel_desktop.data.model import now_us
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Callable

_EXCHANGES = ("binance", "binance-futures", "bybit", "deribit", "okex-swap")
_TYPES = (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES, DataType.QUOTES, DataType.DERIVATIVE_TICKER)
_DAYS_EACH = 500
_TICK_S = 0.002
_SETTLES_S = 0.5
"""What is painted first is none of what is watched."""


def _day(key: DatasetKey, day: date, chance: random.Random) -> Day:
    start_us, rows = day_start_us(day), chance.randrange(60_000_000)
    state = chance.choices((DayState.PRESENT, DayState.PARTIAL, DayState.DAMAGED), (96, 3, 1))[0]
    part = Part(
        segment_id=f"{key}-{day}",
        day=day,
        start_us=start_us,
        end_us=start_us + US_PER_DAY,
        rows=rows,
        messages=rows,
        bytes=rows * 3,
        first_local_us=start_us,
        last_local_us=start_us + US_PER_DAY - 1,
        rows_sha256="0" * 64,
        opens_with_snapshot=True,
        source=chance.choice((Source.TARDIS, Source.IMPORT)),
        source_sha256=None,
        imported_us=start_us,
    )
    return Day(
        key,
        day,
        state,
        "0" * 64,
        (part,),
        grade=chance.choice(tuple(Grade)),
        issues=chance.choice(((), ("gap",), ("gap", "reset"))),
        pinned=chance.random() < 0.1,
        hits=chance.randrange(50),
        last_used_us=now_us() - chance.randrange(10**13),
    )


def _make_days(count: int, seed: int) -> list[Day]:
    chance = random.Random(seed)
    days: list[Day] = []
    number = 0
    while len(days) < count:
        key = DatasetKey(
            _EXCHANGES[number % len(_EXCHANGES)],
            f"SYM{number // (len(_EXCHANGES) * len(_TYPES)):03}USDT",
            _TYPES[number // len(_EXCHANGES) % len(_TYPES)],
        )
        first = date(2023, 1, 1) + timedelta(days=chance.randrange(200))
        days += [_day(key, first + timedelta(days=place), chance) for place in range(_DAYS_EACH)]
        number += 1
    return sorted(days[:count], key=lambda day: (day.key.exchange, day.key.symbol, day.key.type, day.day))


class Measures:
    """Times one workspace."""

    def __init__(self, workspace: DataWorkspace) -> None:
        self._workspace = workspace
        self.longest_ms: dict[str, float] = {}

    def time(self, name: str, act: Callable[[], object]) -> None:
        """Do something, and what of it is painted; keep the longest time of that name."""
        start_s = time.thread_time()
        act()
        self._workspace.table.viewport().grab()
        took_ms = 1e3 * (time.thread_time() - start_s)
        self.longest_ms[name] = round(max(took_ms, self.longest_ms.get(name, 0.0)), 1)

    async def prepare(self, days: list[Day]) -> Holdings:
        """Prepare on a worker thread, as after a read, and watch whether the window would answer."""
        await asyncio.sleep(_SETTLES_S)
        start_s = time.perf_counter()
        work = asyncio.create_task(asyncio.to_thread(lambda: Holdings.of(dataset_rows(days))))
        while not work.done():
            before_s = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            late_ms = 1e3 * (time.perf_counter() - before_s - _TICK_S)
            self.longest_ms["prepare_late"] = round(max(late_ms, self.longest_ms.get("prepare_late", 0.0)), 1)
        self.longest_ms["prepare_s"] = round(time.perf_counter() - start_s, 2)
        return await work


async def _measure(theme: Theme, count: int, cache: Cache) -> dict[str, float]:
    reader = DetailReader(cache, is_ready=False)
    try:
        return await _measured(DataWorkspace(theme, DisplayZone(), reader), count)
    finally:
        reader.stop()
        reader.close()


async def _measured(workspace: DataWorkspace, count: int) -> dict[str, float]:
    workspace.resize(1860, 994)
    workspace.show()
    workspace.activateWindow()
    measures = Measures(workspace)
    first = await measures.prepare(_make_days(count, 1))
    measures.time("show_datasets", lambda: workspace.show_rows(first))
    (days,) = (each for each in workspace.findChildren(QToolButton) if each.text() == "Days")
    measures.time("list_days", days.click)
    changed = await measures.prepare(_make_days(count - 1, 2))
    measures.time("replace", lambda: workspace.show_rows(changed))
    for word in ("b", "bi", "usdt", "bad", "2023-1", "sym007 trades damaged", "year:2024 health:problem", ""):
        measures.time("filter", partial(workspace.filter.setText, word))
    table = workspace.table
    for column in range(table.model().columnCount()):
        for order in Qt.SortOrder:
            measures.time("sort", partial(table.sortByColumn, column, order))
    bar = table.verticalScrollBar()
    for place in range(200):
        measures.time("scroll", partial(bar.setValue, place * bar.maximum() // 200 + 7))
    measures.time(
        "select_all", lambda: QTest.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    )
    measures.time("sort_all_selected", lambda: table.sortByColumn(6, Qt.SortOrder.DescendingOrder))
    measures.time("ranges", workspace.selected_ranges)
    workspace.close()
    return measures.longest_ms


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=100_000)
    count = parser.parse_args().days
    app = QApplication([])
    theme = Theme(ThemeMode.DARK)
    theme.apply(app)
    with (
        TemporaryDirectory() as home,
        open_cache(home) as cache,
        asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner,
    ):
        print(json.dumps({"days": count, **runner.run(_measure(theme, count, cache))}))


if __name__ == "__main__":
    main()
