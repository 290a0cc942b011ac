"""Ids that come twice, against a plain set, past every growth of what is remembered."""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING

import pytest
from support.blocks import block_of

from tickreel.market.block import Texts
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.health import Kind, health_of
from tickreel.store.health.ids import SeenIds

if TYPE_CHECKING:
    from collections.abc import Callable


def plain(ids: list[str]) -> list[int]:
    seen: set[str] = set()
    found = []
    for row, one in enumerate(ids):
        if one in seen:
            found.append(row)
        elif one:
            seen.add(one)
    return found


def numbers(chance: random.Random) -> list[str]:
    return [str(number) for number in range(100, 6_000) if chance.random() < 0.6]


def uuids(chance: random.Random) -> list[str]:
    return [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(6_000)]


def alike(_: random.Random) -> list[str]:
    """Texts that differ in one place each, and in length alone."""
    return [*("x" * n for n in range(1, 300)), *(f"{n:08d}-0000-0000" for n in range(3_000))]


def late(chance: random.Random) -> list[str]:
    found = numbers(chance)
    chance.shuffle(found)
    return [one if n % 7 else f"0{one}" for n, one in enumerate(found)]


@pytest.mark.parametrize("kind", [numbers, uuids, alike, late])
def test_what_came_before_is_found_and_nothing_else(kind: Callable[[random.Random], list[str]]) -> None:
    chance = random.Random(7)
    ids = kind(chance)
    for _ in range(200):
        ids.insert(chance.randrange(len(ids)), chance.choice(ids))
        ids.insert(chance.randrange(len(ids)), "")
    seen = SeenIds()
    found: list[int] = []
    start = 0
    while start < len(ids):
        stop = start + chance.randrange(1, 2_000)
        certain, likely = seen.repeated(Texts.of(ids[start:stop]))
        found += sorted([start + int(row) for row in (*certain, *likely)])
        start = stop
    assert found == plain(ids)


def test_numbers_that_rise_are_certain_and_texts_are_told_by_hashes() -> None:
    seen = SeenIds()
    certain, likely = seen.repeated(Texts.of(["5", "6", "9", "6", "x", "x", "7", "7", "9" * 19, "9" * 19]))
    assert (certain.tolist(), likely.tolist()) == ([3], [5, 7, 9])


def test_a_duplicate_that_only_a_hash_tells_says_so() -> None:
    def duplicate_note(one: str) -> str:
        rows = [
            {
                "exchange": "e", "symbol": "A", "timestamp": at, "local_timestamp": at,
                "id": one, "side": "buy", "price": 1.0, "amount": 1.0,
            }
            for at in range(2)
        ]  # fmt: skip
        found = health_of([block_of(DataType.TRADES, rows)], DatasetKey("e", "A", DataType.TRADES))
        (interval,) = (each for each in found.intervals if each.kind is Kind.DUPLICATE)
        return interval.note

    assert duplicate_note("7") == ""
    assert duplicate_note("7a3a1d2c-9f0e-4a5b-8c6d-001122334455") == "told by hashes of 64 bits"
