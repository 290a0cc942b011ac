"""What the catalog says of runs and sweeps; their tables lie in files beside it.

A run is recorded when it begins, with the process that has it done, so that one whose process is gone is
known for what it is. Its days are pinned in the version that it read, by a holder of its own; the runs of a
sweep share one.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.card import RunCard, RunKind
from tickreel.backtest.runs.curve import spark_of
from tickreel.backtest.runs.folder import remove_unfinished, run_folder, set_aside
from tickreel.backtest.runs.listing import list_runs
from tickreel.errors import EnvironmentProblem, NotHeldError, UsageError
from tickreel.filesystem import is_plain_path
from tickreel.processes import is_running, this_process

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from tickreel.backtest.runs.listing import RunListing
    from tickreel.store import Cache
    from tickreel.store.records.database import Database

_LOGGER = logging.getLogger(__name__)
_LONGEST_TAG = 60
_LONGEST_NOTES = 20_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run as the catalog has it."""

    card: RunCard
    request: Mapping[str, Any]
    """What was asked for, to do it once more."""
    files: Mapping[str, str]
    """SHA-256 of each of its files by name; none while it runs."""
    place: int | None
    """Among the runs of its sweep."""


@dataclass(frozen=True, slots=True)
class RecordedSweep:
    """A sweep as the catalog has it."""

    id: str
    kind: RunKind
    created_us: int
    request: Mapping[str, Any]
    trials: int
    done: int
    """Runs of it that have ended by themselves: what is left is done when it is resumed."""


