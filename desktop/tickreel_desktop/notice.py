"""Says what a start has to say that ends without a window, in whatever way there is.

A program of a windowed bundle, and one that a desktop started, has no terminal, and on Windows not
even streams: what is written there is read by nobody.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

if TYPE_CHECKING:
    from typing import TextIO

_UNSEEN = ("offscreen", "minimal")
"""Platforms of Qt that show nothing to anybody."""


def say(text: str) -> None:
    """Write a line where one reads what a program gives, if there is such a place."""
    _write(sys.stdout, text)


def tell_failure(problem: str, *, by_dialog: bool) -> None:
    """Tell why there is no window; *by_dialog* as well, where there is a display and no terminal.

    The dialog has a loop of its own: that of the program does not run, or no more.
    """
    _write(sys.stderr, f"tickreel-desktop: {problem}")
    if not by_dialog or _is_terminal(sys.stderr) or not _is_seen():
        return
    # A program has one application, and it may be there already; it lives as long as it is held.
    app = QApplication.instance() or QApplication([sys.argv[0]])
    box = QMessageBox(QMessageBox.Icon.Critical, "Tickreel", problem)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    box.exec()
    box.deleteLater()
    del app


def has_display() -> bool:
    """Tell whether Qt will find a screen; without one it would end the process by abort."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _is_seen() -> bool:
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return has_display() and platform not in _UNSEEN


def _is_terminal(stream: TextIO | None) -> bool:
    with suppress(ValueError):  # it is closed
        return stream is not None and stream.isatty()
    return False


def _write(stream: TextIO | None, line: str) -> None:
    if stream is not None:
        with suppress(OSError, ValueError):  # nobody holds its other end any more, or it is closed
            stream.write(f"{line}\n")
            stream.flush()
