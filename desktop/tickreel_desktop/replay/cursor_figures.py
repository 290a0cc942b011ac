"""The figures at the cursor, or at the play line where there is none: to read, select and copy."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tickreel.market.units import (
    MINUS,
    format_amount,
    format_bps,
    format_full,
    format_price,
    price_decimals,
)
from tickreel_desktop.components import ElidedLabel, KeyValues, Still, Tone, label, tool_button
from tickreel_desktop.replay.charttable import ChartTable, plain
from tickreel_desktop.replay.lag_figures import LagFigures
from tickreel_desktop.replay.pace import Pace
from tickreel_desktop.replay.statistics import FLOW_US, NEAR_BP, TOP_LEVELS, Statistics
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent

    from tickreel.replay import Frame
    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.replay.statistics import Figures
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_EVERY_MS = 200
_TOUCH_LEVELS = 50
_LEAST_PX = 120

_MID, _MICRO, _SPREAD = "Mid", "Microprice", "Spread"
_NEAR = (f"Bid in {NEAR_BP:g} bp", f"Ask in {NEAR_BP:g} bp")
_IMBALANCE = f"Imbalance, top {TOP_LEVELS}"
_MESSAGES = "Messages"
_BOUGHT, _SOLD = "Bought in 1 s", "Sold in 1 s"
_FLOW = f"Order flow, {FLOW_US // 1_000_000} s"
_CAPTIONS = (_MID, _MICRO, _SPREAD, *_NEAR, _IMBALANCE, _MESSAGES, _BOUGHT, _SOLD, _FLOW)
_TONES = {_NEAR[0]: Tone.BID, _NEAR[1]: Tone.ASK, _BOUGHT: Tone.BID, _SOLD: Tone.ASK}
_PAST = f"Before the play line only the touch is kept: depth in {NEAR_BP:g} bp and imbalance are not known."
_BEFORE = "This moment lies before what is kept of the replay."


class CursorFigures(QFrame):
    """Show the figures of one symbol at a moment, renewed at most five times a second."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, shared: SharedView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._zone = zone
        self._shared = shared
        self._statistics = Statistics()
        self._figures: Figures | None = None
        self._is_open = self._has_frame = False
        self._decimals = 0
        self._pace = Pace(_EVERY_MS, self._renew_if_seen, self, shared.turns)
        self._moment = ElidedLabel("")
        set_role(self._moment, Role.CAPTION)
        self._values = KeyValues(theme, _CAPTIONS)
        self._note = label("", Role.CAPTION, wrap=True)
        self.lag = LagFigures(theme)
        copying = tool_button(theme, "copy", "Copy the figures")
        copying.clicked.connect(self.copy)
        self._tools = (copying,)
        content = QFrame()
        set_role(content, Role.PANEL)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, theme.px(6), 0, theme.px(6))
        column.setSpacing(0)
        for text in (self._moment, self._note):
            text.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        column.addWidget(Still(self._moment))
        column.addWidget(self._values)
        column.addWidget(self._note)
        column.addWidget(self.lag)
        column.addStretch(1)
        rolled = QScrollArea()  # where there is little room, as beside what is known late
        rolled.setFrameShape(QFrame.Shape.NoFrame)
        rolled.setWidgetResizable(True)
        rolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rolled.setMinimumHeight(theme.px(_LEAST_PX))
        rolled.setWidget(content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(rolled)
        self.setAccessibleName("Figures at the cursor")
        shared.cursor_changed.connect(self._pace.ask)
        zone.changed.connect(self._renew)
        self._renew()

    def tools(self) -> Sequence[QWidget]:
        """Give the controls for the title of the dock."""
        return self._tools

    def begin(self, request: ReplayRequest) -> None:
        """Show another replay: forget everything of the one before."""
        self._is_open = True
        self._forget(request.start_us)

    def clear(self) -> None:
        """Show nothing."""
        self._is_open = False
        self._forget(0)

    def change_symbol(self) -> None:
        """Forget what was of one symbol: the first of the frames that come is another."""
        self._forget(self._statistics.now_us)

    def _forget(self, start_us: int) -> None:
        self._statistics.begin(start_us)
        self._has_frame = False
        self._decimals = 0
        self._renew()

    def take(self, frame: Frame) -> None:
        """Take the newest state; while hidden, only remember it."""
        symbol = frame.symbols[0]
        self._statistics.take(symbol, frame.at_us, is_jump=frame.is_jump)
        self._has_frame = True
        self.lag.take(symbol)
        if symbol.book is not None:
            touch = (symbol.book.bids[:_TOUCH_LEVELS, 0], symbol.book.asks[:_TOUCH_LEVELS, 0])
            self._decimals = max(self._decimals, *(price_decimals(prices) for prices in touch))
        self._pace.ask()

    @property
    def figures(self) -> Figures | None:
        """What is shown; None before the first frame."""
        return self._figures

    def value(self, caption: str) -> str:
        """Give what stands beside a caption."""
        return self._values.value(caption)

    def moment(self) -> str:
        """Say of which moment the figures are."""
        return self._moment.text()

    def note(self) -> str:
        """Say what is not known of it; empty where everything is."""
        return self._note.text()

    def table(self) -> ChartTable:
        """Give the figures in plain digits, each with its name and unit."""
        figures = self._figures
        if figures is None:
            return ChartTable(self.accessibleName(), ("figure", "value"), ())
        bought, sold = figures.bought or (nan, nan), figures.sold or (nan, nan)
        values: dict[str, float] = {
            "local_timestamp": figures.at_us,
            "mid": figures.mid,
            "microprice": figures.microprice,
            "spread": figures.spread,
            "spread_bp": figures.spread_bp,
            f"bid_amount_in_{NEAR_BP:g}_bp": figures.near_bid,
            f"ask_amount_in_{NEAR_BP:g}_bp": figures.near_ask,
            f"imbalance_top_{TOP_LEVELS}": figures.imbalance,
            "messages_1s": nan if figures.messages is None else figures.messages,
            "buys_1s": bought[0],
            "bought_amount_1s": bought[1],
            "sells_1s": sold[0],
            "sold_amount_1s": sold[1],
            f"order_flow_imbalance_{FLOW_US // 1_000_000}s": figures.flow,
        }
        values |= self.lag.values()
        rows = tuple((name, plain(value)) for name, value in values.items())
        return ChartTable(self.accessibleName(), ("figure", "value"), rows)

    def copy(self) -> None:
        """Put the figures on the clipboard, a line for each: what is shown, for people to paste."""
        lines = [self._moment.text(), *(f"{caption}\t{self.value(caption)}" for caption in _CAPTIONS)]
        lines += self.lag.lines()
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")

    def showEvent(self, event: QShowEvent) -> None:
        """Show what came while it was hidden."""
        super().showEvent(event)
        self._renew()

    def _renew_if_seen(self) -> None:
        if self.isVisible():
            self._renew()

    def _renew(self) -> None:
        if not self._has_frame:
            self.lag.forget()
            self._figures = None
            self._moment.setText("Waiting for the first moment" if self._is_open else "No replay open")
            self._note.hide()
            for caption in _CAPTIONS:
                self._values.set_value(caption, "")
            return
        figures = self._figures = self._statistics.at(self._shared.cursor.at_us)
        where = "at the cursor" if figures.is_past else "at the play line"
        self._moment.setText(f"{moment_text(self._zone.zone, figures.at_us, 6)}, {where}")
        self._note.setText(self._note_of(figures))
        self._note.setVisible(bool(self._note.text()))
        for caption, text in self._texts(figures).items():
            self._values.set_value(caption, text, _TONES.get(caption, Tone.NEUTRAL))
        self.lag.renew(self._decimals)

    def _note_of(self, figures: Figures) -> str:
        if not figures.is_past:
            return ""
        return _BEFORE if self._statistics.is_before_kept(figures.at_us) else _PAST

    def _texts(self, figures: Figures) -> dict[str, str]:
        def price(value: float, more: int = 0) -> str:
            return "" if isnan(value) else format_price(value, self._decimals + more)

        def amount(value: float) -> str:
            return "" if isnan(value) else format_amount(value)

        def signed(value: float, text: str) -> str:
            return "" if isnan(value) else f"+{text}" if value > 0 else text

        def trades(found: tuple[int, float] | None) -> str:
            if found is None or not found[0]:
                return "" if found is None else "0"
            return f"{format_amount(found[1])} ({format_full(found[0])} trade{'s' * (found[0] > 1)})"

        bp = "" if isnan(figures.spread_bp) else f" ({format_bps(figures.spread_bp)})"
        return {
            _MID: price(figures.mid, 1),
            _MICRO: price(figures.microprice, 1),
            _SPREAD: price(figures.spread) + bp,
            _NEAR[0]: amount(figures.near_bid),
            _NEAR[1]: amount(figures.near_ask),
            _IMBALANCE: signed(figures.imbalance, f"{figures.imbalance:.2f}".replace("-", MINUS)),
            _MESSAGES: "" if figures.messages is None else f"{format_full(figures.messages)} in 1 s",
            _BOUGHT: trades(figures.bought),
            _SOLD: trades(figures.sold),
            _FLOW: signed(figures.flow, format_amount(figures.flow)),
        }
