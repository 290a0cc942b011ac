"""Whether the user wants less to move: asked by the few things that move without the data moving them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from tickreel_desktop.theme.systemmotion import wants_less_motion

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

_REDUCED = "reducedMotion"
_OWN = "ownReducedMotion"
"""What the user has set, or None."""
_SYSTEM = "systemReducedMotion"
"""What the system has told of its own accord, or None."""


def reduce_motion(is_reduced: bool | None) -> None:
    """Let nothing move from now on but the data itself, or let it move; None does as the system wishes."""
    app = QApplication.instance()
    if app is not None:
        app.setProperty(_OWN, is_reduced)
        _renew(app)


def heed_system(is_less: bool) -> None:
    """Take note that the system wishes for less motion, or no longer does; what the user set stands above."""
    app = QApplication.instance()
    if app is not None:
        app.setProperty(_SYSTEM, is_less)
        _renew(app)


def is_motion_reduced() -> bool:
    """Tell what the user wants."""
    app = QApplication.instance()
    return app is not None and bool(app.property(_REDUCED))


def _renew(app: QCoreApplication) -> None:
    own, told = app.property(_OWN), app.property(_SYSTEM)
    if own is None:
        own = wants_less_motion() if told is None else told
    app.setProperty(_REDUCED, bool(own))
