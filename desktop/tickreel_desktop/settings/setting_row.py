"""The row of one setting: its control, or why it cannot be changed here."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from tickreel.settings import Setting, Settings, Source, text_of, value_of
from tickreel_desktop.components import Tone, tool_button
from tickreel_desktop.settings.editors import make_editor
from tickreel_desktop.settings.fields import FixedField
from tickreel_desktop.settings.form_row import FormRow

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent

    from tickreel.settings import LoadedSettings
    from tickreel_desktop.theme import Theme
    from tickreel_resources import IconName

_FIXED_WIDTH_PX = 300
_RESTART = "Takes effect at the next start."
_MARKS: dict[Source, IconName] = {
    Source.POLICY: "lock-simple",
    Source.ENVIRONMENT: "terminal-window",
    Source.FLAG: "terminal-window",
}
"""What stands above the user's file, so that the file is of no use to change."""


class SettingRow(FormRow):
    """Show one setting and let it be changed where that has an effect."""

    chosen = Signal(str, object)
    """Key and value that the user chose."""
    reset_requested = Signal(str)
    """The default shall hold again for this key."""

    def __init__(self, theme: Theme, setting: Setting) -> None:
        explanation = f"{setting.explanation} {_RESTART}" if setting.needs_restart else setting.explanation
        words = (setting.environment, *(word for _, word in setting.words))
        super().__init__(theme, setting.section, setting.title, explanation, setting.key, words)
        self.setting = setting
        self._loaded: LoadedSettings | None = None
        self.editor = make_editor(theme, setting)
        self.editor.setEnabled(False)
        self.editor.chosen.connect(lambda value: self.chosen.emit(setting.key, value))
        self.editor.refused.connect(self._on_refused)
        self.fixed = FixedField(theme, theme.px(_FIXED_WIDTH_PX))
        self.fixed.setAccessibleName(f"{self.editor.control.accessibleName()}, fixed")
        self.fixed.hide()
        default = text_of(setting, value_of(Settings(), setting.key))
        self.reset_button = tool_button(
            theme, "arrow-counter-clockwise", f"Reset {setting.title} to {default}", size=14
        )
        self.reset_button.clicked.connect(lambda: self.reset_requested.emit(setting.key))
        self.reset_button.hide()
        self.controls.addWidget(self.editor)
        self.controls.addWidget(self.fixed)
        self.controls.addWidget(self.reset_button)
        self.controls.addStretch(1)

    @property
    def can_reset(self) -> bool:
        """Tell whether there is a value of the user's own that holds."""
        return self._loaded is not None and self._loaded.origin(self.key).source is Source.FILE

    def show_settings(self, loaded: LoadedSettings) -> None:
        """Show the value that holds and where it comes from."""
        self._loaded = loaded
        value = value_of(loaded.values, self.key)
        origin = loaded.origin(self.key)
        self.is_locked = loaded.is_locked(self.key)
        is_fixed = origin.source in _MARKS
        self.set_source(origin.source.words, Tone.WARNING if self.is_locked else Tone.NEUTRAL, origin.where)
        self.set_note(self._reason(loaded) if is_fixed else "")
        if is_fixed:
            self.fixed.show_value(text_of(self.setting, value), _MARKS[origin.source])
            self.fixed.setAccessibleDescription(self.note())
            self.set_problem("")
        else:
            self.editor.show_value(value)
        self.editor.setEnabled(not is_fixed)
        self.editor.setVisible(not is_fixed)
        self.fixed.setVisible(is_fixed)
        self.reset_button.setVisible(self.can_reset)

    def show_failure(self, reason: str) -> None:
        """Say that what was chosen is not saved, and show what still holds."""
        if self._loaded is not None:
            self.show_settings(self._loaded)
        self.set_problem(f"Not saved: {reason}.")

    def take_focus(self) -> None:
        """Have the keyboard at the control, or at the value that is fixed."""
        chosen = self.fixed if self.fixed.isVisibleTo(self) else self.editor
        chosen.setFocus(Qt.FocusReason.OtherFocusReason)

    def take(self) -> None:
        """Take what is being typed."""
        if self.editor.isEnabled():
            self.editor.take()

    def command(self) -> str:
        """Give the command line that sets what the user's file says, or takes it out again."""
        own = None if self._loaded is None else self._loaded.own.get(self.key)
        if own is None:
            return f"tickreel settings unset {self.key}"
        return f"tickreel settings set {self.key} {quote(str(to_builtins(own)))}"

    def _on_refused(self, problem: str) -> None:
        if problem and self._loaded is not None:
            kept = text_of(self.setting, value_of(self._loaded.values, self.key))
            problem = f"{problem[0].upper()}{problem[1:]}. {kept} still holds."
        self.set_problem(problem)

    def _reason(self, loaded: LoadedSettings) -> str:
        origin = loaded.origin(self.key)
        match origin.source:
            case Source.POLICY:
                reason = loaded.reasons.get(self.key)
                told = f"Locked by the machine's policy {origin.where}{f': “{reason}”' if reason else ''}."
            case Source.ENVIRONMENT:
                told = f"Set by the environment variable {origin.where}; unset it to change this here."
            case _:
                told = "Set on the command line, for this run."
        own = self._own(loaded)
        return f"{told} Your value {own} is kept but not used." if own else told

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def _own(self, loaded: LoadedSettings) -> str:
        own: Any = loaded.own.get(self.key)
        return "" if own is None else text_of(self.setting, own)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the key and the command line to copy."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy key").triggered.connect(lambda: self._copy(self.key))
        menu.addAction("Copy as command").triggered.connect(lambda: self._copy(self.command()))
        menu.popup(event.globalPos())
