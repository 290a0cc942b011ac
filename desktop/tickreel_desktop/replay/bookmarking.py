"""What the user does with bookmarks: set, go to, name, delete with undo, list, export."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from tickreel.errors import EnvironmentProblem
from tickreel_desktop.keeping import Writer
from tickreel_desktop.replay.bookmark_list import BookmarkList
from tickreel_desktop.replay.bookmarks import Bookmark, BookmarkBook, Bookmarks, csv_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.replay.controls import ReplayControls
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone


class Bookmarking(QObject):
    """The verbs of bookmarks of one window."""

    def __init__(
        self,
        *,
        window: QWidget,
        theme: Theme,
        zone: DisplayZone,
        home: Path,
        controls: ReplayControls,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._zone = zone
        self._controls = controls
        self._tasks = tasks
        self._teller = teller
        self._undo = undo
        self._book = BookmarkBook(home)
        writer = Writer(self._book.write, teller.error)
        self.bookmarks = Bookmarks(self._book, self)
        self.bookmarks.edited.connect(lambda: tasks.start(writer.write(), "keep the bookmarks"))
        self.list: BookmarkList | None = None
        """The list that is open, or None."""

    async def begin(self) -> None:
        """Read what is kept; what cannot be used of it is told."""
        problem = await asyncio.to_thread(self._book.read)
        if problem:
            self._teller.warning("The bookmarks that were kept are not used", problem)
        self.bookmarks.tell()

    def _now_us(self) -> int | None:
        player = self._controls.player
        return None if player is None else player.clock.reached_us

    def add(self) -> None:
        """Bookmark this moment; where there is one already, the list shows it."""
        at_us = self._now_us()
        if at_us is None:
            return
        if self.bookmarks.at(at_us) is not None:
            self.show_list(at_us)
            return
        key, mark = self.bookmarks.key, Bookmark(at_us, self.bookmarks.free_name())
        self.bookmarks.put(mark)
        self._undo.did(
            f"Bookmark {mark.name!r}",
            lambda: self.bookmarks.remove(at_us, key),
            lambda: self.bookmarks.put(mark, key),
        )
        if self.list is not None:
            self.list.select(at_us)

    def go_next(self, direction: int) -> None:
        """Go to the next bookmark in the range (1), or the one before (-1); where there is none, stay."""
        now_us, player = self._now_us(), self._controls.player
        if now_us is None or player is None:
            return
        found = self.bookmarks.after(now_us) if direction > 0 else self.bookmarks.before(now_us)
        if found is not None and player.request.start_us <= found.at_us < player.request.end_us:
            self._controls.seek(found.at_us)

    def show_list(self, at_us: int | None = None) -> None:
        """Show all of the symbol, with one selected."""
        if self.list is None:
            self.list = made = BookmarkList(self._theme, self._zone, self.bookmarks, self._window)
            made.go_requested.connect(self._go_to)
            made.changed.connect(self._change)
            made.delete_requested.connect(self.delete)
            made.export_requested.connect(self._ask_where)
            made.finished.connect(self._on_list_closed)
            made.show()
        self.list.raise_()
        self.list.activateWindow()
        if at_us is not None:
            self.list.select(at_us)

    def _on_list_closed(self) -> None:
        if self.list is not None:
            self.list.deleteLater()
            self.list = None

    def _go_to(self, at_us: int) -> None:
        player = self._controls.player
        if player is None:
            return
        if player.request.start_us <= at_us < player.request.end_us:
            self._controls.seek(at_us)
        else:
            self._teller.warning("This bookmark lies outside the replay", "Set up a replay of its day.")

    def _change(self, before: Bookmark, after: Bookmark) -> None:
        key = self.bookmarks.key
        self.bookmarks.put(after)
        self._undo.did(
            f"Change of bookmark {before.name!r}",
            lambda: self.bookmarks.put(before, key),
            lambda: self.bookmarks.put(after, key),
        )

    def delete(self, mark: Bookmark) -> None:
        """Delete one; a message offers to bring it back."""
        key = self.bookmarks.key
        self.bookmarks.remove(mark.at_us)
        self._undo.did(
            f"Delete bookmark {mark.name!r}",
            lambda: self.bookmarks.put(mark, key),
            lambda: self.bookmarks.remove(mark.at_us, key),
            told=f"Bookmark {mark.name!r} deleted",
        )

    def _ask_where(self) -> None:
        name = f"{self.bookmarks.key.replace(':', '_')}_bookmarks.csv"
        chooser = QFileDialog(self.list or self._window, "Export the bookmarks", name, "CSV files (*.csv)")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("csv")
        chooser.fileSelected.connect(self.export)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def export(self, path: str) -> None:
        """Write all of the symbol to a CSV file."""
        self._tasks.start(self._export(Path(path)), "export the bookmarks")

    async def _export(self, path: Path) -> None:
        marks = self.bookmarks.all
        try:
            await asyncio.to_thread(path.write_text, csv_text(self.bookmarks.key, marks), "utf-8")
        except OSError as error:
            self._teller.error(EnvironmentProblem(f"{path} cannot be written: {error}"))
            return
        count = "1 bookmark" if len(marks) == 1 else f"{len(marks)} bookmarks"
        self._teller.good(f"{count} exported", str(path))

    def close(self) -> None:
        """Close the list."""
        if self.list is not None:
            self.list.close()
