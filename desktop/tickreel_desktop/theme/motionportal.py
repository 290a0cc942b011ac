"""What a free desktop says of motion by its portal, where GNOME keeps its own switch as well.

The answer comes when it comes: nobody waits for a service. Without a session bus, or a portal on it,
nothing is ever said, and files are all there is (:mod:`tickreel_desktop.theme.systemmotion`).
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant

_SERVICE = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Settings"
_REDUCED = ("org.freedesktop.appearance", "reduced-motion")
"""1 asks for less motion, 0 says nothing."""
_ANIMATED = ("org.gnome.desktop.interface", "enable-animations")
"""GNOME's switch, which its portal hands on also where it does not know the other."""
_LONGEST_MS = 5_000


class MotionPortal(QObject):
    """Ask once, and hear of every change from then on."""

    told = Signal(bool)
    """The desktop wants less motion, or wants none of that any more."""

    def __init__(self, bus: QDBusConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._said: dict[tuple[str, str], bool] = {}
        self._told: bool | None = None

    def begin(self) -> None:
        """Ask, if there is anybody to be asked."""
        if not self._bus.isConnected():
            return
        # What SLOT makes is text by its type and nothing else to Qt: bytes, as the stub has it, are refused.
        slot: Any = SLOT("_on_changed(QDBusMessage)")
        self._bus.connect(_SERVICE, _PATH, _INTERFACE, "SettingChanged", self, slot)
        for setting in (_REDUCED, _ANIMATED):
            question = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, "Read")
            question.setArguments(list(setting))
            watcher = QDBusPendingCallWatcher(self._bus.asyncCall(question, _LONGEST_MS), self)
            watcher.finished.connect(lambda _, of=setting, by=watcher: self._on_answered(of, by))

    def _on_answered(self, setting: tuple[str, str], watcher: QDBusPendingCallWatcher) -> None:
        watcher.deleteLater()
        if not watcher.isError():
            answer = watcher.reply().arguments()
            self._take(setting, answer[0] if answer else None)

    @Slot(QDBusMessage)
    def _on_changed(self, told: QDBusMessage) -> None:
        match told.arguments():
            case [str(area), str(name), value]:
                self._take((area, name), value)

    def _take(self, setting: tuple[str, str], value: object) -> None:
        while isinstance(value, QDBusVariant):  # older portals wrap it twice
            value = value.variant()
        match setting, value:
            case (found, int()) if found == _REDUCED and not isinstance(value, bool):
                self._said[found] = value == 1
            case (found, bool()) if found == _ANIMATED:
                self._said[found] = not value
            case _:
                return
        is_less = any(self._said.values())
        if is_less != self._told:
            self._told = is_less
            self.told.emit(is_less)
