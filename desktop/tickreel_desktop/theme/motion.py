"""Whether the user wants less to move: asked by the few things that move without the data moving them."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from tickreel_desktop.theme.systemmotion import wants_less_motion

_PROPERTY = "reducedMotion"


def reduce_motion(is_reduced: bool | None) -> None:
    """Let nothing move from now on but the data itself, or let it move; None does as the system wishes."""
    app = QApplication.instance()
    if app is not None:
        app.setProperty(_PROPERTY, wants_less_motion() if is_reduced is None else is_reduced)


def is_motion_reduced() -> bool:
    """Tell what the user wants."""
    app = QApplication.instance()
    return app is not None and bool(app.property(_PROPERTY))
