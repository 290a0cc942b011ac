"""Tells the user what went well and what went wrong; what nobody foresaw also goes to the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from tickreel.errors import TickreelError
from tickreel_desktop.components import Message, ToastKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.components import ToastHost

_LOGGER = logging.getLogger(__name__)


class Teller(QObject):
    """Tell by messages at the upper right of the window."""

    was_unexpected = Signal(object)
    """An error that is a fault of Tickreel's own; it is in the log already."""

    def __init__(self, toasts: ToastHost) -> None:
        super().__init__()
        self._toasts = toasts

    def error(self, error: BaseException) -> None:
        """Tell of something that went wrong."""
        if isinstance(error, TickreelError):
            self._toasts.say(Message(ToastKind.ERROR, "That did not work", str(error)))
            return
        _LOGGER.error("unexpected", exc_info=error)
        self.was_unexpected.emit(error)

    def good(
        self, heading: str, text: str = "", actions: Sequence[tuple[str, Callable[[], None]]] = ()
    ) -> None:
        """Tell of something that was done."""
        self._toasts.say(Message(ToastKind.GOOD, heading, text), actions)

    def warning(
        self, heading: str, text: str = "", actions: Sequence[tuple[str, Callable[[], None]]] = ()
    ) -> None:
        """Tell of something that needs attention, once however often it is told."""
        message = Message(ToastKind.WARNING, heading, text)
        if all((old.heading, old.text) != (heading, text) for old in self._toasts.history()):
            self._toasts.say(message, actions)

    def copied(self, heading: str, text: str | None) -> None:
        """Put a text on the clipboard, and say so; None is nothing to copy."""
        if text is not None:
            QGuiApplication.clipboard().setText(text)
            self.good(heading, text)
