"""A replay of two symbols: the chosen one, the other over it, how late each is, and what is known late."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from support.desks import desk_over, until
from support.feeds import EXCHANGE, OTHER, OTHER_PRICE, SYMBOL, import_other, import_walk
from support.qtloop import run_on_qt
from support.vendorfiles import START_US

from tickreel.errors import Cancelled
from tickreel.replay import CrossingSearch, Order, Threshold
from tickreel.store import open_cache
from tickreel_desktop.replay.symbols.comparing import Scale
from tickreel_desktop.replay.symbols.words import signed_bps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.progress import Monitor
    from tickreel.replay import Frame
    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.heatmap import HeatmapView
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.symbols.comparing import SymbolLine
    from tickreel_desktop.replay.symbols.overlay import SymbolOverlay

pytestmark = pytest.mark.long

_AT_US = START_US + 40_000_000


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    """Hold the walk around 100, and another symbol around 3000."""
    with open_cache(home) as opened:
        import_walk(opened, tmp_path)
        import_other(opened, tmp_path)
        yield opened


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
            chips = replay.symbol_bar.chips
            assert replay.symbol_bar.isVisible()
            assert [chip.choose.text() for chip in chips.values()] == [SYMBOL, OTHER]
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
            assert replay.stage.symbol == (EXCHANGE, OTHER)
            assert [chip.is_chosen for chip in chips.values()] == [False, True]
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
            assert np.nanmin(columns.low) == OTHER_PRICE
            chips[EXCHANGE, SYMBOL].choose.click()
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
            assert not desk.replay.symbol_bar.isVisible()
            assert desk.actions.doing("replay.symbol").reason == "This replay plays one symbol"

    run_on_qt(qapp, journey())


def test_the_others_are_drawn_over_the_chosen_one_from_its_own_mid(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await _stand(desk, SYMBOL, f"&symbols={EXCHANGE}:{OTHER}")
            panels, stage = desk.replay.panels, desk.replay.stage
            overlay = panels.heatmap._canvas.symbols
            assert overlay is not None
            panels.heatmap.repaint()
            (line,) = overlay.drawn
            assert line.pair == (EXCHANGE, OTHER)
            assert panels.strips.symbols.is_shown
            mids = _plain_mids(cache, player, OTHER)
            base = mids[min(mids)]
            assert line.base == pytest.approx(base)
            assert line.last_bp == pytest.approx(1e4 * (mids[max(mids)] / base - 1), abs=1e-6)
            expected = {round(1e4 * (mid / base - 1), 6) for mid in mids.values()}
            drawn = {round(value, 6) for value in line.band.last[~np.isnan(line.band.last)].tolist()}
            assert drawn <= expected
            text = panels.strips.symbols.value_text(_AT_US)
            assert f"{OTHER} {signed_bps(line.last_bp)}" in text
            assert SYMBOL in text
            rows = [row for row in panels.strips.table().rows if row[0] == f"{EXCHANGE} {OTHER}, bp"]
            assert rows
            panels.strips.set_scale(Scale.DISTANCE)
            apart = 1e4 * (mids[max(mids)] / _mid_at(cache, SYMBOL) - 1)
            assert panels.strips.symbols.value_text(_AT_US) == f"{OTHER} {signed_bps(apart)}"
            # Hidden, it is played on and nothing of it is shown.
            QTest.keyClick(desk.window, Qt.Key.Key_O)
            assert stage.company.others == ()
            await until(lambda: player.frame is not None and not len(player.frame.symbols[1].touch))
            panels.heatmap.repaint()
            assert overlay.drawn == ()
            assert player.frame is not None
            hidden = player.frame.symbols[1]
            assert (hidden.book, len(hidden.trades), hidden.latency) == (None, 0, None)
            assert hidden.clock is not None
            chip = desk.replay.symbol_bar.chips[EXCHANGE, OTHER]
            assert not chip.draw.isChecked()
            chip.draw.click()
            await until(lambda: bool(_drawn_again(overlay, panels.heatmap)))

    run_on_qt(qapp, journey())


def _drawn_again(overlay: SymbolOverlay, heatmap: HeatmapView) -> tuple[SymbolLine, ...]:
    heatmap.repaint()
    return overlay.drawn


def _mid_at(cache: Cache, symbol: str, at_us: int = _AT_US) -> float:
    mid = cache.book(EXCHANGE, symbol, at_us).mid
    assert mid is not None
    return mid


def _plain_mids(cache: Cache, player: Player, symbol: str) -> dict[int, float]:
    """Give the mid at each second up to where the replay stands."""
    start_us = player.request.start_us
    return {us: _mid_at(cache, symbol, us) for us in range(start_us, _AT_US + 1, 1_000_000)}


def test_a_symbol_is_removed_while_the_others_play(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await _stand(desk, SYMBOL, f"&symbols={EXCHANGE}:{OTHER}")
            replay = desk.replay
            player.play()
            at_us = player.clock.reached_us
            replay.symbol_bar.chips[EXCHANGE, SYMBOL].remove.click()
            assert replay.stage.symbol == (EXCHANGE, OTHER)
            assert player.request.plan.symbols == ((EXCHANGE, OTHER),)
            await until(lambda: _is_whole(desk) and player.frame is not None)
            assert player.frame is not None
            assert [one.symbol for one in player.frame.symbols] == [OTHER]
            assert all(low > 2500 for low, _ in _prices(desk)), "the charts are those of what is left"
            assert player.clock.is_playing
            assert player.clock.reached_us >= at_us
            assert not replay.symbol_bar.isVisible()
            assert not replay.panels.strips.symbols.is_shown
            assert desk.actions.doing("replay.leaveout").reason == "This replay plays one symbol"
            assert desk.window.windowTitle().startswith(f"Replay: {EXCHANGE} {OTHER}")
            assert desk.opener.command() is not None
            assert SYMBOL not in str(desk.opener.command())
            player.pause()
            player.seek(_AT_US)
            await until(lambda: player.frame is not None and player.frame.at_us == _AT_US)
            book = player.frame.symbols[0].book
            assert book is not None
            assert book.state_hash() == cache.book(EXCHANGE, OTHER, _AT_US).state_hash()

    run_on_qt(qapp, journey())


def test_how_late_and_how_old_each_is_stands_beside_its_name(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await _stand(desk, SYMBOL, f"&symbols={EXCHANGE}:{OTHER}")
            player.seek(_AT_US + 250_000)
            await until(lambda: player.frame is not None and player.frame.at_us == _AT_US + 250_000)
            bar = desk.replay.symbol_bar
            bar._tell()
            words = bar.chips[EXCHANGE, OTHER].figures.text().split(" \u00b7 ")
            assert words[:2] == ["1.0 ms late", "250 ms ago"], "the feed's rows come a millisecond late"
            assert words[2].endswith(" bp")
            assert "the newest message came 250 ms ago" in bar.chips[EXCHANGE, OTHER].figures.toolTip()
            desk.actions["replay.feedlatency"].trigger()
            strip = desk.replay.panels.strips.latency
            assert strip.is_shown
            assert desk.actions["replay.feedlatency"].isChecked()
            await until(lambda: strip.lines[0].xData is not None)
            assert set(strip.lines[1].yData[~np.isnan(strip.lines[1].yData)].tolist()) == {1.0}
            assert strip.value_text(_AT_US).startswith("median 1.0 ms, 90 % from 1.0 ms to 1.0 ms")
            rows = [row for row in desk.replay.panels.strips.table().rows if row[0].startswith("latency")]
            assert {row[0] for row in rows} == {f"latency {EXCHANGE} {each}, ms" for each in (SYMBOL, OTHER)}
            assert {row[4] for row in rows} == {"1"}

    run_on_qt(qapp, journey())


def test_what_is_known_late_is_shown_beside_the_market(qapp: QApplication, cache: Cache) -> None:
    latency_us = 3_000_000

    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await _stand(desk, SYMBOL)
            panels = desk.replay.panels
            panels.ladder.set_multiple(1)
            desk.replay.clock_choice.latency_chosen.emit(latency_us)
            assert desk.replay.clock_choice.button.text() == "Clock arrival, 3 s late"
            await until(lambda: player.frame is not None and player.frame.symbols[0].known is not None)
            known, market = (cache.book(EXCHANGE, SYMBOL, us) for us in (_AT_US - latency_us, _AT_US))
            bids = {float(row[0]): float(row[1]) for row in panels.ladder.table().rows if float(row[1])}
            assert (max(bids), bids[max(bids)]) == known.best_bid
            depth = [row for row in panels.depth_chart.table().rows if row[0] == "bid"]
            assert float(depth[0][1]) == max(bids)
            assert len(panels.tape.table().rows) == 38, "a trade a second, the last three not heard of"
            figures = panels.figures
            figures._renew()
            assert figures.figures is not None
            assert figures.figures.mid == pytest.approx(market.mid)
            values = figures.lag.values()
            assert values["known_mid"] == pytest.approx(known.mid)
            assert known.mid is not None
            assert market.mid is not None
            assert values["market_since_bp"] == pytest.approx(1e4 * (market.mid / known.mid - 1))
            assert values["messages_not_heard_of"] == 30
            assert figures.value("Mid")
            assert figures.lag.value("Not heard of yet") == "30 messages"
            assert [tag.text() for tag in panels._lags] == ["3 s late"] * 3
            assert all(not tag.isHidden() for tag in panels._lags)
            assert player.request.plan.latency_us == latency_us
            await desk.opener.close()
            last = desk.setup.saved.last
            assert last is not None
            assert (last.plan.latency_us, last.at_us) == (latency_us, _AT_US)
            desk.setup.reopen()
            await until(lambda: desk.opener.player is not None and desk.opener.player.frame is not None)
            assert all(not tag.isHidden() for tag in panels._lags)
            desk.replay.set_latency(0)
            assert all(tag.isHidden() for tag in panels._lags)

    run_on_qt(qapp, journey())


def test_another_clock_goes_on_from_the_same_moment(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            before = await _stand(desk, SYMBOL)
            desk.replay.clock_choice.order_chosen.emit(Order.EXCHANGE)
            await until(lambda: desk.opener.player not in (None, before))
            player = desk.opener.player
            assert player is not None
            await until(lambda: player.frame is not None and not player.clock.is_playing)
            assert player.request.plan.order is Order.EXCHANGE
            assert player.frame is not None
            assert player.frame.at_us == pytest.approx(_AT_US, abs=1_000_000)
            assert desk.replay.clock_choice.button.text() == "Clock exchange"

    run_on_qt(qapp, journey())


def test_a_crossing_is_found_that_was_not_played_yet_and_a_search_can_be_stopped(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await _stand(desk, SYMBOL)
            plan, start_us = player.request.plan, player.request.start_us
            search = CrossingSearch(cache, plan, EXCHANGE, SYMBOL)
            desk.replay.panels.strips.set_threshold(0.35)
            player.seek(start_us)
            await until(lambda: player.frame is not None and player.frame.at_us == start_us)
            crossings, at_us = [], start_us
            while (found_us := search.after(at_us, Threshold(0.35))) is not None:
                crossings.append(found_us)
                at_us = found_us
            assert len(crossings) > 5
            for expected_us in crossings[:3]:
                desk.actions["replay.crossing"].trigger()
                await until(lambda: player.clock.reached_us == expected_us)  # noqa: B023 - waited for at once
                await until(lambda: player.frame is not None and player.frame.at_us == expected_us)  # noqa: B023
            desk.actions["replay.crossingback"].trigger()
            await until(lambda: player.clock.reached_us == crossings[1])
            desk.replay.panels.strips.set_threshold(1e6)
            desk.actions["replay.crossing"].trigger()
            finder = desk.replay_control.crossings
            await until(lambda: not finder.is_searching)
            problem = desk.replay.transport.problem()
            assert problem.startswith("no crossing of 1")
            assert player.clock.reached_us == crossings[1]
            # One that takes long tells of itself, and can be stopped.
            going, stopped = threading.Event(), threading.Event()

            def slow(_search: object, _at_us: int, _threshold: object, monitor: Monitor) -> int:
                try:
                    for done in range(100_000):
                        monitor.report(done % 90, 100)
                        going.set()
                        time.sleep(0.002)
                except Cancelled:
                    stopped.set()
                    raise
                return 0

            monkeypatch.setattr(CrossingSearch, "after", slow)
            desk.actions["replay.crossing"].trigger()
            await until(lambda: going.is_set() and finder.banner.isVisible())
            assert "Looking for the next crossing" in finder.banner.text()
            next(each for each in finder.banner.findChildren(QPushButton) if each.text() == "Stop").click()
            await until(stopped.is_set)
            assert not finder.banner.isVisible()
            assert player.clock.reached_us == crossings[1]
            going.clear()
            stopped.clear()
            desk.actions["replay.crossing"].trigger()
            await until(going.is_set)
            desk.replay.controls.seek(start_us)  # who goes elsewhere does not want it any more
            await until(stopped.is_set)

    run_on_qt(qapp, journey())
