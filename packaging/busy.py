"""The window with 100,000 days in its table while it fetches and imports: how long its user waits, and where.

Five downloads run from the stand-in for the vendor that the tests use, throttled so that they last, and a
file is imported, while a script scrolls, sorts, filters, selects, opens details and the fetch dialog, and
changes workspaces. Of each act is told the longest answer of the event loop: wall time, the part of it that
the window's own thread computed, and the innermost call of Tickreel halfway. The limit is 50 ms computing.
Nothing fails by it: figures depend on what else the machine does, whose load is told as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from big_home import LAST, make_home, trades_text, write_vendor
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from qasync import QEventLoop
from watched import Watched

from tickreel import logs
from tickreel.market.types import DatasetKey, DataType
from tickreel.settings import Settings
from tickreel.store import open_cache
from tickreel_desktop.desk import Desk
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Iterator

_TESTS = Path(__file__).resolve().parents[1] / "tests"
_SIZE_PX = (1920, 1080)
_SYMBOLS = 5
_FETCHED_DAYS = 60
_FETCHED_ROWS = 4_000
_IMPORTED_ROWS = 1_500_000
_BYTES_PER_S = 120_000
_PAUSE_S = 0.02


class Acts(Watched):
    """What a hand would do, each act watched."""

    def __init__(self, desk: Desk, keys: tuple[DatasetKey, ...], file: Path) -> None:
        super().__init__()
        self._desk = desk
        self._keys = keys
        self._file = file
        self.reads = 0
        desk.operations.refreshed.connect(self._count)

    def _count(self) -> None:
        self.reads += 1

    async def begin_work(self) -> None:
        """Let the days be fetched and the file be imported."""
        fetching = self._desk.data_control.fetching
        first, last = LAST - timedelta(days=_FETCHED_DAYS), LAST - timedelta(days=1)
        symbols = tuple(key.symbol for key in self._keys)
        fetching.open(FetchWish(self._keys[0].exchange, symbols, (DataType.TRADES,), first, last))
        await self.until(lambda: fetching.dialog is not None)
        dialog = fetching.dialog
        assert dialog is not None
        await self.until(dialog.fetch_button.isEnabled)
        dialog.fetch_button.click()
        await self.until(lambda: fetching.dialog is None)
        self._desk.imports.import_paths([self._file])

    async def list_days(self) -> None:
        """Bring all days to the front."""
        self._click("Days")

    async def list_datasets(self) -> None:
        """Bring the datasets back."""
        self._click("Datasets")

    def _click(self, text: str) -> None:
        (found,) = (each for each in self._desk.data.findChildren(QToolButton) if each.text() == text)
        QTest.mouseClick(found, Qt.MouseButton.LeftButton)

    async def scroll(self) -> None:
        """Go through the table from end to end."""
        bar = self._desk.data.table.verticalScrollBar()
        for place in range(60):
            bar.setValue(place * bar.maximum() // 60 + 7)
            await asyncio.sleep(_PAUSE_S)
        bar.setValue(0)

    async def sort(self) -> None:
        """Click the heads of columns, twice each."""
        header = self._desk.data.table.horizontalHeader()
        for column in (4, 5, 6, 7):
            for _ in range(2):
                x = header.sectionViewportPosition(column) + 12
                QTest.mouseClick(
                    header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, header.height() // 2)
                )
                await asyncio.sleep(_PAUSE_S)

    async def filter(self) -> None:
        """Type words, letter by letter, and empty the field again."""
        data = self._desk.data
        data.edit_filter()
        for word in ("sym007 trades bad", "2024-03", "year:2023 health:problem"):
            for letter in word:
                QTest.keyClicks(data.filter, letter)
                await asyncio.sleep(_PAUSE_S)
            QTest.keyClick(data.filter, Qt.Key.Key_Escape)
            await asyncio.sleep(_PAUSE_S)
        data.take_focus()

    async def select(self) -> None:
        """Go down by keys, choose a stretch, then all."""
        table = self._desk.data.table
        table.setFocus()
        for _ in range(30):
            QTest.keyClick(table, Qt.Key.Key_Down)
            await asyncio.sleep(_PAUSE_S)
        for _ in range(10):
            QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
            await asyncio.sleep(_PAUSE_S)
        QTest.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        await asyncio.sleep(0.2)
        QTest.keyClick(table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)

    async def detail(self) -> None:
        """Open datasets and the tabs of their detail."""
        table, detail = self._desk.data.table, self._desk.data.detail
        for row in (3, 9, 40):
            table.selectRow(row)
            await asyncio.sleep(0.5)
            for tab in range(detail.tabs.count()):
                detail.tabs.setCurrentIndex(tab)
                await asyncio.sleep(0.15)
            detail.tabs.setCurrentIndex(0)

    async def fetch_dialog(self) -> None:
        """Open the fetch dialog, let it plan, and close it."""
        fetching = self._desk.data_control.fetching
        fetching.open(FetchWish.of_days(self._keys[0], LAST - timedelta(days=30), LAST))
        await self.until(lambda: fetching.dialog is not None)
        await asyncio.sleep(1.0)
        assert fetching.dialog is not None
        fetching.dialog.reject()

    async def workspaces(self) -> None:
        """Change workspaces."""
        for name in ("replay", "data", "replay", "data"):
            self._desk.window.go_to(name)
            await asyncio.sleep(0.2)

    async def rest(self) -> None:
        """Do nothing while work goes on."""
        await asyncio.sleep(4.0)


_ORDER = ("rest", "scroll", "sort", "filter", "select", "detail", "fetch_dialog", "workspaces")


async def _measure(home: Path, theme: Theme, keys: tuple[DatasetKey, ...], file: Path) -> _Outcome:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
    with open_cache(home) as cache:
        ring = logs.configure(home, "info")
        desk = Desk(cache, theme, DisplayZone(), Settings(), ring, leaves_marks=False)
        try:
            began_s = time.perf_counter()
            await desk.begin(_SIZE_PX)
            shown_s = time.perf_counter() - began_s
            await desk.engine.prepare()
            desk.window.go_to("data")
            acts = Acts(desk, keys, file)
            await acts.do("begin to fetch and import", acts.begin_work)
            acts.reads, began_s = 0, time.perf_counter()
            for where in ("days", "datasets"):
                await acts.do(f"{where}: bring to the front", getattr(acts, f"list_{where}"))
                for name in _ORDER:
                    if where == "datasets" or name not in ("workspaces", "fetch_dialog"):
                        await acts.do(f"{where}: {name.replace('_', ' ')}", getattr(acts, name))
            took_s = time.perf_counter() - began_s
            held = (asyncio.to_thread(cache.days, key.exchange, key.symbol, key.type) for key in keys)
            come = sum(map(len, await asyncio.gather(*held)))
            return _Outcome(acts, shown_s, took_s, come)
        finally:
            await desk.close()
            logs.release()


class _Outcome:
    """What was found."""

    def __init__(self, acts: Acts, shown_s: float, took_s: float, come: int) -> None:
        self.acts, self.reads = acts, acts.reads
        self.shown_s, self.took_s, self.come = shown_s, took_s, come

    def tell(self) -> None:
        """Print the table."""
        self.acts.tell()
        print(f"the window showed all days {self.shown_s:.1f} s after its start")
        print(
            f"in {self.took_s:.0f} s the catalog was read {self.reads} times, and {self.come} days had come"
        )


@contextmanager
def _vendor(folder: Path) -> Iterator[None]:
    """Let the stand-in serve from a process of its own, and everything here ask it."""
    words = [sys.executable, "-m", "support.faketardis", str(folder), "--bytes-per-s", str(_BYTES_PER_S)]
    environ = {**os.environ, "PYTHONPATH": str(_TESTS)}
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True) as fake:
        try:
            assert fake.stdout is not None
            told = json.loads(fake.stdout.readline())
            os.environ["TICKREEL_TARDIS_API_URL"] = told["api_url"]
            os.environ["TICKREEL_TARDIS_DATASETS_URL"] = told["datasets_url"]
            os.environ["TARDIS_API_KEY"] = "secret"
            yield
        finally:
            fake.terminate()


def main() -> None:
    """Measure once and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=100_000)
    count = parser.parse_args().days
    with tempfile.TemporaryDirectory(prefix="tickreel-busy-") as folder:
        root = Path(folder)
        make_home(root / "home", count, root)
        keys = write_vendor(root / "vendor", _SYMBOLS, _FETCHED_DAYS, _FETCHED_ROWS)
        file = root / "imported.csv"
        file.write_bytes(
            trades_text(DatasetKey("binance", "FILEUSDT", DataType.TRADES), LAST, _IMPORTED_ROWS)
        )
        app = QApplication([])
        app.setQuitOnLastWindowClosed(False)
        theme = Theme(ThemeMode.DARK)
        theme.apply(app)
        with (
            _vendor(root / "vendor"),
            asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner,
        ):
            outcome = runner.run(_measure(root / "home", theme, keys, file))
    outcome.tell()


if __name__ == "__main__":
    main()
