"""Events and batches against a merge in plain Python, and how an iteration paces itself and ends."""

from __future__ import annotations

import asyncio
import gc
import threading
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest
from support.dictbook import DictBook, Row
from support.plainmarket import END_US, EXCHANGE, L2, QUOTES, TRADES, Market, Told
from support.qtloop import run_on_qt
from support.vendorfiles import START_US, line, write_csv

from tickreel.errors import DataError, NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.replay import Replay
from tickreel.replay.asynchronous import Events, batches, events, run
from tickreel.replay.events import BookGap, BookMessage, Event, Quote, RowsMessage, Trade
from tickreel.replay.notes import NoteKind
from tickreel.replay.pacing import Pace
from tickreel.replay.plan import ReplayPlan
from tickreel.store import open_cache
from tickreel.store.segments import writer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from PySide6.QtCore import QCoreApplication

    from tickreel.store import Cache

    Put = Callable[..., None]

TICKER = DataType.DERIVATIVE_TICKER
A, B = (EXCHANGE, "A"), (EXCHANGE, "B")
HANG_GUARD_S = 60


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "CHUNK_ROWS", 15)


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(3)


@pytest.fixture(scope="module")
def held(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    """Hold the market, for tests that only read it."""
    folder = tmp_path_factory.mktemp("held")
    with open_cache(folder / "home") as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "CHUNK_ROWS", 15)

        def put(data_type: DataType, lines: list[str], *, complete: bool) -> None:
            opened.import_file(
                write_csv(folder / "rows.csv", data_type, lines), type=data_type, complete=complete
            )

        market.store(put)
        yield opened


def awaited(work: Coroutine[Any, Any, Any]) -> Any:
    async def guarded() -> Any:
        async with asyncio.timeout(HANG_GUARD_S):
            return await work

    return asyncio.run(guarded())


def replay_of(cache: Cache, *, symbols: tuple[tuple[str, str], ...] = (A, B), **named: Any) -> Replay:
    named = {"types": [L2, TRADES, QUOTES]} | named
    return Replay(cache, symbols, START_US, END_US, **named)


async def collected(replay: Replay, **named: Any) -> list[Event]:
    return [event async for event in events(replay, **named)]


def what(event: Event) -> tuple[str, DataType, int, list[Any]]:
    """Spell an event as the plain merge spells its rows."""
    match event:
        case BookMessage():
            rows = event.rows
            cells = zip(rows.is_snapshot, rows.side, rows.price, rows.amount, strict=True)
            listed: list[Any] = [
                Row(event.local_us, bool(flag), ("bid", "ask")[side], float(price), float(amount))
                for flag, side, price, amount in cells
            ]
            assert event.is_snapshot == any(row.is_snapshot for row in listed)
            return event.symbol, L2, event.local_us, listed
        case Trade():
            assert event.id == f"id{event.price}"
            assert event.side == "buy"
            return event.symbol, event.type, event.local_us, [event.price]
        case Quote():
            return event.symbol, event.type, event.local_us, [event.bid_price]
        case RowsMessage():
            return event.symbol, event.type, event.local_us, event.rows.array("mark_price").tolist()
        case _:
            raise AssertionError(event)


def expanded(told: list[Told]) -> list[tuple[str, DataType, int, list[Any]]]:
    """Take messages of trades and quotes apart, whose rows are events of their own."""
    found: list[tuple[str, DataType, int, list[Any]]] = []
    for one in told:
        rows = [[row] for row in one.rows] if one.type in (TRADES, QUOTES) else [one.rows]
        found += [(one.symbol, one.type, one.local_us, row) for row in rows]
    return found


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("tickreel-events")]


def no_threads_are_left() -> bool:
    for thread in threads():
        thread.join(HANG_GUARD_S)
    return not threads()


