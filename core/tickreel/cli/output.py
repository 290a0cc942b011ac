"""Where a command that writes a whole file puts it: stdout, or a file named by ``-o``."""

from __future__ import annotations

import os
import stat
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tickreel.cli.console import binary_output
from tickreel.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def opened_output(name: str | None) -> Iterator[BinaryIO]:
    """Open stdout, or a file that takes its name only when all was written.

    Raises:
        UsageError: the name is a directory's.
        EnvironmentProblem: the file cannot be written.
    """
    if name is None:
        yield binary_output()
        return
    path = Path(name).resolve()
    if path.is_dir():
        raise UsageError(f"{name} is a directory: name a file")
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("wb") as device:
                yield device
            return
        unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
        try:
            with unfinished.open("xb") as file:
                yield file
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(f"{name} cannot be written: {error.strerror or error}") from error
