"""A plain dark sheet over a window, while something in front of it wants the user's mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

_SHADE = QColor(0, 0, 0, 115)
"""45 % black, in both themes."""
_STRIPS = 8
"""In so many turns of the event loop a sheet comes and goes."""


_Picture = tuple[QImage, QRectF]
"""An image, and the part of it that is meant."""


class _Strip(QWidget):
    """A part of the sheet."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self._standing: _Picture | None = None

    def cover(self, standing: _Picture | None) -> None:
        """Come, with a picture of what the window shows in its place."""
        self._standing = standing
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, standing is not None)
        self.raise_()
        self.show()
        # At once, before anything below can change: as long as it is opaque, that would not be drawn.
        QCoreApplication.sendPostedEvents(self)
        self.repaint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken what is below, or its picture as long as nothing below has been drawn."""
        painter = QPainter(self)
        if self._standing is not None:
            image, source = self._standing
            painter.drawImage(QRectF(self.rect()), image, source)
            self._standing = None
            self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        painter.fillRect(event.rect(), _SHADE)
        painter.end()


class Sheet(QObject):
    """Cover a window for as long as a dialog is open; see :meth:`of`.

    Whatever can be looked through has all that is below it drawn anew when it comes and when it goes,
    and for a whole window that takes longer than a handler may. So the sheet comes as an opaque one
    with a picture of what stood there, and can be looked through from then on: of what is below, only
    what changes is drawn. It comes and goes strip by strip, with room for other work between any two.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._dialogs: set[QObject] = set()
        self._strips = [_Strip(window) for _ in range(_STRIPS)]
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._on_turn)

    @classmethod
    def of(cls, window: QWidget) -> Sheet:
        """Give the sheet of a window: one for all dialogs, so that none is darkened twice."""
        found = window.findChild(cls, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return cls(window) if found is None else found

    @property
    def is_covering(self) -> bool:
        """Whether any of the window is dark."""
        return any(strip.isVisible() for strip in self._strips)

    def cover_for(self, dialog: QDialog) -> None:
        """Be there from the next turn of the event loop on, until a dialog has finished.

        To open a dialog takes much of the time that a handler may.
        """
        dialog.finished.connect(self._on_finished)
        self._dialogs.add(dialog)
        if len(self._dialogs) == 1:
            self._window.installEventFilter(self)
            self._place()
            self._turn.start()

    def _place(self) -> None:
        width, height = self._window.width(), self._window.height()
        edges = [height * number // _STRIPS for number in range(_STRIPS + 1)]
        for strip, top, bottom in zip(self._strips, edges, edges[1:], strict=False):
            strip.setGeometry(0, top, width, bottom - top)

    def _on_finished(self) -> None:
        self._dialogs.discard(self.sender())
        if not self._dialogs:
            self._turn.start()

    def _on_turn(self) -> None:
        """Let the next strip come, or go when there is no dialog any more."""
        is_wanted = bool(self._dialogs)
        left = [strip for strip in self._strips if strip.isHidden() == is_wanted]
        if left and is_wanted:
            left[0].cover(_standing_picture(self._window, left[0].geometry()))
        elif left:
            left[0].hide()
        if len(left) <= 1:
            self._turn.stop()
            if not is_wanted:
                self._window.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)


def _standing_picture(window: QWidget, place: QRect) -> _Picture | None:
    """Copy what a window shows in a place without drawing it; None where it is not Qt that has drawn it."""
    if not window.isVisible():
        return None
    QCoreApplication.sendEvent(window, QEvent(QEvent.Type.UpdateRequest))  # draw what has changed since
    drawn = window.backingStore().paintDevice()
    if not isinstance(drawn, QImage) or drawn.deviceIndependentSize().toSize() != window.size():
        return None
    ratio = drawn.devicePixelRatio()
    exact = QRectF(place.x() * ratio, place.y() * ratio, place.width() * ratio, place.height() * ratio)
    whole = exact.toAlignedRect()
    return drawn.copy(whole), exact.translated(-whole.x(), -whole.y())


def open_soon(window: QWidget, dialog: QDialog) -> None:
    """Open a dialog over a window that grows dark, in the next turn of the event loop.

    For one whose making alone takes much of the time that a handler may.
    """
    QTimer.singleShot(0, dialog, lambda: open_over(window, dialog))


def open_over(window: QWidget, dialog: QDialog, *, top_share: float | None = None) -> None:
    """Open a dialog over a window that then grows dark: in its middle, or at a share of its height.

    Not every window system centres a dialog on its parent by itself.
    """
    Sheet.of(window).cover_for(dialog)
    if not dialog.testAttribute(Qt.WidgetAttribute.WA_Resized):
        dialog.adjustSize()
    _place(window, dialog, top_share)
    dialog.open()
    _place(window, dialog, top_share)  # it may take its size only as it comes


def _place(window: QWidget, dialog: QDialog, top_share: float | None) -> None:
    frame = window.frameGeometry()
    place = frame.center() - dialog.rect().center()
    if top_share is not None:
        place.setY(frame.y() + round(frame.height() * top_share))
    dialog.move(max(place.x(), frame.x()), max(place.y(), frame.y()))
