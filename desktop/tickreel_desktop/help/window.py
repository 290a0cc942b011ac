"""The help window: what there is to read at the left, the page at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from tickreel_desktop.components import ElidedLabel, label, tool_button
from tickreel_desktop.components.announce import announce
from tickreel_desktop.components.key_cap import spelled_keys
from tickreel_desktop.help.contents import Contents
from tickreel_desktop.help.history import History, Place
from tickreel_desktop.help.page_view import PageView
from tickreel_desktop.help.pages import is_web, link_words, place_of, target_of
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.help.pages import Page
    from tickreel_desktop.help.search import Hit

_SIZE_PX = (1120, 760)
_SMALLEST_PX = (640, 400)
_CONTENTS_WIDTH_PX = 268
_SEARCH, _NEXT, _BACK = "Ctrl+F", "F3", "Alt+Left"


class HelpWindow(QFrame):
    """Read the pages of help. A window of its own that does not block the others; it begins without a page.

    *open_url* takes what leads out of the program; it is Qt's way to the system's browser.
    """

    def __init__(
        self,
        theme: Theme,
        pages: Sequence[Page],
        *,
        open_url: Callable[[QUrl], bool] = QDesktopServices.openUrl,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self._open_url = open_url
        self._pages = {page.name: page for page in pages}
        self._history = History()
        self.setObjectName("help")
        set_role(self, Role.PANEL)
        self.setMinimumSize(*(theme.px(side) for side in _SMALLEST_PX))
        self.resize(*(theme.px(side) for side in _SIZE_PX))
        self.contents = Contents(theme, list(self._pages.values()))
        self.view = PageView(theme)
        self.back_button = tool_button(theme, "caret-left", "Back")
        self.forward_button = tool_button(theme, "caret-right", "Forward")
        self.previous_button = tool_button(theme, "caret-up", "Previous match")
        self.next_button = tool_button(theme, "caret-down", "Next match")
        self._caption = ElidedLabel("")
        self._count = label("", Role.CAPTION)
        self._status = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        self._lay_out()
        self._connect()
        self._add_keys()
        self.contents.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self._pages[self._history.here.name]

    def status(self) -> str:
        """Give the line below the page: where a link leads, or what was done."""
        return self._status.text()

    def match_words(self) -> str:
        """Give what is said of the search on this page."""
        return self._count.text()

    def open_page(self, name: str, anchor: str = "") -> None:
        """Show a page, and remember where one was; KeyError for a page that is not there."""
        page = self._pages[name]
        self._history.leave_at(self.view.verticalScrollBar().value())
        self._history.go(Place(page.name, anchor))
        self._show_here()

    def come_forward(self) -> None:
        """Be seen, and have the keyboard."""
        self.show()
        self.raise_()
        self.activateWindow()

    def prepare_page(self, name: str) -> None:
        """Dress the page that :meth:`open_page` is to show, a turn of the event loop before."""
        self.view.prepare(self._pages[name])

    def open_context(self, context: str) -> None:
        """Show what belongs to a part of the main window; the first page for a part without one."""
        self.open_page(*place_of(context))

    def go_back(self) -> None:
        """Show what was shown before."""
        self._travel(-1)

    def go_forward(self) -> None:
        """Undo going back."""
        self._travel(1)

    def find_next(self) -> None:
        """Go to the next occurrence of what is searched for, over the pages that have it."""
        self._find(1)

    def find_previous(self) -> None:
        """Go to the occurrence before."""
        self._find(-1)

    def _lay_out(self) -> None:
        px = self._theme.px
        bar = QFrame()
        set_role(bar, Role.BAR)
        bar.setFixedHeight(px(40))
        row = QHBoxLayout(bar)
        row.setContentsMargins(px(12), 0, px(12), 0)
        row.setSpacing(px(4))
        set_role(self._caption, Role.CAPTION)
        row.addWidget(self.back_button)
        row.addWidget(self.forward_button)
        row.addSpacing(px(6))
        row.addWidget(self._caption, 1)
        row.addWidget(self._count)
        row.addSpacing(px(4))
        row.addWidget(self.previous_button)
        row.addWidget(self.next_button)
        foot = QFrame()
        set_role(foot, Role.FOOT)
        foot.setFixedHeight(px(26))
        foot_row = QHBoxLayout(foot)
        foot_row.setContentsMargins(px(12), 0, px(12), 0)
        set_role(self._status, Role.CAPTION)
        foot_row.addWidget(self._status)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.view, 1)
        column.addWidget(foot)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        self.contents.setMinimumWidth(px(180))
        splitter.addWidget(self.contents)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([px(_CONTENTS_WIDTH_PX), px(_SIZE_PX[0] - _CONTENTS_WIDTH_PX)])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _connect(self) -> None:
        self.contents.page_chosen.connect(self.open_page)
        self.contents.hit_chosen.connect(self._on_hit_chosen)
        self.contents.searched.connect(self._on_searched)
        self.back_button.clicked.connect(self.go_back)
        self.forward_button.clicked.connect(self.go_forward)
        self.previous_button.clicked.connect(self.find_previous)
        self.next_button.clicked.connect(self.find_next)
        self.view.link_activated.connect(self._on_link)
        self.view.link_reached.connect(self._on_link_reached)
        self.view.code_copied.connect(self._on_code_copied)

    def _add_keys(self) -> None:
        keys: tuple[tuple[str, Callable[[], object]], ...] = (
            (_NEXT, self.find_next),
            ("Shift+F3", self.find_previous),
            (_BACK, self.go_back),
            ("Alt+Right", self.go_forward),
            (_SEARCH, self._on_find_wanted),
            ("Esc", self._on_escape),
            ("Ctrl+W", self.close),
        )
        for key, do in keys:
            QShortcut(QKeySequence(key), self).activated.connect(do)
        for each, key in (
            (self.back_button, "Alt+Left"),
            (self.forward_button, "Alt+Right"),
            (self.previous_button, "Shift+F3"),
            (self.next_button, "F3"),
        ):
            each.setToolTip(f"{each.text()} ({spelled_keys(key)})")

    def _travel(self, step: int) -> None:
        self._history.leave_at(self.view.verticalScrollBar().value())
        if self._history.step(step):
            self._show_here()

    def _show_here(self) -> None:
        here, page = self._history.here, self.page
        self.view.show_page(page, here.anchor)
        if here.top_px is not None:
            self.view.verticalScrollBar().setValue(here.top_px)
        self.setWindowTitle(f"{page.title} - Tickreel help")
        self._caption.setText(f"{page.group} > {page.title}")
        self._status.setText(_hint())
        self.back_button.setEnabled(self._history.has(-1))
        self.forward_button.setEnabled(self._history.has(1))
        self.contents.mark(page)
        self._renew_count()

    def _renew_count(self) -> None:
        count, current = self.view.match_count, self.view.current_match
        if not self.contents.words:
            text = ""
        elif not count:
            text = "not on this page"
        else:
            text = f"{count} on this page" if current < 0 else f"{current + 1} of {count} on this page"
        self._count.setText(text)
        for each in (self.previous_button, self.next_button):
            each.setVisible(bool(self.contents.hits))

    def _find(self, step: int) -> None:
        names = list(dict.fromkeys(hit.page.name for hit in self.contents.hits))
        if not names:
            return
        here = self.page.name
        wanted = self.view.current_match + step
        if here not in names or not 0 <= wanted < self.view.match_count:
            # On to the next page that has the words; after the last comes the first.
            at = names.index(here) if here in names else min(0, -step)
            name = names[(at + step) % len(names)]
            if name != here:
                self.open_page(name)
            wanted = 0 if step > 0 else self.view.match_count - 1
        self.view.go_to_match(wanted)
        self._renew_count()

    def _on_searched(self) -> None:
        self.view.highlight(self.contents.words)
        self._renew_count()

    def _on_hit_chosen(self, hit: Hit) -> None:
        self.open_page(hit.page.name, hit.anchor)
        if self.view.current_match + 1 < self.view.match_count:
            self.find_next()

    def _on_link(self, href: str) -> None:
        if is_web(href):
            if not self._open_url(QUrl(href)):
                self._say(f"The system opened no browser for {href}")
            return
        name, anchor = target_of(href, self.page.name)
        if name in self._pages:
            self.open_page(name, anchor)
        else:
            self._say(f"There is no page {href}")

    def _on_link_reached(self, href: str) -> None:
        self._status.setText(link_words(href) if href else _hint())

    def _on_code_copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        lines = text.count("\n") + 1
        self._say("Copied 1 line" if lines == 1 else f"Copied {lines} lines")

    def _say(self, text: str) -> None:
        self._status.setText(text)
        announce(self._status, text)

    def _on_find_wanted(self) -> None:
        self.contents.search_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.contents.search_field.selectAll()

    def _on_escape(self) -> None:
        if not self.contents.empty_search():
            self.close()


def _hint() -> str:
    search, following, back = map(spelled_keys, (_SEARCH, _NEXT, _BACK))
    return f"{search} searches, {following} goes to the next match, {back} goes back"
