"""The simulated extract: the same bytes everywhere, and a market that holds together."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tickreel.sample
from tickreel.errors import Cancelled
from tickreel.market.block import Block, ColumnData, Texts
from tickreel.market.time import day_of
from tickreel.market.types import SCHEMAS, DatasetKey, DataType, Kind
from tickreel.progress import UNWATCHED
from tickreel.sample import (
    SAMPLE_DAY,
    SAMPLE_END_US,
    SAMPLE_EXCHANGE,
    SAMPLE_START_US,
    SAMPLE_SYMBOLS,
    generate,
)
from tickreel.sample.scenario import ONLINE_MS
from tickreel.store.health import Kind as HealthKind
from tickreel.store.health import health_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

L2 = DataType.INCREMENTAL_BOOK_L2
TYPES = (L2, DataType.TRADES, DataType.QUOTES, DataType.DERIVATIVE_TICKER)
TICKS_PER_UNIT = {"BTCUSDT": 10, "ETHUSDT": 100}
LOTS_PER_UNIT = {"BTCUSDT": 1_000, "ETHUSDT": 100}
ROUND_TICKS, WALL_LOTS = 500, 30_000

ROWS_SHA256 = {
    "BTCUSDT incremental_book_L2": "8e4aadf0fb5da88d11bb1637b680ec03dce15418653832ad0e0f9915dcc69616",
    "BTCUSDT trades": "812717f4a7ed8321c7494df7b758aa87f73d04a12231d2b3fcb712d8df395b02",
    "BTCUSDT quotes": "13c2a1e0a8eadc8db74282c972f1aebdd37af11ea15e583d8498b6ae2c72fd2d",
    "BTCUSDT derivative_ticker": "0ee2cc5359a86ebb5d8afb2d57d81a1981e41799cbb705ee54e3b4ea720581be",
    "ETHUSDT incremental_book_L2": "1caa70d1a0723f0b21a277c4147d281fa7205f5de932dc3ab966747378ad3247",
    "ETHUSDT trades": "82634e1defeb8143b0585f1c4080acff7ca046c62dfc350055cb64f6178d1bbd",
    "ETHUSDT quotes": "cc153ffdf9c82cd628d42cbd663beb45987786ad8069c9ec5ca6b8817fd2badf",
    "ETHUSDT derivative_ticker": "9549d995be15590ec57505f4df1b893736a94817e19c965712f49cff6b0bd31d",
}

Table = dict[str, "NDArray[Any]"]


def rows_sha256(key: DatasetKey, table: Table) -> str:
    """Hash rows as the contract says, written apart from the store."""
    whole = hashlib.sha256()
    for column in SCHEMAS[key.type].columns[2:]:
        values = table[column.name]
        if column.kind is Kind.TIME:
            data = values.astype("<i8").tobytes()
        elif column.kind is Kind.NUMBER:
            numbers = (values.astype("<f8") + 0.0).view("<u8")
            numbers[np.isnan(values.astype("<f8"))] = 0x7FF8000000000000
            data = numbers.tobytes()
        elif column.kind is Kind.TEXT:
            data = b"".join(value.encode() + b"\x1f" for value in values)
        else:
            data = values.astype(np.uint8).tobytes()
        whole.update(hashlib.sha256(data).digest())
    return whole.hexdigest()


def columns(blocks: list[Block]) -> Table:
    names = blocks[0].columns
    return {name: np.concatenate([cells(block.columns[name]) for block in blocks]) for name in names}


def cells(column: ColumnData) -> NDArray[Any]:
    return column if isinstance(column, np.ndarray) else np.array(list(column.texts()), object)


@pytest.fixture(scope="module")
def sample() -> dict[DatasetKey, list[Block]]:
    return {day.key: list(day.blocks) for day in generate(UNWATCHED)}


@pytest.fixture(scope="module", params=SAMPLE_SYMBOLS)
def symbol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def tables(sample: dict[DatasetKey, list[Block]], symbol: str) -> dict[DataType, Table]:
    return {t: columns(sample[DatasetKey(SAMPLE_EXCHANGE, symbol, t)]) for t in TYPES}


@dataclass(frozen=True)
class Message:
    """A message of the book feed: its first row, its end, and when it arrived."""

    begin: int
    end: int
    local_us: int


class DictBook:
    """An independent book: a dictionary per side, rows applied one by one."""

    def __init__(self, table: Table, symbol: str) -> None:
        self.sides: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.resets = 0
        self.bid = self.ask = 0
        self.side = table["side"].tolist()
        self.ticks = np.rint(table["price"] * TICKS_PER_UNIT[symbol]).astype(np.int64).tolist()
        self.lots = np.rint(table["amount"] * LOTS_PER_UNIT[symbol]).astype(np.int64).tolist()
        self.is_snapshot = table["is_snapshot"].tolist()
        local = table["local_timestamp"]
        starts = np.flatnonzero(np.append(True, np.diff(local) != 0)).tolist()
        self.messages = [Message(a, b, int(local[a])) for a, b in pairwise([*starts, len(local)])]

    def apply(self, message: Message) -> None:
        bids, asks = self.sides
        if self.is_snapshot[message.begin]:
            self.resets += 1
            bids.clear()
            asks.clear()
        for row in range(message.begin, message.end):
            assert self.is_snapshot[row] == self.is_snapshot[message.begin]
            side, ticks = self.sides[self.side[row]], self.ticks[row]
            if self.lots[row]:
                side[ticks] = self.lots[row]
            else:
                side.pop(ticks, None)
        # Searched anew only where the best has left or may have been passed.
        rows = range(message.begin, message.end)
        if self.bid not in bids or any(self.ticks[row] > self.bid for row in rows if not self.side[row]):
            self.bid = max(bids)
        if self.ask not in asks or any(self.ticks[row] < self.ask for row in rows if self.side[row]):
            self.ask = min(asks)


@dataclass(repr=False)
class Walk:
    """What was seen on one walk through a symbol's book feed beside its trades."""

    resets: int = 0
    crossed: int = 0
    fewest: int = 10**9
    most: int = 0
    quotes: list[tuple[int, int, int, int, int]] | None = None
    touches: NDArray[np.int64] | None = None
    unfounded_trades: int = 0
    overdrawn_levels: int = 0
    wall_seconds: dict[tuple[int, int], float] | None = None
    eaten_walls: int = 0
    pulled_walls: int = 0


