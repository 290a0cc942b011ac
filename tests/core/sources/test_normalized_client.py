"""A replay over HTTP, from a machine that is well and from one that is not."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from support.blocks import rows_of
from support.faketardis import FakeTardis, Fault, Kind
from support.faketardis.authority import make_authority
from support.normalized import answer_of

from tickreel.errors import UsageError
from tickreel.market.types import DataType
from tickreel.sources.normalized import LineError, ReplayFailed, ReplayProgress, ReplayRequest, replay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from support.faketardis import Request
    from support.normalized import Message

    from tickreel.market.block import Block
    from tickreel.sources.normalized import Summary

START_US = 1_554_076_800_000_000
"""2019-04-01T00:00:00Z, which needs no key."""
HANG_GUARD_S = 60
PLACE = "replay-normalized"
L2 = DataType.INCREMENTAL_BOOK_L2


def trade(offset_ms: int, **fields: Any) -> Message:
    text = f"2019-04-01T00:{offset_ms // 60_000:02}:{offset_ms // 1000 % 60:02}.{offset_ms % 1000:03}000Z"
    times = {"timestamp": text, "localTimestamp": text}
    head = {"type": "trade", "symbol": "XBTUSD", "exchange": "bitmex", "id": str(offset_ms)}
    return head | {"price": 4094.5, "amount": 1, "side": "buy"} | times | fields


def request_for(*types: DataType, start_ms: int = 0, end_ms: int = 600_000, **fields: Any) -> ReplayRequest:
    asked = {"exchange": "bitmex", "symbols": ("XBTUSD",)} | fields
    return ReplayRequest(
        types=types or (DataType.TRADES,),
        from_us=START_US + 1000 * start_ms,
        to_us=START_US + 1000 * end_ms,
        **asked,
    )


async def unwatched(_: ReplayProgress) -> None:
    """Let the replay go on."""


async def collected(
    url: str,
    request: ReplayRequest,
    on_progress: Callable[[ReplayProgress], Awaitable[None]] = unwatched,
    *,
    silence_s: float = HANG_GUARD_S,
) -> tuple[list[Block], Summary]:
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        replay(client, url, request, on_progress, silence_s=silence_s) as blocks,
    ):
        return [block async for block in blocks], blocks.summary


def ids_of(blocks: list[Block]) -> list[str]:
    return [row["id"] for block in blocks for row in rows_of(block)]


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTardis]:
    with FakeTardis(tmp_path) as started:
        started.machine.serve("bitmex", lines_of(trade(ms) for ms in range(0, 600_000, 100)))
        yield started


def lines_of(messages: Any) -> list[str]:
    return answer_of(messages).decode().splitlines()


def await_end(request: Request) -> None:
    """Wait until the server has noticed that nobody listens any more."""
    deadline_s = time.monotonic() + HANG_GUARD_S
    while request.ended_s is None:
        assert time.monotonic() < deadline_s, "the connection stays open"
        time.sleep(0.005)


def test_a_range_comes_exactly_and_is_asked_for_in_whole_minutes(fake: FakeTardis) -> None:
    blocks, summary = asyncio.run(collected(fake.machine_url, request_for(start_ms=90_100, end_ms=150_100)))
    assert ids_of(blocks) == [str(ms) for ms in range(90_100, 150_100, 100)]
    assert summary.messages == summary.rows == {DataType.TRADES: 600}
    assert summary.outside == summary.lines - 600 == 600
    (asked,) = fake.requests
    options = json.loads(asked.query["options"])
    assert (options["from"][11:19], options["to"][11:19]) == ("00:01:00", "00:03:00")
    assert "authorization" not in asked.headers
    assert asked.is_complete


def test_an_empty_range_asks_nobody(fake: FakeTardis) -> None:
    blocks, summary = asyncio.run(collected(fake.machine_url, request_for(start_ms=5, end_ms=5)))
    assert (blocks, summary.lines, fake.requests) == ([], 0, [])


def test_a_range_without_messages_has_no_rows(fake: FakeTardis) -> None:
    blocks, summary = asyncio.run(collected(fake.machine_url, request_for(start_ms=610_000, end_ms=660_000)))
    assert (blocks, summary.lines) == ([], 0)


def test_several_types_and_gaps_come_in_one_answer(fake: FakeTardis) -> None:
    levels = [{"price": 10, "amount": 1}]
    book = {"type": "book_change", "isSnapshot": True, "bids": levels, "asks": levels}
    messages = [trade(1), trade(2) | book, trade(3)]
    gap = {"type": "disconnect", "exchange": "bitmex", "localTimestamp": messages[-1]["localTimestamp"]}
    fake.machine.serve("bitmex", lines_of([*messages, gap, trade(4)]))
    blocks, summary = asyncio.run(collected(fake.machine_url, request_for(L2, DataType.TRADES)))
    assert {block.schema.type: len(block) for block in blocks} == {L2: 2, DataType.TRADES: 3}
    assert (summary.disconnects, summary.messages[L2], summary.lines) == (1, 1, 5)


def test_progress_tells_how_far_the_answer_came(fake: FakeTardis) -> None:
    seen: list[ReplayProgress] = []

    async def watch(progress: ReplayProgress) -> None:
        seen.append(progress)

    _, summary = asyncio.run(collected(fake.machine_url, request_for(), watch))
    assert len(seen) > 3
    assert seen == sorted(seen, key=lambda progress: progress.bytes)
    assert (seen[-1].bytes, seen[-1].lines, seen[-1].rows) == (summary.bytes, 6000, 6000)
    assert seen[-1].local_us == START_US + 599_900_000


def long_answer(fake: FakeTardis) -> int:
    """Serve far more than what the buffers of sockets hold; gives its bytes."""
    lines = lines_of(trade(ms, id="x" * 400) for ms in range(40_000))
    fake.machine.serve("bitmex", lines)
    return sum(len(line) + 1 for line in lines)


def test_what_progress_raises_ends_the_replay_and_the_connection(fake: FakeTardis) -> None:
    long_answer(fake)

    async def stop(progress: ReplayProgress) -> None:
        if progress.rows > 100:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        asyncio.run(collected(fake.machine_url, request_for(), stop))
    await_end(fake.requests[0])
    assert not fake.requests[0].is_complete


def test_a_cancelled_task_closes_the_connection(fake: FakeTardis) -> None:
    fake.plan(PLACE, [Fault(Kind.STALLED, at=0.1)])

    async def cancel_while_it_waits() -> Request:
        has_begun = asyncio.Event()

        async def watch(_: ReplayProgress) -> None:
            has_begun.set()

        async with httpx.AsyncClient(trust_env=False) as client:
            blocks = replay(client, fake.machine_url, request_for(), watch)
            task = asyncio.create_task(anext(blocks))
            await has_begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # The client is still open, so whatever closed the connection was the replay itself.
            await asyncio.to_thread(await_end, fake.requests[0])
        return fake.requests[0]

    assert not asyncio.run(cancel_while_it_waits()).is_complete


def test_a_reader_that_stops_holds_the_machine_back_and_then_lets_it_go(
    fake: FakeTardis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickreel.sources.normalized.blocks.MOST_ROWS", 100)
    total = long_answer(fake)

    async def take_one() -> int:
        async with httpx.AsyncClient(trust_env=False) as client:
            async with replay(client, fake.machine_url, request_for(), unwatched) as blocks:
                assert len(await anext(blocks)) == 100
                await asyncio.sleep(0.2)  # time in which the machine would send all it has
                sent = fake.requests[0].sent_bytes
            # The client is still open: it was the replay that let go.
            await asyncio.to_thread(await_end, fake.requests[0])
        return sent

    assert asyncio.run(take_one()) < 0.9 * total
    assert not fake.requests[0].is_complete


# What goes wrong, as the fake of the vendor's machine does it.


def failure_of(
    url: str, request: ReplayRequest | None = None, *, silence_s: float = HANG_GUARD_S
) -> ReplayFailed:
    with pytest.raises(ReplayFailed) as failed:
        asyncio.run(collected(url, request or request_for(), silence_s=silence_s))
    return failed.value


@pytest.mark.parametrize(
    ("kind", "status", "may_pass"),
    [
        (Kind.BAD_REQUEST, 400, False),
        (Kind.UNAUTHORIZED, 401, False),
        (Kind.FORBIDDEN, 403, True),
        (Kind.TOO_MANY, 429, True),
        (Kind.SERVER_ERROR, 500, True),
        (Kind.BAD_GATEWAY, 502, True),
    ],
)
def test_a_refusal_of_the_vendor_is_handed_on_with_its_status(
    fake: FakeTardis, kind: Kind, status: int, may_pass: bool
) -> None:
    fake.plan(PLACE, [kind])
    failure = failure_of(fake.machine_url)
    assert (failure.status, failure.may_pass) == (status, may_pass)


def test_a_day_that_the_machines_key_does_not_open_says_whose_key_is_meant(fake: FakeTardis) -> None:
    fake.machine.key = None
    day_ms = 24 * 3_600_000
    failure = failure_of(fake.machine_url, request_for(start_ms=day_ms, end_ms=day_ms + 1000))
    assert (failure.status, failure.may_pass) == (401, False)
    assert "TM_API_KEY" in str(failure)


def test_a_request_that_the_machine_does_not_understand_is_not_worth_another_try(fake: FakeTardis) -> None:
    failure = failure_of(fake.machine_url, request_for(exchange="nowhere"))
    assert (failure.status, failure.may_pass) == (500, False)
    assert "nowhere" in str(failure)


@pytest.mark.parametrize("at", [0.0, 0.5])
def test_an_error_in_the_middle_of_the_answer_is_noticed(fake: FakeTardis, at: float) -> None:
    fake.plan(PLACE, [Fault(Kind.LATE_ERROR, at=at)])
    failure = failure_of(fake.machine_url)
    assert failure.may_pass
    assert "Unexpected end of the upstream" in str(failure)
    assert ("after 0 lines" in str(failure)) == (at == 0.0)


@pytest.mark.parametrize("kind", [Kind.SHORT, Kind.RESET, Kind.HANG_UP])
def test_a_connection_that_breaks_is_noticed(fake: FakeTardis, kind: Kind) -> None:
    fake.plan(PLACE, [kind])
    failure = failure_of(fake.machine_url)
    assert (failure.status, failure.may_pass) == (None, True)
    assert fake.machine_url.removeprefix("http://") in str(failure)


@pytest.mark.parametrize("kind", [Kind.STALLED, Kind.SILENT])
def test_a_machine_that_falls_silent_is_not_waited_for_for_ever(fake: FakeTardis, kind: Kind) -> None:
    fake.plan(PLACE, [kind])
    failure = failure_of(fake.machine_url, silence_s=0.2)
    assert failure.may_pass
    assert "nothing came for 0.2 s" in str(failure)


def test_the_clients_own_patience_is_not_the_machines(fake: FakeTardis) -> None:
    fake.latency_s = 0.3

    async def ask() -> list[Block]:
        async with httpx.AsyncClient(trust_env=False, timeout=0.1) as client:
            return [block async for block in replay(client, fake.machine_url, request_for(), unwatched)]

    assert len(ids_of(asyncio.run(ask()))) == 6000


def test_a_machine_that_is_not_there_is_named_with_what_to_do(fake: FakeTardis) -> None:
    with fake.down():
        failure = failure_of(fake.machine_url)
    assert failure.may_pass
    assert "start it, or say where it is with TICKREEL_TARDIS_MACHINE_URL" in str(failure)


def test_a_certificate_that_does_not_hold_is_no_passing_trouble(tmp_path: Path) -> None:
    with FakeTardis(tmp_path, tls=make_authority(tmp_path)) as fake:
        failure = failure_of(fake.machine_url)
    assert (failure.status, failure.may_pass) == (None, False)
    assert "network.ca_file" in str(failure)


def test_another_server_in_its_place_is_told_apart(fake: FakeTardis) -> None:
    failure = failure_of(f"{fake.machine_url}/elsewhere")
    assert (failure.status, failure.may_pass) == (404, False)
    assert "is it tardis-machine" in str(failure)


# What goes wrong byte by byte, as no fake with manners does it.


@asynccontextmanager
async def answering(pieces: Sequence[bytes], *, status: int = 200, headers: str = "") -> AsyncIterator[str]:
    """Answer any request with these pieces, chunked, to an orderly end."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status} X\r\n{headers}Transfer-Encoding: chunked\r\n\r\n".encode())
        for piece in pieces:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def answered(pieces: Sequence[bytes], *, status: int = 200, headers: str = "") -> tuple[list[Block], Summary]:
    async def ask() -> tuple[list[Block], Summary]:
        async with answering(pieces, status=status, headers=headers) as url:
            return await collected(url, request_for())

    return asyncio.run(ask())


