"""The depth heatmap: how much lay at each price over time, with the best prices, trades and marks on it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QPainter
from PySide6.QtWidgets import QGestureEvent, QSizePolicy, QWidget

from tickreel_desktop.components.announce import announce
from tickreel_desktop.replay.heatmap.asker import ColumnAsker
from tickreel_desktop.replay.heatmap.canvas import Canvas
from tickreel_desktop.replay.heatmap.figures import Figures
from tickreel_desktop.replay.heatmap.measuring import Measuring
from tickreel_desktop.replay.heatmap.past import Past
from tickreel_desktop.replay.heatmap.pointing import Pointing
from tickreel_desktop.replay.heatmap.viewport import Viewport
from tickreel_desktop.replay.symbols.overlay import SymbolOverlay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import (
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

    from tickreel.replay import Band, Frame, SymbolFrame
    from tickreel_desktop.replay.heatmap.cellring import CellRing
    from tickreel_desktop.replay.heatmap.demand import Choices
    from tickreel_desktop.replay.heatmap.export import VisibleCells
    from tickreel_desktop.replay.heatmap.overlay import Mark
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.ramp import Scale
    from tickreel_desktop.replay.heatmap.reading import Reading
    from tickreel_desktop.replay.heatmap.twin import ColumnModel
    from tickreel_desktop.replay.own.orders import OwnOrders
    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.replay.symbols.company import Company
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_DESCRIBE_S: Final = 1.0


class HeatmapView(QWidget):
    """Draw the columns of one symbol, and ask for those that it needs.

    It lies in a stage that gives it frames and serves :attr:`views_wanted` by
    :meth:`tickreel_desktop.replay.player.Player.show`. Time, prices, cursor and selection are those of
    the shared view. The old picture stays until the columns that were asked for have come.
    """

    views_wanted = Signal(object, object, object, object)  # an int of a signal has 32 bits
    """The grid, the width of a column in us, the measure, and how much of the past in us."""
    scale_changed = Signal()
    """Sizes are coloured in another way now: see :attr:`scale`."""
    caption_changed = Signal(str)
    """What is shown, in a few words for the title of a dock."""
    tick_changed = Signal(float)
    """The tick is known, or another one."""
    read = Signal(str)
    """The user had the cursor, or what was measured, read out."""
    measuring_changed = Signal(bool)
    """Whether a drag measures."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shared = shared
        self._past = Past()
        self._viewport = Viewport(self, theme, shared, self._past)
        self._asker = ColumnAsker(shared, self._past, self._viewport, self)
        self._figures = Figures(zone, shared, self._past, self._viewport, self)
        self._measuring = Measuring(shared, self._past, self._viewport, self)
        self._canvas = Canvas(
            theme,
            shared,
            self._past,
            self._viewport,
            self._asker,
            self._figures,
            self._measuring,
            parent=self,
        )
        self._pointing = Pointing(self, self._viewport, shared, self._measuring)
        self._described_s = float("-inf")
        self._caption = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(theme.px(320), theme.px(160))
        self.setAccessibleName("Depth heat map")
        self._asker.views_wanted.connect(self.views_wanted)
        self._canvas.scale_changed.connect(self.scale_changed)
        self._measuring.changed.connect(self.update)
        self._measuring.toggled.connect(self._on_measuring_toggled)
        theme.changed.connect(self._on_theme_changed)
        zone.changed.connect(self.update)
        for changed in (shared.span_changed, shared.prices_changed):
            changed.connect(self._on_sight_changed)
        for changed in (shared.cursor_changed, shared.selection_changed):
            changed.connect(self.update)

    # What the stage tells

    def begin(self, request: ReplayRequest) -> None:
        """Show another replay; everything drawn and what was known of the instrument are forgotten."""
        self._past.begin(request.start_us)
        self.clear()

    def change_symbol(self) -> None:
        """Forget what was of one symbol: the first of the frames that come is another."""
        self._past.forget_instrument()
        self.clear()

    def set_instrument(self, tick: float | None, unit: str) -> None:
        """Take the tick, which else is found in the book, and the unit of amounts."""
        self._past.set_instrument(tick, unit)
        if tick is not None:
            self.tick_changed.emit(tick)
        self.scale_changed.emit()
        self.update()

    def set_bands(self, bands: Sequence[Band]) -> None:
        """Show stretches whose data is not sound."""
        self._canvas.bands = tuple(bands)
        self.update()

    def overlay_symbols(self, company: Company) -> None:
        """Draw the other symbols of the replay over this one, as the company says."""
        self._canvas.symbols = SymbolOverlay(self._theme, self._viewport, self._shared, company)

    def set_own(self, orders: OwnOrders | None) -> None:
        """Show orders and fills of a run; None shows none."""
        self._canvas.own.orders = orders
        self.update()

    @property
    def own(self) -> OwnOrders | None:
        """The orders of a run that are shown."""
        return self._canvas.own.orders

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show bookmarks and pins."""
        self._canvas.marks = tuple(marks)
        self.update()

    def clear(self) -> None:
        """Forget everything that is drawn."""
        self._past.forget()
        self._asker.forget()
        self._canvas.forget()
        self._measuring.end()
        self.update()

    def take(self, frame: Frame) -> None:
        """Draw the newest state."""
        symbol, past = frame.symbols[0], self._past
        is_first, had_tick = past.frame is None, past.tick is not None
        past.look_at(symbol, frame.at_us)
        if past.tick is not None and not had_tick:
            self.tick_changed.emit(past.tick)
        self._viewport.find_prices()
        if is_first:
            self._asker.ask()
        if frame.is_jump or is_first:
            self._begin_anew(symbol, frame.at_us)
        else:
            past.go_on(symbol, frame.at_us)
        self._viewport.keep_mid_in_view()
        self._asker.ask_if_needed()
        self._describe()
        self.update()

    def _begin_anew(self, symbol: SymbolFrame, at_us: int) -> None:
        past, before = self._past, self._past.cells
        self._canvas.picture.forget()
        self._asker.note_jump(at_us)
        past.begin_anew(symbol, at_us, self._asker.asked, self._shared.width_us)
        if past.cells is not None and (before is None or before.measure is not past.cells.measure):
            self._canvas.forget_scale()
        caption = self._figures.caption()
        if caption and caption != self._caption:
            self._caption = caption
            self.caption_changed.emit(caption)

    # What is shown

    @property
    def choices(self) -> Choices:
        """What the user wants to see."""
        return self._asker.choices

    def choose(self, choices: Choices) -> None:
        """Show something else; where that needs other columns they are asked for."""
        if choices != self._asker.choices:
            self._asker.choices = choices
            self._asker.ask_if_needed(anew=True)
            self.update()

    @property
    def scale(self) -> Scale:
        """How sizes become colours now."""
        return self._canvas.scale

    @property
    def unit(self) -> str:
        """In what amounts are counted; empty when it is not known."""
        return self._past.unit

    @property
    def tick(self) -> float | None:
        """The step of the prices; None while it is not known."""
        return self._past.tick

    @property
    def decimals(self) -> int:
        """How many decimals a price is printed with."""
        return self._past.decimals

    @property
    def caption(self) -> str:
        """Say in a few words what is shown."""
        return self._caption

    @property
    def cells(self) -> CellRing | None:
        """The sizes that are drawn; None before the first columns."""
        return self._past.cells

    def projection(self) -> Projection | None:
        """Say where moments and prices lie now; None before the first prices."""
        return self._viewport.projection()

    def zoom_time(self, factor: float) -> None:
        """Bring *factor* times as much time into view, around the middle."""
        self._viewport.zoom_time(factor)

    def zoom_prices(self, factor: float) -> None:
        """Bring *factor* times as many prices into view, around the middle."""
        self._viewport.zoom_prices(factor)

    def follow(self) -> None:
        """Go along with what is played again, with the mid in the middle."""
        self._viewport.follow()

    def reset_prices(self) -> None:
        """Look at as many prices around the mid as at first."""
        self._viewport.reset_prices()

    def reading(self) -> Reading | None:
        """Give the exact figures of the cell at the cursor; None where there is none."""
        return self._figures.reading()

    def table_model(self) -> ColumnModel:
        """Give the table twin: the figures of the column at the cursor, else of the newest."""
        return self._figures.table_model()

    def visible_cells(self) -> VisibleCells | None:
        """Copy the sizes of the cells in view, to be written to a file; None before the first columns."""
        return self._figures.visible_cells()

    def read_out(self) -> None:
        """Say what the cell at the cursor holds."""
        self._say(self._figures.words())

    def _say(self, words: str) -> None:
        announce(self, words)
        self.read.emit(words)

    @property
    def is_measuring(self) -> bool:
        """Whether a drag measures."""
        return self._measuring.is_on

    def measure(self) -> None:
        """Measure from the cursor on, by keys or by a drag; or measure no more."""
        self.setFocus()
        self._measuring.toggle()

    def keep_measure(self) -> None:
        """Let the box be as it is, and say what it measures."""
        self._measuring.keep()
        measure = self._measuring.measure()
        if measure is not None:
            self._say(measure.words(self._past.decimals, self._past.unit))

    def _describe(self) -> None:
        now_s = time.monotonic()
        if now_s - self._described_s >= _DESCRIBE_S:
            self._described_s = now_s
            self.setAccessibleDescription(self._figures.description())

    # Events

    def _on_sight_changed(self) -> None:
        self._asker.ask_if_needed(anew=True)
        self.update()

    def _on_measuring_toggled(self, is_on: bool) -> None:
        if is_on:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()
        self.measuring_changed.emit(is_on)

    def _on_theme_changed(self) -> None:
        self._canvas.dress()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Colour what is new, put the picture on the screen, and paint over it."""
        painter = QPainter(self)
        self._canvas.paint(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room anew."""
        self._viewport.divide()
        self._asker.ask_if_needed(anew=True)

    def event(self, event: QEvent) -> bool:
        """Take pinches of a touch pad or a touch screen."""
        is_gesture = isinstance(event, QNativeGestureEvent | QGestureEvent)
        return (is_gesture and self._pointing.gesture(event)) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        self._pointing.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the cursor, or what is held."""
        self._pointing.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._pointing.release(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the cursor away with the pointer."""
        super().leaveEvent(event)
        self._pointing.leave()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom in time, with Ctrl in prices."""
        self._pointing.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, read it out or take it away."""
        self._pointing.key(event)
