"""What is said where several datasets are selected: their sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.components import label
from tickreel_desktop.data.detail.figures import Figures
from tickreel_desktop.data.rows import state_words
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.data.rows import DatasetRow

_MOST_NAMED = 12


class SeveralDatasets(QFrame):
    """Sum up a selection and name what is in it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.title = label("", Role.TITLE)
        self.span = label("", Role.SECONDARY, wrap=True)
        self.figures = Figures(theme)
        self._names = label("", Role.SECONDARY, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(10))
        column.setSpacing(theme.px(8))
        for each in (self.title, self.span, self.figures, self._names):
            column.addWidget(each)
        column.addStretch(1)

    def show_rows(self, rows: Sequence[DatasetRow]) -> None:
        """Sum up another selection."""
        self.title.setText(f"{format_full(len(rows))} datasets selected")
        first, last = min(row.first_day for row in rows), max(row.last_day for row in rows)
        exchanges = sorted({row.exchange for row in rows})
        self.span.setText(f"{', '.join(exchanges)}; {first.isoformat()} to {last.isoformat()}")
        self.figures.show_rows(rows)
        lines = [
            f"{row.exchange} {row.symbol} {row.key.type}: {state_words(row)}" for row in rows[:_MOST_NAMED]
        ]
        if len(rows) > _MOST_NAMED:
            lines.append(f"and {format_full(len(rows) - _MOST_NAMED)} more")
        self._names.setText("\n".join(lines))
