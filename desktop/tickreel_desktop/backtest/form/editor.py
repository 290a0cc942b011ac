"""The user's own editor: which command opens a file in it, at a line where it can."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FILE, LINE = "{file}", "{line}"
_AT = (f"{FILE}:{LINE}",)
_GOTO = ("-g", *_AT)
_PLUS = (f"+{LINE}", FILE)
_OPTION = ("--line", LINE, FILE)
KNOWN: Mapping[str, tuple[str, ...]] = {
    "code": _GOTO,
    "code-insiders": _GOTO,
    "codium": _GOTO,
    "cursor": _GOTO,
    "windsurf": _GOTO,
    "zed": _AT,
    "subl": _AT,
    "pycharm": _OPTION,
    "charm": _OPTION,
    "idea": _OPTION,
    "kate": _OPTION,
    "gvim": _PLUS,
    "emacs": _PLUS,
    "emacsclient": ("-n", *_PLUS),
    "gedit": _PLUS,
    "gnome-text-editor": _PLUS,
    "notepad++": (f"-n{LINE}", FILE),
}
"""How editors with a window of their own are told a line."""
_VARIABLES = ("VISUAL", "EDITOR")


def editor_command(
    path: Path,
    line: int | None,
    wanted: str | None,
    environ: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
) -> list[str] | None:
    """Give the words that open a file at a line; None where the system's own program is to do it.

    First comes the command that is *wanted*, then ``VISUAL`` and ``EDITOR`` where they name an editor with a
    window of its own, and, where there is a line to go to, the first known editor that is installed.
    """
    if wanted:
        return _filled(_words(wanted), path, line)
    for name in _VARIABLES:
        words = _words(environ.get(name, ""))
        if words and _stem(words[0]) in KNOWN and which(words[0]) and not {"-nw", "-t"} & {*words}:
            return _filled(words, path, line)
    found = next((name for name in KNOWN if which(name)), None) if line is not None else None
    return None if found is None else _filled([found], path, line)


def _words(command: str) -> list[str]:
    if os.name != "nt":
        return shlex.split(command)
    return [word.strip('"') for word in shlex.split(command, posix=False)]


def _stem(program: str) -> str:
    name = PurePath(program).name.lower()
    return name.removesuffix(".exe").removesuffix(".cmd")


def _filled(words: list[str], path: Path, line: int | None) -> list[str]:
    if not any(FILE in word for word in words):
        told = KNOWN.get(_stem(words[0]), (FILE,))
        words = [*words, *(told if line is not None else (FILE,))]
    return [word.replace(FILE, str(path)).replace(LINE, str(line or 1)) for word in words]
