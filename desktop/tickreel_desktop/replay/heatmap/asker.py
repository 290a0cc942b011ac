"""Asking for the columns that a picture needs, when they are needed and not more often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from tickreel.errors import UsageError
from tickreel_desktop.replay.heatmap.demand import Choices, Demand, Sight, wanted

if TYPE_CHECKING:
    from tickreel_desktop.replay.heatmap.past import Past
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.replay.sharedview import SharedView

_ASK_AFTER_MS: Final = 150


class ColumnAsker(QObject):
    """Compare what is in view with what was asked for."""

    views_wanted = Signal(object, object, object, object)
    """The grid, the width of a column in us, the measure, and how much of the past in us."""

    def __init__(self, shared: SharedView, past: Past, viewport: Viewport, parent: QObject) -> None:
        super().__init__(parent)
        self._shared = shared
        self._past = past
        self._viewport = viewport
        self.choices = Choices()
        """What the user wants to see."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_ASK_AFTER_MS)
        self._soon.timeout.connect(self.ask)
        self.forget()

    def forget(self) -> None:
        """Forget what was asked for."""
        self.asked: Demand | None = None
        """What was asked for last."""
        self._from_us = 0
        self.trouble = ""
        """Why nothing can be asked for; empty when it can."""
        self._soon.stop()

    @property
    def is_waiting(self) -> bool:
        """Whether something is to be asked for soon."""
        return self._soon.isActive()

    def note_jump(self, at_us: int) -> None:
        """Take note of a jump: it brings as much of the past as was asked for."""
        if self.asked is not None:
            self._from_us = at_us - self.asked.history_us

    def ask_if_needed(self, *, anew: bool = False) -> None:
        """Ask soon when other columns are needed; while the view is moved (*anew*) only after it rests."""
        demand = self._demand()
        if demand is None or demand == self.asked:
            return
        if (anew and not self._shared.follows) or not self._soon.isActive():
            self._soon.start()

    def ask(self) -> None:
        """Ask at once when other columns are needed."""
        demand = self._demand()
        if demand is None or demand == self.asked:
            return
        self.asked = demand
        self._from_us = self._past.now_us - demand.history_us
        self.views_wanted.emit(demand.grid, demand.column_us, demand.measure, demand.history_us)

    def _demand(self) -> Demand | None:
        past, view, shared = self._past, self._viewport.projection(), self._shared
        if view is None or past.tick is None or past.frame is None or past.frame.book is None:
            return None
        sight = Sight(
            start_us=past.start_us,
            now_us=past.now_us,
            from_us=shared.from_us,
            to_us=shared.to_us,
            low=view.low,
            high=view.high,
            width_px=view.width,
            height_px=view.height,
        )
        reach_us = self._from_us
        if past.cells is not None and past.cells.has_dropped:
            reach_us = max(reach_us, past.cells.from_us)
        try:
            found = wanted(sight, self.choices, past.tick, self.asked, reach_us)
        except UsageError as error:
            self.trouble = str(error)
            return None
        self.trouble = ""
        return found
