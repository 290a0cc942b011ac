"""Records: what was analysed along a replay, window by window, so that the same is had again without asking.

A record lies in the catalog beside the data, and refers to the answers of the ledger. It tells of windows
that were passed over or refused as well, so that whoever goes through it again meets the very same.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.analysis.asks import Ask, LiveSetup, Outcome
from tickreel.analysis.triggers import Reason
from tickreel.errors import NotHeldError, TickreelError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tickreel.store.records.database import Database


class NotRecorded(TickreelError):
    """Say that a record has nothing about a window, so that nothing can be answered without asking."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One window of a record, or a run of a symbol's windows, one after the other, that were passed over.

    The *ask* of a run has no reasons, and goes from the end of its first window to that of its last.
    """

    ask: Ask
    outcome: Outcome
    reason: str = ""
    snapshot_sha256: str | None = None
    call_id: int | None = None
    answer_id: int | None = None
    windows: int = 1


@dataclass(frozen=True, slots=True)
class RecordHead:
    """A record without its windows."""

    id: int
    began_us: int
    ended_us: int | None
    """None while it goes on, and of a program that was killed."""
    model: str
    place: str
    symbols: tuple[tuple[str, str], ...]
    """Of its windows; none where it has none."""
    setup: LiveSetup
    outcomes: Mapping[Outcome, int]
    """How many windows became what."""

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "id": self.id,
            "began_us": self.began_us,
            "ended_us": self.ended_us,
            "model": self.model,
            "place": self.place,
            "symbols": [{"exchange": exchange, "symbol": symbol} for exchange, symbol in self.symbols],
            **self.setup.to_form(),
            **{outcome.value: self.outcomes.get(outcome, 0) for outcome in Outcome},
        }


class Record:
    """What a record has about windows; each entry is given once, as windows can come again in a loop."""

    def __init__(self, head: RecordHead, entries: Iterable[Entry]) -> None:
        self.head = head
        self.entries = tuple(entries)
        """In the order in which they were asked for."""
        self._entries: dict[object, deque[Entry]] = defaultdict(deque)
        self._runs: dict[tuple[str, str], deque[tuple[Entry, int]]] = defaultdict(deque)
        """Runs of a symbol, and how many windows each has left."""
        for entry in self.entries:
            if entry.ask.reasons:
                self._entries[entry.ask.what].append(entry)
            else:
                self._runs[entry.ask.exchange, entry.ask.symbol].append((entry, entry.windows))

    def passed_over(self, ask: Ask) -> Outcome | None:
        """Tell why a window was passed over, if the next that is known of it is that it was."""
        runs = self._runs.get((ask.exchange, ask.symbol), deque())
        for place, (run, left) in enumerate(runs):
            if run.ask.from_us <= ask.to_us <= run.ask.to_us:
                found = self._entries.get(ask.what)
                if found and found[0].ask.number < run.ask.number:
                    return None
                if left > 1:
                    runs[place] = run, left - 1
                else:
                    del runs[place]
                return run.outcome
        return None

    def take(self, ask: Ask) -> Entry:
        """Give what became of a window.

        Raises:
            NotRecorded: it has nothing about it, or nothing more.
        """
        found = self._entries.get(ask.what)
        if not found:
            raise NotRecorded(
                f"record {self.head.id} has nothing about {ask.spelled()}, and nothing was sent: replay the "
                "range that it was made from, or analyse anew"
            )
        return found.popleft()


class Recorder:
    """Writes a record while a replay goes on; its methods touch the disk."""

    def __init__(
        self,
        database: Database,
        now_us: Callable[[], int],
        *,
        model: str,
        place: str,
        setup: LiveSetup,
    ) -> None:
        self._database = database
        self._now_us = now_us
        with database.writing(survives_power=False) as connection:
            cursor = connection.execute(
                "INSERT INTO analysis_record (began_us, model, place, setup) VALUES (?, ?, ?, ?)",
                (now_us(), model, place, json.dumps(setup.to_form())),
            )
        assert cursor.lastrowid is not None
        self.id = cursor.lastrowid
        self._tells_something = bool(setup.triggers)
        """Also that nothing fired."""

    def write(self, entries: Iterable[Entry], *, is_end: bool = False) -> None:
        """Add entries to the record; after its end none are added.

        One by hand for which nobody asked anything tells nothing, and is no record after its end.

        Raises:
            EnvironmentProblem: the catalog cannot be written.
        """
        rows = [
            (
                self.id,
                entry.ask.number,
                *entry.ask.what[:4],
                entry.windows,
                ",".join(entry.ask.reasons),
                entry.outcome.value,
                entry.reason,
                entry.snapshot_sha256,
                entry.call_id,
                entry.answer_id,
            )
            for entry in entries
        ]
        self._tells_something = self._tells_something or bool(rows)
        with self._database.writing(survives_power=False) as connection:
            if is_end and not self._tells_something:
                connection.execute("DELETE FROM analysis_record WHERE id = ?", (self.id,))
                return
            connection.executemany(
                "INSERT INTO analysis_record_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
            if is_end:
                connection.execute(
                    "UPDATE analysis_record SET ended_us = ? WHERE id = ?", (self._now_us(), self.id)
                )


def records(database: Database) -> list[RecordHead]:
    """List all records, the newest first."""
    with database.snapshot():
        counted: dict[int, dict[Outcome, int]] = defaultdict(dict)
        for number, outcome, count in database.tuples(
            "SELECT record_id, outcome, SUM(windows) FROM analysis_record_entry GROUP BY record_id, outcome"
        ):
            counted[number][Outcome(outcome)] = count
        asked: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for number, *symbol in database.tuples(
            "SELECT DISTINCT record_id, exchange, symbol FROM analysis_record_entry ORDER BY 1, 2, 3"
        ):
            asked[number].append((symbol[0], symbol[1]))
        rows = database.rows("SELECT * FROM analysis_record ORDER BY id DESC")
    return [_head(row, counted[row["id"]], asked[row["id"]]) for row in rows]


def read_record(database: Database, record_id: int) -> Record:
    """Read a record.

    Raises:
        NotHeldError: there is none of that number.
    """
    with database.snapshot():
        heads = database.rows("SELECT * FROM analysis_record WHERE id = ?", (record_id,))
        if not heads:
            raise NotHeldError(
                f"there is no record {record_id} of analyses; `tickreel llm records` lists those there are"
            )
        rows = database.rows(
            "SELECT * FROM analysis_record_entry WHERE record_id = ? ORDER BY number", (record_id,)
        )
    entries = [_entry(row) for row in rows]
    counts: dict[Outcome, int] = defaultdict(int)
    for entry in entries:
        counts[entry.outcome] += entry.windows
    asked = dict.fromkeys((entry.ask.exchange, entry.ask.symbol) for entry in entries)
    return Record(_head(heads[0], counts, sorted(asked)), entries)


def _head(row: sqlite3.Row, outcomes: Mapping[Outcome, int], asked: Sequence[tuple[str, str]]) -> RecordHead:
    form = json.loads(row["setup"])
    return RecordHead(
        id=row["id"],
        began_us=row["began_us"],
        ended_us=row["ended_us"],
        model=row["model"],
        place=row["place"],
        symbols=tuple(asked),
        setup=LiveSetup.from_form(form),
        outcomes=outcomes,
    )


def _entry(row: sqlite3.Row) -> Entry:
    reasons = tuple(Reason(one) for one in row["reasons"].split(",") if one)
    ask = Ask(row["number"], row["exchange"], row["symbol"], row["from_us"], row["to_us"], reasons)
    return Entry(
        ask,
        Outcome(row["outcome"]),
        row["reason"],
        row["snapshot_sha256"],
        row["call_id"],
        row["answer_id"],
        row["windows"],
    )
