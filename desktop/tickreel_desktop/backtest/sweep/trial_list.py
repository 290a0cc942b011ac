"""The trials of a sweep as a list, the best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel_desktop.backtest.sweep.trial_model import TrialModel
from tickreel_desktop.components import DockTitle, RowTable
from tickreel_desktop.theme import FontRole, Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex

    from tickreel.backtest.sweeps.trials import Trial
    from tickreel_desktop.theme import Theme


class TrialList(QFrame):
    """List what was begun; a click opens the run, the arrows go through the map with it."""

    opened = Signal(str)
    chosen = Signal(object)
    """The user went to this trial."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._model = TrialModel(self)
        self._headings: tuple[str, ...] = ()
        self.title = DockTitle(theme, "Trials", "best first, click opens the run")
        self.table = RowTable(theme, "Trials of the sweep")
        self.table.setModel(self._model)
        header = self.table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setStretchLastSection(False)
        header.sectionClicked.connect(self._sort)
        self._sorted: tuple[int, Qt.SortOrder] | None = None
        self.table.row_opened.connect(self._open)
        self.table.clicked.connect(self._on_clicked)
        self.table.selectionModel().currentRowChanged.connect(self._on_current_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.table, 1)
        self.setMinimumWidth(theme.px(300))

    @property
    def trials(self) -> tuple[Trial, ...]:
        """What is listed, from the top."""
        return self._model.trials

    def show_trials(
        self, trials: Sequence[Trial], axes: Sequence[str], figure: str, lone: Trial | None = None
    ) -> None:
        """List other trials; the one that was chosen stays chosen while it is there."""
        before = self.selected()
        with QSignalBlocker(self.table.selectionModel()):
            self._model.show_trials(trials, axes, figure, lone)
        headings = tuple(
            str(self._model.headerData(place, Qt.Orientation.Horizontal))
            for place in range(self._model.columnCount())
        )
        if headings != self._headings:
            self._headings = headings
            self._sorted = None
            self.table.horizontalHeader().setSortIndicatorShown(False)
            metrics = QFontMetrics(self._theme.font(FontRole.BODY))
            least, room = self._theme.px(54), self._theme.px(20)
            self.table.set_widths([max(least, metrics.horizontalAdvance(one) + room) for one in headings])
        if before is not None:
            self.show_trial(before)

    def selected(self) -> Trial | None:
        """Give the trial that is chosen."""
        row = self.table.selected_row()
        return self._model.trials[row] if row is not None and row < len(self._model.trials) else None

    def show_trial(self, trial: Trial | None) -> None:
        """Choose a trial without telling anyone."""
        row = None if trial is None else self._model.row_of(trial)
        with QSignalBlocker(self.table.selectionModel()):
            if row is None:
                self.table.clearSelection()
            else:
                self.table.show_row(row)
        self.table.viewport().update()

    def _sort(self, column: int) -> None:
        order = Qt.SortOrder.DescendingOrder
        if self._sorted == (column, order):
            order = Qt.SortOrder.AscendingOrder
        self._sorted = (column, order)
        chosen = self.selected()
        header = self.table.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.setSortIndicator(column, order)
        self._model.sort(column, order)
        self.show_trial(chosen)

    def _open(self, row: int) -> None:
        run_id = self._model.trials[row].run_id
        if run_id is not None:
            self.opened.emit(run_id)

    def _on_clicked(self, index: QModelIndex) -> None:
        self._open(index.row())

    def _on_current_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid():
            self.chosen.emit(self._model.trials[now.row()])
