"""The one window: rail, workspaces, the Analysis dock and the status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QWidget,
)

from tickreel_desktop.components import DockTitle, Rail, ToastHost, label
from tickreel_desktop.components.rail import bind_rail_icon
from tickreel_desktop.engine_status import EngineStatus
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from tickreel_desktop.actions import Actions
    from tickreel_desktop.data import DataWorkspace
    from tickreel_desktop.replay.readout import BookReadout
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.theme import Theme

_SMALLEST_PX = (1024, 640)
_ANALYSIS_WIDTH_PX = 320


class MainWindow(QMainWindow):
    """Hold the workspaces; knows nothing of data."""

    close_requested = Signal()
    """The user wants to leave; whoever owns the window ends the work and then hides it."""

    def __init__(
        self,
        theme: Theme,
        actions: Actions,
        data: DataWorkspace,
        replay: ReplayWorkspace,
        readout: BookReadout,
    ) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setWindowTitle("Tickreel")
        self.setMinimumSize(*(theme.px(side) for side in _SMALLEST_PX))
        self._actions = actions
        self._data = data
        self._replay = replay
        self.toasts = ToastHost(theme, self, top_px=28)

        self._stack = QStackedWidget()
        self._stack.addWidget(data)
        self._stack.addWidget(replay)
        center = QFrame()
        set_role(center, Role.WINDOW)
        row = QHBoxLayout(center)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_rail(theme))
        row.addWidget(self._stack, 1)
        self.setCentralWidget(center)
        self._dock = self._make_dock(theme, readout)
        self.engine_status = EngineStatus(theme)
        self._make_status()
        actions.fill(self)
        actions.on("workspace.data", self.show_data)
        actions.on("workspace.replay", self.show_replay)
        self.show_data()

    def _make_rail(self, theme: Theme) -> Rail:
        actions = self._actions
        workspaces = [actions["workspace.data"], actions["workspace.replay"]]
        panels = [actions["panel.analysis"]]
        bind_rail_icon(theme, workspaces[0], "database")
        bind_rail_icon(theme, workspaces[1], "play-circle")
        bind_rail_icon(theme, panels[0], "sparkle")
        return Rail(theme, workspaces, panels)

    def _make_dock(self, theme: Theme, readout: BookReadout) -> QDockWidget:
        dock = QDockWidget("Analysis", self)
        dock.setObjectName("dock.analysis")
        dock.setTitleBarWidget(DockTitle(theme, "Analysis"))
        dock.setWidget(readout)
        dock.setAllowedAreas(Qt.DockWidgetArea.RightDockWidgetArea | Qt.DockWidgetArea.LeftDockWidgetArea)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self.resizeDocks([dock], [theme.px(_ANALYSIS_WIDTH_PX)], Qt.Orientation.Horizontal)
        toggle = self._actions["panel.analysis"]
        toggle.setChecked(True)
        toggle.toggled.connect(dock.setVisible)
        dock.visibilityChanged.connect(self._on_dock_visibility_changed)
        return dock

    def _make_status(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        self._cache_text = label("", Role.CAPTION)
        self._jobs_text = label("no jobs", Role.CAPTION)
        zone = label("UTC", Role.CAPTION)
        zone.setToolTip("All times are UTC")
        bar.addWidget(self._cache_text)
        bar.addWidget(self._jobs_text)
        bar.addWidget(self.engine_status)
        bar.addPermanentWidget(zone)

    def createPopupMenu(self) -> QMenu | None:
        """Offer no menu of docks: the Window menu has them."""
        return None

    def show_data(self) -> None:
        """Bring the Data workspace to the front."""
        self._show(self._data, "workspace.data", "Data")
        self._data.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_replay(self) -> None:
        """Bring the Replay workspace to the front."""
        player = self._replay.player
        of = f": {player.request.exchange} {player.request.symbol}" if player else ""
        self._show(self._replay, "workspace.replay", f"Replay{of}")
        self._replay.take_focus()

    def _show(self, workspace: QWidget, action_id: str, title: str) -> None:
        self._stack.setCurrentWidget(workspace)
        self._actions[action_id].setChecked(True)
        self.setWindowTitle(f"{title} - Tickreel")
        is_replay = workspace is self._replay
        self._actions["panel.analysis"].setEnabled(is_replay)
        self._dock.setVisible(is_replay and self._actions["panel.analysis"].isChecked())
        self._actions.enable("replay.", is_replay and self._replay.player is not None)

    def _on_dock_visibility_changed(self, is_visible: bool) -> None:
        """Follow a dock that was closed by its own means, not one that its workspace hides."""
        if self._stack.currentWidget() is self._replay and not self.isMinimized() and self.isVisible():
            self._actions["panel.analysis"].setChecked(is_visible)

    def pressed_by_keyboard(self) -> QAbstractButton | None:
        """Give the button that Space should press: the one that was reached by keyboard."""
        focus = QApplication.focusWidget()
        by_keyboard = self.testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        return focus if by_keyboard and isinstance(focus, QAbstractButton) else None

    def tell_cache(self, text: str) -> None:
        """Say in the status bar what the cache holds."""
        self._cache_text.setText(text)

    def tell_jobs(self, text: str) -> None:
        """Say in the status bar what is being worked on."""
        self._jobs_text.setText(text)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave it to the owner to end the work first."""
        event.ignore()
        self.close_requested.emit()
