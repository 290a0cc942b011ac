"""What the ladder knows of its symbol: tick, height of rows, what was traded, which rows are in view."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tickreel.market.units import price_decimals
from tickreel.replay import TradeSeries
from tickreel_desktop.replay.ladder.arrangement import Arrangement
from tickreel_desktop.replay.ladder.levels import touch_rows
from tickreel_desktop.replay.ladder.scale import RowScale, TickFinder, chosen_multiple, wanted_multiple
from tickreel_desktop.replay.ladder.sight import seen
from tickreel_desktop.replay.ladder.traded import TradedVolume

if TYPE_CHECKING:
    from tickreel.book import Book
    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.ladder.sight import Sight

_AUTO_UP, _AUTO_DOWN = 2.0, 0.125
"""Rows chosen for the user are made higher when so much more is wanted, lower when so much less."""

_MOST_TRADES = 1 << 17
"""Of the history that a jump brings along: to count more would hold up the window."""


class LadderModel:
    """Turns the newest frame into the rows in view."""

    def __init__(self) -> None:
        self.arrangement = Arrangement()
        self.traded = TradedVolume()
        self.symbol: SymbolFrame | None = None
        """As it was in the newest frame."""
        self.at_us = 0
        self._multiple: int | None = None
        self.clear()

    def clear(self, at_us: int = 0) -> None:
        """Forget the symbol; the height of rows that the user chose stays."""
        self.symbol = None
        self.at_us = at_us
        self._tick: Decimal | None = None
        self._finder = TickFinder()
        self._chosen: int | None = None
        self.arrangement.forget()
        self.traded.reset(None)

    def take(self, symbol: SymbolFrame, at_us: int, *, is_jump: bool) -> None:
        """Take a frame: its book, and what was traded since the last one."""
        self.symbol, self.at_us = symbol, at_us
        if is_jump:
            self._chosen = None
        trades = _last(symbol.trades, _MOST_TRADES) if is_jump else symbol.trades
        if is_jump:
            self.traded.reset(min([at_us, *trades.time_us[:1].tolist()]))
        self.traded.add(trades, at_us)

    def set_tick(self, tick: float | None) -> None:
        """Name the tick; without one it is found in the books."""
        self._tick = None if tick is None else Decimal(repr(tick))
        self._refit()

    def set_multiple(self, multiple: int | None) -> None:
        """Make rows so many ticks high; None chooses it by the best levels."""
        self._multiple = multiple
        self._refit()

    def _refit(self) -> None:
        self._chosen = None
        self.arrangement.forget()

    def sight(self, before: Sight | None) -> Sight | None:
        """Compute the rows in view after *before* was shown; None without a book."""
        book = None if self.symbol is None else self.symbol.book
        if book is None or not (len(book.bids) or len(book.asks)):
            return None
        scale = self._scale(book)
        if before is not None and before.scale != scale:
            self.arrangement.forget()  # no row is one that was there before
        middle = touch_rows(book, scale).middle
        assert middle is not None, "a side has levels"
        self.arrangement.set_middle(middle)
        return seen(book, scale, self.arrangement, self.traded)

    def _scale(self, book: Book) -> RowScale:
        if self._tick is None:
            self._finder.learn(book)
        tick = self._tick or self._finder.tick or _last_digit(book)
        if self._multiple is not None:
            return RowScale(tick, self._multiple)
        wanted = wanted_multiple(book, tick, self.arrangement.places)
        if self._chosen is None or not _AUTO_DOWN * self._chosen <= wanted <= _AUTO_UP * self._chosen:
            self._chosen = chosen_multiple(wanted)
        return RowScale(tick, self._chosen)


def _last_digit(book: Book) -> Decimal:
    """Take the last digit of a book's only price for its tick."""
    prices = book.bids[:, 0] if len(book.bids) else book.asks[:, 0]
    return Decimal(1).scaleb(-price_decimals(prices))


def _last(trades: TradeSeries, number: int) -> TradeSeries:
    part = slice(-number, None)
    return TradeSeries(trades.time_us[part], trades.side[part], trades.price[part], trades.amount[part])
