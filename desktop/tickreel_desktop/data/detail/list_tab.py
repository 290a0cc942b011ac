"""A tab that lists what there is of the opened day, and tells of the one that is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tickreel_desktop.components import EmptyState, label
from tickreel_desktop.components.row_delegate import ROW_PX, RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.data.detail.plain_table import PlainColumn, PlainModel
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QAbstractButton

    from tickreel_resources import IconName

R = TypeVar("R")
_MOST_ROWS = 8


class ListTab(QFrame, Generic[R]):
    """The list above or beside what is told of a row, and what stands there when nothing is listed."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        columns: Sequence[PlainColumn[R]],
        *,
        icon: IconName,
        secondary: frozenset[int] = frozenset(),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self.listed: PlainModel[R] = PlainModel(tuple(columns), self)
        self.table = RowTable(theme, name)
        self.table.setModel(self.listed)
        self.table.setItemDelegate(RowDelegate(theme, self.table, secondary))
        self.table.set_widths([theme.px(column.width) for column in columns])
        self.table.selectionModel().selectionChanged.connect(lambda: self._show_selected())
        self._told = QVBoxLayout()
        self._told.setSpacing(0)
        page = QWidget()
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom, page)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self.table, 0, Qt.AlignmentFlag.AlignTop)
        self._body.addLayout(self._told, 1)
        self._none = EmptyState(theme, icon, "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(page)
        self._pages.addWidget(self._none)
        self.title = label("", Role.SECTION)
        self.title.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(6))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self._pages, 1)

    def _tell_by(self, parts: Sequence[QWidget], act: QAbstractButton) -> None:
        """Put below each other what tells of a row, and below that what can be done with it."""
        px = self._theme.px
        foot = QHBoxLayout()
        foot.setContentsMargins(px(12), 0, px(12), px(8))
        foot.addWidget(act)
        foot.addStretch(1)
        for part in parts:
            self._told.addWidget(part)
        self._told.addLayout(foot)
        self._told.addStretch(1)

    def set_wide(self, wide: bool) -> None:
        """Put what is told of a row beside the list, or below it."""
        sideways, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._body.setDirection(sideways if wide else down)
        self._body.setStretch(0, 1 if wide else 0)

    def _list(self, rows: Sequence[R], selected: int = 0) -> None:
        """List rows, and select one of them."""
        self._pages.setCurrentIndex(0)
        self.listed.replace(rows)
        self.table.setFixedHeight(self._theme.px(ROW_PX) * (min(len(rows), _MOST_ROWS) + 1) + 1)
        self.table.show_row(selected)
        self._show_selected()

    def _list_none(self, heading: str, text: str) -> None:
        """Say why nothing is listed."""
        self._none.set_text(heading, text)
        self._pages.setCurrentWidget(self._none)

    def _selected(self) -> R | None:
        row = self.table.selected_row()
        return None if row is None else self.listed.row_at(row)

    def _show_selected(self) -> None:
        """Tell of the selected row, or of none."""
        raise NotImplementedError
