"""The steps of an order, below one another along a line, each with its time and its clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tickreel.backtest.why.steps import Clock
from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import THIN_SPACE
from tickreel_desktop.components import label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from tickreel.backtest.why.steps import Step
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_DOT_PX = 9
_UNBROKEN = "\u202f"


class StepsList(QWidget):
    """Show the steps; a square is the clock of the exchange, a ring that of the strategy."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._steps: tuple[Step, ...] = ()
        self.setAccessibleName("What happened")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(8))
        self._column.setSpacing(theme.px(10))
        zone.changed.connect(self._renew)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is shown."""
        return self._steps

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show other steps."""
        if tuple(steps) != self._steps:
            self._steps = tuple(steps)
            self._renew()

    def _renew(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, step in enumerate(self._steps):
            is_last = number == len(self._steps) - 1
            self._column.addWidget(_StepRow(self._theme, self._zone, step, is_last=is_last))
        legend = QWidget()
        row = QHBoxLayout(legend)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(6))
        for clock, words in ((Clock.EXCHANGE, "exchange clock"), (Clock.STRATEGY, "strategy clock")):
            row.addWidget(_Dot(self._theme, clock))
            row.addWidget(label(words, Role.CAPTION))
        row.addStretch(1)
        self._column.addWidget(legend)
        told = (f"{step.title}, {self._time(step)}, {step.text}" for step in self._steps)
        self.setAccessibleDescription("; ".join(told))

    def _time(self, step: Step) -> str:
        return _time_text(self._zone, step)


def _time_text(zone: DisplayZone, step: Step) -> str:
    if step.until_us is None:
        return zone.zone.clock(step.at_us, 6)
    decimals = 1 if step.until_us - step.at_us >= US_PER_SECOND else 3
    return f"{zone.zone.clock(step.at_us, decimals)} to {zone.zone.clock(step.until_us, decimals)[6:]}"


class _StepRow(QWidget):
    def __init__(self, theme: Theme, zone: DisplayZone, step: Step, *, is_last: bool) -> None:
        super().__init__()
        self._theme = theme
        self._step = step
        self._is_last = is_last
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(22), 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(1))
        grid.setColumnStretch(0, 1)
        title = label(step.title, Role.SECTION)
        title.setMinimumWidth(0)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        grid.addWidget(title, 0, 0)
        grid.addWidget(label(_time_text(zone, step), Role.MONO), 0, 1)
        if step.text:
            # A line may not end inside a number.
            text = step.text.replace(THIN_SPACE, _UNBROKEN)
            grid.addWidget(label(text, Role.SECONDARY, wrap=True), 1, 0, 1, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dot, and the line on to the next."""
        side = self._theme.px(_DOT_PX)
        painter = QPainter(self)
        middle = side / 2 + 1
        if not self._is_last:
            painter.fillRect(
                QRectF(middle, side + 8, 1, self.height() - side + 4), self._theme.colour("line_strong")
            )
        _paint_dot(painter, self._theme, self._step.clock, QPointF(1, 4), is_fill=self._step.is_fill)
        painter.end()


class _Dot(QWidget):
    def __init__(self, theme: Theme, clock: Clock) -> None:
        super().__init__()
        self._theme = theme
        self._clock = clock
        self.setFixedSize(theme.px(_DOT_PX) + 3, theme.px(_DOT_PX) + 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        _paint_dot(painter, self._theme, self._clock, QPointF(1, 1))
        painter.end()


def _paint_dot(painter: QPainter, theme: Theme, clock: Clock, at: QPointF, *, is_fill: bool = False) -> None:
    side = theme.px(_DOT_PX)
    rect = QRectF(at.x(), at.y(), side, side)
    if clock is Clock.EXCHANGE:
        painter.fillRect(rect, theme.colour("good" if is_fill else "accent"))
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("text_2"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
