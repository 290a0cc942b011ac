"""What the catalog lists: days with their parts, and sums over datasets, quickly enough for 50,000 days."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tickreel.market.types import DatasetKey, DataType
from tickreel.store.model import Dataset, Day, DayState, Grade, Part, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.store.records.database import Database

_DAYS = """
    SELECT exchange, symbol, type, dataset_id, day, state, day.rows_sha256, grade, issues,
           hits, last_used_us, used_order, expires_us
    FROM dataset JOIN day ON day.dataset_id = dataset.id
    {where} ORDER BY exchange, symbol, type, day
"""
PART_COLUMNS = """segment.id, segment.day, start_us, end_us, row_count, messages, bytes, first_local_us,
    last_local_us, segment.rows_sha256, opens_with_snapshot, source, source_sha256, imported_us,
    keyframe_bytes, format, damaged_us, source_bytes"""
# All of them are read in the order of the file: by an index it would take five times as long.
_ALL_PARTS = f"SELECT dataset_id, {PART_COLUMNS} FROM segment NOT INDEXED WHERE trashed_us IS NULL"
_PARTS = f"""
    SELECT dataset_id, {PART_COLUMNS} FROM segment INDEXED BY segment_of_day
    {{where}} AND trashed_us IS NULL
"""
_GROUPS = """
    SELECT dataset_id, state, grade, COUNT(*), SUM(hits), MAX(last_used_us), MIN(expires_us)
    FROM day GROUP BY dataset_id, state, grade
"""
_REVISIONS = """
    SELECT exchange, symbol, type, revision FROM dataset
    WHERE EXISTS (SELECT 1 FROM day WHERE dataset_id = dataset.id) ORDER BY exchange, symbol, type
"""
_FEW_DATASETS = 50
"""More of them are read quicker with all others than one by one."""
_NUMBER = "SELECT id FROM dataset WHERE exchange = ? AND symbol = ? AND type = ?"
# The first and the last are looked up by an index: to compare all of them takes as long as the sums.
_SPANS = """
    SELECT id, exchange, symbol, type,
        (SELECT MIN(day) FROM day WHERE dataset_id = dataset.id),
        (SELECT MAX(day) FROM day WHERE dataset_id = dataset.id),
        (SELECT first_local_us FROM segment INDEXED BY segment_of_day
         WHERE dataset_id = dataset.id AND trashed_us IS NULL AND first_local_us IS NOT NULL
         ORDER BY day, start_us LIMIT 1),
        (SELECT last_local_us FROM segment INDEXED BY segment_of_day
         WHERE dataset_id = dataset.id AND trashed_us IS NULL AND last_local_us IS NOT NULL
         ORDER BY day DESC, start_us DESC LIMIT 1)
    FROM dataset ORDER BY exchange, symbol, type
"""
_SUMS = """
    SELECT dataset_id, SUM(row_count), SUM(bytes), SUM(keyframe_bytes)
    FROM segment INDEXED BY segment_sums WHERE trashed_us IS NULL GROUP BY dataset_id
"""
# A pin by hand keeps the day; a pin that somebody holds keeps the version it names.
_PINNED = """
    SELECT DISTINCT pin.dataset_id, pin.day
    FROM pin JOIN day ON day.dataset_id = pin.dataset_id AND day.day = pin.day
        AND (holder = '' OR pin.rows_sha256 = day.rows_sha256)
    {where}
