"""ArcticDB on LMDB: a frame with a time index. Its ingest reads the vendor file with pyarrow."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import arcticdb
import pandas as pd
import pyarrow.compute as pc
import pyarrow.csv
from contest import COLUMNS, Contest

if TYPE_CHECKING:
    from arcticdb.version_store.library import Library

contest = Contest()
folder = contest.folder / "arctic"


@cache
def _library() -> Library:
    store = arcticdb.Arctic(f"lmdb://{folder}?map_size=16GB")
    return store.get_library("days", create_if_missing=True)


def _ingest() -> None:
    contest.fresh(folder.name)
    options = pyarrow.csv.ConvertOptions(include_columns=list(COLUMNS))
    table = pyarrow.csv.read_csv(contest.csv, convert_options=options)
    bids = pc.equal(table.column("side"), "bid").to_numpy()
    columns = {
        name: bids if name == "side" else table.column(name).to_numpy()
        for name in COLUMNS
        if name != "local_timestamp"
    }
    times = pd.DatetimeIndex(
        table.column("local_timestamp").to_numpy().astype("datetime64[us]").astype("M8[ns]")
    )
    _library().write("day", pd.DataFrame(columns, index=times))


def _arrays(frame: pd.DataFrame) -> int:
    frame.index.to_numpy()
    for name in frame.columns:
        frame[name].to_numpy()
    return len(frame)


def _minute(start_us: int, end_us: int) -> int:
    # Both ends belong to its ranges.
    span = (pd.Timestamp(start_us, unit="us"), pd.Timestamp(end_us - 1, unit="us"))
    return _arrays(_library().read("day", date_range=span).data)


def _size_bytes() -> int:
    # Blocks, since the file has the size of its map from the start.
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


contest.run(_ingest, _size_bytes, lambda: _arrays(_library().read("day").data), _minute)
