"""What a cell of the heatmap says: exact figures, in words for the box, a screen reader and a table."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Final

from tickreel.book import CellMeasure
from tickreel.market.units import format_amount, format_duration_s, format_price

if TYPE_CHECKING:
    from tickreel_desktop.theme import ColourName

MEASURE_WORDS: Final = {
    CellMeasure.GREATEST: "max",
    CellMeasure.LAST: "last",
    CellMeasure.TIME_WEIGHTED: "mean",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell: a column of time and a row of prices, what rested there and what was traded."""

    start_us: int
    column_us: int
    low: float
    high: float
    bid: float
    """NaN where nothing was known."""
    ask: float
    measure: CellMeasure
    bought: float
    sold: float
    other: float
    """Traded with no known side."""

    def lines(self, time_text: str, decimals: int, unit: str) -> list[tuple[str, str, ColourName]]:
        """Give caption, text and colour of each line."""
        row = f"{format_price(self.low, decimals)} to {format_price(self.high, decimals)}"
        lines: list[tuple[str, str, ColourName]] = [("Time", time_text, "text"), ("Row", row, "text")]
        suffix = f" {unit}" if unit else ""
        measure = MEASURE_WORDS[self.measure]
        if isnan(self.bid):
            lines.append(("Resting", "not known", "text"))
        else:
            sides: tuple[tuple[str, float, ColourName], ...] = (
                ("bid", self.bid, "bid"),
                ("ask", self.ask, "ask"),
            )
            held = [side for side in sides if side[1] > 0]
            for word, size, colour in held:
                lines.append(("Resting", f"{word}  {format_amount(size)}{suffix}, {measure}", colour))
            if not held:
                lines.append(("Resting", "nothing", "text"))
        width = format_duration_s(self.column_us / 1e6)
        traded: tuple[tuple[str, float, ColourName], ...] = (
            ("buy", self.bought, "bid"),
            ("sell", self.sold, "ask"),
            ("side unknown", self.other, "text"),
        )
        lines += [
            ("Traded", f"{word}  {format_amount(amount)}{suffix} in {width}", colour)
            for word, amount, colour in traded
            if amount > 0
        ]
        return lines

    def words(self, time_text: str, decimals: int, unit: str) -> str:
        """Say it in a sentence."""
        said = [f"{caption} {text}" for caption, text, _ in self.lines(time_text, decimals, unit)]
        return ", ".join(said).replace("  ", " ")
