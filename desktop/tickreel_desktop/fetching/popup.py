"""The list that opens below a field while one types; the field keeps the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from tickreel_desktop.fetching.choices import ChoiceDelegate, ChoiceList
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex

    from tickreel_desktop.theme import Theme

_MOST_ROWS, _ROW_PX = 8, 26


class ChoicePopup(QListView):
    """Show choices over whatever lies below a field of the same window."""

    chosen = Signal(str)
    """The user took this name by the pointer."""

    def __init__(self, theme: Theme, name: str, field: QWidget) -> None:
        super().__init__(field)
        self._theme = theme
        self._field = field
        self.choices = ChoiceList(self)
        set_role_of_list(self)
        self.setModel(self.choices)
        self.setItemDelegate(ChoiceDelegate(theme, self))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._on_clicked)
        self.hide()

    def open_for(self, typed: str, without: frozenset[str] = frozenset()) -> None:
        """Show what matches, if anything does."""
        self.choices.find(typed, without)
        count = self.choices.rowCount()
        if not count:
            self.hide()
            return
        window = self._field.window()
        if self.parentWidget() is not window:
            self.setParent(window)  # over its neighbours, as long as the field is in a window
        place = self._field.mapTo(window, QPoint(0, self._field.height()))
        height = min(count, _MOST_ROWS) * self._theme.px(_ROW_PX) + 2 * self.frameWidth()
        self.setGeometry(place.x(), place.y(), self._field.width(), height)
        self.setCurrentIndex(self.choices.index(0, 0))
        self.scrollToTop()
        self.show()
        self.raise_()

    def step(self, rows: int) -> None:
        """Go up or down the list."""
        row = min(max(self.currentIndex().row() + rows, 0), self.choices.rowCount() - 1)
        self.setCurrentIndex(self.choices.index(row, 0))

    def current(self) -> str | None:
        """Give the name that is marked; None while the list is closed."""
        if not self.isVisible() or not self.currentIndex().isValid():
            return None
        return self.choices.shown[self.currentIndex().row()].name

    def _on_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self.choices.shown[index.row()].name)


def set_role_of_list(view: QListView) -> None:
    """Give the list the ground and edge of a menu."""
    set_role(view, Role.CHOICES)
    view.setFrameShape(QFrame.Shape.StyledPanel)
    view.setFrameStyle(QFrame.Shape.Box)
