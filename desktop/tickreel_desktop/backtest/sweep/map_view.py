"""The map of a sweep as a widget: cells to open, to walk through by keys, and to select a region of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleValueChangeEvent, QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip

from tickreel.backtest.sweeps.plane import Region, lone_peak, robust_region
from tickreel.backtest.sweeps.trials import TrialState
from tickreel_desktop.backtest.charts import TwinChart
from tickreel_desktop.backtest.sweep.figures import BY_KEY, value_text
from tickreel_desktop.backtest.sweep.map_painter import MapMarks, MapPainter
from tickreel_desktop.replay.charttable import ChartTable, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from tickreel.backtest.sweeps.plane import Plane
    from tickreel.backtest.sweeps.trials import Trial
    from tickreel_desktop.theme import Theme

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class SweepMap(TwinChart):
    """Show one plane; without a region of the user's, the robust one is selected."""

    opened = Signal(str)
    """The user asked for the run of a cell."""
    pointed = Signal(object)
    """The trial of the cell that the keyboard or a click chose, or None."""
    region_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._painter = MapPainter(theme)
        self._plane: Plane | None = None
        self._marks = MapMarks()
        self._cursor = (0, 0)
        self._anchor: tuple[int, int] | None = None
        """Where a selection began."""
        self._pressed: tuple[int, int] | None = None
        self._is_own = False
        """Whether the user chose the region."""
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Results of the sweep")
        theme.changed.connect(self._on_theme_changed)

    @property
    def plane(self) -> Plane | None:
        """What is shown."""
        return self._plane

    @property
    def marks(self) -> MapMarks:
        """What lies over the cells."""
        return self._marks

    @property
    def region(self) -> Region | None:
        """The region that is selected: the user's, else the robust one."""
        return self._marks.region

    def show_plane(self, plane: Plane) -> None:
        """Show another plane, or the same one further on; a region of the user's stays where it can."""
        before = self._plane
        same = before is not None and (before.across, before.up) == (plane.across, plane.up)
        self._plane = plane
        robust = robust_region(plane)
        if not same:
            self._is_own, self._cursor, self._anchor = False, plane.best() or (0, 0), None
        region = self._marks.region if self._is_own else robust
        has_changed = region != self._marks.region or not same
        self._set(robust=robust, region=region, lone=lone_peak(plane))
        rows, columns = plane.shape
        across, up = plane.across.name, "" if plane.up is None else f" by {plane.up.name}"
        self.setAccessibleName(f"Results by {across}{up}, {columns} columns, {rows} rows")
        self._describe()
        if has_changed:
            self.region_changed.emit()

    def show_trial(self, trial: Trial | None) -> None:
        """Mark the cell of a trial that is chosen elsewhere."""
        found = None
        if self._plane is not None and trial is not None:
            across, up = self._plane.across, self._plane.up
            column = across.values.index(trial.at[across.name])
            found = (column, 0 if up is None else up.values.index(trial.at[up.name]))
        self._set(chosen=found)

    def show_outside(self, cells: frozenset[tuple[int, int]]) -> None:
        """Veil cells, by column and row."""
        self._set(outside=cells)

    def show_shares(self, shares: Mapping[int, float]) -> None:
        """Say how far trials under way have come, by their place, 0 to 1."""
        self._set(shares=dict(shares))

    def table(self) -> ChartTable:
        """Give every cell: its values, its figure as told and as measured, and its trial."""
        plane = self._plane
        assert plane is not None
        names = [plane.across.name] if plane.up is None else [plane.across.name, plane.up.name]
        rows = []
        for row, cells in enumerate(plane.cells):
            for column, cell in enumerate(cells):
                at = [value_text(plane.across.values[column])]
                at += [] if plane.up is None else [value_text(plane.up.values[row])]
                figures = [plain(float(values[row, column])) for values in (plane.told, plane.measured)]
                trial = "" if cell.trial is None else str(cell.trial.place + 1)
                rows.append((*at, *figures, trial, cell.state.value))
        name = BY_KEY[plane.figure].name
        columns = (*names, name, f"{name}, measured", "trial", "state")
        return ChartTable("Results of the sweep", columns, tuple(rows))

    def ramp_end(self) -> float:
        """Give the size of result at which the ramp ends."""
        return 0.0 if self._plane is None else self._painter.limit(self._plane)

    def ramp(self, share: float) -> QColor:
        """Give a colour of the ramp, for its legend."""
        assert self._plane is not None
        return self._painter.ramp(self._plane, share)

    def select(self, region: Region | None) -> None:
        """Select a region; None goes back to the robust one."""
        self._is_own = region is not None
        before = self._marks.region
        self._set(region=self._marks.robust if region is None else region)
        if self._marks.region != before:
            self.region_changed.emit()

    def _set(self, **changes: object) -> None:
        self._marks = replace(self._marks, **changes)  # type: ignore[arg-type]  # its own fields
        self.update()

    def sizeHint(self) -> QSize:
        """Be as large as the design has it."""
        return QSize(self._theme.px(900), self._theme.px(560))

    def minimumSizeHint(self) -> QSize:
        """Keep room for cells with figures."""
        return QSize(self._theme.px(480), self._theme.px(240))

    def cell_center(self, column: int, row: int) -> QPoint:
        """Give the middle of a cell."""
        assert self._plane is not None
        return self._painter.layout(self.size(), self._plane).cell(column, row).center()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the plane."""
        painter = QPainter(self)
        if self._plane is None:
            painter.fillRect(self.rect(), self._theme.colour("plot"))
        else:
            marks = replace(self._marks, cursor=self._cursor if self.hasFocus() else None)
            self._painter.paint(painter, self.size(), self._plane, marks)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a selection."""
        at = self._at(event)
        if event.button() == Qt.MouseButton.LeftButton and at is not None:
            self._pressed = at

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select from the cell that was pressed to the one under the pointer."""
        if self._pressed is not None and self._plane is not None:
            position = event.position()
            now = self._painter.layout(self.size(), self._plane).nearest(position.x(), position.y())
            if now != self._pressed or self._anchor is not None:
                self._anchor = self._pressed
                self._move(now, selects=True)
            return
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if self._run_at(self._at(event)) else Qt.CursorShape.ArrowCursor
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the run of a cell that was clicked; a selection stays."""
        pressed, self._pressed = self._pressed, None
        was_selecting, self._anchor = self._anchor is not None, None
        if pressed is None or was_selecting or self._at(event) != pressed:
            return
        self._move(pressed, selects=False)
        self._open(pressed)

    def _at(self, event: QMouseEvent) -> tuple[int, int] | None:
        if self._plane is None:
            return None
        position = event.position()
        return self._painter.layout(self.size(), self._plane).at(position.x(), position.y())

    def _run_at(self, at: tuple[int, int] | None) -> str | None:
        trial = None if at is None else self._trial_at(at)
        return None if trial is None else trial.run_id

    def _trial_at(self, at: tuple[int, int]) -> Trial | None:
        return None if self._plane is None else self._plane.cells[at[1]][at[0]].trial

    def _open(self, at: tuple[int, int]) -> None:
        run_id = self._run_at(at)
        if run_id is not None:
            self.opened.emit(run_id)

    def _move(self, to: tuple[int, int], *, selects: bool) -> None:
        self._cursor = to
        if selects and self._anchor is not None:
            columns, rows = (sorted(pair) for pair in zip(self._anchor, to, strict=True))
            self.select(Region(columns[0], columns[1], rows[0], rows[1]))
        self.update()
        self._describe()
        self.pointed.emit(self._trial_at(to))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk by the arrows, select with Shift, open by Enter; Escape selects the robust region again."""
        key = Qt.Key(event.key())
        if self._plane is None:
            super().keyPressEvent(event)
        elif key in _STEPS:
            rows, columns = self._plane.shape
            column, row = self._cursor[0] + _STEPS[key][0], self._cursor[1] + _STEPS[key][1]
            selects = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if not selects:
                self._anchor = None
            elif self._anchor is None:
                self._anchor = self._cursor
            self._move((min(max(column, 0), columns - 1), min(max(row, 0), rows - 1)), selects=selects)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._anchor = None
            self._move(
                (0 if key == Qt.Key.Key_Home else self._plane.shape[1] - 1, self._cursor[1]), selects=False
            )
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self._cursor)
        elif key == Qt.Key.Key_Escape and self._is_own:
            self._anchor = None
            self.select(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the cursor, and say where it is."""
        super().focusInEvent(event)
        self._describe()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the cursor; a selection by keys ends."""
        super().focusOutEvent(event)
        self._anchor = None
        self.update()

    def _describe(self) -> None:
        text = self.words_of(self._cursor)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            if self.hasFocus():
                QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, text))

    def words_of(self, at: tuple[int, int]) -> str:
        """Say what a cell tells: its values, its figure, its trial."""
        plane = self._plane
        if plane is None:
            return ""
        column, row = at
        cell = plane.cells[row][column]
        parts = [f"{plane.across.name} {value_text(plane.across.values[column])}"]
        if plane.up is not None:
            parts.append(f"{plane.up.name} {value_text(plane.up.values[row])}")
        value, figure = float(plane.told[row, column]), BY_KEY[plane.figure]
        if np.isfinite(value):
            parts.append(f"{figure.name} {figure.text(value)}{' %' if figure.unit else ''}")
        elif cell.state is not TrialState.DONE:
            parts.append(cell.state.value)
        else:
            parts.append(f"no {figure.name}")
        if cell.trial is not None:
            parts.append(f"trial {cell.trial.place + 1}")
        if at == self._marks.lone:
            parts.append("lone peak")
        if self._marks.robust is not None and self._marks.robust.holds(*at):
            parts.append("in the robust region")
        return ", ".join(parts)

    def event(self, event: QEvent) -> bool:
        """Tell of the cell under the pointer where a tool-tip is asked for."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._plane is not None:
            place = self._painter.layout(self.size(), self._plane)
            at = place.at(event.pos().x(), event.pos().y())
            text = "" if at is None else self.words_of(at)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _on_theme_changed(self) -> None:
        self._painter.dress()
        self.update()
