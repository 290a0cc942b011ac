"""One row of a page: title, control and explanation, and where the value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components import Tag, Tone, label
from tickreel_desktop.components.announce import announce
from tickreel_desktop.settings.matching import MatchLabel, breakable, matches
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

_TITLE_WIDTH_PX = 150
_SOURCE_WIDTH_PX = 184
_ANY_WIDTH_PX = 16_777_215  # what Qt takes for no limit


class FormRow(QFrame):
    """Lay a row out; what stands in its middle is up to those who fill it."""

    def __init__(
        self, theme: Theme, section: str, title: str, explanation: str, key: str, words: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self._theme = theme
        self._is_narrow = False
        self.section = section
        self.title = title
        self.key = key
        self.is_locked = False
        self._words = (title, explanation, key, *words)
        px = theme.px
        self._title = MatchLabel(theme, title, Role.SECTION)
        self._explanation = MatchLabel(theme, explanation, Role.CAPTION)
        self._note = label("", Role.CAPTION, wrap=True)
        self._problem = label("", Role.ERROR, wrap=True)
        self.tag = Tag("")
        self._key = MatchLabel(theme, key, Role.MONO, breaks=True)
        self._key.setProperty("quiet", True)
        self._key.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.controls = QHBoxLayout()
        self.controls.setSpacing(px(8))
        # Each part has its parent before it is filled: with another one all in it is dressed anew.
        self._center = QWidget(self)
        self._side = QWidget(self)
        self.middle = QVBoxLayout(self._center)
        self.middle.setSpacing(px(5))
        self.middle.addLayout(self.controls)
        for each in (self._problem, self._note, self._explanation):
            self.middle.addWidget(each)
        source = QVBoxLayout(self._side)
        source.setSpacing(px(4))
        source.addWidget(self.tag, 0, Qt.AlignmentFlag.AlignRight)
        source.addWidget(self._key)
        source.addStretch(1)
        source.setContentsMargins(0, px(3), 0, 0)
        self._side.setFixedWidth(px(_SOURCE_WIDTH_PX))
        self.middle.setContentsMargins(0, 0, 0, 0)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, px(14), 0, px(14))
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnStretch(1, 1)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._grid)
        column.addWidget(line)
        self.set_note("")
        self.set_problem("")
        self._place()

    def _place(self) -> None:
        top = Qt.AlignmentFlag.AlignTop
        px = self._theme.px
        for each in (self._title, self._center, self._side):
            self._grid.removeWidget(each)
        if self._is_narrow:
            self._title.setMinimumWidth(0)
            self._title.setMaximumWidth(_ANY_WIDTH_PX)
            self._grid.addWidget(self._title, 0, 0, 1, 2, top)
            self._grid.addWidget(self._side, 0, 2, top)
            self._grid.addWidget(self._center, 1, 0, 1, 3, top)
        else:
            self._title.setFixedWidth(px(_TITLE_WIDTH_PX))
            self._grid.addWidget(self._title, 0, 0, top)
            self._grid.addWidget(self._center, 0, 1, top)
            self._grid.addWidget(self._side, 0, 2, top)
        self._title.setContentsMargins(0, 0 if self._is_narrow else px(5), 0, 0)

    def set_narrow(self, is_narrow: bool) -> None:
        """Put the control below the title where there is no room beside it."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._place()

    def matches(self, words: tuple[str, ...]) -> bool:
        """Tell whether the row is meant by what was searched for."""
        return matches(words, self._words)

    def mark(self, words: tuple[str, ...]) -> None:
        """Mark what was searched for."""
        for each in (self._title, self._explanation, self._key):
            each.mark(words)

    def note(self) -> str:
        """Give what is said of where the value comes from."""
        return self._note.text().replace("\u200b", "")

    def problem(self) -> str:
        """Give what is wrong; empty when nothing is."""
        return self._problem.text()

    def set_note(self, text: str) -> None:
        """Say something of where the value comes from."""
        self._note.setText(breakable(text))
        self._note.setVisible(bool(text))

    def set_problem(self, text: str) -> None:
        """Say what is wrong, aloud too."""
        is_new = text != self._problem.text()
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        if text and is_new and self.isVisible():
            announce(self, f"{self.title}: {text}")

    def set_source(self, text: str, tone: Tone = Tone.NEUTRAL, tool_tip: str = "") -> None:
        """Say where the value comes from."""
        self.tag.set_state(text, tone)
        self.tag.setToolTip(tool_tip)
