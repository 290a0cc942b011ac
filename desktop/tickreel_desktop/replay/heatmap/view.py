"""The depth heatmap: how much lay at each price over time, with the best prices, trades and marks on it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QNativeGestureEvent, QPainter
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QSizePolicy, QWidget

from tickreel.errors import UsageError
from tickreel.market.units import format_duration_s, format_price, price_decimals
from tickreel_desktop.components.announce import announce
from tickreel_desktop.replay.axes import AXIS_WIDTH_PX
from tickreel_desktop.replay.heatmap.bubbles import BubblePainter, HeldMost
from tickreel_desktop.replay.heatmap.cellring import CellRing
from tickreel_desktop.replay.heatmap.demand import (
    MOST_COLUMNS,
    Choices,
    Demand,
    Sight,
    first_prices,
    price_limits,
    tick_of,
    wanted,
)
from tickreel_desktop.replay.heatmap.export import VisibleCells
from tickreel_desktop.replay.heatmap.overlay import Areas, Mark, Overlay
from tickreel_desktop.replay.heatmap.picture import Dress, Picture
from tickreel_desktop.replay.heatmap.pointing import Pointing
from tickreel_desktop.replay.heatmap.projection import Projection
from tickreel_desktop.replay.heatmap.ramp import HeldClip, Scale, colour_table
from tickreel_desktop.replay.heatmap.reading import Reading
from tickreel_desktop.replay.heatmap.touchbins import TouchBins
from tickreel_desktop.replay.heatmap.tradebins import BUYS, OTHERS, SELLS, TradeBins, rows_of
from tickreel_desktop.replay.heatmap.twin import ColumnModel
from tickreel_desktop.replay.sharedview import NO_CURSOR, Cursor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import (
        QImage,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

    from tickreel.replay import Band, Frame, SymbolFrame
    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

PROFILE_WIDTH_PX: Final = 92
"""Width of the book of now, between the plot and the axis; charts below leave as much free."""
_ASK_AFTER_MS: Final = 150
_DESCRIBE_S: Final = 1.0
_BUBBLE_PX: Final = 7
_SLACK: Final = 512
_KEEP_INSIDE: Final = 0.15
"""While following, the mid stays this part of the prices in view away from the edges."""
_CLIP_COLUMNS: Final = 256


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
    """The user had the cursor read out."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._shared = shared
        self._index = 0
        self._start_us = 0
        self._choices = Choices()
        self._given_tick: float | None = None
        self._unit = ""
        self._marks: tuple[Mark, ...] = ()
        self._bands: tuple[Band, ...] = ()
        self._picture = Picture()
        self._overlay = Overlay(theme)
        self._bubbles = BubblePainter(theme)
        self._pointing = Pointing(self, shared)
        self._clip = HeldClip()
        self._scale = Scale(0.0, theme.tokens.heat.power)
        self._described_s = float("-inf")
        self._caption = ""
        self._twin: ColumnModel | None = None
        self._forget()
        self._dress()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(theme.px(320), theme.px(160))
        self.setAccessibleName("Depth heat map")
        self._ask_soon = QTimer(self)
        self._ask_soon.setSingleShot(True)
        self._ask_soon.setInterval(_ASK_AFTER_MS)
        self._ask_soon.timeout.connect(self._ask)
        theme.changed.connect(self._on_theme_changed)
        zone.changed.connect(self.update)
        for changed in (shared.span_changed, shared.prices_changed):
            changed.connect(self._on_sight_changed)
        for changed in (shared.cursor_changed, shared.selection_changed):
            changed.connect(self.update)

    # What the stage tells

    def begin(self, request: ReplayRequest) -> None:
        """Show another replay; everything drawn and what was known of the instrument are forgotten."""
        self._start_us = request.start_us
        self._given_tick, self._unit = None, ""
        self.clear()

    def set_symbol(self, index: int) -> None:
        """Show another of the symbols of the frames."""
        if index != self._index:
            self._index = index
            self._given_tick, self._unit = None, ""
            self.clear()

    def set_instrument(self, tick: float | None, unit: str) -> None:
        """Take the tick, which else is found in the book, and the unit of amounts."""
        self._given_tick, self._unit = tick, unit
        if tick is not None:
            self._set_tick(tick)
        self.scale_changed.emit()
        self.update()

    def set_bands(self, bands: Sequence[Band]) -> None:
        """Show stretches whose data is not sound."""
        self._bands = tuple(bands)
        self.update()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show bookmarks and pins."""
        self._marks = tuple(marks)
        self.update()

    def clear(self) -> None:
        """Forget everything that is drawn."""
        self._forget()
        self._ask_soon.stop()
        self._clip.forget()
        self.update()

    def _forget(self) -> None:
        self._frame: SymbolFrame | None = None
        self._now_us = self._start_us
        self._tick = self._given_tick
        self._decimals = 0 if self._tick is None else price_decimals(np.array([self._tick]))
        self._cells: CellRing | None = None
        self._touch: TouchBins | None = None
        self._trades: TradeBins | None = None
        self._asked: Demand | None = None
        self._asked_from_us = 0
        self._has_prices = False
        self._trouble = ""
        self._changed_us: int | None = None
        self._most_traded = HeldMost()
        self._picture.forget()

    def take(self, frame: Frame) -> None:
        """Draw the newest state."""
        symbol = frame.symbols[self._index]
        is_first = self._frame is None
        self._frame, self._now_us = symbol, frame.at_us
        self._find_prices(symbol)
        if is_first:
            self._ask_if_needed(at_once=True)
        if frame.is_jump or is_first:
            self._begin_anew(symbol, frame.at_us)
        else:
            self._go_on(symbol)
        if self._touch is not None:
            self._touch.append(symbol.touch, frame.at_us)
        if self._trades is not None:
            self._trades.append(symbol.trades)
        self._keep_in_view(symbol)
        self._ask_if_needed()
        self._describe()
        self.update()

    def _begin_anew(self, symbol: SymbolFrame, at_us: int) -> None:
        self._picture.forget()
        asked = self._asked
        if asked is not None:
            # A jump brings as much of the past as was asked for.
            self._asked_from_us = at_us - asked.history_us
            span_us = max(asked.history_us, 2 * self._shared.width_us)
            bins = min(span_us // asked.bin_us, 4 * MOST_COLUMNS) + _SLACK
            self._touch = TouchBins(asked.bin_us, bins)
            self._trades = TradeBins(asked.bin_us, asked.grid.group, bins)
        heat = symbol.heat
        if heat is None:
            self._cells = None
        elif self._cells is not None and self._cells.suits(heat):
            self._cells.restart(heat)
        else:
            capacity = max(len(heat), 2 * self._shared.width_us // heat.column_us)
            if self._cells is None or self._cells.measure is not heat.measure:
                self._clip.forget()
            self._cells = CellRing(heat, min(capacity, 2 * MOST_COLUMNS) + _SLACK)
        self._tell_caption()

    def _go_on(self, symbol: SymbolFrame) -> None:
        heat, cells = symbol.heat, self._cells
        if heat is None or cells is None:
            if cells is None and len(symbol.touch):
                self._note_change(int(symbol.touch.time_us[0]))
            return
        self._note_change(cells.start_us(cells.open_number))
        cells.append(heat)

    def _note_change(self, from_us: int) -> None:
        self._changed_us = from_us if self._changed_us is None else min(self._changed_us, from_us)

    # What is shown

    @property
    def choices(self) -> Choices:
        """What the user wants to see."""
        return self._choices

    def choose(self, choices: Choices) -> None:
        """Show something else; where that needs other columns they are asked for."""
        if choices != self._choices:
            self._choices = choices
            self._ask_if_needed(anew=True)
            self.update()

    @property
    def scale(self) -> Scale:
        """How sizes become colours now."""
        return self._scale

    @property
    def unit(self) -> str:
        """In what amounts are counted; empty when it is not known."""
        return self._unit

    @property
    def tick(self) -> float | None:
        """The step of the prices; None while it is not known."""
        return self._tick

    @property
    def decimals(self) -> int:
        """How many decimals a price is printed with."""
        return self._decimals

    @property
    def caption(self) -> str:
        """Say in a few words what is shown."""
        return self._caption

    @property
    def cells(self) -> CellRing | None:
        """The sizes that are drawn; None before the first columns."""
        return self._cells

    def projection(self) -> Projection | None:
        """Say where moments and prices lie now; None before the first prices."""
        prices, plot = self._shared.prices, self._overlay.areas.plot
        if prices is None or plot.isEmpty():
            return None
        ratio = self.devicePixelRatioF()
        return Projection(
            width=round(plot.width() * ratio),
            height=round(plot.height() * ratio),
            origin_us=self._start_us,
            to_us=self._shared.to_us,
            width_us=self._shared.width_us,
            low=prices[0],
            high=prices[1],
        )

    def areas(self) -> Areas:
        """Give the parts of the widget, in its pixels."""
        return self._overlay.areas

    # Asking for columns

    def _on_sight_changed(self) -> None:
        self._ask_if_needed(anew=True)
        self.update()

    def _ask_if_needed(self, *, anew: bool = False, at_once: bool = False) -> None:
        """Ask soon when other columns are needed; while the view is moved (*anew*) only after it rests."""
        demand = self._demand()
        if demand is None or demand == self._asked:
            return
        if at_once:
            self._ask()
        elif (anew and not self._shared.follows) or not self._ask_soon.isActive():
            self._ask_soon.start()

    def _ask(self) -> None:
        demand = self._demand()
        if demand is None or demand == self._asked:
            return
        self._asked = demand
        self._asked_from_us = self._now_us - demand.history_us
        self.views_wanted.emit(demand.grid, demand.column_us, demand.measure, demand.history_us)

    def _demand(self) -> Demand | None:
        prices, view = self._shared.prices, self.projection()
        if prices is None or view is None or self._tick is None or self._frame is None:
            return None
        if self._frame.book is None:
            return None
        sight = Sight(
            start_us=self._start_us,
            now_us=self._now_us,
            from_us=self._shared.from_us,
            to_us=self._shared.to_us,
            low=prices[0],
            high=prices[1],
            width_px=view.width,
            height_px=view.height,
        )
        cells = self._cells
        reach_us = self._asked_from_us
        if cells is not None and cells.has_dropped:
            reach_us = max(reach_us, cells.from_us)
        try:
            found = wanted(sight, self._choices, self._tick, self._asked, reach_us)
        except UsageError as error:
            self._trouble = str(error)
            return None
        self._trouble = ""
        return found

    def _find_prices(self, symbol: SymbolFrame) -> None:
        """Find tick and prices to look at, as soon as there is a book."""
        book = symbol.book
        if book is None or not (len(book.bids) or len(book.asks)):
            return
        if self._tick is None:
            tick = tick_of(book)
            if tick is None:
                levels = np.concatenate([book.bids[:, 0], book.asks[:, 0]])
                tick = 10.0 ** -price_decimals(levels)
            self._set_tick(tick)
        if self._shared.prices is None and self._tick is not None:
            mid = _middle(symbol)
            if mid is not None:
                self._shared.set_prices(*first_prices(mid, self._tick))

    def _set_tick(self, tick: float) -> None:
        self._tick = tick
        self._decimals = price_decimals(np.array([tick]))
        self.tick_changed.emit(tick)

    def _keep_in_view(self, symbol: SymbolFrame) -> None:
        """While following, let the prices go along with the mid before it reaches an edge."""
        prices, mid = self._shared.prices, _middle(symbol)
        if prices is None or mid is None or not self._shared.follows:
            return
        low, high = prices
        room = _KEEP_INSIDE * (high - low)
        if not low + room <= mid <= high - room:
            half = (high - low) / 2
            self._shared.set_prices(mid - half, mid + half)

    # Moving the view

    def zoom_time(self, factor: float, x: int | None = None) -> None:
        """Bring *factor* times as much time into view, around a pixel across or the middle."""
        plot = self._overlay.areas.plot
        at_us = self.instant_at(plot.center().x() if x is None else x)
        if at_us is not None:
            self._shared.zoom(factor, at_us)

    def zoom_prices(self, factor: float, y: int | None = None) -> None:
        """Bring *factor* times as many prices into view, around a pixel down or the middle."""
        prices, view = self._shared.prices, self.projection()
        if prices is None or view is None or self._tick is None:
            return
        low, high = prices
        plot = self._overlay.areas.plot
        down = (plot.height() / 2 if y is None else y - plot.top()) * self.devicePixelRatioF()
        around = view.price_at(down)
        least, most = price_limits(self._tick)
        factor = min(max(factor, least / (high - low)), most / (high - low))
        self._shared.set_prices(around - (around - low) * factor, around + (high - around) * factor)

    def follow(self) -> None:
        """Go along with what is played again, with the mid in the middle."""
        prices = self._shared.prices
        mid = None if self._frame is None else _middle(self._frame)
        if prices is not None and mid is not None:
            half = (prices[1] - prices[0]) / 2
            self._shared.set_prices(mid - half, mid + half)
        self._shared.follow()

    def reset_prices(self) -> None:
        """Look at as many prices around the mid as at first."""
        mid = None if self._frame is None else _middle(self._frame)
        if mid is not None and self._tick is not None:
            self._shared.set_prices(*first_prices(mid, self._tick))

    def instant_at(self, x: int) -> int | None:
        """Give the instant at a pixel across, which may lie beside the plot; None before the first prices."""
        view = self.projection()
        if view is None:
            return None
        place = view.left + round((x - self._overlay.areas.plot.left()) * self.devicePixelRatioF())
        return view.start_us(place)

    def cursor_at(self, place: QPoint) -> Cursor:
        """Give what the pointer points at: nothing beside the plot, and no time on the profile."""
        view, areas = self.projection(), self._overlay.areas
        if view is None or not areas.plot.united(areas.profile).contains(place):
            return NO_CURSOR
        down = (place.y() - areas.plot.top() + 0.5) * self.devicePixelRatioF()
        at_us = self.instant_at(place.x()) if areas.plot.contains(place) else None
        return Cursor(at_us, view.price_at(down))

    def step_cursor(self, columns: int, rows: int) -> None:
        """Move the cursor by columns and rows; without one it begins where the replay is."""
        cells, frame, view = self._cells, self._frame, self.projection()
        if cells is None or frame is None or view is None:
            return
        at_us, price = self._shared.cursor
        if at_us is None:
            at_us = cells.start_us(cells.open_number)
        if price is None:
            mid = _middle(frame)
            price = (view.low + view.high) / 2 if mid is None else mid
        number = min(cells.number_at(at_us) + columns, cells.open_number)
        at_us = max(cells.start_us(number), self._start_us)
        row = int(np.clip(_cell(cells, price) + rows, 0, cells.grid.cells - 1))
        middle = (cells.borders[row] + cells.borders[row + 1]) / 2
        self._shared.set_cursor(Cursor(at_us, float(middle)))

    # What the cursor says

    def reading(self) -> Reading | None:
        """Give the exact figures of the cell at the cursor; None where there is none."""
        at_us, price = self._shared.cursor
        cells = self._cells
        if cells is None or at_us is None or price is None or at_us > self._now_us:
            return None
        number, cell = cells.number_at(at_us), _cell(cells, price)
        column = cells.column(number)
        if column is None or not 0 <= cell < cells.grid.cells:
            return None
        start_us = cells.start_us(number)
        traded = self._traded(start_us, cells.column_us, cell)
        return Reading(
            start_us=start_us,
            column_us=cells.column_us,
            low=float(cells.borders[cell]),
            high=float(cells.borders[cell + 1]),
            bid=float(column[0, cell]),
            ask=float(column[1, cell]),
            measure=cells.measure,
            bought=float(traded[BUYS]),
            sold=float(traded[SELLS]),
            other=float(traded[OTHERS]),
        )

    def _traded(self, start_us: int, width_us: int, cell: int) -> np.ndarray:
        cells, trades = self._cells, self._trades
        if cells is None or trades is None or trades.group != cells.grid.group:
            return np.zeros(3)
        row = int(rows_of(np.array([cells.grid.low]), cells.grid.group)[0]) + cell
        return trades.traded(start_us, start_us + width_us, row)

    def traded_in_column(self, number: int) -> np.ndarray:
        """Give (3, cells) bought, sold and of no known side in a column."""
        cells, trades = self._cells, self._trades
        if cells is None or trades is None or trades.group != cells.grid.group:
            return np.zeros((3, 0 if cells is None else cells.grid.cells))
        first = int(rows_of(np.array([cells.grid.low]), cells.grid.group)[0])
        start_us = cells.start_us(number)
        return trades.traded_by_row(start_us, start_us + cells.column_us, first, cells.grid.cells)

    def time_text(self, at_us: int) -> str:
        """Print the beginning of a column, as finely as the columns are."""
        width_us = 1_000_000 if self._cells is None else self._cells.column_us
        return self._zone.zone.clock(at_us, 0 if width_us % 1_000_000 == 0 else 3)

    def table_model(self) -> ColumnModel:
        """Give the table twin: the figures of the column at the cursor, else of the newest."""
        if self._twin is None:
            self._twin = ColumnModel(self)
            self._shared.cursor_changed.connect(self._renew_twin)
        self._renew_twin()
        return self._twin

    def _renew_twin(self) -> None:
        cells, twin = self._cells, self._twin
        if cells is None or twin is None:
            return
        at_us = self._shared.cursor.at_us
        number = cells.open_number if at_us is None else cells.number_at(at_us)
        column = cells.column(number)
        if column is not None:
            traded = self.traded_in_column(number)[[BUYS, SELLS]]
            twin.show_column(cells.borders, column.copy(), traded, self._decimals)

    def grab_picture(self) -> QImage:
        """Give what is to be seen as an image, cursor and all."""
        return self.grab().toImage()

    def visible_cells(self) -> VisibleCells | None:
        """Copy the sizes of the cells in view, to be written to a file; None before the first columns."""
        cells, view = self._cells, self.projection()
        if cells is None or view is None:
            return None
        cell_of_row = view.cells(cells.borders)
        low, high = max(0, int(cell_of_row.min())), min(cells.grid.cells, int(cell_of_row.max()) + 1)
        first = cells.number_at(view.start_us(view.left))
        last = min(cells.open_number, cells.number_at(view.start_us(view.right)))
        shown = [
            (cells.start_us(number), column[:, low:high])
            for number in range(first, last + 1)
            if (column := cells.column(number)) is not None
        ]
        if not shown or low >= high:
            return None
        starts_us = np.array([start_us for start_us, _ in shown])
        return VisibleCells(starts_us, cells.borders[low : high + 1], np.stack([sizes for _, sizes in shown]))

    def read_out(self) -> None:
        """Say what the cell at the cursor holds."""
        reading = self.reading()
        if reading is None:
            words = "No cell at the cursor"
        else:
            words = reading.words(self.time_text(reading.start_us), self._decimals, self._unit)
        announce(self, words)
        self.read.emit(words)

    def _describe(self) -> None:
        now_s = time.monotonic()
        if now_s - self._described_s < _DESCRIBE_S:
            return
        self._described_s = now_s
        self.setAccessibleDescription(self._words())

    def _words(self) -> str:
        book = None if self._frame is None else self._frame.book
        if book is None or (book.best_bid is None and book.best_ask is None):
            return "No order book"
        said = [
            f"best {name} {format_price(best[0], self._decimals)}" if best else f"no {name}s"
            for name, best in (("bid", book.best_bid), ("ask", book.best_ask))
        ]
        if self._touch is not None and book.mid is not None:
            began_us = max(self._shared.from_us, self._start_us)
            before = self._touch.mid_after(began_us)
            if before is not None and self._now_us > began_us:
                moved = book.mid - before
                way = "unchanged" if not moved else f"{'up' if moved > 0 else 'down'} "
                amount = "" if not moved else format_price(abs(moved), self._decimals + 1)
                said.append(f"mid {way}{amount} in {format_duration_s((self._now_us - began_us) / 1e6)}")
        words = ", ".join(said)
        return words[0].upper() + words[1:]

    # Drawing

    def _dress(self) -> None:
        tokens, colour = self._theme.tokens, self._theme.colour
        self._colours = Dress(
            colour_table(tokens), colour("bid").rgb(), colour("ask").rgb(), colour("halo").rgb()
        )

    def _on_theme_changed(self) -> None:
        self._dress()
        self._bubbles.forget()
        self._picture.forget()
        self.update()

    def _fit_scale(self, view: Projection) -> None:
        """Fit the scale to the cells in view, when it may change."""
        cells = self._cells
        now_s = time.monotonic()
        if cells is not None and self._clip.is_due(now_s):
            cell_of_row = view.cells(cells.borders)
            low = max(0, int(cell_of_row.min()))
            high = min(cells.grid.cells, int(cell_of_row.max()) + 1)
            if low < high:
                first, last = cells.number_at(view.start_us(view.left)), cells.open_number
                last = min(last, cells.number_at(view.start_us(view.right)))
                step = max(1, (last - first) // _CLIP_COLUMNS)
                self._clip.fit(cells.totals(np.arange(last, first - 1, -step), low, high), now_s)
        choices = self._choices
        scale = Scale(self._clip.value, self._theme.tokens.heat.power, choices.is_log, choices.least)
        if scale != self._scale:
            self._scale = scale
            self.scale_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Colour what is new, put the picture on the screen, and paint over it."""
        painter = QPainter(self)
        self._paint(painter)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        overlay, view = self._overlay, self.projection()
        if view is None:
            painter.fillRect(self.rect(), self._theme.colour("plot"))
            overlay.draw_words(painter, self._state())
            return
        overlay.ratio = self.devicePixelRatioF()
        self._fit_scale(view)
        self._picture.renew(
            view, self._now_us, self._cells, self._touch, self._scale, self._colours, self._changed_us
        )
        self._changed_us = None
        plot = overlay.areas.plot
        self._picture.paint(painter, plot)
        painter.setClipRect(plot)
        self._paint_over(painter, view)
        painter.setClipping(False)
        frame, cursor = self._frame, self._shared.cursor
        book = None if frame is None else frame.book
        best_bid = None if book is None or book.best_bid is None else book.best_bid[0]
        best_ask = None if book is None or book.best_ask is None else book.best_ask[0]
        overlay.draw_profile(painter, view, book, self._cells)
        overlay.draw_axis(painter, view, self._decimals, (best_bid, best_ask), cursor.price)
        overlay.draw_cursor(painter, view, cursor.at_us, cursor.price, self._decimals)
        reading = self.reading()
        if reading is not None and cursor.at_us is not None and cursor.price is not None:
            lines = reading.lines(self.time_text(reading.start_us), self._decimals, self._unit)
            overlay.draw_readout(painter, view, cursor.at_us, cursor.price, lines)
        state = self._state()
        if state:
            overlay.draw_words(painter, state)

    def _paint_over(self, painter: QPainter, view: Projection) -> None:
        overlay, shared = self._overlay, self._shared
        overlay.draw_stretches(painter, self._unknown_stretches(view), "no book")
        overlay.draw_stretches(painter, self._lost_stretches(view), "not loaded")
        shown = [b for b in self._bands if b.to_us > shared.from_us and b.from_us < shared.to_us]
        overlay.draw_bands(painter, view, shown)
        if self._trades is not None:
            bucket_us = max(self._trades.bin_us, round(_BUBBLE_PX * view.us_per_place * overlay.ratio))
            found = self._trades.bubbles(shared.from_us, shared.to_us + 1, bucket_us, view.low, view.high)
            most = self._most_traded.fit(float(found.amount.max(initial=0.0)), time.monotonic())
            self._bubbles.draw(painter, found, view, most, overlay.ratio)
        if shared.selection is not None:
            overlay.draw_selection(painter, view, *shared.selection)
        overlay.draw_marks(painter, view, self._marks)
        overlay.draw_play_line(painter, view, self._now_us)

    def _unknown_stretches(self, view: Projection) -> list[tuple[int, int]]:
        cells = self._cells
        if cells is None:
            return []
        starts_us = view.starts_us(np.arange(view.left, view.right + 1))
        unknown = cells.is_unknown(cells.numbers_at(starts_us)) & (starts_us <= self._now_us)
        edges = np.flatnonzero(np.diff(unknown, prepend=False, append=False)) / self._overlay.ratio
        return [(int(left), int(right)) for left, right in zip(edges[0::2], edges[1::2], strict=True)]

    def _lost_stretches(self, view: Projection) -> list[tuple[int, int]]:
        """Give what was played, but lies before what is held."""
        if self._cells is None:
            return []
        first_us = max(self._shared.from_us, self._start_us)
        held_us = min(self._cells.from_us, self._now_us)
        if held_us <= first_us:
            return []
        return [(self._overlay.x_of(view, first_us), self._overlay.x_of(view, held_us))]

    def _state(self) -> str:
        """Say why there is nothing to see; empty when there is something."""
        frame = self._frame
        if self._trouble:
            return self._trouble
        if frame is None:
            return ""
        if frame.book is None:
            return "This replay plays no order book of this symbol."
        if self._shared.prices is None:
            return "No order book yet: waiting for the first snapshot."
        return ""

    def _tell_caption(self) -> None:
        cells, frame = self._cells, self._frame
        if cells is None or frame is None:
            return
        rows = format_price(cells.grid.group, self._decimals)
        columns = format_duration_s(cells.column_us / 1e6)
        caption = f"{frame.exchange} {frame.symbol}, {rows} rows, {columns} columns"
        if caption != self._caption:
            self._caption = caption
            self.caption_changed.emit(caption)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room anew."""
        px = self._theme.px
        axis, profile = px(AXIS_WIDTH_PX), px(PROFILE_WIDTH_PX)
        width, height = self.width(), self.height()
        plot = max(1, width - axis - profile)
        self._overlay.areas = Areas(
            QRect(0, 0, plot, height),
            QRect(plot, 0, profile, height),
            QRect(plot + profile, 0, axis, height),
        )
        self._ask_if_needed(anew=True)

    def event(self, event: QEvent) -> bool:
        """Take pinches of a touch pad or a touch screen."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self._pointing.pinch(1 / (1 + event.value()), event.position().toPoint())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._pointing.pinch(
                    1 / pinch.scaleFactor(), self.mapFromGlobal(pinch.centerPoint().toPoint())
                )
                return True
        return super().event(event)

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


def _middle(symbol: SymbolFrame) -> float | None:
    """Give the mid of the book of now, or its only best price."""
    book = symbol.book
    if book is None:
        return None
    best = [one[0] for one in (book.best_bid, book.best_ask) if one is not None]
    return float(sum(best) / len(best)) if best else None


def _cell(cells: CellRing, price: float) -> int:
    """Give the cell that holds a price; outside of the grid where none does."""
    return int(np.searchsorted(cells.borders, price, side="right")) - 1
