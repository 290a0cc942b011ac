"""Goes the way of the analyst's guide by mouse and keys alone, and counts: from the first start to a sweep.

The real window over an empty home. Each part is that of the page with the same heading; the parts on fetching
and importing have journeys of their own. A click, a key or a typed word counts as one action; what the page
says must be seen on the way.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from hand import Hand
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from travelling import travel, window_of_nothing  # isort: skip  (it finds the tests' support)
from support.desks import until

from tickreel.jobs import State
from tickreel.market.types import DatasetKey, DataType
from tickreel.sample import SAMPLE_START_US
from tickreel_desktop.data.rows import health_words
from tickreel_resources import page_text

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel_desktop.backtest.running.work import Work
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.theme import Theme

_TAKES_AT_MOST_S = 300
_BOOK = DatasetKey("tickreel-sim", "BTCUSDT", DataType.INCREMENTAL_BOOK_L2)
_TRADES = DatasetKey("tickreel-sim", "BTCUSDT", DataType.TRADES)
_CTRL = Qt.KeyboardModifier.ControlModifier
_CTRL_SHIFT = _CTRL | Qt.KeyboardModifier.ShiftModifier
_FALL_US = SAMPLE_START_US + (44 * 60 + 30) * 1_000_000


class Guide:
    """One way through the page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.hand = Hand()

    async def go(self) -> None:
        """Go all of it."""
        for part in (
            self._the_first_start,
            self._what_is_here,
            self._can_it_be_relied_on,
            self._replay,
            self._have_it_analysed,
            self._backtest,
            self._compare_two,
            self._sweep,
        ):
            heading = part.__name__.strip("_").replace("_", " ")
            if f". {heading}\n" not in page_text("analyst").lower():
                raise SystemExit(f"     the page has no part on {heading}")
            print(f"--- {heading}", flush=True)
            await part()

    async def _the_first_start(self) -> None:
        desk = self._desk
        self.hand.see("the welcome page is in front", is_so=desk.window.front == "welcome")
        self.hand.click("Play the sample", self._button("Play the sample"))
        await until(lambda: desk.opener.player is not None and desk.opener.player.frame is not None)
        self.hand.see("it plays", is_so=desk.window.front == "replay")

    async def _what_is_here(self) -> None:
        desk = self._desk
        self.hand.press("Ctrl+1", Qt.Key.Key_1, _CTRL)
        await until(lambda: desk.window.front == "data" and desk.data.select(_BOOK))
        desk.data.take_focus()
        self.hand.press("/", Qt.Key.Key_Slash)
        self.hand.type("btcusdt trades")
        await until(
            lambda: desk.data.selected_key() == DatasetKey(_BOOK.exchange, "BTCUSDT", DataType.TRADES)
        )
        self.hand.see("the filter finds the dataset", is_so=desk.data.filter.text() == "btcusdt trades")
        self.hand.press("Esc", Qt.Key.Key_Escape)
        self.hand.see("Esc empties the field", is_so=not desk.data.filter.text())

    async def _can_it_be_relied_on(self) -> None:
        desk = self._desk
        self.hand.click("the row BTCUSDT, incremental_book_L2", desk.data.table.viewport(), self._row(_BOOK))
        await until(lambda: desk.data.selected_key() == _BOOK)
        row = desk.data.selected_row
        assert row is not None
        words = health_words(row)
        self.hand.see(f"Health: {words}", is_so="Usable" in words and "with lost updates" in words)
        await until(lambda: desk.data.detail.calendar.isVisible())

    async def _replay(self) -> None:
        desk, hand = self._desk, self.hand
        desk.data.take_focus()
        before = desk.opener.player
        hand.press("Enter", Qt.Key.Key_Return)
        await until(lambda: desk.opener.player not in (None, before) and desk.window.front == "replay")
        player = desk.opener.player
        assert player is not None
        await until(lambda: player.frame is not None and player.clock.is_playing)
        speed = player.clock.speed
        hand.press("]", Qt.Key.Key_BracketRight)
        hand.see("the speed is doubled", is_so=speed is not None and player.clock.speed == 2 * speed)
        hand.press("Space", Qt.Key.Key_Space)
        await until(lambda: not player.clock.is_playing)
        hand.press("G", Qt.Key.Key_G)
        hand.type("15:44:30")
        hand.press("Enter", Qt.Key.Key_Return)
        await until(lambda: player.frame is not None and player.frame.at_us == _FALL_US)
        hand.see("the replay stands at 15:44:30", is_so=not player.clock.is_playing)

    async def _have_it_analysed(self) -> None:
        desk = self._desk
        if not desk.analysis.isVisible():  # in a wide window it stands beside the replay
            self.hand.press("Ctrl+Shift+A", Qt.Key.Key_A, _CTRL_SHIFT)
        talk = desk.analysis_control.conversation
        await until(lambda: desk.analysis.isVisible() and talk.is_ready)
        send = desk.analysis.ask.send_button
        await until(lambda: send.isEnabled())
        self.hand.click(send.text(), send)
        await until(lambda: talk.is_idle and desk.analysis.result.is_complete)
        self.hand.see("the offline analyst has answered", is_so=bool(desk.analysis.result.text()))

    async def _backtest(self) -> None:
        desk, hand = self._desk, self.hand
        hand.press("Ctrl+3", Qt.Key.Key_3, _CTRL)
        await until(lambda: desk.window.front == "backtest")
        hand.click("Run the sample backtest", self._button("Run the sample backtest"))
        work = await self._ended(1)
        hand.see("the run is done and in view", is_so=work.job.state is State.SUCCEEDED)
        view = desk.backtest.run_view
        place = view.tabs.indexOf(view.trades)
        bar = view.tabs.tabBar()
        hand.click(view.tabs.tabText(place), bar, bar.tabRect(place).center())
        table = view.trades.table
        await until(lambda: table.isVisible() and table.model().rowCount() > 0)
        first = table.visualRect(table.model().index(0, 0)).center()
        hand.click("a trade", table.viewport(), first)
        await until(lambda: view.trades.why_button.isEnabled())
        hand.click("Why filled", view.trades.why_button)
        await until(lambda: desk.backtest.why.way is not None)
        hand.see("why it was filled", is_so=desk.backtest.why.isVisible())

    async def _compare_two(self) -> None:
        desk, hand = self._desk, self.hand
        hand.click("Back", self._button("Back"))
        await until(lambda: desk.backtest.form.isVisible())
        hand.click("Careful", self._button("Careful"))
        await until(lambda: not desk.backtest.form.obstacle())
        hand.press("Ctrl+R", Qt.Key.Key_R, _CTRL)
        work = await self._ended(2)
        hand.see("the second run is done", is_so=work.job.state is State.SUCCEEDED)
        hand.click("Compare with the run before", self._button("Compare with the run before"))
        await until(lambda: desk.backtest.compare.compared is not None)
        hand.see("both stand side by side", is_so=desk.backtest.compare.isVisible())

    async def _sweep(self) -> None:
        desk, hand = self._desk, self.hand
        hand.press("Ctrl+Shift+R", Qt.Key.Key_R, _CTRL_SHIFT)
        await until(lambda: desk.backtest_control.sweep_dialog is not None)
        dialog = desk.backtest_control.sweep_dialog
        assert dialog is not None
        await until(lambda: dialog.isVisible())
        hand.click("the field of half_spread_ticks", dialog.fields["half_spread_ticks"])
        hand.type("2, 4")
        await until(lambda: dialog.run_button.isEnabled())
        hand.click("Run", dialog.run_button)
        work = await self._ended(3, is_run=False)
        hand.see("the sweep is done", is_so=work.job.state is State.SUCCEEDED)

    def _button(self, text: str) -> QAbstractButton:
        for window in (self._desk.window, *QApplication.topLevelWidgets()):
            for each in window.findChildren(QAbstractButton):
                if each.isVisible() and each.text() == text:
                    return each
        raise SystemExit(f"     there is no {text}")

    def _row(self, key: DatasetKey) -> QPoint:
        """Find where a dataset stands in the table."""
        self._desk.data.select(key)
        table = self._desk.data.table
        return table.visualRect(table.currentIndex()).center()

    async def _ended(self, number: int, *, is_run: bool = True) -> Work:
        works = self._desk.backtests.works
        await until(lambda: len(works()) == number and bool(works()[-1].ended_us))
        work = works()[-1]
        if is_run:
            await until(lambda: self._is_shown(work))
        return work

    def _is_shown(self, work: Work) -> bool:
        record = self._desk.backtest.run_view.record
        return record is not None and record.card.id == work.live.id


async def _travel(home: Path, theme: Theme) -> Hand:
    async with window_of_nothing(home, theme) as desk, asyncio.timeout(_TAKES_AT_MOST_S):
        guide = Guide(desk)
        await guide.go()
        return guide.hand


if __name__ == "__main__":
    sys.exit(travel(_travel))
