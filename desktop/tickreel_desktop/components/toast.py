"""Messages that come unasked, at the upper right of a window, and are kept afterwards."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components.announce import announce
from tickreel_desktop.components.buttons import button, tool_button
from tickreel_desktop.components.countdown import Countdown, TimerCountdown
from tickreel_desktop.components.icon_label import IconLabel
from tickreel_desktop.components.labels import label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QEnterEvent

    from tickreel_desktop.theme import ColourName
    from tickreel_resources import IconName

WIDTH_PX = 470
MOST_AT_ONCE = 3
_MARGIN_PX = 12
_GAP_PX = 8


class ToastKind(StrEnum):
    """Name how a message is meant, which decides how long it stays."""

    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


_LOOKS: dict[ToastKind, tuple[IconName, ColourName]] = {
    ToastKind.GOOD: ("check-circle", "good"),
    ToastKind.WARNING: ("warning", "warning"),
    ToastKind.ERROR: ("x-circle", "error"),
}
_STAYS_MS: dict[ToastKind, int | None] = {
    ToastKind.GOOD: 6_000,
    ToastKind.WARNING: 12_000,
    ToastKind.ERROR: None,
}


@dataclass(frozen=True, slots=True)
class Message:
    """Keep what was said."""

    kind: ToastKind
    heading: str
    text: str = ""
    time_us: int = field(default_factory=lambda: time.time_ns() // 1000, compare=False)
    """When it was said, in microseconds since 1970."""


def _always() -> bool:
    return True


class MessageAction(NamedTuple):
    """What can be done about a message, as long as it makes sense; once."""

    text: str
    run: Callable[[], None]
    is_valid: Callable[[], bool] = _always


class KeptMessage:
    """A message that was said, and what can still be done about it."""

    def __init__(self, message: Message, actions: Sequence[MessageAction]) -> None:
        self.message = message
        self._actions = tuple(actions)

    def actions(self) -> tuple[MessageAction, ...]:
        """List what can be done now; nothing any more once something was."""
        return tuple(action for action in self._actions if action.is_valid())

    def run(self, action: MessageAction) -> None:
        """Do something about it, if it is not too late."""
        if action in self.actions():
            self._actions = ()
            action.run()


class Toast(QFrame):
    """Show one message; the pointer over it or the focus in it stops its clock."""

    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        kept: KeptMessage,
        countdown: Countdown,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._kept = kept
        self.message = message = kept.message
        self._countdown = countdown
        self._is_held = False
        set_role(self, Role.TOAST)
        self.setProperty("kind", str(message.kind))
        self.setAccessibleName(f"{message.heading}. {message.text}")
        self.setFixedWidth(theme.px(WIDTH_PX))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(9), theme.px(8), theme.px(10))
        row.setSpacing(theme.px(10))
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(IconLabel(theme, *_LOOKS[message.kind]), 0, top)
        column = QVBoxLayout()
        column.setSpacing(theme.px(2))
        column.addWidget(label(message.heading, Role.SECTION, wrap=True))
        if message.text:
            column.addWidget(label(message.text, Role.SECONDARY, wrap=True))
        if actions := kept.actions():
            column.addSpacing(theme.px(6))
            column.addLayout(self._make_actions(theme, actions))
        row.addLayout(column, 1)
        close = tool_button(theme, "x", "Close the message", size=14)
        close.clicked.connect(self.close_message)
        row.addWidget(close, 0, top)
        for each in self.findChildren(QWidget):
            each.installEventFilter(self)
        stays_ms = _STAYS_MS[message.kind]
        if stays_ms is not None:
            countdown.start(stays_ms, self.close_message)

    def close_message(self) -> None:
        """Take it from the screen; it stays among the messages."""
        self._countdown.stop()
        self.hide()
        self.closed.emit()

    def _make_actions(self, theme: Theme, actions: Sequence[MessageAction]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for action in actions:
            made = button(theme, action.text)
            made.clicked.connect(lambda checked=False, action=action: self._on_action(action))
            row.addWidget(made)
        row.addStretch(1)
        return row

    def _on_action(self, action: MessageAction) -> None:
        self.close_message()
        self._kept.run(action)

    def _hold_if_attended(self) -> None:
        focus = QApplication.focusWidget()
        attended = self.underMouse() or (focus is not None and self.isAncestorOf(focus))
        if attended and not self._is_held:
            self._countdown.hold()
        elif self._is_held and not attended:
            self._countdown.go_on()
        self._is_held = attended

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the focus coming and going inside."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._hold_if_attended()
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stop the clock while the pointer is here."""
        super().enterEvent(event)
        self._hold_if_attended()

    def leaveEvent(self, event: QEvent) -> None:
        """Let the clock go on."""
        super().leaveEvent(event)
        self._hold_if_attended()


