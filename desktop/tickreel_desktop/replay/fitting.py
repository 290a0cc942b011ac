"""Leaves out of a row of controls what it has no room for, the least needed first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QHBoxLayout

    Show = Callable[[bool], object]


class Fitting:
    """Parts of a row that may be left out; each is a function that shows or hides it."""

    def __init__(self, row: QHBoxLayout, parts: Sequence[Show]) -> None:
        self._row = row
        self._parts = parts
        self._widths: list[int] = []
        """Width of the row without the first n parts."""

    def least_width(self) -> int:
        """Give the width without all of them, in pixels."""
        return self._measured()[-1]

    def fit(self, width: int) -> None:
        """Show all that has room in so many pixels; what is listed first goes first."""
        left_out = next((n for n, needed in enumerate(self._measured()) if needed <= width), len(self._parts))
        self._leave_out(left_out)

    def measure_anew(self) -> None:
        """Forget how wide things are, for words that have changed."""
        self._widths.clear()

    def _measured(self) -> list[int]:
        if not self._widths:
            for number in range(len(self._parts) + 1):
                self._leave_out(number)
                self._row.invalidate()
                self._widths.append(self._row.minimumSize().width())
        return self._widths

    def _leave_out(self, number: int) -> None:
        for place, show in enumerate(self._parts):
            show(place >= number)
