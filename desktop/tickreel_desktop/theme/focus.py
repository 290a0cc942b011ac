"""The ring around whatever the keyboard is at.

A style sheet can draw no outline outside a widget, so that the ring is a
QFocusFrame. It is there for those who use the keyboard only: it comes with the
first key that moves or acts, and goes with the next press of a pointer. The
same knowledge is handed to the style as Qt's own ``WA_KeyboardFocusChange``,
from which rows of tables take their inner ring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QFocusFrame,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QWidget,
)
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable

RING_WIDTH_PX = 2
RING_GAP_PX = 2
_RADIUS_PX = 6.0
_MOVING_KEYS = frozenset(
    {
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Escape,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Space,
        Qt.Key.Key_F6,
    }
)
_COMMAND_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class RingStyle(QProxyStyle):
    """The measures of the ring alone, so that no other widget has to ask Python for its own."""

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Give the room around the widget that has the focus."""
        if metric in (QStyle.PixelMetric.PM_FocusFrameHMargin, QStyle.PixelMetric.PM_FocusFrameVMargin):
            return RING_GAP_PX + RING_WIDTH_PX + 1
        return super().pixelMetric(metric, option, widget)

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        return_data: QStyleHintReturn | None = None,
    ) -> int:
        """Let the ring lie above the widget, as a whole."""
        if hint == QStyle.StyleHint.SH_FocusFrame_Mask:
            return 0
        if hint == QStyle.StyleHint.SH_FocusFrame_AboveWidget:
            return 1
        return super().styleHint(hint, option, widget, return_data)


class FocusRing(QFocusFrame):
    """Draw the ring: outside a control, inside the edge of a chart, text or empty table."""

    def __init__(self, colour: Callable[[], QColor], style: RingStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour = colour
        self.setStyle(style)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw around the widget that has the focus."""
        widget = self.widget()
        origin = self.mapFromGlobal(widget.mapToGlobal(QPoint(0, 0)))
        rect = QRectF(origin, QSizeF(widget.size()))
        half = RING_WIDTH_PX / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._colour(), RING_WIDTH_PX))
        if isinstance(widget, QAbstractScrollArea):
            painter.drawRect(rect.adjusted(half, half, -half, -half))
        else:
            out = RING_GAP_PX + half
            painter.drawRoundedRect(rect.adjusted(-out, -out, out, out), _RADIUS_PX, _RADIUS_PX)
        painter.end()


class KeyboardFocus(QObject):
    """Watch which of keyboard and pointer was used last, and place the ring accordingly."""

    def __init__(self, app: QApplication, colour: Callable[[], QColor], parent: QObject) -> None:
        super().__init__(parent)
        self._colour = colour
        self._style = RingStyle("Fusion")
        self._by_keyboard = False
        self._ring: FocusRing | None = None
        self._watched: list[QWidget] = []
        # The focus also moves while a widget is being destroyed. No such widget may be touched,
        # so that the signals are taken without their arguments and acted upon afterwards.
        self._afterwards = QTimer(self)
        self._afterwards.setSingleShot(True)
        self._afterwards.timeout.connect(self._follow)
        app.focusChanged.connect(self._on_focus_changed)
        app.focusWindowChanged.connect(self._on_focus_changed)
        self._afterwards.start()

    def _on_focus_changed(self) -> None:
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._by_keyboard = False
        self._afterwards.start()

    def _follow(self) -> None:
        # A key goes to the widget in focus, or else to the window. No other widget is watched:
        # a filter in Python on every event of the application would slow a replay down.
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        wanted = (QApplication.focusWidget(), QApplication.activeWindow())
        self._watched = [widget for widget in wanted if widget is not None]
        for widget in self._watched:
            widget.installEventFilter(self)
        self._place(QApplication.focusWidget())

    def _place(self, widget: QWidget | None) -> None:
        if widget is not None:
            attribute = Qt.WidgetAttribute.WA_KeyboardFocusChange
            widget.window().setAttribute(attribute, self._by_keyboard)
        # Qt moves the ring to the window of its widget and deletes it with that window.
        if self._ring is not None and not isValid(self._ring):
            self._ring = None
        if widget is not None and self._by_keyboard and _takes_ring(widget):
            if self._ring is None:
                self._ring = FocusRing(self._colour, self._style, widget.window())
            # A field inside a box of chips has no edge of its own.
            is_bare = widget.property("kind") == "bare"
            self._ring.setWidget(widget.parentWidget() or widget if is_bare else widget)
        elif self._ring is not None:
            # Without a widget Qt hides the ring.
            self._ring.setWidget(None)  # type: ignore[arg-type]

    def _use(self, *, by_keyboard: bool) -> None:
        if by_keyboard != self._by_keyboard:
            self._by_keyboard = by_keyboard
            self._place(QApplication.focusWidget())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note which device the user is at; the event goes on untouched."""
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress):
            self._use(by_keyboard=False)
        elif isinstance(event, QKeyEvent) and kind != QEvent.Type.KeyRelease and _moves(event):
            self._use(by_keyboard=True)
        return False


def _moves(event: QKeyEvent) -> bool:
    """Tell a key that moves or acts from one that only types into the field in use."""
    return event.key() in _MOVING_KEYS or bool(event.modifiers() & _COMMAND_MODIFIERS)


def _takes_ring(widget: QWidget) -> bool:
    if widget.isWindow() or widget.window().windowType() == Qt.WindowType.Popup:
        return False
    if widget.property("kind") == "palette":  # the only thing there that takes keys, and it fills its bar
        return False
    # A table marks its current cell itself; without one the ring says where the focus is.
    return not (isinstance(widget, QAbstractItemView) and widget.currentIndex().isValid())
