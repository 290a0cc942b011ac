"""What is in view of the analyst: of the replay that is open, or of what is selected in Data."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from tickreel.analysis import Group
from tickreel.analysis.observation import LONGEST_US
from tickreel.analysis.prompt import MOST_WINDOWS
from tickreel.errors import TickreelError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us
from tickreel.market.types import DataType
from tickreel_desktop.analysis import Scope, Subject, WindowChoice

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tickreel.store import Cache
    from tickreel_desktop.data import DataWorkspace
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.tasks import Tasks

_FOLLOW_MS = 500
"""While it plays the window is told anew this often."""
_IN_VIEW, SELECTED = "view", "selection"
_LAST = {"60": "Last minute", "300": "Last 5 minutes", "900": "Last 15 minutes", "3600": "Last hour"}
_DAY, _FIRST_HOUR, _LAST_HOUR = "day", "first", "last"
_OF_DAY = (
    WindowChoice(_DAY, "Whole day"),
    WindowChoice(_FIRST_HOUR, "First hour of the day"),
    WindowChoice(_LAST_HOUR, "Last hour of the day"),
)
_HOUR_US = 3_600 * US_PER_SECOND
_OF_BOOK = (Group.SPREAD, Group.BOOK, Group.FLOW, Group.MOVEMENT, Group.WALLS)


class AnalysisView(QObject):
    """Keep a scope at what the window in front shows."""

    def __init__(
        self,
        scope: Scope,
        *,
        window: MainWindow,
        replay: ReplayWorkspace,
        data: DataWorkspace,
        cache: Cache,
        tasks: Tasks,
        is_wanted: Callable[[], bool],
    ) -> None:
        """Follow as long as *is_wanted* says so; whoever comes to want it looks."""
        super().__init__(window)
        self._scope = scope
        self._window = window
        self._replay = replay
        self._data = data
        self._cache = cache
        self._tasks = tasks
        self._of_replay, self._of_data = _IN_VIEW, _DAY
        self._known = ("", "")
        self._is_wanted = is_wanted
        self._next = QTimer(self)
        """Looks once, however much changes at a time."""
        self._pause = QTimer(self)
        for timer, pause_ms in ((self._next, 0), (self._pause, _FOLLOW_MS)):
            timer.setSingleShot(True)
            timer.setInterval(pause_ms)
            timer.timeout.connect(self._follow)
        window.workspace_changed.connect(lambda _before, _now: self._next.start())
        calendar = data.detail.calendar
        calendar.day_opened.connect(lambda _day: self._next.start())
        calendar.range_chosen.connect(lambda _first, _last: self._next.start())
        calendar.range_cleared.connect(self._next.start)
        for changed in (replay.player_changed, replay.stage.symbol_changed, data.selection_changed):
            changed.connect(self._next.start)
        for changed in (replay.shared.span_changed, replay.shared.selection_changed):
            changed.connect(self._look_soon)

    def _look_soon(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def _follow(self) -> None:
        """Look where anybody wants to know; else only whether there is anything in view is kept."""
        if self._is_wanted() or (self._seen()[0] is None) != (self._scope.subject is None):
            self.look()

    def choose(self, key: str) -> None:
        """Choose the window in another way."""
        if self._window.front == "data":
            self._of_data = key
        else:
            self._of_replay = key
        self.look()

    def look(self) -> None:
        """Bring the scope up to what is in view now."""
        subject, choices = self._seen()
        self._scope.show_subject(subject, choices)
        if subject is not None and (subject.exchange, subject.symbol) != self._known:
            self._known = subject.exchange, subject.symbol
            self._tasks.start(self._find_possible(*self._known), "see what is held of an instrument")

    def _seen(self) -> tuple[Subject | None, tuple[WindowChoice, ...]]:
        if self._window.front == "data":
            return self._seen_in_data()
        symbol = self._replay.stage.symbol
        if symbol is None or self._replay.player is None:
            return None, ()
        from_us, to_us, why = self._window_of_replay()
        choices = [WindowChoice(_IN_VIEW, "What is in view")]
        if self._replay.shared.selection is not None:
            choices.append(WindowChoice(SELECTED, "The selected stretch"))
        choices += [WindowChoice(key, text) for key, text in _LAST.items()]
        from_us = max(from_us, to_us - LONGEST_US, self._replay.player.request.start_us)
        return Subject(*symbol, min(from_us, to_us - 1), to_us, why), tuple(choices)

    def _window_of_replay(self) -> tuple[int, int, str]:
        """Give the window, of which nothing lies later than what is played."""
        shared = self._replay.shared
        now_us = shared.now_us + 1
        if self._of_replay in _LAST:
            return now_us - int(self._of_replay) * US_PER_SECOND, now_us, _LAST[self._of_replay].lower()
        if self._of_replay == SELECTED and shared.selection is not None:
            from_us, to_us = shared.selection
            if from_us < now_us:
                return from_us, min(to_us, now_us), "the selected stretch, as far as it is played"
        from_us, to_us = shared.from_us, min(shared.to_us + 1, now_us)
        if from_us >= to_us:  # what is looked at is not played yet
            from_us, to_us = now_us - shared.width_us, now_us
        return from_us, to_us, "what is in view of the replay"

    def _seen_in_data(self) -> tuple[Subject | None, tuple[WindowChoice, ...]]:
        row = self._data.selected_row
        if row is None:
            return None, ()
        chosen = self._data.detail.chosen_days
        if chosen is None:
            opened = self._data.detail.calendar.opened or row.last_day
            chosen = opened, opened
        held = [one.day for one in row.days if one.state.is_held and chosen[0] <= one.day <= chosen[1]]
        days = held[-MOST_WINDOWS:] or [chosen[1]]
        spans = tuple(self._span_of_day(day) for day in days)
        why = f"{days[-1]} as it is held, in UTC"
        if len(days) > 1:
            left_out = f", the last of {len(held)}" if len(held) > len(days) else ""
            why = f"{len(days)} chosen days as they are held, in UTC, each a window of its own{left_out}"
        windows = spans if len(spans) > 1 else ()
        subject = Subject(row.key.exchange, row.key.symbol, spans[0][0], spans[-1][1], why, windows)
        return subject, _OF_DAY

    def _span_of_day(self, day: date) -> tuple[int, int]:
        from_us = day_start_us(day)
        to_us = from_us + US_PER_DAY
        if self._of_data == _FIRST_HOUR:
            to_us = from_us + _HOUR_US
        elif self._of_data == _LAST_HOUR:
            from_us = to_us - _HOUR_US
        return from_us, to_us

    async def _find_possible(self, exchange: str, symbol: str) -> None:
        """Find of which groups there can be figures: of what is not held there are none."""
        types = (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES)
        try:
            held = await asyncio.to_thread(self._cache.library.held_types, exchange, symbol, types)
        except TickreelError:  # the analysis will say what is wrong
            return
        groups = {Group.HEALTH} if held else set()
        if DataType.INCREMENTAL_BOOK_L2 in held:
            groups |= set(_OF_BOOK)
        if DataType.TRADES in held:
            groups |= {Group.TRADES, Group.WALLS}
        if (exchange, symbol) == self._known:
            self._scope.set_possible(groups)
