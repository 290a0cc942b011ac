"""The exchange's book and the known one, against dict books fed message by message from plain lists."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from statistics import NormalDist
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.dictbook import DictBook, Row
from support.l2csv import listed_rows, read_l2
from support.realdata import real_data
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.errors import DataError, NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.types import DataType
from tickreel.replay.arrivals import TIME_COLUMNS, Arrivals, Reached
from tickreel.replay.latency import (
    ConstantLatency,
    DistributionLatency,
    FileLatency,
    LatencyModel,
    MeasuredLatency,
)
from tickreel.replay.latencyview import LatencyView
from tickreel.store import Cache, open_cache
from tickreel.store.segments import writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

L2 = DataType.INCREMENTAL_BOOK_L2
EXCHANGE, SYMBOL = "binance-futures", "BTCUSDT"
DAYS = 4
SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
FAR_US = 600 * SECOND_US


@dataclass(frozen=True)
class Message:
    """A message, or without rows a midnight from which a day is not held."""

    local_us: int
    rows: tuple[Row, ...]
    exchange_us: int
    """Of its rows the latest, and within ten minutes of local time."""

    @classmethod
    def of(cls, rows: Sequence[Row], stamps_us: Sequence[int]) -> Message:
        local_us = rows[0].local_us
        return cls(local_us, tuple(rows), min(max(max(stamps_us), local_us - FAR_US), local_us + FAR_US))


def _mixed(word: int) -> int:
    word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) % 2**64
    word = ((word ^ word >> 27) * 0x94D049BB133111EB) % 2**64
    return word ^ word >> 31


def plain_draw(model: DistributionLatency, local_us: int) -> int:
    state = (_mixed(model.seed) + local_us * 0x9E3779B97F4A7C15) % 2**64
    normal = NormalDist().inv_cdf(((_mixed(state) >> 12) + 0.5) / 2**52)
    median, p99 = model.median_us - model.floor_us, model.p99_us - model.floor_us
    sigma = math.log(p99 / median) / NormalDist().inv_cdf(0.99)
    return min(model.floor_us + round(median * math.exp(sigma * normal)), HOUR_US)


def plain_shifts(messages: Sequence[Message], floor_us: int) -> dict[int, int]:
    """Shift each day so that place floor(n / 100) of its latencies in order is the floor."""
    shifts_us = {}
    for day, own in groupby(messages, key=lambda message: message.local_us // US_PER_DAY):
        latencies = sorted(m.local_us - m.exchange_us for m in own if m.rows and m.local_us != m.exchange_us)
        if latencies:
            shifts_us[day] = floor_us - latencies[len(latencies) // 100]
    return shifts_us


def plain_times(
    messages: Sequence[Message], model: LatencyModel, steps: Sequence[tuple[int, int]] = ()
) -> list[tuple[int, int]]:
    """Tell when each message is published and when it is known."""
    times: list[tuple[int, int]] = []
    published = known = 0
    shifts_us = plain_shifts(messages, model.floor_us) if isinstance(model, MeasuredLatency) else {}
    for message in messages:
        published = max(published, message.exchange_us)
        match model:
            case MeasuredLatency(floor_us=floor_us):
                shift_us = shifts_us.get(message.local_us // US_PER_DAY, 0)
                own = max(message.local_us + shift_us, published + floor_us)
            case ConstantLatency(latency_us=latency_us):
                own = published + latency_us
            case DistributionLatency():
                own = published + plain_draw(model, message.local_us)
            case _:
                own = published + steps[max(0, bisect_right([at for at, _ in steps], published) - 1)][1]
        known = max(known, own)
        times.append((published, known))
    return times


def plain_book(messages: Sequence[Message]) -> DictBook:
    book = DictBook()
    for message in messages:
        if message.rows:
            book.apply(message.rows)
        else:
            book.forget()
            book.touch.append((message.local_us, None, None))
    return book


@dataclass
class Feed:
    """What is held of some days, in file order with the midnights from which nothing is."""

    messages: list[Message] = field(default_factory=list)
    files: list[tuple[list[tuple[Row, int]], bool]] = field(default_factory=list)
    """Rows with their exchange times, and whether the file is the whole day."""
    held: set[int] = field(default_factory=set)


prices = st.sampled_from([-1.5, 0.0, 3e-7, 556.9, 557.0, 557.1, 642025.0])
amounts = st.sampled_from([0.0, 1.0, 2.0, 0.30000000000000004])
moments = st.one_of(
    st.integers(0, 12),
    st.integers(0, 6).map(lambda n: n * SECOND_US // 2),
    st.integers(0, 5).map(lambda n: 12 * HOUR_US + n * FAR_US // 2),
    st.integers(1, 6).map(lambda n: US_PER_DAY - n * SECOND_US // 2),
    st.integers(1, 12).map(lambda n: US_PER_DAY - n),
)
# The recorder's clock may be right, behind by more than any latency, or ahead.
skews = st.sampled_from([-5, -4_000, 1_300_000, 1_500_000, -2_000_000])
# Of single rows: jitter, none given, back in time, and broken.
stamps = st.one_of(
    st.integers(-9, 9),
    st.integers(-9, 9),
    st.just(None),
    st.sampled_from([-600_000, 2 * HOUR_US, -2 * HOUR_US]),
)


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    feed = Feed()
    for day in range(DAYS):
        start_us = START_US + day * US_PER_DAY
        shape = draw(st.sampled_from(["missing", "whole", "whole", "parts"]), label=f"day {day}")
        if shape == "missing":
            feed.messages.append(Message(start_us, (), start_us))
            continue
        feed.held.add(day)
        skew_us = draw(skews)
        lines: list[tuple[Row, int]] = []
        for number, offset in enumerate(sorted(draw(st.sets(moments, min_size=1, max_size=10)))):
            local_us = start_us + offset
            kinds = draw(st.sampled_from([(True,), (False,), (False, False, True)]))
            rows, own = [], []
            for _ in range(draw(st.integers(1, 3))):
                side, is_snapshot = draw(st.sampled_from(["bid", "ask"])), draw(st.sampled_from(kinds))
                rows.append(Row(local_us, is_snapshot, side, draw(prices), draw(amounts)))
                stamp = draw(stamps) if number else 0  # a day has exchange times
                own.append(local_us if stamp is None else local_us + skew_us + stamp)
            feed.messages.append(Message.of(rows, own))
            lines += zip(rows, own, strict=True)
        noon_us = start_us + US_PER_DAY // 2
        halves = [list(own) for _, own in groupby(lines, key=lambda one: one[0].local_us < noon_us)]
        for part in halves if shape == "parts" else [lines]:
            feed.files.append((part, shape == "whole"))
    return feed


@contextmanager
def stored(feed: Feed, chunk_rows: int) -> Iterator[tuple[Cache, Path]]:
    """Store a feed in chunks of so few rows that most days have many."""
    with (
        TemporaryDirectory() as folder,
        open_cache(Path(folder) / "home") as cache,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(writer, "CHUNK_ROWS", chunk_rows)
        for number, (lines, complete) in enumerate(feed.files):
            texts = [
                l2_line(
                    row.local_us,
                    row.side,
                    repr(row.price),
                    repr(row.amount),
                    snapshot=row.is_snapshot,
                    timestamp=str(stamp_us),
                )
                for row, stamp_us in lines
            ]
            path = write_csv(Path(folder) / f"{number}.csv", L2, texts)
            cache.import_file(path, type=L2, complete=complete)
        yield cache, Path(folder)


def check(
    view: LatencyView, messages: Sequence[Message], times: Sequence[tuple[int, int]], at_us: int
) -> None:
    assert view.at_us == at_us
    for place, book in enumerate((view.exchange_book, view.known_book)):
        prefix = messages[: bisect_right([one[place] for one in times], at_us)]
        plain = plain_book(prefix)
        assert book.bids.tolist() == plain.bids()
        assert book.asks.tolist() == plain.asks()
        assert book.message_us == (plain.previous.local_us if plain.previous else None)
    newest = prefix[-1] if prefix and prefix[-1].rows else None
    assert view.lag_us == (None if newest is None else at_us - newest.exchange_us)


models = st.one_of(
    st.sampled_from([0, 3, 40_000]).map(MeasuredLatency),
    st.sampled_from([0, 5, 250_000, 1_400_000, HOUR_US]).map(ConstantLatency),
    st.builds(
        DistributionLatency,
        st.sampled_from([5, 3_000]),
        st.sampled_from([3_000, 900_000]),
        st.sampled_from([0, 4]),
        st.integers(0, 5),
    ),
    st.lists(
        st.tuples(
            st.integers(0, 40).map(lambda n: START_US + n * US_PER_DAY // 8), st.sampled_from([0, 9, 700_000])
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda step: step[0],
    ).map(sorted),
)


@settings(deadline=None, max_examples=25)
@given(feeds(), models, st.integers(1, 6), st.data())
def test_both_books_are_exact_at_every_instant_however_it_was_reached(
    feed: Feed, model: LatencyModel | list[tuple[int, int]], chunk_rows: int, data: st.DataObject
) -> None:
    with stored(feed, chunk_rows) as (cache, folder):
        steps: list[tuple[int, int]] = []
        if isinstance(model, list):
            steps = model
            path = folder / "latency.csv"
            path.write_text("time_us,latency_us\n" + "".join(f"{at},{us}\n" for at, us in steps))
            model = FileLatency.of(path)
        if not feed.held:
            with pytest.raises(NotHeldError):
                LatencyView(cache, EXCHANGE, SYMBOL, START_US, START_US + 1, model, allow_missing=True)
            return
        times = plain_times(feed.messages, model, steps)
        happens = {us for both in times for us in both} | {message.local_us for message in feed.messages}
        near = sorted({us + by for us in happens for by in (-1, 0, 1)})
        whole = (START_US, START_US + DAYS * US_PER_DAY)
        instants = st.sampled_from([us for us in near if whole[0] <= us <= whole[1]])
        start_us, end_us = sorted(data.draw(st.just(whole) | st.tuples(instants, instants), "range"))
        end_us = max(end_us, start_us + 1)
        view = LatencyView(cache, EXCHANGE, SYMBOL, start_us, end_us, model, allow_missing=True)
        check(view, feed.messages, times, start_us - 1)
        for to_us in data.draw(st.lists(instants, max_size=8), "instants"):
            if data.draw(st.booleans(), "seek"):
                sought_us = min(max(to_us, start_us - 1), end_us)
                view.seek(sought_us)
                at_us = min(sought_us, end_us - 1)
            else:
                at_us = max(view.at_us, min(to_us, end_us - 1))
                view.advance(to_us)
            check(view, feed.messages, times, at_us)
        view.advance(end_us)
        check(view, feed.messages, times, end_us - 1)
        if isinstance(model, MeasuredLatency):
            shifts_us = plain_shifts(feed.messages, model.floor_us)
            assert {day_of(day * US_PER_DAY): us for day, us in shifts_us.items()}.items() >= (
                view.shifts_us.items()
            )
            assert view.shift_us == shifts_us.get(max(view.at_us, start_us) // US_PER_DAY)
        else:
            assert (view.shift_us, view.shifts_us) == (None, {})


def row(local_us: int, price: float, amount: float = 1.0, *, snapshot: bool = False) -> Row:
    return Row(local_us, snapshot, "bid", price, amount)


def at(offset_us: int, day: int = 0) -> int:
    return START_US + day * US_PER_DAY + offset_us


def walk(day: int = 0, *, messages: int = 300) -> list[Row]:
    """One snapshot, then as many levels as messages, a second apart."""
    return [row(at((n + 1) * SECOND_US, day), 100.0 + n, snapshot=n == 0) for n in range(messages)]


def best(view: LatencyView) -> tuple[float, ...]:
    """Give the number of the last message in the exchange's book and in the known one."""
    return tuple(price - 100 for book in (view.exchange_book, view.known_book) for price in book.bids[:1, 0])


