"""Runs that were deleted: in no list and no count any more, and for some time to be had back as they were.

    runs/<id>.<instant>.trashed/record.json     what the catalog had of the run and of its sweep
    runs/<id>.<instant>.trashed/files/          its files

A run is put there, and taken from there, in one transaction of the catalog. Whatever ends a process in
between, the catalog decides where its files belong, and the next start brings them there.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.card import RunCard, RunState
from tickreel.backtest.runs.data import pin_again
from tickreel.backtest.runs.folder import checked_id, run_folder, runs_folder
from tickreel.backtest.runs.records import holder_of
from tickreel.errors import ConflictError, DataError, EnvironmentProblem, NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

    from tickreel.backtest.runs.records import Recorded, RunRecords
    from tickreel.store import Cache

KEPT_DAYS = 30
"""Runs that lie there for longer are removed for good when a program starts."""
_SUFFIX = ".trashed"
_FILES, _RECORD = "files", "record.json"
_SPARK = "spark"
_RUN = (
    "id",
    "sweep_id",
    "place",
    "kind",
    "state",
    "created_us",
    "pid",
    "began_s",
    "request",
    "card",
    "files",
    "tags",
    "notes",
    _SPARK,
)
_SWEEP = ("id", "kind", "created_us", "request", "trials")


@dataclass(frozen=True, slots=True)
class TrashedRun:
    """A run in the trash."""

    card: RunCard
    trashed_us: int


@dataclass(frozen=True, slots=True)
class _Lying:
    run_id: str
    trashed_us: int
    folder: Path


class RunTrash:
    """The trash of a home's runs; what changes it raises UsageError in a home opened for reading only."""

    def __init__(self, cache: Cache, records: RunRecords) -> None:
        self._cache = cache
        self._records = records
        self._database = records.database

    def entries(self) -> list[TrashedRun]:
        """List what lies there, the last that was deleted first.

        Raises:
            DataError: a record cannot be read.
        """
        lying = sorted(self._lying(), key=lambda one: (-one.trashed_us, one.run_id))
        return [TrashedRun(_card(_read(one)["run"]), one.trashed_us) for one in lying]

    def put(self, run_id: str) -> Recorded:
        """Take a run out of the catalog; its days stay pinned where another run of its sweep needs them.

        Raises:
            NotHeldError: there is no such run.
            ConflictError: it still runs.
            DataError: its card names another folder than one of runs.
            EnvironmentProblem: its files cannot be moved.
        """
        self._records.ensure_writable()
        found = self._records.run(run_id)
        card = found.card
        if card.state is RunState.RUNNING:
            raise ConflictError(f"run {card.id} is still running: cancel it first")
        name = f"{checked_id(card.id)}.{self._cache.disk.now_us()}{_SUFFIX}"
        folder = runs_folder(self._cache.home) / name
        try:
            with self._database.writing() as connection:
                self._write(connection, card, folder)
                self._records.strike(connection, card)
                self._bring(card.id, folder, is_kept=False)
        except OSError as error:
            raise _unmoved(card.id, error) from error
        return found

    def restore(self, run_id: str) -> Recorded:
        """Put a run back as it was, with its tags and notes; its days are pinned where they are still held.

        Raises:
            NotHeldError: it does not lie in the trash.
            UsageError: several do whose ids begin so.
            ConflictError: another run stands in its place in its sweep.
            DataError: its record cannot be read.
            EnvironmentProblem: its files cannot be moved.
        """
        self._records.ensure_writable()
        one = self._one(run_id)
        record = _read(one)
        card = _card(record["run"])
        try:
            with self._database.writing() as connection:
                _insert(connection, record)
                self._bring(one.run_id, one.folder, is_kept=True)
            shutil.rmtree(one.folder)
        except OSError as error:
            raise _unmoved(one.run_id, error) from error
        pin_again(self._cache, card.data, holder_of(card))
        return self._records.run(one.run_id)

    def purge(self, older_than_days: int = 0) -> list[str]:
        """Remove for good what has lain there for so many days; give the ids.

        Raises:
            UsageError: a negative number of days.
            EnvironmentProblem: files cannot be removed.
        """
        self._records.ensure_writable()
        if older_than_days < 0:
            raise UsageError(f"{older_than_days} days in the trash: give a number from 0 on")
        before_us = self._cache.disk.now_us() - older_than_days * US_PER_DAY
        gone = [one for one in self._lying() if one.trashed_us <= before_us]
        for one in gone:
            try:
                shutil.rmtree(one.folder)
            except OSError as error:
                raise EnvironmentProblem(
                    f"the files of run {one.run_id} cannot be removed: {error.strerror or error}"
                ) from error
        return [one.run_id for one in gone]

    def settle(self, kept: set[str], whole: set[str]) -> set[str]:
        """Bring files to where the catalog has their run, and remove what is old; give what lies there then.

        *kept* are the runs that the catalog knows, *whole* those of which there are files among them.

        Raises:
            EnvironmentProblem: files cannot be moved or removed.
        """
        lying = self._lying()
        if any(one.run_id in kept or one.run_id in whole for one in lying):
            with self._database.writing():  # nobody is amid a move then
                kept = self._records.ids()
                for one in self._lying():
                    try:
                        self._bring(one.run_id, one.folder, is_kept=one.run_id in kept)
                        if one.run_id in kept:
                            shutil.rmtree(one.folder)
                    except OSError as error:
                        raise _unmoved(one.run_id, error) from error
        self.purge(KEPT_DAYS)
        return {one.run_id for one in self._lying()}

    def _bring(self, run_id: str, folder: Path, *, is_kept: bool) -> None:
        """Move the files of a run, if they are not there already; one that failed early has none."""
        places = run_folder(self._cache.home, run_id), folder / _FILES
        target, source = places if is_kept else reversed(places)
        if source.exists():
            self._cache.disk.move(source, target)
            self._cache.disk.sync_folder(target.parent)

    def _write(self, connection: sqlite3.Connection, card: RunCard, folder: Path) -> None:
        disk = self._cache.disk
        run = _row(connection, "run", _RUN, card.id)
        spark = run[_SPARK]
        record: dict[str, Any] = {"run": {**run, _SPARK: None if spark is None else spark.hex()}}
        if card.sweep_id is not None:
            record["sweep"] = _row(connection, "sweep", _SWEEP, card.sweep_id)
        disk.make_folder(folder)
        with disk.create(folder / _RECORD) as file:
            disk.write(file, json.dumps(record, allow_nan=False).encode())
            disk.sync(file)
        disk.sync_folder(folder)

    def _lying(self) -> list[_Lying]:
        folder = runs_folder(self._cache.home)
        found = []
        for path in folder.glob(f"*{_SUFFIX}") if folder.is_dir() else ():
            run_id, _, instant = path.name.removesuffix(_SUFFIX).partition(".")
            if instant.isdigit():
                found.append(_Lying(run_id, int(instant), path))
        return found

    def _one(self, given: str) -> _Lying:
        found = [one for one in self._lying() if given and one.run_id.startswith(given)]
        exact = [one for one in found if one.run_id == given]
        if exact or len(found) == 1:
            return (exact or found)[0]
        if not found:
            raise NotHeldError(f"there is no run {given!r} in the trash: `tickreel runs trash` lists it")
        raise UsageError(f"{given!r} begins the ids of several: {', '.join(sorted(o.run_id for o in found))}")


