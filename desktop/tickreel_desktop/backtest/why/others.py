"""The same order under other models, as a small table: when each would have filled it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.backtest.why.othermodels import WAITED_US
from tickreel.market.units import ABSENT, format_amount
from tickreel_desktop.backtest.run.array_table import ArrayColumn, ArrayTable
from tickreel_desktop.components import DockTitle
from tickreel_desktop.components.row_delegate import ROW_PX
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.why.orders import KeptOrder
    from tickreel.backtest.why.othermodels import Otherwise
    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_desktop.zone import DisplayZone

_TIP = (
    "The order sent by itself at the same instant, and cancelled when it was; one that was filled is waited "
    f"for {WAITED_US // 1_000_000} s longer. What the strategy would have done otherwise is left out."
)


class OtherModels(QFrame):
    """Show what came of one order under some models; hidden while there is nothing to say."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._zone = zone
        self._told: tuple[Otherwise, ...] = ()
        self._amount = 0.0
        self._title = DockTitle(theme, "The same order under other models")
        self.table = ArrayTable(theme, "The same order under other models")
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setToolTip(_TIP)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.px(8))
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self.table)
        zone.changed.connect(self._renew)
        self.show_message("")

    @property
    def told(self) -> tuple[Otherwise, ...]:
        """What is shown."""
        return self._told

    def show_message(self, text: str) -> None:
        """Show no figures, and say why there are none."""
        self._told = ()
        self._title.set_caption(text)
        self.table.hide()
        self.setVisible(bool(text))

    def show_told(self, order: KeptOrder, told: Sequence[Otherwise]) -> None:
        """Show what came of an order."""
        self._told, self._amount = tuple(told), order.amount
        self._title.set_caption("")
        self._renew()
        self.table.show()
        self.show()

    def _renew(self) -> None:
        told, zone = self._told, self._zone.zone

        def name(row: int) -> str:
            return f"{told[row].name}, in use" if told[row].is_in_use else told[row].name

        def filled(row: int) -> str:
            one = told[row]
            if one.filled_us is None:
                return "not filled"
            part = "" if one.filled >= self._amount else f"{format_amount(one.filled)} by "
            return f"{part}{zone.clock(one.filled_us)}"

        def ahead(row: int) -> str:
            amount = told[row].queue_ahead
            return ABSENT if amount is None else format_amount(amount)

        def tone(row: int) -> ColourName:
            return "text" if told[row].filled_us is not None else "warning"

        columns = [
            ArrayColumn("Model", name, 150, is_wide=True),
            ArrayColumn("Ahead", ahead, 58, is_number=True),
            ArrayColumn("Filled", filled, 100, tone=tone),
        ]
        self.table.show_columns(columns, len(told))
        self.table.setFixedHeight(self.table.horizontalHeader().height() + len(told) * self._theme.px(ROW_PX))
