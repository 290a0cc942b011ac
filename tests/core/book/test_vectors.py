"""The books and hashes that the contract spells out, on written rows and on real feeds."""

from __future__ import annotations

import numpy as np
import pytest
from support.dictbook import DictBook, Row
from support.l2csv import l2_rows, listed_rows, read_l2
from support.realdata import real_data

from tickreel.book import BookBuilder, Counts, L2Rows

T, F = True, False
MIDNIGHT_US = 1_721_779_200_000_000  # 2024-07-24


def built(rows: list[Row]) -> BookBuilder:
    builder = BookBuilder()
    builder.apply(l2_rows(rows))
    return builder


SNAPSHOT = [(T, "bid", 10.0, 1.0), (T, "ask", 10.5, 2.0)]
VECTORS = {
    "a snapshot": (
        [Row(1, *row) for row in SNAPSHOT],
        ([[10, 1]], [[10.5, 2]]),
        Counts(messages=1, rows=2, resets=1, skipped_rows=0),
        "a85515e801ead1dca210a6f0ddc5fee93659a8caa9d6c6c50ee5594de9c88e2b",
    ),
    "an update before the first snapshot": (
        [Row(1, F, "bid", 9, 5), *(Row(2, *row) for row in SNAPSHOT)],
        ([[10, 1]], [[10.5, 2]]),
        Counts(messages=2, rows=3, resets=1, skipped_rows=1),
        "a85515e801ead1dca210a6f0ddc5fee93659a8caa9d6c6c50ee5594de9c88e2b",
    ),
    "a later snapshot clears": (
        [Row(1, T, "bid", 10, 1), Row(2, T, "bid", 8, 1)],
        ([[8, 1]], []),
        Counts(messages=2, rows=2, resets=2, skipped_rows=0),
        "0537aa31fddc7dc4a19ac25b435603b41f191c1fac159b6b5ead82b5444a9d7b",
    ),
    "a snapshot after an update of its own message": (
        [Row(1, T, "bid", 10, 1), Row(2, F, "bid", 9, 1), Row(2, T, "bid", 8, 1), Row(3, T, "bid", 7, 1)],
        ([[7, 1]], []),
        Counts(messages=3, rows=4, resets=3, skipped_rows=0),
        "93a94eca08c878a7232885651e85d186544a55f83a3ec92561fe6328b2c1e8b3",
    ),
    "numbers of every size and sign": (
        [
            Row(1, T, "bid", 3e-7, 1e22),
            Row(1, T, "bid", -1.5, 0.1 + 0.2),
            Row(1, T, "ask", 123456789012345678.0, 3),
        ],
        ([[3e-7, 1e22], [-1.5, 0.30000000000000004]], [[123456789012345678.0, 3]]),
        Counts(messages=1, rows=3, resets=1, skipped_rows=0),
        "5a5d2369a9f74aa0d585e451717dd02be1272b6cbfb6c87f7b20af7d095cc749",
    ),
    "amount 0 in a snapshot, and an unknown level removed": (
        [Row(1, T, "bid", 10, 0), Row(1, T, "ask", 11, 1), Row(2, F, "bid", 5, 0)],
        ([], [[11, 1]]),
        Counts(messages=2, rows=3, resets=1, skipped_rows=0),
        "e36e870c5b7f986db4d9b3ca6f9b14ae1857e22674d856125dfdfb6acbae748e",
    ),
}


@pytest.mark.parametrize(("rows", "levels", "counts", "state_hash"), VECTORS.values(), ids=VECTORS)
def test_written_rows_give_the_book_the_counts_and_the_hash_of_the_contract(
    rows: list[Row], levels: tuple[list[list[float]], list[list[float]]], counts: Counts, state_hash: str
) -> None:
    builder = built(rows)
    book = builder.view()
    assert (book.bids.tolist(), book.asks.tolist()) == levels
    assert builder.counts == counts
    assert book.state_hash() == state_hash
    assert DictBook().apply(rows).state_hash() == state_hash


@pytest.mark.parametrize("at_once", [True, False], ids=["in one call", "day by day"])
def test_three_real_days_are_one_stream_whose_book_is_carried_over_midnight(at_once: bool) -> None:
    folder = real_data("datasets", "v1", "binance", "incremental_book_L2", "2024", "07")
    paths = [folder / day / "NEXOUSDT.csv.gz" for day in ("23", "24", "25")]
    builder = BookBuilder()
    if at_once:
        rows = read_l2(*paths)
        carried = int(np.searchsorted(rows.local_us, MIDNIGHT_US, side="right"))
        parts = [rows.part(0, carried), rows.part(carried, len(rows))]
    else:
        parts = [read_l2(path) for path in paths]

    builder.apply(parts[0])
    book = builder.view()
    assert book.levels == (316, 814)
    assert book.message_us is not None
    assert book.message_us < MIDNIGHT_US
    assert book.state_hash() == "7b53e36d1272e27e70106bc54075b61456bbec725dfcc36ff3675912b416d14c"

    for part in parts[1:]:
        builder.apply(part)
    book = builder.view()
    assert book.levels == (269, 869)
    assert builder.counts == Counts(messages=99_033, rows=204_351, resets=3, skipped_rows=0)
    assert (book.best_bid, book.best_ask) == ((1.161, 303.83), (1.163, 221.58))
    assert book.state_hash() == "3c6876e56638299aeaa56254d7a781e117c896ad49a07beb287b5af53291bb18"


def btcusdt(*days: tuple[str, str, str]) -> L2Rows:
    folder = real_data("datasets", "v1", "binance-futures", "incremental_book_L2")
    return read_l2(*(folder.joinpath(*day) / "BTCUSDT.csv.gz" for day in days))


def test_a_deep_real_book_of_2023_ends_in_the_known_state() -> None:
    builder = BookBuilder()
    builder.apply(btcusdt(("2023", "04", "04"), ("2023", "04", "05")))
    assert builder.view().levels == (5_393, 3_847)
    assert builder.counts == Counts(messages=16_111, rows=328_779, resets=2, skipped_rows=0)
    assert builder.view().state_hash() == "a0d059b1df7497f114336978fe5c0a63a211f456338d2bced6d236fde895840d"


def test_a_deep_real_book_of_2024_ends_in_the_known_state_and_was_never_crossed() -> None:
    builder = BookBuilder()
    touch = builder.apply_with_touch(btcusdt(("2024", "07", "18"), ("2024", "07", "19")))
    assert builder.view().levels == (5_276, 5_156)
    assert builder.counts == Counts(messages=9_018, rows=406_647, resets=2, skipped_rows=0)
    assert builder.view().state_hash() == "7230eae0a450184e575a7a75ad5e698203f42864350124ae5599ba9db22b12b4"
    assert len(touch.time_us) == 9_018
    assert (touch.bid < touch.ask).all()
    assert (touch.bid[-1], touch.ask[-1]) == (63867.4, 63867.5)


def test_the_touch_of_a_real_feed_is_that_of_the_plain_book() -> None:
    rows = btcusdt(("2023", "04", "04")).part(0, 12_000)
    plain = DictBook().apply(listed_rows(rows))
    touch = BookBuilder().apply_with_touch(rows)
    assert list(zip(touch.time_us.tolist(), touch.bid.tolist(), touch.ask.tolist(), strict=True)) == (
        plain.touch
    )
