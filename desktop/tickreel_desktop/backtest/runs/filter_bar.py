"""The bar above the list: words to filter by, and chips for strategy, symbol, tag, month and state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from tickreel.market.units import format_count
from tickreel_desktop.backtest.runs.query import ChipKind, Condition, RunQuery, counted
from tickreel_desktop.components import Chip, FlowLayout, tool_button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent

    from tickreel_desktop.backtest.runs.rows import ListedRun
    from tickreel_desktop.theme import Theme

_TITLES = {
    ChipKind.STRATEGY: "Strategy",
    ChipKind.SYMBOL: "Symbol",
    ChipKind.TAG: "Tag",
    ChipKind.MONTH: "Days in",
    ChipKind.STATE: "State",
}
_MOST_OFFERED = 30


class _Field(QLineEdit):
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class FilterBar(QFrame):
    """Say what is to be shown."""

    changed = Signal(object)
    """Another :class:`RunQuery`."""
    left = Signal()
    """The user is done with it and wants to go on in the list."""

    def __init__(
        self, theme: Theme, offered: Callable[[], Sequence[ListedRun]], parent: QWidget | None = None
    ) -> None:
        """Offer as chips what is in the runs that *offered* gives."""
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._offered = offered
        self._conditions: tuple[Condition, ...] = ()
        self.field = _Field()
        self.field.setPlaceholderText("Filter runs")
        self.field.setAccessibleName("Filter runs")
        self.field.setToolTip(
            "Every word must stand in the strategy, the id, a symbol, a day (2025-03-14), a tag,\n"
            "the note, a parameter or the state"
        )
        self.field.setAcceptDrops(False)  # a file dropped here is meant for the window, not as text
        mark = QAction(self.field)
        theme.bind_icon(mark, "funnel", "text_3", 14)
        self.field.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        self._empty = QAction("Clear filter", self.field)
        theme.bind_icon(self._empty, "x", "text_2", 14)
        self._empty.triggered.connect(lambda: self.field.clear())
        self.field.addAction(self._empty, QLineEdit.ActionPosition.TrailingPosition)
        self._empty.setVisible(False)
        self.field.textChanged.connect(lambda _text: self._tell())
        self.field.left.connect(self.left)
        self.add_button = tool_button(
            theme, "sliders-horizontal", "Filter by strategy, symbol, tag, days, state"
        )
        self.add_button.clicked.connect(self._open_menu)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, 0, theme.px(6), fills=False)
        self._chips.hide()
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        row.addWidget(self.field, 1)
        row.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(8))
        column.setSpacing(theme.px(6))
        column.addLayout(row)
        column.addWidget(self._chips)

    @property
    def query(self) -> RunQuery:
        """What is asked for."""
        return RunQuery(self.field.text(), self._conditions)

    def clear(self) -> None:
        """Ask for everything."""
        self._set_conditions(())
        self.field.clear()

    def add(self, condition: Condition) -> None:
        """Add a chip."""
        if condition not in self._conditions:
            self._set_conditions((*self._conditions, condition))

    def _set_conditions(self, conditions: tuple[Condition, ...]) -> None:
        self._conditions = conditions
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for condition in conditions:
            chip = Chip(self._theme, condition.words, on=True)
            chip.removed.connect(lambda which=condition: self._remove(which))
            self._flow.addWidget(chip)
        self._chips.setVisible(bool(conditions))
        self._tell()

    def _remove(self, condition: Condition) -> None:
        self._set_conditions(tuple(each for each in self._conditions if each != condition))
        self.field.setFocus()

    def _tell(self) -> None:
        self._empty.setVisible(bool(self.field.text()))
        self.changed.emit(self.query)

    def menu(self) -> QMenu:
        """Make the menu of what runs can be filtered by; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, title in _TITLES.items():
            part = menu.addMenu(title)
            # What there is of a kind is counted when it is asked for: of many runs that takes a while.
            part.aboutToShow.connect(lambda which=kind, into=part: self._fill(into, which))
        if self._conditions or self.field.text():
            menu.addSeparator()
            menu.addAction("Show all runs", lambda: self.clear())
        return menu

    def _fill(self, part: QMenu, kind: ChipKind) -> None:
        part.clear()
        counts = counted(self._offered(), kind)
        for value, count in list(counts.items())[:_MOST_OFFERED]:
            condition = Condition(kind, value)
            action = part.addAction(f"{condition.words}    {format_count(count)}")
            action.triggered.connect(lambda _on=False, which=condition: self.add(which))
        if not counts:
            part.addAction("None").setEnabled(False)

    def _open_menu(self) -> None:
        self.menu().popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))