def test_a_clock_that_is_behind_for_a_day_is_put_right_by_a_shift_that_is_shown(
    cache: Cache, put_l2: Callable[..., None]
) -> None:
    """The exchange's time lies 1.4 s after the local time, give or take some ms."""
    chance = random.Random(3)
    rows = walk()
    latencies = [-1_400_000 + chance.randrange(20_000) for _ in rows]
    put_l2(rows, complete=True, exchange_us=[r.local_us - us for r, us in zip(rows, latencies, strict=True)])
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 1), MeasuredLatency(floor_us=500))
    shift_us = 500 - sorted(latencies)[3]
    assert view.shift_us == shift_us
    assert view.shifts_us == {day_of(START_US): shift_us}
    view.seek(at(100 * SECOND_US) + shift_us)
    assert best(view)[1] == 99, "what came at second 100 is known when the shifted clock says so"
    view.seek(at(100 * SECOND_US) + shift_us - 1)
    assert best(view)[1] == 98
    published_us = rows[50].local_us - latencies[50]
    view.seek(published_us)
    assert best(view) == (50, 49)
    view.advance(published_us + max(500, latencies[50] + shift_us))
    assert best(view) == (50, 50)
    assert view.lag_us == max(500, latencies[50] + shift_us)


def test_each_day_has_a_shift_of_its_own(cache: Cache, put_l2: Callable[..., None]) -> None:
    for day, behind_us in enumerate((2_000_000, -30_000)):
        rows = walk(day)
        put_l2(rows, complete=True, exchange_us=[r.local_us + behind_us for r in rows])
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 2), MeasuredLatency())
    assert view.shifts_us == {day_of(at(0)): 2_000_000}
    view.seek(at(HOUR_US, 1))
    assert view.shift_us == -30_000
    assert view.shifts_us == {day_of(at(0)): 2_000_000, day_of(at(0, 1)): -30_000}


