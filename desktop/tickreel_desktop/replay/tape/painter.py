"""How a row of time and sales is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtGui import QFont, QPen

from tickreel.market.units import format_amount, format_price
from tickreel_desktop.components.static_texts import LEFT, RIGHT, Paints, StaticTexts
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from tickreel_desktop.theme import ColourName, Theme

_COLOURS: tuple[ColourName, ...] = ("bid", "ask", "text_2")
_GROUNDS: tuple[ColourName, ...] = ("bid_bg", "ask_bg", "raised")
_WORDS = ("\u25b2 buy", "\u25bc sell", "none")
"""Who took, with a triangle: up for who bought, down for who sold."""
_ALIGNS = (LEFT, LEFT, RIGHT, RIGHT)
_PADDING_PX = 8
_GAP_PX = 12
_PRICE_SHARE = 0.58


class TradeText(NamedTuple):
    """What a row says."""

    time: str
    side: int
    price: str
    amount: str


class RowLook(NamedTuple):
    """How a row stands out."""

    is_large: bool
    is_current: bool
    """The keys stand on it."""
    is_hovered: bool


def trade_text(time: str, side: int, price: float, decimals: int, amount: float, trades: int) -> TradeText:
    """Word a row; one of several trades says how many."""
    times = f" ({trades})" if trades > 1 else ""
    return TradeText(time, side, format_price(price, decimals), format_amount(amount) + times)


class TapePainter:
    """Draws rows and the heading as wide as the tape; all are (top, height)."""

    def __init__(self, theme: Theme) -> None:
        self._px = theme.px
        self._paints = Paints(theme)
        self._texts = StaticTexts(theme.font(FontRole.BODY))
        self._strong = StaticTexts(theme.font(FontRole.BODY, QFont.Weight.DemiBold))
        self._small = StaticTexts(theme.font(FontRole.CAPTION))
        self._edges = [(0, 0)] * 4

    def fit(self, width: int, time_text: str) -> None:
        """Share out the width: times take what *time_text* needs, the rest goes to price and amount."""
        padding, gap = self._px(_PADDING_PX), self._px(_GAP_PX)
        side = padding + round(self._texts.width(time_text)) + gap
        price = side + round(self._texts.width(_WORDS[1]))
        amount = price + round((width - padding - price) * _PRICE_SHARE)
        self._edges = [(padding, side - gap), (side, amount), (price, amount), (amount, width - padding)]
        self._width = width

    def finish(self, painter: QPainter) -> None:
        """Draw the texts of everything that was drawn."""
        self._paints.flush(painter)

    def heading(self, painter: QPainter, row: tuple[int, int], zone: str) -> None:
        """Draw the names of the columns; the first is that of the time zone."""
        top, height = row
        painter.fillRect(0, top, self._width, height, self._paints.colour("raised"))
        painter.fillRect(0, top + height - 1, self._width, 1, self._paints.colour("line"))
        for edges, align, text in zip(self._edges, _ALIGNS, (zone, "Side", "Price", "Amount"), strict=True):
            self._paints.write(self._small, "text_2", text, edges, row, align)

    def row(self, painter: QPainter, row: tuple[int, int], trade: TradeText, look: RowLook) -> None:
        """Draw a row."""
        colour, write, (top, height) = self._paints.colour, self._paints.write, row
        name = _COLOURS[trade.side]
        if look.is_large:
            painter.fillRect(0, top, self._width, height, colour(_GROUNDS[trade.side]))
            painter.fillRect(0, top, self._px(3), height, colour(name))
        elif look.is_hovered:
            painter.fillRect(0, top, self._width, height, colour("hover"))
        painter.fillRect(0, top + height - 1, self._width, 1, colour("grid"))
        time, side, price, amount = self._edges
        quiet: ColourName = "text" if look.is_large else "text_2"
        self._paints.write_once(self._texts, quiet, trade.time, time[0], row)
        write(self._texts, name, _WORDS[trade.side], side, row, LEFT)
        write(self._texts, "text", trade.price, price, row, RIGHT)
        texts = self._strong if look.is_large else self._texts
        write(texts, "text", trade.amount, amount, row, RIGHT)
        if look.is_current:
            painter.setPen(QPen(colour("accent"), 2))
            painter.drawRect(1, top + 1, self._width - 2, height - 2)
