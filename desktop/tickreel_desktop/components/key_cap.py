"""Keys drawn as caps: what to press, beside what it does.

The palette and other delegates paint with :func:`paint_key_caps`; everything else uses the widget.
Keys are given as Qt's portable text, "Ctrl+Shift+C".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel_desktop.components.keyboard import has_mac_keys
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

CAP_HEIGHT_PX = 18
_PADDING_PX = 4
_GAP_PX = 5
_CHORD_GAP_PX = 12
_RADIUS_PX = 3
_NAMES = {"Return": "Enter"}
"""Keys that stand on the keyboard under another name than Qt gives them."""
_MAC_NAMES = {"Ctrl": "⌘", "Alt": "⌥", "Shift": "⇧", "Meta": "⌃"}


def key_names(keys: str, *, is_mac: bool | None = None) -> list[list[str]]:
    """Take a shortcut apart: one list of keys for each press, in the names of this system."""
    if is_mac is None:
        is_mac = has_mac_keys()
    presses = [_split(press) for press in keys.split(", ") if press]
    names = {**_NAMES, **_MAC_NAMES} if is_mac else _NAMES
    return [[names.get(name, name) for name in press] for press in presses]


def spelled_keys(keys: str) -> str:
    """Spell a shortcut for a line of text as this system does: ``Ctrl+F``, or the signs of a Mac."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def key_caps_width_px(theme: Theme, keys: str) -> int:
    """Give the room that the caps of a shortcut need; 0 for no keys."""
    places = _places_px(theme, keys)
    return places[-1][1] + places[-1][2] if places else 0


def paint_key_caps(painter: QPainter, theme: Theme, at: QPoint, keys: str) -> None:
    """Draw the caps of a shortcut with their upper left at *at*; they are ``CAP_HEIGHT_PX`` high."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(theme.font(FontRole.MONO))
    radius = theme.px(_RADIUS_PX)
    for name, x, width in _places_px(theme, keys):
        cap = QRectF(at.x() + x, at.y(), width, theme.px(CAP_HEIGHT_PX))
        painter.setPen(theme.colour("line_strong"))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(theme.colour("text_2"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, name)
    painter.restore()


class KeyCap(QWidget):
    """Show a shortcut as key caps; a screen reader hears it as one text."""

    def __init__(self, theme: Theme, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._keys = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)
        self.set_keys(keys)

    def keys(self) -> str:
        """Give the shortcut as it was given."""
        return self._keys

    def set_keys(self, keys: str) -> None:
        """Show another shortcut; an empty one takes no room."""
        self._keys = keys
        self.setAccessibleName(", then ".join(" ".join(press) for press in key_names(keys)))
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        """Need just the caps."""
        return QSize(key_caps_width_px(self._theme, self._keys), self._theme.px(CAP_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the caps."""
        painter = QPainter(self)
        paint_key_caps(painter, self._theme, QPoint(0, 0), self._keys)
        painter.end()


def _split(press: str) -> list[str]:
    """Split at the plus signs, of which the last may itself be the key."""
    if press.endswith("+"):
        return [*(name for name in press[:-1].split("+") if name), "+"]
    return press.split("+")


def _places_px(theme: Theme, keys: str) -> list[tuple[str, int, int]]:
    """Give name, left edge and width of every cap; a cap of one sign is no narrower than high."""
    metrics = QFontMetrics(theme.font(FontRole.MONO))
    places: list[tuple[str, int, int]] = []
    x = 0
    for press in key_names(keys):
        for name in press:
            width = max(metrics.horizontalAdvance(name) + 2 * theme.px(_PADDING_PX), theme.px(CAP_HEIGHT_PX))
            places.append((name, x, width))
            x += width + theme.px(_GAP_PX)
        x += theme.px(_CHORD_GAP_PX - _GAP_PX)
    return places
