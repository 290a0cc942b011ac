"""Counts the actions of one journey: find BTCUSDT, see which days are bad, fetch the missing, pin the month.

The real window over a real home is driven by keys and clicks, against the stand-in for the vendor that the
tests use. A click, a key, a drag or a typed word counts as one action; waiting and looking count as none.
What must be true on the way is checked: who cannot see it did not get there. `--keys` goes by keyboard alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hand import Hand
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from travelling import travel, window_of  # isort: skip  (it finds the tests' support)
from support.desks import until
from support.fetchdesk import EXCHANGE, FIRST, SYMBOL, day_text, fetch_desk, path_of, write_days
from support.vendorfiles import csv_text, line, packed

from tickreel.market.time import US_PER_SECOND, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.store import DayState, ImportRequest, Source
from tickreel.store.model import Grade
from tickreel_desktop.data.detail.cells import mark_of
from tickreel_desktop.data.rows import health_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.theme import Theme

_KEY = DatasetKey(EXCHANGE, SYMBOL, DataType.TRADES)
_OTHERS = ("AAVEUSDT", "ETHUSDT", "SOLUSDT")
_MONTH = tuple(FIRST + timedelta(days=number) for number in range(31))
_MISSING = (_MONTH[4], _MONTH[11], _MONTH[12], _MONTH[20])
_BAD = (_MONTH[8], _MONTH[17])


def _bad_text(day: date) -> bytes:
    """Write a day of which nearly four hours are lacking, as a feed that broke leaves it."""
    begin_s, pause_s = 1, 180
    moments_s = [*range(begin_s, 20 * 3600, pause_s), 86_399]
    rows = (
        line(DataType.TRADES, day_start_us(day) + second * US_PER_SECOND, symbol=SYMBOL, id=str(number))
        for number, second in enumerate(moments_s)
    )
    return csv_text(DataType.TRADES, rows)


def _fill(cache: Cache, folder: Path) -> None:
    """Hold July but for some days, two of them bad, and a few days of other symbols."""
    for symbol in (SYMBOL, *_OTHERS):
        for day in _MONTH if symbol == SYMBOL else _MONTH[:3]:
            if symbol == SYMBOL and day in _MISSING:
                continue
            text = _bad_text(day) if symbol == SYMBOL and day in _BAD else day_text(day, symbol)
            path = folder / path_of(day, symbol)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(packed(text, "csv.gz"))
            cache.import_path(ImportRequest(path, type=DataType.TRADES, complete=True))


def _button(root: QWidget, text: str) -> QWidget:
    found = [
        each
        for each in root.findChildren(QWidget)
        if each.isVisible() and (getattr(each, "text", None) is not None) and _text(each) == text
    ]
    if not found:
        raise SystemExit(f"     there is no {text}")
    return found[0]


def _text(widget: QWidget) -> str:
    text = widget.property("text")
    action = widget.defaultAction() if isinstance(widget, QToolButton) else None
    return action.iconText() if action is not None else str(text or "")


async def _go(desk: Desk, cache: Cache, *, by_keys: bool) -> Hand:
    hand, detail = Hand(), desk.data.detail
    calendar = detail.calendar
    assert desk.window.front == "data"
    hand.type(SYMBOL.lower())
    await until(lambda: desk.data.selected_key() == _KEY and calendar.day_at(FIRST) is not None)
    marks = {day: mark_of(calendar.day_at(day), in_span=calendar.is_in_span(day)) for day in _MONTH}
    cornered = tuple(day for day in _MONTH if marks[day].has_notes)
    hollow = tuple(day for day in _MONTH if marks[day].state is DayState.MISSING)
    row = desk.data.selected_row
    assert row is not None
    hand.see(f"Health: {health_words(row)}", is_so=row.dataset.grade is Grade.BAD)
    hand.see(f"a cut corner on {_named(cornered)}: the bad days", is_so=cornered == _BAD)
    hand.see(f"hollow: {_named(hollow)}: the missing days", is_so=hollow == _MISSING)
    if by_keys:
        hand.press("Enter", Qt.Key.Key_Return)
        hand.press("F6", Qt.Key.Key_F6)
        hand.press("M", Qt.Key.Key_M)
    else:
        cell = calendar.grid.cell(FIRST)
        hand.click("Jul", calendar, QPoint(8, cell.center().y()))
    hand.see("July is chosen", is_so=detail.chosen_days == (_MONTH[0], _MONTH[-1]))
    if by_keys:
        hand.tab_to(_button(detail, "Fetch and pin"))
        hand.press("Space", Qt.Key.Key_Space)
    else:
        hand.click("Fetch and pin", _button(detail, "Fetch and pin"))
    await until(
        lambda: sum(day.state is DayState.PRESENT for day in cache.days(EXCHANGE, SYMBOL, "trades")) == 31
    )
    await until(lambda: all(calendar.day_at(day) is not None for day in _MONTH))
    fetched = [day for day in cache.days(EXCHANGE, SYMBOL, "trades") if day.source is Source.TARDIS]
    hand.see("the missing days are here", is_so=tuple(day.day for day in fetched) == _MISSING)
    await until(lambda: all(day.pinned for day in cache.days(EXCHANGE, SYMBOL, "trades")))
    hand.see("all 31 days of July are pinned", is_so=True)
    still = tuple(
        day.day for day in cache.days(EXCHANGE, SYMBOL, "trades") if day.grade in (Grade.BAD, Grade.USABLE)
    )
    hand.see("the bad days are still told", is_so=set(_BAD) <= set(still))
    return hand


def _named(days: Sequence[date]) -> str:
    return ", ".join(f"{day:%-d %b}" for day in days)


async def _travel(folder: Path, theme: Theme, *, by_keys: bool) -> Hand:
    write_days(folder / "vendor", len(_MONTH), SYMBOL)
    with fetch_desk(folder / "vendor", folder / "home") as vendor:
        os.environ.update({name: url for name, url in vendor.environ.items() if "MACHINE" not in name})
        _fill(vendor.cache, folder / "held")
        async with window_of(vendor.cache, theme) as desk:
            await desk.engine.prepare()
            desk.window.go_to("data")
            async with asyncio.timeout(120):
                return await _go(desk, vendor.cache, by_keys=by_keys)


def main() -> int:
    """Travel once; the sum is printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", action="store_true", help="by keyboard alone")
    by_keys = parser.parse_args().keys
    return travel(lambda folder, theme: _travel(folder, theme, by_keys=by_keys))


if __name__ == "__main__":
    sys.exit(main())
