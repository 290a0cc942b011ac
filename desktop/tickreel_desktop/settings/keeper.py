"""Reads and writes the user's settings off the UI thread, and tells what became of it.

What is edited is saved shortly afterwards, several edits at once. The file is looked at again
when it changes outside, by hand or by a command.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal
from shiboken6 import isValid

from tickreel.errors import TickreelError
from tickreel.settings import (
    SETTINGS,
    LoadedSettings,
    Setting,
    load,
    machine_policy_path,
    save,
    setting,
    settings_path,
    text_of,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tickreel_desktop.tasks import Tasks

_SAVE_AFTER_MS = 300
_LOOK_AFTER_MS = 150


@dataclass(frozen=True, slots=True, eq=False)
class SettingsChange:
    """What one saving changed in the user's file: his own value of each key before and after, None = none.

    A change is equal to itself only, since another one may have done the same.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Say it in a few words."""
        if len(self.after) != 1:
            return f"{len(self.after)} settings changed"
        ((key, value),) = self.after.items()
        known = _known(key)
        told = f"{known.title}: {'default' if value is None else text_of(known, value)}"
        return f"{told}, from the next start on" if known.needs_restart else told

    @property
    def name(self) -> str:
        """Name it where it can be undone: "Change of theme"."""
        if len(self.after) != 1:
            return f"Change of {len(self.after)} settings"
        title = _known(next(iter(self.after))).title
        is_acronym = title[1:2].isupper()
        return f"Change of {title if is_acronym else title[:1].lower() + title[1:]}"


class SettingsKeeper(QObject):
    """Hold what is set in a home, and change the user's own file.

    A saving that is under way goes on when the keeper is deleted; what fails then is told by the tasks.
    """

    loaded = Signal(object)
    """A :class:`LoadedSettings`: what holds now, after every look and every saving."""
    saved = Signal(object)
    """A :class:`SettingsChange`, also one that takes another back or makes it again."""
    made = Signal(object)
    """A :class:`SettingsChange` that is new, not one that takes another back or makes it again."""
    taken_back = Signal(object)
    """The :class:`SettingsChange` that :meth:`undo` took back."""
    failed = Signal(object, str)
    """The keys that were not saved, and why; the file is as it was."""
    unread = Signal(str)
    """Why the settings cannot be read; what was read before still holds. Empty when that is over."""
    value_changed = Signal(str, object)
    """Another value of this key holds now, whoever changed it."""

    def __init__(
        self,
        home: Path,
        tasks: Tasks,
        *,
        environ: Mapping[str, str] = os.environ,
        flags: Mapping[str, object] | None = None,
        policy_path: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.home = home
        self._tasks = tasks
        self._environ = environ
        self._flags = flags
        self._policy_path = policy_path or machine_policy_path(environ)
        self._current: LoadedSettings | None = None
        self._pending: dict[str, Any] = {}
        self._writing = asyncio.Lock()
        self._stamp: object = None
        self._undoable: list[SettingsChange] = []
        self._save_timer = self._timer(_SAVE_AFTER_MS, self.flush)
        self._look_timer = self._timer(_LOOK_AFTER_MS, self.look)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(lambda _path: self._look_timer.start())
        self._watcher.fileChanged.connect(lambda _path: self._look_timer.start())

    def _timer(self, after_ms: int, act: Any) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(after_ms)
        made.timeout.connect(act)
        return made

    @property
    def current(self) -> LoadedSettings | None:
        """What was read last; None before the first look."""
        return self._current

    @property
    def can_undo(self) -> bool:
        """Tell whether there is a change to take back."""
        return bool(self._undoable)

    def change(self, key: str, value: Any) -> None:
        """Have *value* saved as the user's own soon; None takes it out of the file."""
        self._want({key: value})

    def reset(self, keys: list[str]) -> None:
        """Take the user's own values of these keys out of the file, at once and as one change."""
        self._want(dict.fromkeys(keys))
        self.flush()

    def undo(self) -> None:
        """Take the last change back, which is what waits to be saved if anything does."""
        self._tasks.start(self._undo(), "undo a setting")

    async def _undo(self) -> None:
        await self.settled()
        if not self._undoable or not isValid(self):
            return
        change = self._undoable[-1]
        try:
            await self.take_back(change)
        except TickreelError as error:
            if not isValid(self):
                raise
            self.failed.emit(tuple(change.before), str(error))
            return
        if isValid(self):
            self.taken_back.emit(change)

    async def take_back(self, change: SettingsChange) -> None:
        """Save what was before a change, after all that waits.

        Raises:
            TickreelError: it was not saved; the change can still be taken back.
        """
        await self.settled()
        async with self._writing:
            await self._write(change.before, lambda _: self._forget(change))

    async def make_again(self, change: SettingsChange) -> None:
        """Save a change that was taken back, after all that waits.

        Raises:
            TickreelError: it was not saved.
        """
        await self.settled()
        async with self._writing:
            await self._write(change.after, lambda _: self._undoable.append(change))

    def _forget(self, change: SettingsChange) -> None:
        if change in self._undoable:
            self._undoable.remove(change)

    def _note(self, change: SettingsChange) -> None:
        if change.before != change.after:
            self._undoable.append(change)
            self.made.emit(change)

    def _want(self, wanted: Mapping[str, Any]) -> None:
        self._pending.update(wanted)
        self._save_timer.start()

    def flush(self) -> None:
        """Save at once what waits for it."""
        self._save_timer.stop()
        if self._pending:
            self._tasks.start(self.settled(), "save settings")

    async def settled(self) -> None:
        """Save at once what waits, and return when nothing does and no saving is under way."""
        async with self._writing:
            while self._pending:
                await self._save_pending()

    def look(self) -> None:
        """Read the files again if they are others than before."""
        self._tasks.start(self.begin(), "read settings")

    async def _save_pending(self) -> None:
        wanted, self._pending = self._pending, {}
        try:
            await self._write(wanted, self._note)
        except TickreelError as error:
            if not isValid(self):
                raise
            self.failed.emit(tuple(wanted), str(error))

    async def _write(self, wanted: Mapping[str, Any], note: Callable[[SettingsChange], None]) -> None:
        """Save, and tell what that changed: first to *note*, changed or not."""
        before, after = await asyncio.to_thread(self._save, wanted)
        if not isValid(self):
            return
        change = SettingsChange(
            {key: before.own.get(key) for key in wanted}, {key: after.own.get(key) for key in wanted}
        )
        note(change)
        if change.before != change.after:
            self.saved.emit(change)
        self._take(after)

    def _save(self, wanted: Mapping[str, Any]) -> tuple[LoadedSettings, LoadedSettings]:
        before = self._load()
        if any(before.own.get(key) != value for key, value in wanted.items()):
            save(self.home, wanted, policy_path=self._policy_path)
        return before, self._load()

    async def begin(self) -> None:
        """Read the files unless they are those of before, and watch them from now on."""
        if not isValid(self):
            return
        self._watch()  # first, so that nothing is missed between reading and watching
        known = self._current
        try:
            stamp = await asyncio.to_thread(self._stamp_of_files)
            if stamp == self._stamp:
                return
            loaded = await asyncio.to_thread(self._load)
        except TickreelError as error:
            if isValid(self):
                self.unread.emit(str(error))
            return
        if not isValid(self):
            return
        if self._writing.locked() or self._current is not known:
            self._look_timer.start()  # what was read may be older than what was saved meanwhile
            return
        self._stamp = stamp
        self.unread.emit("")
        self._take(loaded)

    def _load(self) -> LoadedSettings:
        loaded = load(self.home, environ=self._environ, flags=self._flags, policy_path=self._policy_path)
        loaded.demand()  # else a file that is open in an editor would put the defaults into force
        return loaded

    def _stamp_of_files(self) -> object:
        stamps: list[tuple[int, ...] | None] = []
        for path in (settings_path(self.home), self._policy_path):
            try:
                found = path.stat()
                stamps.append((found.st_mtime_ns, found.st_size, found.st_ino))
            except OSError:
                stamps.append(None)
        return tuple(stamps)

    def _take(self, loaded: LoadedSettings) -> None:
        before, self._current = self._current, loaded
        self.loaded.emit(loaded)
        if before is not None:
            for each in SETTINGS:
                value = value_of(loaded.values, each.key)
                if value != value_of(before.values, each.key):
                    self.value_changed.emit(each.key, value)

    def _watch(self) -> None:
        # A file that was replaced is no longer watched, so that its folder is watched as well.
        files = (settings_path(self.home), self._policy_path)
        paths = [str(path) for file in files for path in (file.parent, file)]
        missing = [path for path in paths if path not in self._watcher.directories() + self._watcher.files()]
        for path in missing:
            if os.path.exists(path):
                self._watcher.addPath(path)


def _known(key: str) -> Setting:
    found = setting(key)
    assert found is not None  # only keys of the table are ever changed
    return found
