"""All of one record: the lines that its row has no room for, as text that can be selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from tickreel.settings import LogLevel
from tickreel_desktop.components import ElidedLabel, Tag, Tone, tool_button
from tickreel_desktop.log.records import LEVEL_WORDS, LogRow
from tickreel_desktop.theme import FontRole, Role, Theme, set_role
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel_desktop.zone import DisplayZone

_HEAD_PX = 28
_TONES: Mapping[LogLevel, Tone] = {LogLevel.WARNING: Tone.WARNING, LogLevel.ERROR: Tone.ERROR}


class RecordDetail(QFrame):
    """Show a record that has more than one line, or one that is too long for its row."""

    closed = Signal()
    copy_requested = Signal()

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._zone = zone
        self._row: LogRow | None = None
        zone.changed.connect(self._renew_origin)
        self._level = Tag("")
        self._origin = ElidedLabel("")
        set_role(self._origin, Role.CAPTION)
        copy = tool_button(theme, "copy", "Copy the record")
        copy.clicked.connect(lambda: self.copy_requested.emit())
        close = tool_button(theme, "x", "Close the record")
        close.clicked.connect(lambda: self.closed.emit())
        head = QFrame()
        set_role(head, Role.DOCK_TITLE)
        head.setFixedHeight(theme.px(_HEAD_PX))
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.px(8), 0, theme.px(4), 1)
        row.setSpacing(theme.px(8))
        row.addWidget(self._level)
        row.addWidget(self._origin, 1)
        row.addWidget(copy)
        row.addWidget(close)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Text of the record")
        self.text.setReadOnly(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setFont(theme.font(FontRole.MONO))
        self.text.setTabChangesFocus(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        body = QHBoxLayout()
        body.setContentsMargins(theme.px(8), theme.px(6), theme.px(8), theme.px(8))
        body.addWidget(self.text)
        column.addLayout(body, 1)

    def show_row(self, row: LogRow) -> None:
        """Show a record from its start."""
        self._level.set_state(LEVEL_WORDS[row.level], _TONES.get(row.level, Tone.NEUTRAL))
        self._row = row
        self._renew_origin()
        wraps = QPlainTextEdit.LineWrapMode.WidgetWidth
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap if row.more_lines else wraps)
        self.text.setPlainText(row.entry.text)

    def _renew_origin(self) -> None:
        if self._row is not None:
            entry = self._row.entry
            self._origin.setText(f"{moment_text(self._zone.zone, entry.time_us, 3)}, {entry.logger}")
