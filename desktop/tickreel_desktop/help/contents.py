"""What there is to read: all pages by group, or, while words stand in the search field, what has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QStackedWidget, QVBoxLayout, QWidget

from tickreel_desktop.components import button, label
from tickreel_desktop.help.lists import HitDelegate, HitModel, PageDelegate, PageModel
from tickreel_desktop.help.search import Hit, search, words_of
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.help.pages import Page


class Contents(QFrame):
    """Let the user choose a page or a finding."""

    page_chosen = Signal(str)
    """Name of a page."""
    hit_chosen = Signal(object)
    """A :class:`Hit`."""
    searched = Signal()
    """Other words are searched for; :attr:`words` and :attr:`hits` are those of now."""

    def __init__(self, theme: Theme, pages: Sequence[Page], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pages = pages
        set_role(self, Role.PANEL)
        self.search_field = self._make_search_field()
        self.page_model = PageModel(pages, self)
        self.page_list = _make_list("Pages of help")
        self.page_list.setModel(self.page_model)
        self.page_list.setItemDelegate(PageDelegate(theme, self.page_list))
        self.page_list.selectionModel().currentChanged.connect(self._on_page_chosen)
        self.hit_model = HitModel(self)
        self.hit_list = _make_list("Search results")
        self.hit_list.setModel(self.hit_model)
        self.hit_list.setItemDelegate(HitDelegate(theme, self.hit_list))
        self.hit_list.selectionModel().currentChanged.connect(self._on_hit_chosen)
        # The finding that is current already leads back to its place too.
        self.hit_list.clicked.connect(lambda index: self._on_hit_chosen(index))
        self.nothing_found = self._make_nothing_found()
        self._stack = QStackedWidget()
        for each in (self.page_list, self.hit_list, self.nothing_found):
            self._stack.addWidget(each)
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(6))
        row.addWidget(self.search_field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.px(8))
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        self.setFocusProxy(self.search_field)

    @property
    def words(self) -> tuple[str, ...]:
        """What is searched for."""
        return self.hit_model.words

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What has all of the words, best first."""
        return self.hit_model.hits

    def mark(self, page: Page) -> None:
        """Show which page is read, without telling anyone."""
        with QSignalBlocker(self.page_list.selectionModel()):
            self.page_list.setCurrentIndex(self.page_model.index_of(page))
        self.page_list.scrollTo(self.page_model.index_of(page))  # of itself it does so by a signal alone
        self.page_list.viewport().update()

    def empty_search(self) -> bool:
        """Forget the words and give the list of pages back; tells whether there were any."""
        had_words = bool(self.search_field.text())
        self.search_field.clear()
        return had_words

    def _make_search_field(self) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText("Search help")
        field.setAccessibleName("Search help")
        mark = QAction(field)
        self._theme.bind_icon(mark, "magnifying-glass", "text_3", 14)
        field.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        field.textChanged.connect(lambda _text: self._renew())
        field.returnPressed.connect(lambda: self._go_to_first())
        field.installEventFilter(self)
        return field

    def _make_nothing_found(self) -> QWidget:
        made = QWidget()
        clear = button(self._theme, "Empty the search")
        clear.clicked.connect(lambda: self.search_field.clear())
        column = QVBoxLayout(made)
        margin = self._theme.px(8)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(margin)
        column.addWidget(label("Nothing found", Role.HEADING))
        column.addWidget(
            label("No section has all of these words. Fewer words find more.", Role.SECONDARY, wrap=True)
        )
        column.addWidget(clear, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return made

    def _renew(self) -> None:
        query = self.search_field.text()
        words = words_of(query)
        self.hit_model.show_hits(search(self._pages, query), words)
        shown: QWidget = self.page_list
        if words:
            shown = self.hit_list if self.hits else self.nothing_found
        self._stack.setCurrentWidget(shown)
        self.searched.emit()

    def _go_to_first(self) -> None:
        if self.hits:
            self.hit_list.setCurrentIndex(self.hit_model.index(0))

    def _on_page_chosen(self, current: QModelIndex) -> None:
        page = self.page_model.page_at(current) if current.isValid() else None
        if page is not None:
            self.page_chosen.emit(page.name)

    def _on_hit_chosen(self, current: QModelIndex) -> None:
        if current.isValid():
            self.hit_chosen.emit(self.hits[current.row()])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go on by Down from the search field into what it found."""
        is_press = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if is_press and event.key() == Qt.Key.Key_Down and self.hits:  # type: ignore[attr-defined]
            self.hit_list.setFocus(Qt.FocusReason.TabFocusReason)
            if not self.hit_list.currentIndex().isValid():
                self._go_to_first()
            return True
        return super().eventFilter(watched, event)


def _make_list(name: str) -> QListView:
    made = QListView()
    made.setAccessibleName(name)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    return made
