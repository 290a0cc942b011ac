"""How far from the mid a depth chart shows the book, and the control that chooses it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import Theme

_HEIGHT_PX: Final = 22


class DepthSpan(StrEnum):
    """Distances from the mid, by their names."""

    TENTH = "\u00b10.1 %"
    HALF = "\u00b10.5 %"
    ONE = "\u00b11 %"
    FIVE = "\u00b15 %"
    PRICES = "prices in view"
    """The prices that the other charts show; the axis is one of prices."""
    ALL = "whole book"

    @property
    def fraction(self) -> float | None:
        """The distance as a fraction of the mid; None for prices and for the whole book."""
        return _FRACTIONS.get(self)


_FRACTIONS: Final = {
    DepthSpan.TENTH: 0.001,
    DepthSpan.HALF: 0.005,
    DepthSpan.ONE: 0.01,
    DepthSpan.FIVE: 0.05,
}


class DepthSpanChoice(QComboBox):
    """Ask for a distance; as narrow as its longest name."""

    chosen = Signal(object)
    """The user chose this :class:`DepthSpan`; not sent for :meth:`choose`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Distance from the mid")
        self.view().setAccessibleName("Distances from the mid")
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.addItems([span.value for span in DepthSpan])
        self.activated.connect(lambda index: self.chosen.emit(list(DepthSpan)[index]))

    def choose(self, span: DepthSpan) -> None:
        """Show another choice without telling anyone."""
        self.setCurrentIndex(list(DepthSpan).index(span))
