"""Who Tickreel is measured against: what each needs, and its own environment under ``.bench``."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from setup_venv import ROOT, find_uv, run

HERE = Path(__file__).resolve().parent
BENCH = ROOT / ".bench"
_BIN = Path("Scripts", "python.exe") if sys.platform == "win32" else Path("bin", "python")
_ALL = ("ingest", "size", "scan", *(("scan1",) if hasattr(os, "sched_setaffinity") else ()), "range")
"""``scan1`` is ``scan`` held to one core, where the system can hold a process to one."""

PACKAGES = {
    "arcticdb": ("arcticdb", "pyarrow", "numpy"),
    "duckdb": ("duckdb", "numpy"),
    "polars": ("polars", "numpy"),
    "pyarrow": ("pyarrow", "numpy"),
}
"""What each environment holds, beside what that needs in turn."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One rival: a script that measures it, and where that runs."""

    name: str
    title: str
    environment: str | None
    """A name in :data:`PACKAGES`; None is Tickreel's own, for what needs nothing else."""
    measures: tuple[str, ...] = _ALL
    """In an order in which each finds what an earlier one left behind."""
    most_rows: int | None = None
    """Rows at most; more would take hours."""

    @property
    def script(self) -> Path:
        """The program that measures it."""
        return HERE / f"{self.name}_peer.py"

    def python(self) -> Path:
        """Give the Python that has its packages, setting its environment up when the lock has changed."""
        return Path(sys.executable) if self.environment is None else _python_of(self.environment)


def requirements_of(environment: str) -> Path:
    """Name the file that locks an environment."""
    return HERE / f"requirements-{environment}.txt"


def _python_of(environment: str) -> Path:
    folder = BENCH / "venvs" / environment
    python, stamp = folder / _BIN, folder / "bench.stamp"
    requirements = requirements_of(environment)
    wanted = f"{hashlib.sha256(requirements.read_bytes()).hexdigest()} {sys.version}"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        uv = find_uv()
        run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, folder)
        run(uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", requirements)
        stamp.write_text(wanted, encoding="utf-8")
    return python


# Tickreel goes first in each round. Parquet is read in three ways, since the best of them counts.
TICKREEL = Peer("tickreel", "Tickreel", None, (*_ALL, "keyframes", "book", "arrays", "moment"))
SQLITE_ROWS = 500_000
PEERS: tuple[Peer, ...] = (
    TICKREEL,
    Peer("pyarrow", "pyarrow, Parquet", "pyarrow"),
    Peer("polars", "polars, Parquet", "polars"),
    Peer("duckdb_parquet", "DuckDB, Parquet", "duckdb"),
    Peer("duckdb", "DuckDB, its table", "duckdb"),
    Peer("arcticdb", "ArcticDB", "arcticdb"),
    Peer("sqlite", "SQLite, a row a tick", None, most_rows=SQLITE_ROWS),
)
