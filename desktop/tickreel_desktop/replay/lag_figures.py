"""What a strategy knows beside what the market is: by how much it lags, in time, messages and price."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.book.features import BPS
from tickreel.market.units import format_full, format_price
from tickreel_desktop.components import KeyValues, label
from tickreel_desktop.replay.symbols.words import signed_bps
from tickreel_desktop.replay.ticks import length_text
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel.book import Book
    from tickreel.replay import Known, SymbolFrame
    from tickreel_desktop.theme import Theme

_MID, _MOVED, _WAITING = "Known mid", "Market since then", "Not heard of yet"
_CAPTIONS = (_MID, _MOVED, _WAITING)


class LagFigures(QFrame):
    """Stand below the figures of the market; hidden where what is known does not lag."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._known: Known | None = None
        self._market: Book | None = None
        self._caption = label("", Role.CAPTION)
        self._caption.setContentsMargins(theme.px(12), theme.px(6), theme.px(12), 0)
        self._values = KeyValues(theme, _CAPTIONS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._caption)
        column.addWidget(self._values)
        self.setAccessibleName("What is known at the play line")
        self.hide()

    def take(self, symbol: SymbolFrame) -> None:
        """Take both books of a frame; what is seen changes with :meth:`renew`."""
        self._known, self._market = symbol.known, symbol.book

    def forget(self) -> None:
        """Show nothing."""
        self._known = self._market = None
        self.hide()

    def value(self, caption: str) -> str:
        """Give what stands beside a caption."""
        return self._values.value(caption)

    def renew(self, decimals: int) -> None:
        """Show what was taken last, with prices of so many decimals."""
        known = self._known
        self.setVisible(known is not None)
        if known is None:
            return
        self._caption.setText(f"Known {length_text(known.latency_us)} late, at the play line")
        mid, moved_bp = self._mid_and_move()
        self._values.set_value(_MID, "" if mid is None else format_price(mid, decimals + 1))
        self._values.set_value(_MOVED, "" if moved_bp is None else signed_bps(moved_bp))
        count = f"{format_full(known.waiting)} message{'s' * (known.waiting != 1)}"
        self._values.set_value(_WAITING, count)

    def _mid_and_move(self) -> tuple[float | None, float | None]:
        """Give the known mid, and how far the market's lies from it in basis points."""
        known = None if self._known is None or self._known.book is None else self._known.book.mid
        market = None if self._market is None else self._market.mid
        if known is None or market is None or known <= 0:
            return known, None
        return known, BPS * (market / known - 1)

    def values(self) -> dict[str, float]:
        """Give the figures by name; nothing where what is known does not lag."""
        if self._known is None:
            return {}
        mid, moved_bp = self._mid_and_move()
        return {
            "latency_us": self._known.latency_us,
            "known_mid": nan if mid is None else mid,
            "market_since_bp": nan if moved_bp is None else moved_bp,
            "messages_not_heard_of": self._known.waiting,
        }

    def lines(self) -> list[str]:
        """Give what is shown, a line for each figure."""
        if self._known is None:
            return []
        return [self._caption.text(), *(f"{caption}\t{self.value(caption)}" for caption in _CAPTIONS)]
