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
sentence or two for the person who must act: what was wrong, where, what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class TickreelError(Exception):
    """Root of all errors that are told to the user without a traceback."""

    exit_code = 1


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
