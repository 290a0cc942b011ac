"""The dialog that starts and ends serving, and shows who is being served."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPlainTextEdit, QSpinBox, QVBoxLayout, QWidget

from tickreel.market.units import format_bytes, format_count, format_full
from tickreel.server import DEFAULT_PORT
from tickreel_desktop.components import (
    ButtonKind,
    CommandLine,
    KeyValues,
    Segment,
    Segments,
    button,
    label,
)
from tickreel_desktop.components.announce import announce
from tickreel_desktop.serving.snippets import SNIPPETS, Example, snippet
from tickreel_desktop.theme import FontRole, Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel.server import Traffic

_SIZE_PX = (640, 540)
_HIGHEST_PORT = 65_534
_FIGURES = (
    "Clients now",
    "Messages a second",
    "Bytes a second",
    "Messages so far",
    "Answers ended",
    "Refused",
)
_LICENCE = (
    "Only programs on this machine are answered. Serving the vendor's data to others may break its licence."
)
_SHOWN = 4


class ServeState(StrEnum):
    """How the server stands."""

    OFF = "off"
    STARTING = "starting"
    ON = "on"
    ENDING = "ending"


_WORDS = {
    ServeState.OFF: "Not serving",
    ServeState.STARTING: "Starting",
    ServeState.ON: "Serving",
    ServeState.ENDING: "Telling clients that it ends",
}


class ServeDialog(QDialog):
    """Show how serving stands; whoever hears of its wishes starts and ends it."""

    start_wanted = Signal(int)
    """Serve at this port."""
    end_wanted = Signal()

    def __init__(self, theme: Theme, example: Example, parent: QWidget | None = None) -> None:
        """Take something that is held, for the snippets."""
        super().__init__(parent)
        self._theme = theme
        self._example = example
        self._state = ServeState.OFF
        self._address = ""
        self.setWindowTitle("Serve replays")
        self.setAccessibleName("Serve replays to programs that speak to tardis-machine")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(px(16), px(14), px(16), px(14))
        body.setSpacing(px(10))
        body.addLayout(self._make_head())
        self.address = CommandLine(theme)
        body.addWidget(self.address)
        self.figures = KeyValues(theme, _FIGURES)
        body.addWidget(self.figures)
        self.clients = label("", Role.SECONDARY, wrap=True)
        self.clients.setAccessibleName("Clients being served")
        body.addWidget(self.clients)
        body.addLayout(self._make_snippets(), 1)
        column.addLayout(body, 1)
        column.addWidget(self._make_foot())
        self.resize(px(_SIZE_PX[0]), px(_SIZE_PX[1]))
        self.show_state(ServeState.OFF)

    def _make_head(self) -> QHBoxLayout:
        self.status = label("", Role.SECTION)
        self.port = QSpinBox()
        self.port.setRange(1, _HIGHEST_PORT)
        self.port.setValue(DEFAULT_PORT)
        self.port.setAccessibleName("Port")
        self.port.setToolTip("HTTP and WebSocket; the next port is for WebSocket alone")
        self.toggle = button(self._theme, "Start serving", ButtonKind.PRIMARY)
        self.toggle.clicked.connect(self._on_toggled)
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        row.addWidget(self.status, 1)
        row.addWidget(label("Port", Role.SECONDARY))
        row.addWidget(self.port)
        row.addWidget(self.toggle)
        return row

    def _make_snippets(self) -> QVBoxLayout:
        theme = self._theme
        segments = [Segment(key, name) for key, name in SNIPPETS.items()]
        self.language = Segments(theme, "Language of the snippet", segments)
        self.language.chosen.connect(lambda _key: self._renew_snippet())
        self.snippet = QPlainTextEdit()
        self.copy_button = button(theme, "Copy", icon="copy")
        self.copy_button.clicked.connect(self._copy_snippet)
        self.snippet.setFont(theme.font(FontRole.MONO))
        self.snippet.setReadOnly(True)
        self.snippet.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.snippet.setTabChangesFocus(True)
        self.snippet.setAccessibleName("Snippet")
        row = QHBoxLayout()
        row.addWidget(self.language, 1)
        row.addWidget(self.copy_button)
        column = QVBoxLayout()
        column.setSpacing(theme.px(6))
        column.addLayout(row)
        column.addWidget(self.snippet, 1)
        return column

    def _make_foot(self) -> QFrame:
        px = self._theme.px
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        self._said = label(_LICENCE, Role.CAPTION, wrap=True)
        self.close_button = button(self._theme, "Close")
        self.close_button.setToolTip("Serving goes on")
        self.close_button.clicked.connect(self.reject)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.addWidget(self._said, 1)
        row.addWidget(self.close_button)
        return foot

    def said(self) -> str:
        """Give the line at the foot."""
        return self._said.text()

    def show_state(self, state: ServeState, address: str = "", problem: str = "") -> None:
        """Show how it stands, where it is reached, and what went wrong if anything did."""
        self._state = state
        self._address = address
        self.status.setText(_WORDS[state])
        self.address.set_command(address, address or "It has an address once it serves")
        self.port.setEnabled(state is ServeState.OFF)
        if (served := urlsplit(address).port) is not None:
            self.port.setValue(served)
        self.toggle.setEnabled(state in (ServeState.OFF, ServeState.ON))
        self.toggle.setText(
            "Start serving" if state in (ServeState.OFF, ServeState.STARTING) else "End serving"
        )
        self._said.setText(problem or _LICENCE)
        set_style_property(self._said, "tone", "error" if problem else "")
        announce(self.status, problem or _WORDS[state])
        self._renew_snippet()

    def show_traffic(self, traffic: Traffic | None, messages_per_s: float, bytes_per_s: float) -> None:
        """Show who is served and how fast; None while nobody can be."""
        if traffic is None:
            for figure in _FIGURES:
                self.figures.set_value(figure, "")
            self.clients.setText("")
            return
        self.figures.set_value("Clients now", format_full(len(traffic.clients)))
        self.figures.set_value("Messages a second", format_count(round(messages_per_s)))
        self.figures.set_value("Bytes a second", f"{format_bytes(round(bytes_per_s))}/s")
        self.figures.set_value("Messages so far", format_full(traffic.messages))
        self.figures.set_value("Answers ended", format_full(traffic.served))
        self.figures.set_value("Refused", format_full(traffic.refused))
        lines = [
            f"{client.address}  {client.asks}" + ("  waits for its reader" if client.is_waiting else "")
            for client in traffic.clients[:_SHOWN]
        ]
        more = len(traffic.clients) - _SHOWN
        self.clients.setText("\n".join([*lines, f"and {more} more"] if more > 0 else lines))

    def _renew_snippet(self) -> None:
        address = self._address or f"http://127.0.0.1:{self.port.value()}"
        self.snippet.setPlainText(snippet(self.language.value(), address, self._example))

    def _copy_snippet(self) -> None:
        QGuiApplication.clipboard().setText(self.snippet.toPlainText())

    def _on_toggled(self) -> None:
        if self._state is ServeState.OFF:
            self.start_wanted.emit(self.port.value())
        elif self._state is ServeState.ON:
            self.end_wanted.emit()
