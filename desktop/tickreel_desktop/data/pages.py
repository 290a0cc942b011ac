"""What stands in the middle of the Data workspace: what is held, or why there is nothing to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.components import ButtonKind, EmptyState, button

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

_LONGEST_QUOTE = 16
"""Characters of a filter that are repeated to the user."""


class HeldPages(QStackedWidget):
    """Show what is held, or an empty state with its next step."""

    sample_requested = Signal()
    import_requested = Signal()
    fetch_requested = Signal()
    clearing_requested = Signal()
    """The filter hides everything and should go."""

    def __init__(self, theme: Theme, held: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held = held
        self.sample_button = button(theme, "Open sample", ButtonKind.PRIMARY)
        self.sample_button.clicked.connect(lambda: self.sample_requested.emit())
        importer = button(theme, "Import files")
        importer.clicked.connect(lambda: self.import_requested.emit())
        self._fetch = button(theme, "Fetch days")
        self._fetch.clicked.connect(lambda: self.fetch_requested.emit())
        self._fetch.hide()
        self._nothing_held = EmptyState(
            theme,
            "database",
            "No datasets yet",
            "Datasets are days of books and trades on this machine.\n"
            "Start with the sample, or drop vendor CSV files here.",
            (self.sample_button, importer, self._fetch),
        )
        clear = button(theme, "Clear filter", ButtonKind.PRIMARY)
        clear.clicked.connect(lambda: self.clearing_requested.emit())
        self._no_match = EmptyState(theme, "funnel", "No dataset matches the filter", "", (clear,))
        for page in (held, self._nothing_held, self._no_match):
            self.addWidget(page)

    def offer_fetch(self) -> None:
        """Offer to fetch days as well where nothing is held."""
        self._fetch.show()

    def show_held(self) -> None:
        """Show what is held."""
        self.setCurrentWidget(self._held)

    def show_nothing_held(self) -> None:
        """Say that nothing is held, and how to begin."""
        self.setCurrentWidget(self._nothing_held)

    def show_no_match(self, noun: str, hidden: int, text: str) -> None:
        """Say that a filter hides all of so many datasets or days; *text* is what was typed of it."""
        text = text.strip()
        if len(text) > _LONGEST_QUOTE:
            text = text[:_LONGEST_QUOTE] + "…"
        count = f"1 {noun} is" if hidden == 1 else f"{format_full(hidden)} {noun}s are"
        why = f"“{text}” is in no exchange, symbol, type, state or health.\n" if text else ""
        self._no_match.set_text(f"No {noun} matches the filter", f"{why}{count} hidden by it.")
        self.setCurrentWidget(self._no_match)