@pytest.mark.parametrize("order", ["local", "exchange"])
@pytest.mark.parametrize("symbols", ["AB", "BA"])
def test_events_come_in_merge_order_each_with_the_book_of_its_moment(
    held: Cache, market: Market, order: str, symbols: str
) -> None:
    expected = market.merged(symbols, by_exchange=order == "exchange")
    hashes = [one.hashes for one in expected for _ in expanded([one])]

    async def scenario() -> None:
        replay = replay_of(held, symbols=tuple((EXCHANGE, name) for name in symbols), order=order)
        reader = events(replay)
        seen: list[Any] = []
        async for event in reader:
            place = len(seen)
            seen.append(what(event))
            if place % 3 == 0:
                assert event.book().state_hash() == hashes[place][event.symbol]
            if place % 5 == 0:
                other = "AB"[event.symbol == "A"]
                assert event.book(symbol=other).state_hash() == hashes[place][other]
                assert reader.book(EXCHANGE, other).state_hash() == hashes[place][other]
        assert seen == expanded(expected)
        assert replay.is_end

    awaited(scenario())


def test_a_group_is_told_by_instrument_in_the_order_of_its_file(
    cache: Cache, put_lines: Put, small_chunks: None
) -> None:
    market = Market(5, types=(L2, TRADES))
    market.store_grouped(put_lines)

    async def scenario() -> None:
        replay = Replay(cache, [(EXCHANGE, "FUTURES")], START_US, END_US)
        seen: list[Any] = []
        books = {"A": DictBook(), "B": DictBook()}
        async for event in events(replay):
            seen.append(what(event))
            if isinstance(event, BookMessage):
                books[event.symbol].apply(seen[-1][3])
                assert event.book().state_hash() == books[event.symbol].state_hash()
        # Of one moment trades come first; inside a type the file's order, which is by place here.
        own = {name: [one for one in seen if one[0] == name] for name in "AB"}
        for name in "AB":
            assert own[name] == expanded(market.merged(name))
        moments = [(one[2], one[1] is L2) for one in seen]
        assert moments == sorted(moments)

    awaited(scenario())


@pytest.mark.parametrize("order", ["local", "exchange"])
def test_from_the_middle_it_goes_on_where_the_session_stands(held: Cache, market: Market, order: str) -> None:
    expected = market.merged("AB", by_exchange=order == "exchange")
    for at_us in (START_US, START_US + 133, START_US + 499, END_US - 1):
        replay = replay_of(held, order=order)
        replay.advance(at_us)
        rest = [one for one in expected if one.clock_us > at_us]

        async def scenario(replay: Replay = replay, rest: list[Told] = rest) -> None:
            hashes = [one.hashes for one in rest for _ in expanded([one])]
            seen: list[Any] = []
            async for event in events(replay):
                if len(seen) == 1:
                    assert event.book().state_hash() == hashes[1][event.symbol]
                seen.append(what(event))
            assert seen == expanded(rest)

        awaited(scenario())


@pytest.mark.parametrize("order", ["local", "exchange"])
def test_batches_from_the_middle_go_on_where_the_session_stands(
    held: Cache, market: Market, order: str
) -> None:
    expected = market.merged("AB", by_exchange=order == "exchange")
    for at_us in range(START_US, END_US, 83):
        replay = replay_of(held, order=order)
        replay.advance(at_us)

        async def scenario(replay: Replay = replay) -> list[int]:
            return [us async for batch in batches(replay) for us in batch.local_us.tolist()]

        assert awaited(scenario()) == [one.local_us for one in expected if one.clock_us > at_us]


def test_batches_are_the_same_messages_as_arrays_and_leaving_leaves_the_session_at_their_end(
    held: Cache, market: Market
) -> None:
    expected = market.merged("AB")

    async def scenario() -> None:
        replay = replay_of(held)
        played = rows = 0
        async for batch in batches(replay):
            for number in range(len(batch)):
                one = expected[played + number]
                part = batch.parts[batch.part[number]]
                span = slice(batch.start[number], batch.stop[number])
                assert (part.symbol, part.type, batch.clock_us[number]) == (
                    one.symbol,
                    one.type,
                    one.clock_us,
                )
                assert part.array("local_timestamp")[span].tolist() == [one.local_us] * len(one.rows)
                name = "bid_price" if part.type is QUOTES else "price"
                prices = [row.price if isinstance(row, Row) else row for row in one.rows]
                assert part.array(name)[span].tolist() == prices
            played += len(batch)
            rows += batch.rows
            assert replay.at_us < int(batch.clock_us[0])
        assert played == len(expected)
        assert rows == sum(len(one.rows) for one in expected)
        assert replay.is_end
        assert replay.summary().totals.rows == rows
        for stop in range(0, 30, 7):
            replay, played = replay_of(held), 0
            async for batch in batches(replay):
                played += len(batch)
                if stop == 0:
                    break
                stop -= 1
            assert replay.at_us == batch.to_us
            for name in "AB":
                assert replay.book(EXCHANGE, name).state_hash() == expected[played - 1].hashes[name]

    awaited(scenario())


