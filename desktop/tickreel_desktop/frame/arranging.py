"""Takes down how the panels of a window stand, and puts them that way again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import QByteArray, QRect, Qt
from PySide6.QtGui import QGuiApplication

from tickreel_desktop.frame.layouts import VERSION, Arrangement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PySide6.QtWidgets import QMainWindow

    from tickreel_desktop.frame.panels import PanelDock
    from tickreel_desktop.frame.workspaces import Workspace
    from tickreel_desktop.theme import Theme

_REACHABLE_PX = 80
"""So much of a title must be on some screen, or nobody could drag the window back."""


@runtime_checkable
class ResettablePart(Protocol):
    """A part that knows how it stands at first."""

    def resetState(self) -> None:
        """Put it as it stands at first."""


class Arranger:
    """Arranges the docks of one window and what is kept inside a workspace."""

    def __init__(self, theme: Theme, window: QMainWindow, docks: Mapping[str, PanelDock]) -> None:
        self._theme = theme
        self._window = window
        self._docks = docks

    def take(self, workspace: Workspace) -> Arrangement:
        """Take down how things stand."""
        parts = {part.objectName(): bytes(part.saveState().data()) for part in workspace.kept}
        return Arrangement(bytes(self._window.saveState(VERSION).data()), parts)

    def give_docks(self, arrangement: Arrangement) -> bool:
        """Put the docks as they stood; False when that cannot be understood, and nothing has changed."""
        if not self._window.restoreState(QByteArray(arrangement.docks), VERSION):
            return False
        self.rescue()
        return True

    def begin_docks(self, workspace: Workspace) -> None:
        """Put the panels where they belong at first: those that it names are open, so wide or high."""
        panels = workspace.panels
        for key, dock in self._docks.items():
            dock.setFloating(False)
            self._window.addDockWidget(dock.panel.area, dock)
            has_room = self._window.width() >= self._theme.px(dock.panel.opens_from_px)
            dock.setVisible(key in panels and has_room)
        self._tabify()
        for area, orientation in (
            (Qt.DockWidgetArea.BottomDockWidgetArea, Qt.Orientation.Vertical),
            (Qt.DockWidgetArea.RightDockWidgetArea, Qt.Orientation.Horizontal),
        ):
            docks = [dock for key, dock in self._docks.items() if key in panels and dock.panel.area == area]
            if docks:
                sizes = [self._theme.px(panels[dock.panel.key]) for dock in docks]
                self._window.resizeDocks(docks, sizes, orientation)

    def give_parts(self, workspace: Workspace, parts: Mapping[str, bytes]) -> None:
        """Put what is kept inside a workspace as it stood; what is not known, as at first."""
        for part in workspace.kept:
            state = parts.get(part.objectName())
            if state is not None:
                part.restoreState(QByteArray(state))
            elif isinstance(part, ResettablePart):
                part.resetState()  # the layout is older than the part

    def _tabify(self) -> None:
        """Lay the panels of one area over each other, the first in front."""
        firsts: dict[Qt.DockWidgetArea, PanelDock] = {}
        for dock in self._docks.values():
            first = firsts.setdefault(dock.panel.area, dock)
            if first is not dock:
                self._window.tabifyDockWidget(first, dock)
        for first in firsts.values():
            if first.is_open:
                first.raise_()

    def rescue(self) -> None:
        """Bring back floating panels that no screen shows any more."""
        for dock in self._docks.values():
            if dock.isFloating() and dock.is_open and not is_reachable(dock.frameGeometry()):
                dock.setFloating(False)

    def restore_window(self, geometry: bytes) -> bool:
        """Put the window where it stood; False where that is unknown or no screen shows it."""
        if not geometry or not self._window.restoreGeometry(QByteArray(geometry)):
            return False
        return is_reachable(self._window.frameGeometry())


def is_reachable(frame: QRect, screens: Iterable[QRect] | None = None) -> bool:
    """Tell whether enough of the top of a window lies on a screen to be taken hold of."""
    rects = (
        [screen.availableGeometry() for screen in QGuiApplication.screens()]
        if screens is None
        else list(screens)
    )
    top = QRect(frame.x(), frame.y(), frame.width(), min(frame.height(), 40))
    for rect in rects:
        shown = rect.intersected(top)
        if shown.width() >= min(_REACHABLE_PX, frame.width()) and shown.height() > 0:
            return True
    return False
