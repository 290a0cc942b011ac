"""The zip for support: what is in it, as text, and writing it."""

from __future__ import annotations

import json
import os
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.diagnostics.gathering import gather
from tickreel.diagnostics.redaction import Redaction
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.filesystem import take_place
from tickreel.keys import KeyName, find_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.doctor import Report


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle, as it is written; *name* has forward slashes."""

    name: str
    text: str

    @property
    def size_bytes(self) -> int:
        """How long it is in the bundle, before it is packed."""
        return len(self.text.encode())


def preview(home: Path, report: Report | None = None) -> tuple[BundleFile, ...]:
    """Gather what helps support, cleaned: exactly what :func:`save` writes.

    Takes a second or two, looks into the catalog and the log, and changes nothing. What cannot be
    gathered is told in its place. *report* spares examining the home once more.
    """
    for key in KeyName:
        find_key(key)  # a key that is found is blanked from now on, wherever it stands
    redaction = Redaction.of_user()
    files = []
    for name, content in gather(home, report):
        clean = redaction.value(content)
        text = clean if isinstance(clean, str) else json.dumps(clean, indent=2, ensure_ascii=False) + "\n"
        # What no file can hold, such as half a surrogate, is replaced here and not only on the way out.
        files.append(BundleFile(name, text.encode("utf-8", "replace").decode()))
    return tuple(files)


def save(files: Iterable[BundleFile], path: Path) -> None:
    """Write a bundle, whole or not at all, readable by its owner alone; a file that is there is replaced.

    Raises:
        UsageError: *path* is a folder.
        EnvironmentProblem: it cannot be written.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
                for each in files:
                    entry = zipfile.ZipInfo(each.name, time.gmtime()[:6])
                    bundle.writestr(entry, each.text.encode(), zipfile.ZIP_DEFLATED)
            take_place(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error
