"""Tells the user what went well and what went wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from tickreel.errors import TickreelError
from tickreel_desktop.components import Message, MessageAction, ToastKind
from tickreel_desktop.components.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.components import ToastHost
    from tickreel_desktop.crash import CrashReporter


class Teller(QObject):
    """Tell by messages at the upper right of the window; what nobody foresaw has a dialog of its own."""

    explanation_wanted = Signal(object)
    """What Help has of this kind of :class:`TickreelError` is to be shown."""

    def __init__(self, toasts: ToastHost, crashes: CrashReporter) -> None:
        super().__init__(toasts)
        self._toasts = toasts
        self._crashes = crashes

    def error(self, error: BaseException) -> None:
        """Tell of something that went wrong."""
        if isinstance(error, TickreelError):
            message = Message(ToastKind.ERROR, "That did not work", sentence(str(error)))
            explain = partial(self.explanation_wanted.emit, type(error))
            self._toasts.say(message, (MessageAction("What it means", explain),))
        else:
            self._crashes.report(error)

    def say(self, message: Message, actions: Sequence[MessageAction] = ()) -> None:
        """Tell something that was put into words elsewhere."""
        self._toasts.say(message, actions)

    def keep(self, message: Message, actions: Sequence[MessageAction] = ()) -> None:
        """Keep what the user sees already, without telling it once more."""
        self._toasts.keep(message, actions)

    def good(self, heading: str, text: str = "") -> None:
        """Tell of something that was done."""
        self._toasts.say(Message(ToastKind.GOOD, heading, text))

    def warning(self, heading: str, text: str) -> None:
        """Tell of something that needs attention, once however often it is told."""
        message = Message(ToastKind.WARNING, heading, text)
        if all(kept.message != message for kept in self._toasts.kept()):
            self._toasts.say(message)

    def copied(self, heading: str, text: str | None) -> None:
        """Put a text on the clipboard, and say so; None is nothing to copy."""
        if text is not None:
            QGuiApplication.clipboard().setText(text)
            self.good(heading, text)
