"""Where the fake's daily files come from: a folder, or a function that makes each when it is asked for."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

EMPTY_DAY = gzip.compress(b"", mtime=0)
"""The file of a day inside the coverage on which nothing happened."""

_PATH = re.compile(r"([^/]+)/([^/]+)/(\d{4})/(\d\d)/(\d\d)/([^/]+)\.csv\.gz")


class Source(Protocol):
    """Daily files by their path ``{exchange}/{type}/{YYYY}/{MM}/{DD}/{SYMBOL}.csv.gz``."""

    def paths(self) -> Iterable[str]:
        """List all that the vendor says it has; the metadata is made from it."""
        ...

    def body(self, path: str) -> bytes | None:
        """Give the gzip file of *path*, or None where there is none. Called on the fake's own thread."""
        ...


@dataclass(frozen=True, slots=True)
class FolderSource:
    """The files below a folder; what is added or removed while the fake runs counts at once."""

    folder: Path

    def paths(self) -> Iterable[str]:
        """List the files as they lie now."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.csv.gz"))

    def body(self, path: str) -> bytes | None:
        """Read one file whole."""
        file = self.folder / path
        if not path.endswith(".csv.gz") or ".." in path.split("/") or not file.is_file():
            return None
        return file.read_bytes()


class MadeSource:
    """Files that lie nowhere: *make* gives the body of each of *paths*, the same one every time."""

    def __init__(self, paths: Iterable[str], make: Callable[[str], bytes | None]) -> None:
        self._paths = frozenset(paths)
        self._make = make

    def paths(self) -> Iterable[str]:
        """List the paths that were given."""
        return self._paths

    def body(self, path: str) -> bytes | None:
        """Make one file; None where *make* gives none, or the path is not known."""
        return self._make(path) if path in self._paths else None


class Overlay:
    """A source with files put above it and files taken away: a day that is published again, or is lost."""

    def __init__(self, below: Source) -> None:
        self._below = below
        self._above: dict[str, bytes | None] = {}

    def put(self, path: str, body: bytes | None) -> None:
        """Serve *body* at *path* from now on; None keeps the path in the metadata and serves nothing."""
        self._above = {**self._above, path: body}

    def paths(self) -> Iterable[str]:
        """List both; a file that was taken away is still declared."""
        return {*self._below.paths(), *self._above}

    def body(self, path: str) -> bytes | None:
        """Give what was put at *path*, else what lies below."""
        return self._above[path] if path in self._above else self._below.body(path)


@dataclass(frozen=True, slots=True)
class Place:
    """What a path says."""

    exchange: str
    type: str
    day: date
    symbol: str


def place_of(path: str) -> Place | None:
    """Take a path of a daily file apart; None if it is not one."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    exchange, data_type, year, month, day, symbol = found.groups()
    try:
        return Place(exchange, data_type, date(int(year), int(month), int(day)), symbol)
    except ValueError:
        return None
