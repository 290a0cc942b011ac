"""A run written for others: its report, its tables as CSV, or all its files as they are kept."""

from __future__ import annotations

import json
import shutil
import uuid
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError, EnvironmentProblem

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.runs.run import Run

_TABLE = ".parquet"


class RunForm(StrEnum):
    """What a run is written as."""

    HTML = "html"
    """One file that needs nothing else."""
    CSV = "csv"
    """A folder with a CSV file for each table and series, and the card."""
    PARQUET = "parquet"
    """A folder with the files of the run as they are kept."""


def export_run(run: Run, form: RunForm, target: Path) -> Path:
    """Write a run to *target*, a file for HTML and else a new folder; it takes its name when it is whole.

    Raises:
        ConflictError: there is something of that name.
        DataError: a file of the run is gone or was changed.
        EnvironmentProblem: it cannot be written.
    """
    if target.exists():
        raise ConflictError(f"{target} is there already: name another, or remove it")
    unfinished = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        try:
            if form is RunForm.HTML:
                from tickreel.backtest.reports.page import report

                unfinished.write_text(report(run), encoding="utf-8")
            else:
                unfinished.mkdir(parents=True)
                _write_files(run, form, unfinished)
            unfinished.rename(target)
        finally:
            if unfinished.is_dir():
                shutil.rmtree(unfinished)
            else:
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(f"{target} cannot be written: {error.strerror or error}") from error
    return target


def _write_files(run: Run, form: RunForm, folder: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    for name in run.files:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if form is RunForm.CSV and name.endswith(_TABLE):
            table = pyarrow.parquet.read_table(run.file(name))
            pyarrow.csv.write_csv(table, path.with_suffix(".csv"))
        else:
            shutil.copyfile(run.file(name), path)
    # The card as it is now: with the tags and notes that were given since.
    card = json.dumps(run.to_form(), indent=2, allow_nan=False)
    (folder / "card.json").write_text(card, encoding="utf-8")
