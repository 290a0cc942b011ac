"""By which clock a replay goes, and how late what is known of it is: in the bar, and to be changed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QDoubleSpinBox, QInputDialog, QMenu, QPushButton, QWidget

from tickreel.replay import Order
from tickreel.replay.plan import LONGEST_LATENCY_US
from tickreel_desktop.components import ButtonKind, button
from tickreel_desktop.replay.ticks import length_text

if TYPE_CHECKING:
    from tickreel.replay import ReplayPlan
    from tickreel_desktop.theme import Theme

ORDER_WORDS = {Order.LOCAL: "arrival", Order.EXCHANGE: "exchange"}
LATENCIES_US = (0, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000)
"""What can be chosen at once."""
_US_PER_MS = 1_000
_NO_LAG = "Known at once"


def latency_words(latency_us: int) -> str:
    """Say how late what is known is."""
    return f"Known {length_text(latency_us)} late" if latency_us else _NO_LAG


class ClockChoice(QWidget):
    """A button that says it, and its menu."""

    order_chosen = Signal(object)
    """An :class:`Order`."""
    latency_chosen = Signal(int)
    """Microseconds."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order = Order.LOCAL
        self._latency_us = 0
        self.button: QPushButton = button(theme, "", ButtonKind.FLAT, icon="clock", parent=self)
        self.button.setToolTip("By which clock events are in order, and how late what is known of them is")
        self.menu = QMenu(self.button)
        self.menu.setAccessibleName("Clock and latency")
        self.menu.aboutToShow.connect(self._fill)
        self.button.setMenu(self.menu)
        self.show_plan(Order.LOCAL, 0)

    def show_plan(self, order: Order, latency_us: int) -> None:
        """Show what a plan says."""
        self._order, self._latency_us = order, latency_us
        lag = f", {length_text(latency_us)} late" if latency_us else ""
        self.button.setText(f"Clock {ORDER_WORDS[order]}{lag}")
        self.button.adjustSize()
        self.setFixedSize(self.button.sizeHint())

    def take(self, plan: ReplayPlan) -> None:
        """Show what a plan says."""
        self.show_plan(plan.order, plan.latency_us)

    def _fill(self) -> None:
        menu = self.menu
        menu.clear()
        orders = QActionGroup(menu)
        for order, word in ORDER_WORDS.items():
            chosen = self._add(orders, f"Clock of {'arrivals' if word == 'arrival' else 'the exchange'}")
            chosen.setChecked(order is self._order)
            chosen.triggered.connect(lambda _checked, order=order: self.order_chosen.emit(order))
        menu.addSeparator()
        latencies = QActionGroup(menu)
        for latency_us in sorted({*LATENCIES_US, self._latency_us}):
            chosen = self._add(latencies, latency_words(latency_us))
            chosen.setChecked(latency_us == self._latency_us)
            chosen.triggered.connect(lambda _checked, us=latency_us: self.latency_chosen.emit(us))
        menu.addAction("Other latency...").triggered.connect(lambda: self.ask_latency())

    def _add(self, group: QActionGroup, text: str) -> QAction:
        made = self.menu.addAction(text)
        made.setCheckable(True)
        group.addAction(made)
        return made

    def ask_latency(self) -> None:
        """Ask how late what is known shall be."""
        dialog = QInputDialog(self.window())
        dialog.setWindowTitle("Latency of what is known")
        dialog.setLabelText("Ladder, depth and trades as a strategy knows them so many milliseconds late")
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setDoubleDecimals(3)
        dialog.setDoubleRange(0, LONGEST_LATENCY_US / _US_PER_MS)
        dialog.setDoubleValue(self._latency_us / _US_PER_MS)
        field = dialog.findChild(QDoubleSpinBox)
        if field is not None:
            field.setAccessibleName("Latency, milliseconds")
        dialog.doubleValueSelected.connect(lambda ms: self.latency_chosen.emit(round(ms * _US_PER_MS)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
