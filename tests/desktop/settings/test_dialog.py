"""The dialog as a whole: pages, search, locks, undo, what changes outside, keyboard, room for words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import shiboken6
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QContextMenuEvent, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton, QWidget
from support.accessibility import nameless_controls
from support.qtloop import run_on_qt
from support.settingsdesk import SettingsDesk, settings_desk, typed, until

from tickreel.keys import KeyName
from tickreel.settings import SECTIONS, SETTINGS, settings_path
from tickreel_desktop.settings import SettingsDialog
from tickreel_desktop.theme import Theme, ThemeMode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

POLICY = '[store]\nreason = "desk storage, ask infra"\nquota_bytes = 2000000000000\n'

OTHER_ROWS = {*(name.variable for name in KeyName), "tickreel doctor"}
"""Keys and the connection of the shared cache stand among the settings and are none."""


def shown(desk: SettingsDesk) -> list[str]:
    return [row.key.replace("\u200b", "") for row in desk.dialog.view.shown()]


def test_every_setting_has_its_row_on_the_page_of_its_section(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            for section in SECTIONS:
                desk.dialog.show_page(section.name)
                keys = [each.key for each in SETTINGS if each.section == section.name]
                assert [key for key in shown(desk) if key not in OTHER_ROWS] == keys
            assert not nameless_controls(desk.dialog)

    run_on_qt(qapp, check())


def test_a_search_finds_by_title_key_and_explanation_and_marks_it(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            dialog = desk.dialog
            for text, found in (
                ("quota_bytes", ["store.quota_bytes"]),
                ("Downloads TIME", ["fetch.concurrency"]),
                ("tickreel_log_level", ["logs.level"]),
                ("longest unread", []),
                ("place of the system", ["network.ca_file"]),
            ):
                dialog.search.setText(text)
                assert shown(desk) == found, text
            dialog.search.setText("quota")
            assert "store.eviction" in shown(desk)
            assert "<span" in dialog.rows["store.quota_bytes"]._title.text()
            assert "<span" in dialog.rows["store.quota_bytes"]._key.text()
            counts = dialog.pages.model()
            spoken = [
                counts.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)
                for row in range(counts.rowCount())
            ]
            assert "Storage and cache, 2" in spoken
            assert "Log, 0" in spoken
            dialog.pages.setCurrentIndex(counts.index(3, 0))
            assert shown(desk) == []
            dialog.search.clear()
            assert shown(desk) == [each.key for each in SETTINGS if each.section == "appearance"]
            assert "<span" not in dialog.rows["store.quota_bytes"]._title.text()

    run_on_qt(qapp, check())


def test_a_locked_setting_is_readable_and_says_why(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        text = "[store]\nquota_bytes = 1500000000000\n"
        async with settings_desk(theme, home, text=text, policy=POLICY) as desk:
            row = desk.dialog.rows["store.quota_bytes"]
            desk.dialog.show_page("locked")
            assert shown(desk) == ["store.quota_bytes"]
            assert (row.fixed.text(), row.fixed.isReadOnly()) == ("2 TB", True)
            assert row.fixed.isEnabled()
            assert not row.editor.isVisible()
            assert not row.reset_button.isVisible()
            assert row.tag.text() == "policy"
            assert row.note() == (
                f"Locked by the machine's policy {desk.policy}: “desk storage, ask infra”. "
                "Your value 1.5 TB is kept but not used."
            )
            desk.policy.unlink()
            desk.dialog.keeper.look()
            await until(lambda: row.editor.isVisible() or not row.is_locked)
            assert shown(desk)[0] == "appearance.theme"
            desk.dialog.show_page("store")
            assert row.editor.isVisible()
            assert desk.values == [("store.quota_bytes", 1_500_000_000_000)]

    run_on_qt(qapp, check())


def test_what_the_environment_or_the_command_line_set_is_shown_with_its_reason(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        options: dict[str, Any] = {
            "environ": {"TICKREEL_PROXY": "http://desk:hunter2@proxy:3128"},
            "flags": {"appearance.theme": "light"},
        }
        async with settings_desk(theme, home, text='[network]\nproxy = "http://mine:1"\n', **options) as desk:
            proxy = desk.dialog.rows["network.proxy"]
            assert proxy.fixed.text() == "http://***@proxy:3128"
            assert "environment variable TICKREEL_PROXY" in proxy.note()
            assert "Your value http://mine:1 is kept but not used" in proxy.note()
            look = desk.dialog.rows["appearance.theme"]
            assert (look.fixed.text(), look.tag.text()) == ("Light", "command line")
            assert look.note() == "Set on the command line, for this run."

    run_on_qt(qapp, check())


def test_every_change_can_be_undone_also_that_of_a_whole_page(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        text = "[store]\nquota_bytes = 5000000000\ntrash_days = 7\n[logs]\nlevel = 'debug'\n"
        async with settings_desk(theme, home, text=text) as desk:
            dialog = desk.dialog
            dialog.show_page("store")
            assert not dialog.undo_button.isVisible()
            dialog.reset_button.click()
            await desk.saved("store.quota_bytes", None)
            assert desk.file()["logs"] == {"level": "debug"}
            assert desk.own("store.trash_days") is None
            assert dialog.status() == "Saved. 2 settings changed"
            assert not dialog.reset_button.isEnabled()
            QTest.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            await desk.saved("store.quota_bytes", 5_000_000_000)
            await desk.saved("store.trash_days", 7)
            assert not dialog.undo_button.isVisible()
            assert [dict(change.before) for change in desk.changes] == [
                {"store.quota_bytes": 5_000_000_000, "store.trash_days": 7}
            ]
            dialog.rows["store.trash_days"].reset_button.click()
            await desk.saved("store.trash_days", None)
            assert dialog.status() == "Saved. Trash: default"
            await dialog.keeper.take_back(desk.changes[-1])
            assert (desk.own("store.trash_days"), dialog.undo_button.isVisible()) == (7, False)
            await dialog.keeper.make_again(desk.changes[-1])
            assert (desk.own("store.trash_days"), dialog.undo_button.isVisible()) == (None, True)
            assert len(desk.changes) == 2

    run_on_qt(qapp, check())


def test_a_change_that_waits_to_be_saved_is_the_first_to_be_undone(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, text="[store]\ntrash_days = 7\n") as desk:
            keeper = desk.dialog.keeper
            keeper.change("store.trash_days", 9)
            await desk.saved("store.trash_days", 9)
            keeper.change("logs.level", "debug")
            keeper.undo()
            await until(lambda: len(desk.changes) == 2 and desk.own("logs.level") is None)
            assert desk.own("store.trash_days") == 9
            keeper.change("logs.level", "error")
            await keeper.take_back(desk.changes[0])
            assert (desk.own("store.trash_days"), desk.own("logs.level")) == (7, "error")
            keeper.undo()
            keeper.undo()
            await keeper.settled()
            await until(lambda: desk.own("logs.level") is None and not keeper.can_undo)
            assert [change.name for change in desk.changes] == [
                "Change of trash",
                "Change of lowest level",
                "Change of lowest level",
            ]

    run_on_qt(qapp, check())


def test_what_waits_to_be_saved_is_saved_though_the_dialog_is_deleted(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            dialog = SettingsDialog(theme, home, tasks=desk.dialog._tasks, environ={})
            dialog.keeper.change("logs.level", "debug")
            dialog.keeper.flush()
            dialog.keeper.look()
            shiboken6.delete(dialog)
            await until(lambda: desk.own("logs.level") == "debug")

    run_on_qt(qapp, check())


def test_an_undo_that_cannot_be_saved_is_told_and_can_be_tried_again(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            keeper = desk.dialog.keeper
            keeper.change("store.trash_days", 9)
            await desk.saved("store.trash_days", 9)
            desk.policy.write_text("[store]\ntrash_days = 5\n", encoding="utf-8")
            keeper.undo()
            await until(lambda: desk.dialog.status() == "Not saved")
            assert keeper.can_undo
            desk.policy.unlink()
            keeper.undo()
            await desk.saved("store.trash_days", None)
            assert not keeper.can_undo

    run_on_qt(qapp, check())


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_setting_is_copied_as_a_command(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        text = "[store]\nquota_bytes = 5000000000\n[network]\nca_file = '/etc/my house.pem'\n"
        async with settings_desk(theme, home, text=text) as desk:
            rows = desk.dialog.rows
            assert rows["store.quota_bytes"].command() == "tickreel settings set store.quota_bytes 5000000000"
            command = rows["network.ca_file"].command()
            assert command == "tickreel settings set network.ca_file '/etc/my house.pem'"
            assert rows["logs.level"].command() == "tickreel settings unset logs.level"
            desk.dialog.show_page("store")
            row = rows["store.quota_bytes"]
            where = row.rect().center()
            event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, where, row.mapToGlobal(where))
            QApplication.sendEvent(row, event)
            (menu,) = row.findChildren(QMenu)
            menu.actions()[1].trigger()
            assert QApplication.clipboard().text() == row.command()
            menu.close()

    run_on_qt(qapp, check())


def test_what_is_changed_outside_appears(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            row = desk.dialog.rows["logs.level"]
            settings_path(home).write_text("[logs]\nlevel = 'debug'\n", encoding="utf-8")
            await until(lambda: row.tag.text() == "your file")
            assert desk.values == [("logs.level", "debug")]
            # In place, as some editors do it.
            with settings_path(home).open("a", encoding="utf-8") as file:
                file.write("[replay]\nspeed = 20\n")
            await until(lambda: ("replay.speed", 20.0) in desk.values)

    run_on_qt(qapp, check())


def test_a_file_that_is_broken_meanwhile_is_told_left_alone_and_not_written(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, text="[store]\ntrash_days = 7\n") as desk:
            settings_path(home).write_text("[store\n", encoding="utf-8")
            await until(desk.dialog.banner.isVisible)
            assert "is not TOML" in desk.dialog.banner.text()
            assert desk.dialog.rows["store.trash_days"].tag.text() == "your file"
            desk.dialog.keeper.change("store.trash_days", 9)
            row = desk.dialog.rows["store.trash_days"]
            await until(lambda: "Not saved" in row.problem())
            assert settings_path(home).read_text(encoding="utf-8") == "[store\n"
            settings_path(home).write_text("[store]\ntrash_days = 8\n", encoding="utf-8")
            await until(lambda: not desk.dialog.banner.isVisible())
            assert desk.values == [("store.trash_days", 8)]

    run_on_qt(qapp, check())


def test_a_failure_is_told_at_the_setting_and_the_old_value_stays(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        # A table in a line cannot be changed by line.
        async with settings_desk(theme, home, text='appearance = { theme = "dark" }\n') as desk:
            combo = desk.dialog.rows["appearance.theme"].editor.control
            combo.setFocus()
            QTest.keyClick(combo, Qt.Key.Key_Down)
            row = desk.dialog.rows["appearance.theme"]
            await until(lambda: row.problem() != "")
            assert "edit it by hand" in row.problem()
            assert row.editor.control.currentText() == "Dark"  # type: ignore[attr-defined]
            assert desk.dialog.status() == "Not saved"

    run_on_qt(qapp, check())


def test_a_failure_after_closing_is_told_to_the_window(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, text='appearance = { theme = "dark" }\n') as desk:
            unseen: list[str] = []
            desk.dialog.failed_unseen.connect(unseen.append)
            combo = desk.dialog.rows["appearance.theme"].editor.control
            combo.setFocus()
            QTest.keyClick(combo, Qt.Key.Key_Down)
            desk.dialog.close()
            await until(lambda: bool(unseen))
            assert "edit it by hand" in unseen[0]

    run_on_qt(qapp, check())


def test_the_keyboard_reaches_everything_in_order(qapp: QApplication, theme: Theme, home: Path) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, text="[store]\ntrash_days = 7\n") as desk:
            dialog = desk.dialog
            QTest.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
            assert dialog.search.hasFocus()
            dialog.show_page("store")
            rows = dialog.rows
            quota = rows["store.quota_bytes"].editor
            wanted: list[QWidget] = [
                dialog.pages,
                quota.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1],
                rows["store.eviction"].editor.control,
                rows["store.ttl_days"].editor.findChildren(QWidget)[-1],
                rows["store.trash_days"].editor.control,
                rows["store.trash_days"].reset_button,
                rows["store.keep_free_bytes"].editor.findChildren(QWidget)[-1],
                dialog.open_button,
                dialog.reset_button,
                dialog.close_button,
            ]
            for widget in wanted:
                focused = QApplication.focusWidget()
                assert focused is not None
                QTest.keyClick(focused, Qt.Key.Key_Tab)
                assert QApplication.focusWidget() is widget
            dialog.pages.setFocus()
            QTest.keyClick(dialog.pages, Qt.Key.Key_Down)
            assert shown(desk)[0] == "TARDIS_API_KEY"
            QTest.keyClick(dialog.pages, Qt.Key.Key_Escape)
            assert not dialog.isVisible()

    run_on_qt(qapp, check())


class _Opened(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[QUrl] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.urls.append(url)


@pytest.fixture
def opened() -> Iterator[_Opened]:
    taker = _Opened()
    # The stub wants bytes, the call itself a text.
    QDesktopServices.setUrlHandler("file", taker, "take")  # type: ignore[arg-type]
    yield taker
    QDesktopServices.unsetUrlHandler("file")


def test_the_file_is_opened_by_the_system(
    qapp: QApplication, theme: Theme, home: Path, opened: _Opened
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, text="# mine\n") as desk:
            desk.dialog.open_button.click()
            await until(lambda: bool(opened.urls))
            assert [url.toLocalFile() for url in opened.urls] == [str(settings_path(home))]

    run_on_qt(qapp, check())


def _clipped(root: QWidget) -> list[str]:
    """Describe labels and buttons that have less room than their words need."""
    clipped = []
    for each in root.findChildren(QLabel) + root.findChildren(QPushButton):
        if not each.isVisible() or not each.text() or each.objectName() == "elided":
            continue
        needed = each.minimumSizeHint()
        height = each.heightForWidth(each.width()) if each.hasHeightForWidth() else needed.height()
        inside = each.mapTo(root, each.rect().topRight()).x() < root.width()
        if each.width() < needed.width() or each.height() < height or not inside:
            clipped.append(f"{each.text()!r}: {each.size().toTuple()} of {needed.width()}, {height}")
    return clipped


@pytest.mark.parametrize("scale", [1.0, 1.75])
@pytest.mark.parametrize("page", [each.name for each in SECTIONS])
def test_words_that_are_a_third_longer_do_not_clip(
    qtbot: QtBot, qapp: QApplication, home: Path, monkeypatch: pytest.MonkeyPatch, scale: float, page: str
) -> None:
    longer = tuple(
        replace(
            each,
            title=f"{each.title}{each.title[: len(each.title) // 3]}",
            explanation=f"{each.explanation} {each.explanation[: len(each.explanation) // 3]}",
            words=tuple((value, f"{word} {word[: len(word) // 3]}") for value, word in each.words),
        )
        for each in SETTINGS
    )
    monkeypatch.setattr("tickreel_desktop.settings.dialog.SETTINGS", longer)

    async def check() -> None:
        theme = Theme(ThemeMode.DARK, scale)
        theme.apply(qapp)
        async with settings_desk(theme, home, policy=POLICY) as desk:
            desk.dialog.resize(1000, 640) if scale == 1 else None
            desk.dialog.show_page(page)
            qapp.sendPostedEvents()
            body = desk.dialog.view.widget()
            assert body is not None
            await until(lambda: body.width() <= desk.dialog.view.viewport().width())
            assert _clipped(body) == []
        theme.deleteLater()

    run_on_qt(qapp, check())


def test_a_setting_that_is_asked_for_before_its_row_is_made_is_gone_to(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            dialog = SettingsDialog(
                theme, home, tasks=desk.dialog._tasks, environ={}, parent=desk.dialog.parentWidget()
            )
            desk.dialog.close()
            dialog.show_setting("logs.level")
            dialog.open()
            dialog.activateWindow()
            await dialog.ready()
            control = dialog.rows["logs.level"].editor.control
            await until(lambda: QApplication.focusWidget() is control)
            assert next(iter(dialog.rows)) == "logs.level"
            dialog.close()

    run_on_qt(qapp, check())


def test_typing_is_not_disturbed_by_what_changes_outside(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, text="[store]\nquota_bytes = 5000000000\n") as desk:
            desk.dialog.show_setting("store.quota_bytes")
            field = desk.dialog.rows["store.quota_bytes"].editor.control
            assert isinstance(field, QLineEdit)
            typed(field, "7 G")
            settings_path(home).write_text("[logs]\nlevel = 'debug'\n", encoding="utf-8")
            await until(lambda: ("logs.level", "debug") in desk.values)
            assert field.text() == "7 G"
            QTest.keyClicks(field, "B")
            QTest.keyClick(field, Qt.Key.Key_Return)
            await desk.saved("store.quota_bytes", 7_000_000_000)

    run_on_qt(qapp, check())
