"""The page as it is read: dressed text, its links, and the words that were searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from tickreel_desktop.help.document import PageDocument, fit_prose, make_document, widest_px
from tickreel_desktop.help.pages import COPY_SCHEME
from tickreel_desktop.help.search import find_spans
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.help.pages import Page


class PageView(QTextBrowser):
    """Show one page; links are told, never followed by the view itself."""

    link_activated = Signal(str)
    """A link to a page or a site was chosen: its target as it stands in the page."""
    code_copied = Signal(str)
    """A piece of code is wanted in the clipboard."""
    link_reached = Signal(str)
    """The pointer or the keyboard is at a link; empty when at none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._page: Page | None = None
        self._shown = PageDocument(self.document())
        self._prepared: tuple[Page, int, PageDocument] | None = None
        self._words: Sequence[str] = ()
        self._matches: list[tuple[int, int]] = []
        self._current = -1
        set_role(self, Role.PAGE)
        self.setAccessibleName("Page of help")
        self.setOpenLinks(False)
        # Names of functions stay whole; a line of code that is too long can be scrolled to.
        self.setWordWrapMode(QTextOption.WrapMode.WordWrap)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        # A bar that came with the text would leave it less room, and have it laid out a second time.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.anchorClicked.connect(self._on_anchor_clicked)
        self.highlighted.connect(self._on_highlighted)
        theme.changed.connect(self._on_theme_changed)

    @property
    def match_count(self) -> int:
        """How often the searched words stand on the page."""
        return len(self._matches)

    @property
    def current_match(self) -> int:
        """Which of them was gone to; -1 for none yet."""
        return self._current

    def prepare(self, page: Page) -> None:
        """Dress a page that is to be shown next: of a long one that alone is a handler's work."""
        width_px = self._width_px()
        self._prepared = page, width_px, make_document(self._theme, page.markdown, width_px)

    def show_page(self, page: Page, anchor: str = "") -> None:
        """Show a page from its start, or from one of its headings."""
        if page is not self._page:
            self._page = page
            self._make_document()
        position = self._shown.anchors.get(anchor, 0)
        self._scroll_to(position)
        self._current = sum(1 for start, _ in self._matches if start < position) - 1
        self._renew_marks()

    def highlight(self, words: Sequence[str]) -> None:
        """Mark every occurrence of the words; none when there are none."""
        self._words = words
        self._find_matches()

    def go_to_match(self, index: int) -> None:
        """Make one occurrence the current one and bring it into view."""
        self._current = index
        start, _ = self._matches[index]
        top = self._top_of(start)
        bar = self.verticalScrollBar()
        if not bar.value() <= top <= bar.value() + self.viewport().height() - self._theme.px(40):
            bar.setValue(top - self.viewport().height() // 3)
        self._renew_marks()

    def _make_document(self) -> None:
        assert self._page is not None  # only called once there is one
        prepared, self._prepared = self._prepared, None
        if prepared is not None and prepared[:2] == (self._page, self._width_px()):
            self._shown = prepared[2]
        else:
            self._shown = make_document(self._theme, self._page.markdown, self._width_px())
        self.setDocument(self._shown.document)
        # WORKAROUND Qt sets the scroll bar while tables are not laid out yet, as wide as they might
        # get, and leaves it so. Asking for the size ends the layout, setting the width the scroll bar.
        self.document().documentLayout().documentSize()
        self.setLineWrapColumnOrWidth(self._width_px())
        self._find_matches()

    def _width_px(self) -> int:
        return min(widest_px(self._theme), self.viewport().width())

    def _fit(self) -> None:
        width_px = self._width_px()
        if width_px != self.lineWrapColumnOrWidth():
            self.setLineWrapColumnOrWidth(width_px)
            fit_prose(self._theme, self.document(), width_px)

    def _find_matches(self) -> None:
        text = self.document().toRawText().replace("\u2029", "\n")
        self._matches = find_spans(text, self._words)
        self._current = -1
        self._renew_marks()

    def _renew_marks(self) -> None:
        marks = []
        for index, (start, end) in enumerate(self._matches):
            mark = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            is_current = index == self._current
            look.setBackground(self._theme.colour("accent" if is_current else "selected"))
            look.setForeground(self._theme.colour("on_accent" if is_current else "text"))
            mark.cursor = cursor
            mark.format = look
            marks.append(mark)
        self.setExtraSelections(marks)

    def _scroll_to(self, position: int) -> None:
        self.verticalScrollBar().setValue(self._top_of(position) - self._theme.px(12) if position else 0)

    def _top_of(self, position: int) -> int:
        document = self.document()
        block = document.findBlock(position)
        rect = document.documentLayout().blockBoundingRect(block)
        line = block.layout().lineForTextPosition(position - block.position())
        return round(rect.top() + (line.y() if line.isValid() else 0))

    def _on_anchor_clicked(self, url: QUrl) -> None:
        href = url.toString()
        if url.scheme() == COPY_SCHEME:
            self.code_copied.emit(self._shown.codes[int(url.path())])
        else:
            self.link_activated.emit(href)

    def _on_highlighted(self, url: QUrl) -> None:
        self.link_reached.emit(url.toString())

    def _on_theme_changed(self) -> None:
        """Dress the page anew and stay where it is read."""
        self._prepared = None
        if self._page is not None:
            top, current = self.verticalScrollBar().value(), self._current
            self._make_document()
            self.verticalScrollBar().setValue(top)
            self._current = current
            self._renew_marks()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the text the width there is, up to its widest."""
        super().resizeEvent(event)
        self._fit()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Go to the next link, and tell where it leads; Qt tells it of the pointer only."""
        is_here = super().focusNextPrevChild(next)
        cursor = self.textCursor()
        if is_here and cursor.hasSelection():
            self.link_reached.emit(cursor.charFormat().anchorHref())
        return is_here
