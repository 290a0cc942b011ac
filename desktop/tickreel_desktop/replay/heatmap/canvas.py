"""Painting a heatmap: the picture, what lies over it and what stands beside it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from tickreel_desktop.replay.heatmap.bubbles import BubblePainter, HeldMost
from tickreel_desktop.replay.heatmap.margin import Margin
from tickreel_desktop.replay.heatmap.overlay import Mark, Overlay
from tickreel_desktop.replay.heatmap.picture import Dress, Picture
from tickreel_desktop.replay.heatmap.ramp import HeldClip, Scale, colour_table
from tickreel_desktop.replay.own.overlay import OwnOverlay

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from tickreel.replay import Band
    from tickreel_desktop.replay.heatmap.asker import ColumnAsker
    from tickreel_desktop.replay.heatmap.figures import Figures
    from tickreel_desktop.replay.heatmap.measuring import Measuring
    from tickreel_desktop.replay.heatmap.past import Past
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.replay.symbols.overlay import SymbolOverlay
    from tickreel_desktop.theme import Theme

_BUBBLE_PX: Final = 7
_CLIP_COLUMNS: Final = 256


class Canvas(QObject):
    """Paint what is held of the past, as the viewport looks at it."""

    scale_changed = Signal()
    """Sizes are coloured in another way now: see :attr:`scale`."""

    def __init__(
        self,
        theme: Theme,
        shared: SharedView,
        past: Past,
        viewport: Viewport,
        asker: ColumnAsker,
        figures: Figures,
        measuring: Measuring,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shared = shared
        self._past = past
        self._viewport = viewport
        self._asker = asker
        self._figures = figures
        self._measuring = measuring
        self.marks: tuple[Mark, ...] = ()
        """Bookmarks and pins."""
        self.bands: tuple[Band, ...] = ()
        """Stretches whose data is not sound."""
        self.picture = Picture()
        self.symbols: SymbolOverlay | None = None
        """The other symbols of the replay, where there are any to be drawn."""
        self.own = OwnOverlay(theme, viewport)
        """The orders of a run that is replayed, where there is one."""
        self._overlay = Overlay(theme, viewport)
        self._margin = Margin(theme, viewport)
        self._bubbles = BubblePainter(theme)
        self._most_traded = HeldMost()
        self._clip = HeldClip()
        self.scale = Scale(0.0, theme.tokens.heat.power)
        """How sizes become colours now."""
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme."""
        tokens, colour = self._theme.tokens, self._theme.colour
        self._colours = Dress(
            colour_table(tokens), colour("bid").rgb(), colour("ask").rgb(), colour("halo").rgb()
        )
        self._margin.dress()
        self._bubbles.forget()
        self.picture.forget()

    def forget(self) -> None:
        """Forget what was drawn."""
        self._most_traded = HeldMost()
        self.picture.forget()
        self.forget_scale()

    def forget_scale(self) -> None:
        """Fit the scale anew, as sizes are others now."""
        self._clip.forget()

    def paint(self, painter: QPainter) -> None:
        """Colour what is new, put the picture on the screen, and paint over it."""
        overlay, view, past = self._overlay, self._viewport.projection(), self._past
        plot = self._viewport.areas.plot
        if view is None:
            painter.fillRect(painter.viewport(), self._theme.colour("plot"))
            overlay.draw_words(painter, self._state())
            return
        self._fit_scale(view)
        changed_us = past.pop_changed_us()
        self.picture.renew(view, past.now_us, past.cells, past.touch, self.scale, self._colours, changed_us)
        self.picture.paint(painter, plot)
        painter.setClipRect(plot)
        self._paint_over(painter, view)
        painter.setClipping(False)
        cursor = self._shared.cursor
        self._margin.draw_profile(painter, view, None if past.frame is None else past.frame.book, past.cells)
        self._margin.draw_axis(painter, view, past.decimals, past.best, cursor.price)
        if self.symbols is not None:
            self.symbols.paint_tags(painter, view, past.best)
        overlay.draw_cursor(painter, view, cursor.at_us, cursor.price)
        if cursor.price is not None and view.low <= cursor.price <= view.high:
            self._margin.draw_cursor_price(painter, view, cursor.price, past.decimals)
        measure, corners = self._measuring.measure(), self._measuring.corners
        if measure is not None and corners is not None:
            at_us, price = corners[1]
            words = measure.lines(past.decimals, past.unit)
            is_right, is_above = measure.duration_us >= 0, measure.moved >= 0
            overlay.draw_readout(painter, view, at_us, price, words, is_right=is_right, is_above=is_above)
        # The figures of a box stand where those of the cursor would.
        lines = self._figures.lines() if measure is None else []
        if lines and cursor.at_us is not None and cursor.price is not None:
            overlay.draw_readout(painter, view, cursor.at_us, cursor.price, lines)
        state = self._state()
        if state:
            overlay.draw_words(painter, state)

    def _fit_scale(self, view: Projection) -> None:
        """Fit the scale to the cells in view, when it may change."""
        cells = self._past.cells
        now_s = time.monotonic()
        if cells is not None and self._clip.is_due(now_s):
            low, high = cells.rows_in(view)
            if low < high:
                first = cells.number_at(view.start_us(view.left))
                last = min(cells.open_number, cells.number_at(view.start_us(view.right)))
                step = max(1, (last - first) // _CLIP_COLUMNS)
                self._clip.fit(cells.totals(np.arange(last, first - 1, -step), low, high), now_s)
        choices = self._asker.choices
        scale = Scale(self._clip.value, self._theme.tokens.heat.power, choices.is_log, choices.least)
        if scale != self.scale:
            self.scale = scale
            self.scale_changed.emit()

    def _paint_over(self, painter: QPainter, view: Projection) -> None:
        overlay, shared, trades = self._overlay, self._shared, self._past.trades
        overlay.draw_stretches(painter, self._unknown_stretches(view), "no book")
        overlay.draw_stretches(painter, self._lost_stretches(view), "not loaded")
        shown = [b for b in self.bands if b.to_us > shared.from_us and b.from_us < shared.to_us]
        overlay.draw_bands(painter, view, shown)
        if self.symbols is not None:
            self.symbols.paint(painter, view, self._past.now_us)
        if trades is not None:
            ratio = self._viewport.ratio
            bucket_us = max(trades.bin_us, round(_BUBBLE_PX * view.us_per_place * ratio))
            found = trades.bubbles(shared.from_us, shared.to_us + 1, bucket_us, view.low, view.high)
            most = self._most_traded.fit(float(found.amount.max(initial=0.0)), time.monotonic())
            self._bubbles.draw(painter, found, view, most, ratio)
        self.own.paint(painter, view, self._past.now_us)
        if shared.selection is not None:
            overlay.draw_selection(painter, view, *shared.selection)
        if self._measuring.corners is not None:
            overlay.draw_measure(painter, view, *self._measuring.corners)
        overlay.draw_marks(painter, view, self.marks)
        overlay.draw_play_line(painter, view, self._past.now_us)
        known = None if self._past.frame is None else self._past.frame.known
        if known is not None:
            overlay.draw_known_line(painter, view, self._past.now_us - known.latency_us)

    def _unknown_stretches(self, view: Projection) -> list[tuple[int, int]]:
        cells = self._past.cells
        if cells is None or not cells.has_unknown:
            return []
        starts_us = view.starts_us(np.arange(view.left, view.right + 1))
        unknown = cells.is_unknown(cells.numbers_at(starts_us)) & (starts_us <= self._past.now_us)
        edges = np.flatnonzero(np.diff(unknown, prepend=False, append=False)) / self._viewport.ratio
        return [(int(left), int(right)) for left, right in zip(edges[0::2], edges[1::2], strict=True)]

    def _lost_stretches(self, view: Projection) -> list[tuple[int, int]]:
        """Give what was played, but lies before what is held."""
        past = self._past
        if past.cells is None:
            return []
        first_us = max(self._shared.from_us, past.start_us)
        held_us = min(past.cells.from_us, past.now_us)
        if held_us <= first_us:
            return []
        return [(self._viewport.x_of(view, first_us), self._viewport.x_of(view, held_us))]

    def _state(self) -> str:
        """Say why there is nothing to see; empty when there is something."""
        frame = self._past.frame
        if self._asker.trouble:
            return self._asker.trouble
        if frame is None:
            return ""
        if frame.book is None:
            return "This replay plays no order book of this symbol."
        if self._shared.prices is None:
            return "No order book yet: waiting for the first snapshot."
        return ""
