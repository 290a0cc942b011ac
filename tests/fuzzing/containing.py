"""Keeps what is fuzzed inside its own folder: a change of anything elsewhere is refused before it happens.

A reader that is wrong may remove, rename or overwrite what a hostile name leads to. So every call of
Python's by which files are changed, programs started or other machines reached is looked at first. What
passes it by, as code in C could, is kept out by where fuzzing runs: see ``packaging/fuzz.py``.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.rename": (0, 1),
    "os.link": (0, 1),
    "os.symlink": (1,),
    "os.mkdir": (0,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
    "shutil.move": (0, 1),
    "shutil.copyfile": (1,),
    "sqlite3.connect": (0,),
}
"""Which arguments of an event are paths that it changes."""
_FORBIDDEN = frozenset(
    {
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "os.kill",
        "os.killpg",
        "os.fork",
    }
    | {"socket.connect", "socket.sendto"}
)
_HARMLESS = (os.devnull, ":memory:")


class Escaped(BaseException):
    """Something outside the folder would have been changed: no handler of errors takes it for one."""


_allowed: tuple[str, ...] | None = None
_is_hooked = False


@contextmanager
def contained(*folders: Path) -> Iterator[None]:
    """Let nothing be changed inside but what lies in *folders*, by any thread of this process.

    Raises:
        Escaped: something would have been.
    """
    global _allowed, _is_hooked
    if not _is_hooked:
        sys.addaudithook(_look)  # there is no taking it away again
        _is_hooked = True
    before, _allowed = _allowed, tuple(os.path.realpath(folder) for folder in folders)
    try:
        yield
    finally:
        _allowed = before


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if _allowed is None:
        return
    if event in _FORBIDDEN:
        raise Escaped(f"{event} {arguments!r:.200}")
    if event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & _WRITING:
            _check(event, path, -1)
    elif places := _CHANGES.get(event):
        handles = (
            [one for one in arguments[len(places) :] if isinstance(one, int)] if event != "os.chmod" else []
        )
        for number, place in enumerate(places):
            handle = handles[min(number, len(handles) - 1)] if handles and event in _TAKES_FOLDER else -1
            _check(event, arguments[place], handle)


_TAKES_FOLDER = frozenset({"os.remove", "os.rmdir", "os.rename", "os.link", "os.symlink"})
"""Events that end with the handles of the folders in which relative names are meant."""


def _check(event: str, path: object, folder: int) -> None:
    if isinstance(path, int) or path is None:
        return
    text = os.fsdecode(path)  # type: ignore[arg-type]
    if text in _HARMLESS:
        return
    if text.startswith("file:"):  # of SQLite
        from urllib.parse import unquote, urlsplit

        text = unquote(urlsplit(text).path)
    if folder >= 0 and not os.path.isabs(text):
        try:
            text = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
        except OSError:
            return  # no Linux: the folder was looked at when its tree was
    above, name = os.path.split(text)
    whole = (
        os.path.realpath(text)
        if name in ("", ".", "..")
        else os.path.join(os.path.realpath(above or "."), name)
    )
    assert _allowed is not None
    if not any(whole == one or whole.startswith(one + os.sep) for one in _allowed):
        raise Escaped(f"{event} of {whole!r}")
