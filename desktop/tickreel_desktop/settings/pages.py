"""The left side: the search, and the list of pages with how many settings of each were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.components import label
from tickreel_desktop.theme import FontRole, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QItemSelection
    from PySide6.QtGui import QPainter

    from tickreel_desktop.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT_PX = 28
_PADDING_PX = 14
_LOCK_PX = 14
_WIDTH_PX = 220
_ORDER = (
    "Order: default, your file, environment, command line, policy. The last one that names a setting applies."
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name, title, and a count beside it, None = no count."""

    name: str
    title: str
    count: int | None = None
    is_locked: bool = False


class PageModel(QAbstractListModel):
    """The pages in their order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._pages: tuple[Page, ...] = ()

    def show_pages(self, pages: tuple[Page, ...]) -> None:
        """Show these pages; where only counts change, rows stay."""
        if [each.name for each in pages] == [each.name for each in self._pages]:
            if pages != self._pages:
                self._pages = pages
                self.dataChanged.emit(self.index(0), self.index(len(pages) - 1))
        else:
            self.beginResetModel()
            self._pages = pages
            self.endResetModel()

    def page(self, row: int) -> Page:
        """Give a page by its place."""
        return self._pages[row]

    def row_of(self, name: str) -> int | None:
        """Find a page by its name."""
        return next((row for row, each in enumerate(self._pages) if each.name == name), None)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Tell how many pages there are."""
        return 0 if parent.isValid() else len(self._pages)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give title and spoken text."""
        if not index.isValid():
            return None
        page = self._pages[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return page.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return page.title if page.count is None else f"{page.title}, {page.count}"
        return None


class PageDelegate(QStyledItemDelegate):
    """Draw a title with room at its left, and a count at the right."""

    def __init__(self, theme: Theme, model: PageModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give a row its height."""
        return QSize(0, self._theme.px(_ROW_HEIGHT_PX))

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """Leave the title to :meth:`paint`."""
        super().initStyleOption(option, index)
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the ground by the style, then title, count and lock."""
        super().paint(painter, option, index)
        page = self._model.page(index.row())
        px = self._theme.px
        rect: QRect = option.rect.adjusted(px(_PADDING_PX), 0, -px(_PADDING_PX), 0)
        painter.save()
        if page.count is not None:
            painter.setFont(self._theme.font(FontRole.CAPTION))
            painter.setPen(self._theme.colour("text_2"))
            painter.drawText(
                rect, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(page.count)
            )
            rect.setRight(rect.right() - painter.fontMetrics().horizontalAdvance(str(page.count)) - px(4))
        if page.is_locked:
            side = px(_LOCK_PX)
            pixmap = self._theme.pixmap(
                "lock-simple", "text_2", _LOCK_PX, painter.device().devicePixelRatio()
            )
            painter.drawPixmap(rect.right() - side, rect.center().y() - side // 2, pixmap)
            rect.setRight(rect.right() - side - px(4))
        painter.setFont(self._theme.font(FontRole.BODY))
        painter.setPen(self._theme.colour("text_3" if page.count == 0 else "text"))
        text = painter.fontMetrics().elidedText(page.title, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()


class PageList(QListView):
    """Choose a page."""

    page_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pages of the settings")
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = PageModel(self)
        self.setModel(self._model)
        self.setItemDelegate(PageDelegate(theme, self._model, self))
        theme.changed.connect(self.viewport().update)

    def show_pages(self, pages: Sequence[Page], chosen: str | None) -> None:
        """Show these pages with one of them, or none, as the chosen one; tells nobody."""
        selection = self.selectionModel()
        selection.blockSignals(True)
        self._model.show_pages(tuple(pages))
        row = None if chosen is None else self._model.row_of(chosen)
        if row is None:
            selection.clear()
        else:
            index = self._model.index(row)
            selection.setCurrentIndex(index, selection.SelectionFlag.ClearAndSelect)
        selection.blockSignals(False)
        self.viewport().update()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell which page was chosen."""
        super().selectionChanged(selected, deselected)
        for index in selected.indexes():
            self.page_chosen.emit(self._model.page(index.row()).name)


class PageSide(QWidget):
    """The left side of the dialog: the search, the pages, and in which order values come."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme.px
        self.setFixedWidth(px(_WIDTH_PX))
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search settings")
        self.search.setAccessibleName("Search settings")
        mark = QAction(self.search)
        theme.bind_icon(mark, "magnifying-glass", "text_3", 14)
        self.search.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        self.pages = PageList(theme)
        order = label(_ORDER, Role.CAPTION, wrap=True)
        order.setContentsMargins(px(_PADDING_PX), 0, px(_PADDING_PX), 0)
        search = QHBoxLayout()
        search.setContentsMargins(px(12), 0, px(12), 0)
        search.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(12), 0, px(12))
        column.setSpacing(px(10))
        column.addLayout(search)
        column.addWidget(self.pages, 1)
        column.addWidget(order)
