"""Hits and last uses, noted in memory and written in batches, so that reads stay reads."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_ENOUGH = 4096


@dataclass
class Noted:
    """Lookups and uses of some time."""

    hits: int = 0
    misses: int = 0
    by_tick: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of every tick that was used: its hits, and its last use."""

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all of it inside the caller's transaction."""
        if self.hits or self.misses:
            connection.execute(
                "UPDATE state SET hits = hits + ?, misses = misses + ?", (self.hits, self.misses)
            )
        connection.executemany(
            "UPDATE tick SET hits = hits + ?, last_used_us = max(last_used_us, ?) WHERE id = ?",
            [(hits, last_us, tick_id) for tick_id, (hits, last_us) in self.by_tick.items()],
        )


class UseNotes:
    """What was looked up since the last write of it; shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted = Noted()

    def lookup(self, *, found: bool) -> None:
        """Note one lookup and how it ended."""
        with self._lock:
            if found:
                self._noted.hits += 1
            else:
                self._noted.misses += 1

    def use(self, ticks: Iterable[int], at_us: int, *, hits: int) -> None:
        """Note the use of some ticks; *hits* are added to each."""
        with self._lock:
            by_tick = self._noted.by_tick
            for tick_id in ticks:
                before, last_us = by_tick.get(tick_id, (0, 0))
                by_tick[tick_id] = (before + hits, max(last_us, at_us))

    def of_tick(self, tick_id: int) -> tuple[int, int]:
        """Tell a tick's hits and last use that are not written yet."""
        with self._lock:
            return self._noted.by_tick.get(tick_id, (0, 0))

    def lookups(self) -> tuple[int, int]:
        """Tell hits and misses that are not written yet."""
        with self._lock:
            return self._noted.hits, self._noted.misses

    @property
    def are_many(self) -> bool:
        """Whether it is time to write."""
        return len(self._noted.by_tick) >= _ENOUGH

    def take(self) -> Noted:
        """Take all notes, to write them."""
        with self._lock:
            noted, self._noted = self._noted, Noted()
            return noted

    def restore(self, noted: Noted) -> None:
        """Take notes back that could not be written."""
        with self._lock:
            self._noted.hits += noted.hits
            self._noted.misses += noted.misses
        for tick_id, (hits, last_us) in noted.by_tick.items():
            self.use((tick_id,), last_us, hits=hits)
