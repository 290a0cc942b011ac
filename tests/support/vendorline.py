"""A line to a vendor that is stood in for: one request with the client, and servers of a few words."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import Thread
from typing import TYPE_CHECKING, Any

from tickreel.filesystem import Disk
from tickreel.keys import NO_KEY, Key, KeyOrigin
from tickreel.market.types import DatasetKey, DataType
from tickreel.sources.datasets import DatasetsClient
from tickreel.sources.network import Network

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from support.faketardis import FakeTardis

    from tickreel.sources.answers import Answer

TRADES = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)
DAY = date(2024, 7, 18)
FREE_DAY = date(2024, 7, 1)
PATH = "binance-futures/trades/2024/07/18/BTCUSDT.csv.gz"
SECRET = Key("secret", KeyOrigin.ENVIRONMENT)


def network_to(fake: FakeTardis, **more: Any) -> Network:
    """Reach a fake, and be patient with it for as long as a busy machine needs."""
    return Network(fake.api_url, fake.datasets_url, fake.machine_url, **{"silence_timeout_s": 20.0} | more)


async def nothing(done: int, total: int | None) -> None:
    """Take note of no progress."""


def download(
    network: Network,
    target: Path,
    *,
    dataset: DatasetKey = TRADES,
    day: date = DAY,
    key: Key = SECRET,
    attempt: int = 0,
    disk: Disk | None = None,
    on_bytes: Callable[[int, int | None], Awaitable[None]] = nothing,
) -> Answer:
    """Ask for one day with a client of its own."""

    async def run() -> Answer:
        async with DatasetsClient(network, key, disk or Disk()) as client:
            return await client.download(dataset, day, target, on_bytes, attempt=attempt)

    return asyncio.run(run())


def ask(network: Network, path: str, key: Key = NO_KEY) -> Any:
    """Ask for one list with a client of its own."""

    async def run() -> Any:
        async with DatasetsClient(network, key, Disk()) as client:
            return await client.ask(path)

    return asyncio.run(run())


@dataclass
class Words:
    """A server that gives every connection the same words and takes note of what it was asked."""

    url: str
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def saying(words: bytes) -> Iterator[Words]:
    """Answer every request with *words* and hang up."""
    with _server(lambda connection, _: connection.sendall(words)) as server:
        yield server


@contextmanager
def proxy() -> Iterator[Words]:
    """Stand between a client and the servers of this machine, whatever names it gives them.

    Takes plain requests and tunnels, and goes to the port that the client names.
    """

    def forward(connection: socket.socket, head: bytes) -> None:
        method, target, _ = head.split(b"\r\n")[0].split(b" ")
        place, _, path = target.removeprefix(b"http://").partition(b"/")
        with socket.create_connection(("127.0.0.1", int(place.rpartition(b":")[2]))) as server:
            if method == b"CONNECT":
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                server.sendall(head.replace(target, b"/" + path, 1))
            there = Thread(target=_pump, args=(connection, server))
            there.start()
            _pump(server, connection)
            there.join()

    with _server(forward) as server:
        yield server


@contextmanager
def _server(serve: Callable[[socket.socket, bytes], None]) -> Iterator[Words]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = Words(f"http://127.0.0.1:{listening.getsockname()[1]}")

    def answer(connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65_536)
                if not piece:
                    return
                head += piece
            server.asked.append(head)
            serve(connection, head)

    def accept() -> None:
        while True:
            connection, _ = listening.accept()
            if is_closing:
                connection.close()
                return
            threads.append(Thread(target=answer, args=(connection,)))
            threads[-1].start()

    is_closing: list[bool] = []
    threads: list[Thread] = []
    accepting = Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        is_closing.append(True)
        socket.create_connection(listening.getsockname()).close()  # wakes the one that accepts
        accepting.join()
        for thread in threads:
            thread.join()
        listening.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes one way until either side has ended."""
    try:
        while piece := source.recv(65_536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
