"""In a narrow window the Analysis panel stands where the ladder was, as long as it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt

if TYPE_CHECKING:
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.replay.panels import ReplayPanels
    from tickreel_desktop.theme import Theme

ROOM_FROM_PX = 1400
"""Width of the window from which there is room for the analysis beside the ladder."""


class AnalysisPlace(QObject):
    """Let the ladder give way to the analysis, and come back."""

    def __init__(self, theme: Theme, window: MainWindow, panels: ReplayPanels) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._panels = panels
        dock = window.docks["analysis"]
        for changed in (dock.visibilityChanged, dock.dockLocationChanged, dock.topLevelChanged):
            changed.connect(lambda _state: self._renew())
        window.workspace_changed.connect(lambda _before, _now: self._renew())
        window.installEventFilter(self)
        self._renew()

    def _renew(self) -> None:
        window, dock = self._window, self._window.docks["analysis"]
        is_beside = dock.is_open and not dock.isFloating()
        is_right = window.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea
        is_narrow = window.width() < self._theme.px(ROOM_FROM_PX)
        self._panels.cover_present(is_covered=is_beside and is_right and is_narrow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the width of the window."""
        if event.type() == QEvent.Type.Resize:
            self._renew()
        return super().eventFilter(watched, event)
