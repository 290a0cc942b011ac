"""Two ladders of one instant, row by row: the book as the strategy knew it, and the exchange's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.units import format_amount, format_price
from tickreel_desktop.components.static_texts import LEFT, MIDDLE, RIGHT, StaticTexts
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from tickreel.backtest.why.market import Moment
    from tickreel.backtest.why.orders import KeptOrder
    from tickreel.book import Book
    from tickreel_desktop.theme import ColourName, Theme

_ROW_PX, _HEAD_PX = 18, 42
_PRICE_PX = 84
_PADDING_PX = 6


@dataclass(frozen=True, slots=True)
class BookRow:
    """One price in both books; amounts are 0 where there is none."""

    price: float
    known: tuple[float, float]
    """Bid and ask as the strategy knew them."""
    exchange: tuple[float, float]

    @property
    def differs(self) -> tuple[bool, bool]:
        """Whether bid and ask differ between the clocks."""
        return self.known[0] != self.exchange[0], self.known[1] != self.exchange[1]


def rows_of(moment: Moment, tick: float, count: int, around: float | None) -> list[BookRow]:
    """Lay out *count* prices about the middle of the exchange's book, the highest first.

    *around* is the price of the order, which is kept in view where that is possible.
    """
    amounts = [
        {round(price / tick): amount for price, amount in levels.tolist()}
        for book in (moment.known, moment.exchange)
        for levels in (book.bids, book.asks)
    ]
    best = [side[0] for side in (moment.exchange.best_bid, moment.exchange.best_ask) if side is not None]
    middle = sum(best) / len(best) if best else around
    if middle is None:
        return []
    top = round(middle / tick) + count // 2
    if around is not None:
        own = round(around / tick)
        top = min(max(top, own + 1), own + count - 2)
    rows = []
    for place in range(top, top - count, -1):
        known_bid, known_ask, bid, ask = (side.get(place, 0.0) for side in amounts)
        rows.append(BookRow(place * tick, (known_bid, known_ask), (bid, ask)))
    return rows


class BookPair(QWidget):
    """Draw both, with what differs edged and the level of the order marked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._texts = StaticTexts(theme.font(FontRole.BODY))
        self._strong = StaticTexts(theme.font(FontRole.BODY, QFont.Weight.DemiBold))
        self._small = StaticTexts(theme.font(FontRole.CAPTION))
        self._moment: Moment | None = None
        self._order: KeptOrder | None = None
        self._tick = 1.0
        self._decimals = 2
        self._captions = ("", "")
        self.rows: list[BookRow] = []
        self.setAccessibleName("Both books")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self.update)

    def show_moment(
        self, moment: Moment, order: KeptOrder, tick: float, decimals: int, captions: tuple[str, str]
    ) -> None:
        """Show another instant; *captions* say how old each book is."""
        self._moment, self._order = moment, order
        self._tick, self._decimals, self._captions = tick, decimals, captions
        self._lay_out()
        bid, ask = (self._words(book) for book in (moment.known, moment.exchange))
        differing = sum(any(row.differs) for row in self.rows)
        self.setAccessibleDescription(
            f"The strategy knew {bid}; at the exchange {ask}; {differing} of {len(self.rows)} rows differ"
        )

    def _words(self, book: Book) -> str:
        sides = (("best bid", book.best_bid), ("best ask", book.best_ask))
        return ", ".join(
            f"no {name}" if best is None else f"{name} {format_price(best[0], self._decimals)}"
            for name, best in sides
        )

    def _lay_out(self) -> None:
        if self._moment is not None and self._order is not None:
            px = self._theme.px
            count = max(4, (self.height() - px(_HEAD_PX)) // px(_ROW_PX))
            self.rows = rows_of(self._moment, self._tick, count, self._order.price)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many rows as there is room for."""
        super().resizeEvent(event)
        self._lay_out()

    def sizeHint(self) -> QSize:
        """Be as wide as two ladders."""
        return QSize(self._theme.px(620), self._theme.px(600))

    def minimumSizeHint(self) -> QSize:
        """Keep room for figures in both."""
        return QSize(self._theme.px(440), self._theme.px(160))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both."""
        colour, px = self._theme.colour, self._theme.px
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("panel"))
        half = self.width() // 2
        titles = ("As the strategy knew it", "At the exchange")
        if self._moment is not None:
            books = (self._moment.known, self._moment.exchange)
            for side, (title, book) in enumerate(zip(titles, books, strict=True)):
                left = side * half
                painter.setPen(colour("text"))
                painter.setFont(self._strong.font)
                room = half - 2 * px(_PADDING_PX)
                self._strong.draw(painter, title, QRect(left + px(8), px(4), room, px(18)), LEFT)
                painter.setPen(colour("text_3"))
                painter.setFont(self._small.font)
                caption = QRect(left + px(8), px(22), room, px(14))
                self._small.draw(painter, self._captions[side], caption, LEFT)
                self._ladder(painter, left, half, is_known=side == 0, book=book)
            painter.fillRect(half, 0, 1, self.height(), colour("line"))
            painter.fillRect(0, px(_HEAD_PX) - 1, self.width(), 1, colour("line"))
        painter.end()

    def _ladder(self, painter: QPainter, left: int, width: int, *, is_known: bool, book: Book) -> None:
        colour, px = self._theme.colour, self._theme.px
        price_px = px(_PRICE_PX)
        side_px = (width - price_px) // 2
        amounts = [row.known if is_known else row.exchange for row in self.rows]
        longest = max((max(pair) for pair in amounts), default=0.0) or 1.0
        best = [
            None if level is None else round(level[0] / self._tick)
            for level in (book.best_bid, book.best_ask)
        ]
        own = (
            None
            if self._order is None or self._order.price is None
            else round(self._order.price / self._tick)
        )
        for number, (row, pair) in enumerate(zip(self.rows, amounts, strict=True)):
            top = px(_HEAD_PX) + number * px(_ROW_PX)
            height = px(_ROW_PX)
            painter.fillRect(left, top + height - 1, width, 1, colour("grid"))
            place = round(row.price / self._tick)
            for side, amount in enumerate(pair):
                begin = left if side == 0 else left + side_px + price_px
                if amount:
                    length = round(side_px * min(1.0, amount / longest))
                    at = begin + side_px - length if side == 0 else begin
                    ground: ColourName = "bid_bg" if side == 0 else "ask_bg"
                    painter.fillRect(at, top + 1, length, height - 2, colour(ground))
                    painter.setPen(colour("bid" if side == 0 else "ask"))
                    painter.setFont(self._texts.font)
                    room = QRect(begin + px(_PADDING_PX), top, side_px - 2 * px(_PADDING_PX), height)
                    self._texts.draw(painter, format_amount(amount), room, RIGHT if side == 0 else LEFT)
                if row.differs[side]:
                    painter.setPen(colour("warning"))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(begin + 1, top + 1, side_px - 3, height - 3)
                if own == place and self._order is not None and side == int(not self._order.is_buy):
                    self._mark(painter, begin, side_px, top + height / 2, is_left=side == 0)
            touching = [side for side in (0, 1) if best[side] == place]
            name: ColourName = ("bid", "ask")[touching[0]] if len(touching) == 1 else "text"
            texts = self._strong if touching else self._texts
            painter.setPen(colour(name))
            painter.setFont(texts.font)
            text = format_price(row.price, self._decimals)
            texts.draw(painter, text, QRect(left + side_px, top, price_px, height), MIDDLE)

    def _mark(self, painter: QPainter, begin: int, width: int, y: float, *, is_left: bool) -> None:
        """Draw a triangle that points from the far edge at the level of the order."""
        size = self._theme.px(5)
        edge = begin + 2 if is_left else begin + width - 2
        tip = edge + size * 1.4 if is_left else edge - size * 1.4
        painter.setPen(QPen(self._theme.colour("halo"), 1))
        painter.setBrush(self._theme.colour("text"))
        painter.drawPolygon(QPolygonF([QPointF(edge, y - size), QPointF(edge, y + size), QPointF(tip, y)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
