"""A key is shown by its end at most, and kept in the system's store, for the session, or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from keyring.backends import fail
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from support.accessibility import nameless_controls
from support.memorykeyring import MemoryKeyring, keyring_of
from support.qtloop import run_on_qt
from support.settingsdesk import settings_desk, until

from tickreel.errors import UsageError
from tickreel.keys import KeyName, KeyOrigin, find_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel_desktop.settings import SettingsDialog
    from tickreel_desktop.theme import Theme

SECRET = "TD.abcdefghijklmnop4f1c"


@pytest.fixture
def no_store(store: MemoryKeyring) -> Iterator[None]:
    with keyring_of(fail.Keyring()):  # type: ignore[no-untyped-call]
        yield


def holding(folder: Path, secret: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def everything_said(dialog: SettingsDialog) -> str:
    """Collect whatever the dialog shows or tells a screen reader."""
    from PySide6.QtWidgets import QLabel, QWidget

    texts = [each.text() for each in dialog.findChildren(QLabel)]
    texts += [each.displayText() for each in dialog.findChildren(QLineEdit)]
    for each in dialog.findChildren(QWidget):
        texts += [each.accessibleName(), each.accessibleDescription(), each.toolTip()]
    return "\n".join(texts)


def test_a_key_goes_into_the_store_and_only_its_end_is_shown(
    qapp: QApplication, theme: Theme, home: Path, store: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryKeyring, "__module__", "keyring.backends.SecretService")

    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            row = desk.dialog.key_row
            told: list[str] = []
            desk.dialog.key_changed.connect(told.append)
            desk.dialog.show_page("tardis")
            assert (row.field.text(), row.note()) == ("", "A key is kept in Secret Service.")
            assert not row.delete_button.isVisible()
            assert not row.test_button.isVisible()
            row.set_button.click()
            assert row.entry is not None
            entry = row.entry
            assert entry.field.echoMode() is QLineEdit.EchoMode.Password
            assert not entry.keep_button.isEnabled()
            QTest.keyClicks(entry.field, SECRET)
            QTest.keyClick(entry.field, Qt.Key.Key_Return)
            await until(lambda: bool(told))
            assert store.kept == {("tickreel", "tardis"): SECRET}
            assert (row.field.text(), row.tag.text()) == ("•••••••••••• 4f1c", "keyring")
            assert row.note() == "Kept in Secret Service."
            assert SECRET[:-4] not in everything_said(desk.dialog)
            assert not nameless_controls(desk.dialog)
            # Deleting asks, at its place.
            row.delete_button.click()
            assert row.keep_button.hasFocus()
            row.keep_button.click()
            assert store.kept
            row.delete_button.click()
            row.confirm_button.click()
            await until(lambda: len(told) == 2)
            assert (store.kept, row.field.text()) == ({}, "")

    run_on_qt(qapp, check())


def test_what_is_no_key_is_told_and_escape_leaves_the_form_alone(
    qapp: QApplication, theme: Theme, home: Path, store: MemoryKeyring
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            row = desk.dialog.key_row
            desk.dialog.show_page("tardis")
            row.set_button.click()
            assert row.entry is not None
            QTest.keyClicks(row.entry.field, "two words")
            QTest.keyClick(row.entry.field, Qt.Key.Key_Return)
            await until(lambda: row.problem() != "")
            assert "one word of plain letters" in row.problem()
            assert "two words" not in row.problem()
            QTest.keyClick(row.entry.field, Qt.Key.Key_Escape)
            assert row.set_button.hasFocus()
            assert desk.dialog.isVisible()
            assert store.kept == {}

    run_on_qt(qapp, check())


def test_without_a_store_a_key_is_for_the_session_or_comes_from_the_environment(
    qapp: QApplication, theme: Theme, home: Path, no_store: None
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            row = desk.dialog.key_row
            desk.dialog.show_page("tardis")
            assert "no keyring" in row.note()
            row.set_button.click()
            entry = row.entry
            assert entry is not None
            assert entry.session.isChecked()
            entry.variable.click()
            assert not entry.field.isVisible()
            assert not entry.keep_button.isVisible()
            assert "TARDIS_API_KEY" in everything_said(desk.dialog)
            entry.session.click()
            assert not nameless_controls(desk.dialog)
            QTest.keyClicks(entry.field, SECRET)
            entry.keep_button.click()
            await until(lambda: row.tag.text() == "session")
            assert "forgotten when Tickreel closes" in row.note()
            # What fetches in this process sees it, and no file has it.
            assert find_key(KeyName.TARDIS, {}).value == SECRET
            assert not holding(home, SECRET)
            row.delete_button.click()
            row.confirm_button.click()
            await until(lambda: row.tag.text() == "none")
            assert find_key(KeyName.TARDIS, {}).origin is KeyOrigin.NONE

    run_on_qt(qapp, check())


def test_a_key_of_the_environment_is_named_and_not_changed_here(
    qapp: QApplication, theme: Theme, home: Path
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home, environ={"TARDIS_API_KEY": SECRET}) as desk:
            row = desk.dialog.key_row
            desk.dialog.show_page("tardis")
            assert (row.field.text(), row.tag.text()) == ("•••••••••••• 4f1c", "environment")
            assert "TARDIS_API_KEY" in row.note()
            assert not row.set_button.isVisible()
            assert not row.delete_button.isVisible()

    run_on_qt(qapp, check())


def test_a_key_is_tested_by_whoever_can(
    qapp: QApplication, theme: Theme, home: Path, store: MemoryKeyring
) -> None:
    store.kept["tickreel", "tardis"] = SECRET
    answers: list[str | UsageError] = ["Covers 2019-03-30 to 2027-03-01.", UsageError("the key is refused")]

    async def test_key() -> str:
        answer = answers.pop(0)
        if isinstance(answer, UsageError):
            raise answer
        return answer

    async def check() -> None:
        async with settings_desk(theme, home, test_key=test_key) as desk:
            row = desk.dialog.key_row
            desk.dialog.show_page("tardis")
            row.test_button.click()
            await until(lambda: row.verdict().startswith("Covers"))
            row.test_button.click()
            await until(lambda: row.verdict() == "The key is refused")
            assert row.test_button.isEnabled()

    run_on_qt(qapp, check())


def test_a_store_that_refuses_is_told_and_the_form_stays(
    qapp: QApplication, theme: Theme, home: Path, store: MemoryKeyring
) -> None:
    async def check() -> None:
        async with settings_desk(theme, home) as desk:
            row = desk.dialog.key_row
            desk.dialog.show_page("tardis")
            row.set_button.click()
            store.is_locked = True
            assert row.entry is not None
            QTest.keyClicks(row.entry.field, SECRET)
            row.entry.keep_button.click()
            await until(lambda: row.problem() != "")
            assert "unlock it" in row.problem()
            assert SECRET not in row.problem()
            assert row.entry is not None

    run_on_qt(qapp, check())
