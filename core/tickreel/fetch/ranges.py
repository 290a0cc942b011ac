"""Which ranges of a day are here as a tardis-machine gave them.

A part reaches from its first row to its last: that nothing lies around them within the range that was
asked for only the record of that request tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.store.model import Day
    from tickreel.store.records.database import Database


def spans_here(database: Database, day: Day) -> list[tuple[int, int]]:
    """List spans of local time [start, end) of which all rows are held: parts, and what was replayed."""
    if not day.state.is_held:
        return []
    rows = database.tuples(
        "SELECT DISTINCT start_us, end_us, row_count FROM fetch_day WHERE exchange = ? AND symbol = ?"
        " AND type = ? AND day = ? AND source = 'machine' AND state = 'done' AND row_count > 0",
        (day.key.exchange, day.key.symbol, day.key.type.value, day.day.isoformat()),
    )
    replayed = [
        (start_us, end_us)
        for start_us, end_us, count in rows
        if count
        == sum(part.rows for part in day.parts if start_us <= part.start_us and part.end_us <= end_us)
    ]
    return [*((part.start_us, part.end_us) for part in day.parts), *replayed]


def is_covered(span: tuple[int, int], spans: Iterable[tuple[int, int]]) -> bool:
    """Tell whether spans together leave nothing of *span* out."""
    reached_us, end_us = span
    for start_us, until_us in sorted(spans):
        if start_us > reached_us:
            break
        reached_us = max(reached_us, until_us)
    return reached_us >= end_us
