"""What will happen: the sentence, the strip, the table, and what else matters before the start."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tickreel_desktop.components import Banner, BannerKind, EmptyState, Tone, label
from tickreel_desktop.components.announce import announce
from tickreel_desktop.fetching.facts import facts
from tickreel_desktop.fetching.source_table import FactList, SourceTable
from tickreel_desktop.fetching.strip import CoverageStrip
from tickreel_desktop.fetching.words import Piece, fate_counts, sentence, source_rows
from tickreel_desktop.theme import FontRole, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.fetching.preview import Preview
    from tickreel_desktop.theme import Theme

_HINT = "You then see how many days are here already, how many must be fetched, and what that takes."
_NOTHING_PX = 220


class Sentence(QLabel):
    """A sentence with some words in bold or in a colour."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._pieces: tuple[Piece, ...] = ()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setFont(theme.font(FontRole.TITLE, QFont.Weight.Normal))
        theme.changed.connect(self._renew)

    def plain(self) -> str:
        """Give the words alone."""
        return "".join(piece.text for piece in self._pieces)

    def say(self, pieces: Sequence[Piece], *, quietly: bool = False) -> None:
        """Say these pieces, aloud too where somebody listens."""
        if tuple(pieces) == self._pieces:
            return
        self._pieces = tuple(pieces)
        self.setAccessibleName(self.plain())
        self._renew()
        if self.isVisible() and not quietly:
            announce(self, self.plain())

    def _renew(self) -> None:
        self.setText("".join(map(self._html, self._pieces)))

    def _html(self, piece: Piece) -> str:
        words = escape(piece.text)
        if piece.is_strong:
            words = f"<b>{words}</b>"
        if piece.tone is Tone.WARNING:
            words = f'<span style="color: {self._theme.tokens.warning}">{words}</span>'
        return words


class Outcome(QWidget):
    """Show a preview, or why there is none."""

    settings_wanted = Signal(str)
    """A page of the settings helps."""
    again_wanted = Signal()
    """The vendor is to be asked once more."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = Sentence(theme)
        self.strip = CoverageStrip(theme)
        self.table = SourceTable(theme)
        self.facts = FactList(theme)
        self.offline = Banner(theme, BannerKind.WARNING, "", icon="wifi-slash", action="Ask again")
        self.refusal = Banner(theme, BannerKind.ERROR, "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        self._nothing = EmptyState(theme, "cloud-arrow-down", "", "")
        self._nothing.setMinimumHeight(theme.px(_NOTHING_PX))
        column.addWidget(label("What will happen", Role.SECTION))
        column.addWidget(self._nothing)
        column.addWidget(self.sentence)
        for widget in (self.refusal, self.offline, self.strip, self.table, self.facts):
            column.addWidget(widget)
        self.facts.link_wanted.connect(self.settings_wanted)
        self.offline.action_triggered.connect(lambda: self.again_wanted.emit())
        self.clear("")

    def show_preview(self, preview: Preview) -> None:
        """Show what would come of it."""
        self.sentence.say(sentence(preview), quietly=not preview.is_final)
        self.strip.show_counts(fate_counts(preview))
        self.table.show_rows(source_rows(preview))
        self.facts.show_facts(facts(preview))
        problem = preview.problem
        told = f"The vendor cannot be asked: {problem}. The list read before is used." if problem else ""
        self._show_banners(told, "")
        self._show_figures(is_shown=True)

    def clear(self, missing: str) -> None:
        """Show that something is to be filled in first."""
        self.sentence.say((), quietly=True)
        self._nothing.set_text(missing, _HINT)
        self._show_banners("", "")
        self._show_figures(is_shown=False)
        self.sentence.hide()
        self._nothing.show()

    def refuse(self, problem: str) -> None:
        """Show why nothing can come of it."""
        self.sentence.say((Piece("This cannot be planned as it is."),))
        self._show_banners("", f"{problem[:1].upper()}{problem[1:]}")
        self._show_figures(is_shown=False)

    def _show_banners(self, offline: str, refusal: str) -> None:
        for banner, text in ((self.offline, offline), (self.refusal, refusal)):
            banner.set_text(text)
            banner.setVisible(bool(text))

    def _show_figures(self, *, is_shown: bool) -> None:
        self._nothing.hide()
        self.sentence.show()
        for widget in (self.strip, self.table, self.facts):
            widget.setVisible(is_shown)