def test_a_day_without_exchange_times_is_not_measured_and_the_way_out_is_said(
    cache: Cache, put_l2: Callable[..., None]
) -> None:
    rows = walk()
    put_l2(rows, complete=True, exchange_us=[r.local_us for r in rows])
    with pytest.raises(
        UsageError, match=r"2024-07-23 .* choose a constant latency, a distribution or a file"
    ):
        LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 1), MeasuredLatency())
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 1), ConstantLatency(1_500_000))
    view.seek(at(10 * SECOND_US))
    assert best(view) == (9, 7), "local time stands in for the exchange's"


def test_a_message_without_an_exchange_time_of_its_own_is_left_out_of_the_percentile(
    cache: Cache, put_l2: Callable[..., None]
) -> None:
    rows = walk()
    own = [r.local_us if n % 3 else r.local_us - 7_000 - n for n, r in enumerate(rows)]
    put_l2(rows, complete=True, exchange_us=own)
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 1), MeasuredLatency())
    view.seek(at(HOUR_US))
    assert view.shift_us == -7_003, "place 1 of 100"


def test_latencies_never_reorder_messages(cache: Cache, put_l2: Callable[..., None], tmp_path: Path) -> None:
    rows = walk()
    put_l2(rows, complete=True, exchange_us=[r.local_us for r in rows])
    path = tmp_path / "latency.csv"
    path.write_text(f"time_us,latency_us\n{at(0)},0\n{at(50 * SECOND_US)},5000000\n{at(51 * SECOND_US)},0\n")
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 1), FileLatency.of(path))
    known = []
    for second in range(49, 57):
        view.advance(at(second * SECOND_US))
        known.append(best(view)[1])
    assert known == [48, 48, 48, 48, 48, 48, 54, 55]


