"""One file stored in a process of its own: ``python -m tickreel.bench.storing HOME FILE WARM...``.

A process of its own, because the most memory that it ever held is one of the figures. It first
loads all kernels, and stores the files *WARM* in a home that it clears away again, so that loading
what is compiled is not taken for storing. It prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.bench.elsewhere import REFUSED, run_elsewhere
from tickreel.bench.memory import peak_memory_bytes
from tickreel.errors import TickreelError
from tickreel.program import child_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.progress import Monitor


@dataclass(frozen=True, slots=True)
class Stored:
    """What it took to store a file."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def store_elsewhere(home: Path, path: Path, warm: Sequence[Path], monitor: Monitor) -> Stored:
    """Store a file in *home* by another process, and say what that took.

    Raises:
        DataError: it was not stored; the message is the importer's.
        Cancelled: the monitor said so; the process is gone.
        RuntimeError: the other process has a bug; the message is its traceback.
    """
    words = child_command("tickreel.bench.storing", str(home), str(path), *map(str, warm))
    out = run_elsewhere(words, f"store {path}", monitor)
    return Stored(**json.loads(out))


def _store(home: Path, path: Path, warm: Sequence[Path]) -> Stored:
    from tickreel.kernels import load
    from tickreel.store import open_cache

    load("tickreel.book", "tickreel.store", "tickreel.vendorcsv")
    with tempfile.TemporaryDirectory(dir=home.parent) as folder, open_cache(folder) as cache:
        for each in warm:
            cache.import_file(each)
    with open_cache(home) as cache:
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        cache.import_file(path)
        seconds, cpu_seconds = time.perf_counter() - start_s, time.process_time() - start_cpu_s
    return Stored(seconds, cpu_seconds, peak_memory_bytes())


def main() -> int:
    """Store what the command line names."""
    home, path, *warm = map(Path, sys.argv[1:])
    try:
        stored = _store(home, path, warm)
    except (TickreelError, OSError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return REFUSED
    sys.stdout.write(
        json.dumps(
            {
                "seconds": stored.seconds,
                "cpu_seconds": stored.cpu_seconds,
                "peak_bytes": stored.peak_bytes,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
