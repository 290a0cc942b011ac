"""The line above the table: which rows, in which groups, with which columns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.components import Chip, Segment, Segments, label, tool_button
from tickreel_desktop.data.filter_field import FilterField
from tickreel_desktop.data.query import UNUSED_DAYS, condition_words
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

_MOST_VALUES = 40
"""Values of a field that a menu offers; the others can be typed."""
GROUPINGS = (("exchange", "Exchange"), ("symbol", "Symbol"), ("type", "Data type"), ("", "None"))


class FilterBar(QFrame):
    """Ask for views, words, conditions, lists, groups and columns; the conditions stand as chips."""

    condition_added = Signal(str)
    condition_removed = Signal(str)
    all_removed = Signal()
    list_chosen = Signal(str)
    """``datasets`` or ``days``."""
    grouping_chosen = Signal(str)
    part_chosen = Signal(str)
    """``table`` or ``detail``: where there is room for one of them only."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.BAR)
        self._theme = theme
        self._offers: Sequence[tuple[str, Sequence[str]]] = ()
        self._chips: list[Chip] = []
        self._conditions: list[str] = []
        self.views = self._menu_button("All datasets", "Views and saved filters")
        self.views.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.views.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the caret stands after the words
        theme.bind_icon(self.views, "caret-down", "text_2", 12)
        self.field = FilterField(theme)
        add = self._menu_button("Add filter", "Add a filter")
        add.setProperty("kind", "add")
        add.setToolTip("Add a filter")
        add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.bind_icon(add, "plus", "text_2", 12)
        self._add_menu = QMenu(add)
        self._add_menu.aboutToShow.connect(self._fill_add_menu)
        add.setMenu(self._add_menu)
        self.lists = Segments(
            theme, "What is listed", (Segment("datasets", "Datasets"), Segment("days", "Days"))
        )
        self.lists.chosen.connect(self.list_chosen)
        self.lists.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.parts = Segments(
            theme, "What is in view", (Segment("table", "Table"), Segment("detail", "Detail"))
        )
        self.parts.chosen.connect(self.part_chosen)
        self.parts.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.parts.hide()
        self._group_word = label("Group by", Role.SECONDARY)
        self.grouping = QComboBox()
        self.grouping.setAccessibleName("Group by")
        self.grouping.view().setAccessibleName("Groups")
        for key, name in GROUPINGS:
            self.grouping.addItem(name, key)
        self.grouping.activated.connect(lambda _: self.grouping_chosen.emit(self.grouping.currentData()))
        self.columns = tool_button(theme, "columns", "Columns")
        self._strip = QWidget()
        self._strip_row = QHBoxLayout(self._strip)
        self._strip_row.setContentsMargins(0, 0, 0, 0)
        self._strip_row.setSpacing(theme.px(6))
        self._strip_row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._strip_row.addWidget(add)
        self._strip_row.addStretch(1)
        self._strip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._strip.setFixedHeight(theme.px(26))
        self._add = add
        self._worded_px = add.sizeHint().width()
        self._line = QHBoxLayout()
        self._line.setSpacing(theme.px(8))
        self._line.addWidget(self.views)
        self._line.addWidget(self.field)
        self._line.addWidget(self._strip, 100)
        self._line.addStretch(1)
        for each in (self.parts, self.lists, self._group_word, self.grouping, self.columns):
            self._line.addWidget(each)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(7))
        self._lines.setSpacing(theme.px(6))
        self._lines.addLayout(self._line)
        self.views.hide()

    def _menu_button(self, text: str, name: str) -> QToolButton:
        made = QToolButton()
        made.setText(text)
        made.setAccessibleName(name)
        made.setProperty("kind", "chooser")
        made.setFixedHeight(self._theme.px(26))
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return made

    def offer(self, offers: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Say which values the fields have, for the menu that adds filters."""
        self._offers = offers

    def show_conditions(self, conditions: Sequence[str]) -> None:
        """Show a chip for each condition."""
        if list(conditions) == self._conditions:
            return
        self._conditions = list(conditions)
        for chip in self._chips:
            self._strip_row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for place, condition in enumerate(conditions):
            chip = Chip(self._theme, condition_words(condition), on=True)
            chip.removed.connect(lambda condition=condition: self.condition_removed.emit(condition))
            self._strip_row.insertWidget(place, chip)
            chip.show()
            self._chips.append(chip)
        self._fit()

    def show_grouping(self, key: str, *, is_possible: bool) -> None:
        """Show by what is grouped; days stand in no groups."""
        self.grouping.setCurrentIndex(max(0, self.grouping.findData(key)))
        for each in (self.grouping, self._group_word):
            each.setVisible(is_possible)
        self._fit()

    def show_parts(self, *, is_needed: bool) -> None:
        """Let the user choose between table and detail where there is room for one of them only."""
        if self.parts.isHidden() == is_needed:
            self.parts.setVisible(is_needed)
            self._fit()

    def show_view(self, name: str, *, is_folded: bool) -> None:
        """Show the button that stands for the list of views where that has no room."""
        self.views.setText(name)
        self.views.setVisible(is_folded)
        self._fit()

    def _fill_add_menu(self) -> None:
        menu = self._add_menu
        menu.clear()
        for field, values in self._offers:
            if not values:
                continue
            sub = menu.addMenu(condition_words(f"{field}:").rstrip(": "))
            for value in values[:_MOST_VALUES]:
                condition = f"{field}:{value}"
                sub.addAction(value, partial(self.condition_added.emit, condition))
            if len(values) > _MOST_VALUES:
                sub.addAction(f"{len(values) - _MOST_VALUES} more: type {field}:NAME").setEnabled(False)
        menu.addSeparator()
        menu.addAction("Pinned", partial(self.condition_added.emit, "keep:pinned"))
        unused = f"unused:{UNUSED_DAYS}"
        menu.addAction(condition_words(unused), partial(self.condition_added.emit, unused))
        menu.addSeparator()
        menu.addAction("Remove all filters", lambda: self.all_removed.emit())

    def _fit(self) -> None:
        """Give the chips a line of their own where they have no room beside the field."""
        beside = [self.lists, self.columns]
        often_there = (self.views, self.parts, self._group_word, self.grouping)
        beside += [each for each in often_there if not each.isHidden()]
        margins = self._lines.contentsMargins()
        room = self.width() - margins.left() - margins.right() - self.field.usual_px - self._line.spacing()
        hints = (each.sizeHint().expandedTo(each.minimumSize()) for each in beside)
        room -= sum(hint.width() + self._line.spacing() for hint in hints)
        self._word_add(is_worded=bool(self._chips) or room >= self._worded_px)
        lacking = max(0, self._strip_row.sizeHint().width() - room)
        self.field.give_way(0 if self._chips else lacking)
        is_beside = not lacking or not self._chips
        if is_beside == (self._lines.count() == 1):
            return
        if is_beside:
            self._lines.removeWidget(self._strip)
            self._line.insertWidget(2, self._strip, 100)
        else:
            self._line.removeWidget(self._strip)
            self._lines.addWidget(self._strip)

    def _word_add(self, *, is_worded: bool) -> None:
        """Leave the word away that has no room, rather than take a line for it alone."""
        style = Qt.ToolButtonStyle
        wanted = style.ToolButtonTextBesideIcon if is_worded else style.ToolButtonIconOnly
        if self._add.toolButtonStyle() != wanted:
            self._add.setToolButtonStyle(wanted)
            self._theme.bind_icon(self._add, "plus", "text_2", 12)

    def minimumSizeHint(self) -> QSize:
        """Need no more width than the first line without chips."""
        return QSize(self._line.minimumSize().width(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the chips."""
        super().resizeEvent(event)
        self._fit()
