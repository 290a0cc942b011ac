"""Health counted on lists and dicts: the slow, obvious program that the kernels are checked against."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from tickreel.store.health import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]
L2 = "incremental_book_L2"


def plain_counts(type_name: str, rows: Iterable[Row]) -> dict[str, int]:
    """Count every kind over the rows of a day, each with a symbol and the columns of its type."""
    listed = list(rows)
    by_symbol: dict[str, list[Row]] = {}
    for row in listed:
        by_symbol.setdefault(row["symbol"], []).append(row)
    counts = dict.fromkeys([kind.value for kind in Kind], 0)
    counts["gap"] = len(plain_gaps(listed))
    for own in by_symbol.values():
        counts["exchange_time_back"] += sum(b["timestamp"] < a["timestamp"] for a, b in pairwise(own))
        counts["exchange_after_local"] += sum(row["timestamp"] > row["local_timestamp"] for row in own)
        counts["precision_change"] += _precision_changes(own)
        if type_name in ("trades", "liquidations"):
            ids = [row["id"] for row in own if row["id"]]
            counts["duplicate"] += len(ids) - len(set(ids))
        if type_name == L2:
            for kind, count in _book_counts(own).items():
                counts[kind] += count
    if type_name == L2 and all(row["is_snapshot"] for row in listed):
        counts["snapshot_mismatch"] = 0
    return counts


def plain_gaps(rows: list[Row]) -> list[tuple[int, int]]:
    """List the gaps between the messages of a day."""
    seen = {(row["symbol"], row["local_timestamp"]) for row in rows}
    times = sorted(local_us for _, local_us in seen)
    waits = sorted(b - a for a, b in pairwise(times))
    if not waits:
        return []
    longest = max(10_000_000, 20 * waits[math.floor(0.99 * len(waits))])
    return [(a, b) for a, b in pairwise(times) if b - a > longest]


def _precision_changes(rows: list[Row]) -> int:
    changes, most = 0, None
    for row in rows:
        prices = [
            value
            for name, value in row.items()
            if (name in ("price", "bid_price", "ask_price") or name.endswith(".price")) and value is not None
        ]
        if prices:
            here = max(_decimals(price) for price in prices)
            changes += most is not None and here > most
            most = here if most is None else max(here, most)
    return changes


def _decimals(price: float) -> int:
    exponent = Decimal(repr(price)).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _book_counts(rows: list[Row]) -> dict[str, int]:
    counts = dict.fromkeys(
        ("crossed", "reset", "before_snapshot", "duplicate", "split_snapshot", "snapshot_mismatch"), 0
    )
    book: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}
    is_primed = False
    previous: list[Row] = []
    for _, grouped in groupby(rows, key=lambda row: row["local_timestamp"]):
        message = list(grouped)
        counts["duplicate"] += bool(previous) and _is_same(message, previous)
        counts["split_snapshot"] += {_snapshot_side(previous), _snapshot_side(message)} == {"bid", "ask"}
        for place, row in enumerate(message):
            if row["is_snapshot"] and not (place and message[place - 1]["is_snapshot"]):
                stop = place
                while stop < len(message) and message[stop]["is_snapshot"]:
                    stop += 1
                if is_primed:
                    counts["snapshot_mismatch"] += _mismatches(book, message[place:stop])
                book = {"bid": {}, "ask": {}}
                counts["reset"] += 1
                is_primed = True
            if not is_primed:
                counts["before_snapshot"] += 1
            elif row["amount"] == 0:
                book[row["side"]].pop(row["price"], None)
            else:
                book[row["side"]][row["price"]] = row["amount"]
        counts["crossed"] += bool(book["bid"] and book["ask"] and max(book["bid"]) >= min(book["ask"]))
        previous = message
    return counts


def _is_same(message: list[Row], other: list[Row]) -> bool:
    return len(message) == len(other) and all(
        all(a[name] == b[name] for name in ("is_snapshot", "side", "price", "amount"))
        and (
            a["timestamp"] == b["timestamp"]
            or (a["timestamp"] == a["local_timestamp"] and b["timestamp"] == b["local_timestamp"])
        )
        for a, b in zip(message, other, strict=True)
    )


def _snapshot_side(message: list[Row]) -> str | None:
    sides = {row["side"] for row in message}
    if all(row["is_snapshot"] for row in message) and len(sides) == 1:
        side: str = sides.pop()
        return side
    return None


def _mismatches(book: dict[str, dict[float, float]], snapshot: list[Row]) -> int:
    differing = 0
    for side, held in book.items():
        said: dict[float, float] = {}
        for row in snapshot:
            if row["side"] == side:
                said[row["price"]] = row["amount"]
        said = {price: amount for price, amount in said.items() if amount}
        if said:
            low, high = min(said), max(said)
            prices = {*said, *(price for price in held if low <= price <= high)}
            differing += sum(held.get(price, 0.0) != said.get(price, 0.0) for price in prices)
    return differing
