"""What is measured: a vendor file, the cuts of it that slow peers get, and what is known of each."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from contest import MINUTE_US

from tickreel.bench.subject import subject_of
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MINUTES = 200


@dataclass(frozen=True, slots=True)
class Material:
    """A vendor file, and the minutes of it that are read."""

    name: str
    csv: Path
    rows: int
    starts: Path
    touch: tuple[float, float]
    """Best bid and best ask after its last row, by Tickreel's own book; NaN where there is none."""


def materials_of(
    title: str, csv: Path, folder: Path, limits: Iterable[int | None]
) -> dict[int | None, Material]:
    """Give so many first rows for each of the *limits*; the whole for None and where it has no more."""
    whole = _material(title, csv, folder / "whole")
    found: dict[int | None, Material] = {None: whole}
    for limit in limits:
        if limit is None or limit in found:
            continue
        found[limit] = whole
        if whole.rows > limit:
            path = folder / f"first{limit}.csv.gz"
            with gzip.open(csv, "rb") as source, gzip.open(path, "wb", compresslevel=1) as target:
                # The header, and the rows.
                target.writelines(islice(source, limit + 1))
            found[limit] = _material(f"{title}, its first {limit} rows", path, folder / f"first{limit}")
    return found


def _material(name: str, csv: Path, folder: Path) -> Material:
    """Find out by storing it how many rows a file has, when, and with which book they end."""
    folder.mkdir()
    with open_cache(folder / "home") as cache:
        cache.import_file(csv)
        subject = subject_of(cache)
        book = cache.book(subject.key.exchange, subject.key.symbol, subject.last_us)
    shutil.rmtree(folder / "home")
    last_us = max(subject.first_us, subject.last_us - MINUTE_US)
    chance = random.Random(7)
    starts = folder / "starts.json"
    drawn = [chance.randint(subject.first_us, last_us) for _ in range(_MINUTES)]
    starts.write_text(json.dumps(drawn), encoding="utf-8")
    bid, ask = (float(side[0, 0]) if len(side) else float("nan") for side in (book.bids, book.asks))
    return Material(name, csv, subject.all_rows, starts, (bid, ask))
