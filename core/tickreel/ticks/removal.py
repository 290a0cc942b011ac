"""What makes ticks go: their time to live, and the budget of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.ticks.datasets import count_out
from tickreel.ticks.model import Removed

if TYPE_CHECKING:
    import sqlite3

_ROUND = 1000
_ROOM = 0.9
"""To what part of the budget ticks are evicted, so that not every write has to evict."""


def used_bytes(connection: sqlite3.Connection) -> int:
    """Tell what rows and indexes fill of the file."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def remove_expired(connection: sqlite3.Connection, now_us: int) -> Removed:
    """Remove the ticks whose time is over."""
    gone = connection.execute(
        "DELETE FROM tick WHERE expires_us <= ? RETURNING dataset_id, raw_bytes, length(value)", (now_us,)
    ).fetchall()
    removed = Removed(*count_out(connection, gone))
    if removed.ticks:
        connection.execute("UPDATE state SET expired = expired + ?", (removed.ticks,))
    return removed


def remove_least_used(connection: sqlite3.Connection, budget_bytes: int) -> Removed:
    """Remove the ticks whose last use is longest ago when the file fills more than *budget_bytes*."""
    ticks = value_bytes = 0
    used = used_bytes(connection)
    if used <= budget_bytes:
        return Removed(0, 0)
    target = int(budget_bytes * _ROOM)
    while used > target:
        held = connection.execute("SELECT sum(ticks) FROM dataset").fetchone()[0] or 0
        # By the average tick; pages that are only partly freed are met by the next round.
        number = max(_ROUND, held * (used - target) // used)
        gone = connection.execute(
            "DELETE FROM tick WHERE id IN (SELECT id FROM tick ORDER BY last_used_us, id LIMIT ?) "
            "RETURNING dataset_id, raw_bytes, length(value)",
            (number,),
        ).fetchall()
        if not gone:
            break
        more, more_bytes = count_out(connection, gone)
        ticks, value_bytes = ticks + more, value_bytes + more_bytes
        used = used_bytes(connection)
    connection.execute("UPDATE state SET evicted = evicted + ?", (ticks,))
    _give_back(connection)
    return Removed(ticks, value_bytes)


def _give_back(connection: sqlite3.Connection) -> None:
    """Cut the free pages off the file; it shrinks when the log is written back."""
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    for _ in range(free):
        # Frees a page each time it is run: the driver does not step a statement without columns further.
        connection.execute("PRAGMA incremental_vacuum(1)")
