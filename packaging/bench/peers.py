"""Who Tickreel is measured against: what each needs, and its own environment under ``.bench``."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from setup_venv import ROOT, find_uv, run

HERE = Path(__file__).resolve().parent
BENCH = ROOT / ".bench"
_BIN = Path("Scripts", "python.exe") if sys.platform == "win32" else Path("bin", "python")

IS_HELD_TO_CORES = hasattr(os, "sched_setaffinity")
"""Whether the system can hold a process to one core, as measures whose names end in 1 are."""


def _with_one_core(*measures: str) -> tuple[str, ...]:
    """Put behind each measure the same on one core, where that can be had."""
    return tuple(name for each in measures for name in ((each, f"{each}1") if IS_HELD_TO_CORES else (each,)))


_TICKREEL = (
    "keyframes",
    *_with_one_core("book", "bbo", "tops", "heatmap"),
    "frames",
    *("quotes", "quotes_python", "told"),
    *("arrays", "moment", "replay", "seek", "message_back", "second_back"),
    *(("shared",) if shutil.which("redis-server") else ()),
)
"""What is measured of nobody else."""
SCANS = _with_one_core("scan")
_STORE = ("ingest", "size", *SCANS, "range")
BOOK = "book1" if IS_HELD_TO_CORES else "book"
"""How the books of others are measured: on the one thread that they have, from rows that lie ready."""

QUOTES = "quotes"
"""A backtest of a strategy that quotes both sides, compiled by Numba."""

TOLD = "told"
"""A backtest of a strategy in Python that is told of every message and does nothing."""

PACKAGES = {
    "arcticdb": ("arcticdb", "pyarrow", "numpy"),
    "duckdb": ("duckdb", "numpy"),
    "hftbacktest": ("hftbacktest", "numpy"),
    "nautilus": ("nautilus-trader", "numpy"),
    "polars": ("polars", "numpy"),
    "pyarrow": ("pyarrow", "numpy"),
    "sorteddict": ("sortedcontainers",),
    "tardis": ("tardis-dev", "tardis-client"),
}
"""What each environment holds, first the rival itself, beside what that needs in turn."""
_NEWER_PYTHONS = {"nautilus": ("python3.12", "python3.13", "python3.14")}
"""Pythons that the newest release needs. Without any of them the last release for this one is measured."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One rival: a script that measures it, and where that runs."""

    name: str
    title: str
    environment: str | None
    """A name in :data:`PACKAGES`; None is Tickreel's own, for what needs nothing else."""
    measures: tuple[str, ...] = _STORE
    """In an order in which each finds what an earlier one left behind."""
    most_rows: int | None = None
    """Rows at most; more would take hours, or minutes a round."""

    @property
    def script(self) -> Path:
        """The program that measures it."""
        return HERE / f"{self.name}_peer.py"

    @property
    def is_store(self) -> bool:
        """Whether it stores what it reads; else it is a book, and only that."""
        return "ingest" in self.measures

    def python(self) -> Path:
        """Give the Python that has its packages, setting its environment up when the lock has changed."""
        return Path(sys.executable) if self.environment is None else _python_of(self.environment)

    def version(self) -> str:
        """Tell which release is measured; nothing for what has none or comes with this Python."""
        if self.environment is None:
            return ""
        ask = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
        words = (self.python(), "-c", ask, PACKAGES[self.environment][0])
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def requirements_of(environment: str) -> Path:
    """Name the file that locks an environment."""
    return HERE / f"requirements-{environment}.txt"


def _python_of(environment: str) -> Path:
    folder = BENCH / "venvs" / environment
    python, stamp = folder / _BIN, folder / "bench.stamp"
    requirements = requirements_of(environment)
    base, version = _base_of(environment)
    wanted = f"{hashlib.sha256(requirements.read_bytes()).hexdigest()} {version}"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        uv = find_uv()
        run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", base, folder)
        run(uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", requirements)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def _base_of(environment: str) -> tuple[str, str]:
    """Choose the Python that an environment is made from, and give its version."""
    # The names that pyenv puts on the path lead nowhere unless that version is chosen; these do.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders = [*map(str, sorted(pyenv.glob("versions/*/bin"))), os.environ.get("PATH", os.defpath)]
    for name in _NEWER_PYTHONS.get(environment, ()):
        if found := shutil.which(name, path=os.pathsep.join(folders)):
            words = (found, "-c", "import sys; print(sys.version, end='')")
            told = subprocess.run(words, capture_output=True, text=True, check=False)
            if told.returncode == 0:
                return found, told.stdout
    return sys.executable, sys.version


# Tickreel goes first in each round. Parquet is read in three ways, since the best of them counts.
TICKREEL = Peer("tickreel", "Tickreel", None, (*_STORE, *_TICKREEL))
SQLITE_ROWS, BOOK_ROWS, ARTICLE_ROWS = 500_000, 2_000_000, 500_000
PEERS: tuple[Peer, ...] = (
    TICKREEL,
    Peer("pyarrow", "pyarrow, Parquet", "pyarrow"),
    Peer("polars", "polars, Parquet", "polars"),
    Peer("duckdb_parquet", "DuckDB, Parquet", "duckdb"),
    Peer("duckdb", "DuckDB, its table", "duckdb"),
    Peer("arcticdb", "ArcticDB", "arcticdb"),
    Peer("sqlite", "SQLite, a row a tick", None, most_rows=SQLITE_ROWS),
    Peer("hftbacktest", "hftbacktest", "hftbacktest", ("prepare", BOOK, QUOTES)),
    Peer("nautilus", "nautilus_trader", "nautilus", (BOOK, TOLD), most_rows=BOOK_ROWS),
    Peer("sorteddict", "Python with SortedDict", "sorteddict", (BOOK,), most_rows=BOOK_ROWS),
    Peer("article", "the article's dictionaries", None, (BOOK,), most_rows=ARTICLE_ROWS),
)
