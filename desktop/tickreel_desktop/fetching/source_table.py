"""The small table of where the days come from, and the facts below it: labels that are kept and filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, button, label
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.fetching.facts import Fact
    from tickreel_desktop.fetching.words import SourceRow
    from tickreel_desktop.theme import Theme

_HEADS = ("Where from", "Days", "Transfer", "Time")
_ROW_PX, _COLUMN_PX = 24, 82
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Row(QFrame):
    """Four labels over a line."""

    def __init__(self, theme: Theme, role: Role | None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(theme.px(8), 0, theme.px(8), 0)
        row.setSpacing(theme.px(8))
        self.labels = [label("", role) for _ in _HEADS]
        for place, each in enumerate(self.labels):
            row.addWidget(each, 1 if place == 0 else 0)
            if place:
                each.setFixedWidth(theme.px(_COLUMN_PX))
                each.setAlignment(_RIGHT)
        column.addLayout(row, 1)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedHeight(1)
        column.addWidget(line)
        self.setFixedHeight(theme.px(_ROW_PX))

    def show_texts(self, texts: Sequence[str]) -> None:
        """Show these."""
        for each, text in zip(self.labels, texts, strict=True):
            each.setText(text)
        self.setAccessibleName(", ".join(filter(None, texts)))


class SourceTable(QWidget):
    """Show rows of where from, days, transfer and time."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        head = _Row(theme, Role.LABEL)
        head.show_texts(_HEADS)
        self._column.addWidget(head)
        self.setAccessibleName("Where the days come from")

    def show_rows(self, rows: Sequence[SourceRow]) -> None:
        """Show these rows."""
        while len(self._rows) < len(rows):
            made = _Row(self._theme, None)
            self._rows.append(made)
            self._column.addWidget(made)
        for place, each in enumerate(self._rows):
            each.setVisible(place < len(rows))
            if place < len(rows):
                row = rows[place]
                each.show_texts((row.name, row.days, row.transfer, row.time))

    def texts(self) -> list[tuple[str, ...]]:
        """Give what is shown."""
        return [tuple(each.text() for each in row.labels) for row in self._rows if not row.isHidden()]


class FactList(QWidget):
    """Show captions and what they say, some with a page of the settings that helps."""

    link_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: list[tuple[QLabel, QLabel, QPushButton]] = []
        self._links: list[str] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(12))
        self._grid.setVerticalSpacing(theme.px(5))
        self._grid.setColumnMinimumWidth(0, theme.px(96))
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts."""
        while len(self._lines) < len(facts):
            self._add_line()
        self._links = [fact.link for fact in facts]
        for place, line in enumerate(self._lines):
            is_shown = place < len(facts)
            for widget in line:
                widget.setVisible(is_shown)
            if not is_shown:
                continue
            fact, (caption, text, link) = facts[place], line
            caption.setText(fact.caption)
            text.setText(fact.text)
            text.setAccessibleName(f"{fact.caption}: {fact.text}")
            set_style_property(text, "tone", str(fact.tone))
            link.setText(fact.link_text)
            link.setVisible(bool(fact.link))

    def texts(self) -> dict[str, str]:
        """Give what is shown, by its caption."""
        return {caption.text(): text.text() for caption, text, _ in self._lines if not caption.isHidden()}

    def link(self, caption: str) -> QPushButton:
        """Find the button beside a fact; raises KeyError."""
        for shown, _, found in self._lines:
            if shown.text() == caption and not found.isHidden():
                return found
        raise KeyError(caption)

    def _add_line(self) -> None:
        place = len(self._lines)
        caption, text = label("", Role.SECONDARY), label("", wrap=True)
        link = button(self._theme, "", ButtonKind.FLAT)
        link.clicked.connect(lambda: self.link_wanted.emit(self._links[place]))
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(caption, place, 0, top)
        self._grid.addWidget(text, place, 1, top)
        self._grid.addWidget(link, place, 2, top)
        self._lines.append((caption, text, link))
