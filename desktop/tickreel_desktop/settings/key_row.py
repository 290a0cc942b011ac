"""The row of a key: that there is one and where it is kept, never what it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import isValid

from tickreel.errors import TickreelError
from tickreel.keys import (
    KeyName,
    KeyOrigin,
    delete_key,
    find_key,
    forget_for_session,
    keep_for_session,
    keyring_name,
    set_key,
)
from tickreel_desktop.components import ButtonKind, IconLabel, button, label
from tickreel_desktop.components.sentences import capital, sentence
from tickreel_desktop.settings.fields import SizedField, chain_tab_order, controls_of
from tickreel_desktop.settings.form_row import FormRow
from tickreel_desktop.settings.key_entry import KeyEntry
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName

_DOTS = "\u2022" * 12


@dataclass(frozen=True, slots=True)
class KeyState:
    """What may be shown of a key."""

    origin: KeyOrigin
    ending: str
    store: str | None
    """The system's store of passwords; None where there is none."""


def read_key_state(name: KeyName, environ: Mapping[str, str], host: str = "") -> KeyState:
    """Look for a key and forget it again; the store may take its time, so not on the UI thread."""
    key = find_key(name, environ, host=host)
    return KeyState(key.origin, key.ending, keyring_name())


class KeyRow(FormRow):
    """Show a key by its last characters; replace, delete and test it."""

    key_changed = Signal(str)
    """There is another key of this name now, or none."""

    def __init__(
        self,
        theme: Theme,
        name: KeyName,
        *,
        section: str,
        title: str,
        explanation: str,
        tasks: Tasks,
        environ: Mapping[str, str],
        test_key: Callable[[], Awaitable[str]] | None = None,
        host: Callable[[], str] = str,
        noun: str = "key",
    ) -> None:
        """Show the key of *name*, that of the host which *host* gives where it gives one.

        *noun* is what it is called in sentences.
        """
        super().__init__(theme, section, title, explanation, name.variable, ("secret", "keyring", "password"))
        self._name = name
        self._tasks = tasks
        self._environ = environ
        self._test_key = test_key
        self._host = host
        self._shown_host = ""
        self._noun = noun
        self._state: KeyState | None = None
        self.entry: KeyEntry | None = None
        self.field = SizedField(theme.px(200))
        self.field.setReadOnly(True)
        self.field.setPlaceholderText(f"No {noun}")
        self.set_button = button(theme, f"Add {noun}")
        self.set_button.clicked.connect(lambda: self._open_entry())
        self.delete_button = button(theme, "Delete")
        self.delete_button.setAccessibleName(f"Delete {title}")
        self.delete_button.clicked.connect(lambda: self._ask_to_delete(is_asking=True))
        self.test_button = button(theme, "Test")
        self.test_button.setAccessibleName(f"Test {title}")
        self.test_button.clicked.connect(lambda: self._tasks.start(self._test(), "test key"))
        for each in (self.field, self.set_button, self.delete_button, self.test_button):
            self.controls.addWidget(each)
        self.controls.addStretch(1)
        self._question = self._make_question()
        self.middle.insertWidget(1, self._question)
        self._verdict = QWidget()
        verdict = QHBoxLayout(self._verdict)
        verdict.setContentsMargins(0, 0, 0, 0)
        verdict.setSpacing(theme.px(6))
        self._verdict_icon = IconLabel(theme, "check", "good", 14)
        self._verdict_text = label("", Role.CAPTION, wrap=True)
        verdict.addWidget(self._verdict_icon, 0, Qt.AlignmentFlag.AlignTop)
        verdict.addWidget(self._verdict_text, 1)
        self.middle.insertWidget(2, self._verdict)
        self._verdict.hide()
        self.set_source("")
        self._show_state(None)

    def _make_question(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(8))
        row.addWidget(label("Tickreel keeps no copy of it.", Role.SECONDARY, wrap=True), 1)
        self.keep_button = button(self._theme, "Leave it")
        self.keep_button.clicked.connect(lambda: self._ask_to_delete(is_asking=False))
        self.confirm_button = button(self._theme, f"Delete the {self._noun}", ButtonKind.DANGER)
        self.confirm_button.clicked.connect(lambda: self._tasks.start(self._delete(), "delete key"))
        row.addWidget(self.keep_button)
        row.addWidget(self.confirm_button)
        box.hide()
        return box

    def refresh(self) -> None:
        """Look for the key again."""
        self._tasks.start(self._refresh(), "look for a key")

    def verdict(self) -> str:
        """Give what the last test came to."""
        return self._verdict_text.text()

    async def _refresh(self) -> None:
        host = self._host()
        state = await asyncio.to_thread(read_key_state, self._name, self._environ, host)
        if isValid(self) and host == self._host():
            self._shown_host = host
            self._show_state(state)

    def _show_state(self, state: KeyState | None) -> None:
        if state != self._state:
            self._verdict.hide()
        self._state = state
        origin = KeyOrigin.NONE if state is None else state.origin
        has_key = origin is not KeyOrigin.NONE
        is_ours = origin in (KeyOrigin.SESSION, KeyOrigin.KEYRING)
        ending = "" if state is None else state.ending
        self.field.setText(f"{_DOTS} {ending}".strip() if has_key else "")
        spoken = f"ends in {ending}" if ending else "there is one" if has_key else "none"
        self.field.setAccessibleName(f"{self.title}: {spoken}")
        self.set_button.setText("Replace" if is_ours else f"Add {self._noun}")
        self.set_button.setAccessibleName(f"Replace {self.title}" if is_ours else f"Add {self.title}")
        self.set_button.setVisible(state is not None and origin is not KeyOrigin.ENVIRONMENT)
        self.delete_button.setVisible(is_ours)
        self.test_button.setVisible(has_key and self._test_key is not None)
        self.tag.setVisible(state is not None)
        self.set_source("none" if origin is KeyOrigin.NONE else origin.value)
        self.set_note("" if state is None else self._told(state))

    def _told(self, state: KeyState) -> str:
        match state.origin:
            case KeyOrigin.ENVIRONMENT:
                told = f"From the environment variable {self._name.variable}, which stands above all else."
                return f"{told} Unset it to change the {self._noun} here."
            case KeyOrigin.SESSION:
                return "In the memory of this program only; forgotten when Tickreel closes."
            case KeyOrigin.KEYRING:
                return f"Kept in {state.store}{self._for_whom()}."
        if state.store is None:
            return (
                f"This machine has no keyring: a {self._noun} is kept for this session, or comes from the "
                "environment."
            )
        return f"A {self._noun} is kept in {state.store}{self._for_whom()}."

    def _for_whom(self) -> str:
        host = self._shown_host
        return f", for {host} alone" if host else ""

    def _open_entry(self) -> None:
        if self.entry is not None or self._state is None:
            return
        self._ask_to_delete(is_asking=False)
        self.set_problem("")
        self.entry = KeyEntry(self._theme, self.title, self._name, self._state.store, noun=self._noun)
        self.entry.kept.connect(self._on_kept)
        self.entry.cancelled.connect(self._close_entry)
        self.middle.insertWidget(1, self.entry)
        self._verdict.hide()
        self.set_note("")
        self.set_button.setEnabled(False)
        chain_tab_order([self.set_button, *controls_of(self.entry), self.delete_button])
        self.entry.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_entry(self) -> None:
        if self.entry is not None:
            entry, self.entry = self.entry, None
            entry.field.clear()
            entry.hide()
            entry.deleteLater()
            self.set_note("" if self._state is None else self._told(self._state))
            self.set_button.setEnabled(True)
            self.set_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_kept(self, secret: str, for_session: bool) -> None:
        self._tasks.start(self._keep(secret, for_session=for_session), "keep key")

    async def _keep(self, secret: str, *, for_session: bool) -> None:
        try:
            keep = keep_for_session if for_session else set_key
            await asyncio.to_thread(keep, self._name, secret, host=self._shown_host)
        except TickreelError as error:
            self.set_problem(sentence(str(error)))
            return
        self._close_entry()
        await self._tell_changed()

    def _ask_to_delete(self, *, is_asking: bool) -> None:
        self._question.setVisible(is_asking)
        self.delete_button.setEnabled(not is_asking)
        if is_asking:
            self.keep_button.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _delete(self) -> None:
        self._ask_to_delete(is_asking=False)
        is_session = self._state is not None and self._state.origin is KeyOrigin.SESSION
        try:
            forget = forget_for_session if is_session else delete_key
            await asyncio.to_thread(forget, self._name, host=self._shown_host)
        except TickreelError as error:
            self.set_problem(sentence(str(error)))
            return
        await self._tell_changed()

    async def _tell_changed(self) -> None:
        self.set_problem("")
        await self._refresh()
        self.key_changed.emit(self._name.value)

    async def _test(self) -> None:
        if self._test_key is None:
            return
        self.test_button.setEnabled(False)
        self._show_verdict("clock", "text_2", "Asking the vendor…")
        try:
            self._show_verdict("check", "good", await self._test_key())
        except TickreelError as error:
            self._show_verdict("x-circle", "error", capital(str(error)))
        except Exception:
            self._verdict.hide()
            raise
        finally:
            self.test_button.setEnabled(True)

    def _show_verdict(self, icon: IconName, colour: ColourName, text: str) -> None:
        self._verdict_icon.set_icon(icon, colour)
        self._verdict_text.setText(text)
        self._verdict.show()
