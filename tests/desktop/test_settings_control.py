"""Settings in the whole window: undone and done again, refused, locked, and changed outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.settings import settings_path
from tickreel.store import open_cache
from tickreel_desktop.theme import ThemeMode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk

pytestmark = pytest.mark.long

INLINE = 'appearance = { theme = "dark" }\n'
"""A form that cannot be changed by line."""


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        settings_path(home).write_text("[appearance]\ntheme = 'dark'\n", encoding="utf-8")
        yield opened


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "policy.toml"
    monkeypatch.setattr("tickreel_desktop.settings.keeper.machine_policy_path", lambda _environ: path)
    return path


def lock(policy: Path, mode: ThemeMode) -> None:
    policy.write_text(f"[appearance]\nreason = 'night desk'\ntheme = '{mode}'\n", encoding="utf-8")


def unlock(policy: Path) -> None:
    policy.unlink()


def own_file(desk: Desk) -> str:
    path = settings_path(desk.cache.home)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def messages(desk: Desk) -> list[str]:
    return [kept.message.heading for kept in desk.window.toasts.kept()]


def ticked(desk: Desk) -> list[ThemeMode]:
    return [mode for mode in ThemeMode if desk.actions[f"view.{mode}"].isChecked()]


def test_a_change_of_theme_is_undone_and_done_again_once(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            undo, redo = desk.actions["edit.undo"], desk.actions["edit.redo"]
            desk.actions["view.light"].trigger()
            await until(undo.isEnabled)
            assert undo.text() == "Undo change of theme"
            for _ in range(2):
                QTest.keyClick(desk.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
                await until(redo.isEnabled)
                assert (undo.isEnabled(), redo.text()) == (False, "Redo change of theme")
                assert (desk.theme.mode, ticked(desk)) == (ThemeMode.DARK, [ThemeMode.DARK])
                assert "light" not in own_file(desk)
                redo.trigger()
                await until(undo.isEnabled)
                assert not redo.isEnabled()
                assert (desk.theme.mode, ticked(desk)) == (ThemeMode.LIGHT, [ThemeMode.LIGHT])
                assert 'theme = "light"' in own_file(desk)

    run_on_qt(qapp, journey())


def test_what_the_dialog_undid_can_be_done_again_in_the_window(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            undo, redo = desk.actions["edit.undo"], desk.actions["edit.redo"]
            desk.actions["view.light"].trigger()
            await until(undo.isEnabled)
            desk.settings_control.dialog.keeper.undo()
            await until(redo.isEnabled)
            assert (undo.isEnabled(), desk.theme.mode) == (False, ThemeMode.DARK)

    run_on_qt(qapp, journey())


def test_an_undo_that_is_not_saved_stays_to_be_undone(qapp: QApplication, cache: Cache, policy: Path) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            undo, redo = desk.actions["edit.undo"], desk.actions["edit.redo"]
            desk.actions["view.light"].trigger()
            await until(undo.isEnabled)
            lock(policy, ThemeMode.LIGHT)
            undo.trigger()
            await until(lambda: "That did not work" in messages(desk))
            await until(undo.isEnabled)
            assert (redo.isEnabled(), desk.theme.mode) == (False, ThemeMode.LIGHT)

    run_on_qt(qapp, journey())


def test_a_theme_that_is_not_saved_goes_back_and_is_told(qapp: QApplication, cache: Cache) -> None:
    settings_path(cache.home).write_text(INLINE, encoding="utf-8")

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.actions["view.light"].trigger()
            assert desk.theme.mode is ThemeMode.LIGHT
            await until(lambda: "A setting was not saved" in messages(desk))
            assert (desk.theme.mode, ticked(desk)) == (ThemeMode.DARK, [ThemeMode.DARK])
            assert not desk.actions["edit.undo"].isEnabled()

    run_on_qt(qapp, journey())


def test_a_theme_that_is_locked_meanwhile_goes_back_and_can_be_chosen_no_more(
    qapp: QApplication, cache: Cache, policy: Path
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            keeper = desk.settings_control.dialog.keeper
            keeper._watcher.removePaths(keeper._watcher.directories())  # else any file brings a look
            keeper._look_timer.stop()
            lock(policy, ThemeMode.DARK)
            desk.actions["view.light"].trigger()
            await until(lambda: not desk.actions["view.light"].isEnabled())
            assert "A setting was not saved" in messages(desk)
            assert (desk.theme.mode, ticked(desk)) == (ThemeMode.DARK, [ThemeMode.DARK])

    run_on_qt(qapp, journey())


def test_a_locked_theme_cannot_be_chosen_and_the_reason_is_given(
    qapp: QApplication, cache: Cache, policy: Path
) -> None:
    lock(policy, ThemeMode.DARK)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            for mode in ThemeMode:
                doing = desk.actions.doing(f"view.{mode}")
                assert not doing.is_possible
                assert doing.reason == f"Locked by the machine's policy {policy}: “night desk”"
            unlock(policy)
            await until(desk.actions["view.light"].isEnabled)
            assert desk.actions.command("view.light") == "tickreel settings set appearance.theme light"

    run_on_qt(qapp, journey())


def test_what_is_set_outside_holds_though_the_settings_were_never_opened(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            text = "[appearance]\ntheme = 'light'\ntime_zone = 'Asia/Tokyo'\n"
            settings_path(cache.home).write_text(text, encoding="utf-8")
            await until(lambda: (desk.theme.mode, desk.zone.name) == (ThemeMode.LIGHT, "Asia/Tokyo"))
            assert ticked(desk) == [ThemeMode.LIGHT]

    run_on_qt(qapp, journey())


def test_what_the_command_line_set_is_shown_and_not_changed_here(qapp: QApplication, cache: Cache) -> None:
    async def check() -> None:
        async with desk_over(cache, flags={"appearance.theme": "light"}) as desk:
            dialog = desk.settings_control.dialog
            desk.settings_control.open_setting("appearance.theme")
            await dialog.ready()
            row = dialog.rows["appearance.theme"]
            await until(lambda: row.fixed.text() == "Light")
            assert (row.tag.text(), row.editor.isEnabled()) == ("command line", False)
            assert row.note().endswith("for this run. Your value Dark is kept but not used.")
            dialog.close()

    run_on_qt(qapp, check())
