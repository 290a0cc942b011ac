"""The figures of a view as a table, for its twin and for files."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


class Table(NamedTuple):
    """What a view shows, in plain words and plain digits with a point."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def text(self) -> str:
        """Give it as CSV, a line for each row and one for the headings."""
        lines = (self.headings, *self.rows)
        return "".join(",".join(_quoted(cell) for cell in line) + "\n" for line in lines)

    def write(self, path: Path) -> None:
        """Write it as a CSV file, in the place of one that is there.

        Raises:
            OSError: the file cannot be written.
        """
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows((self.headings, *self.rows))


def plain(value: float) -> str:
    """Spell a number with a point, no more digits than it has and no exponent; empty for none."""
    if not np.isfinite(value):
        return ""
    text = repr(float(value))
    if "e" in text:
        return np.format_float_positional(value, trim="-")
    return text.removesuffix(".0")


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n') else cell