def _row(connection: sqlite3.Connection, table: str, names: Sequence[str], row_id: str) -> dict[str, Any]:
    sql = f"SELECT {', '.join(names)} FROM {table} WHERE id = ?"
    return dict(zip(names, connection.execute(sql, (row_id,)).fetchone(), strict=True))


def _insert(connection: sqlite3.Connection, record: dict[str, Any]) -> None:
    run, sweep = record["run"], record.get("sweep")
    if sweep is not None:
        _put_row(connection, "INSERT OR IGNORE INTO sweep", _SWEEP, sweep)
        taken = connection.execute(
            "SELECT id FROM run WHERE sweep_id = ? AND place = ?", (run["sweep_id"], run["place"])
        ).fetchone()
        if taken is not None:
            raise ConflictError(
                f"run {taken[0]} was done since in the place that run {run['id']} had in its sweep"
            )
    spark = run[_SPARK]
    row = {**run, _SPARK: None if spark is None else bytes.fromhex(spark)}
    _put_row(connection, "INSERT INTO run", _RUN, row)


def _put_row(connection: sqlite3.Connection, verb: str, names: Sequence[str], row: dict[str, Any]) -> None:
    marks = ", ".join("?" * len(names))
    connection.execute(f"{verb} ({', '.join(names)}) VALUES ({marks})", [row[name] for name in names])


def _read(one: _Lying) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((one.folder / _RECORD).read_bytes())
        if set(record["run"]) != set(_RUN) or record["run"]["id"] != one.run_id:
            raise ValueError("it is not the record of this run")
        _card(record["run"])
        return record
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"the record of run {one.run_id} in the trash cannot be read: {error}") from error


def _card(run: dict[str, Any]) -> RunCard:
    card = RunCard.from_form(json.loads(run["card"]))
    return card.with_(tags=tuple(json.loads(run["tags"])), notes=run["notes"])


def _unmoved(run_id: str, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(f"the files of run {run_id} cannot be moved: {error.strerror or error}")
