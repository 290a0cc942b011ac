"""Replays that are served while their later days are on their way from the shared cache."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from support.feeds import EXCHANGE, SYMBOL
from support.prefetching import FIRST, HANG_S, fill, gated, goes_on, nth, share_all
from support.served import played_lines, running_server

from tickreel import open_cache
from tickreel.shared.supply import SharedSupply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.redisserver import RedisServer

    from tickreel.progress import Monitor
    from tickreel.store import Cache

_OPTIONS = [
    {
        "exchange": EXCHANGE,
        "symbols": [SYMBOL],
        "from": FIRST.isoformat(),
        "to": nth(3).isoformat(),
        "dataTypes": ["trade", "book_change"],
    }
]


@pytest.fixture
def one(server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cache]:
    """Give a machine that holds three days and has put them on the server."""
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    with open_cache(tmp_path / "one") as cache:
        fill(cache, tmp_path / "files")
        share_all(cache)
        yield cache


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def asked(address: str) -> HTTPConnection:
    """Ask for a replay, and give the connection whose answer is to be read."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=HANG_S)
    connection.request("GET", f"{parts.path}?{parts.query}")
    return connection


def test_what_is_here_is_sent_before_the_later_days_have_come(
    one: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = played_lines(one, _OPTIONS)
    with (
        open_cache(tmp_path / "two") as two,
        gated(monkeypatch) as gate,
        running_server(two) as running,
        ThreadPoolExecutor(1) as pool,
    ):
        connection = asked(running.replay(_OPTIONS))
        answer = connection.getresponse()
        came = answer.read(1_000)
        assert wanted.startswith(came)
        assert {day.day for day in two.all_days()} == {FIRST}
        rest = pool.submit(answer.read)
        gate.open(nth(1), nth(2))
        assert came + rest.result(HANG_S) == wanted
        connection.close()
        until(lambda: not goes_on())


def test_who_leaves_while_days_come_is_not_waited_for(
    one: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = list[object](), list[object]()

    def for_ever(self: SharedSupply, *args: Any, monitor: Monitor, **given: Any) -> Any:
        begun.append(args[1])
        try:
            while True:
                sleep(0.02)
                monitor.report(0, None)
        finally:
            ended.append(args[1])

    monkeypatch.setattr(SharedSupply, "_bring", for_ever)
    with open_cache(tmp_path / "two") as two, running_server(two) as running:
        query = f"exchange={EXCHANGE}&symbol={SYMBOL}&type=trades&from=2024-07-23&to=2024-07-25"
        rows = f"{running.http}/rows?{query}"
        for number, address in enumerate((running.replay(_OPTIONS), rows), 1):
            connection = asked(address)
            until(lambda number=number: len(begun) == number)  # type: ignore[misc]  # the default is the value
            assert connection.sock is not None
            connection.sock.shutdown(socket.SHUT_RDWR)
            connection.close()
            until(lambda number=number: len(ended) == number)  # type: ignore[misc]
        assert not goes_on()
