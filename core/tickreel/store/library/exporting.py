"""Days written to files of other programs' forms, all of them or none.

Every file is written beside its place under a name of its own, and all take their names together
at the end: whatever stops an export before that leaves the folder as it was.
"""

from __future__ import annotations

import io
import re
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from tickreel.errors import ConflictError, EnvironmentProblem, UsageError
from tickreel.market.time import US_PER_DAY, day_start_us, days_touched
from tickreel.market.types import SCHEMAS
from tickreel.market.units import format_full
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store.library.forms import RowsForm, write_rows
from tickreel.store.library.plans import Selection
from tickreel.vendorcsv import vendor_spelling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from tickreel.market.block import Block
    from tickreel.market.types import DatasetKey, Schema
    from tickreel.store.library.plans import MissingDay, RangePlan
    from tickreel.store.library.reading import Library
    from tickreel.store.model import DayRange

_NAMED_AT_MOST = 3
_NO_NAME = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f\ud800-\udfff]')
"""What no name of a file may hold on some system, or what would lead to another folder."""
_PROBED_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file that an export writes: the rows of *plan*."""

    name: str
    plan: RangePlan

    @property
    def rows(self) -> int:
        """How many rows it will hold."""
        return sum(part.rows for part in self.plan.parts)


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What an export would write, and which days are missing of what was asked for."""

    form: RowsForm
    files: tuple[ExportFile, ...]
    missing: tuple[MissingDay, ...]

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    def taken(self, folder: Path) -> list[str]:
        """Name the files that are in *folder* already."""
        return [file.name for file in self.files if (folder / file.name).exists()]


def plan_export(
    library: Library, ranges: Iterable[DayRange], form: RowsForm, *, is_per_day: bool
) -> ExportPlan:
    """Say which files ranges of days make, one for every day or one for every range; nothing is counted.

    Names are those of the vendor's files, so that an exported CSV file can be imported again.
    """
    files: list[ExportFile] = []
    missing: list[MissingDay] = []
    names: set[str] = set()
    for one in ranges:
        selection = Selection(one.key)
        start_us, end_us = day_start_us(one.first), day_start_us(one.last) + US_PER_DAY
        whole = library.plan(selection, start_us, end_us)
        missing += whole.missing
        if not whole.parts:
            continue
        spans = [(start_us, end_us, f"{one.first}" if one.first == one.last else f"{one.first}_{one.last}")]
        if is_per_day:
            spans = [
                (day_start_us(day), day_start_us(day) + US_PER_DAY, day.isoformat())
                for day in _days_with_parts(whole, start_us, end_us)
            ]
        for low_us, high_us, words in spans:
            name = _free_name(one.key, words, form, names)
            files.append(ExportFile(name, library.plan(selection, low_us, high_us)))
    return ExportPlan(form, tuple(files), tuple(missing))


def _days_with_parts(plan: RangePlan, start_us: int, end_us: int) -> list[date]:
    held = {day for day, _ in plan.by_day()}
    return [day for day in days_touched(start_us, end_us) if day in held]


def _free_name(key: DatasetKey, words: str, form: RowsForm, names: set[str]) -> str:
    """Name a file; two symbols that the vendor spells alike get different ones.

    Exchange and symbol are whatever stood in the rows of a file that was imported.
    """
    stem = _NO_NAME.sub("-", f"{key.exchange}_{key.type}_{words}_{vendor_spelling(key.symbol)}")
    count = 1
    while (name := f"{stem}{f'-{count}' if count > 1 else ''}.{form}").casefold() in names:
        count += 1
    names.add(name.casefold())
    return name


def estimate_bytes(library: Library, plan: ExportPlan) -> int:
    """Estimate the size of all files from the first rows of each data type, written in the very form."""
    per_row: dict[object, float] = {}
    total = 0.0
    for file in plan.files:
        key = file.plan.selection.key
        if key.type not in per_row and file.rows:
            per_row[key.type] = _bytes_per_row(library, plan.form, file.plan)
        total += per_row.get(key.type, 0.0) * file.rows
    return round(total)


def _bytes_per_row(library: Library, form: RowsForm, plan: RangePlan) -> float:
    schema = SCHEMAS[plan.selection.key.type]
    part = next(part for part in plan.parts if part.rows)
    blocks = library.part_rows(plan.selection, part, plan.start_us, plan.end_us, schema.names)
    block = next(iter(blocks))
    rows = min(len(block), _PROBED_ROWS)
    output = io.BytesIO()
    write_rows(form, output, schema, [block.cut(0, rows)])
    return output.tell() / rows


def export(
    library: Library, plan: ExportPlan, folder: Path, *, replace: bool = False, monitor: Monitor = UNWATCHED
) -> list[Path]:
    """Write all files of a plan into a folder that exists, or none; give their paths.

    Progress is in rows. With *replace* files of the same names give way.

    Raises:
        UsageError: there is nothing to write.
        ConflictError: files of the same names are there, and *replace* is not set.
        DataError: a segment is gone or damaged.
        EnvironmentProblem: a file cannot be written.
        Cancelled: the monitor said so; nothing is left behind.
    """
    if not plan.files:
        raise UsageError("nothing is held of what was chosen: there is nothing to export")
    if not replace:
        _refuse_taken(plan, folder)
    progress = _Rows(monitor, plan.rows)
    with ExitStack() as unfinished:
        written: list[tuple[Path, Path]] = []
        for file in plan.files:
            path = folder / file.name
            part = path.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.part")
            schema = SCHEMAS[file.plan.selection.key.type]
            try:
                with part.open("xb") as output:
                    unfinished.callback(part.unlink, missing_ok=True)
                    _write(library, file, plan.form, schema, output, progress)
            except OSError as error:
                raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error
            written.append((part, path))
        progress.end()
        if not replace:
            _refuse_taken(plan, folder)
        for done, (part, path) in enumerate(written):
            try:
                part.replace(path)
            except OSError as error:
                raise EnvironmentProblem(
                    f"{path} cannot take its name: {error.strerror or error}; {done} of {len(written)} files "
                    "are in place"
                ) from error
    return [path for _, path in written]


def _write(
    library: Library, file: ExportFile, form: RowsForm, schema: Schema, output: BinaryIO, progress: _Rows
) -> None:
    blocks = library.rows(file.plan, schema.names)
    write_rows(form, output, schema, progress.watched(blocks, file.name))


def _refuse_taken(plan: ExportPlan, folder: Path) -> None:
    taken = plan.taken(folder)
    if taken:
        raise ConflictError(f"{taken_words(taken)} in {folder}: nothing was written")


def taken_words(names: Sequence[str]) -> str:
    """Say that files are there already: ``a.csv and 2 more files are already there``."""
    if len(names) == 1:
        return f"{names[0]} is already there"
    named = ", ".join(names[:_NAMED_AT_MOST])
    more = len(names) - _NAMED_AT_MOST
    return f"{named}{f' and {format_full(more)} more' if more > 0 else ''} are already there"


class _Rows:
    """Counts rows on their way to all files."""

    def __init__(self, monitor: Monitor, total: int) -> None:
        self._monitor = monitor
        self._total = total
        self._done = 0

    def watched(self, blocks: Iterator[Block], note: str) -> Iterator[Block]:
        """Pass blocks on and report them; raises Cancelled."""
        for block in blocks:
            self._monitor.report(self._done, self._total, note)
            yield block
            self._done += len(block)

    def end(self) -> None:
        """Report that all is written: the last moment at which it may still be cancelled."""
        self._monitor.report(self._total, self._total, "all rows are written")
