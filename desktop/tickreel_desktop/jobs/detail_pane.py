"""All of one job or message, with what can be done about it as real buttons."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.components import (
    ButtonKind,
    ElidedLabel,
    IconLabel,
    Tone,
    button,
    label,
    tool_button,
)
from tickreel_desktop.jobs.parts import PartTable
from tickreel_desktop.theme import ColourName, Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton

    from tickreel_desktop.jobs.row import JobPart
    from tickreel_resources import IconName

_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


@dataclass(frozen=True, slots=True)
class Detail:
    """What the pane shows."""

    icon: IconName
    colour: ColourName
    title: str
    text: str
    is_error: bool
    facts: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...]
    """Key and text of each button."""
    parts: tuple[JobPart, ...] = ()
    place: Path | None = None

    def as_text(self) -> str:
        """Write all of it down for the clipboard."""
        lines = [self.title, self.text, *(f"{caption}: {value}" for caption, value in self.facts)]
        for part in self.parts:
            told = (part.name, part.state_words, part.size, part.tries, part.reason)
            kept = f"kept: {part.evidence}" if part.evidence is not None else ""
            lines.append("  ".join(filter(None, (*told, kept))))
        return "\n".join(filter(None, lines))


class DetailPane(QFrame):
    """Show one thing; hidden while nothing is opened."""

    closed = Signal()
    chosen = Signal(str)
    """Key of a button that was pressed."""
    reveal_requested = Signal(Path)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self._detail: Detail | None = None
        self._icon = IconLabel(theme, "info", "text_2", 14)
        self._title = ElidedLabel()
        set_role(self._title, Role.SECTION)
        copy = tool_button(theme, "copy", "Copy details", size=14)
        copy.clicked.connect(lambda: self.copy())
        close = tool_button(theme, "x", "Close the details", size=14)
        close.clicked.connect(lambda: self.closed.emit())
        head = QFrame()
        set_role(head, Role.DIALOG_HEAD)
        head.setFixedHeight(theme.px(26))
        head_row = QHBoxLayout(head)
        head_row.setContentsMargins(theme.px(12), 0, theme.px(4), 1)
        head_row.setSpacing(theme.px(8))
        head_row.addWidget(self._icon)
        head_row.addWidget(self._title, 1)
        head_row.addWidget(copy)
        head_row.addWidget(close)
        self._text = label("", wrap=True)
        self._text.setTextInteractionFlags(_SELECTABLE)
        self._text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._text.setAccessibleName("What it is at, or why it failed")
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(theme.px(12))
        self._facts.setVerticalSpacing(theme.px(4))
        self._facts.setColumnStretch(1, 1)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.px(8))
        self.parts = PartTable(theme)
        body = QFrame()
        set_role(body, Role.PANEL)
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(10))
        column.setSpacing(theme.px(8))
        column.addWidget(self._text)
        column.addLayout(self._buttons)
        column.addLayout(self._facts)
        column.addWidget(self.parts, 1)
        column.addStretch(0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(area, 1)
        self.parts.row_opened.connect(lambda _row: self._reveal())

    def show_detail(self, detail: Detail) -> None:
        """Show something else, or the same as it stands now; what did not change keeps its selection."""
        before, self._detail = self._detail, detail
        if detail == before:
            return
        self.setAccessibleName(f"Details: {detail.title}")
        self._icon.set_icon(detail.icon, detail.colour)
        self._title.setText(detail.title)
        if self._text.text() != detail.text:
            self._text.setText(detail.text)
            self._text.setAccessibleName(detail.text or "Nothing to say")
        self._text.setVisible(bool(detail.text))
        set_style_property(self._text, "tone", str(Tone.ERROR if detail.is_error else Tone.NEUTRAL))
        if before is None or before.facts != detail.facts:
            self._show_facts(detail.facts)
        if before is None or (before.choices, before.place) != (detail.choices, detail.place):
            self._show_choices(detail)
        self.parts.show_parts(detail.parts)

    def copy(self) -> None:
        """Put all of it on the clipboard as text."""
        if self._detail is not None:
            QGuiApplication.clipboard().setText(self._detail.as_text())

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        _empty(self._facts)
        for row, (caption, value) in enumerate(facts):
            name = label(caption, Role.SECONDARY)
            shown = label(value, wrap=True)
            shown.setTextInteractionFlags(_SELECTABLE)
            shown.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            shown.setAccessibleName(f"{caption}: {value}")
            self._facts.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(shown, row, 1)

    def _show_choices(self, detail: Detail) -> None:
        focused = QApplication.focusWidget()
        had_focus = focused.accessibleName() if focused is not None and self.isAncestorOf(focused) else ""
        _empty(self._buttons)
        made = []
        for key, text in detail.choices:
            choice = self._button(text, f"{text}: {detail.title}")
            choice.clicked.connect(lambda _on=False, key=key: self.chosen.emit(key))
            made.append(choice)
        if detail.place is not None:
            reveal = self._button("Show in folder", f"Show {detail.place.name} in its folder")
            reveal.clicked.connect(lambda: self._reveal())
            made.append(reveal)
        for each in made:
            self._buttons.addWidget(each)
            if each.accessibleName() == had_focus:
                each.setFocus(Qt.FocusReason.OtherFocusReason)
        self._buttons.addStretch(1)

    def _button(self, text: str, name: str) -> QPushButton:
        made = button(self._theme, text, ButtonKind.PLAIN)
        made.setAccessibleName(name)
        return made

    def _reveal(self) -> None:
        part = self.parts.selected_part()
        place = part.evidence if part is not None and part.evidence is not None else None
        if place is None and self._detail is not None:
            place = self._detail.place
        if place is not None:
            self.reveal_requested.emit(place)


def _empty(layout: QGridLayout | QHBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
