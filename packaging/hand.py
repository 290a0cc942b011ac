"""The hand of a journey: it clicks, presses and types in a real window, and counts what it did."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

_MOST_TABS = 60


class Hand:
    """Acts and counts."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def _note(self, words: str) -> None:
        self.steps.append(words)
        print(f"{len(self.steps):>3}  {words}", flush=True)

    def see(self, words: str, *, is_so: bool) -> None:
        """Look at something that must be so."""
        if not is_so:
            raise SystemExit(f"     this cannot be seen: {words}")
        print(f"     {words}", flush=True)

    def type(self, text: str) -> None:
        """Type a word where the keyboard is."""
        self._note(f"type {text}")
        for letter in text:
            QTest.keyClicks(_focus(), letter)

    def press(
        self, words: str, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        """Press a key where the keyboard is."""
        self._note(f"press {words}")
        QTest.keyClick(_focus(), key, modifier)

    def tab_to(self, widget: QWidget) -> None:
        """Go on by Tab until the keyboard is somewhere."""
        for _ in range(_MOST_TABS):
            if QApplication.focusWidget() is widget:
                return
            self.press("Tab", Qt.Key.Key_Tab)
        raise SystemExit("     Tab does not lead there")

    def click(self, words: str, widget: QWidget, place: QPoint | None = None) -> None:
        """Click something that is in view."""
        self._note(f"click {words}")
        at = widget.rect().center() if place is None else place
        if not (widget.isVisible() and widget.isEnabled() and not widget.visibleRegion().isEmpty()):
            raise SystemExit(f"     it cannot be clicked: {words}")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at)


def _focus() -> QWidget:
    found = QApplication.focusWidget()
    if found is None:
        raise SystemExit("     the keyboard is nowhere")
    return found
