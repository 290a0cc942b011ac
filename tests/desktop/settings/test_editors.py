"""Each kind of control edits a real settings file, and refuses what is not accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog
from support.qtloop import run_on_qt
from support.settingsdesk import SettingsDesk, settings_desk, typed, until

from tickreel.settings import SETTINGS, Kind, Setting, setting, settings_path
from tickreel_desktop.settings.editors import (
    ChoiceEditor,
    FlagEditor,
    PathEditor,
    SpinEditor,
    TypedEditor,
    make_editor,
)
from tickreel_desktop.settings.fields import NumberSpin

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

ZONES = ("UTC", *(f"Area/City {number}" for number in range(40)))


def box_of(editor: TypedEditor) -> QCheckBox:
    (box,) = editor.findChildren(QCheckBox)
    return box


def typed_editor(desk: SettingsDesk, key: str) -> TypedEditor:
    desk.dialog.show_setting(key)
    editor = desk.dialog.rows[key].editor
    assert isinstance(editor, TypedEditor)
    return editor


def spin_of(desk: SettingsDesk, key: str) -> NumberSpin:
    desk.dialog.show_setting(key)
    spin = desk.dialog.rows[key].editor.control
    assert isinstance(spin, NumberSpin)
    return spin


def test_every_setting_has_the_control_of_its_kind(theme: Theme, qtbot: QtBot) -> None:
    kinds = {}
    for each in SETTINGS:
        editor = make_editor(theme, each)
        qtbot.addWidget(editor)
        kinds[each.key] = type(editor)
        assert editor.control.accessibleName().startswith(each.title)
        assert each.kind.unit in editor.control.accessibleName()
        assert editor.control.accessibleDescription() == each.explanation
    assert kinds["appearance.theme"] is ChoiceEditor
    assert kinds["appearance.scale_percent"] is SpinEditor
    assert kinds["network.connect_timeout_s"] is SpinEditor
    assert kinds["store.trash_days"] is SpinEditor
    assert kinds["store.quota_bytes"] is TypedEditor
    assert kinds["replay.speed"] is TypedEditor
    assert kinds["network.proxy"] is TypedEditor
    assert kinds["network.ca_file"] is PathEditor


def test_a_choice_is_saved_when_it_is_made(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, text="# mine\n") as desk:
            row = desk.dialog.rows["appearance.theme"]
            combo = row.editor.control
            assert isinstance(combo, QComboBox)
            assert [combo.itemText(at) for at in range(combo.count())] == ["System", "Dark", "Light"]
            combo.setFocus()
            QTest.keyClick(combo, Qt.Key.Key_Down)
            await desk.saved("appearance.theme", "dark")
            assert desk.values == [("appearance.theme", "dark")]
            assert row.tag.text() == "your file"
            assert (home / "settings.toml").read_text(encoding="utf-8").startswith("# mine\n")

    run_on_qt(qapp, check())


def test_a_number_with_its_unit_is_typed_or_stepped(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            spin = spin_of(desk, "appearance.scale_percent")
            assert spin.text() == "100 %"
            typed(spin.lineEdit(), "125%")
            QTest.keyClick(spin, Qt.Key.Key_Return)
            await desk.saved("appearance.scale_percent", 125)
            QTest.keyClick(spin, Qt.Key.Key_Up)
            await desk.saved("appearance.scale_percent", 126)
            assert "from the next start on" in desk.dialog.status()
            seconds = spin_of(desk, "network.connect_timeout_s")
            typed(seconds.lineEdit(), "2.5")
            desk.dialog.search.setFocus()
            await desk.saved("network.connect_timeout_s", 2.5)
            assert seconds.text() == "2.5 s"

    run_on_qt(qapp, check())


def test_a_number_out_of_its_limits_is_refused_in_words(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            spin = spin_of(desk, "appearance.scale_percent")
            typed(spin.lineEdit(), "300")
            QTest.keyClick(spin, Qt.Key.Key_Return)
            told = "'300' is not accepted; write a whole number from 80 to 175. 100 % still holds."
            assert desk.dialog.rows["appearance.scale_percent"].problem() == told
            assert spin.text() == "100 %"
            typed(spin.lineEdit(), "12")
            QTest.keyClick(spin, Qt.Key.Key_Escape)
            assert (spin.text(), desk.dialog.isVisible()) == ("100 %", True)
            QTest.keyClick(spin, Qt.Key.Key_Up)
            await desk.saved("appearance.scale_percent", 101)
            assert desk.dialog.rows["appearance.scale_percent"].problem() == ""

    run_on_qt(qapp, check())


def test_the_wheel_scrolls_the_page_and_changes_nothing(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            spin = spin_of(desk, "appearance.scale_percent")
            combo = desk.dialog.rows["appearance.theme"].editor.control
            desk.dialog.search.setFocus()
            for control in (spin, combo):
                event = QWheelEvent(
                    QPointF(5, 5),
                    QPointF(control.mapToGlobal(QPoint(5, 5))),
                    QPoint(0, 0),
                    QPoint(0, -120),
                    Qt.MouseButton.NoButton,
                    Qt.KeyboardModifier.NoModifier,
                    Qt.ScrollPhase.NoScrollPhase,
                    False,
                )
                QApplication.sendEvent(control, event)
            assert (spin.value(), desk.dialog.keeper._pending) == (100, {})

    run_on_qt(qapp, check())


def test_a_size_is_typed_with_its_unit_and_no_limit_is_a_box(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            editor = typed_editor(desk, "store.quota_bytes")
            box = box_of(editor)
            assert (box.text(), box.isChecked(), editor.field.isEnabled()) == ("No limit", True, False)
            box.click()
            assert editor.field.hasFocus()
            typed(editor.field, "2 TB")
            QTest.keyClick(editor.field, Qt.Key.Key_Return)
            await desk.saved("store.quota_bytes", 2 * 10**12)
            assert editor.field.text() == "2 TB"
            box.click()
            await desk.saved("store.quota_bytes", None)
            assert (editor.field.text(), editor.field.isEnabled()) == ("", False)

    run_on_qt(qapp, check())


def test_no_limit_holds_until_a_size_is_typed(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            editor = typed_editor(desk, "store.quota_bytes")
            box_of(editor).click()
            settings_path(home).write_text("[logs]\nlevel = 'debug'\n", encoding="utf-8")
            await until(lambda: ("logs.level", "debug") in desk.values)
            assert (editor.field.hasFocus(), box_of(editor).isChecked()) == (True, False)
            desk.dialog.search.setFocus()
            assert box_of(editor).isChecked()
            assert desk.dialog.keeper._pending == {}

    run_on_qt(qapp, check())


def test_what_cannot_be_read_stays_to_be_mended_and_the_old_value_holds(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, text="[store]\nquota_bytes = 5000000000\n") as desk:
            editor = typed_editor(desk, "store.quota_bytes")
            row = desk.dialog.rows["store.quota_bytes"]
            typed(editor.field, "2 T")
            assert row.problem() == ""
            desk.dialog.search.setFocus()
            assert row.problem() == "'2 T' is not a size; write it as 500 GB or 2 TB. 5 GB still holds."
            assert (editor.field.text(), editor.field.property("error")) == ("2 T", True)
            editor.field.setFocus()
            QTest.keyClick(editor.field, Qt.Key.Key_Escape)
            assert (editor.field.text(), row.problem(), desk.dialog.isVisible()) == ("5 GB", "", True)
            assert desk.own("store.quota_bytes") == 5_000_000_000

    run_on_qt(qapp, check())


def test_a_word_beside_a_number_is_a_box_and_its_default_comes_back(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            editor = typed_editor(desk, "replay.speed")
            box_of(editor).click()
            await desk.saved("replay.speed", "max")
            box_of(editor).click()
            await desk.saved("replay.speed", 1.0)
            typed(editor.field, "max")
            QTest.keyClick(editor.field, Qt.Key.Key_Return)
            await desk.saved("replay.speed", "max")
            assert box_of(editor).isChecked()

    run_on_qt(qapp, check())


def test_a_url_is_typed_and_emptied_and_keeps_no_password(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            editor = typed_editor(desk, "network.proxy")
            assert editor.field.placeholderText() == "None"
            typed(editor.field, "http://desk:hunter2@proxy:3128")
            QTest.keyClick(editor.field, Qt.Key.Key_Return)
            problem = desk.dialog.rows["network.proxy"].problem()
            assert "not kept in a file; set TICKREEL_PROXY to it" in problem
            assert "hunter2" not in problem
            typed(editor.field, "http://proxy:3128")
            QTest.keyClick(editor.field, Qt.Key.Key_Return)
            await desk.saved("network.proxy", "http://proxy:3128")
            typed(editor.field, "")
            QTest.keyClick(editor.field, Qt.Key.Key_Return)
            await desk.saved("network.proxy", None)

    run_on_qt(qapp, check())


def test_a_path_is_looked_for(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            editor = typed_editor(desk, "network.ca_file")
            assert isinstance(editor, PathEditor)
            editor.browse_button.click()
            await until(lambda: bool(editor.findChildren(QFileDialog)))
            (chooser,) = editor.findChildren(QFileDialog)
            chooser.fileSelected.emit(str(home / "house.pem"))
            chooser.close()
            await desk.saved("network.ca_file", str(home / "house.pem"))
            assert editor.field.text() == str(home / "house.pem")

    run_on_qt(qapp, check())


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_long_list_is_searched_by_typing(theme: Theme, qtbot: QtBot) -> None:
    # A text that is chosen from a list, as a time zone is.
    known = Setting(
        "network.ca_file", "X", "a zone", "Zone", "Shows times.", Kind.CHOICE, choices=lambda: ZONES
    )
    editor = make_editor(theme, known)
    qtbot.addWidget(editor)
    editor.show()
    assert isinstance(editor, ChoiceEditor)
    chosen: list[object] = []
    refused: list[str] = []
    editor.chosen.connect(chosen.append)
    editor.refused.connect(refused.append)
    editor.show_value("UTC")
    combo = editor.control
    assert isinstance(combo, QComboBox)
    line = combo.lineEdit()
    assert line is not None
    completer = combo.completer()
    assert completer is not None
    completer.setCompletionPrefix("city 3")
    assert completer.completionCount() == 11
    typed(line, "area/city 33")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert chosen == ["Area/City 33"]
    typed(line, "Atlantis")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert refused[-1] == "'Atlantis' is not accepted; choose one of the list"
    assert line.text() == "Area/City 33"


def test_a_flag_is_a_box(theme: Theme, qtbot: QtBot) -> None:
    known = Setting("appearance.theme", "X", "true or false", "Quiet", "Is quiet.", Kind.FLAG)
    editor = make_editor(theme, known)
    qtbot.addWidget(editor)
    assert isinstance(editor, FlagEditor)
    editor.show_value(True)
    box = editor.control
    assert isinstance(box, QCheckBox)
    with qtbot.waitSignal(editor.chosen) as chosen:
        box.click()
    assert chosen.args == [False]


def test_a_flag_that_may_be_left_to_the_system_is_a_list(theme: Theme, qtbot: QtBot) -> None:
    known = setting("appearance.reduce_motion")
    assert known is not None
    editor = make_editor(theme, known)
    qtbot.addWidget(editor)
    choice = editor.control
    assert isinstance(choice, QComboBox)
    assert [choice.itemText(place) for place in range(choice.count())] == ["Follow the system", "Less", "All"]
    chosen: list[object] = []
    editor.chosen.connect(chosen.append)
    editor.show_value(None)
    for place in (1, 1, 2, 0):
        choice.activated.emit(place)
    assert chosen == [True, False, None]


@pytest.mark.parametrize("key", ["store.quota_bytes", "appearance.scale_percent"])
def test_what_is_typed_when_the_dialog_closes_is_saved(
    qapp: QApplication, theme: Theme, home: Path, key: str
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            if key == "store.quota_bytes":
                editor = typed_editor(desk, key)
                box_of(editor).click()
                typed(editor.field, "90 GB")
            else:
                typed(spin_of(desk, key).lineEdit(), "90")
            desk.dialog.close_button.click()
            await desk.saved(key, 90_000_000_000 if key == "store.quota_bytes" else 90)

    run_on_qt(qapp, check())
