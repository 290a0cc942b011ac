"""A bound of the range: a UTC day, or an instant for those who want less than days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QWidget

from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme


class TextField(QLineEdit):
    """A field that can hold something wrong, and says what."""

    def __init__(self, name: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self._tip = ""

    def set_tip(self, tip: str) -> None:
        """Say in the tool-tip what is meant, as long as nothing is wrong."""
        self._tip = tip
        self.setToolTip(tip)

    def set_problem(self, problem: str) -> None:
        """Mark what stands there as wrong and say why; empty when it is right."""
        set_style_property(self, "error", bool(problem))
        self.setAccessibleDescription(problem or self._tip)
        self.setToolTip(problem or self._tip)


class DayBound(TextField):
    """The first or the last day of a range."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(name, "YYYY-MM-DD")
        self.setMinimumWidth(theme.px(96))
        self.set_tip(f"{name}. An instant, such as 2025-03-14T15:30, bounds it more narrowly")
