"""What differs between keyboards: those of a Mac mostly have no Del, and take things away by Backspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSysInfo, Qt
from PySide6.QtGui import QKeySequence

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

_DELETE, _BACKSPACE = "Del", "Backspace"


def has_mac_keys() -> bool:
    """Tell whether keys are named and used as on a Mac."""
    return QSysInfo.productType() == "macos"


def sequences(keys: str) -> list[QKeySequence]:
    """Give all that does the same as some keys, those themselves first; none for no keys."""
    found = [QKeySequence(keys)] if keys else []
    if has_mac_keys() and (keys == _DELETE or keys.endswith(f"+{_DELETE}")):
        found.append(QKeySequence(keys.removesuffix(_DELETE) + _BACKSPACE))
    return found


def is_delete(event: QKeyEvent) -> bool:
    """Tell whether a key takes away what is chosen."""
    key = event.key()
    return key == Qt.Key.Key_Delete or (key == Qt.Key.Key_Backspace and has_mac_keys())
