"""How a row of the ladder is drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFont, QPen, QPolygonF

from tickreel.market.units import format_amount, format_price
from tickreel_desktop.components.static_texts import LEFT, MIDDLE, RIGHT, Paints, StaticTexts
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from tickreel_desktop.replay.ladder.sight import Sight
    from tickreel_desktop.replay.own.rungs import Rung
    from tickreel_desktop.theme import ColourName, Theme

_BID, _PRICE, _ASK, _TRADED = range(4)
_HEADINGS = (
    ("Bid", RIGHT),
    ("Price", MIDDLE),
    ("Ask", LEFT),
    ("Traded", RIGHT),
)
_SIDES: tuple[ColourName, ColourName] = ("bid", "ask")
_GROUNDS: tuple[ColourName, ColourName] = ("bid_bg", "ask_bg")
_TRADED_COLOURS: tuple[ColourName, ...] = ("bid", "ask", "text_3")
_COLUMNS = (_BID, _ASK)
_ALIGNS = (RIGHT, LEFT)
_PADDING_PX = 6
_SHARE = 0.37
"""Of the width beside the prices: bids and asks each, the rest for what was traded."""

_amount_text = lru_cache(8_192)(format_amount)
_price_text = lru_cache(1_024)(format_price)


class Bars(NamedTuple):
    """The amounts at which bars are as long as their column."""

    resting: float
    traded: float


class RowFigures(NamedTuple):
    """What a row shows."""

    row: int
    amounts: list[float]
    """Bid and ask; 0 where there is none."""
    traded: list[float]
    """Bought, sold, and of unknown side."""
    is_wall: list[bool]


class RowLook(NamedTuple):
    """What of a row does not come from the figures."""

    bid_changed: bool
    """It is marked, as it has just changed."""
    ask_changed: bool
    has_cursor: bool
    own: tuple[Rung | None, Rung | None] = (None, None)
    """Own orders among bids and among asks."""


class LadderPainter:
    """Draws rows, heading and foot as wide as the ladder; all are (top, height)."""

    def __init__(self, theme: Theme) -> None:
        self._px = theme.px
        self._paints = Paints(theme)
        self._texts = StaticTexts(theme.font(FontRole.BODY))
        self._strong = StaticTexts(theme.font(FontRole.BODY, QFont.Weight.DemiBold))
        self._small = StaticTexts(theme.font(FontRole.CAPTION))
        self._edges = [0] * 5
        self._is_tight = False
        """Some amounts may have no room in the columns of bids and asks."""
        self._padding = theme.px(_PADDING_PX)
        self._bar = theme.px(3)

    def fit(self, width: int, price_text: str) -> bool:
        """Share out the width: the prices take what they need, as the widest is *price_text*.

        Tells whether columns have moved.
        """
        before = self._edges
        price = round(self._strong.width(price_text)) + 2 * self._px(_PADDING_PX + 4)
        side = round(_SHARE * max(0, width - price))
        self._edges = [0, side, side + price, 2 * side + price, width]
        self._is_tight = side - 2 * self._padding < self._texts.width("000.00")
        return self._edges != before

    def ground(self, painter: QPainter, height: int) -> None:
        """Draw what lies below everything."""
        painter.fillRect(0, 0, self._edges[-1], height, self._paints.colour("panel"))

    def finish(self, painter: QPainter) -> None:
        """Draw the texts of everything that was drawn."""
        self._paints.flush(painter)

    def heading(self, painter: QPainter, row: tuple[int, int]) -> None:
        """Draw the names of the columns."""
        colour, (top, height) = self._paints.colour, row
        painter.fillRect(0, top, self._edges[-1], height, colour("raised"))
        painter.fillRect(0, top + height - 1, self._edges[-1], 1, colour("line"))
        for column, (name, align) in enumerate(_HEADINGS):
            self._write(self._small, "text_2", name, column, row, align)

    def foot(self, painter: QPainter, row: tuple[int, int], sight: Sight) -> None:
        """Draw the sums of the whole book and of all that was traded."""
        colour, (top, height) = self._paints.colour, row
        painter.fillRect(0, top, self._edges[-1], height, colour("raised"))
        painter.fillRect(0, top, self._edges[-1], 1, colour("line"))
        self._sums(row, sight.total)
        self._write(self._small, "text_2", "total", _PRICE, row, MIDDLE)
        if sight.total_traded:
            self._figure(_amount_text(sight.total_traded), "text_2", _TRADED, row, RIGHT)

    def spread(self, painter: QPainter, row: tuple[int, int], sight: Sight) -> None:
        """Draw the row between the sides."""
        painter.fillRect(0, row[0], self._edges[-1], row[1], self._paints.colour("raised"))
        self._sums(row, sight.near)
        is_odd = sight.is_crossed or sight.spread is None
        text = sight.spread_text()
        room = self._edges[_ASK] - self._edges[_PRICE]
        if self._small.width(text) > room:
            text = text.removeprefix("spread ")  # the heads of the columns beside it leave no doubt
        has_room = self._strong.width(text) <= room
        texts = self._strong if is_odd and has_room else self._small
        name: ColourName = "warning" if is_odd else "text_2"
        self._write(texts, name, text, _PRICE, row, MIDDLE)

    def _sums(self, row: tuple[int, int], sums: tuple[float, float]) -> None:
        for column, align, amount in zip(_COLUMNS, _ALIGNS, sums, strict=True):
            self._figure(_amount_text(amount), "text_2", column, row, align)

    def row(
        self,
        painter: QPainter,
        place: tuple[int, int],
        sight: Sight,
        figures: RowFigures,
        look: RowLook,
        bars: Bars,
    ) -> None:
        """Draw the amounts of a row on both sides of its price, and what was traded there."""
        colour, (top, height), width = self._paints.colour, place, self._edges[-1]
        if look.has_cursor:
            painter.fillRect(0, top, width, height, colour("hover"))
        painter.fillRect(0, top + height - 1, width, 1, colour("grid"))
        for side, amount in enumerate(figures.amounts):
            if amount:
                self._amount(painter, place, side, amount, bars.resting)
                if figures.is_wall[side]:
                    self._wall(painter, place, side)
        self._traded(painter, place, figures.traded, bars.traded)
        touching = [side for side in (0, 1) if sight.touch[side] == figures.row]
        texts = self._strong if touching else self._texts
        name = _SIDES[touching[0]] if len(touching) == 1 else "text"
        price = _price_text(sight.scale.price(figures.row), sight.scale.decimals)
        self._write(texts, name, price, _PRICE, place, MIDDLE)
        thick = self._bar
        for side in touching:
            left = self._edges[_PRICE] + 1 if side == 0 else self._edges[_ASK] - 1 - thick
            painter.fillRect(left, top + 1, thick, height - 2, colour(_SIDES[side]))
        for side, is_marked in enumerate(look[:2]):
            if is_marked:
                left, right = self._between(_COLUMNS[side])
                painter.setPen(colour(_SIDES[side]))
                painter.drawRect(left + 1, top + 1, right - left - 3, height - 3)
        for side, rung in enumerate(look.own):
            if rung is not None:
                self._own(painter, place, side, rung, bars.resting)
        if look.has_cursor:
            painter.setPen(QPen(colour("text"), 1, Qt.PenStyle.DashLine))
            for y in (top, top + height - 1):
                painter.drawLine(QPoint(0, y), QPoint(width, y))

    def _amount(
        self, painter: QPainter, place: tuple[int, int], side: int, amount: float, longest: float
    ) -> None:
        left, right = self._between(_COLUMNS[side])
        length = round((right - left) * min(1.0, amount / longest)) if longest else 0
        start = right - length if side == 0 else left
        painter.fillRect(start, place[0] + 1, length, place[1] - 2, self._paints.colour(_GROUNDS[side]))
        self._figure(_amount_text(amount), _SIDES[side], _COLUMNS[side], place, _ALIGNS[side])

    def _own(self, painter: QPainter, place: tuple[int, int], side: int, rung: Rung, longest: float) -> None:
        """Draw own orders: a dashed edge, what is ahead as a strip under the bar, and their place in it."""
        top, height = place
        left, right = self._between(_COLUMNS[side])
        painter.setPen(QPen(self._paints.colour("text"), 1, Qt.PenStyle.DashLine))
        painter.drawRect(left + 1, top + 1, right - left - 3, height - 3)
        if not rung.ahead >= 0:  # nor is NaN
            return
        length = round((right - left) * min(1.0, rung.ahead / longest)) if longest else 0
        start = right - length if side == 0 else left
        strip = self._bar
        painter.fillRect(start, top + height - 1 - strip, length, strip, self._paints.colour("text_3"))
        at = start - strip if side == 0 else start + length
        at = min(max(at, left), right - strip)
        painter.fillRect(at, top + height - 1 - 2 * strip, strip, 2 * strip, self._paints.colour("good"))

    def _wall(self, painter: QPainter, place: tuple[int, int], side: int) -> None:
        """Draw a triangle at the far end of a column that points at the price."""
        left, right = self._between(_COLUMNS[side])
        size = self._px(4)
        base, tip = (left + size, left + 2.4 * size) if side == 0 else (right - size, right - 2.4 * size)
        y = place[0] + place[1] / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._paints.colour("text"))
        painter.drawPolygon(QPolygonF([QPointF(base, y - size), QPointF(base, y + size), QPointF(tip, y)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _traded(
        self, painter: QPainter, place: tuple[int, int], amounts: list[float], longest: float
    ) -> None:
        """Draw a figure, and below it a bar: what was bought, what was sold, what nobody said."""
        total = sum(amounts)
        if not total:
            return
        left, right = self._between(_TRADED)
        full, height = right - left, self._bar
        for amount, name in zip(amounts, _TRADED_COLOURS, strict=True):
            length = round(full * amount / longest) if longest else 0
            if not length:
                continue
            right -= length
            top = place[0] + place[1] - 1 - height
            painter.fillRect(right, top, length, height, self._paints.colour(name))
        self._figure(_amount_text(total), "text_2", _TRADED, (place[0], place[1] - height + 1), RIGHT)

    def _between(self, column: int) -> tuple[int, int]:
        return self._edges[column], self._edges[column + 1]

    def _figure(self, text: str, name: ColourName, column: int, row: tuple[int, int], align: float) -> None:
        """Write an amount: what was traded is small and quiet, and so is what has no room otherwise."""
        is_small = column == _TRADED
        if self._is_tight and not is_small:
            room = self._edges[column + 1] - self._edges[column] - 2 * self._padding + 2
            is_small = self._texts.width(text) > room
        self._write(self._small if is_small else self._texts, name, text, column, row, align)

    def _write(
        self, texts: StaticTexts, name: ColourName, text: str, column: int, row: tuple[int, int], align: float
    ) -> None:
        edges = (self._edges[column] + self._padding, self._edges[column + 1] - self._padding)
        self._paints.write(texts, name, text, edges, row, align)


def widest_price(sight: Sight) -> str:
    """Give a text as wide as the widest price in view."""
    ends = (sight.scale.price(sight.low), sight.scale.price(sight.low + len(sight.amounts)))
    texts = [format_price(price, sight.scale.decimals) for price in ends]
    return "".join("0" if sign.isdigit() else sign for sign in max(texts, key=len))
