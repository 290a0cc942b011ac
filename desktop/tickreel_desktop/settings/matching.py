"""What is searched for, and where it stands in a text."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

_BREAK = "\u200b"


def search_words(text: str) -> tuple[str, ...]:
    """Part what was typed into the words that must all occur."""
    return tuple(text.casefold().split())


def matches(words: Sequence[str], texts: Sequence[str]) -> bool:
    """Tell whether every word occurs in one of the texts."""
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in words)


def breakable(text: str) -> str:
    """Let a path or a key break over lines, which it otherwise does nowhere."""
    return re.sub(r"([/\\._])", rf"\1{_BREAK}", text)


class MatchLabel(QLabel):
    """A label in which the words searched for are marked."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        role: Role | None = None,
        *,
        breaks: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(breakable(text) if breaks else text, parent)
        self._breaks = breaks
        self._theme = theme
        self._text = text
        self._words: tuple[str, ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        if role is not None:
            set_role(self, role)
        theme.changed.connect(self._show)

    def mark(self, words: tuple[str, ...]) -> None:
        """Mark these words; none marks nothing."""
        if words != self._words:
            self._words = words
            self._show()

    def _shown(self, text: str) -> str:
        return breakable(text) if self._breaks else text

    def _show(self) -> None:
        pattern = "|".join(map(re.escape, sorted(self._words, key=len, reverse=True)))
        if not pattern or not re.search(pattern, self._text, re.IGNORECASE):
            self.setTextFormat(Qt.TextFormat.PlainText)
            self.setText(self._shown(self._text))
            return
        tokens = self._theme.tokens
        look = f"background-color: {tokens.accent_bg}; color: {tokens.accent}; text-decoration: underline"
        pieces = re.split(f"({pattern})", self._text, flags=re.IGNORECASE)
        marked = [
            f'<span style="{look}">{escape(self._shown(piece))}</span>'
            if at % 2
            else escape(self._shown(piece))
            for at, piece in enumerate(pieces)
        ]
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText("".join(marked))
