"""Bookmarks: moments of a symbol with a name and a note, kept in a file of the home for all its replays."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from tickreel.market.time import format_us
from tickreel_desktop.keeping import Kept

if TYPE_CHECKING:
    from pathlib import Path

_VERSION = 1
LONGEST_NAME = 80
LONGEST_NOTE = 2_000


class Bookmark(msgspec.Struct, frozen=True, order=True):
    """A moment with a name; a symbol has one at most at each microsecond."""

    at_us: int
    name: str
    note: str = ""


class _Marks(msgspec.Struct, frozen=True):
    version: int = _VERSION
    symbols: dict[str, tuple[Bookmark, ...]] = {}


class BookmarkBook(Kept["_Marks"]):
    """All bookmarks of one home by ``exchange:symbol``; read once, written as a whole by :meth:`write`."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "desktop" / "bookmarks.json", _Marks())

    def of(self, key: str) -> tuple[Bookmark, ...]:
        """Give those of a symbol, by time."""
        return self.now.symbols.get(key, ())

    def put(self, key: str, bookmarks: tuple[Bookmark, ...]) -> None:
        """Replace those of a symbol."""
        symbols = {**self.now.symbols, key: tuple(sorted(bookmarks))}
        self.now = _Marks(symbols={key: own for key, own in symbols.items() if own})


class Bookmarks(QObject):
    """The bookmarks of the symbol that is open."""

    changed = Signal()
    """There are others now, or they have other names or notes."""
    edited = Signal()
    """The user changed them: they are to be written."""
    marks_changed = Signal(list)
    """The same for charts: ``(at_us, "bookmark", name)`` of each."""

    def __init__(self, book: BookmarkBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._key = ""

    @property
    def key(self) -> str:
        """Whose they are, ``exchange:symbol``; empty when nothing is open."""
        return self._key

    @property
    def all(self) -> tuple[Bookmark, ...]:
        """All of the symbol, by time."""
        return self._book.of(self._key) if self._key else ()

    def open(self, exchange: str, symbol: str) -> None:
        """Show those of a symbol."""
        self._key = f"{exchange}:{symbol}"
        self.tell()

    def close(self) -> None:
        """Show none."""
        self._key = ""
        self.tell()

    def at(self, at_us: int) -> Bookmark | None:
        """Give the one of a moment."""
        return next((one for one in self.all if one.at_us == at_us), None)

    def put(self, bookmark: Bookmark, key: str = "") -> None:
        """Add one, or replace that of the same moment; of the open symbol unless another is named."""
        self._replace(key or self._key, bookmark.at_us, bookmark)

    def remove(self, at_us: int, key: str = "") -> None:
        """Take away that of a moment; where there is none, nothing changes."""
        self._replace(key or self._key, at_us, None)

    def after(self, at_us: int) -> Bookmark | None:
        """Give the next one after a moment."""
        return next((one for one in self.all if one.at_us > at_us), None)

    def before(self, at_us: int) -> Bookmark | None:
        """Give the last one before a moment."""
        return next((one for one in reversed(self.all) if one.at_us < at_us), None)

    def free_name(self) -> str:
        """Give a name that none has yet: ``Bookmark 3``."""
        taken = {one.name for one in self.all}
        return next(name for n in range(1, len(taken) + 2) if (name := f"Bookmark {n}") not in taken)

    def _replace(self, key: str, at_us: int, bookmark: Bookmark | None) -> None:
        before = self._book.of(key)
        others = tuple(one for one in before if one.at_us != at_us)
        after = others if bookmark is None else (*others, bookmark)
        if set(after) != set(before):
            self._book.put(key, after)
            self.edited.emit()
            if key == self._key:
                self.tell()

    def tell(self) -> None:
        """Tell everybody what they are now."""
        self.changed.emit()
        self.marks_changed.emit([(one.at_us, "bookmark", one.name) for one in self.all])


def csv_text(key: str, bookmarks: tuple[Bookmark, ...]) -> str:
    """Spell bookmarks as CSV: symbol, microseconds, UTC time, name, note."""
    exchange, _, symbol = key.partition(":")
    target = io.StringIO()
    rows = csv.writer(target, lineterminator="\n")
    rows.writerow(["exchange", "symbol", "local_timestamp", "time", "name", "note"])
    for one in bookmarks:
        rows.writerow([exchange, symbol, one.at_us, format_us(one.at_us), one.name, one.note])
    return target.getvalue()
