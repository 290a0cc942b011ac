"""The fake as a process of its own.

``python -m support.faketardis FOLDER [--port N] [--log FILE] ...`` with the folder of the tests on
PYTHONPATH prints its URLs as one line of JSON, and serves until it is interrupted or terminated.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
from pathlib import Path
from threading import Event
from typing import Any

from support.faketardis.faults import CURABLE, Kind
from support.faketardis.server import FakeTardis


def main() -> None:
    """Serve until told to stop."""
    asked = _parser().parse_args()
    is_over = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: is_over.set())
    key = None if asked.no_key else asked.key
    with FakeTardis(asked.folder, key=key, log=asked.log, port=asked.port) as fake:
        fake.exported_until = asked.exported_until
        fake.bytes_per_s = asked.bytes_per_s
        fake.latency_s = asked.latency_s
        if asked.faulty:
            fake.faulty(asked.faulty, asked.kinds or CURABLE, asked.seed)
        told: dict[str, Any] = {"pid": os.getpid(), "elsewhere_url": fake.elsewhere_url}
        told |= {name: getattr(fake, name) for name in ("api_url", "datasets_url", "machine_url")}
        print(json.dumps(told), flush=True)  # noqa: T201 - this is its output
        is_over.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m support.faketardis", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="files in the vendor's layout")
    parser.add_argument("--port", type=int, default=0, help="the first of four; any free ones if not given")
    parser.add_argument("--key", default="secret", help="the key that opens what is not free")
    parser.add_argument("--no-key", action="store_true", help="let everybody in")
    parser.add_argument("--log", type=Path, help="append a line of JSON for each request to this file")
    parser.add_argument("--exported-until", help="where the published days end, as a date or a moment in UTC")
    parser.add_argument("--bytes-per-s", type=float, help="cap on all bodies together")
    parser.add_argument("--latency-s", type=float, default=0.0, help="wait before each answer")
    parser.add_argument("--faulty", type=float, default=0.0, help="share of requests for files that go wrong")
    parser.add_argument("--kinds", type=Kind, nargs="+", choices=list(Kind), help="in which ways")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of those requests")
    return parser


if __name__ == "__main__":
    main()
