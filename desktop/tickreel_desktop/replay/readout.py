"""What the book itself says of now, in figures that can be selected and copied."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from tickreel.market.units import (
    MINUS,
    format_amount,
    format_bps,
    format_full,
    format_percent,
    format_price,
    price_decimals,
)
from tickreel_desktop.components import KeyValues, Tone, label
from tickreel_desktop.replay.pace import Pace
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from tickreel.book import Book
    from tickreel.replay import SymbolFrame
    from tickreel_desktop.zone import DisplayZone

_EVERY_MS = 100
_TOP_LEVELS = 10
_NEAR_BP = 10.0
_TOUCH_LEVELS = 50

_TIME = ("Last message",)
_PRICES = ("Mid", "Microprice", "Spread")
_TOUCH = ("Best bid", "Best ask")
_BALANCE = (f"Imbalance, top {_TOP_LEVELS}",)
_DEPTH = ("Bids within", "Asks within", "Bid levels", "Ask levels")
_COUNTS = ("Messages", "Rows", "Trades", "Resets", "Skipped rows")


class BookReadout(QFrame):
    """Show the figures of one symbol, renewed at most ten times a second."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        set_role(self, Role.PANEL)
        self._frame: SymbolFrame | None = None
        self._cursor: float | None = None
        self._decimals = 0
        self._pace = Pace(_EVERY_MS, self._renew, self)
        self._caption = label(
            "Computed from the order book of this moment. No model takes part.", Role.CAPTION, wrap=True
        )
        self._state = label("", Role.SECONDARY, wrap=True)
        self._near = label("", Role.CAPTION, wrap=True)
        self._prices = KeyValues(theme, (*_TIME, *_PRICES, *_TOUCH, *_BALANCE))
        self._bar = ImbalanceBar(theme)
        self._depth = KeyValues(theme, _DEPTH)
        self._counts = KeyValues(theme, _COUNTS)
        self._lay_out(theme)
        self._renew()
        zone.changed.connect(self._renew)

    def _lay_out(self, theme: Theme) -> None:
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(4), 0, px(12))
        column.setSpacing(px(4))
        for inset in (
            label("What the book says", Role.SECTION),
            self._caption,
            self._state,
            self._prices,
            self._bar,
            label("Depth", Role.SECTION),
            self._near,
            self._depth,
            label("Played since the start or the last jump", Role.SECTION),
            self._counts,
        ):
            if isinstance(inset, KeyValues):
                column.addWidget(inset)
                continue
            inset.setContentsMargins(
                px(12), px(8) if inset.property("role") == Role.SECTION else 0, px(12), 0
            )
            column.addWidget(inset)
        column.addStretch(1)

    def set_frame(self, frame: SymbolFrame | None) -> None:
        """Take the newest state of the symbol; None when nothing is open."""
        before = self._frame
        if (
            frame is None
            or before is None
            or (frame.exchange, frame.symbol) != (before.exchange, before.symbol)
        ):
            self._decimals = 0
        self._frame = frame
        self._pace.ask()

    def set_cursor(self, price: float | None) -> None:
        """Take the price under the cursor of the depth chart; None without a cursor."""
        self._cursor = price
        self._pace.ask()

    def value(self, caption: str) -> str:
        """Give what stands beside a caption."""
        groups = ((self._prices, (*_TIME, *_PRICES, *_TOUCH, *_BALANCE)), (self._depth, _DEPTH))
        for values, captions in groups:
            if caption in captions:
                return values.value(caption)
        return self._counts.value(caption)

    def state_text(self) -> str:
        """Give the sentence that stands in place of figures; empty when there are figures."""
        return self._state.text()

    def near_text(self) -> str:
        """Say up to which distance of the mid the depth is summed up."""
        return self._near.text()

    def _renew(self) -> None:
        frame = self._frame
        book = None if frame is None else frame.book
        self._state.setText(_state(frame))
        self._state.setVisible(bool(self._state.text()))
        self._show_book(book)
        totals = None if frame is None else frame.totals
        for caption, name in zip(
            _COUNTS, ("messages", "rows", "trades", "resets", "skipped_rows"), strict=True
        ):
            self._counts.set_value(caption, "" if totals is None else format_full(getattr(totals, name)))

    def _show_book(self, book: Book | None) -> None:
        shown = dict.fromkeys((*_TIME, *_PRICES, *_TOUCH, *_BALANCE), "")
        self._depth.set_value("Bid levels", "" if book is None else format_full(book.levels.bids))
        self._depth.set_value("Ask levels", "" if book is None else format_full(book.levels.asks))
        self._show_depth(book)
        imbalance = None if book is None else book.imbalance(_TOP_LEVELS)
        self._bar.set_imbalance(imbalance)
        if book is not None and book.message_us is not None:
            shown[_TIME[0]] = self._zone.zone.clock(book.message_us, 6)
        if book is not None:
            touch = (book.bids[:_TOUCH_LEVELS, 0], book.asks[:_TOUCH_LEVELS, 0])
            self._decimals = max(self._decimals, *(price_decimals(prices) for prices in touch))
            bid, ask, mid, spread = book.best_bid, book.best_ask, book.mid, book.spread
            for caption, best in zip(_TOUCH, (bid, ask), strict=True):
                if best is not None:
                    price = format_price(best[0], self._decimals)
                    shown[caption] = f"{price} × {format_amount(best[1])}"
            if mid is not None and spread is not None:
                shown["Mid"] = format_price(mid, self._decimals + 1)
                shown["Microprice"] = format_price(_microprice(book), self._decimals + 1)
                relative = f" ({format_bps(spread / abs(mid) * 1e4)})" if mid else ""
                shown["Spread"] = format_price(spread, self._decimals) + relative
            if imbalance is not None:
                shown[_BALANCE[0]] = f"{imbalance:+.2f}".replace("-", MINUS)
        tones = {"Best bid": Tone.BID, "Best ask": Tone.ASK}
        for caption, text in shown.items():
            self._prices.set_value(caption, text, tones.get(caption, Tone.NEUTRAL))

    def _show_depth(self, book: Book | None) -> None:
        mid = None if book is None else book.mid
        if book is None or mid is None or not mid:
            self._near.setText("Within 10 bp of the mid; there is no mid now.")
            self._depth.set_value("Bids within", "")
            self._depth.set_value("Asks within", "")
            return
        has_cursor = self._cursor is not None
        reach = abs(mid) * _NEAR_BP / 1e4 if self._cursor is None else abs(self._cursor - mid)
        distance = format_bps(reach / abs(mid) * 1e4)
        where = ", as far as the cursor of the depth chart." if has_cursor else " of the mid."
        self._near.setText(f"Within {distance}{where}")
        bids, asks = book.bids, book.asks
        bid_count = int(np.searchsorted(-bids[:, 0], -(mid - reach), side="right"))
        ask_count = int(np.searchsorted(asks[:, 0], mid + reach, side="right"))
        self._depth.set_value("Bids within", format_amount(float(bids[:bid_count, 1].sum())), Tone.BID)
        self._depth.set_value("Asks within", format_amount(float(asks[:ask_count, 1].sum())), Tone.ASK)


