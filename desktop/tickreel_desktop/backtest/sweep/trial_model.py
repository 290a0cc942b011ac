"""The trials of a sweep as a table: those that were begun, the best first until a column is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel.backtest.sweeps.ranking import less_is_better
from tickreel.backtest.sweeps.trials import TrialState
from tickreel_desktop.backtest.sweep.figures import BY_KEY, usual_figures, value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel.backtest.sweeps.trials import Trial

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_FIGURES = ("sharpe", "sharpe_per_period", "pnl", "return", "max_drawdown", "fill_ratio")


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    text: Callable[[Trial], str]
    order: Callable[[Trial], Any]
    """What a trial is sorted by; None stands last either way."""
    is_best_high: bool = False


class TrialModel(QAbstractTableModel):
    """Show trials of which there is a run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[_Column, ...] = ()
        self._trials: list[Trial] = []
        self._lone: int | None = None
        self._axes: tuple[str, ...] = ()
        self._told: tuple[str, ...] = ()
        """The figures in the columns, from the left."""
        self._sorted: tuple[int, Qt.SortOrder] | None = None
        """The column and order that the user chose."""

    @property
    def trials(self) -> tuple[Trial, ...]:
        """What is listed, from the top."""
        return tuple(self._trials)

    def show_trials(
        self, trials: Sequence[Trial], axes: Sequence[str], figure: str, lone: Trial | None = None
    ) -> None:
        """List other trials by their values on *axes*, the best by *figure* first."""
        self.beginResetModel()
        told = tuple(usual_figures(trials, _FIGURES, figure))
        if (tuple(axes), told) != (self._axes, self._told):
            self._axes, self._told, self._sorted = tuple(axes), told, None
            self._columns = _columns(self._axes, told)
        self._trials = [trial for trial in trials if trial.card is not None]
        self._lone = None if lone is None else lone.place
        self._arrange()
        self.endResetModel()

    def row_of(self, trial: Trial) -> int | None:
        """Find the row of a trial."""
        return next((row for row, one in enumerate(self._trials) if one.place == trial.place), None)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the trials in the order of a column; those without a figure stay last."""
        self.layoutAboutToBeChanged.emit()
        self._sorted = (column, order)
        self._arrange()
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        if not self._columns:
            return
        column, order = self._sorted or (1 + len(self._axes), Qt.SortOrder.DescendingOrder)
        chosen = self._columns[column]
        is_down = order == Qt.SortOrder.DescendingOrder
        if self._sorted is None:
            is_down = chosen.is_best_high
        known = [trial for trial in self._trials if chosen.order(trial) is not None]
        rest = [trial for trial in self._trials if chosen.order(trial) is None]
        known.sort(key=lambda trial: trial.place)
        known.sort(key=chosen.order, reverse=is_down)
        self._trials = known + sorted(rest, key=lambda trial: trial.place)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the trials."""
        return 0 if parent.isValid() else len(self._trials)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text, its alignment, or what is said of it."""
        if not index.isValid():
            return None
        trial, column = self._trials[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            text = self._columns[column].text(trial)
            return f"{text}  !" if column == 0 and trial.place == self._lone else text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if column == 0 else _RIGHT
        if role == Qt.ItemDataRole.AccessibleTextRole and column == 0 and trial.place == self._lone:
            return f"{trial.place + 1}, lone peak"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section == 0 else _RIGHT
        return None


def _columns(axes: Sequence[str], told: Sequence[str]) -> tuple[_Column, ...]:
    return (
        _Column("Trial", _number, lambda trial: trial.place),
        *(_axis_column(name) for name in axes),
        *(_figure_column(key, is_first=place == 0) for place, key in enumerate(told)),
    )


def _number(trial: Trial) -> str:
    return str(trial.place + 1)


def _axis_column(name: str) -> _Column:
    def order(trial: Trial) -> Any:
        value = trial.at[name]
        is_word = isinstance(value, str)
        return (is_word, 0.0 if is_word else float(value), str(value))

    return _Column(name, lambda trial: value_text(trial.at[name]), order)


def _figure_column(key: str, *, is_first: bool) -> _Column:
    figure = BY_KEY[key]

    def text(trial: Trial) -> str:
        if is_first and trial.state is not TrialState.DONE:
            return trial.state.value
        return figure.text(trial.figure(key))

    title = f"{figure.name}, {figure.unit}" if figure.unit else figure.name
    return _Column(title, text, lambda trial: trial.figure(key), not less_is_better(key))
