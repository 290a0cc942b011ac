"""An order book on two plain dicts: the slow, obvious program that the kernels are checked against."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Row(NamedTuple):
    """One row of incremental_book_L2, in the order of its columns."""

    local_us: int
    is_snapshot: bool
    side: str
    price: float
    amount: float


def _digits(value: float) -> str:
    text = format(Decimal(repr(value)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass
class DictBook:
    """Levels, counts and touch of one symbol, row by row."""

    sides: dict[str, dict[float, float]] = field(default_factory=lambda: {"bid": {}, "ask": {}})
    previous: Row | None = None
    has_snapshot: bool = False
    messages: int = 0
    rows: int = 0
    resets: int = 0
    skipped_rows: int = 0
    touch: list[tuple[int, float | None, float | None]] = field(default_factory=list)
    """An entry per message: local time, best bid, best ask."""

    def apply(self, rows: Iterable[Row]) -> DictBook:
        """Apply whole messages."""
        for row in rows:
            self._apply(row)
        return self

    def _apply(self, row: Row) -> None:
        before, self.previous = self.previous, row
        goes_on = before is not None and before.local_us == row.local_us
        if goes_on:
            self.touch.pop()
        else:
            self.messages += 1
        self.rows += 1
        if row.is_snapshot and not (before is not None and goes_on and before.is_snapshot):
            self.sides = {"bid": {}, "ask": {}}
            self.resets += 1
            self.has_snapshot = True
        if not self.has_snapshot:
            self.skipped_rows += 1
        elif row.amount == 0:
            self.sides[row.side].pop(row.price, None)
        else:
            self.sides[row.side][row.price] = row.amount
        bids, asks = self.sides["bid"], self.sides["ask"]
        self.touch.append((row.local_us, max(bids, default=None), min(asks, default=None)))

    def forget(self) -> None:
        """Pass a break in coverage."""
        self.sides = {"bid": {}, "ask": {}}
        self.previous = None
        self.has_snapshot = False

    def bids(self) -> list[list[float]]:
        """List [price, amount], highest price first."""
        return [list(level) for level in sorted(self.sides["bid"].items(), reverse=True)]

    def asks(self) -> list[list[float]]:
        """List [price, amount], lowest price first."""
        return [list(level) for level in sorted(self.sides["ask"].items())]

    def state_hash(self) -> str:
        """Hash all levels, with the digits found by way of Decimal."""
        lines = [f"b,{_digits(price)},{_digits(amount)}\n" for price, amount in self.bids()]
        lines += [f"a,{_digits(price)},{_digits(amount)}\n" for price, amount in self.asks()]
        return sha256("".join(lines).encode()).hexdigest()
