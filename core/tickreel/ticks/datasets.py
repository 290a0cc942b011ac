"""Datasets of the tick store and their dictionaries, as the file knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.errors import DataError
from tickreel.ticks.compression import Compression, dictionary_of
from tickreel.ticks.values import digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tickreel.market.types import DatasetKey
    from tickreel.ticks.tickfile import TickFile


class Datasets:
    """Row ids of datasets, and the compression of each; both never change once they are there."""

    def __init__(self, file: TickFile) -> None:
        self._file = file
        self._known: dict[DatasetKey, int] = {}
        self._compressions: dict[int, Compression] = {}

    def find(self, key: DatasetKey) -> int | None:
        """Find the id of a dataset; None when nothing of it was ever stored."""
        if key not in self._known:
            found = self._file.rows(
                "SELECT id FROM dataset WHERE exchange = ? AND symbol = ? AND granularity = ?",
                (key.exchange, key.symbol, str(key.type)),
            )
            if not found:
                return None
            self._known[key] = found[0][0]
        return self._known[key]

    def for_writing(
        self, connection: sqlite3.Connection, key: DatasetKey, first: Sequence[bytes]
    ) -> tuple[int, int, Compression]:
        """Give the ids of a dataset and of its dictionary, and the compression with it.

        A new dataset takes its dictionary from the *first* packed values. The caller's
        transaction may still fail, so nothing new is remembered here.
        """
        place = (key.exchange, key.symbol, str(key.type))
        made = connection.execute(
            "SELECT id, dictionary_id FROM dataset WHERE exchange = ? AND symbol = ? AND granularity = ?",
            place,
        ).fetchone()
        if made is not None:
            return made[0], made[1], self.compression(made[1])
        content = dictionary_of(first)
        dictionary_id = connection.execute(
            "INSERT INTO dictionary (content, digest) VALUES (?, ?)", (content, digest(content))
        ).lastrowid
        dataset_id = connection.execute(
            "INSERT INTO dataset VALUES (NULL, ?, ?, ?, ?, 0, 0, 0)", (*place, dictionary_id)
        ).lastrowid
        assert dictionary_id is not None
        assert dataset_id is not None
        return dataset_id, dictionary_id, Compression(content)

    def compression(self, dictionary_id: int) -> Compression:
        """Give the compression with a dictionary.

        Raises:
            DataError: the dictionary is damaged.
        """
        held = self._compressions.get(dictionary_id)
        if held is None:
            found = self._file.rows("SELECT content, digest FROM dictionary WHERE id = ?", (dictionary_id,))
            if not found or digest(found[0][0]) != found[0][1]:
                raise DataError(
                    f"the tick store {self._file.path} is damaged: dictionary {dictionary_id} is not what "
                    "was written; move the file away and store anew"
                )
            held = self._compressions.setdefault(dictionary_id, Compression(found[0][0]))
        return held


def count_in(connection: sqlite3.Connection, dataset_id: int, sizes: Sequence[tuple[int, int]]) -> None:
    """Add ticks to a dataset's totals, each given by its size before and after compression."""
    _add(connection, dataset_id, len(sizes), sum(raw for raw, _ in sizes), sum(packed for _, packed in sizes))


def count_out(connection: sqlite3.Connection, removed: Iterable[tuple[int, int, int]]) -> tuple[int, int]:
    """Take removed ticks, each (dataset id, raw bytes, value bytes), off the totals; sum them up."""
    totals: dict[int, list[int]] = {}
    for dataset_id, raw_bytes, value_bytes in removed:
        total = totals.setdefault(dataset_id, [0, 0, 0])
        total[0] += 1
        total[1] += raw_bytes
        total[2] += value_bytes
    for dataset_id, (ticks, raw_bytes, value_bytes) in totals.items():
        _add(connection, dataset_id, -ticks, -raw_bytes, -value_bytes)
    return sum(total[0] for total in totals.values()), sum(total[2] for total in totals.values())


def _add(
    connection: sqlite3.Connection, dataset_id: int, ticks: int, raw_bytes: int, value_bytes: int
) -> None:
    connection.execute(
        "UPDATE dataset SET ticks = ticks + ?, raw_bytes = raw_bytes + ?, value_bytes = value_bytes + ? "
        "WHERE id = ?",
        (ticks, raw_bytes, value_bytes, dataset_id),
    )
