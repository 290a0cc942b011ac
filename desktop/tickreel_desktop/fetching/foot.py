"""The foot of the dialog: what was sent so far, why it cannot be fetched, and the buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, ElidedLabel, IconLabel, button, label
from tickreel_desktop.fetching.words import fetch_text, queued
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.fetching.preview import Preview
    from tickreel_desktop.theme import Theme

_UNTOUCHED = "Nothing has been sent yet."
_LISTS_ONLY = "Only the vendor's lists were asked for; no day is requested yet."


class FetchFoot(QFrame):
    """Hold the buttons, and the reason beside them while they are off."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.DIALOG_FOOT)
        self._sent = ElidedLabel(_UNTOUCHED)
        set_role(self._sent, Role.CAPTION)
        self._icon = IconLabel(theme, "info", "text_3", 14)
        self._reason = label("", Role.CAPTION)
        self.cancel_button = button(theme, "Cancel")
        self.pause_button = button(theme, "Add to queue, paused")
        self.fetch_button = button(theme, "Fetch", ButtonKind.PRIMARY)
        self.fetch_button.setDefault(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        row.setSpacing(theme.px(8))
        row.addWidget(self._sent, 1)
        row.addWidget(self._icon)
        row.addWidget(self._reason)
        for each in (self.cancel_button, self.pause_button, self.fetch_button):
            row.addWidget(each)

    def reason(self) -> str:
        """Say why nothing can be fetched now; empty when it can."""
        return self._reason.text()

    def show_sent(self, *, has_asked: bool) -> None:
        """Say what was sent to the vendor so far."""
        self._sent.setText(_LISTS_ONLY if has_asked else _UNTOUCHED)

    def show_state(self, preview: Preview | None, reason: str) -> None:
        """Name what would be done, and why it cannot be, if that is so."""
        self._reason.setText(reason)
        self._icon.setVisible(bool(reason))
        is_possible = not reason and preview is not None
        self.fetch_button.setText(fetch_text(preview))
        self.fetch_button.setEnabled(is_possible)
        self.pause_button.setEnabled(is_possible and preview is not None and queued(preview) > 0)
        for each in (self.fetch_button, self.pause_button):
            each.setAccessibleDescription(reason)