def test_after_a_seek_a_message_stamped_in_the_past_still_waits_for_its_own_draw(
    cache: Cache, put_l2: Callable[..., None]
) -> None:
    """It is published with the message before it, whose time is no longer read."""
    rows = [row(at(n // 2 * SECOND_US + n % 2), 100.0 + n, snapshot=n == 0) for n in range(40)]
    own = [r.local_us - n % 2 * 600_000 for n, r in enumerate(rows)]
    put_l2(rows, complete=True, exchange_us=own)
    model = DistributionLatency(30_000, 90_000, seed=3)
    messages = [Message.of([r], [us]) for r, us in zip(rows, own, strict=True)]
    times = plain_times(messages, model)
    slower = [n for n in range(1, 40, 2) if times[n - 1][1] < times[n][1] - 1]
    assert len(slower) > 5
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 1), model)
    for n in slower:
        view.seek(times[n - 1][1])
        check(view, messages, times, times[n - 1][1])
        for at_us in (times[n][1] - 1, times[n][1]):
            view.advance(at_us)
            check(view, messages, times, at_us)


@pytest.mark.parametrize(
    "model",
    [MeasuredLatency(9), ConstantLatency(9), DistributionLatency(30_000, 900_000)],
    ids=lambda m: type(m).__name__,
)
def test_times_are_the_same_however_the_rows_are_cut(
    cache: Cache, put_l2: Callable[..., None], model: LatencyModel
) -> None:
    chance = random.Random(2)
    rows = [row(at(n * 1_000), 100.0 + n) for n in range(200) for _ in range(chance.randint(1, 3))]
    own = [r.local_us - chance.randrange(50_000) for r in rows]
    put_l2(rows, complete=True, exchange_us=own)
    selection = cache.book_selection(EXCHANGE, SYMBOL)
    (block,) = cache.library.rows(cache.library.plan(selection, at(0), at(0, 1)), TIME_COLUMNS)
    arrivals = Arrivals(cache.library, selection, model)
    whole = arrivals.times(block, Reached())
    assert len(whole) == 200
    assert whole.first_row[-1] == len(rows)
    wanted = plain_times(
        [
            Message.of([one[0] for one in group], [one[1] for one in group])
            for _, own_rows in groupby(zip(rows, own, strict=True), key=lambda one: one[0].local_us)
            for group in [list(own_rows)]
        ],
        model,
    )
    assert list(zip(whole.published_us.tolist(), whole.known_us.tolist(), strict=True)) == wanted
    reached, begin = Reached(), 0
    for end in (1, 2, 50, 51, 120, 200):
        low, high = whole.first_row[[begin, end]].tolist()
        part = arrivals.times(block.cut(low, high), reached)
        assert part.published_us.tolist() == whole.published_us[begin:end].tolist()
        assert part.known_us.tolist() == whole.known_us[begin:end].tolist()
        assert part.reached == Reached(*wanted[end - 1])
        reached, begin = part.reached, end


def test_a_view_of_part_of_a_day_knows_what_lies_around_it(cache: Cache, put_l2: Callable[..., None]) -> None:
    rows = walk()
    put_l2(rows, complete=True, exchange_us=[r.local_us - 2_500_000 for r in rows])
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(100 * SECOND_US), at(101 * SECOND_US), ConstantLatency(0))
    assert best(view) == (101, 101), "published before it begins, and recorded after"
    view.advance(at(200 * SECOND_US))
    assert view.at_us == view.end_us - 1
    assert best(view) == (102, 102), "published before it ends, and recorded after"


