"""The table of actions: whole, without clashes, with keys that the user may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from tickreel_desktop.actions import ACTIONS, MENUS, Actions, Place, Shortcuts
from tickreel_desktop.actions.shortcuts import clash, is_keys
from tickreel_desktop.components import keyboard
from tickreel_resources import page_text

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme


@pytest.fixture
def actions(theme: Theme) -> Actions:
    return Actions(theme)


def _all_in(menu: QMenu) -> list[QAction]:
    """List what stands in a menu and, in their place, in the menus in it."""
    found: list[QAction] = []
    for each in menu.actions():
        inner = each.menu()
        if isinstance(inner, QMenu):
            found += _all_in(inner)
        elif not each.isSeparator():
            found.append(each)
    return found


def test_only_what_belongs_there_goes_into_the_programs_own_menu(actions: Actions) -> None:
    roles = {spec.id: actions[spec.id].menuRole() for spec in ACTIONS}
    assert {name: role for name, role in roles.items() if role is not QAction.MenuRole.NoRole} == {
        "app.about": QAction.MenuRole.AboutRole,
        "app.quit": QAction.MenuRole.QuitRole,
        "app.settings": QAction.MenuRole.PreferencesRole,
    }


def test_every_menu_is_made_from_the_table(actions: Actions, qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions.fill(window)
    for name in MENUS:
        shown = [each.objectName() for each in _all_in(actions.menus[name])]
        assert shown == [spec.id for spec in ACTIONS if spec.menu == name]
        assert shown, "no menu is empty"


def test_what_cannot_be_done_says_why(actions: Actions) -> None:
    actions.enable("data.replay", False, "Select a dataset first")
    doing = actions.doing("data.replay")
    assert (doing.is_possible, doing.reason) == (False, "Select a dataset first")
    assert actions["data.replay"].toolTip().endswith("\nSelect a dataset first")
    actions.enable("data.replay", True)
    assert actions.doing("data.replay").reason == ""
    assert "Select" not in actions["data.replay"].toolTip()


def test_a_place_is_switched_as_a_whole(actions: Actions) -> None:
    actions.enable_place(Place.REPLAY, False, "Open a replay first")
    off = {doing.spec.id for doing in actions.doings() if not doing.is_possible}
    assert off == {spec.id for spec in ACTIONS if spec.place is Place.REPLAY}


def test_commands_are_asked_for_when_they_are_wanted(actions: Actions) -> None:
    commands = iter(["tickreel one", "tickreel two"])
    actions.offer_command("edit.command", lambda: next(commands))
    assert actions.command("edit.command") == "tickreel one"
    assert actions.doing("edit.command").command == "tickreel two"
    assert actions.command("app.quit") is None


def test_own_keys_replace_those_of_the_table_and_go_again(actions: Actions, qtbot: QtBot) -> None:
    with qtbot.waitSignal(actions.keys_changed):
        actions.use_keys({"data.import": "Ctrl+I", "app.quit": ""})
    assert actions.keys("data.import") == "Ctrl+I"
    assert actions["data.import"].shortcut() == QKeySequence("Ctrl+I")
    assert "(Ctrl+I)" in actions["data.import"].toolTip()
    assert actions.keys("app.quit") == ""
    actions.use_keys({})
    assert actions.keys("data.import") == "Ctrl+O"
    assert actions.keys("app.quit") == "Ctrl+Q"


@pytest.mark.parametrize(
    ("keys", "other", "are_same"),
    [
        ("Ctrl+K", "Ctrl+K", True),
        ("Ctrl+K", "Ctrl+K, Ctrl+S", True),
        ("Ctrl+K, Ctrl+S", "Ctrl+K", True),
        ("Ctrl+K, Ctrl+S", "Ctrl+K, Ctrl+T", False),
        ("Ctrl+K", "Ctrl+Shift+K", False),
        ("", "Ctrl+K", False),
        ("Ctrl+K", "", False),
    ],
)
def test_keys_clash_when_one_begins_with_the_other(
    qapp: object, keys: str, other: str, are_same: bool
) -> None:
    assert (clash("a", keys, {"a": "Ctrl+K", "b": other}) == "b") == are_same


def test_what_del_takes_away_backspace_does_on_a_mac(
    actions: Actions, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert actions["data.delete"].shortcuts() == [QKeySequence("Del")]
    assert clash("a", "Backspace", {"b": "Del"}) is None
    monkeypatch.setattr(keyboard, "has_mac_keys", lambda: True)
    on_mac = Actions(theme)
    assert on_mac["data.delete"].shortcuts() == [QKeySequence("Del"), QKeySequence("Backspace")]
    assert on_mac.keys("data.delete") == "Del"
    on_mac.use_keys({"data.delete": "Ctrl+D", "data.pin": "Shift+Del"})
    assert on_mac["data.delete"].shortcuts() == [QKeySequence("Ctrl+D")]
    assert on_mac["data.pin"].shortcuts()[1] == QKeySequence("Shift+Backspace")
    assert clash("a", "Backspace", {"b": "Del"}) == "b"
    assert clash("a", "Del", {"b": "Backspace"}) == "b"


def test_no_two_actions_of_the_table_clash(qapp: object) -> None:
    keys = {spec.id: spec.shortcut for spec in ACTIONS}
    assert all(map(is_keys, keys.values()))
    assert [name for name, own in keys.items() if clash(name, own, keys)] == []


def test_own_keys_are_kept_in_the_home(qapp: object, home: Path) -> None:
    Shortcuts(home).write({"data.import": "Ctrl+I", "app.quit": "", "view.palette": "Ctrl+K"})
    assert Shortcuts(home).read() == ({"data.import": "Ctrl+I", "app.quit": ""}, ""), (
        "what the table says anyway is not kept"
    )


def test_keys_of_unknown_actions_and_unknown_keys_are_left_out(qapp: object, home: Path) -> None:
    (home / "desktop").mkdir(parents=True)
    (home / "desktop" / "shortcuts.json").write_text(
        '{"version": 1, "keys": {"no.such": "Ctrl+I", "data.import": "Ctrl+Nonsense", "app.about": "F9"}}'
    )
    assert Shortcuts(home).read() == ({"app.about": "F9"}, "")


def test_the_page_about_the_window_lists_the_keys_of_the_table() -> None:
    page = page_text("desktop")
    assert keys_table() in page


def keys_table() -> str:
    """Write the table of keys for the page about the window."""
    rows = [f"| `{spec.shortcut}` | {spec.menu} | {spec.name} |" for spec in ACTIONS if spec.shortcut]
    return "\n".join(("| keys | menu | what |", "|---|---|---|", *rows)) + "\n"
