"""Calls of before, found by what they were about: instrument, range, words, pins.

A window of a call is one entry. Its answer is that of the call, or, where it was answered from the store,
that of the call which had given it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.analysis.answers import Answer, read_answer, unpacked
from tickreel.analysis.figures import Group
from tickreel.analysis.ledger import read_call
from tickreel.analysis.observation import Source, sources_of
from tickreel.errors import NotHeldError, TickreelError
from tickreel.market.types import DataType

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from tickreel.analysis.calls import Call
    from tickreel.store import Cache
    from tickreel.store.records.database import Database

_ANSWERED = (
    "SELECT max(given.id) FROM analysis_call AS given"
    " WHERE given.request_sha256 = call.request_sha256 AND given.answer IS NOT NULL"
)
"""The call whose answer it is."""
_TOLD = " || ' ' || ".join(
    (
        "call.model",
        "seen.exchange",
        "seen.symbol",
        "call.question",
        "COALESCE(given.answer, call.partial, '')",
    )
)
"""What is searched for words."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries are wanted; what is left out does not matter."""

    exchange: str | None = None
    symbol: str | None = None
    start_us: int | None = None
    end_us: int | None = None
    """Windows that overlap [start_us, end_us)."""
    text: str = ""
    """Words that all stand in the answer, the question or the names of model and instrument."""
    is_pinned: bool = False
    """Only those with a finding that is pinned."""
    is_answered: bool = False
    """Only calls that gave an answer themselves, each once."""
    call_id: int | None = None
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody noted of a finding."""

    is_pinned: bool = False
    rating: int = 0
    """1 was good, -1 was not, 0 nobody has said."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One window of one call, as it was then."""

    call: Call
    request_sha256: str
    number: int
    """Of the window among those of the call, from 0 on."""
    windows: int
    exchange: str
    symbol: str
    from_us: int
    to_us: int
    snapshot_sha256: str
    groups: tuple[Group, ...] | None
    """The groups of figures that were given; None where all were."""
    data: tuple[Source, ...] | None
    """The days that it was made from, as they were then; None where nobody wrote it down."""
    question: str
    answered_by: int | None
    """Id of the call whose answer it is; None without an answer."""
    answer: Answer | None
    is_whole: bool
    """False where the answer was cut at its length, or broke off."""
    partial: str
    """What had come of a call that was stopped or failed."""
    marks: Mapping[int, Mark]
    """By the number of a finding, from 0 on."""

    def is_changed(self, cache: Cache) -> bool:
        """Tell whether its days are others by now, by their digests alone; False where none were noted."""
        if self.data is None:
            return False
        try:
            return sources_of(cache, self.exchange, self.symbol, self.from_us, self.to_us) != self.data
        except TickreelError:  # of a day that is damaged or gone
            return True


def find_history(database: Database, query: Query) -> list[Kept]:
    """List the entries that are wanted, the newest call first."""
    where, values = _conditions(query)
    rows = database.rows(
        f"SELECT call.*, seen.place AS number, seen.exchange, seen.symbol, from_us, to_us, snapshot_sha256,"
        f" groups, data, given.id AS given_id, given.answer AS given_answer,"
        f" (SELECT COUNT(*) FROM analysis_window AS one WHERE one.call_id = call.id) AS windows"
        f" FROM analysis_window AS seen JOIN analysis_call AS call ON call.id = seen.call_id"
        f" LEFT JOIN analysis_call AS given ON given.id = COALESCE("
        f" CASE WHEN call.answer IS NULL AND call.state = 'cached' THEN ({_ANSWERED}) END,"
        f" CASE WHEN call.answer IS NOT NULL THEN call.id END)"
        f" WHERE {' AND '.join(where)} ORDER BY call.id DESC, seen.place LIMIT ?",
        (*values, query.limit),
    )
    marks = _marks(database, {row["given_id"] for row in rows if row["given_id"] is not None})
    return [_kept(database, row, marks) for row in rows]


def set_mark(
    database: Database,
    kept: Kept,
    finding: int,
    now_us: int,
    *,
    is_pinned: bool | None = None,
    rating: int | None = None,
) -> Mark:
    """Pin a finding, by its number from 0 on, or say how good it was; what is None stays.

    Raises:
        NotHeldError: there is no such finding.
        EnvironmentProblem: the catalog cannot be written.
    """
    answered_by = kept.answered_by
    if answered_by is None or kept.answer is None or not 0 <= finding < len(kept.answer.findings):
        count = 0 if kept.answer is None else len(kept.answer.findings)
        raise NotHeldError(f"call {kept.call.id} has no finding {finding + 1}: it has {count}")
    with database.writing(survives_power=False) as connection:
        before = _marks(database, {answered_by}).get((answered_by, kept.number), {}).get(finding, Mark())
        mark = Mark(
            before.is_pinned if is_pinned is None else is_pinned, before.rating if rating is None else rating
        )
        connection.execute(
            "INSERT OR REPLACE INTO analysis_mark VALUES (?, ?, ?, ?, ?, ?)",
            (answered_by, kept.number, finding, mark.is_pinned, mark.rating, now_us),
        )
    return mark


def _conditions(query: Query) -> tuple[list[str], list[object]]:
    where, values = ["1"], list[object]()
    for name, wanted in (
        ("seen.exchange =", query.exchange),
        ("seen.symbol =", query.symbol),
        ("to_us >", query.start_us),
        ("from_us <", query.end_us),
        ("call.id =", query.call_id),
    ):
        if wanted is not None:
            where.append(f"{name} ?")
            values.append(wanted)
    for word in query.text.split():
        where.append(f"instr(lower({_TOLD}), lower(?))")
        values.append(word)
    if query.is_pinned:
        where.append(
            "EXISTS (SELECT 1 FROM analysis_mark AS mark"
            " WHERE mark.call_id = given.id AND mark.place = seen.place AND is_pinned)"
        )
    if query.is_answered:
        where.append("call.answer IS NOT NULL")
    return where, values


def _marks(database: Database, calls: set[int]) -> dict[tuple[int, int], dict[int, Mark]]:
    found: dict[tuple[int, int], dict[int, Mark]] = {}
    rows = database.tuples(
        "SELECT call_id, place, finding, is_pinned, rating FROM analysis_mark"
        " WHERE call_id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(calls)),),
    )
    for call_id, place, finding, is_pinned, rating in rows:
        found.setdefault((call_id, place), {})[finding] = Mark(bool(is_pinned), rating)
    return found


def _kept(database: Database, row: sqlite3.Row, marks: Mapping[tuple[int, int], Mapping[int, Mark]]) -> Kept:
    answer, is_whole = None, False
    if row["given_answer"] is not None:
        text, is_whole = unpacked(row["given_answer"])
        answer = read_answer(text, row["windows"])[row["number"]]
    return Kept(
        call=read_call(database, row),
        request_sha256=row["request_sha256"],
        number=row["number"],
        windows=row["windows"],
        exchange=row["exchange"],
        symbol=row["symbol"],
        from_us=row["from_us"],
        to_us=row["to_us"],
        snapshot_sha256=row["snapshot_sha256"],
        groups=None if row["groups"] is None else tuple(Group(each) for each in row["groups"].split()),
        data=None
        if row["data"] is None
        else tuple(Source(DataType(kind), day, digest) for kind, day, digest in json.loads(row["data"])),
        question=row["question"],
        answered_by=row["given_id"],
        answer=answer,
        is_whole=is_whole,
        partial=row["partial"] or "",
        marks=marks.get((row["given_id"], row["number"]), {}),
    )
