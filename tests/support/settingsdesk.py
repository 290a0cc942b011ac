"""The settings dialog over a real home, on a loop that is the Qt loop."""

from __future__ import annotations

import asyncio
import tomllib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from tickreel.settings import settings_path
from tickreel_desktop.settings import SettingsDialog
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from PySide6.QtWidgets import QLineEdit

    from tickreel_desktop.settings import SettingsChange
    from tickreel_desktop.theme import Theme


class SettingsDesk:
    """A dialog that is open, and what came of it."""

    def __init__(self, dialog: SettingsDialog, home: Path) -> None:
        self.dialog = dialog
        self.home = home
        self.policy = home.parent / "policy.toml"
        self.changes: list[SettingsChange] = []
        self.values: list[tuple[str, object]] = []
        dialog.changed.connect(self.changes.append)
        dialog.settings_changed.connect(lambda key, value: self.values.append((key, value)))

    def file(self) -> dict[str, Any]:
        """Read the user's own file, by section."""
        path = settings_path(self.home)
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def own(self, key: str) -> Any:
        section, _, name = key.partition(".")
        return self.file().get(section, {}).get(name)

    async def saved(self, key: str, value: object) -> None:
        """Wait until the user's file says so, and the dialog knows."""
        keeper = self.dialog.keeper
        await until(lambda: self.own(key) == value)
        await until(lambda: keeper.current is not None and keeper.current.own.get(key) == value)


async def until(holds: Callable[[], bool]) -> None:
    """Turn the loop until something holds; the loop's own guard ends a wait that never does."""
    while not holds():
        await asyncio.sleep(0.01)


def _prepare(home: Path, text: str, policy: str) -> Path:
    home.mkdir(exist_ok=True)
    if text:
        settings_path(home).write_text(text, encoding="utf-8")
    policy_path = home.parent / "policy.toml"
    if policy:
        policy_path.write_text(policy, encoding="utf-8")
    return policy_path


@asynccontextmanager
async def settings_desk(
    theme: Theme, home: Path, *, text: str = "", policy: str = "", **options: Any
) -> AsyncIterator[SettingsDesk]:
    """Open the dialog over a home with this file and this policy of its machine."""
    policy_path = _prepare(home, text, policy)
    errors: list[BaseException] = []
    tasks = Tasks(errors.append)
    window = QMainWindow()
    window.resize(1280, 800)
    window.show()
    options = {"environ": {}, "policy_path": policy_path, **options}
    dialog = SettingsDialog(theme, home, tasks=tasks, parent=window, **options)
    desk = SettingsDesk(dialog, home)
    try:
        dialog.open()
        dialog.activateWindow()
        await dialog.ready()
        await until(lambda: dialog.isActiveWindow() and dialog.keeper.current is not None)
        await until(lambda: not dialog.key_row.tag.isHidden())
        yield desk
        dialog.close()
        await dialog.keeper.settled()
    finally:
        await tasks.close()
        window.close()
        window.deleteLater()
    if errors:
        raise errors[0]


def typed(field: QLineEdit, text: str) -> None:
    """Type over what stands in a field."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text) if text else QTest.keyClick(field, Qt.Key.Key_Delete)
