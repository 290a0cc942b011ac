"""The one window: menus, rail, workspaces, panels around them, layouts and the status bar."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QToolBar,
    QWidget,
)

from tickreel_desktop.components import Rail, ToastHost
from tickreel_desktop.components.rail import bind_rail_icon
from tickreel_desktop.frame.arranging import Arranger
from tickreel_desktop.frame.command_field import CommandField, LayoutButton, MenuCorner
from tickreel_desktop.frame.panels import PanelDock
from tickreel_desktop.frame.status_bar import StatusBar
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QChildEvent
    from PySide6.QtGui import QCloseEvent, QResizeEvent

    from tickreel_desktop.actions import Actions
    from tickreel_desktop.frame.layouts import Arrangement
    from tickreel_desktop.frame.panels import Panel
    from tickreel_desktop.frame.workspaces import FocusPart, Workspace
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_SMALLEST_PX = (1024, 640)
_MENU_BAR_PX = 28
_NARROW_BELOW_PX = 1360
"""Width below which the status bar leaves to tool-tips what is least needed."""
_SETTLED_AFTER_MS = 1_000
"""So long after the last change the arrangement is worth keeping."""


class MainWindow(QMainWindow):
    """Hold the workspaces and the panels; knows nothing of data."""

    close_requested = Signal()
    """The user wants to leave; whoever owns the window ends the work and then hides it."""
    workspace_changed = Signal(str, str)
    """Another workspace is in front: the key of the one before, and its own."""
    arranged = Signal()
    """Panels were moved, opened or closed, or parts of the workspace, some moments ago."""

    def __init__(self, theme: Theme, zone: DisplayZone, actions: Actions) -> None:
        """Make the frame; :meth:`fill` puts workspaces and panels into it."""
        super().__init__()
        self.setObjectName("main")
        self.setWindowTitle("Tickreel")
        self.setMinimumSize(*(theme.px(side) for side in _SMALLEST_PX))
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self._theme = theme
        self._actions = actions
        self._workspaces: dict[str, Workspace] = {}
        self._front = ""
        self._gives_way = False
        self._is_arranging = False
        self.toasts = ToastHost(theme, self, top_px=_MENU_BAR_PX)
        self._stack = QStackedWidget()
        set_role(self._stack, Role.WINDOW)
        self._between = QWidget()
        """In front while panels are put elsewhere: to lay out a workspace takes the time of a handler."""
        self._stack.addWidget(self._between)
        self.setCentralWidget(self._stack)
        self.docks: dict[str, PanelDock] = {}
        self.arranger = Arranger(theme, self, self.docks)
        self.status = StatusBar(theme, zone)
        self.setStatusBar(self.status)
        actions.fill(self)
        self.layouts_menu = QMenu("Layouts", self)
        self.layout_button = LayoutButton(theme, self.layouts_menu)
        self._corner = MenuCorner(theme, CommandField(theme, actions["view.palette"]), self.layout_button)
        self._place_corner()
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLED_AFTER_MS)
        self._settling.timeout.connect(self.arranged)
        actions.on("window.next", partial(self._go_to_part, 1))
        actions.on("window.previous", partial(self._go_to_part, -1))

    def fill(self, workspaces: Sequence[Workspace], panels: Sequence[Panel]) -> None:
        """Take in the workspaces, the first of them in front, and the panels around them."""
        for workspace in workspaces:
            self._workspaces[workspace.key] = workspace
            self._stack.addWidget(workspace.widget)
        for panel in panels:
            self.docks[panel.key] = self._make_dock(panel)
        self.rail = self._make_rail()
        self._front = workspaces[0].key
        self.arrange(self._front, None)

    def _place_corner(self) -> None:
        """Put it at the end of the menu bar, or into a bar of its own where the system shows the menus."""
        menus = self.menuBar()
        if not menus.isNativeMenuBar():
            menus.setFixedHeight(self._theme.px(_MENU_BAR_PX))
            menus.setCornerWidget(self._corner)
            return
        bar = QToolBar("Commands and layouts")
        bar.setObjectName("bar.commands")
        bar.setMovable(False)
        bar.setFloatable(False)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(room)
        bar.addWidget(self._corner)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

    def _make_rail(self) -> Rail:
        actions, theme = self._actions, self._theme
        shown = [each for each in self._workspaces.values() if each.icon is not None]
        for workspace in shown:
            action = actions[f"workspace.{workspace.key}"]
            bind_rail_icon(theme, action, workspace.icon or "info")
            actions.on(action.objectName(), partial(self.go_to, workspace.key))
        for key, dock in self.docks.items():
            bind_rail_icon(theme, actions[f"panel.{key}"], dock.panel.icon)
            actions.on(f"panel.{key}", partial(self._on_panel_toggled, dock))
        rail = Rail(
            theme,
            [actions[f"workspace.{workspace.key}"] for workspace in shown],
            [actions[f"panel.{key}"] for key in self.docks],
            actions["app.settings"],
        )
        bar = QToolBar("Workspaces and panels")
        bar.setObjectName("bar.rail")
        bar.ensurePolished()  # its layout takes the room at its edges at each change of its dress only
        set_role(bar, Role.RAIL)
        bar.setMovable(False)
        bar.setFloatable(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(rail)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, bar)
        return rail

    def _make_dock(self, panel: Panel) -> PanelDock:
        dock = PanelDock(self._theme, panel, partial(self.show_panel, panel.key, is_open=False), self)
        self.addDockWidget(panel.area, dock)
        dock.visibilityChanged.connect(self._on_docks_changed)
        dock.dockLocationChanged.connect(self._on_docks_changed)
        dock.topLevelChanged.connect(self._on_docks_changed)
        return dock

    # Workspaces

    @property
    def front(self) -> str:
        """The key of the workspace in front."""
        return self._front

    def workspace(self, key: str) -> Workspace:
        """Give a workspace by its key; KeyError where there is none."""
        return self._workspaces[key]

    def go_to(self, key: str) -> None:
        """Bring a workspace to the front, with its panels as they stood, and give it the keyboard."""
        workspace = self._workspaces[key]
        before, self._front = self._front, key
        if key != before:
            self._stack.setCurrentWidget(self._between)
            self.workspace_changed.emit(before, key)  # its panels are arranged
        self._show(workspace)
        workspace.take_focus()

    def _show(self, workspace: Workspace) -> None:
        self._stack.setCurrentWidget(workspace.widget)
        for each in self._workspaces.values():
            if each.icon is not None:
                self._actions[f"workspace.{each.key}"].setChecked(each is workspace)
        self.set_title(workspace.title())

    def set_title(self, text: str) -> None:
        """Say in the title of the window what is in front."""
        self.setWindowTitle(f"{text} - Tickreel")

    # Panels

    def show_panel(self, key: str, *, is_open: bool = True) -> None:
        """Open a panel, before others in its place, or close it."""
        dock = self.docks[key]
        if is_open:
            dock.bring_forward()
        else:
            dock.hide()
        self._sync_panels()

    def _on_panel_toggled(self, dock: PanelDock) -> None:
        # What is covered by another tab is wanted in front, not closed.
        self.show_panel(dock.panel.key, is_open=not dock.is_open or dock.is_behind)
        if dock.is_open:
            dock.take_focus()

    def _on_docks_changed(self) -> None:
        if not self._is_arranging:
            self._sync_panels()
            self._settling.start()

    def _sync_panels(self) -> None:
        for key, dock in self.docks.items():
            self._actions[f"panel.{key}"].setChecked(dock.is_open)
        self.toasts.keep_in_front()

    # Layouts

    def note_arranging(self) -> None:
        """Take note that something in a workspace, which is a part of its layout, stands differently now."""
        if not self._is_arranging:
            self._settling.start()

    def arrangement(self, key: str) -> Arrangement:
        """Take down how the workspace in front stands with its panels; *key* is its own."""
        return self.arranger.take(self._workspaces[key])

    def arrange(self, key: str, arrangement: Arrangement | None) -> bool:
        """Show a workspace with its panels as they stood around it; None is as at first.

        False when the arrangement could not be understood; then they stand as at first.
        """
        workspace = self._workspaces[key]
        self._is_arranging = True
        try:
            is_understood = arrangement is not None and self.arranger.give_docks(arrangement)
            if not is_understood:
                self.arranger.begin_docks(workspace)
            self._show(workspace)
            parts = arrangement.parts if arrangement is not None and is_understood else {}
            self.arranger.give_parts(workspace, parts)
        finally:
            self._is_arranging = False
        self._sync_panels()
        return is_understood or arrangement is None

    # The keyboard

    def _go_to_part(self, step: int) -> None:
        """Give the keyboard to the next part of the window: the workspace, its parts, then each panel."""
        docks = [dock for dock in self.docks.values() if dock.is_open and not dock.is_behind]
        own = [part for part in self._workspaces[self._front].parts if part.isVisible()]
        focus = QApplication.focusWidget()
        parts: list[FocusPart | None] = [None, *own, *docks]
        here = next(
            (part for part in parts if part is not None and focus is not None and part.isAncestorOf(focus)),
            None,
        )
        at = parts.index(here)
        for distance in range(1, len(parts) + 1):
            part = parts[(at + step * distance) % len(parts)]
            if part is None:
                self._workspaces[self._front].take_focus()
                return
            if part.take_focus():
                return

    def pressed_by_keyboard(self) -> QAbstractButton | None:
        """Give the button that Space should press: the one that was reached by keyboard."""
        focus = QApplication.focusWidget()
        by_keyboard = self.testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        return focus if by_keyboard and isinstance(focus, QAbstractButton) else None

    # Events

    def childEvent(self, event: QChildEvent) -> None:
        """Notice that Qt makes bars of tabs, as panels are laid over each other."""
        super().childEvent(event)
        if event.added():  # what is added is still being made
            QTimer.singleShot(0, self, self._name_tab_bars)

    def _name_tab_bars(self) -> None:
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setAccessibleName("Panels in one place")

    def createPopupMenu(self) -> QMenu | None:
        """Offer no menu of docks: the Window menu has them."""
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the command field the room there is."""
        super().resizeEvent(event)
        self._corner.fit(self.width())
        self.status.set_narrow(is_narrow=self.width() < self._theme.px(_NARROW_BELOW_PX))

    def give_way(self) -> None:
        """Refuse no closing from now on: the system ends the session, and the owner ends the work."""
        self._gives_way = True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave it to the owner to end the work first; a session that ends is not held up by asking."""
        if self._gives_way:
            super().closeEvent(event)
            return
        event.ignore()
        self.close_requested.emit()