GOOD = answer_of(trade(ms) for ms in range(20))


def test_lines_may_be_cut_anywhere() -> None:
    blocks, _ = answered([GOOD[at : at + 11] for at in range(0, len(GOOD), 11)])
    assert ids_of(blocks) == [str(ms) for ms in range(20)]


def test_a_proxy_may_compress_the_answer() -> None:
    packed = gzip.compress(GOOD)
    assert len(ids_of(answered([packed], headers="Content-Encoding: gzip\r\n")[0])) == 20
    with pytest.raises(ReplayFailed, match="the connection failed"):
        answered([b"no gzip at all"], headers="Content-Encoding: gzip\r\n")


@pytest.mark.parametrize("cut", [1, 2, 30, 150])
def test_an_answer_that_ends_in_the_middle_of_a_line_is_noticed(cut: int) -> None:
    with pytest.raises(ReplayFailed, match="in the middle of line 20 ") as failed:
        answered([GOOD[:-cut]])
    assert failed.value.may_pass


@pytest.mark.parametrize(
    ("trouble", "status", "may_pass", "words"),
    [
        ({"message": "boom"}, None, True, "boom"),
        ({"message": ""}, None, True, "no reason given"),
        ({}, None, True, "no reason given"),
        ({"message": "boom", "url": "https://api.tardis.dev/v1/x"}, None, True, "boom"),
        ({"message": "HttpError: status code: 401, response text: no", "url": "u"}, 401, False, "TM_API_KEY"),
        ({"message": "HttpError: status code: 429, response text: no", "url": "u"}, 429, True, "429"),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_every_form_of_a_late_error_is_told(
    trouble: dict[str, str], status: int | None, may_pass: bool, words: str, end: bytes
) -> None:
    text = json.dumps(trouble, separators=(",", ":")).encode() + end
    for pieces in ([GOOD + text], [GOOD, text[:1], text[1:]], [text]):
        with pytest.raises(ReplayFailed, match=words) as failed:
            answered([piece for piece in pieces if piece])
        assert (failed.value.status, failed.value.may_pass) == (status, may_pass)
        assert f"after {0 if pieces == [text] else 20} lines" in str(failed.value)


def test_a_page_in_place_of_messages_is_refused_by_its_line() -> None:
    page = b"<html>\n<body>portal</body>\n"
    with pytest.raises(LineError, match=r"line 1: .*<html>"):
        answered([page])
    with pytest.raises(ReplayFailed, match="answered 502: '<html>") as failed:
        answered([page * 10_000], status=502)
    assert failed.value.may_pass
    assert len(str(failed.value)) < 400
    with pytest.raises(ReplayFailed, match="is it tardis-machine") as failed:
        answered([page], status=404)
    assert not failed.value.may_pass


def test_rows_before_a_fault_may_have_been_given_but_the_replay_does_not_end_well() -> None:
    bad = answer_of([trade(30)]).replace(b'"amount":1', b'"amount":-1')
    with pytest.raises(LineError, match="line 21: amount is negative"):
        answered([GOOD, bad])


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://localhost", "http://", "http://user:pw@:8000"])
def test_what_is_no_address_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="like http://localhost:8000") as refused:
        asyncio.run(collected(url, request_for()))
    assert "pw" not in str(refused.value)


def test_more_symbols_than_a_request_can_hold_are_refused(fake: FakeTardis) -> None:
    symbols = tuple(f"BTC-26JUL24-{strike}-C" for strike in range(2000))
    with pytest.raises(UsageError, match="2000 symbols are too many"):
        asyncio.run(collected(fake.machine_url, request_for(symbols=symbols)))
    assert fake.requests == []
