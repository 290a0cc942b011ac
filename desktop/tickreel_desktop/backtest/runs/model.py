"""The rows of the list as a model: those under way, then what passes the filter in the order of a sort."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from tickreel.backtest.runs.card import RunState
from tickreel.market.units import format_full, format_percent
from tickreel_desktop.backtest.runs.query import RunQuery, passing
from tickreel_desktop.backtest.runs.rows import NO_ROWS, ListedRun, RunningRow
from tickreel_desktop.backtest.runs.words import signed, signed_percent, unsigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from tickreel_desktop.backtest.runs.rows import Rows

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)
ROW = int(Qt.ItemDataRole.UserRole) + 1
"""The row itself: a :class:`ListedRun` or a :class:`RunningRow`."""
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class Col(IntEnum):
    """The columns."""

    CHECK = 0
    RUN = 1
    EQUITY = 2
    GAIN = 3
    SHARPE = 4
    PNL = 5
    DRAWDOWN = 6
    TRADES = 7


_TITLES = ("", "Run", "Equity", "Return", "Sharpe", "Net PnL", "Drawdown", "Trades")
_TIPS = {
    Col.RUN: "Run: its strategy, its days and its symbols",
    Col.EQUITY: "Equity over the range, after fees",
    Col.GAIN: "Return: profit or loss over the capital; of a sweep that of its best run",
    Col.SHARPE: "Sharpe ratio: of returns per period, for a year",
    Col.PNL: "Net profit or loss, after fees",
    Col.DRAWDOWN: "Largest fall from a height before, over capital and that height",
    Col.TRADES: "Fills",
}
_KEYS = {
    Col.CHECK: "created",
    Col.RUN: "created",
    Col.EQUITY: "strategy",
    Col.GAIN: "gain",
    Col.SHARPE: "sharpe",
    Col.PNL: "pnl",
    Col.DRAWDOWN: "drawdown",
    Col.TRADES: "trades",
}
_TEXTS: dict[Col, Callable[[ListedRun], str]] = {
    Col.RUN: lambda run: f"{run.title} {run.short_id}",
    Col.GAIN: lambda run: signed_percent(run.gain),
    Col.SHARPE: lambda run: unsigned(run.sharpe, 2 if abs(run.sharpe or 0.0) < 100 else 0),
    Col.PNL: lambda run: f"{signed(run.pnl)} {run.currency or ''}".rstrip(),
    Col.DRAWDOWN: lambda run: signed_percent(None if run.drawdown is None else -run.drawdown),
    Col.TRADES: lambda run: "" if run.trades is None else format_full(run.trades),
}


class RunsModel(QAbstractTableModel):
    """Show rows; whatever changes their places resets the model, and who chooses keeps ids."""

    checked_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows = NO_ROWS
        self._running: tuple[RunningRow, ...] = ()
        self._shown: NDArray[np.intp] = np.empty(0, np.intp)
        self._query = RunQuery()
        self._sort = (Col.RUN, True)
        self._checked: dict[str, None] = {}

    # What is shown

    @property
    def query(self) -> RunQuery:
        """What is asked for."""
        return self._query

    @property
    def running(self) -> tuple[RunningRow, ...]:
        """What is under way in this window."""
        return self._running

    @property
    def shown_count(self) -> int:
        """How many kept runs and sweeps are shown."""
        return len(self._shown)

    def show_rows(self, rows: Rows) -> None:
        """Show other rows, arranged as before."""
        self.beginResetModel()
        self.rows = rows
        self._checked = {run_id: None for run_id in self._checked if run_id in rows.places}
        self._arrange()
        self.endResetModel()
        self.checked_changed.emit()

    def show_running(self, running: Sequence[RunningRow]) -> None:
        """Show what is under way; only cells change where these are the same jobs as before."""
        before, now = self._running, tuple(running)
        is_same = [(one.job_id, one.run_id) for one in before] == [(one.job_id, one.run_id) for one in now]
        if not is_same:
            self.beginResetModel()
            self._running = now
            self._arrange()
            self.endResetModel()
        elif now != before:
            self._running = now
            self.dataChanged.emit(self.index(0, 0), self.index(len(before) - 1, len(Col) - 1))

    def set_query(self, query: RunQuery) -> None:
        """Show only what is asked for."""
        if query != self._query:
            self.beginResetModel()
            self._query = query
            self._arrange()
            self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Arrange by a column; what is not known comes last, and equals the newest first."""
        wanted = Col(max(column, 0)), order == Qt.SortOrder.DescendingOrder
        if wanted != self._sort:
            self.beginResetModel()
            self._sort = wanted
            self._arrange()
            self.endResetModel()

    def _arrange(self) -> None:
        rows, (column, descends) = self.rows, self._sort
        keys = rows.keys[_KEYS[column]]
        order = np.argsort(-keys if descends else keys, kind="stable")
        passes = passing(rows, self._query)
        for one in self._running:
            place = rows.places.get(one.run_id or "")
            if place is not None:
                passes[place] = False
        self._shown = order[passes[order]]

    # Rows and their places

    def row_at(self, row: int) -> ListedRun | RunningRow:
        """Give what stands at a place."""
        if row < len(self._running):
            return self._running[row]
        return self.rows.runs[int(self._shown[row - len(self._running)])]

    def place_of(self, run_id: str) -> int | None:
        """Find where a run or a sweep stands; None where it is not shown."""
        found = np.flatnonzero(self._shown == self.rows.places.get(run_id, -1))
        return int(found[0]) + len(self._running) if len(found) else None

    def shown_runs(self) -> list[ListedRun]:
        """Give the rows that are shown, from the top."""
        return [self.rows.runs[place] for place in self._shown.tolist()]

    # What is marked

    @property
    def checked(self) -> list[str]:
        """The ids of what is marked, in the order of marking."""
        return list(self._checked)

    def check(self, run_ids: Iterable[str], *, is_checked: bool) -> None:
        """Mark rows, or do so no more."""
        for run_id in run_ids:
            if is_checked and run_id in self.rows.places:
                self._checked[run_id] = None
            else:
                self._checked.pop(run_id, None)
        self._tell_checked()

    def uncheck_all(self) -> None:
        """Mark none."""
        self._checked.clear()
        self._tell_checked()

    def _tell_checked(self) -> None:
        if self.rowCount():
            last = self.index(self.rowCount() - 1, len(Col) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [_CHECK])
        self.checked_changed.emit()

    # Qt

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the rows."""
        return 0 if parent.isValid() else len(self._running) + len(self._shown)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(Col)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let rows be marked."""
        found = super().flags(index)
        is_kept = index.isValid() and isinstance(self.row_at(index.row()), ListedRun)
        return found | Qt.ItemFlag.ItemIsUserCheckable if is_kept and index.column() == Col.CHECK else found

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give a cell's text, alignment, mark, or the row itself."""
        if not index.isValid():
            return None
        row, column = self.row_at(index.row()), Col(index.column())
        if role == _DISPLAY:
            return self._text(row, column)
        if role == ROW:
            return row
        if role == _ALIGN:
            return _RIGHT if column >= Col.GAIN else _LEFT
        if role == _CHECK and column is Col.CHECK and isinstance(row, ListedRun):
            return Qt.CheckState.Checked if row.id in self._checked else Qt.CheckState.Unchecked
        if role == _SPOKEN:
            return self._spoken(row, column)
        return self._tip(row) if role == _TIP else None

    def setData(self, index: _Index, value: Any, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:
        """Mark a row."""
        row = self.row_at(index.row()) if index.isValid() else None
        if role != _CHECK or not isinstance(row, ListedRun):
            return False
        self.check([row.id], is_checked=Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column, its alignment and its tool-tip."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Col):
            return None
        if role == _DISPLAY:
            return _TITLES[section]
        if role == _ALIGN:
            return _RIGHT if section >= Col.GAIN else _LEFT
        return _TIPS.get(Col(section)) if role == _TIP else None

    def _text(self, row: ListedRun | RunningRow, column: Col) -> str:
        if isinstance(row, RunningRow):
            if column is Col.RUN:
                return row.title
            return progress_words(row) if column is Col.EQUITY else ""
        if row.state is RunState.FAILED and column > Col.RUN:
            return row.cause if column is Col.EQUITY else ""
        text = _TEXTS.get(column)
        return text(row) if text is not None else ""

    def _spoken(self, row: ListedRun | RunningRow, column: Col) -> str:
        if column is Col.CHECK:
            return f"Mark {row.title}" if isinstance(row, ListedRun) else ""
        if column is Col.RUN:
            tags = f", tagged {', '.join(row.tags)}" if isinstance(row, ListedRun) and row.tags else ""
            return f"{self._text(row, column)}, {row.subtitle}{tags}"
        return self._text(row, column)

    def _tip(self, row: ListedRun | RunningRow) -> str:
        if isinstance(row, RunningRow):
            return f"{row.title}\n{row.subtitle}"
        lines = [f"{row.title}, run {row.id}" if not row.is_sweep else row.title, row.subtitle]
        lines += [row.failure] if row.failure else []
        lines += [f"Tags: {', '.join(row.tags)}"] if row.tags else []
        lines += [row.notes] if row.notes else []
        return "\n".join(lines)


def progress_words(row: RunningRow) -> str:
    """Say how far something is: ``63 %``."""
    return "begins" if row.fraction is None else format_percent(row.fraction, 0)
