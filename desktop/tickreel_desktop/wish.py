"""What a start of the program was asked to open: a link, or files to import.

Command line, other processes, file managers and the system's own way of opening links and files
come through here: the one door for all of them. Files are only ever offered for import, as if
dropped on the window, where their user sees what is in them before anything is stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from tickreel.errors import UsageError
from tickreel.replay import parse_link
from tickreel.vendorcsv.naming import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_FILES = 500
"""At once; a folder says as much in one word."""
_LINK = "tickreel:"
_FILE = "file:"
_RAISE = "raise"
_OPEN = "open "
_IMPORT = "import "


@dataclass(frozen=True, slots=True)
class Wish:
    """A link, or files and folders, or neither: then the window is to come to the front."""

    link: str | None = None
    files: tuple[Path, ...] = ()

    def line(self) -> str:
        """Say it in one line, for the window that is open."""
        if self.files:
            return _IMPORT + " ".join(path.as_uri() for path in self.files)
        return _RAISE if self.link is None else f"{_OPEN}{self.link}"

    def words(self) -> str:
        """Say what a window that was given it does."""
        if self.files:
            named = str(self.files[0]) if len(self.files) == 1 else f"{len(self.files)} files"
            return f"was given {named}"
        return "comes to the front" if self.link is None else f"was given {self.link}"


def wish_of(targets: Sequence[str], link: str | None = None) -> Wish:
    """Understand what stood on a command line, where desktops put files as paths or as ``file:`` addresses.

    Raises:
        UsageError: a link is none of ours, a file is not there, or more was asked for than goes together.
    """
    links = [*([] if link is None else [link]), *(text for text in targets if text.startswith(_LINK))]
    files = [text for text in targets if not text.startswith(_LINK)]
    if len(links) > 1 or (links and files):
        raise UsageError("open one link, or files to import, at a time")
    if links:
        return Wish(_checked_link(links[0]))
    return Wish(files=_checked_files(files))


def wish_of_line(line: str) -> Wish:
    """Understand a line of another process.

    Raises:
        UsageError: it is not understood.
    """
    if line == _RAISE:
        return Wish()
    if line.startswith(_OPEN):
        return Wish(_checked_link(line.removeprefix(_OPEN)))
    if line.startswith(_IMPORT):
        return Wish(files=_checked_files(line.removeprefix(_IMPORT).split(" ")))
    raise UsageError("it is neither `raise`, `open` with a link nor `import` with files")


def _checked_link(text: str) -> str:
    parse_link(text)
    return text


def _checked_files(texts: Sequence[str]) -> tuple[Path, ...]:
    """Give files and folders by their full paths; all of them must be there, none is opened."""
    if len(texts) > MOST_FILES:
        raise UsageError(f"{len(texts)} files at once are too many: name their folder")
    return tuple(_checked_file(text) for text in texts)


def _checked_file(text: str) -> Path:
    if not text or not text.isprintable():
        raise UsageError(f"{text!r} is no file")
    try:
        path = _path_of(text)
        is_there = path.exists()
    except (OSError, RuntimeError, ValueError):  # a name that is too long, nobody's home, half an address
        raise UsageError(f"{text!r} is no file of this machine") from None
    if not is_there:
        raise UsageError(f"{path} is not there")
    if not path.is_dir() and not path.name.lower().endswith(SUFFIXES):
        raise UsageError(f"{path} cannot be imported: it is neither a folder nor {', '.join(SUFFIXES)}")
    return path.absolute()


def _path_of(text: str) -> Path:
    """Find the path that a text names; raises OSError, RuntimeError and ValueError where it names none."""
    if text.lower().startswith(_FILE):
        address = urlsplit(text)
        if address.netloc not in ("", "localhost"):
            raise UsageError(f"{text} lies on another machine: save it on this one first")
        return Path(url2pathname(address.path))
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", text):
        raise UsageError(f"{unquote(text)!r} is neither a Tickreel link nor a file of this machine")
    return Path(text).expanduser()