def test_a_batch_parts_at_a_moment_without_losing_or_showing_a_row(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        async for batch in batches(replay_of(held)):
            for at_us in {*batch.clock_us.tolist(), int(batch.clock_us[0]) - 1}:
                first, second = batch.split(at_us)
                told = []
                for piece, is_first in ((first, True), (second, False)):
                    if piece is None:
                        continue
                    assert all((piece.clock_us <= at_us) == is_first)
                    assert sum(len(part.rows or ()) for part in piece.parts) == piece.rows
                    for number in range(len(piece)):
                        part = piece.parts[piece.part[number]]
                        span = slice(piece.start[number], piece.stop[number])
                        told.append((part.symbol, part.type, part.array("local_timestamp")[span].tolist()))
                assert told == [
                    (
                        batch.parts[part].symbol,
                        batch.parts[part].type,
                        batch.parts[part].array("local_timestamp")[start:stop].tolist(),
                    )
                    for part, start, stop in zip(batch.part, batch.start, batch.stop, strict=True)
                ]

    awaited(scenario())


def test_other_types_are_told_as_their_rows(cache: Cache, put_lines: Put, small_chunks: None) -> None:
    market = Market(6, "A", (TICKER, TRADES))
    market.store(put_lines)
    replay = replay_of(cache, symbols=(A,), types=[TICKER, TRADES])
    seen: list[Event] = awaited(collected(replay))
    assert [what(event) for event in seen] == expanded(market.merged("A"))
    assert "mark_price" not in repr(seen[0])
    assert "_books" not in repr(seen[0])
    with pytest.raises(UsageError, match="gone on"):
        seen[0].book()


def test_a_book_that_is_not_played_is_refused(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        reader = events(replay_of(held, types=[TRADES]))
        event = await anext(reader)
        with pytest.raises(NotHeldError, match="plays no order book"):
            event.book()
        await reader.aclose()

    awaited(scenario())


def test_a_day_that_is_missing_is_told_and_empties_the_book(cache: Cache, put_l2: Put) -> None:
    days = [START_US, START_US + 2 * US_PER_DAY]
    for start_us in days:
        put_l2(
            [
                Row(start_us + 5, start_us == days[0], "bid", 10.0, 1.0),
                Row(start_us + 6, False, "bid", 9.0, 1.0),
            ],
            complete=True,
            symbol="BTCUSDT",
        )

    async def scenario() -> None:
        replay = Replay(cache, [(EXCHANGE, "BTCUSDT")], START_US, days[1] + US_PER_DAY, allow_missing=True)
        seen: list[Any] = []
        async for event in events(replay):
            seen.append((type(event), event.local_us, event.book().levels.bids))
        assert seen == [
            (BookMessage, days[0] + 5, 1),
            (BookMessage, days[0] + 6, 2),
            (BookGap, START_US + US_PER_DAY, 0),
            (BookMessage, days[1] + 5, 0),
            (BookMessage, days[1] + 6, 0),
        ]

    awaited(scenario())


def test_leaving_the_loop_leaves_the_session_at_the_last_event_and_ends_the_thread(
    held: Cache, market: Market
) -> None:
    expected = market.merged("AB")

    async def scenario() -> None:
        for stop in (0, 1, 333):
            replay = replay_of(held)
            count = 0
            at_us = 0
            async for event in events(replay):
                at_us = event.local_us
                if count == stop:
                    break
                count += 1
            assert replay.at_us == at_us
            inside = [one for one in expected if one.local_us <= at_us]
            assert replay.summary().totals.messages == len(inside)
            assert replay.book(*A).state_hash() == inside[-1].hashes["A"]
            rest = [what(event) async for event in events(replay)]
            assert rest == expanded([one for one in expected if one.local_us > at_us])
        assert len(asyncio.all_tasks()) == 1

    awaited(scenario())
    assert no_threads_are_left()


def test_what_is_collected_after_the_cache_was_closed_says_nothing(
    cache: Cache, put_lines: Put, small_chunks: None
) -> None:
    Market(4).store(put_lines)

    async def left(closing: bool) -> Any:
        reader = events(replay_of(cache))
        async for _ in reader:
            break
        if closing:
            cache.close()
            return None
        return reader

    kept = awaited(left(False))
    awaited(left(True))
    del kept
    gc.collect()
    assert no_threads_are_left()


def test_closing_ends_it_and_a_second_close_does_nothing(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        replay = replay_of(held)
        reader = events(replay)
        event = await anext(reader)
        await reader.aclose()
        await reader.aclose()
        assert replay.at_us == event.local_us == reader.at_us
        reader._pace.breathe_s = float("inf")  # as if the loop had just run
        with pytest.raises(StopAsyncIteration):
            await anext(reader)
        unread = events(replay)
        await unread.aclose()

    awaited(scenario())
    assert no_threads_are_left()


def test_a_cancelled_task_leaves_no_thread_and_no_word(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        replay = replay_of(held)
        seen: list[Event] = []
        began = asyncio.Event()

        async def consume() -> None:
            async for event in events(replay, speed=1e-3):
                seen.append(event)
                began.set()

        task = asyncio.create_task(consume())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert no_threads_are_left()
        assert replay.at_us == seen[-1].local_us

    awaited(scenario())
    gc.collect()


def test_a_wait_that_is_given_up_loses_nothing(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        reader = events(replay_of(held), speed=1e-3)  # a microsecond of the market takes a millisecond
        seen: list[Any] = []
        waits = 0
        while len(seen) < 20:
            try:
                async with asyncio.timeout(0.001):
                    seen.append(what(await anext(reader)))
            except TimeoutError:
                waits += 1
        assert waits
        await reader.aclose()
        assert seen == expanded(market.merged("AB"))[:20]

    awaited(scenario())
    assert no_threads_are_left()


def test_a_slow_consumer_holds_the_reading_back(
    cache: Cache, put_lines: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CHUNK_ROWS", 10)
    put_lines(TRADES, [line(TRADES, START_US + n, symbol="A") for n in range(500)], complete=True)
    read: list[int] = []
    rows = type(cache.library).rows

    def counted(*given: Any, **named: Any) -> Any:
        for block in rows(*given, **named):
            read.append(len(block))
            yield block

    replay = replay_of(cache, symbols=(A,), types=[TRADES])
    monkeypatch.setattr(type(cache.library), "rows", counted)

    async def scenario() -> None:
        told = 0
        async for _ in events(replay):
            told += 1
            await asyncio.sleep(0)
            # One batch in hand, one ahead, and the block that its stream looks at next: of two readers.
            assert sum(read) <= 2 * (told + 4 * 10)
        assert told == 500

    awaited(scenario())


def test_others_on_the_loop_run_while_all_is_due(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        reader = events(replay_of(held))
        last = -1
        async for _ in reader:
            assert turns > last
            last = turns
            reader._pace.breathe_s = 0.0  # as if the time had passed
        task.cancel()
        achieved = reader.achieved_speed()
        assert achieved is not None
        assert achieved > 0

    awaited(scenario())


def test_callbacks_may_be_plain_or_coroutines_and_what_they_raise_is_raised(
    held: Cache, market: Market
) -> None:
    expected = expanded(market.merged("AB"))

    async def scenario() -> None:
        plain: list[Event] = []
        assert await run(replay_of(held), plain.append) == len(expected)
        assert [what(event) for event in plain] == expected
        slow: list[Event] = []

        async def on_event(event: Event) -> None:
            await asyncio.sleep(0)
            slow.append(event)
            if len(slow) == 100:
                raise KeyError("the strategy")

        replay = replay_of(held)
        with pytest.raises(KeyError, match="the strategy"):
            await run(replay, on_event)
        assert [what(event) for event in slow] == expected[:100]
        assert replay.at_us == slow[-1].local_us

    awaited(scenario())
    assert no_threads_are_left()


@pytest.mark.logs_warnings
def test_damage_is_raised_after_the_sound_events(
    cache: Cache, market: Market, put_lines: Put, small_chunks: None
) -> None:
    market.store(put_lines)
    (path,) = [
        cache.home.rglob(f"{part.segment_id}.tick").__next__()
        for day in cache.days(*B, TRADES)
        for part in day.parts
    ]

    async def scenario() -> None:
        replay = replay_of(cache)
        reader = events(replay)
        seen = [what(await anext(reader)) for _ in range(5)]
        data = bytearray(path.read_bytes())
        for place in range(len(data) // 3, len(data) // 2):
            data[place] ^= 0xFF
        path.write_bytes(bytes(data))

        async def rest() -> None:
            async for event in reader:
                seen.append(what(event))

        with pytest.raises(DataError):
            await rest()
        assert seen == expanded(market.merged("AB"))[: len(seen)]
        with pytest.raises(StopAsyncIteration):
            await anext(reader)

    awaited(scenario())
    assert no_threads_are_left()


def test_moving_the_session_under_its_events_is_refused(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        replay = replay_of(held)

        told = 0

        async def meddle() -> None:
            nonlocal told
            async for event in events(replay):
                told += 1
                if told == 5:
                    replay.seek(START_US + 300)
                    assert replay.book(*A).state_hash() == sought.book(*A).state_hash()
                    assert event.book().levels

        sought = replay_of(held)
        sought.seek(START_US + 300)
        with pytest.raises(UsageError, match="leave the loop"):
            await meddle()
        assert told == 5
        assert replay.at_us == START_US + 300

    awaited(scenario())


def test_the_first_read_goes_on_from_where_the_session_stands_by_then(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        replay = replay_of(held)
        replay.advance(START_US + 300)
        reader, many = events(replay), batches(replay)
        for at_us in (START_US + 400, START_US + 100):
            replay.seek(at_us)
        rest = [one for one in market.merged("AB") if one.local_us > at_us]
        assert [what(event) async for event in reader] == expanded(rest)
        replay.seek(at_us)
        assert sum([len(batch) async for batch in many]) == len(rest)

    awaited(scenario())


def test_a_closed_reader_speaks_no_longer_for_the_session(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        sought = replay_of(held)
        sought.seek(START_US + 400)
        replay = replay_of(held)
        reader = aiter(replay)
        assert isinstance(reader, Events)
        for _ in range(20):
            await anext(reader)
        is_telling = [reader.is_telling]
        await reader.aclose()
        assert [*is_telling, reader.is_telling] == [True, False]
        replay.seek(START_US + 400)
        for name in (A, B):
            assert replay.book(*name).state_hash() == sought.book(*name).state_hash()
            assert reader.book(*name).state_hash() == sought.book(*name).state_hash()

    awaited(scenario())


async def cancelled_after(turns: int, work: Coroutine[Any, Any, Any]) -> Any:
    """Run work, and cancel it after so many turns of the loop; None if that was before its end."""
    task = asyncio.ensure_future(work)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        return None


def test_a_wait_for_a_batch_that_is_given_up_loses_no_message(held: Cache, market: Market) -> None:
    total = len(market.merged("AB"))

    async def scenario() -> None:
        given_up = 0
        for turns in range(0, 60, 5):
            replay = replay_of(held)
            reader = batches(replay)
            told = len(await anext(reader))
            while (batch := await cancelled_after(turns, reader.__anext__())) is not None:
                told += len(batch)
                if told > total // 4:
                    break
            given_up += batch is None
            await reader.aclose()
            assert told + sum([len(batch) async for batch in batches(replay)]) == total
        assert given_up

    awaited(scenario())


def test_a_closing_that_is_cancelled_leaves_the_session_where_the_last_event_was(held: Cache) -> None:
    async def scenario() -> None:
        given_up = 0
        for turns in range(1, 13):
            replay = replay_of(held)
            reader = events(replay)
            for _ in range(41):
                event = await anext(reader)
            given_up += await cancelled_after(turns, closed(reader)) is None
            assert replay.at_us == event.local_us
            await reader.aclose()
            with pytest.raises(StopAsyncIteration):
                await anext(reader)
        assert given_up

    async def closed(reader: Events) -> bool:
        await reader.aclose()
        return True

    awaited(scenario())
    assert no_threads_are_left()


def test_a_reader_is_let_go_of_at_once_after_waits_that_were_given_up(held: Cache) -> None:
    async def scenario() -> None:
        for turns in range(1, 8):
            replay = replay_of(held)
            reader = events(replay)
            await cancelled_after(turns, reader.__anext__())
            event = await anext(reader)
            gone = ref(reader)
            del reader
            assert gone() is None
            assert replay.at_us == event.local_us

    gc.disable()
    try:
        awaited(scenario())
    finally:
        gc.enable()


def test_two_tasks_may_not_wait_for_the_same_events(held: Cache, market: Market) -> None:
    async def scenario() -> None:
        reader = events(replay_of(held), speed=1e-3)
        await anext(reader)
        while True:
            waiting = asyncio.ensure_future(reader.__anext__())
            await asyncio.sleep(0)
            if not waiting.done():
                break
        with pytest.raises(UsageError, match="two tasks"):
            await anext(reader)
        with pytest.raises(UsageError, match="cancel it"):
            await reader.aclose()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await reader.aclose()

    awaited(scenario())


class Wall:
    """A wall clock that only moves when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def now(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds + 0.0003  # a timer is never early, and always a little late


@pytest.mark.parametrize("speed", [0.1, 1.0, 1000.0, 100_000.0])
def test_events_keep_an_absolute_schedule_and_delays_never_add_up(speed: float) -> None:
    wall = Wall()
    end_us = START_US + int(3600e6 * speed)
    due_us = [START_US + int(n * 36e3 * speed) for n in range(100_001)]

    async def scenario() -> None:
        pace = Pace(speed, START_US, end_us, now=wall.now, sleep=wall.sleep)
        reached_us = START_US
        for clock_us in due_us:
            if clock_us > pace.due_us:
                await pace.until(clock_us, reached_us)
            reached_us = clock_us
            late_s = wall.now_s - 1000.0 - (clock_us - START_US) / speed / 1e6
            assert -2e-6 / min(speed, 1.0) <= late_s < 0.002
            wall.now_s += 0.001  # what the consumer does with each

    awaited(scenario())


class ImpatientWall(Wall):
    """One on which every wait is given up after a tenth of a second."""

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0.1:
            await super().sleep(seconds)
            return
        self.now_s += 0.1
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)


@pytest.mark.parametrize("wall", [Wall(), ImpatientWall()], ids=["patient", "given up"])
def test_what_was_jumped_over_stays_so_when_the_wait_behind_it_is_given_up(
    cache: Cache, put_lines: Put, wall: Wall
) -> None:
    begin_us, end_us = START_US + US_PER_DAY, START_US + 2 * US_PER_DAY
    for at_us in (begin_us - 500_000, end_us + 1_500_000):
        put_lines(TRADES, [line(TRADES, at_us, symbol="A")], complete=True)
    plan = ReplayPlan.of(
        [A],
        begin_us - 1_000_000,
        end_us + 3_000_000,
        types=[TRADES],
        allow_missing=True,
        health={"missing": "skip"},
    )

    async def scenario() -> None:
        reader = events(Replay.from_plan(cache, plan))
        reader._pace = Pace(1, plan.start_us, plan.end_us, now=wall.now, sleep=wall.sleep)
        began_s = wall.now_s
        came_s: list[float] = []
        while len(came_s) < 2:
            task = asyncio.ensure_future(reader.__anext__())
            await asyncio.wait([task])
            if not task.cancelled():
                assert task.result().symbol == "A"
                came_s.append(wall.now_s - began_s)
        assert came_s == pytest.approx([0.5, 2.5], abs=0.01)
        await reader.aclose()

    awaited(scenario())


def test_batches_wait_for_what_is_no_quiet(cache: Cache, market: Market, put_lines: Put) -> None:
    market.store(put_lines)  # in chunks that are longer than a step
    wall = Wall()

    async def scenario() -> None:
        plan = replace(replay_of(cache).plan, skip_quiet_us=40)
        reader = batches(Replay.from_plan(cache, plan), speed=0.001, step_s=0.05)  # a step is 50 us
        reader._pace = Pace(0.001, plan.start_us, plan.end_us, now=wall.now, sleep=wall.sleep)
        began_s = wall.now_s
        async for batch in reader:
            assert wall.now_s - began_s >= (int(batch.clock_us[-1]) - START_US) / 1e3 - 0.002

    awaited(scenario())


@pytest.mark.parametrize("step_s", [-1.0, float("inf"), float("nan")])
def test_a_step_that_is_none_is_refused_without_a_trace(held: Cache, step_s: float) -> None:
    with pytest.raises(UsageError, match="no time between two batches"):
        batches(replay_of(held), speed=1, step_s=step_s)
    gc.collect()


def test_others_run_also_where_every_event_is_just_due() -> None:
    wall = Wall()

    async def scenario() -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        pace = Pace(1, START_US, START_US + 10**9, now=wall.now, sleep=wall.sleep)
        task = asyncio.create_task(other())
        for number in range(1, 101):
            wall.now_s += 0.001001  # what the consumer takes for each
            await pace.until(START_US + number * 1000, START_US + number * 1000 - 1000)
        task.cancel()
        assert turns >= 30

    awaited(scenario())


def test_who_cannot_keep_up_slows_time_and_is_told_the_speed() -> None:
    wall = Wall()

    async def scenario() -> None:
        pace = Pace("100x", START_US, START_US + 10**9, now=wall.now, sleep=wall.sleep)
        reached_us = START_US
        for clock_us in range(START_US + 10**6, START_US + 10**9, 10**6):
            if clock_us > pace.due_us:
                await pace.until(clock_us, reached_us)
            reached_us = clock_us
            wall.now_s += 0.02  # 10 ms of wall is what the speed allows
        achieved = pace.achieved_speed()
        assert achieved is not None
        assert 45 <= achieved <= 55

    awaited(scenario())


def test_a_speed_that_is_none_is_refused_without_a_trace(held: Cache, market: Market) -> None:
    for speed in ("fast", 0, -1.0, float("nan")):
        with pytest.raises(UsageError, match="not a speed"):
            events(replay_of(held), speed=speed)
    gc.collect()


def test_paced_events_and_batches_come_when_they_are_due(held: Cache, market: Market) -> None:
    expected = market.merged("AB")

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        reader = events(replay_of(held, speed=0.01))
        await asyncio.sleep(0.03)  # who has not begun to iterate misses nothing
        began_s = loop.time()
        async for event in reader:
            assert loop.time() - began_s >= (event.local_us - START_US) / 0.01 / 1e6 - 0.001
        played, sizes = 0, []
        began_s = loop.time()
        async for batch in batches(replay_of(held), speed=0.01, step_s=0.02):
            assert loop.time() - began_s >= (int(batch.clock_us[-1]) - START_US) / 0.01 / 1e6 - 0.001
            played += len(batch)
            sizes.append(len(batch))
        assert played == len(expected)

    awaited(scenario())


def test_a_band_to_skip_is_not_told_but_passed_through_and_one_to_stop_at_stops(
    cache: Cache, put_l2: Put
) -> None:
    second = 1_000_000
    times = [second * n for n in range(60)] + [second * n for n in range(120, 180)]
    rows = [Row(START_US, True, "bid", 50.0, 1.0)]
    rows += [Row(START_US + time_us, False, "bid", 50.0 + n, 1.0) for n, time_us in enumerate(times[1:], 1)]
    crossed = Row(START_US + 30 * second + 1, False, "ask", 60.0, 2.0)
    healed = Row(START_US + 40 * second + 1, False, "ask", 60.0, 0.0)
    put_l2(sorted([*rows, crossed, healed], key=itemgetter(0)), complete=True, symbol="BTCUSDT")
    span = (cache, [(EXCHANGE, "BTCUSDT")], START_US, START_US + 200 * second)
    bands = [
        band
        for _, health in cache.health(EXCHANGE, "BTCUSDT", L2, START_US, START_US + 1)
        if health is not None
        for band in health.intervals
        if band.kind == "crossed"
    ]
    assert bands
    (low_us, high_us) = (bands[0].from_us, bands[0].to_us)
    plan = Replay(*span).plan

    async def scenario() -> None:
        everything = [event.local_us async for event in events(Replay(*span))]
        warning = Replay.from_plan(cache, with_health(plan, "warn"))
        for noting in (events(warning), batches(Replay.from_plan(cache, with_health(plan, "warn")))):
            assert noting.notes == []
            assert len([one async for one in noting])
            assert [(note.kind, note.from_us) for note in noting.notes] == [(NoteKind.WARNED, low_us)]

        skipping = Replay.from_plan(cache, with_health(plan, "skip"))
        told = []
        reader = events(skipping)
        async for event in reader:
            told.append(event.local_us)
            if len(told) % 7 == 0:
                book = event.book()
                assert book.levels.bids == len([row for row in rows if row.local_us <= event.local_us])
        assert told == [us for us in everything if not low_us <= us < high_us]
        assert [(note.kind, note.to_us) for note in reader.notes] == [(NoteKind.SKIPPED, high_us)]
        whole = Replay(*span)
        whole.advance_to_end()
        assert skipping.book(EXCHANGE, "BTCUSDT").state_hash() == whole.book(EXCHANGE, "BTCUSDT").state_hash()
        counted = 0
        async for batch in batches(Replay.from_plan(cache, with_health(plan, "skip"))):
            counted += len(batch)
        assert counted == len(told)

        stopping = Replay.from_plan(cache, with_health(plan, "stop"))
        reader = events(stopping)
        told = [event.local_us async for event in reader]
        assert told == [us for us in everything if us < low_us]
        assert stopping.at_us == low_us - 1
        again = events(stopping)
        assert [event async for event in again] == []
        for stopped in (reader, again):
            assert [(note.kind, note.from_us) for note in stopped.notes] == [(NoteKind.STOPPED, low_us)]
        stopping.go_on()
        reader = events(stopping)
        told += [event.local_us async for event in reader]
        assert told == everything
        assert reader.notes == []

    awaited(scenario())


def with_health(plan: Any, action: str) -> Any:
    return type(plan).from_form(plan.to_form() | {"health": {"crossed": action}})


def test_it_works_on_the_loop_of_the_desktop(held: Cache, market: Market, qapp: QCoreApplication) -> None:
    async def scenario() -> None:
        seen = [what(event) async for event in replay_of(held)]
        assert seen == expanded(market.merged("AB"))
        async for _ in replay_of(held):
            break
        assert sum([len(batch) async for batch in batches(replay_of(held))]) == len(market.merged("AB"))

    run_on_qt(qapp, scenario())
    assert no_threads_are_left()


def test_inside_the_loop_the_session_gives_the_book_of_the_event_at_hand(held: Cache) -> None:
    async def check() -> int:
        replay = replay_of(held)
        count = 0
        async for event in replay:
            if isinstance(event, BookMessage):
                count += 1
                wanted = event.book().state_hash()
                assert replay.book(event.exchange, event.symbol).state_hash() == wanted
        whole = replay_of(held)
        whole.advance_to_end()
        for name in (A, B):
            assert replay.book(*name).state_hash() == whole.book(*name).state_hash()
        return count

    assert awaited(check()) > 20
