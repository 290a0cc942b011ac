"""The standing orders: what is kept complete, how it stands, and whether this window looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from tickreel.errors import TickreelError
from tickreel.market.time import US_PER_SECOND, day_of
from tickreel.market.units import ABSENT, format_age, format_duration_s
from tickreel_desktop.components import Banner, BannerKind, ButtonKind, EmptyState, button, label
from tickreel_desktop.components.keyboard import is_delete
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from tickreel.fetch.standing import StandingOrder
    from tickreel_desktop.fetching.vendor import Vendor
    from tickreel_desktop.tasks import Tasks

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_WIDTHS_PX = (280, 100, 96, 104, 104, 200)
_WIDTH_PX, _HEIGHT_PX = 900, 400


def _columns(order: StandingOrder, now_us: int, every_us: int | None) -> tuple[str, ...]:
    checked = "never" if order.checked_us is None else format_age(order.checked_us, now_us)
    until = ABSENT if order.until_us is None else day_of(order.until_us - 1).isoformat()
    if order.problem:
        result = order.problem
    elif order.checked_us is None:
        result = "not checked yet"
    else:
        result = "what is published is here or queued"
    return (
        *(str(order.key), order.first_day.isoformat(), checked, _next_words(order, now_us, every_us)),
        *(until, result),
    )


def _next_words(order: StandingOrder, now_us: int, every_us: int | None) -> str:
    """Say when this window looks next; *every_us* is None while it does not."""
    if every_us is None:
        return "by hand only"
    left_us = 0 if order.checked_us is None else order.checked_us + every_us - now_us
    return f"in {format_duration_s(left_us / US_PER_SECOND)}" if left_us >= US_PER_SECOND else "soon"


_TITLES = ("Dataset", "From", "Last check", "Next check", "Published to", "Result")


class StandingModel(QAbstractTableModel):
    """Show the standing orders it is given last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.orders: tuple[StandingOrder, ...] = ()
        self._texts: list[tuple[str, ...]] = []

    def replace(self, orders: Sequence[StandingOrder], now_us: int, every_us: int | None) -> None:
        """Show these from now on; *every_us* is how often this window looks after them, or None."""
        self.beginResetModel()
        self.orders = tuple(orders)
        self._texts = [_columns(order, now_us, every_us) for order in orders]
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the orders."""
        return 0 if parent.isValid() else len(self.orders)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give the text of a cell."""
        if role == Qt.ItemDataRole.DisplayRole and index.isValid():
            return self._texts[index.row()][index.column()]
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the title of a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class _OrderTable(RowTable):
    remove_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """End an order by Delete."""
        if is_delete(event):
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)


class StandingDialog(QDialog):
    """List the standing orders. Use ``open()``."""

    ended = Signal(object)
    """The user ended a ``StandingOrder``."""
    new_wanted = Signal()
    """The user wants to keep something else complete."""
    watch_chosen = Signal(bool)
    """Whether the window is to look after them while it is open."""
    queued = Signal(int)
    """A look has queued so many jobs."""

    def __init__(
        self,
        theme: Theme,
        vendor: Vendor,
        *,
        tasks: Tasks,
        is_watching: bool,
        every_s: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._vendor = vendor
        self._tasks = tasks
        self._every_s = every_s
        self.setWindowTitle("Standing orders")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.model = StandingModel(self)
        self.table = _OrderTable(theme, "Standing orders")
        self.table.setModel(self.model)
        self.table.setItemDelegate(RowDelegate(theme, self.table, frozenset({1, 2, 3, 4})))
        self.table.set_widths([theme.px(width) for width in _WIDTHS_PX])
        self.watch = QCheckBox("Look for new days every ten minutes while this window is open")
        self.watch.setChecked(is_watching)
        self.problem = Banner(theme, BannerKind.ERROR, "")
        self.problem.hide()
        self.end_button = button(theme, "Stop", icon="x")
        self.end_button.setToolTip("Keep it complete no longer; what was fetched stays")
        self.check_button = button(theme, "Check now", icon="arrow-clockwise")
        self.new_button = button(theme, "New...", ButtonKind.PRIMARY, icon="plus")
        self._empty = EmptyState(
            theme,
            "repeat",
            "No standing orders",
            "Tick “Keep doing this” when you fetch days: new ones are fetched as the vendor publishes them.",
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._empty)
        self._lay_out()
        self.table.selectionModel().selectionChanged.connect(lambda: self._renew())
        self.table.remove_wanted.connect(self._end)
        self.end_button.clicked.connect(self._end)
        self.check_button.clicked.connect(lambda: tasks.start(self._check(), "look after standing orders"))
        self.new_button.clicked.connect(lambda: self.new_wanted.emit())
        self.watch.toggled.connect(self._on_watch_toggled)
        self.refresh()
        self._renew()

    def _lay_out(self) -> None:
        px = self._theme.px
        head = QVBoxLayout()
        head.setContentsMargins(px(16), px(12), px(16), px(10))
        head.setSpacing(px(8))
        head.addWidget(
            label(
                "What is missing of these datasets is fetched, and each new day as it is published.",
                Role.SECONDARY,
                wrap=True,
            )
        )
        head.addWidget(self.watch, 0, Qt.AlignmentFlag.AlignLeft)
        head.addWidget(self.problem)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.setSpacing(px(8))
        row.addWidget(self.end_button)
        row.addWidget(self.check_button)
        row.addStretch(1)
        close = button(self._theme, "Close")
        close.clicked.connect(self.reject)
        row.addWidget(close)
        row.addWidget(self.new_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        column.addWidget(foot)
        self.resize(px(_WIDTH_PX), px(_HEIGHT_PX))

    def _on_watch_toggled(self, is_on: bool) -> None:
        self.watch_chosen.emit(is_on)
        self.refresh()

    def refresh(self) -> None:
        """Read the orders anew."""
        self._tasks.start(self._refresh(), "read standing orders")

    def selected(self) -> StandingOrder | None:
        """Give the selected order, or None."""
        row = self.table.selected_row()
        return None if row is None else self.model.orders[row]

    async def _refresh(self) -> None:
        try:
            orders = await self._vendor.orders()
        except TickreelError as error:
            self._tell(error)
            return
        if not isValid(self):
            return
        chosen = self.selected()
        every_us = round(self._every_s * US_PER_SECOND) if self.watch.isChecked() else None
        self.model.replace(orders, self._vendor.now_us(), every_us)
        keys = [order.key for order in orders]
        if orders:
            self.table.selectRow(keys.index(chosen.key) if chosen and chosen.key in keys else 0)
            if chosen is None:
                self._pages.setCurrentWidget(self.table)
                self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._renew()

    async def _check(self) -> None:
        self.check_button.setEnabled(False)
        self.check_button.setText("Looking…")
        try:
            jobs = await self._vendor.check_orders()
        except TickreelError as error:
            self._tell(error)
        else:
            if isValid(self):
                self.problem.hide()
                if jobs:
                    self.queued.emit(len(jobs))
        finally:
            if isValid(self):
                self.check_button.setText("Check now")
                self.refresh()

    def _tell(self, error: TickreelError) -> None:
        if isValid(self):
            self.problem.set_text(capital(str(error)))
            self.problem.show()

    def _end(self) -> None:
        order = self.selected()
        if order is not None:
            self.ended.emit(order)

    def _renew(self) -> None:
        has_orders = bool(self.model.orders)
        self._pages.setCurrentWidget(self.table if has_orders else self._empty)
        self.end_button.setEnabled(self.selected() is not None)
        self.check_button.setEnabled(has_orders)
