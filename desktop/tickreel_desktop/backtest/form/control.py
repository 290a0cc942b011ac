"""Reads strategies and days for the form, keeps how it stands, and its templates."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.settings import load
from tickreel_desktop.backtest.form.editor import editor_command
from tickreel_desktop.backtest.form.kept import LONGEST_NAME, FormBook, template_name
from tickreel_desktop.backtest.form.shelf import StrategyShelf
from tickreel_desktop.keeping import Writer
from tickreel_desktop.replay.collecting import held_symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.store import Cache
    from tickreel_desktop.backtest.form.draft import Draft
    from tickreel_desktop.backtest.form.pane import FormPane
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.undo import Undo

FOLDER = "strategies"
"""Of the home, in which the user's own strategies lie."""
_KEPT_AFTER_MS = 1_000


class FormControl(QObject):
    """Looks after one form."""

    fetch_wanted = Signal(list)

    def __init__(
        self,
        pane: FormPane,
        cache: Cache,
        tasks: Tasks,
        undo: Undo,
        tell: Callable[[BaseException], object],
        window: QWidget,
        *,
        keeps: bool,
    ) -> None:
        """Take charge; without *keeps* nothing is written to the home. *tell* says what went wrong."""
        super().__init__(window)
        self._pane = pane
        self._cache = cache
        self._tasks = tasks
        self._undo = undo
        self._tell = tell
        self._window = window
        self._keeps = keeps
        self.shelf = StrategyShelf(cache.home / FOLDER, self)
        self.book = FormBook(cache.home)
        self._writer = Writer(self.book.write, tell)
        self._asked = 0
        """Counts readings of strategies and symbols: what comes late is not shown."""
        self._looked = 0
        self._is_read = asyncio.Event()
        self._is_looked = asyncio.Event()
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(_KEPT_AFTER_MS)
        self._keeping.timeout.connect(lambda: self._tasks.start(self._keep(), "keep the form"))
        self._connect()

    def _connect(self) -> None:
        pane, field = self._pane, self._pane.strategy
        pane.changed.connect(self._on_changed)
        pane.symbols_changed.connect(self.look_at_symbols)
        pane.days.fetch_wanted.connect(self.fetch_wanted)
        pane.templates_menu.aboutToShow.connect(self._fill_templates)
        field.chosen.connect(self.choose)
        field.reload_wanted.connect(self.reload)
        field.edit_wanted.connect(self.edit)
        field.fault_wanted.connect(self._open_fault)
        field.file_wanted.connect(self._ask_file)
        self.shelf.listed.connect(self._show_names)
        self.shelf.changed.connect(lambda _path: self.reload())

    async def begin(self) -> str:
        """Read what is kept and fill the form in; give what was wrong with the file, if anything."""
        problem = await asyncio.to_thread(self.book.read)
        self.shelf.look()
        self.take(self.book.last)
        return problem

    async def close(self) -> None:
        """Keep how the form stands."""
        self._keeping.stop()
        await self._keep()

    def offer_symbols(self, known: Sequence[tuple[str, str]]) -> None:
        """Let these be found, which are held; what is held of the chosen ones may be other than before."""
        self._pane.symbols.offer(known)
        self.look_at_symbols()

    def take(self, draft: Draft) -> None:
        """Fill the form in anew, and read what belongs to it."""
        self._pane.take(draft)
        self._pane.strategy.show_names(self.shelf.own, self.shelf.examples, draft.strategy)
        self._read_strategy(draft.strategy)
        self.look_at_symbols()

    def choose(self, reference: str) -> None:
        """Take another strategy."""
        self._pane.strategy.show_names(self.shelf.own, self.shelf.examples, reference)
        self._read_strategy(reference)
        self._on_changed()

    def reload(self) -> None:
        """Read the strategy anew."""
        self.shelf.look()
        self._read_strategy(self._pane.strategy.reference)

    def look_at_symbols(self) -> None:
        """Read what is held of the chosen symbols."""
        self._looked += 1
        self._is_looked.clear()
        self._tasks.start(self._look_at_symbols(self._looked), "read what is held")

    def note(self) -> None:
        """Keep the form as it stands now."""
        self._on_changed()

    def note_rate(self, strategy: str, rows_per_s: float) -> None:
        """Take note of how fast a strategy ran."""
        self.book.note_rate(strategy, rows_per_s)
        self._show_rate()
        self._keeping.start()

    async def settled(self) -> None:
        """Wait until the strategy is read, and what is held of the symbols."""
        await self._is_read.wait()
        await self._is_looked.wait()

    def edit(self) -> None:
        """Open the strategy where it can be changed: an example as a copy."""
        self._tasks.start(self._edit(), "open a strategy")

    def _read_strategy(self, reference: str) -> None:
        self._asked += 1
        self._is_read.clear()
        self.shelf.watch(reference)
        self._pane.show_reading(reference)
        self._show_rate()
        if reference:
            self._tasks.start(self._declare(reference, self._asked), "read a strategy")
        else:
            self._is_read.set()

    async def _declare(self, reference: str, asked: int) -> None:
        found = await self.shelf.declare(reference)
        if asked == self._asked:
            self._pane.show_found(found, is_example=self.shelf.is_example(reference))
            self._is_read.set()

    async def _look_at_symbols(self, looked: int) -> None:
        pairs = self._pane.symbols.symbols()
        held = await asyncio.to_thread(lambda: [held_symbol(self._cache, *pair) for pair in pairs])
        if looked == self._looked:
            self._pane.show_symbols(held)
            self._is_looked.set()

    def _show_rate(self) -> None:
        self._pane.show_rate(self.book.rate(self._pane.strategy.reference))

    def _show_names(self) -> None:
        self._pane.strategy.show_names(self.shelf.own, self.shelf.examples, self._pane.strategy.reference)

    # Strategy files

    def _ask_file(self) -> None:
        folder = self.shelf.folder if self.shelf.folder.is_dir() else Path.home()
        dialog = QFileDialog(self._window, "Open a strategy", str(folder), "Strategies (*.py)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.choose)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _edit(self) -> None:
        """Open the file in the program that the system has for it; an example is copied first."""
        reference = self._pane.strategy.reference
        path = self.shelf.file_of(reference)
        if self.shelf.is_example(reference):
            path = await self.shelf.copy(reference)
            self.choose(str(path))
        self.open_file(path)

    def _open_fault(self) -> None:
        fault = self._pane.fault()
        if fault is not None and fault.path is not None:
            self.open_file(Path(fault.path), fault.line)

    def open_file(self, path: Path, line: int | None = None) -> None:
        """Open a file in the user's editor, at a line where that can go to one."""
        self._tasks.start(self._open_file(path, line), "open a strategy")

    async def _open_file(self, path: Path, line: int | None) -> None:
        settings = await asyncio.to_thread(load, self._cache.home)
        words = editor_command(path, line, settings.values.backtest.editor)
        if words is not None:
            program, *rest = words
            if not QProcess.startDetached(program, rest)[0]:
                raise EnvironmentProblem(
                    f"{program} cannot be started: backtest.editor names the editor of strategies"
                )
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            raise UsageError(f"no program is set up to open {path.name}: it lies in {path.parent}")

    # Templates

    def _fill_templates(self) -> None:
        menu = self._pane.templates_menu
        menu.clear()
        for name in self.book.names():
            menu.addAction(name).triggered.connect(partial(self.use_template, name))
        if self.book.names():
            menu.addSeparator()
        menu.addAction("Save as template...").triggered.connect(self.ask_template_name)
        if self.book.names():
            gone = menu.addMenu("Delete")
            for name in self.book.names():
                gone.addAction(name).triggered.connect(partial(self.delete_template, name))

    def use_template(self, name: str, _checked: bool = False) -> None:
        """Fill the form in as a template has it."""
        draft = self.book.template(name)
        if draft is not None:
            before = self._pane.draft()
            self.take(draft)
            self._undo.did(f"Use template {name}", partial(self.take, before), partial(self.take, draft))
            self._on_changed()

    def ask_template_name(self) -> None:
        """Ask under which name the form is to be kept."""
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Save as template")
        dialog.setLabelText(f"Name of the template, at most {LONGEST_NAME} characters")
        edit = dialog.findChild(QLineEdit)
        if edit is not None:
            edit.setAccessibleName("Name of the template")
            edit.setMaxLength(LONGEST_NAME)
        dialog.textValueSelected.connect(self.keep_template)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def keep_template(self, text: str) -> None:
        """Keep the form as it stands under a name."""
        name = template_name(text)
        if name is None:
            self._tell(UsageError("a template needs a name"))
            return
        before, draft = self.book.template(name), self._pane.draft()

        def undo() -> None:
            if before is None:
                self.book.forget(name)
            else:
                self.book.keep(name, before)
            self._keeping.start()

        def do() -> None:
            self.book.keep(name, draft)
            self._keeping.start()

        do()
        self._undo.did(f"Save template {name}", undo, do)

    def delete_template(self, name: str, _checked: bool = False) -> None:
        """Drop a template; that can be undone."""
        dropped = self.book.forget(name)
        if dropped is not None:
            self._keeping.start()
            self._undo.did(
                f"Delete template {name}",
                partial(self.book.keep, name, dropped),
                partial(self.book.forget, name),
            )

    def _on_changed(self) -> None:
        self.book.note_last(self._pane.draft())
        self._keeping.start()

    async def _keep(self) -> None:
        if self._keeps:
            await self._writer.write()