@pytest.fixture(scope="module")
def walk(tables: dict[DataType, Table], symbol: str) -> Walk:
    book = DictBook(tables[L2], symbol)
    trades = tables[DataType.TRADES]
    trade_local = [*trades["local_timestamp"].tolist(), 2**62]
    trade_side = trades["side"].tolist()
    trade_ticks = np.rint(trades["price"] * TICKS_PER_UNIT[symbol]).astype(np.int64).tolist()
    trade_lots = np.rint(trades["amount"] * LOTS_PER_UNIT[symbol]).astype(np.int64).tolist()
    seen = Walk(quotes=[], wall_seconds={})
    assert seen.quotes is not None
    assert seen.wall_seconds is not None
    touches = []
    walls: dict[tuple[int, int], tuple[int, int]] = {}
    trade, last = 0, None
    for message in book.messages:
        taken: dict[tuple[int, int], int] = {}
        while trade_local[trade] < message.local_us:
            level = (1 - trade_side[trade], trade_ticks[trade])
            shown = book.sides[level[0]].get(level[1], 0)
            taken[level] = taken.get(level, 0) + trade_lots[trade]
            seen.unfounded_trades += trade_lots[trade] > shown
            seen.overdrawn_levels += taken[level] > shown
            trade += 1
        book.apply(message)
        bid, ask = book.bid, book.ask
        seen.crossed += bid >= ask
        seen.fewest = min(seen.fewest, *map(len, book.sides))
        seen.most = max(seen.most, *map(len, book.sides))
        touches.append((message.local_us, bid, ask))
        top = (book.sides[1][ask], ask, bid, book.sides[0][bid])
        if top != last:
            seen.quotes.append((message.local_us, *top))
            last = top
        for row in range(message.begin, message.end):
            ticks, level = book.ticks[row], (book.side[row], book.ticks[row])
            if ticks % ROUND_TICKS == 0 and book.lots[row] >= WALL_LOTS:
                walls.setdefault(level, (message.local_us, book.lots[row]))
            elif level in walls and book.lots[row] < WALL_LOTS:
                since, _ = walls.pop(level)
                seen.wall_seconds[level] = max(
                    seen.wall_seconds.get(level, 0), (message.local_us - since) / 1e6
                )
                seen.eaten_walls += level in taken
                seen.pulled_walls += level not in taken and book.lots[row] == 0
    seen.resets = book.resets
    seen.touches = np.array(touches, np.int64)
    return seen


def test_every_dataset_has_the_pinned_rows(sample: dict[DatasetKey, list[Block]]) -> None:
    found = {f"{key.symbol} {key.type}": rows_sha256(key, columns(rows)) for key, rows in sample.items()}
    assert found == ROWS_SHA256


