"""nautilus_trader's TardisMachineClient cannot tell the server from tardis-machine.

Run by ``pytest -m peers tests/core/server``; the first time that sets up its environment below ``.bench``,
from the package index.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import served
from support.served import running_server, store_messages

from tickreel import open_cache
from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.served import RunningServer

pytestmark = pytest.mark.peers

_ROOT = Path(__file__).resolve().parents[3]
_CLIENT = Path(served.__file__).with_name("nautilus_client.py")
DAY = {"exchange": "bitmex", "symbols": ["XBTUSD"], "from": "2024-03-01", "to": "2024-03-02"}
COUNT = 500


def messages() -> Iterator[dict[str, Any]]:
    common = {"symbol": "XBTUSD", "exchange": "bitmex"}
    for step in range(COUNT):
        stamp = f"2024-03-01T00:{step // 60:02}:{step % 60:02}.000000Z"
        times = {"timestamp": stamp, "localTimestamp": stamp}
        bids, asks = [{"price": 100, "amount": step + 1}], [{"price": 101, "amount": 5}]
        yield common | {"type": "book_change", "isSnapshot": step == 0, "bids": bids, "asks": asks} | times
        yield common | {"type": "trade", "id": str(step), "price": 100, "amount": 1, "side": "buy"} | times


@pytest.fixture(scope="module")
def python() -> Path:
    """Set up the environment of the client if need be; give its Python."""
    ask = "from peers import Peer; print(Peer('nautilus', 'nautilus_trader', 'nautilus').python())"
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "packaging" / "bench")}
    told = subprocess.run(
        [sys.executable, "-c", ask], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(told.stdout.strip())


@pytest.fixture
def running(home: Path) -> Iterator[RunningServer]:
    with open_cache(home) as cache:
        store_messages(cache, "bitmex", [DataType.TRADES, DataType.INCREMENTAL_BOOK_L2], messages())
        with running_server(cache) as server:
            yield server


@pytest.mark.parametrize(
    ("types", "count"),
    [
        (["trade"], COUNT),
        (["book_change"], COUNT),
        (["quote"], COUNT),
        (["book_snapshot_5_0ms", "trade"], 2 * COUNT),
        (["trade_bar_1m"], COUNT // 60),
    ],
)
def test_its_client_makes_an_object_of_every_message(
    running: RunningServer, python: Path, types: list[str], count: int
) -> None:
    address = f"ws://127.0.0.1:{running.server.socket_port}"
    options = json.dumps([DAY | {"dataTypes": types, "withDisconnectMessages": True}])
    told = subprocess.run(
        [python, _CLIENT, address, options, "XBTUSD"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    assert int(told.stdout) == count
