"""The frame that every workspace lives in: window, rail, panels, layouts, status bar."""

from tickreel_desktop.frame.layouts import Arrangement, LayoutBook
from tickreel_desktop.frame.panels import Panel
from tickreel_desktop.frame.window import MainWindow
from tickreel_desktop.frame.workspaces import Workspace

__all__ = ["Arrangement", "LayoutBook", "MainWindow", "Panel", "Workspace"]
