"""Prepared lists of what would be held, without a catalog."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from support.datasets import recorded_days

from tickreel.market.types import DataType
from tickreel.store import Day, Source
from tickreel.store.model import Grade
from tickreel_desktop.data import Holdings, dataset_rows

_GRADES = (None, *Grade)


def varied_days(count: int, seed: int = 7) -> list[Day]:
    """Make days of *count* datasets with many equal cells."""
    chance = random.Random(seed)
    days: list[Day] = []
    for number in range(count):
        made = recorded_days(
            chance.choice(("binance", "bybit", "deribit")),
            f"S{number}",
            chance.choice(tuple(DataType)),
            first=date(2023, 12, chance.randint(25, 31)),
            states=chance.choice(("h", "p", "hh", "h.p", "hahhhhhhh", "x")),
            rows=chance.choice((0, 7, 7_000, 7_000_000)),
            size_bytes=chance.choice((10, 10_000)),
        )
        source = chance.choice((Source.TARDIS, Source.IMPORT))
        days += [
            replace(
                day,
                parts=tuple(replace(part, source=source) for part in day.parts),
                grade=chance.choice(_GRADES),
                issues=chance.choice((None, (), ("gap",), ("gap", "reset"))),
                pinned=chance.random() < 0.2,
                hits=chance.randint(0, 3),
                last_used_us=chance.choice((None, 1_700_000_000_000_000, 1_710_000_000_000_000)),
                expires_us=chance.choice((None, 1_900_000_000_000_000)),
            )
            for day in made
        ]
    return sorted(days, key=lambda day: (day.key.exchange, day.key.symbol, day.key.type.value, day.day))


def varied_holdings(count: int, seed: int = 7) -> Holdings:
    """Prepare them as a worker thread would."""
    return Holdings.of(dataset_rows(varied_days(count, seed)))