def test_requests_that_cannot_be_are_refused(cache: Cache, put_l2: Callable[..., None]) -> None:
    model = ConstantLatency(5)
    with pytest.raises(NotHeldError, match="nothing is held"):
        LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 1), model)
    put_l2(walk(), complete=True)
    put_l2(walk(1), complete=True, symbol="FUTURES", symbols=["AB" + str(n % 2) for n in range(300)])
    with pytest.raises(UsageError, match="is a group"):
        LatencyView(cache, EXCHANGE, "FUTURES", at(0), at(0, 1), model)
    with pytest.raises(NotHeldError, match="1 day is missing"):
        LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 2), model)
    with pytest.raises(UsageError, match="empty"):
        LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0), model)
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 2), model, allow_missing=True)
    assert [missing.day for missing in view.missing] == [day_of(at(0)) + timedelta(days=1)]
    with pytest.raises(UsageError, match="inside its range"):
        view.seek(at(1, 2))


def test_one_instrument_of_a_group_has_books_of_its_own(cache: Cache, put_l2: Callable[..., None]) -> None:
    rows = [row(at((n // 2 + 1) * SECOND_US), 100.0 + n, snapshot=n < 2) for n in range(300)]
    put_l2(rows, complete=True, symbol="FUTURES", symbols=["AB"[n % 2] for n in range(300)])
    view = LatencyView(cache, EXCHANGE, "B", at(0), at(0, 1), ConstantLatency(3 * SECOND_US))
    view.seek(at(100 * SECOND_US))
    assert best(view) == (199, 193)
    view.advance(at(120 * SECOND_US))
    assert best(view) == (239, 233)


@pytest.mark.logs_warnings
def test_damage_is_told_again_until_another_instant_is_sought(
    cache: Cache, put_l2: Callable[..., None], home: Path
) -> None:
    put_l2(walk(), complete=True)
    put_l2(walk(1), complete=True)
    view = LatencyView(cache, EXCHANGE, SYMBOL, at(0), at(0, 2), ConstantLatency(5))
    (part,) = cache.days(EXCHANGE, SYMBOL, L2)[1].parts
    (path,) = home.rglob(f"{part.segment_id}.tick")
    path.write_bytes(path.read_bytes()[:-100])
    for _ in range(2):
        with pytest.raises(DataError, match="damaged"):
            view.advance(at(0, 2))
    with pytest.raises(NotHeldError, match="damaged"):
        view.seek(at(0, 1))


def test_a_real_feed_over_midnight(cache: Cache) -> None:
    folder = real_data("datasets", "v1", "binance-futures", L2.value, "2024", "07")
    files = [folder / day / "BTCUSDT.csv.gz" for day in ("18", "19")]
    for path in files:
        cache.import_file(path)
    stamps_us = [us for path in files for us in pyarrow.csv.read_csv(path)["timestamp"].to_pylist()]
    lines = zip(listed_rows(read_l2(*files)), stamps_us, strict=True)
    messages = [
        Message.of([one[0] for one in own], [one[1] for one in own])
        for own in (list(group) for _, group in groupby(lines, key=lambda one: one[0].local_us))
    ]
    chance = random.Random(5)
    for model in (MeasuredLatency(200), DistributionLatency(3_000, 40_000, 500, seed=11)):
        times = plain_times(messages, model)
        # Where a message has just been published, it is not known yet.
        instants = sorted(published for published, _ in chance.sample(times, 3))
        expected = {
            at_us: [
                state_after(messages, bisect_right([one[place] for one in times], at_us))
                for place in range(2)
            ]
            for at_us in instants
        }
        assert all(exchange != known for exchange, known in expected.values())
        view = LatencyView(cache, EXCHANGE, SYMBOL, "2024-07-18", "2024-07-20", model)
        for at_us in (*chance.sample(instants, len(instants)), instants[0]):
            view.seek(at_us)
            assert [view.exchange_book.state_hash(), view.known_book.state_hash()] == expected[at_us]
        for at_us in instants[1:]:
            view.advance(at_us)
            assert [view.exchange_book.state_hash(), view.known_book.state_hash()] == expected[at_us]
        if isinstance(model, MeasuredLatency):
            shifts_us = plain_shifts(messages, model.floor_us)
            assert list(view.shifts_us.values()) == list(shifts_us.values())
            assert all(1_000_000 < us < 2_000_000 for us in shifts_us.values()), "its clock was behind"


def state_after(messages: Sequence[Message], count: int) -> str:
    """Hash the book after some messages, from the last snapshot among them on."""
    first = max(n for n in range(count) if messages[n].rows[0].is_snapshot)
    book = DictBook()
    for message in messages[first:count]:
        for n, own in enumerate(message.rows):
            if own.is_snapshot and not (n and message.rows[n - 1].is_snapshot):
                book.sides = {"bid": {}, "ask": {}}
            if own.amount:
                book.sides[own.side][own.price] = own.amount
            else:
                book.sides[own.side].pop(own.price, None)
    return book.state_hash()
