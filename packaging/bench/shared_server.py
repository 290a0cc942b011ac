"""The shared cache over a real redis-server on loopback, beside the founding article's value a tick."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgpack
import redis

from tickreel.settings import SharedSettings
from tickreel.shared.address import read_address
from tickreel.shared.line import Line
from tickreel.shared.putting import Piece
from tickreel.shared.tier import SharedTier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contest import Contest

    from tickreel import Cache
    from tickreel.market.types import DatasetKey

PROGRAM = shutil.which("redis-server")
"""Without it the shared cache is not measured."""
_TICKS = 100_000
"""Rows that are stored as the article has it; more would take minutes."""
_PIPELINE = 10_000
_COLUMNS = ("local_timestamp", "timestamp", "is_snapshot", "side", "price", "amount")


@contextmanager
def _serving() -> Iterator[int]:
    """Run a server that keeps nothing, and give its port."""
    assert PROGRAM is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        words = (PROGRAM, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder)
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as server:
            try:
                _wait_for(port)
                yield port
            finally:
                server.kill()


def _wait_for(port: int) -> None:
    ends_s = time.monotonic() + 30
    while True:
        try:
            with redis.Redis(port=port) as client:
                client.ping()
            return
        except redis.ConnectionError:
            if time.monotonic() > ends_s:
                raise
            time.sleep(0.02)


def measure(contest: Contest, held: Cache, key: DatasetKey) -> dict[str, float]:
    """Put the day that *held* has on a server and read it back, whole and by the minute.

    In is from the segment's file to the server, each chunk proved by its checksum; out is from the server
    to decoded columns. Both are taken the second time.
    """
    (day,) = held.days(key.exchange, key.symbol, key.type)
    (part,) = day.parts
    path = held.library.file_of(part)
    with _serving() as port:
        line = Line(read_address(f"redis://127.0.0.1:{port}/0"), SharedSettings(timeout_s=60), None)
        with SharedTier(line, ttl_s=3_600, now_us=lambda: time.time_ns() // 1_000) as tier:
            put_s = read_s = 0.0
            rows = 0
            for _ in range(2):
                tier.drop(key, day.day)
                began_s = time.perf_counter()
                tier.putter.put(key, day.day, [Piece(path, "import")], rows_sha256=day.rows_sha256)
                put_s = time.perf_counter() - began_s
                record = tier.records.of_day(key, day.day)
                assert record is not None
                began_s = time.perf_counter()
                rows = sum(len(block) for part in tier.parts(key, day.day, record) for block in part.blocks)
                read_s = time.perf_counter() - began_s

            def minute(start_us: int, end_us: int) -> int:
                block = tier.read(key, day.day, start_us, end_us)
                assert block is not None
                return len(block)

            minutes = contest.timed_minutes(minute)
        with redis.Redis(port=port, protocol=2) as client:
            client.flushall()
            return {
                **minutes,
                "rows": rows,
                "put_seconds": put_s,
                "read_seconds": read_s,
                **_as_the_article(client, held, key),
            }


def _as_the_article(client: redis.Redis, held: Cache, key: DatasetKey) -> dict[str, float]:
    """Store rows as the article does: a msgpack dict a tick, by SETEX, and by ZADD."""
    ticks: list[tuple[int, dict[str, Any]]] = []
    (day,) = held.days(key.exchange, key.symbol, key.type)
    (part,) = day.parts
    names = (key.exchange, key.symbol, key.type)
    for batch in held.batches(*names, part.start_us, part.end_us, columns=_COLUMNS):
        ticks += [(row["local_timestamp"], row) for row in batch.to_pylist()]
        if len(ticks) >= _TICKS:
            break
    ticks = ticks[:_TICKS]
    speeds: dict[str, float] = {}
    for name in ("setex", "zadd"):
        began_s = time.perf_counter()
        for low in range(0, len(ticks), _PIPELINE):
            pipe = client.pipeline(transaction=False)
            for number, (time_us, tick) in enumerate(ticks[low : low + _PIPELINE]):
                packed = msgpack.packb(tick, use_bin_type=True)
                if name == "setex":
                    pipe.setex(f"{key}:{time_us}:{low + number}", 86_400, packed)
                else:
                    pipe.zadd(f"{key}", {packed: time_us})
            pipe.execute()
        speeds[f"{name}_rows_per_s"] = len(ticks) / (time.perf_counter() - began_s)
    return speeds
