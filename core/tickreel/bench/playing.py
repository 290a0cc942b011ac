"""How a window plays: stores what is to be played, and has the desktop play and measure it.

The core never sees the desktop, so the window is another process: ``python -m tickreel_desktop.bench``.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.bench.elsewhere import run_elsewhere
from tickreel.bench.figures import Figure, Machine, Report, UiMeasure, Unit
from tickreel.bench.generator import write_day
from tickreel.bench.running import DEFAULT_ROWS, TitledMonitor
from tickreel.errors import DataError, EnvironmentProblem
from tickreel.market.types import DataType
from tickreel.program import child_command
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.store import Cache

DEFAULT_SECONDS = 60.0
FEWEST_SECONDS, MOST_SECONDS = 1.0, 3600.0
_NEEDED = ("tickreel_desktop", "PySide6", "pyqtgraph", "qasync")
_PREFIX = "tickreel-bench-"


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """What a window is to play, and for how long."""

    rows: int = DEFAULT_ROWS
    """Rows of the generated day; 0 plays none."""
    files: tuple[Path, ...] = ()
    """Vendor files, which are stored together; each symbol of them that has an order book is played."""
    seconds: float = DEFAULT_SECONDS
    """How long each symbol is played, on a clock on the wall."""
    seed: int = 0


def play_bench(request: PlayRequest, monitor: Monitor = UNWATCHED) -> Report:
    """Have everything played, in a temporary folder in the system's place for such.

    Raises:
        EnvironmentProblem: the desktop is not installed.
        UsageError: the generated day is too small.
        TickreelError: a file cannot be stored or played.
        Cancelled: the monitor said so.
    """
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if absent:
        raise EnvironmentProblem(
            f"--ui needs {', '.join(absent)}: install it with pip install 'tickreel[desktop]'"
        )
    machine = Machine.here()
    figures: list[Figure] = []
    # A folder that is in use somewhere on Windows must not hide what went wrong.
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        root = Path(name)
        if request.rows:
            stage = TitledMonitor(monitor, "generate")
            day = write_day(root, request.rows, seed=request.seed, monitor=stage)
            files = (day.book.path, day.trades.path)
            figures += _play(root / "generated", files, request, monitor, "generated")
        if request.files:
            figures += _play(root / "files", request.files, request, monitor)
    return Report(machine, request.rows, request.seed, tuple(figures))


def _play(
    home: Path, files: Sequence[Path], request: PlayRequest, monitor: Monitor, data: str = ""
) -> list[Figure]:
    """Store files in a home of their own, and play each symbol; *data* names it instead of its own name."""
    with open_cache(home) as cache:
        for path in files:
            TitledMonitor(monitor, f"store {path.name}")
            cache.import_file(path)
        symbols = _with_book(cache)
    if not symbols:
        raise DataError(f"{', '.join(path.name for path in files)}: none is an order book that can be played")
    figures: list[Figure] = []
    for exchange, symbol in symbols:
        stage = TitledMonitor(monitor, f"play {symbol}")
        words = child_command("tickreel_desktop.bench", str(home), exchange, symbol, str(request.seconds))
        told = json.loads(run_elsewhere(words, f"play {symbol}", stage))
        figures += [_figure(one, data or symbol) for one in told]
    return figures


def _with_book(cache: Cache) -> list[tuple[str, str]]:
    keys = [dataset.key for dataset in cache.datasets()]
    book = DataType.INCREMENTAL_BOOK_L2
    return sorted((key.exchange, key.symbol) for key in keys if key.type is book and not key.is_grouped)


def _figure(told: dict[str, str | float], data: str) -> Figure:
    """Make a figure of what the window told of it."""
    return Figure(
        UiMeasure(str(told["measure"])),
        data,
        str(told["what"]),
        float(told["value"]),
        Unit(str(told["unit"])),
    )
