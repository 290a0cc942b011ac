"""Where everything stands in the window: its workspaces, and the panels around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from tickreel_desktop.analysis_place import ROOM_FROM_PX
from tickreel_desktop.frame import Panel, Workspace

if TYPE_CHECKING:
    from tickreel_desktop.analysis import AnalysisPanel
    from tickreel_desktop.backtest import BacktestWorkspace
    from tickreel_desktop.data import DataWorkspace
    from tickreel_desktop.jobs import JobsPanel
    from tickreel_desktop.log import LogPanel
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.welcome import WelcomePage

_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


def workspaces(
    data: DataWorkspace, replay: ReplayWorkspace, backtest: BacktestWorkspace, welcome: WelcomePage
) -> list[Workspace]:
    """List the workspaces, the first of them in front at first."""
    return [
        Workspace(
            "data",
            lambda: "Data",
            data,
            data.take_focus,
            "database",
            {"jobs": 190},
            data.kept_parts,
            (data.detail,),
        ),
        Workspace(
            "replay",
            replay.title,
            replay,
            replay.take_focus,
            "play-circle",
            {"analysis": 372},
            replay.panels.kept_parts,
        ),
        Workspace(
            "backtest",
            backtest.title,
            backtest,
            backtest.take_focus,
            "flask",
            kept=backtest.kept_parts,
        ),
        Workspace("welcome", lambda: "Welcome", welcome, welcome.take_focus),
    ]


def panels(analysis: AnalysisPanel, jobs: JobsPanel, log: LogPanel) -> list[Panel]:
    """List the panels: each with its place, the least room that it needs, and from which width it opens."""
    return [
        Panel("analysis", "Analysis", "sparkle", analysis, _RIGHT, (320, 200), ROOM_FROM_PX),
        Panel("jobs", "Jobs", "queue", jobs, _BOTTOM, (400, 110)),
        Panel("log", "Log", "file-text", log, _BOTTOM, (400, 170)),
    ]
