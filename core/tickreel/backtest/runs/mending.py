"""What the catalog says of runs and cannot be read: restored from the files of the run, or set aside.

A row that no program of ours can have written hides only itself. Its run is taken in anew by its card, with
the place, tags and notes of the row as far as those can be read. Where no whole files lie, there is nothing
to restore it from: the row is written to a file beside the runs, and taken out of the catalog.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.backtest.runs.data import pin_again
from tickreel.backtest.runs.folder import run_folder, runs_folder
from tickreel.backtest.runs.records import RunRecords, checked_tag, holder_of
from tickreel.backtest.runs.settling import kept_run
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.filesystem import is_plain_name

if TYPE_CHECKING:
    import sqlite3

    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of the damaged rows, by the ids of their runs."""

    restored: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    """Written to ``runs/<id>.row.json``: no whole files of the run lie in the home."""


def mend(cache: Cache, records: RunRecords) -> Mended:
    """Restore each run of which the catalog cannot be read, or set its row aside.

    Raises:
        UsageError: the home was opened for reading only.
        EnvironmentProblem: a row cannot be set aside; it stays where it is.
    """
    records.ensure_writable()
    restored, set_aside = [], []
    for row in records.damaged_rows():
        run_id = str(row["id"])
        kept = kept_run(run_folder(cache.home, run_id)) if is_plain_name(run_id) else None
        if kept is None:
            _write_aside(cache, run_id, row)
            records.drop_row(run_id)
            set_aside.append(run_id)
            continue
        card, request, digests = kept
        is_of_sweep = card.sweep_id is not None and card.sweep_id in records.sweep_ids()
        card = card.with_(sweep_id=card.sweep_id if is_of_sweep else None)
        records.drop_row(run_id)
        records.begin(card, request.to_form(), row["place"] if is_of_sweep else None)
        records.end(card, digests)
        records.tag(card.id, _tags(row))
        if isinstance(row["notes"], str):
            records.note(card.id, row["notes"])
        pin_again(cache, card.data, holder_of(card))
        restored.append(run_id)
    return Mended(tuple(restored), tuple(set_aside))


def _tags(row: sqlite3.Row) -> list[str]:
    """Give the tags of a row that can still be read."""
    try:
        return [checked_tag(str(tag)) for tag in json.loads(row["tags"])]
    except (ValueError, TypeError, RecursionError, UsageError) as error:
        _LOGGER.info("the tags of run %s are lost: %s", row["id"], error)
        return []


def _write_aside(cache: Cache, run_id: str, row: sqlite3.Row) -> None:
    name = run_id if is_plain_name(run_id) else run_id.encode().hex()
    path = runs_folder(cache.home) / f"{name}.row.json"
    text = json.dumps(dict(zip(row.keys(), tuple(row), strict=True)), indent=2, default=repr)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error
