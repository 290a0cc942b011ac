"""A stand-in for the vendor's servers on real loopback sockets: metadata, daily CSV files, raw feed, machine.

It serves any folder in the vendor's layout, or bodies that are made when asked for, and it
misbehaves as told: see :class:`~support.faketardis.faults.Kind`. ::

    with FakeTardis(folder) as fake:
        fake.plan("binance/trades/*", [Kind.SHORT, Fault(Kind.RATE_LIMIT, retry_after_s=2)])
        ... fake.datasets_url ...
        assert fake.downloads["binance/trades/2024/07/18/BTCUSDT.csv.gz"] == 1
"""

from support.faketardis.bodies import EMPTY_DAY, FolderSource, MadeSource, Source
from support.faketardis.faults import CURABLE, HARMLESS, Fault, Kind
from support.faketardis.rawfeed import RawMessage
from support.faketardis.record import Origin, Request, read_log
from support.faketardis.server import FakeTardis

__all__ = [
    "CURABLE",
    "EMPTY_DAY",
    "HARMLESS",
    "FakeTardis",
    "Fault",
    "FolderSource",
    "Kind",
    "MadeSource",
    "Origin",
    "RawMessage",
    "Request",
    "Source",
    "read_log",
]
