"""Real order books: counts and hashes at the end, and at random instants against a plain book."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.dictbook import DictBook
from support.l2csv import listed_rows, read_l2
from support.realdata import real_data

from tickreel.market.types import DataType
from tickreel.replay import Replay, Totals, TypeCount

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.store import Cache

L2 = DataType.INCREMENTAL_BOOK_L2


@dataclass(frozen=True)
class Recording:
    """A real order book and what independent programs found in it."""

    exchange: str
    symbol: str
    month: str
    start: str
    end: str
    rows: int
    messages: int
    resets: int
    levels: tuple[int, int]
    best: tuple[float, float]
    state_hash: str

    @property
    def name(self) -> tuple[str, str]:
        return self.exchange, self.symbol

    def files(self, data_type: str) -> list[Path]:
        folder = real_data("datasets", "v1", self.exchange, data_type, *self.month.split("-"))
        return sorted(folder.rglob(f"{self.symbol}.csv.gz"))


NEXO = Recording(
    "binance",
    "NEXOUSDT",
    "2024-07",
    "2024-07-23",
    "2024-07-26",
    204_351,
    99_033,
    3,
    (269, 869),
    (1.161, 1.163),
    "3c6876e56638299aeaa56254d7a781e117c896ad49a07beb287b5af53291bb18",
)
BTC_2023 = Recording(
    "binance-futures",
    "BTCUSDT",
    "2023-04",
    "2023-04-04",
    "2023-04-06",
    328_779,
    16_111,
    2,
    (5_393, 3_847),
    (28140.1, 28140.2),
    "a0d059b1df7497f114336978fe5c0a63a211f456338d2bced6d236fde895840d",
)
BTC_2024 = Recording(
    "binance-futures",
    "BTCUSDT",
    "2024-07",
    "2024-07-18",
    "2024-07-20",
    406_647,
    9_018,
    2,
    (5_276, 5_156),
    (63867.4, 63867.5),
    "7230eae0a450184e575a7a75ad5e698203f42864350124ae5599ba9db22b12b4",
)


def hashes_at(recording: Recording, instants_us: list[int]) -> dict[int, str]:
    """Find the state hash after all messages up to each instant, with dicts and no touch (which is slow)."""
    rows = listed_rows(read_l2(*recording.files(L2.value)))
    book, done, hashes = DictBook(), 0, {}
    for at_us in sorted(instants_us):
        while done < len(rows) and rows[done].local_us <= at_us:
            row, before = rows[done], rows[done - 1] if done else None
            goes_on = before is not None and before.is_snapshot and before.local_us == row.local_us
            if row.is_snapshot and not goes_on:
                book.sides = {"bid": {}, "ask": {}}
            if row.amount:
                book.sides[row.side][row.price] = row.amount
            else:
                book.sides[row.side].pop(row.price, None)
            done += 1
        hashes[at_us] = book.state_hash()
    return hashes


@pytest.mark.parametrize("recording", [NEXO, BTC_2023, BTC_2024], ids=["NEXO", "BTC 2023", "BTC 2024"])
def test_a_real_book_ends_as_it_must_and_is_right_after_every_seek(
    cache: Cache, recording: Recording
) -> None:
    for path in recording.files(L2.value):
        cache.import_file(path)
    session = Replay(cache, [recording.name], recording.start, recording.end, types=[L2])
    frame = session.advance_to_end()
    (symbol,) = frame.symbols
    assert symbol.totals == Totals(recording.messages, recording.rows, 0, recording.resets, 0)
    assert symbol.book is not None
    assert symbol.book.levels == recording.levels
    assert ((symbol.book.best_bid or (0,))[0], (symbol.book.best_ask or (0,))[0]) == recording.best
    assert symbol.book.state_hash() == recording.state_hash
    assert len(symbol.touch) == recording.messages
    assert np.all(symbol.touch.bid < symbol.touch.ask), "no message leaves the book crossed"

    first_us, last_us = int(symbol.touch.time_us[0]), int(symbol.touch.time_us[-1])
    chosen = random.Random(recording.rows)
    instants_us = [chosen.randint(first_us, last_us) for _ in range(6)] + [first_us, last_us]
    wanted = hashes_at(recording, instants_us)
    for at_us in chosen.sample(instants_us, len(instants_us)):
        session.seek(at_us, history_us=chosen.choice([0, 1_000_000, 3_600_000_000]))
        assert session.book(*recording.name).state_hash() == wanted[at_us]
    session.seek(instants_us[0])
    for at_us in sorted(at_us for at_us in instants_us if at_us > instants_us[0]):
        while session.advance(at_us, budget_s=0.0).at_us < at_us:
            pass
        assert session.book(*recording.name).state_hash() == wanted[at_us]
    session.advance_to_end()
    assert session.book(*recording.name).state_hash() == recording.state_hash


def test_book_and_trades_of_three_days_are_counted_as_the_contract_says(cache: Cache) -> None:
    for path in (*NEXO.files("incremental_book_L2"), *NEXO.files("trades")):
        cache.import_file(path, type=path.relative_to(real_data("datasets")).parts[2])
    session = Replay(cache, [NEXO.name], NEXO.start, NEXO.end)
    session.advance_to_end()
    assert session.summary().totals == Totals(117_850, 223_168, 18_817, 3, 0)
    assert session.summary().types[L2] == TypeCount(99_033, 204_351)
    assert session.summary().symbols[0].state_hash == NEXO.state_hash
    by_exchange = Replay(cache, [NEXO.name], NEXO.start, NEXO.end, order="exchange")
    by_exchange.advance_to_end()
    assert by_exchange.summary() == session.summary()


def test_two_real_books_play_on_one_clock_over_days_of_which_one_is_missing(cache: Cache) -> None:
    for path in (*BTC_2024.files(L2.value), *NEXO.files(L2.value)):
        cache.import_file(path)
    session = Replay(
        cache, [NEXO.name, BTC_2024.name], BTC_2024.start, NEXO.end, types=[L2], allow_missing=True
    )
    session.advance("2024-07-19T23:59:59.999999Z")
    assert session.book(*BTC_2024.name).state_hash() == BTC_2024.state_hash
    assert session.book(*NEXO.name).levels == (0, 0), "it begins days later"
    frame = session.advance_to_end()
    assert session.book(*NEXO.name).state_hash() == NEXO.state_hash
    assert session.book(*BTC_2024.name).levels == (0, 0), "nothing is carried into days that are not held"
    totals = [symbol.totals for symbol in frame.symbols]
    assert totals == [Totals(one.messages, one.rows, 0, one.resets, 0) for one in (NEXO, BTC_2024)]
