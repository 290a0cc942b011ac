"""Every error that Tickreel raises on purpose.

    TickreelError
    ├── UsageError           the request itself is wrong or ambiguous      exit 2
    ├── DataError            a file or row is not what it must be          exit 1
    │   └── RowError         ... and it is this row of this file
    ├── NotHeldError         what was asked for is not in the cache        exit 1
    ├── ConflictError        it would overwrite or overlap what is held    exit 1
    ├── EnvironmentProblem   disk, lock, permission, missing library       exit 1
    └── Cancelled            somebody asked for the work to stop           exit 130

Anything else that escapes is a bug and is shown as one. Every message is one
sentence or two for the person who must act: what was wrong, where, what to do. What it quotes of a file, a
link or another program's answer can be anything; so what would drive a terminal is spelled out in it, and
what is too long to be read is left out of its middle.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


_LONGEST_SENTENCE = 2_000
_KEPT_OF_LONGER = 900
"""Characters at either end of a message that is longer."""
_PLAIN_CATEGORIES = frozenset({"Zs"})
"""Of characters that Python calls unprintable and that are harmless: thin spaces between digits."""


class TickreelError(Exception):
    """Root of all errors that are told to the user without a traceback."""

    exit_code = 1

    def __str__(self) -> str:
        return readable(super().__str__())


def readable(text: str) -> str:
    """Give a text as it can be shown anywhere: without control characters, and not longer than is read."""
    if len(text) > _LONGEST_SENTENCE:
        text = f"{text[:_KEPT_OF_LONGER]} … {text[-_KEPT_OF_LONGER:]}"
    return text if text.isprintable() else "".join(map(_readable, text))


def _readable(character: str) -> str:
    is_plain = (
        character == "\n" or character.isprintable() or unicodedata.category(character) in _PLAIN_CATEGORIES
    )
    return character if is_plain else character.encode("unicode_escape").decode()


class UsageError(TickreelError):
    """Say that the request is malformed or ambiguous; nothing was looked at or changed."""

    exit_code = 2


class DataError(TickreelError):
    """Say that a file is not what it claims to be; the store is as it was."""


class RowError(DataError):
    """Say which row of which file is wrong.

    Row 1 is the first line after the header.
    """

    def __init__(self, file: Path | str, row: int, problem: str) -> None:
        super().__init__(f"{file}: row {row}: {problem}")
        self.file = str(file)
        self.row = row
        self.problem = problem


class NotHeldError(TickreelError):
    """Say that a dataset or day that was asked for is not in the cache."""


class ConflictError(TickreelError):
    """Say that a write would overlap what is held; nothing was changed."""


class EnvironmentProblem(TickreelError):
    """Say that the machine is in the way: disk, permission, lock, missing library."""


class Cancelled(TickreelError):
    """Unwind work that was asked to stop."""

    exit_code = 130
