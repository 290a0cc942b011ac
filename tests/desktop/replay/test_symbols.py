"""A replay of two symbols shows the one that is chosen, and nothing of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.qtloop import run_on_qt
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.market.types import DataType
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.replay import Frame
    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.player import Player

OTHER = "ETHUSDT"
_PRICE = 3000
_AT_US = START_US + 40_000_000


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    """Hold the walk around 100, and another symbol around 3000."""
    with open_cache(home) as opened:
        import_walk(opened, tmp_path)
        opened.import_file(_other_book(tmp_path))
        yield opened


def _other_book(folder: Path) -> Path:
    rows = [
        l2_line(START_US, side, str(_PRICE + sign * (level + 1)), "2", snapshot=True, symbol=OTHER)
        for side, sign in (("bid", -1), ("ask", 1))
        for level in range(20)
    ]
    rows += [
        l2_line(START_US + second * 1_000_000, "bid", str(_PRICE - 1), str(second), symbol=OTHER)
        for second in range(1, 60)
    ]
    name = f"{EXCHANGE}_incremental_book_L2_2024-07-23_{OTHER}.csv.gz"
    return write_csv(folder / name, DataType.INCREMENTAL_BOOK_L2, rows)


def _prices(desk: Desk) -> list[tuple[float, float]]:
    """Give the lowest and highest price of all that is drawn by now, chart by chart."""
    panels, found = desk.replay.panels, []
    cells = panels.heatmap.cells
    if cells is not None:
        found.append((cells.grid.low, cells.grid.low + cells.grid.cells * cells.grid.group))
    for table, column in ((panels.depth_chart.table(), 1), (panels.ladder.table(), 0)):
        prices = [float(row[column]) for row in table.rows]
        found += [(min(prices), max(prices))] if prices else []
    return found


def _is_whole(desk: Desk) -> bool:
    return len(_prices(desk)) == 3


async def _stand(desk: Desk, symbol: str, others: str = "") -> Player:
    player = await desk.operations.open_link(
        f"tickreel://replay/{EXCHANGE}/{symbol}?at={_AT_US}&speed=1{others}"
    )
    assert player is not None
    desk.window.resize(1920, 1080)  # where all charts are in view
    player.pause()
    player.seek(_AT_US)
    await until(lambda: player.frame is not None and player.frame.at_us == _AT_US and _is_whole(desk))
    return player


def test_all_charts_change_to_the_symbol_that_is_chosen(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await _stand(desk, SYMBOL, f"&symbols={EXCHANGE}:{OTHER}")
            replay, overview = desk.replay, desk.replay.transport.overview
            marks = desk.replay_control.bookmarking.bookmarks
            box = replay.symbol_choice.box
            assert box.isVisible()
            assert [box.itemText(place) for place in range(2)] == [SYMBOL, OTHER]
            assert all(low > 50 and high < 200 for low, high in _prices(desk))
            await until(lambda: bool(overview.outlines) and overview.outlines[-1].is_whole)
            columns = overview.outlines[-1].columns
            assert columns is not None
            assert np.nanmax(columns.high) < 200
            player.play()  # so that a frame of before is under way
            frames: list[Frame] = []
            player.frame_ready.connect(frames.append)
            QTest.keyClick(desk.window, Qt.Key.Key_S)
            assert _prices(desk) == [], "nothing of the other stays"
            assert (replay.stage.symbol, box.currentIndex()) == ((EXCHANGE, OTHER), 1)
            await until(lambda: _is_whole(desk))
            assert frames[0].is_jump, "a frame that was under way is not drawn"
            assert all(low > 2500 and high < 3500 for low, high in _prices(desk))
            assert player.clock.is_playing
            assert player.clock.reached_us >= _AT_US
            assert len(replay.panels.tape.table().rows) == 0, "no trades are held of it"
            assert marks.key == f"{EXCHANGE}:{OTHER}"
            await until(lambda: bool(overview.outlines) and overview.outlines[-1].is_whole)
            columns = overview.outlines[-1].columns
            assert columns is not None
            assert np.nanmin(columns.low) == _PRICE
            box.activated.emit(0)
            await until(lambda: _is_whole(desk))
            assert all(high < 200 for _, high in _prices(desk))
            assert len(replay.panels.tape.table().rows) > 0, "with the trades of its past"

    run_on_qt(qapp, journey())


def test_the_next_replay_begins_with_its_first_symbol(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            await _stand(desk, SYMBOL, f"&symbols={EXCHANGE}:{OTHER}")
            desk.actions["replay.symbol"].trigger()
            await until(lambda: _is_whole(desk))
            await _stand(desk, SYMBOL)
            assert all(high < 200 for _, high in _prices(desk))
            assert not desk.replay.symbol_choice.box.isVisible()
            assert desk.actions.doing("replay.symbol").reason == "This replay plays one symbol"

    run_on_qt(qapp, journey())
