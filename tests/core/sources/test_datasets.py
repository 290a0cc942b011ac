"""One request for a day's file: what is kept of it, and what every answer of the vendor means."""

from __future__ import annotations

import asyncio
import errno
import gc
import gzip
import hashlib
import warnings
from random import Random
from typing import TYPE_CHECKING

import pytest
from support.faketardis import EMPTY_DAY, FakeTardis, Fault, Kind
from support.faultydisk import FaultyDisk
from support.vendorline import DAY, FREE_DAY, PATH, TRADES, download, network_to, nothing, saying

from tickreel.errors import Cancelled, EnvironmentProblem
from tickreel.filesystem import Disk
from tickreel.keys import NO_KEY, Key, KeyOrigin
from tickreel.market.types import DatasetKey, DataType
from tickreel.sources.answers import Delivered, Denied, Later, LaterKind, NotThere, Unreachable, Wrong
from tickreel.sources.datasets import DatasetsClient
from tickreel.sources.network import Network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = gzip.compress(Random(1).randbytes(3_000_000), 1, mtime=0)
"""More than is written at a time."""


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTardis]:
    with FakeTardis(tmp_path / "vendor") as started:
        started.put(PATH, BODY)
        yield started


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder / "7.part"


def left(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_a_day_comes_as_the_vendor_has_it(fake: FakeTardis, target: Path) -> None:
    target.write_bytes(b"half of an earlier try")
    told: list[tuple[int, int | None]] = []

    async def on_bytes(done: int, total: int | None) -> None:
        told.append((done, total))

    answer = download(network_to(fake), target, on_bytes=on_bytes)
    assert isinstance(answer, Delivered)
    assert target.read_bytes() == BODY
    assert (answer.path, answer.bytes, answer.content_type) == (target, len(BODY), "text/csv")
    assert answer.sha256 == hashlib.sha256(BODY).hexdigest()
    assert answer.seconds > 0
    assert told[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    (request,) = fake.requests
    assert (request.key, request.query) == ("secret", {})
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["user-agent"].startswith("tickreel/")


def test_the_file_is_forced_to_the_disk_before_it_is_delivered(fake: FakeTardis, target: Path) -> None:
    disk = FaultyDisk()
    assert isinstance(download(network_to(fake), target, disk=disk), Delivered)
    assert disk.names[-1] == "sync"


def test_an_empty_day_is_a_file_of_no_rows(fake: FakeTardis, target: Path) -> None:
    fake.put(PATH, EMPTY_DAY)
    assert isinstance(download(network_to(fake), target), Delivered)
    assert target.read_bytes() == EMPTY_DAY


def test_a_try_after_the_first_says_so(fake: FakeTardis, target: Path) -> None:
    download(network_to(fake), target, attempt=3)
    assert fake.requests[0].query == {"retryAttempt": "3"}


def test_symbols_are_spelt_as_files_are_named(fake: FakeTardis, target: Path) -> None:
    fake.put("kraken/quotes/2024/07/18/XBT-USD#1.csv.gz", BODY)
    dataset = DatasetKey("kraken", "xbt/usd#1", DataType.QUOTES)
    assert isinstance(download(network_to(fake), target, dataset=dataset), Delivered)


def test_the_first_of_a_month_needs_no_key(fake: FakeTardis, target: Path) -> None:
    fake.put("binance-futures/trades/2024/07/01/BTCUSDT.csv.gz", BODY)
    assert isinstance(download(network_to(fake), target, day=FREE_DAY, key=NO_KEY), Delivered)
    assert "authorization" not in fake.requests[0].headers


def test_a_connection_is_used_again(fake: FakeTardis, target: Path) -> None:
    async def run() -> None:
        async with DatasetsClient(network_to(fake), Key("secret", KeyOrigin.ENVIRONMENT), Disk()) as client:
            for _ in range(3):
                assert isinstance(await client.download(TRADES, DAY, target, nothing), Delivered)

    asyncio.run(run())
    assert {request.connection for request in fake.requests} == {1}


@pytest.mark.parametrize("kind", [Kind.CHUNKED, Kind.ENCODED, Kind.DRIP, Kind.MEMBERS])
def test_however_the_right_file_is_sent_it_is_kept_as_it_is(
    fake: FakeTardis, target: Path, kind: Kind
) -> None:
    fake.plan(PATH, [Fault(kind, pause_s=0.001)])
    answer = download(network_to(fake), target)
    assert isinstance(answer, Delivered)
    assert gzip.decompress(target.read_bytes()) == gzip.decompress(BODY)
    if kind is not Kind.MEMBERS:
        assert target.read_bytes() == BODY


def test_a_length_that_is_not_announced_is_not_told(fake: FakeTardis, target: Path) -> None:
    totals = set()

    async def on_bytes(_: int, total: int | None) -> None:
        totals.add(total)

    fake.plan(PATH, [Kind.CHUNKED])
    assert isinstance(download(network_to(fake), target, on_bytes=on_bytes), Delivered)
    assert totals == {None}


LATER = [
    (Kind.LOST_QUERY, LaterKind.TRANSIENT, None),
    (Kind.FORBIDDEN, LaterKind.BLOCKED, None),
    (Kind.RATE_LIMIT, LaterKind.RATE, 1.0),
    (Kind.TOO_MANY, LaterKind.RATE, None),
    (Kind.QUOTA, LaterKind.QUOTA, 21_600.0),
    (Kind.SERVER_ERROR, LaterKind.SERVER, None),
    (Kind.BAD_GATEWAY, LaterKind.SERVER, None),
    (Kind.SHORT, LaterKind.SHORT, None),
    (Kind.RESET, LaterKind.CONNECTION, None),
    (Kind.HANG_UP, LaterKind.CONNECTION, None),
]


@pytest.mark.parametrize(("kind", "later", "after_s"), LATER)
def test_what_time_may_cure_leaves_nothing_and_the_next_try_succeeds(
    fake: FakeTardis, target: Path, kind: Kind, later: LaterKind, after_s: float | None
) -> None:
    fake.plan(PATH, [kind])
    answer = download(network_to(fake), target)
    assert isinstance(answer, Later)
    assert (answer.kind, answer.after_s) == (later, after_s)
    assert answer.reason
    assert left(target) == []
    assert isinstance(download(network_to(fake), target), Delivered)


@pytest.mark.parametrize("kind", [Kind.STALLED, Kind.SILENT])
def test_a_server_that_falls_silent_is_given_up(fake: FakeTardis, target: Path, kind: Kind) -> None:
    fake.plan(PATH, [kind])
    answer = download(network_to(fake, silence_timeout_s=0.3), target)
    assert isinstance(answer, Later)
    host = fake.datasets_url.split("/")[2]
    assert (answer.kind, answer.reason) == (LaterKind.STALLED, f"{host}: nothing came for 0.3 s")
    assert left(target) == []


def test_a_slow_line_is_not_a_silent_one(fake: FakeTardis, target: Path) -> None:
    fake.plan(PATH, [Fault(Kind.DRIP, pause_s=0.04)])  # 32 pieces: longer in all than the patience with each
    assert isinstance(download(network_to(fake, silence_timeout_s=1.0), target), Delivered)


def test_a_short_body_without_a_length_is_short_as_well(target: Path) -> None:
    words = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n\x1f\x8b\x08\x00\x00\r\n"
    with saying(words) as server:
        answer = download(Network(server.url, server.url, server.url), target, key=NO_KEY)
    assert isinstance(answer, Later)
    assert (answer.kind, answer.reason) == (LaterKind.SHORT, "the body ended early, after 5 bytes")


def test_no_server_is_a_connection_that_failed(fake: FakeTardis, target: Path) -> None:
    with fake.down():
        answer = download(network_to(fake), target)
    assert isinstance(answer, Later)
    assert answer.kind is LaterKind.CONNECTION


def test_an_error_that_breaks_off_still_counts_by_its_status(target: Path) -> None:
    with saying(b"HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 900\r\n\r\n{") as server:
        answer = download(Network(server.url, server.url, server.url), target, key=NO_KEY)
    assert isinstance(answer, Later)
    assert (answer.kind, answer.after_s) == (LaterKind.RATE, 7.0)


def test_what_is_not_there_is_said_to_be_not_there(fake: FakeTardis, target: Path) -> None:
    fake.put(PATH, None)
    assert isinstance(download(network_to(fake), target), NotThere)
    assert left(target) == []


@pytest.mark.parametrize(
    ("key", "told"),
    [(NO_KEY, "wants a key"), (Key("TD.wrong-one", KeyOrigin.KEYRING), "refuses the key")],
)
def test_a_key_that_is_missing_or_wrong_is_refused_for_good(
    fake: FakeTardis, target: Path, key: Key, told: str
) -> None:
    answer = download(network_to(fake), target, key=key)
    assert isinstance(answer, Denied)
    assert (answer.status, told in answer.reason) == (401, True)
    assert "wrong-one" not in answer.reason


def test_a_request_that_is_wrong_is_refused_for_good(fake: FakeTardis, target: Path) -> None:
    fake.plan(PATH, [Kind.BAD_REQUEST])
    answer = download(network_to(fake), target)
    assert isinstance(answer, Denied)
    assert answer.status == 400


def test_a_key_that_the_vendor_repeats_is_not_shown(target: Path) -> None:
    body = b'{"code": 400, "message": "no such key: TD.told-back"}'
    words = b"HTTP/1.1 400 Bad\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with saying(words) as server:
        network = Network(server.url, server.url, server.url)
        answer = download(network, target, key=Key("TD.told-back", KeyOrigin.KEYRING))
    assert isinstance(answer, Denied)
    assert "no such key: ***" in answer.reason


@pytest.mark.parametrize(
    ("kind", "told", "kept"),
    [
        (Kind.HTML, "a web page in place of the file (text/html", b"<!DOCTYPE html>"),
        (Kind.JSON, "JSON in place of the file (application/json", b'{"code"'),
        (Kind.NOISE, "no gzip file in place of the file (text/csv", bytes([0x1F ^ 0x5A])),
        (Kind.NOTHING, "no bytes at all", None),
    ],
)
def test_what_is_no_file_is_not_kept_as_one_but_shown(
    fake: FakeTardis, target: Path, kind: Kind, told: str, kept: bytes | None
) -> None:
    fake.plan(PATH, [kind])
    answer = download(network_to(fake), target)
    assert isinstance(answer, Wrong)
    assert told in answer.reason
    if kept is None:
        assert answer.evidence is None
        assert left(target) == []
    else:
        assert answer.evidence is not None
        assert answer.evidence.read_bytes().startswith(kept)
        assert left(target) == [answer.evidence.name]


def test_a_page_that_was_packed_for_the_way_is_no_file(target: Path) -> None:
    page = gzip.compress(b"<html>Please log in</html>")
    head = b"Content-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(page)
    with saying(b"HTTP/1.1 200 OK\r\n" + head + page) as server:
        answer = download(Network(server.url, server.url, server.url), target, key=NO_KEY)
    assert isinstance(answer, Wrong)


def test_of_something_large_that_is_no_file_the_beginning_is_kept(fake: FakeTardis, target: Path) -> None:
    told: list[int] = []

    async def on_bytes(done: int, _: int | None) -> None:
        told.append(done)

    fake.put(PATH, b"x" * 5_000_000)
    answer = download(network_to(fake), target, on_bytes=on_bytes)
    assert isinstance(answer, Wrong)
    assert answer.evidence is not None
    assert answer.evidence.read_bytes() == b"x" * 65_536
    assert told[-1] < 200_000  # and no more is taken than shows what it is


@pytest.mark.parametrize("status", [204, 206, 304])
def test_a_status_that_was_not_asked_for_is_no_file(target: Path, status: int) -> None:
    with saying(b"HTTP/1.1 %d Odd\r\nContent-Length: 0\r\n\r\n" % status) as server:
        answer = download(Network(server.url, server.url, server.url), target, key=NO_KEY)
    assert isinstance(answer, Wrong)
    assert str(status) in answer.reason


@pytest.mark.parametrize("name", ["create", "write", "sync"])
def test_a_disk_that_fails_is_told_and_nothing_is_left(fake: FakeTardis, target: Path, name: str) -> None:
    disk = FaultyDisk(fails=lambda _, operation: operation == name, error=errno.ENOSPC)
    with pytest.raises(EnvironmentProblem, match=r"cannot be written to .*No space left"):
        download(network_to(fake), target, disk=disk)
    assert left(target) == []


def test_whoever_is_told_of_bytes_can_end_it(fake: FakeTardis, target: Path) -> None:
    async def on_bytes(done: int, _: int | None) -> None:
        if done > 1_500_000:
            raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        download(network_to(fake), target, on_bytes=on_bytes)
    assert left(target) == []


def test_a_task_that_is_cancelled_leaves_nothing(fake: FakeTardis, target: Path) -> None:
    async def run() -> None:
        begun = asyncio.Event()

        async def on_bytes(done: int, _: int | None) -> None:
            if done > 1_500_000:
                begun.set()
                await asyncio.Event().wait()

        async with DatasetsClient(network_to(fake), Key("secret", KeyOrigin.ENVIRONMENT), Disk()) as client:
            task = asyncio.create_task(client.download(TRADES, DAY, target, on_bytes))
            await begun.wait()
            assert left(target) == ["7.part"]
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())
    assert left(target) == []


class _SlowDisk(Disk):
    """Tells when it is forcing a file to the disk, and takes its time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, begun: asyncio.Event) -> None:
        self._loop = loop
        self._begun = begun
        self.was_open: bool | None = None

    def sync(self, file: object) -> None:
        self._loop.call_soon_threadsafe(self._begun.set)
        # The loop gets the news, cancels, and would have closed the file by the time this returns.
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), self._loop).result()
        self.was_open = not getattr(file, "closed", True)


def test_a_task_that_is_cancelled_waits_for_the_disk(fake: FakeTardis, target: Path) -> None:
    async def run() -> bool | None:
        begun = asyncio.Event()
        disk = _SlowDisk(asyncio.get_running_loop(), begun)
        async with DatasetsClient(network_to(fake), Key("secret", KeyOrigin.ENVIRONMENT), disk) as client:
            task = asyncio.create_task(client.download(TRADES, DAY, target, nothing))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return disk.was_open

    assert asyncio.run(run())
    assert left(target) == []


@pytest.mark.parametrize("turns", range(1, 5))
def test_all_connections_are_closed_though_the_closing_is_cancelled(fake: FakeTardis, turns: int) -> None:
    async def run() -> None:
        client = DatasetsClient(network_to(fake), Key("secret", KeyOrigin.ENVIRONMENT), Disk())
        await asyncio.gather(*(client.ask("/exchanges") for _ in range(4)))
        closing = asyncio.create_task(client.__aexit__(None, None, None))
        for _ in range(turns):
            await asyncio.sleep(0)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)

    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(run())
        gc.collect()
    assert [str(each.message) for each in met] == []


def test_a_redirect_elsewhere_brings_the_file_and_never_the_key(fake: FakeTardis, target: Path) -> None:
    fake.plan(PATH, [Kind.REDIRECT])
    assert isinstance(download(network_to(fake), target), Delivered)
    there, elsewhere = fake.requests
    assert there.origin != elsewhere.origin
    assert (there.key, elsewhere.key) == ("secret", None)
    assert "secret" not in str(elsewhere)


def test_redirects_in_a_circle_end(target: Path) -> None:
    head = b"Location: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with saying(b"HTTP/1.1 302 Found\r\n" + head) as server:
        answer = download(Network(server.url, server.url, server.url), target, key=NO_KEY)
    assert isinstance(answer, Unreachable)
