"""Ticks on their way into the file: checked and packed first, then placed in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.market.time import parse_instant
from tickreel.ticks.datasets import count_in
from tickreel.ticks.values import digest, pack

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

    from tickreel.market.time import Instant
    from tickreel.ticks.compression import Compression
    from tickreel.ticks.model import Value


@dataclass(frozen=True, slots=True)
class Packed:
    """One tick, ready to be stored."""

    time_us: int
    raw: bytes
    digest: bytes


def pack_all(ticks: Iterable[tuple[Instant, Mapping[str, Value]]]) -> list[Packed]:
    """Check and pack ticks; raises UsageError that names the tick, counted from 1."""
    return [_packed(number, time, value) for number, (time, value) in enumerate(ticks, 1)]


def _packed(number: int, time: Instant, value: Mapping[str, Value]) -> Packed:
    try:
        time_us = parse_instant(time)
    except UsageError as error:
        raise UsageError(f"tick {number}: {error}") from None
    raw = pack(value, f"tick {number}")
    return Packed(time_us, raw, digest(raw))


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms ticks are stored."""

    dataset_id: int
    dictionary_id: int
    compression: Compression
    now_us: int
    expires_us: int | None


def insert(connection: sqlite3.Connection, ticks: list[Packed], terms: Terms) -> tuple[list[int], int]:
    """Store the ticks that are not held yet; give the row id of every tick, and how many are new.

    A tick is held when its dataset has one of the same time and value. Two equal ticks of one
    write are two ticks: they are held when the dataset has two.
    """
    held = _Held(connection, ticks, terms.dataset_id)
    (last_id,) = connection.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'tick'").fetchone()
    next_id = (last_id or 0) + 1
    ids: list[int] = []
    sizes: list[tuple[int, int]] = []

    def rows() -> Iterator[tuple[object, ...]]:
        # Row by row into SQLite: a list of all rows would keep the garbage collector busy.
        for tick in ticks:
            found = held.claim(tick)
            if found is not None:
                ids.append(found)
                continue
            tick_id = next_id + len(sizes)
            stored = terms.compression.compress(tick.raw)
            dictionary_id: int | None = terms.dictionary_id
            if len(stored) >= len(tick.raw):
                stored, dictionary_id = tick.raw, None
            ids.append(tick_id)
            sizes.append((len(tick.raw), len(stored)))
            place = (tick_id, terms.dataset_id, tick.time_us, held.next_sequence(tick.time_us))
            life = (terms.now_us, terms.expires_us, 0, terms.now_us)
            yield (*place, *life, dictionary_id, len(tick.raw), tick.digest, stored)

    connection.executemany("INSERT INTO tick VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows())
    count_in(connection, terms.dataset_id, sizes)
    held.renew(terms)
    return ids, len(sizes)


class _Held:
    """What a dataset holds at the times of some ticks, while they are being placed."""

    def __init__(self, connection: sqlite3.Connection, ticks: list[Packed], dataset_id: int) -> None:
        self._connection = connection
        self._dataset_id = dataset_id
        self._next: dict[int, int] = {}
        self._unclaimed: dict[tuple[int, bytes], list[int]] = {}
        self._claimed: list[int] = []
        times = [tick.time_us for tick in ticks]
        # Ticks mostly come behind all that is held, which one look tells.
        self._is_behind = (
            not times
            or connection.execute(
                "SELECT 1 FROM tick WHERE dataset_id = ? AND time_us BETWEEN ? AND ? LIMIT 1",
                (dataset_id, min(times), max(times)),
            ).fetchone()
            is None
        )

    def claim(self, tick: Packed) -> int | None:
        """Give the row id of a held tick that equals this one, each of them once."""
        if tick.time_us not in self._next:
            self._look_up(tick.time_us)
        if self._is_behind:
            return None
        same = self._unclaimed.get((tick.time_us, tick.digest))
        if not same:
            return None
        self._claimed.append(same.pop())
        return self._claimed[-1]

    def _look_up(self, time_us: int) -> None:
        self._next[time_us] = 0
        if self._is_behind:
            return
        found = self._connection.execute(
            "SELECT id, sequence, digest FROM tick WHERE dataset_id = ? AND time_us = ? "
            "ORDER BY sequence DESC",
            (self._dataset_id, time_us),
        )
        for tick_id, sequence, held in found:
            self._next[time_us] = max(self._next[time_us], sequence + 1)
            self._unclaimed.setdefault((time_us, held), []).append(tick_id)

    def next_sequence(self, time_us: int) -> int:
        """Give the next place among the ticks of a microsecond."""
        sequence = self._next[time_us]
        self._next[time_us] = sequence + 1
        return sequence

    def renew(self, terms: Terms) -> None:
        """Let the claimed ticks live as long as if they had been stored now, never shorter."""
        self._connection.executemany(
            "UPDATE tick SET last_used_us = max(last_used_us, ?), "
            "expires_us = iif(? IS NULL, NULL, max(expires_us, ?)) WHERE id = ?",
            [(terms.now_us, terms.expires_us, terms.expires_us, tick_id) for tick_id in self._claimed],
        )
