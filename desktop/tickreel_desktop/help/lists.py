"""The two lists at the left of the help window: all pages by group, and what a search found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from tickreel_desktop.help.search import find_spans
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject
    from PySide6.QtGui import QPainter

    from tickreel_desktop.help.pages import Page
    from tickreel_desktop.help.search import Hit
    from tickreel_desktop.theme import ColourName, Theme

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_PADDING_PX = 8
_INSET_PX = 16
"""Left of pages and groups: as far as the words of the search field above them."""
_PAGE_ROW_PX = 26
_GROUP_ROW_PX = 32
_HIT_ROW_PX = 46


class PageModel(QAbstractListModel):
    """List the pages below the names of their groups; a group cannot be chosen."""

    def __init__(self, pages: Sequence[Page], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Page | str] = []
        group = ""
        for page in pages:
            if page.group != group:
                group = page.group
                self._rows.append(group)
            self._rows.append(page)

    def page_at(self, index: _Index) -> Page | None:
        """Give the page of a row; None for the name of a group."""
        row = self._rows[index.row()]
        return None if isinstance(row, str) else row

    def index_of(self, page: Page) -> QModelIndex:
        """Find the row of a page."""
        return self.index(self._rows.index(page))

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Count pages and groups."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give the title of a page or the name of a group."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        page = self.page_at(index)
        if page is None:
            return self._rows[index.row()] if role == Qt.ItemDataRole.DisplayRole else None
        return page.title

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let pages be chosen."""
        if not index.isValid() or self.page_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren


class HitModel(QAbstractListModel):
    """List what a search found, best first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: tuple[Hit, ...] = ()
        self.words: tuple[str, ...] = ()
        """What was searched for."""

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All that was found."""
        return self._hits

    def show_hits(self, hits: tuple[Hit, ...], words: tuple[str, ...]) -> None:
        """List the findings of another search."""
        self.beginResetModel()
        self._hits = hits
        self.words = words
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Count the findings."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give where it stands; the snippet is the tool-tip and what a screen reader reads on."""
        hit = self._hits[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return place_words(hit)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return hit.snippet
        return None


def place_words(hit: Hit) -> str:
    """Say where a finding stands: the page, and the section when it has another title."""
    return hit.page.title if hit.section == hit.page.title else f"{hit.page.title} > {hit.section}"


class PageDelegate(QStyledItemDelegate):
    """Draw the list of pages: groups small and quiet, pages in the usual rows."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the row."""
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        style = QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, ground, painter, self._view)
        is_page = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        px = self._theme.px
        rect = option.rect.adjusted(px(_INSET_PX), 0, -px(_PADDING_PX), 0 if is_page else -px(4))
        font = self._theme.font(*((FontRole.BODY,) if is_page else (FontRole.CAPTION, QFont.Weight.DemiBold)))
        text = QFontMetrics(font).elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight, rect.width()
        )
        painter.save()
        painter.setFont(font)
        painter.setPen(self._theme.colour("text" if is_page else "text_3"))
        height = Qt.AlignmentFlag.AlignVCenter if is_page else Qt.AlignmentFlag.AlignBottom
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | height, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give rows their height."""
        is_page = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        return QSize(0, self._theme.px(_PAGE_ROW_PX if is_page else _GROUP_ROW_PX))


class HitDelegate(QStyledItemDelegate):
    """Draw a finding in two lines: where it stands and how often, and how it reads."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the row."""
        model = index.model()
        assert isinstance(model, HitModel)  # made for no other
        hit = model.hits[index.row()]
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        style = QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, ground, painter, self._view)
        px = self._theme.px
        inner = option.rect.adjusted(px(_PADDING_PX), px(5), -px(_PADDING_PX), -px(5))
        top = QRect(inner.x(), inner.y(), inner.width(), inner.height() // 2)
        below = QRect(inner.x(), top.bottom() + 1, inner.width(), inner.height() - top.height())
        painter.save()
        count = str(hit.count)
        caption = self._theme.font(FontRole.CAPTION)
        room = QFontMetrics(caption).horizontalAdvance(count) + px(8)
        painter.setFont(caption)
        painter.setPen(self._theme.colour("text_3"))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)
        medium = self._theme.font(FontRole.BODY, QFont.Weight.Medium)
        self._draw_marked(painter, top.adjusted(0, 0, -room, 0), place_words(hit), (), medium, "text")
        self._draw_marked(painter, below, hit.snippet, model.words, caption, "text_2")
        painter.restore()

    def _draw_marked(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        words: Sequence[str],
        font: QFont,
        colour: ColourName,
    ) -> None:
        """Draw one line, elided at the right, with the words in bold."""
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setClipRect(rect)
        x = rect.x()
        done = 0
        for start, end in [*find_spans(shown, words), (len(shown), len(shown))]:
            for piece, face, tint in ((shown[done:start], font, colour), (shown[start:end], bold, "text")):
                painter.setFont(face)
                painter.setPen(self._theme.colour(tint))
                middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
                painter.drawText(QRect(x, rect.y(), rect.right() - x + 1, rect.height()), middle, piece)
                x += QFontMetrics(face).horizontalAdvance(piece)
            done = end

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give rows their height."""
        return QSize(0, self._theme.px(_HIT_ROW_PX))