class ToastHost(QObject):
    """Show the messages of one window, at most three, newest on top, and keep all of them."""

    shown = Signal(Message)
    kept_changed = Signal()
    """A message was added to those that are kept, or taken from them."""

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        *,
        top_px: int = 0,
        make_countdown: Callable[[QObject], Countdown] = TimerCountdown,
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._top_px = top_px
        self._make_countdown = make_countdown
        self._toasts: list[Toast] = []
        self._kept: list[KeptMessage] = []
        window.installEventFilter(self)

    def say(
        self, message: Message, actions: Sequence[MessageAction | tuple[str, Callable[[], None]]] = ()
    ) -> Toast:
        """Show a message with what can be done about it; an action also closes it."""
        kept = self._kept_as(message, actions)
        toast = Toast(self._theme, kept, self._make_countdown(self), self._window)
        toast.closed.connect(lambda: self._on_closed(toast))
        self._toasts.insert(0, toast)
        while len(self._toasts) > MOST_AT_ONCE:
            self._least_needed().close_message()
        # Before it is shown, so that it never lies under a pointer that is elsewhere, and again
        # after, when the style has given its words their size.
        self._place()
        toast.show()
        self._place()
        announce(toast, toast.accessibleName())
        self.shown.emit(message)
        self.kept_changed.emit()
        return toast

    def keep(self, message: Message, actions: Sequence[MessageAction] = ()) -> None:
        """Keep a message without showing it: the user sees already what it says."""
        self._kept_as(message, actions)
        self.kept_changed.emit()

    def _kept_as(
        self, message: Message, actions: Sequence[MessageAction | tuple[str, Callable[[], None]]]
    ) -> KeptMessage:
        kept = KeptMessage(message, [MessageAction(*action) for action in actions])
        self._kept.append(kept)
        return kept

    def history(self) -> tuple[Message, ...]:
        """Give all that was said and is kept, oldest first."""
        return tuple(kept.message for kept in self._kept)

    def kept(self) -> tuple[KeptMessage, ...]:
        """Give the messages that are kept, with what can still be done about them, oldest first."""
        return tuple(self._kept)

    def forget(self, gone: Sequence[KeptMessage]) -> None:
        """Keep these messages no longer; what is on screen stays there."""
        self._kept = [kept for kept in self._kept if kept not in gone]
        self.kept_changed.emit()

    def restore(self, back: Sequence[KeptMessage]) -> None:
        """Keep messages again that were forgotten."""
        self._kept = sorted([*back, *self._kept], key=lambda kept: kept.message.time_us)
        self.kept_changed.emit()

    def visible_messages(self) -> tuple[Message, ...]:
        """Give what is on screen, from the top."""
        return tuple(toast.message for toast in self._toasts)

    def _least_needed(self) -> Toast:
        """Choose the oldest that would have left by itself, or else the oldest."""
        older = self._toasts[1:]
        passing = [toast for toast in older if toast.message.kind is not ToastKind.ERROR]
        return (passing or older)[-1]

    def _on_closed(self, toast: Toast) -> None:
        self._toasts.remove(toast)
        toast.deleteLater()
        self._place()

    def _place(self) -> None:
        margin = self._theme.px(_MARGIN_PX)
        y = self._theme.px(self._top_px) + margin
        for toast in self._toasts:
            width = min(self._theme.px(WIDTH_PX), self._window.width() - 2 * margin)
            toast.setFixedWidth(max(width, self._theme.px(200)))
            toast.resize(toast.width(), toast.heightForWidth(toast.width()))
            toast.move(self._window.width() - toast.width() - margin, y)
            toast.raise_()
            y += toast.height() + self._theme.px(_GAP_PX)

    def keep_in_front(self) -> None:
        """Lie above whatever has been opened in the window since."""
        for toast in self._toasts:
            toast.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