"""

_STATES = {state.value: state for state in DayState}
_SOURCES = {source.value: source for source in Source}
_GRADES: dict[str | None, Grade | None] = {None: None, **{grade.value: grade for grade in Grade}}


def list_days(
    database: Database, key: DatasetKey | None = None, first: date | None = None, last: date | None = None
) -> list[Day]:
    """List recorded days, of one dataset or of all, by exchange, symbol, type and day; bounds included."""
    conditions, parameters = [], []
    if key is not None:
        conditions.append(f"{{table}}.dataset_id = ({_NUMBER})")
        parameters += [key.exchange, key.symbol, key.type.value]
    for sign, bound in ((">=", first), ("<=", last)):
        if bound is not None:
            conditions.append(f"{{table}}.day {sign} ?")
            parameters.append(bound.isoformat())
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    given = tuple(parameters)
    with database.snapshot():
        days = database.tuples(_DAYS.format(where=where.format(table="day")), given)
        parts = database.tuples(
            _PARTS.format(where=where.format(table="segment")) if where else _ALL_PARTS, given
        )
        pinned = set(database.tuples(_PINNED.format(where=where.format(table="pin")), given))
    with database.as_written():
        return _joined(days, parts, pinned)


def _joined(
    days: list[tuple[Any, ...]], parts: list[tuple[Any, ...]], pinned: set[tuple[Any, ...]]
) -> list[Day]:
    dates = {text: date.fromisoformat(text) for text in {row[4] for row in days}}
    held: dict[tuple[int, str], tuple[Part, ...]] = {}
    for row in parts:
        owner, text = row[0], row[2]
        part = part_of(row, dates[text])
        place = (owner, text)
        if place in held:
            held[place] = tuple(sorted((*held[place], part), key=_start_us))
        else:
            held[place] = (part,)
    keys: dict[int, DatasetKey] = {}
    found = []
    for exchange, symbol, data_type, owner, text, state, digest, grade, issues, *rest in days:
        if owner not in keys:
            keys[owner] = DatasetKey(exchange, symbol, DataType(data_type))
        place = (owner, text)
        found.append(
            Day(
                keys[owner],
                dates[text],
                _STATES[state],
                digest,
                held.get(place, ()),
                Grade.BAD if state == "damaged" else _GRADES[grade],
                None if issues is None else tuple(issues.split()),
                place in pinned,
                *rest,
            )
        )
    return found


def _start_us(part: Part) -> int:
    return part.start_us


def part_of(row: tuple[Any, ...], day: date) -> Part:
    """Make a part of a row that is a dataset's number and ``PART_COLUMNS``."""
    _, name, _, start, end, rows, messages, size, first, last, digest, opens, source, *rest = row
    return Part(
        name, day, start, end, rows, messages, size, first, last, digest, opens == 1, _SOURCES[source], *rest
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from what was known of the datasets."""

    revisions: dict[DatasetKey, int]
    """Of every dataset with recorded days, by exchange, symbol and type: each change of them moves it."""
    days: dict[DatasetKey, list[Day]]
    """All recorded days, oldest first, of those datasets whose revision is another one."""


def list_changes(database: Database, known: Mapping[DatasetKey, int]) -> Changes:
    """List the days of the datasets whose revision is not the *known* one, all of one moment."""
    with database.snapshot(), database.as_written():
        revisions = {
            DatasetKey(exchange, symbol, DataType(data_type)): revision
            for exchange, symbol, data_type, revision in database.tuples(_REVISIONS)
        }
        changed = [key for key, revision in revisions.items() if known.get(key) != revision]
        if len(changed) <= _FEW_DATASETS:
            return Changes(revisions, {key: list_days(database, key) for key in changed})
        days = list_days(database)
    found: dict[DatasetKey, list[Day]] = {key: [] for key in changed}
    for day in days:
        if day.key in found:
            found[day.key].append(day)
    return Changes(revisions, found)


def list_datasets(database: Database) -> list[Dataset]:
    """Sum up every dataset, by exchange, symbol and type."""
    groups: dict[int, list[tuple[Any, ...]]] = {}
    with database.snapshot():
        spans = database.tuples(_SPANS)
        for dataset_id, *group in database.tuples(_GROUPS):
            groups.setdefault(dataset_id, []).append(tuple(group))
        sums = {row[0]: row[1:] for row in database.tuples(_SUMS)}
        pinned = Counter(dataset_id for dataset_id, _ in database.tuples(_PINNED.format(where="")))
    with database.as_written():
        return [
            _dataset(
                DatasetKey(exchange, symbol, DataType(data_type)),
                span,
                groups[dataset_id],
                sums.get(dataset_id, (0, 0, 0)),
                pinned[dataset_id],
            )
            for dataset_id, exchange, symbol, data_type, *span in spans
            if dataset_id in groups
        ]


def _dataset(
    key: DatasetKey,
    span: list[Any],
    groups: list[tuple[Any, ...]],
    sums: tuple[int, int, int],
    pinned_days: int,
) -> Dataset:
    """Sum up a dataset of its days by state and grade, and of the sums over its segments."""
    states, grades, counts, hits, used_us, expires_us = zip(*groups, strict=True)
    first_text, last_text, first_local_us, last_local_us = span
    first_day, last_day = date.fromisoformat(first_text), date.fromisoformat(last_text)
    days = dict.fromkeys(DayState, 0)
    for state, count in zip(states, counts, strict=True):
        days[_STATES[state]] += count
    days[DayState.MISSING] += (last_day - first_day).days + 1 - sum(counts)
    rows, size, keyframe_bytes = sums
    return Dataset(
        key=key,
        first_day=first_day,
        last_day=last_day,
        days=days,
        rows=rows,
        bytes=size,
        first_local_us=first_local_us,
        last_local_us=last_local_us,
        keyframe_bytes=keyframe_bytes,
        grade=_worst(Grade.BAD if days[DayState.DAMAGED] else None, *(_GRADES[grade] for grade in grades)),
        hits=sum(hits),
        last_used_us=max((one for one in used_us if one is not None), default=None),
        pinned_days=pinned_days,
        expires_us=min((one for one in expires_us if one is not None), default=None),
    )


def _worst(*grades: Grade | None) -> Grade | None:
    return next((grade for grade in (Grade.BAD, Grade.USABLE, Grade.GOOD) if grade in grades), None)


def summarise(key: DatasetKey, days: list[Day]) -> Dataset:
    """Sum up the recorded days (at least one, oldest first) of a dataset."""
    counted = Counter(day.state for day in days)
    counted[DayState.MISSING] += (days[-1].day - days[0].day).days + 1 - len(days)
    return Dataset(
        key=key,
        first_day=days[0].day,
        last_day=days[-1].day,
        days={state: counted[state] for state in DayState},
        rows=sum(day.rows for day in days),
        bytes=sum(day.bytes for day in days),
        first_local_us=min((d.first_local_us for d in days if d.first_local_us is not None), default=None),
        last_local_us=max((d.last_local_us for d in days if d.last_local_us is not None), default=None),
        keyframe_bytes=sum(day.keyframe_bytes for day in days),
        grade=_worst(*{day.grade for day in days}),
        hits=sum(day.hits for day in days),
        last_used_us=max((d.last_used_us for d in days if d.last_used_us is not None), default=None),
        pinned_days=sum(day.pinned for day in days),
        expires_us=min((d.expires_us for d in days if d.expires_us is not None), default=None),
    )
