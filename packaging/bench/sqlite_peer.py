"""A row for every tick, as the usual first design has it: JSON and its SHA-256 in SQLite, indexed by time."""

from __future__ import annotations

import csv
import gzip
import hashlib
import itertools
import json
import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from contest import COLUMNS, Contest

if TYPE_CHECKING:
    from collections.abc import Iterator

contest = Contest()
path = contest.folder / "ticks.sqlite"
_AT_ONCE = 10_000


def _ticks() -> Iterator[tuple[int, str, str, str, str]]:
    with gzip.open(contest.csv, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            data = json.dumps({name: row[name] for name in COLUMNS})
            yield (
                int(row["local_timestamp"]),
                row["exchange"],
                row["symbol"],
                data,
                hashlib.sha256(data.encode()).hexdigest(),
            )


def _ingest() -> None:
    with closing(sqlite3.connect(contest.fresh(path.name))) as database:
        database.execute(
            "CREATE TABLE tick (id INTEGER PRIMARY KEY, timestamp INTEGER, exchange TEXT, symbol TEXT,"
            " data TEXT, checksum TEXT)"
        )
        database.execute("CREATE INDEX tick_time ON tick (exchange, symbol, timestamp)")
        rows = _ticks()
        while batch := list(itertools.islice(rows, _AT_ONCE)):
            with database:
                database.executemany(
                    "INSERT INTO tick (timestamp, exchange, symbol, data, checksum) VALUES (?, ?, ?, ?, ?)",
                    batch,
                )


@cache
def _opened() -> sqlite3.Connection:
    return sqlite3.connect(path)


def _scan() -> int:
    return sum(1 for (data,) in _opened().execute("SELECT data FROM tick ORDER BY id") if json.loads(data))


@cache
def _market() -> tuple[str, str]:
    exchange, symbol = _opened().execute("SELECT exchange, symbol FROM tick LIMIT 1").fetchone()
    return exchange, symbol


def _minute(start_us: int, end_us: int) -> int:
    query = "SELECT data FROM tick WHERE exchange = ? AND symbol = ? AND timestamp >= ? AND timestamp < ?"
    found = _opened().execute(query, (*_market(), start_us, end_us))
    return len([json.loads(data) for (data,) in found])


contest.run(_ingest, lambda: path.stat().st_size, _scan, _minute)