def test_another_process_with_other_blocks_makes_the_same_rows(
    sample: dict[DatasetKey, list[Block]],
) -> None:
    script = (
        "import hashlib\n"
        "from tickreel.progress import UNWATCHED\n"
        "from tickreel.sample import generate\n"
        "for day in generate(UNWATCHED, block_rows=7_001):\n"
        "    digest = hashlib.sha256()\n"
        "    for block in day.blocks:\n"
        "        digest.update(block.array(block.schema.names[-1]).tobytes())\n"
        "    print(digest.hexdigest())\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    here = []
    for blocks in sample.values():
        digest = hashlib.sha256()
        for block in blocks:
            digest.update(block.array(block.schema.names[-1]).tobytes())
        here.append(digest.hexdigest())
    assert run.stdout.split() == here


STRETCH = """
import hashlib
import numpy as np
from tickreel.sample import market, scenario, simulation

instrument = scenario.INSTRUMENTS[0]
path = np.zeros((700, market.PATH_COLUMNS), np.int64)
path[0, market.PATH_FAIR] = instrument.start_tick << market.FINE
jump = instrument.jump_ticks << market.FINE
market.fair_values(simulation._state(instrument, 0, 1), scenario.PHASES, jump, 0, path, path)
path[:, market.PATH_ACTIVITY] *= 4
state = simulation._state(instrument, 0, 2)
state[[market.END_MS, market.OFFLINE_MS, market.ONLINE_MS]] = 17_000, 9_000, 9_500
book, touched = np.zeros(2 * market.SHOWN, np.int64), np.zeros(1 << 14, np.int64)
widths = market.ROW_COLUMNS, market.MESSAGE_COLUMNS, market.TRADE_COLUMNS, market.TICKER_COLUMNS
buffers = [np.zeros((40_000, width), np.int64) for width in widths]
market.open_book(state, book, touched, market.WIDTH // 2 - 1)
market.run(state, path, book, touched, *buffers)
digest = hashlib.sha256()
for part in (path, state, book, *buffers):
    digest.update(part.astype("<i8").tobytes())
print(digest.hexdigest(), *state[[market.NOW_MS, market.ROWS, market.TRADES]])
"""


def test_the_market_runs_the_same_compiled_and_as_plain_python() -> None:
    """A machine whose compiler did anything else than integer arithmetic would show here."""

    def run(**environment: str) -> str:
        command = [sys.executable, "-W", "ignore::RuntimeWarning", "-c", STRETCH]
        done = subprocess.run(
            command, env=os.environ | environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    compiled = run()
    assert compiled == run(NUMBA_DISABLE_JIT="1")
    now_ms, rows, trades = map(int, compiled.split()[1:])
    assert now_ms >= 17_000
    assert rows > 3_000
    assert trades > 300


def test_only_the_last_conversion_leaves_the_integers() -> None:
    folder = Path(tickreel.sample.__file__).parent
    divisions: list[tuple[str, int]] = []
    for name in ("market.py", "scenario.py", "simulation.py", "extract.py"):
        tree = ast.parse((folder / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), (name, node.value)
            if isinstance(node, ast.Div):
                divisions.append((name, 1))
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                assert not imported & {"math", "cmath", "random", "secrets", "statistics", "time"}
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"random", "exp", "log", "sqrt", "mean", "sum", "float32"}
                assert node.attr != "float64" or name == "extract.py"
    assert divisions == [("extract.py", 1)]


def test_blocks_hold_every_column_and_never_split_a_message(
    sample: dict[DatasetKey, list[Block]],
) -> None:
    assert len(sample) == len(SAMPLE_SYMBOLS) * len(TYPES)
    for day in generate(UNWATCHED, block_rows=500):
        assert day.day == SAMPLE_DAY
        rows, before = 0, 0
        for block in day.blocks:
            assert (block.schema, block.exchange, block.symbol) == (
                SCHEMAS[day.key.type],
                SAMPLE_EXCHANGE,
                day.key.symbol,
            )
            assert tuple(block.columns) == block.schema.names[2:]
            for name, column in block.columns.items():
                assert len(column) == len(block)
                assert kind_of(column) == KINDS[block.schema.column(name).kind]
            local = block.local_us
            # Only the two snapshots are longer than what was asked for.
            assert len(block) <= 500 or local[0] == local[-1]
            assert local[0] > before
            before = int(local[-1])
            rows += len(block)
        assert rows == day.rows == sum(map(len, sample[day.key]))


KINDS = {
    Kind.TEXT: "text",
    Kind.TIME: "int64",
    Kind.FLAG: "bool",
    Kind.NUMBER: "float64",
    Kind.BOOK_SIDE: "int8",
    Kind.TRADE_SIDE: "int8",
}


def kind_of(column: ColumnData) -> str:
    if isinstance(column, np.ndarray):
        assert column.flags.c_contiguous
        return column.dtype.name
    return "text" if isinstance(column, Texts) else "words"


def test_a_monitor_can_stop_the_simulation() -> None:
    class Impatient:
        reports = 0

        def report(self, done: int, total: int | None, note: str = "") -> None:
            assert total is None or 0 <= done <= total
            assert note
            self.reports += 1
            if self.reports == 4:
                raise Cancelled("enough")

    with pytest.raises(Cancelled):
        list(generate(Impatient()))


def test_times_lie_in_order_inside_the_extract(tables: dict[DataType, Table]) -> None:
    assert SAMPLE_END_US - SAMPLE_START_US >= 2 * 3_600 * 1_000_000
    assert day_of(SAMPLE_START_US) == day_of(SAMPLE_END_US - 1) == SAMPLE_DAY
    for data_type, table in tables.items():
        timestamp, local = table["timestamp"].astype(np.int64), table["local_timestamp"].astype(np.int64)
        assert timestamp.min() >= SAMPLE_START_US
        assert local.max() < SAMPLE_END_US
        assert local.max() - local.min() > 2 * 3_600 * 1_000_000
        assert (timestamp % 1_000 == 0).all()
        assert (np.diff(local) >= 0).all()
        assert (np.diff(timestamp) >= 0).all()
        delay_ms = (local - timestamp) / 1_000
        assert delay_ms.min() >= 2, data_type
        assert delay_ms.max() < 40, data_type


def test_the_book_is_never_crossed_and_keeps_two_to_four_hundred_levels(walk: Walk) -> None:
    assert walk.crossed == 0
    assert walk.fewest >= 200
    assert walk.most <= 400


def test_each_symbol_is_reset_twice(walk: Walk) -> None:
    assert walk.resets == 2


def test_quotes_are_the_top_of_the_book(walk: Walk, tables: dict[DataType, Table], symbol: str) -> None:
    quotes = tables[DataType.QUOTES]
    ticks, lots = TICKS_PER_UNIT[symbol], LOTS_PER_UNIT[symbol]
    table = [
        quotes["local_timestamp"],
        *(
            np.rint(quotes[name] * unit).astype(np.int64)
            for name, unit in (
                ("ask_amount", lots), ("ask_price", ticks), ("bid_price", ticks), ("bid_amount", lots),
            )
        ),
    ]  # fmt: skip
    assert np.array_equal(np.stack(table, axis=1), np.array(walk.quotes))


def test_every_trade_takes_what_the_book_showed(walk: Walk, tables: dict[DataType, Table]) -> None:
    assert walk.unfounded_trades == 0
    # A level that is taken and refilled to the same amount at once sends no message between.
    assert walk.overdrawn_levels <= 3
    trades = tables[DataType.TRADES]
    assert len(trades["price"]) > 50_000
    assert (trades["amount"] > 0).all()
    assert set(trades["side"].tolist()) == {0, 1}
    numbers = np.array(trades["id"].tolist(), np.int64)
    assert (np.diff(numbers) > 0).all()


def test_tickers_come_every_second_and_name_the_next_funding(tables: dict[DataType, Table]) -> None:
    ticker = tables[DataType.DERIVATIVE_TICKER]
    assert len(ticker["timestamp"]) > 8_000
    eight_hours = 8 * 3_600 * 1_000_000
    ahead = ticker["funding_timestamp"].astype(np.int64) - ticker["timestamp"].astype(np.int64)
    assert ((ahead > 0) & (ahead <= eight_hours)).all()
    assert (ticker["funding_timestamp"].astype(np.int64) % eight_hours == 0).all()
    assert len(np.unique(ticker["funding_timestamp"].astype(np.int64))) == 2
    assert np.isnan(ticker["predicted_funding_rate"].astype(float)).all()
    rate = ticker["funding_rate"].astype(float)
    assert (abs(rate) < 0.001).all()
    for name in ("index_price", "mark_price"):
        assert (abs(ticker[name] / ticker["last_price"] - 1) < 0.004).all()


def correlation(pair: NDArray[np.float64]) -> float:
    return float(np.asarray(np.corrcoef(pair))[0, 1])


def test_the_second_symbol_follows_the_first(sample: dict[DatasetKey, list[Block]]) -> None:
    returns: list[NDArray[np.float64]] = []
    for name in SAMPLE_SYMBOLS:
        quotes = columns(sample[DatasetKey(SAMPLE_EXCHANGE, name, DataType.QUOTES)])
        mid = (quotes["ask_price"] + quotes["bid_price"]) / 2
        instants = np.arange(SAMPLE_START_US + 1_000_000, SAMPLE_END_US, 10_000_000)
        at = np.searchsorted(quotes["local_timestamp"], instants, "right") - 1
        returns.append(np.diff(np.log(mid[at].astype(np.float64))))
    assert correlation(np.stack(returns)) > 0.5
    quiet = np.stack(returns)[:, 60:250]  # before the drop, which moves both anyway
    assert 0.5 < correlation(quiet) < 0.99


def test_the_price_drops_a_third_in_and_recovers(walk: Walk) -> None:
    assert walk.touches is not None
    second = (walk.touches[:, 0] - SAMPLE_START_US) / 1e6
    mid = (walk.touches[:, 1] + walk.touches[:, 2]) / 2
    before = mid[(second > 2_600) & (second < 2_690)].mean()
    low = mid[(second > 2_690) & (second < 2_790)].min()
    after = mid[(second > 3_500) & (second < 3_600)].mean()
    assert low < before * 0.988
    assert low + (before - low) * 0.3 < after < before


def test_the_spread_is_mostly_one_tick_and_widens_in_the_drop(walk: Walk) -> None:
    assert walk.touches is not None
    second = (walk.touches[:, 0] - SAMPLE_START_US) / 1e6
    spread = (walk.touches[:, 2] - walk.touches[:, 1])[:-1]
    lasts = np.diff(second)
    assert lasts[spread == 1].sum() / lasts.sum() > 0.8
    drop = (second[:-1] > 2_695) & (second[:-1] < 2_775)
    assert np.average(spread[drop], weights=lasts[drop]) > 5 * np.average(spread[~drop], weights=lasts[~drop])


def test_walls_stand_at_round_prices_until_eaten_or_pulled(walk: Walk) -> None:
    assert walk.wall_seconds is not None
    assert sum(seconds > 60 for seconds in walk.wall_seconds.values()) >= 10
    assert walk.eaten_walls >= 5
    assert walk.pulled_walls >= 5


def test_only_the_break_of_the_connection_loses_updates(
    sample: dict[DatasetKey, list[Block]], symbol: str
) -> None:
    key = DatasetKey(SAMPLE_EXCHANGE, symbol, L2)
    health = health_of(sample[key], key)
    (lost,) = (one for one in health.intervals if one.kind is HealthKind.SNAPSHOT_MISMATCH)
    assert lost.rows == health.counts[HealthKind.SNAPSHOT_MISMATCH] > 0
    back_us = SAMPLE_START_US + ONLINE_MS * 1_000
    assert back_us <= lost.from_us < back_us + 100_000
    assert lost.note in ("after 2.6 s without a message", "after 2.7 s without a message")
    assert health.issues == (HealthKind.SNAPSHOT_MISMATCH,)


def orders(trades: Table) -> Iterator[NDArray[np.int64]]:
    """Split trades into runs of one exchange time and side: as a rule one taker's order."""
    key = np.stack([trades["timestamp"].astype(np.int64), trades["side"].astype(np.int64)])
    edges = np.flatnonzero((np.diff(key) != 0).any(axis=0)) + 1
    yield from np.split(np.arange(key.shape[1]), edges)


def test_sweeps_go_through_many_levels_in_order(tables: dict[DataType, Table]) -> None:
    trades = tables[DataType.TRADES]
    price, side = trades["price"].astype(float), trades["side"]
    deep = 0
    for rows in orders(trades):
        steps = np.diff(price[rows])
        levels = 1 + int(np.count_nonzero(steps))
        assert (steps >= 0).all() if side[rows[0]] == 0 else (steps <= 0).all()
        deep += levels >= 10
    assert deep >= 100


def test_activity_comes_in_bursts_but_never_stands_still(tables: dict[DataType, Table]) -> None:
    book = tables[L2]
    changes = book["local_timestamp"][~book["is_snapshot"].astype(bool)]
    window = ((changes - SAMPLE_START_US) // 100_000).astype(np.int64)
    rows = np.bincount(window, minlength=81_000)
    assert rows.max() >= 12 * np.median(rows)
    assert (rows == 0).mean() < 0.05
    minutes = rows.reshape(-1, 600).sum(axis=1)
    assert minutes.max() > 8 * np.median(minutes) or np.percentile(minutes, 95) > 2.5 * np.percentile(
        minutes, 5
    )
    messages = np.unique(changes)
    assert 2.5 < len(changes) / len(messages) < 12