class ImbalanceBar(QWidget):
    """A bar from the middle: to the left for more bids, to the right for more asks."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._imbalance: float | None = None
        self.setFixedHeight(theme.px(8))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Imbalance of the top {_TOP_LEVELS} levels")
        theme.changed.connect(self.update)

    def set_imbalance(self, imbalance: float | None) -> None:
        """Show 1 (only bids) to -1 (only asks); None is an empty book."""
        if imbalance != self._imbalance:
            self._imbalance = imbalance
            self.setAccessibleDescription("none" if imbalance is None else format_percent(imbalance))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the part of each side from the middle."""
        painter = QPainter(self)
        edges = self.contentsRect()
        painter.fillRect(edges, self._theme.colour("hover"))
        middle = edges.center().x()
        if self._imbalance is not None and isfinite(self._imbalance):
            length = round(abs(self._imbalance) * edges.width() / 2)
            is_bid = self._imbalance > 0
            left = middle - length if is_bid else middle
            painter.fillRect(
                left, edges.y(), length, edges.height(), self._theme.colour("bid" if is_bid else "ask")
            )
        painter.fillRect(middle, edges.y(), 1, edges.height(), self._theme.colour("text_2"))
        painter.end()


def _state(frame: SymbolFrame | None) -> str:
    """Say in words why figures are missing."""
    if frame is None:
        return "No replay is open."
    book = frame.book
    if book is None:
        return "This replay plays no order book."
    if not len(book.bids) and not len(book.asks):
        waiting = "Waiting for the first snapshot." if book.message_us is None else "Both sides are empty."
        return f"The order book is empty. {waiting}"
    if not len(book.bids) or not len(book.asks):
        return f"The book has no {'bids' if not len(book.bids) else 'asks'}: there is no mid and no spread."
    if book.bids[0, 0] >= book.asks[0, 0]:
        return "The book is crossed: the best bid is at or above the best ask. That is what the feed said."
    return ""


def _microprice(book: Book) -> float:
    """Weigh the best prices by the amounts of the other side; the mid where both are zero."""
    (bid, bid_amount), (ask, ask_amount) = book.bids[0], book.asks[0]
    both = bid_amount + ask_amount
    return float((bid * ask_amount + ask * bid_amount) / both) if both else float((bid + ask) / 2)
