"""What the frame itself shows: palette, settings, keys, help, and what comes after an error."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio

from PySide6.QtWidgets import QApplication

from scenes.stage import Stage
from tickreel.sample import sample_link
from tickreel.session import Interrupted
from tickreel_desktop.components import open_over
from tickreel_desktop.crash import RecoveryCard
from tickreel_desktop.frame.overlay import Overlay
from tickreel_desktop.help.window import HelpWindow
from tickreel_desktop.settings import SettingsDialog

_POLICY = """reason = "desk storage, ask infra"
[store]
quota_bytes = 2000000000000
[network]
proxy = "http://proxy.desk:3128"
"""


class FrameScenes(Stage):
    """Brings the frame into one state after the other."""

    async def palette(self) -> None:
        self._desk.window.go_to("data")
        self._desk.palette_control.open()

    async def palette_moment(self) -> None:
        self._desk.palette_control.open()
        palette = self._desk.palette_control.palette
        assert palette is not None
        palette.field.setText("btcusdt 14 mar 2025 15:30")

    async def palette_mixed(self) -> None:
        self._desk.palette_control.open()
        palette = self._desk.palette_control.palette
        assert palette is not None
        palette.field.setText("eth")

    async def settings(self) -> None:
        self._desk.settings_control.open()
        await self._desk.settings_control.dialog.ready()

    async def settings_search(self) -> None:
        await self.settings()
        self._desk.settings_control.dialog.search.setText("quota")

    async def settings_tardis(self) -> None:
        await self.settings()
        self._desk.settings_control.open_page("tardis")

    async def settings_shared(self) -> None:
        await self.settings()
        self._desk.settings_control.open_page("shared")

    async def settings_locked(self) -> None:
        desk = self._desk
        policy = self._folder / "policy.toml"
        policy.write_text(_POLICY)
        dialog = SettingsDialog(
            desk.theme, desk.cache.home, tasks=desk.tasks, policy_path=policy, parent=desk.window
        )
        open_over(desk.window, dialog)
        await dialog.ready()
        dialog.show_page("store")

    async def shortcuts(self) -> None:
        self._desk.assistance.open_sheet()

    async def shortcut_editor(self) -> None:
        self._desk.assistance.open_editor("data.import")

    async def help(self) -> None:
        self._desk.assistance.open_help("data")
        await asyncio.sleep(0.5)

    async def help_search(self) -> None:
        await self.help()
        window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, HelpWindow))
        window.contents.search_field.setText("health")
        await asyncio.sleep(0.3)

    async def help_pictures(self) -> None:
        self._desk.assistance.open_help("welcome")
        await asyncio.sleep(0.5)
        window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, HelpWindow))
        window.contents.search_field.clear()
        window.open_page("analyst", "3-can-it-be-relied-on")

    async def about(self) -> None:
        self._desk.assistance.open_about()
        await asyncio.sleep(1.0)

    async def diagnostics(self) -> None:
        self._desk.assistance.open_diagnostics()
        await asyncio.sleep(3.0)

    async def crash(self) -> None:
        try:
            [][1]
        except IndexError as error:
            self._desk.crashes.report(error)
        await self._until(lambda: self._desk.crashes.dialog is not None)

    async def recovery(self) -> None:
        desk = self._desk
        now_us = desk.cache.disk.now_us()
        last = Interrupted(1, now_us, now_us - 600_000_000, "replay", sample_link().text())
        card = RecoveryCard(desk.theme, desk.zone, last)
        card.closed.connect(card.deleteLater)
        Overlay(desk.window, card)
