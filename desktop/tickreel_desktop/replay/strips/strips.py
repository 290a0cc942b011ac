"""The strips of a replay: below each other, on one time axis, with one cursor and the same edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal

from tickreel.market.time import US_PER_SECOND
from tickreel.replay import BandKind
from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
from tickreel_desktop.replay.charttable import ChartTable, plain
from tickreel_desktop.replay.marks import Stretch, Tone
from tickreel_desktop.replay.spanchoice import span_text
from tickreel_desktop.replay.strips.healthbands import HealthBands, stretch
from tickreel_desktop.replay.strips.imbalance import ImbalanceStrip
from tickreel_desktop.replay.strips.latency import LatencyStrip
from tickreel_desktop.replay.strips.prices import PricesStrip
from tickreel_desktop.replay.strips.rows import StripRows
from tickreel_desktop.replay.strips.spread import SpreadStrip, SpreadUnit
from tickreel_desktop.replay.strips.strip import Strip, StripKind
from tickreel_desktop.replay.strips.symbols import SymbolsStrip
from tickreel_desktop.replay.strips.thresholdfield import ThresholdField
from tickreel_desktop.replay.strips.thresholdhand import ThresholdHand
from tickreel_desktop.replay.strips.timechart import TimeChart
from tickreel_desktop.replay.strips.touch import TouchPast
from tickreel_desktop.replay.strips.tradeflow import TradeFlowStrip
from tickreel_desktop.zone.times import field_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyqtgraph as pg
    from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from tickreel.replay import Band, Frame
    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.replay.symbols.company import Company
    from tickreel_desktop.replay.symbols.comparing import Scale
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_HEAD_PX = 20
FIRST_SHOWN = (StripKind.SPREAD, StripKind.IMBALANCE)
_TABLE = ("series", "from", "from_us", "to_us", "value", "low", "high")


class Strips(TimeChart):
    """Draw spread, prices, imbalance, trade flow and latency of one symbol, and how others compare with it.

    A strip that is hidden is given nothing. When one is shown, its past has to be played for it.
    """

    needs_changed = Signal()
    """Frames must show something else now (:attr:`imbalance_levels`), or the past once more: let the
    player show its views again, which brings both."""
    threshold_changed = Signal()
    export_wanted = Signal()
    menu_wanted = Signal(QPoint)
    """Where on the screens the menu is asked for."""
    """The strips are to be written to a file."""
    strips: tuple[Strip, ...] = ()
    """All of them, from above."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        shared: SharedView,
        company: Company,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Spread, imbalance and flow over time", shared, parent)
        self._zone = zone
        self._company = company
        self._is_compact = False
        self._gap_since_us: int | None = None
        self._health = HealthBands(())
        self._touch = TouchPast()
        self.spread = SpreadStrip(theme, *self._plot(0, StripKind.SPREAD), self._touch)
        self.prices = PricesStrip(theme, *self._plot(1, StripKind.PRICES), self._touch)
        self.imbalance = ImbalanceStrip(theme, *self._plot(2, StripKind.IMBALANCE))
        self.flow = TradeFlowStrip(theme, *self._plot(3, StripKind.FLOW))
        self.symbols = SymbolsStrip(theme, *self._plot(4, StripKind.SYMBOLS), company)
        self.latency = LatencyStrip(theme, *self._plot(5, StripKind.LATENCY), company)
        self.strips = (
            self.spread,
            self.prices,
            self.imbalance,
            self.flow,
            self.symbols,
            self.latency,
        )
        self._rows = StripRows(theme, self.strips)
        for strip in self.strips:
            strip.is_shown = strip.kind in FIRST_SHOWN
            strip.box.sigResized.connect(self._on_resized)
        self._hand = ThresholdHand(self.spread)
        self._field = ThresholdField(theme, self)
        self._field.taken.connect(self.set_threshold)
        self._complete()
        self._lay_out()
        zone.changed.connect(self._place_cursor)
        company.changed.connect(self._on_company_changed)

    def _on_company_changed(self) -> None:
        if not self._company.has_several:
            self.set_shown(StripKind.SYMBOLS, is_shown=False)

    def _plot(self, row: int, kind: StripKind) -> tuple[pg.PlotItem, ValueAxis, MomentAxis]:
        values = ValueAxis(
            self._theme,
            "right",
            lambda value, decimals: self.strip(kind).axis_text(value, decimals),
            free_px=_HEAD_PX,
        )
        moments = MomentAxis(self._theme, self._zone)
        return self._add_plot(row, values, moments), values, moments

    def strip(self, kind: StripKind) -> Strip:
        """Give the strip of a kind, shown or not."""
        return next(strip for strip in self.strips if strip.kind is kind)

    @property
    def shown(self) -> list[Strip]:
        """The strips that are shown, from above; one is always left."""
        return [strip for strip in self.strips if strip.is_shown]

    @property
    def imbalance_levels(self) -> int:
        """What :class:`tickreel.replay.Views` must ask frames for; 0 while no strip needs it."""
        return self.imbalance.levels if self.imbalance.is_shown else 0

    @property
    def threshold_words(self) -> str:
        """Name the watched level for people; empty without one."""
        return "" if self.threshold is None else self.spread.threshold_text(self.threshold)

    @property
    def threshold(self) -> float | None:
        """The watched level of the spread, in the unit in use."""
        return self.spread.threshold

    def begin(self, request: ReplayRequest) -> None:
        """Begin another replay: nothing is known of it yet."""
        self._begin(request)
        self._health = HealthBands(())
        self.set_shown(StripKind.SYMBOLS, is_shown=self._company.has_several)
        self.clear()

    def change_symbol(self) -> None:
        """Forget what was of one symbol: the first of the frames that come is another."""
        self.clear()

    def set_bands(self, bands: Iterable[Band]) -> None:
        """Mark what is known of the health of the symbol: gaps of its feed, and days that are not held."""
        self._health = HealthBands(bands)
        self._renew_if_seen()

    def clear(self) -> None:
        """Forget everything that was drawn."""
        self._touch.clear()
        self._touch.decimals = 0
        self._gap_since_us = None
        for strip in self.strips:
            strip.clear()
        self._renew_if_seen()

    def take(self, frame: Frame) -> None:
        """Take a frame and draw it; while the view follows, it is drawn with the span of its moment."""
        shown = frame.symbols[0]
        if frame.is_jump:
            self._touch.clear()
            for strip in self.strips:
                strip.clear()
        self._gap_since_us = shown.gap_since_us
        if self.spread.is_shown or self.prices.is_shown:
            self._touch.take(shown.touch)
        for strip in self.shown:
            strip.take(shown)
        self._pass_to(frame.at_us)

    def set_shown(self, kind: StripKind, *, is_shown: bool) -> None:
        """Show a strip or not, where it can be."""
        strip = self.strip(kind)
        if is_shown == strip.is_shown or not self.can_toggle(kind):
            return
        strip.is_shown = is_shown
        strip.clear()
        if not (self.spread.is_shown or self.prices.is_shown):
            self._touch.clear()
        self._lay_out()
        self._renew_if_seen()
        self.needs_changed.emit()

    def can_toggle(self, kind: StripKind) -> bool:
        """Tell whether a strip can be shown, or hidden: one is left, and it takes several to compare."""
        if self.strip(kind).is_shown:
            return len(self.shown) > 1
        return kind is not StripKind.SYMBOLS or self._company.has_several

    def set_levels(self, levels: int) -> None:
        """Weigh so many of the best levels a side; at least 1."""
        if levels != self.imbalance.levels:
            self.imbalance.levels = levels
            self.imbalance.clear()
            if self.imbalance.is_shown:
                self.needs_changed.emit()

    def set_unit(self, unit: SpreadUnit) -> None:
        """Draw the spread in another unit."""
        self.spread.set_unit(unit)
        self._renew_if_seen()
        self.threshold_changed.emit()

    def set_scale(self, scale: Scale) -> None:
        """Compare symbols on another scale."""
        self.symbols.set_scale(scale)
        self._renew_if_seen()

    def set_threshold(self, level: float | None) -> None:
        """Watch another level of the spread, in the unit in use, or none."""
        if level != self.threshold:
            self.spread.set_threshold(level)
            self._renew_if_seen()
            self.threshold_changed.emit()

    def edit_threshold(self) -> None:
        """Let the user type the threshold, over the head of the spread."""
        self.set_shown(StripKind.SPREAD, is_shown=True)
        corner = self.mapFromScene(self.spread.box.mapToScene(0, 0))
        self._field.move(corner.x() + self._theme.px(60), corner.y() + 1)
        level = self.threshold
        self._field.ask("" if level is None else plain(level), self.spread.unit.value)

    def set_compact(self, *, is_compact: bool) -> None:
        """Take less height, for a small window."""
        self._is_compact = is_compact
        self._lay_out()

    def heads(self) -> dict[StripKind, str]:
        """Give what stands in the upper left of the strips that are shown."""
        return {strip.kind: strip.head() for strip in self.shown}

    def table(self) -> ChartTable:
        """Give the numbers that are drawn: of columns the last, least and largest value, of bars the sum."""
        window, zone = self._window(), self._zone.zone
        rows = () if window.is_ahead else (row for strip in self.shown for row in strip.rows(window))
        return ChartTable(
            self.accessibleName(),
            _TABLE,
            tuple(
                (
                    row.series,
                    field_text(zone, row.from_us, 6),
                    str(row.from_us),
                    str(row.to_us),
                    *(plain(value) for value in (row.value, row.low, row.high)),
                )
                for row in rows
            ),
        )

    def sizeHint(self) -> QSize:
        """Ask for the height of the strips that are shown."""
        return self._rows.size(600, is_compact=self._is_compact)

    def minimumSizeHint(self) -> QSize:
        """Ask for the compact height at least."""
        return self._rows.size(200, is_compact=True)

    def _lay_out(self) -> None:
        """Share the height out among the strips that are shown; the last one has the time axis below it."""
        self._box = self.shown[-1].box
        self._rows.lay_out(self.ci.layout, self.height(), is_compact=self._is_compact)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new height out."""
        super().resizeEvent(event)
        # pyqtgraph sizes a view before there is anything in it, and once more when all of it is gone.
        if self.strips and not self.closed:
            self._lay_out()

    def _on_resized(self) -> None:
        """Draw all of them once, though each tells of its new size."""
        for strip in self.strips:
            strip.forget_range()
        if not self._is_stale:
            self._is_stale = True
            QTimer.singleShot(0, self, self.settle)

    def _dress(self) -> None:
        self.setBackground(self._theme.colour("plot"))
        for strip in self.strips:
            strip.dress()

    def _renew(self) -> None:
        self._is_stale = False
        window, (left, right) = self._window(), self._span_s()
        bands = self._bands(window)
        for strip in self.shown:
            strip.moments.set_origin(window.to_us)
            if strip.box.viewRange()[0] != [left, right]:
                strip.box.setXRange(left, right, padding=0)
            if window.is_ahead:
                strip.wipe()
            else:
                strip.draw(window)
            strip.show_bands(bands, strip.gaps)
            strip.now_line.setPos(window.seconds(window.now_us))
        self._keep_pointing()
        self._place_cursor()
        self._describe()

    def _bands(self, window: TimeWindow) -> list[Stretch]:
        bands = self._health.stretches(window)
        if self._gap_since_us is not None and not any(each.tone is Tone.LEFT_OUT for each in bands):
            bands.append(stretch(window, self._gap_since_us, window.now_us, BandKind.MISSING))
        if self._shared.selection is not None:
            begin_us, end_us = self._shared.selection
            bands.append(Stretch(window.seconds(begin_us), window.seconds(end_us), "", Tone.SELECTED))
        return bands

    def _place_cursor(self) -> None:
        at_us = self._shared.cursor.at_us
        window = self._window()
        for strip in self.shown:
            strip.show_values(self._value_text(strip, at_us))
            strip.cursor_line.setVisible(at_us is not None and window.from_us <= at_us <= window.to_us)
            if at_us is not None:
                strip.cursor_line.setPos(window.seconds(at_us))
        foot = self.shown[-1]
        if at_us is None or not foot.cursor_line.isVisible():
            foot.moments.hide_mark()
            return
        per_px_us = window.length_us / window.width_px
        text = self._zone.zone.clock(at_us, 3 if per_px_us < US_PER_SECOND else 0)
        foot.moments.show_mark(self._px_of(window.seconds(at_us)), text)

    def _value_text(self, strip: Strip, at_us: int | None) -> str:
        if at_us is None:
            return strip.value_text(self._now_us)
        if at_us > self._now_us:
            return "not played yet at the cursor"
        return f"{strip.value_text(at_us)} at the cursor"

    def _words(self) -> str:
        values = "; ".join(f"{strip.name} {strip.value_text(self._now_us)}" for strip in self.shown)
        return f"{values}; {span_text(self._shared.width_us)} shown"

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for what there is to choose about the strips."""
        self.menu_wanted.emit(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the threshold where it is under the pointer."""
        place = self.mapToScene(event.position().toPoint())
        self._hand.is_holding = event.button() == Qt.MouseButton.LeftButton and self._hand.is_near(place)
        if self._hand.is_holding:
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the threshold that is held; show where one can be taken hold of."""
        place = self.mapToScene(event.position().toPoint())
        if self._hand.is_holding:
            level = self._hand.moved(place)
            if level is not None:
                self.set_threshold(level)
            return
        if self._hand.is_near(place):
            self.viewport().setCursor(Qt.CursorShape.SplitVCursor)
        else:
            self.viewport().unsetCursor()
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the threshold."""
        if self._hand.is_holding:
            self._hand.is_holding = False
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the threshold be typed where its line is double-clicked."""
        if self._hand.is_near(self.mapToScene(event.position().toPoint())):
            self.edit_threshold()
        else:
            super().mouseDoubleClickEvent(event)
