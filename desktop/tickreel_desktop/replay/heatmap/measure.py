"""What a box between two points of the heatmap measures: time, prices, and what was traded inside.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, NamedTuple

from tickreel.market.units import MINUS, format_amount, format_bps, format_price
from tickreel_desktop.replay.heatmap.tradebins import BUYS, OTHERS, SELLS, rows_between

if TYPE_CHECKING:
    from tickreel_desktop.replay.heatmap.past import Past
    from tickreel_desktop.theme import ColourName

_NEAR = 1e-6
_BP = 10_000


class Corner(NamedTuple):
    """A point of the heatmap: an instant, and a price that is a multiple of the tick."""

    at_us: int
    price: float


@dataclass(frozen=True, slots=True)
class Traded:
    """What was traded inside of a box, as finely as trades are held."""

    bought: float
    sold: float
    other: float
    """Traded with no known side."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The way from one corner of a box to the other, and what lies between them."""

    duration_us: int
    """Below 0 when the second corner is the earlier one."""
    moved: float
    """How much higher the second price is."""
    moved_ticks: int
    moved_bp: float | None
    """Of the first price; None where that is zero."""
    rows: int
    """How many rows of cells the box touches."""
    row_height: float
    traded: Traded | None
    """None where the box reaches back beyond what is held."""

    def lines(self, decimals: int, unit: str) -> list[tuple[str, str, ColourName]]:
        """Give caption, text and colour of each line."""
        ticks = f"{_signed(str(abs(self.moved_ticks)), self.moved_ticks)} tick"
        lines: list[tuple[str, str, ColourName]] = [
            ("Time", _signed(_clock(abs(self.duration_us)), self.duration_us), "text"),
            ("Price", _signed(format_price(abs(self.moved), decimals), self.moved), "text"),
            ("Price", ticks if abs(self.moved_ticks) == 1 else f"{ticks}s", "text"),
        ]
        if self.moved_bp is not None:
            lines.append(("Price", _signed(format_bps(abs(self.moved_bp)), self.moved_bp), "text"))
        lines += self._traded_lines(f" {unit}" if unit else "")
        lines.append(("Rows", f"{self.rows} of {format_price(self.row_height, decimals)}", "text"))
        return lines

    def _traded_lines(self, suffix: str) -> list[tuple[str, str, ColourName]]:
        if self.traded is None:
            return [("Traded", "not loaded", "text")]
        sides: tuple[tuple[str, float, ColourName], ...] = (
            ("buy", self.traded.bought, "bid"),
            ("sell", self.traded.sold, "ask"),
            ("side unknown", self.traded.other, "text"),
        )
        found: list[tuple[str, str, ColourName]] = [
            ("Traded", f"{word}  {format_amount(amount)}{suffix}", colour)
            for word, amount, colour in sides
            if amount > 0
        ]
        return found or [("Traded", "nothing", "text")]

    def words(self, decimals: int, unit: str) -> str:
        """Say it in a sentence."""
        said = [f"{caption} {text}" for caption, text, _ in self.lines(decimals, unit)]
        return ", ".join(said).replace("  ", " ")


def corner_of(at_us: int, price: float, tick: float) -> Corner:
    """Give the corner at a point: the price is the lower border of its tick, as in rows."""
    return Corner(at_us, floor(price / tick + _NEAR) * tick)


def measured(begin: Corner, end: Corner, past: Past) -> Measure | None:
    """Measure the box between two corners; None before the first columns."""
    cells, trades, tick = past.cells, past.trades, past.tick
    if cells is None or tick is None:
        return None
    from_us, to_us = sorted((begin.at_us, end.at_us))
    low, high = sorted((begin.price, end.price))
    group = cells.grid.group
    moved_ticks = round((end.price - begin.price) / tick)
    moved = moved_ticks * tick
    first, last = rows_between(low, high, group)
    traded = None
    if trades is not None and trades.group == group and from_us >= past.held_from_us:
        amounts = trades.traded_between(from_us, to_us, first, last)
        traded = Traded(float(amounts[BUYS]), float(amounts[SELLS]), float(amounts[OTHERS]))
    return Measure(
        duration_us=end.at_us - begin.at_us,
        moved=moved,
        moved_ticks=moved_ticks,
        moved_bp=_BP * moved / abs(begin.price) if begin.price else None,
        rows=last - first + 1,
        row_height=group,
        traded=traded,
    )


def _clock(length_us: int) -> str:
    """Print a length of time to the millisecond: ``0:02:56.120``."""
    milliseconds = round(length_us / 1_000)
    seconds, milliseconds = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{milliseconds:03}"


def _signed(text: str, value: float) -> str:
    return f"+{text}" if value > 0 else f"{MINUS}{text}" if value < 0 else text
