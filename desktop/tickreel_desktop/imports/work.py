"""What an import does on worker threads: files are found, and one is imported or asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.errors import TickreelError, UsageError
from tickreel.vendorcsv import find_files
from tickreel_desktop.imports.questions import Question, question_about

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.progress import Monitor
    from tickreel.store import Cache, ImportRequest, Ingested


def find(paths: tuple[Path, ...]) -> tuple[list[Path], list[tuple[Path, str]]]:
    """List the files once each; a path that gives none does not stop the others."""
    files: dict[Path, None] = {}
    failures = []
    for path in paths:
        try:
            files |= dict.fromkeys(find_files([path]))
        except TickreelError as error:
            failures.append((path, str(error).removeprefix(f"{path}: ")))
    return list(files), failures


def import_or_ask(cache: Cache, request: ImportRequest, monitor: Monitor) -> list[Ingested] | Question:
    """Import a file on a worker thread, or find out what must be asked first."""
    try:
        return cache.import_path(request, monitor)
    except UsageError:
        question = question_about(request)
        if question is None:
            raise
        return question
