"""What would be sent, to the byte, with its price and what stays here, before anything is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel.analysis.prompt import encoded
from tickreel.market.units import format_full
from tickreel_desktop.analysis.preview_facts import PreviewFacts
from tickreel_desktop.analysis.preview_tables import make_figures_table, make_kept_table
from tickreel_desktop.analysis.spending import at_most
from tickreel_desktop.components import ButtonKind, ElidedLabel, button
from tickreel_desktop.theme import FontRole, Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.analysis.caller import Prepared
    from tickreel_desktop.theme import Theme

_SIZE_PX = (1040, 610)
_ROOM_PX = 40
_FACTS_PX = 340


class PreviewDialog(QDialog):
    """Show a request before it is sent; whoever opened it sends."""

    send_wanted = Signal()
    offline_wanted = Signal()
    part_removed = Signal(object)
    """A part was taken away: its :class:`Group`; another preview is wanted."""

    def __init__(
        self, theme: Theme, prepared: Prepared, *, shows_first: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("analysis.preview")
        self.setWindowTitle("Request preview")
        self.setAccessibleName("Request preview")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self._theme = theme
        self.prepared = prepared
        px = theme.px
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.body = QPlainTextEdit()
        self.body.setReadOnly(True)
        self.body.setFont(theme.font(FontRole.MONO))
        set_role(self.body, Role.CODE)
        self.body.setAccessibleName("The request as it is sent")
        self.body.setTabChangesFocus(True)
        self._about_bytes = ElidedLabel("")
        set_role(self._about_bytes, Role.CAPTION)
        self.copy_button = button(theme, "Copy the bytes", ButtonKind.LINK)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.sent_text()))
        self.facts = PreviewFacts(theme)
        self.facts.setFixedWidth(px(_FACTS_PX))
        self.facts.part_removed.connect(self.part_removed)
        self.shows_first = QCheckBox("Show this before the first call to a server")
        self.shows_first.setChecked(shows_first)
        self.cancel_button = button(theme, "Cancel")
        self.offline_button = button(theme, "Ask the offline analyst, free")
        self.send_button = button(theme, "Send", ButtonKind.PRIMARY)
        self.send_button.setDefault(True)
        self.cancel_button.clicked.connect(self.reject)
        self.offline_button.clicked.connect(self._on_offline)
        self.send_button.clicked.connect(self._on_send)
        self._lay_out()
        self._fit(parent)
        self.show_prepared(prepared)

    def _lay_out(self) -> None:
        px = self._theme.px
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.tabs, 1)
        below = QHBoxLayout()
        below.setContentsMargins(px(16), px(6), px(16), px(6))
        below.addWidget(self._about_bytes, 1)
        below.addWidget(self.copy_button)
        left.addLayout(below)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedWidth(1)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addLayout(left, 1)
        middle.addWidget(line)
        middle.addWidget(self.facts)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.setSpacing(px(8))
        row.addWidget(self.shows_first)
        row.addStretch(1)
        for each in (self.cancel_button, self.offline_button, self.send_button):
            row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addWidget(foot)

    def _fit(self, parent: QWidget | None) -> None:
        width, height = (self._theme.px(length) for length in _SIZE_PX)
        if parent is not None:
            room = self._theme.px(_ROOM_PX)
            width = min(width, parent.window().width() - room)
            height = min(height, parent.window().height() - room)
        self.resize(width, height)

    def sent_text(self) -> str:
        """Give the body, exactly as it is sent; empty where nothing is."""
        payload = self.prepared.preview.payload
        return "" if payload is None else encoded(payload).decode()

    def show_prepared(self, prepared: Prepared) -> None:
        """Show another request in the place of this one."""
        self.prepared = prepared
        preview = prepared.preview
        sent = self.sent_text()
        if preview.payload is None:
            self.body.setPlainText(
                "Nothing is sent: the offline analyst applies its rules to the figures, on this machine."
            )
            self._about_bytes.setText("0 bytes leave this machine")
        else:
            head = f"POST {preview.place}/chat/completions\nauthorization: {self._key_words()}\n\n"
            self.body.setPlainText(head + sent)
            self._about_bytes.setText(
                f"{format_full(len(sent.encode()))} bytes of body, to be seen under Exact bytes"
            )
        shown = self.tabs.currentIndex()
        self.tabs.clear()
        figures = make_figures_table(self._theme, prepared.snapshots)
        kept = make_kept_table(self._theme, preview.redactions)
        self.tabs.addTab(figures, f"Figures {figures.rowCount()}")
        self.tabs.addTab(self.body, "Exact bytes")
        self.tabs.addTab(kept, f"Kept here {kept.rowCount()}")
        self.tabs.setCurrentIndex(max(shown, 0))
        self.facts.show_prepared(prepared)
        self._name_buttons()

    def await_another(self) -> None:
        """Send nothing until another request is shown: this one is not what is wanted any more."""
        self.send_button.setEnabled(False)
        self.send_button.setToolTip("What would be sent is being measured again")

    def _key_words(self) -> str:
        return "Bearer (the key, never shown), where there is one"

    def _name_buttons(self) -> None:
        preview = self.prepared.preview
        worst = preview.worst_usd
        if preview.payload is None:
            self.send_button.setText("Analyse, free")
        elif preview.is_cached:
            self.send_button.setText("Show the answer, free")
        elif worst is not None:
            self.send_button.setText(f"Send, at most {at_most(worst)}" if worst else "Send, free")
        self.send_button.setEnabled(preview.refusal is None)
        self.send_button.setToolTip(preview.refusal or "")
        self.offline_button.setVisible(preview.payload is not None)
        self.shows_first.setVisible(preview.payload is not None)

    def _on_send(self) -> None:
        self.accept()
        self.send_wanted.emit()

    def _on_offline(self) -> None:
        self.accept()
        self.offline_wanted.emit()
