"""The foot of the Data workspace: sums over what is listed and what is chosen, and the marks explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from tickreel.market.units import format_bytes, format_full
from tickreel.store import DayState
from tickreel_desktop.components import ElidedLabel, label
from tickreel_desktop.data.legend import CoverageLegend
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from tickreel_desktop.data.coverage import CoveragePainter
    from tickreel_desktop.data.selection import Sums

_HEIGHT_PX = 30
_MARKS = (DayState.PRESENT, DayState.MISSING, DayState.ABSENT, DayState.PARTIAL, DayState.DAMAGED)


class HeldFoot(QFrame):
    """Say sums in words."""

    def __init__(self, theme: Theme, bars: CoveragePainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.FOOT)
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self._sums = label("", Role.SECONDARY)
        self._rows_words = self._days_words = ""
        self._chosen = ElidedLabel()
        set_role(self._chosen, Role.SECONDARY)
        self.legend = CoverageLegend(theme, bars, _MARKS)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), 1, theme.px(12), 0)
        row.setSpacing(theme.px(16))
        row.addWidget(self._sums)
        row.addWidget(self._chosen, 1)
        row.addWidget(self.legend)

    def show_sums(self, shown: Sums, whole: Sums) -> None:
        """Sum up what is listed, and say so when that is not everything."""
        if shown == whole:
            self._sums.setText(whole.words())
        elif not shown.datasets:
            self._sums.setText(f"0 of {whole.words()}")
        else:
            self._sums.setText(f"{shown.words()} (filtered)")

    def show_chosen(self, count: int, sums: Sums, *, in_days: bool) -> None:
        """Sum up what is chosen, of *count* rows."""
        days = "" if in_days else f"{format_full(sums.days)} {'day' if sums.days == 1 else 'days'}, "
        words = f"{format_full(count)} selected: {days}{format_bytes(sums.bytes)}"
        self._rows_words = words if count else ""
        self._renew_chosen()

    def show_chosen_days(self, words: str) -> None:
        """Say which days of the selected dataset are chosen; they alone are what an action takes."""
        self._days_words = words
        self._renew_chosen()

    def _renew_chosen(self) -> None:
        self._chosen.setText(self._days_words or self._rows_words)