class RunRecords:
    """The runs of a home; a context manager, usable from several threads.

    What changes them raises UsageError in a home that was opened for reading only.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._database = cache.connect()
        self._process = this_process()

    @property
    def database(self) -> Database:
        """The catalog, by the connection of these records."""
        return self._database

    def __enter__(self) -> RunRecords:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @staticmethod
    def new_id() -> str:
        """Give a name that no run and no sweep has."""
        return uuid.uuid4().hex[:10]

    def begin(self, card: RunCard, request: Mapping[str, Any], place: int | None = None) -> None:
        """Record a run that this process has done; one that was not done of the same place gives way."""
        self.ensure_writable()
        before = self._database.tuples(
            "SELECT id FROM run WHERE sweep_id = ? AND place = ?", (card.sweep_id, place)
        )
        for (run_id,) in before:
            self._remove_files(run_id)
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM run WHERE id = ?", before)
            connection.execute(
                "INSERT INTO run (id, sweep_id, place, kind, state, created_us, pid, began_s, request, card)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    card.id,
                    card.sweep_id,
                    place,
                    card.kind.value,
                    card.state.value,
                    card.created_us,
                    *self._process,
                    json.dumps(request),
                    _card_text(card),
                ),
            )

    def end(self, card: RunCard, files: Mapping[str, str]) -> None:
        """Record how a run ended; its tags and notes stay as they are."""
        spark = self._spark_of(card) if files else None
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE run SET state = ?, card = ?, files = ?, spark = ? WHERE id = ?",
                (card.state.value, _card_text(card), json.dumps(files), spark, card.id),
            )

    def _spark_of(self, card: RunCard) -> bytes | None:
        """Take the few points of its equity that a list shows; a list can do without."""
        try:
            return spark_of(
                run_folder(self._cache.home, card.id), card.from_us, card.reached_us or card.to_us
            )
        except OSError as error:
            _LOGGER.info("run %s is listed without its equity: %s", card.id, error)
            return None

    def listing(self) -> RunListing:
        """List all runs and sweeps as a list shows them: without their cards, and fast.

        Raises:
            EnvironmentProblem: the catalog cannot be read.
        """
        return list_runs(self._database)

    def begin_sweep(self, sweep_id: str, kind: RunKind, request: Mapping[str, Any], trials: int) -> None:
        """Record a sweep, so that it can be gone on with whatever ends this process."""
        self.ensure_writable()
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO sweep (id, kind, created_us, request, trials) VALUES (?, ?, ?, ?, ?)",
                (sweep_id, kind.value, self._cache.disk.now_us(), json.dumps(request), trials),
            )

    def sweep(self, sweep_id: str) -> RecordedSweep:
        """Find a sweep by its id, or by the beginning of it.

        Raises:
            NotHeldError: there is none.
            UsageError: there are several.
        """
        row = self._one("sweep", sweep_id, "`tickreel runs list` names the sweep of each run")
        (done,) = self._database.rows(
            "SELECT COUNT(*) FROM run WHERE sweep_id = ? AND state IN ('succeeded', 'failed')", (row["id"],)
        )
        return RecordedSweep(
            row["id"],
            RunKind(row["kind"]),
            row["created_us"],
            json.loads(row["request"]),
            row["trials"],
            done[0],
        )

    def run(self, run_id: str) -> Recorded:
        """Find a run by its id, or by the beginning of it.

        Raises:
            NotHeldError: there is none.
            UsageError: there are several.
        """
        return self._recorded(self._one("run", run_id, "`tickreel runs list` lists those there are"))

    def runs(self, sweep_id: str | None = None, tag: str | None = None) -> list[Recorded]:
        """List runs, the newest first; those of a sweep in the order of its places.

        Those of which the catalog cannot be read are left out: :meth:`listed` names them.
        """
        return self.listed(sweep_id, tag)[0]

    def listed(self, sweep_id: str | None = None, tag: str | None = None) -> tuple[list[Recorded], list[str]]:
        """List runs, and say of each that had to be left out why it cannot be read, and what to do."""
        where, given = ("", ()) if sweep_id is None else ("WHERE sweep_id = ?", (sweep_id,))
        order = "created_us DESC, id" if sweep_id is None else "place"
        rows = self._database.rows(f"SELECT * FROM run {where} ORDER BY {order}", given)
        found, faults = [], []
        for row in rows:
            try:
                found.append(self._recorded(row))
            except EnvironmentProblem as problem:
                faults.append(str(problem))
        return [one for one in found if tag is None or tag in one.card.tags], faults

    def bands_over(self, card: RunCard) -> list[str]:
        """Name the bands of a strategy over the very range of a run, the newest first."""
        found = self._database.tuples(
            "SELECT sweep_id FROM run_line WHERE kind = ? AND strategy = ? AND from_us = ? AND to_us = ?"
            " GROUP BY sweep_id ORDER BY MAX(created_us) DESC",
            (RunKind.BAND.value, card.strategy["name"], card.from_us, card.to_us),
        )
        return [sweep_id for (sweep_id,) in found]

    def count_before(self, card: RunCard) -> int:
        """Count earlier tries: runs of the same strategy on the same instruments whose ranges overlap.

        Those of the same sweep are left out, which are told as its trials.
        """
        others = self._database.tuples(
            "SELECT symbols FROM run_line WHERE id <> ? AND COALESCE(sweep_id, '') <> ? AND strategy = ?"
            " AND from_us < ? AND ? < to_us",
            (card.id, card.sweep_id or card.id, card.strategy["name"], card.to_us, card.from_us),
        )
        own = sorted(f"{one['exchange']}:{one['symbol']}" for one in card.instruments)
        return sum(sorted(text.split(",")) == own for (text,) in others)

    def tag(self, run_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Recorded:
        """Add tags to a run and take others off.

        Raises:
            UsageError: a tag is empty, long, or has a comma or a blank at its ends.
        """
        self.ensure_writable()
        added = [checked_tag(one) for one in add]
        found = self.run(run_id)
        gone = set(remove)
        tags = [one for one in dict.fromkeys((*found.card.tags, *added)) if one not in gone]
        with self._database.writing() as connection:
            connection.execute("UPDATE run SET tags = ? WHERE id = ?", (json.dumps(tags), found.card.id))
        return self.run(found.card.id)

    def note(self, run_id: str, notes: str) -> Recorded:
        """Set what somebody has to say of a run; empty takes it away.

        Raises:
            UsageError: it is too long.
        """
        self.ensure_writable()
        if len(notes) > _LONGEST_NOTES:
            raise UsageError(f"a note has at most {_LONGEST_NOTES} characters, not {len(notes)}")
        found = self.run(run_id)
        with self._database.writing() as connection:
            connection.execute("UPDATE run SET notes = ? WHERE id = ?", (notes.strip(), found.card.id))
        return self.run(found.card.id)

    def _remove_files(self, run_id: str) -> None:
        """Remove the files of a run before the catalog forgets it, or it would be taken in again."""
        try:
            set_aside(self._cache.disk, self._cache.home, run_id)
            remove_unfinished(self._cache.home, run_id)
        except OSError as error:
            raise EnvironmentProblem(
                f"the files of run {run_id} cannot be removed: {error.strerror or error}"
            ) from error

    def forget(self, card: RunCard) -> None:
        """Take a run out of the catalog with its pins, and its sweep with the last of its runs."""
        with self._database.writing() as connection:
            self.strike(connection, card)

    @staticmethod
    def strike(connection: sqlite3.Connection, card: RunCard) -> None:
        """Do so within a transaction of the caller's."""
        connection.execute("DELETE FROM run WHERE id = ?", (card.id,))
        of_sweep = "SELECT 1 FROM run WHERE sweep_id = ? LIMIT 1"
        if card.sweep_id is None or not connection.execute(of_sweep, (card.sweep_id,)).fetchone():
            connection.execute("DELETE FROM pin WHERE holder = ?", (holder_of(card),))
            connection.execute("DELETE FROM sweep WHERE id = ?", (card.sweep_id,))

    def unended(self) -> list[tuple[Recorded, bool]]:
        """List the runs that have not ended, each with whether the process that has it done still runs."""
        rows = self._database.rows("SELECT * FROM run WHERE state = 'running'")
        return [
            (self._recorded(row), is_running(row["pid"], row["began_s"]))
            for row in rows
            if self._is_readable(row)
        ]

    def damaged_rows(self) -> list[sqlite3.Row]:
        """Give the rows of runs that cannot be read, those under way left out."""
        rows = self._database.rows("SELECT * FROM run ORDER BY created_us DESC, id")
        return [
            row
            for row in rows
            if not self._is_readable(row)
            and not (row["state"] == "running" and is_running(row["pid"], row["began_s"]))
        ]

    def drop_row(self, run_id: str) -> None:
        """Take what the catalog says of a run out of it; its files, pins and sweep stay."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM run WHERE id = ?", (run_id,))

    def sweep_ids(self) -> set[str]:
        """Name all sweeps."""
        return {sweep_id for (sweep_id,) in self._database.tuples("SELECT id FROM sweep")}

    def _is_readable(self, row: sqlite3.Row) -> bool:
        try:
            self._recorded(row)
        except EnvironmentProblem:
            return False
        return True

    def ids(self) -> set[str]:
        """Name all runs."""
        return {run_id for (run_id,) in self._database.tuples("SELECT id FROM run")}

    def _one(self, table: str, given: str, advice: str) -> sqlite3.Row:
        rows = self._database.rows(
            f"SELECT * FROM {table} WHERE substr(id, 1, ?) = ? ORDER BY id LIMIT 3", (len(given), given)
        )
        exact = [row for row in rows if row["id"] == given]
        if exact or (len(rows) == 1 and given):
            return (exact or rows)[0]
        if not rows or not given:
            raise NotHeldError(f"there is no {table} {given!r}: {advice}")
        raise UsageError(f"{given!r} begins the ids of several: {', '.join(row['id'] for row in rows)}")

    def _recorded(self, row: sqlite3.Row) -> Recorded:
        try:
            card = RunCard.from_form(json.loads(row["card"]))
            if card.id != row["id"]:
                raise ValueError(f"the card of run {row['id']} is that of {card.id!r}")
            card = card.with_(tags=tuple(json.loads(row["tags"])), notes=row["notes"])
            files = json.loads(row["files"])
            if not all(map(is_plain_path, files)):
                raise ValueError(f"run {card.id} has files that lie elsewhere")
            return Recorded(card, json.loads(row["request"]), files, row["place"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EnvironmentProblem(
                f"what the catalog says of run {row['id']} cannot be read ({error}): "
                "`tickreel runs mend` restores it from its files"
            ) from error

    def ensure_writable(self) -> None:
        """Refuse to change anything in a home that was opened for reading only; raises UsageError."""
        if self._cache.is_read_only:
            raise UsageError(f"the home {self._cache.home} was opened for reading only")


def holder_of(card: RunCard) -> str:
    """Name who pins the days of a run."""
    return f"run {card.id}" if card.sweep_id is None else f"sweep {card.sweep_id}"


def _card_text(card: RunCard) -> str:
    return json.dumps(card.with_(tags=(), notes="").to_form(), allow_nan=False)


def checked_tag(tag: str) -> str:
    """Give a tag that may be one; raises UsageError."""
    if not tag.strip() or tag != tag.strip() or "," in tag or len(tag) > _LONGEST_TAG:
        raise UsageError(f"{tag!r} is no tag: at most {_LONGEST_TAG} characters, none of them a comma")
    return tag
