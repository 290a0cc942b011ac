"""The states that the window is brought into, one after the other, for pictures and for measuring."""

from __future__ import annotations

import asyncio

from PySide6.QtWidgets import QApplication, QDialog, QToolButton

from scenes.analysis import ANALYSIS, AnalysisScenes
from scenes.backtest import BACKTEST, BacktestScenes
from scenes.data import DataScenes
from scenes.frame import FrameScenes
from scenes.instruments import InstrumentScenes
from scenes.replay import ReplayScenes
from scenes.runs import RUNS, RunsScenes
from scenes.shared import SHARED, SharedScenes
from scenes.sweep import SWEEPS, SweepScenes
from scenes.work import WorkScenes
from tickreel_desktop.components.toast import Toast
from tickreel_desktop.crash import RecoveryCard


class Scenes(
    DataScenes,
    ReplayScenes,
    WorkScenes,
    InstrumentScenes,
    FrameScenes,
    AnalysisScenes,
    SharedScenes,
    BacktestScenes,
    SweepScenes,
    RunsScenes,
):
    """Brings one window into one state after the other."""

    async def tidy(self) -> None:
        """Close whatever lies over the window."""
        desk = self._desk
        await self.leave_analysis()
        for dialog in QApplication.topLevelWidgets():
            if isinstance(dialog, QDialog) and dialog.isVisible():
                dialog.reject()
        await self.unshare()
        desk.data.filter.clear()
        next(each for each in desk.data.findChildren(QToolButton) if each.text() == "Datasets").click()
        desk.data.detail.tabs.setCurrentIndex(0)
        desk.data.bring_detail(is_front=False)
        desk.assistance.close()
        for card in desk.window.findChildren(RecoveryCard):
            card.deleteLater()
        desk.replay_control.crossings.banner.hide()
        desk.replay.panels.resetState()
        await asyncio.sleep(0.05)

    def quieten(self) -> None:
        """Close messages that came meanwhile and the list of jobs: a guide shows one thing at a time."""
        for toast in self._desk.window.findChildren(Toast):
            toast.close_message()
        self._desk.window.show_panel("jobs", is_open=False)


FULL = (
    "welcome",
    "data",
    "data_filtered_to_nothing",
    "data_days",
    "data_filtered",
    "data_by_keyboard",
    "serving_off",
    "serving_on",
    "savings_fresh",
    "savings",
    "savings_assumptions",
    "savings_plan",
    "savings_claims",
    "data_book",
    "data_health_notes",
    "data_health",
    "data_rows",
    "data_month",
    "data_files",
    "data_history",
    "palette",
    "palette_moment",
    "palette_mixed",
    "replay",
    "replay_looped",
    "replay_two_symbols",
    "replay_four_symbols",
    "replay_late",
    "replay_searching",
    "replay_bookmarks",
    "replay_panels_hidden",
    "replay_setup",
    "replay_setup_filled",
    "replay_setup_missing",
    "replay_setup_search",
    *ANALYSIS,
    "import_preview",
    "jobs_busy_and_failed",
    "jobs_cause",
    "leaving",
    "toasts",
    "messages",
    "log",
    "settings",
    "settings_search",
    "settings_tardis",
    "settings_shared",
    "settings_locked",
    "instruments",
    "instruments_inferred",
    "instruments_refused",
    "care_evict",
    "care_trash",
    "care_export",
    "care_quota",
    "shortcuts",
    "shortcut_editor",
    "help",
    "help_search",
    "help_pictures",
    "about",
    "diagnostics",
    "crash",
    "recovery",
    "fetch_empty",
    "fetch_filled",
    "fetch_offline",
    "standing_orders",
    "standing_orders_kept",
    *SHARED,
    *BACKTEST,
    *SWEEPS,
    *RUNS,
)
EMPTY = ("welcome", "data", "replay_empty", "palette", "instruments_none")
