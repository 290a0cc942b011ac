"""The strategies there are, and what the chosen one declares: read by a process of its own, told in words."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from tickreel.backtest.declaring import Declaration, Fault, read_answer
from tickreel.backtest.loading import example_folder, list_strategies
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel_desktop.children import run_child

if TYPE_CHECKING:
    from collections.abc import Sequence

_READS_WITHIN_S = 30.0
_SETTLED_AFTER_MS = 150
"""An editor that saves writes several times."""


class StrategyShelf(QObject):
    """The examples and the files of a folder; reading one never runs it in the window's own process."""

    listed = Signal()
    """Other strategies are there now."""
    changed = Signal(str)
    """The file of the strategy that is watched was written anew."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        """Where the user's own lie; made with the first of them."""
        self.examples: tuple[str, ...] = ()
        self.own: tuple[Path, ...] = ()
        self._watched: Path | None = None
        self._watcher = QFileSystemWatcher(self)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLED_AFTER_MS)
        self._settling.timeout.connect(self._on_settled)
        self._watcher.directoryChanged.connect(lambda _path: self._settling.start())
        self._watcher.fileChanged.connect(self._on_file_changed)
        self._is_file_changed = False
        self._known: dict[tuple[str, int, int], Declaration | Fault] = {}

    def look(self) -> None:
        """List what there is, quickly enough for any thread: two folders."""
        examples = tuple(path.stem for path in list_strategies(example_folder()))
        own = tuple(list_strategies(self.folder))
        if self.folder.is_dir() and str(self.folder) not in self._watcher.directories():
            self._watcher.addPath(str(self.folder))
        if (examples, own) != (self.examples, self.own):
            self.examples, self.own = examples, own
            self.listed.emit()

    def file_of(self, reference: str) -> Path:
        """Give the file of a strategy, an example's too."""
        file, _, _ = reference.partition(".py")
        if reference == file:
            return example_folder() / f"{reference}.py"
        return Path(f"{file}.py")

    def is_example(self, reference: str) -> bool:
        """Tell whether a strategy comes with the program, and is not to be changed."""
        return ".py" not in reference

    def watch(self, reference: str) -> None:
        """Tell of changes of the file of this strategy from now on."""
        path = None if not reference or self.is_example(reference) else self.file_of(reference)
        if self._watched is not None and path != self._watched:
            self._watcher.removePath(str(self._watched))
        self._watched = path
        if path is not None and path.is_file() and str(path) not in self._watcher.files():
            self._watcher.addPath(str(path))

    async def declare(self, reference: str) -> Declaration | Fault:
        """Read what a strategy declares; what was read of the same file before is not read again."""
        key = await asyncio.to_thread(self._key, reference)
        if key is not None and key in self._known:
            return self._known[key]
        answers: list[Declaration | Fault] = []
        try:
            async with asyncio.timeout(_READS_WITHIN_S):
                await run_child(
                    "the strategy cannot be read",
                    "tickreel.backtest.declaring",
                    reference,
                    on_line=lambda line: answers.append(read_answer(line)),
                )
        except TimeoutError:
            return Fault(
                reference, f"its file ran for {_READS_WITHIN_S:.0f} s without an end, and was stopped"
            )
        except EnvironmentProblem as error:
            return Fault(reference, str(error))
        if not answers:
            return Fault(reference, "its file ended the process that read it")
        if key is not None:
            self._known[key] = answers[0]
        return answers[0]

    async def copy(self, reference: str) -> Path:
        """Copy an example to the user's folder, under a name that is free, and give the file.

        Raises:
            EnvironmentProblem: the folder cannot be written.
        """
        path = await asyncio.to_thread(self._copy, self.file_of(reference))
        self.look()
        return path

    def _copy(self, source: Path) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for number in range(1, 1_000):
                target = self.folder / (
                    f"my_{source.stem}.py" if number == 1 else f"my_{source.stem}_{number}.py"
                )
                if not target.exists():
                    shutil.copyfile(source, target)
                    return target
        except OSError as error:
            raise EnvironmentProblem(f"{self.folder} cannot be written: {error}") from error
        raise UsageError(f"{self.folder} holds too many copies of {source.stem}")

    def names(self) -> Sequence[str]:
        """Give what can be chosen: the user's files first, as paths, then the examples by name."""
        return [*(str(path) for path in self.own), *self.examples]

    def _key(self, reference: str) -> tuple[str, int, int] | None:
        try:
            found = self.file_of(reference).stat()
        except OSError:
            return None
        return reference, found.st_mtime_ns, found.st_size

    def _on_file_changed(self, _path: str) -> None:
        self._is_file_changed = True
        self._settling.start()

    def _on_settled(self) -> None:
        self.look()
        watched = self._watched
        if self._is_file_changed and watched is not None:
            self._is_file_changed = False
            if watched.is_file() and str(watched) not in self._watcher.files():
                self._watcher.addPath(str(watched))  # an editor may put another file in its place
            self.changed.emit(str(watched))
