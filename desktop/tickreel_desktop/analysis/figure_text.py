"""Text of an analyst in which figures are links, as high as it needs to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QHelpEvent, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QToolTip, QWidget

from tickreel.analysis.figures import BY_ID
from tickreel_desktop.analysis.marking import FIGURE, ODD, marked, unchecked
from tickreel_desktop.theme import FontRole, Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tickreel.analysis import Check, Snapshot
    from tickreel_desktop.theme import Theme

_CARET = "▍"
_LINE_HEIGHT_PERCENT = 130
_NO_CHECK = None


class FigureText(QTextBrowser):
    """Show one text; a figure that is chosen is told by its id."""

    figure_chosen = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._markdown = ""
        self._check: Check | None = _NO_CHECK
        self._figures: Snapshot | None = None
        self.renders = 0
        """How often the text was set: what streams is set no more than twenty times a second."""
        set_role(self, Role.PAGE)
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.anchorClicked.connect(self._on_anchor)
        theme.changed.connect(self._render)

    def show_checked(self, text: str, check: Check, figures: Snapshot) -> None:
        """Show a text with its numbers as links to *figures*, and those without a source marked."""
        self._check, self._figures = check, figures
        self._set(marked(text, check))

    def show_unchecked(self, text: str, *, is_coming: bool = False) -> None:
        """Show a text whose numbers nobody has checked: one that is still coming, or a stale one."""
        self._check = self._figures = None
        self._set(unchecked(text) + (f" {_CARET}" if is_coming else ""))

    def note_of(self, link: str) -> str:
        """Say what a link stands for."""
        scheme, _, target = link.partition(":")
        if scheme == ODD and self._check is not None:
            claim = self._check.claims[int(target)]
            return f"{claim.text} has no source: {claim.note}"
        figure = BY_ID.get(target)
        if figure is None or self._figures is None:
            return ""
        value = self._figures.values[figure.id]
        told = "no value" if value is None else f"{value} {'' if isinstance(value, str) else figure.unit}"
        return f"{figure.id} {figure.name}: {told.strip()}\n{figure.definition}"

    def _set(self, markdown: str) -> None:
        if markdown != self._markdown:
            self._markdown = markdown
            self._render()

    def _render(self) -> None:
        self.renders += 1
        document = self.document()
        document.setDefaultFont(self._theme.font(FontRole.BODY))
        # Pictures, HTML and links of an answer are words: all that could be one is escaped before.
        features = QTextDocument.MarkdownFeature.MarkdownNoHTML
        document.setMarkdown(
            self._markdown, features | QTextDocument.MarkdownFeature.MarkdownDialectCommonMark
        )
        self._dress()
        self._fit()

    def _dress(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.Document)
        plain = QTextCharFormat()
        plain.setForeground(self._theme.colour("text"))
        cursor.mergeCharFormat(plain)
        height = cursor.blockFormat()
        height.setLineHeight(_LINE_HEIGHT_PERCENT, 1)  # proportional
        height.setTopMargin(0)
        height.setBottomMargin(self._theme.px(4))
        cursor.mergeBlockFormat(height)
        for start, length, link in self._links():
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            is_odd = link.startswith(f"{ODD}:")
            look.setForeground(self._theme.colour("warning" if is_odd else "accent"))
            underline = QTextCharFormat.UnderlineStyle
            look.setUnderlineStyle(underline.WaveUnderline if is_odd else underline.SingleUnderline)
            look.setUnderlineColor(self._theme.colour("warning" if is_odd else "accent"))
            cursor.mergeCharFormat(look)
        cursor.endEditBlock()

    def _links(self) -> list[tuple[int, int, str]]:
        found = []
        block = self.document().begin()
        while block.isValid():
            pieces = block.begin()
            while not pieces.atEnd():
                piece = pieces.fragment()
                if href := piece.charFormat().anchorHref():
                    found.append((piece.position(), piece.length(), href))
                pieces += 1
            block = block.next()
        return found

    def links(self) -> list[str]:
        """Give the targets of all links, from the first on."""
        return [link for _, _, link in self._links()]

    def _fit(self) -> None:
        self.document().setTextWidth(self.viewport().width())
        high = math.ceil(self.document().size().height()) + 1
        if high != self.height():
            self.setFixedHeight(high)

    def _on_anchor(self, url: QUrl) -> None:
        link = url.toString()
        if link.startswith(f"{FIGURE}:"):
            self.figure_chosen.emit(link.partition(":")[2])
        else:
            QToolTip.showText(self.mapToGlobal(self.cursorRect().bottomLeft()), self.note_of(link), self)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load nothing: an answer is text, and no file or address is read for it."""
        return None

    def sizeHint(self) -> QSize:
        """Ask for the height of the text."""
        return QSize(self._theme.px(200), self.height())

    def minimumSizeHint(self) -> QSize:
        """Need little width."""
        return QSize(self._theme.px(80), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the text at this width."""
        super().resizeEvent(event)
        self._fit()

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what a figure is where the pointer rests on it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.note_of(self.anchorAt(event.pos())), self)
            return True
        return super().viewportEvent(event)
