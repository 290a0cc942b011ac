"""What the user can do with data and replays: each verb once, whoever asks for it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from tickreel.events import DatasetsChanged
from tickreel.market.time import US_PER_DAY, day_of, day_start_us
from tickreel.market.types import DataType
from tickreel.replay import BacktestLink, DataLink, ReplayLink, RunLink, parse_link, spell_plan
from tickreel.replay.moments import OpenReplay
from tickreel.replay.places import Place as FoundPlace
from tickreel.replay.places import PlaceFinder
from tickreel.sample import sample_link
from tickreel_desktop.actions import Place
from tickreel_desktop.children import make_sample
from tickreel_desktop.data import HoldingsReader
from tickreel_desktop.frame.status_bar import CacheFigures
from tickreel_desktop.jobs import import_message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
    from datetime import date
    from typing import Any

    from tickreel.events import Bus
    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache
    from tickreel.store.care.statistics import Statistics
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.data import DatasetRow, DataWorkspace, Holdings
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.imports import ImportController, ImportSummary
    from tickreel_desktop.replay.opening import ReplayOpener
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.setup_control import SetupControl
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.zone import DisplayZone

_READ_EVERY_S = 1.0
"""While days come one after the other the catalog is read no more often."""
_REST = 3.0
"""And between two reads lies this many times as long as a read took: others want the processor too."""
_FILES = "Vendor CSV (*.csv *.csv.gz *.csv.zst);;All files (*)"


class Operations(QObject):
    """The verbs of data and replay of one window."""

    refreshed = Signal(list)
    """The catalog was read: the rows of all datasets of which something is held."""
    summed = Signal(object)
    """The same moment in figures: the ``Statistics`` of the home."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        teller: Teller,
        zone: DisplayZone,
        data: DataWorkspace,
        replay: ReplayWorkspace,
        opener: ReplayOpener,
        setup: SetupControl,
        imports: ImportController,
        preview: Callable[[Iterable[Path]], None],
        cache: Cache,
        bus: Bus,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._teller = teller
        self._data = data
        self._replay = replay
        self._opener = opener
        self._setup = setup
        self._imports = imports
        self._preview = preview
        self._cache = cache
        self._tasks = tasks
        self._zone = zone
        self._reader = HoldingsReader(cache)
        self._shown: Holdings | None = None
        self._places = PlaceFinder(())
        self._reading = asyncio.Lock()
        self._asked = 0
        self._served = 0
        """How many of the refreshes that were asked for were served by the reads up to now."""
        self._is_following = False
        """Changes were told of, and are read as soon as it is time."""
        self._next_s = 0.0
        """When changes are read again at the earliest."""
        self._is_opening_sample = False
        self._open_run: Callable[[str], Awaitable[object]] | None = None
        self._spell_form: Callable[[], str | None] | None = None
        self._connect_actions()
        self._connect_workspaces()
        bus.subscribe(DatasetsChanged, lambda _event: self._follow())
        self.renew_possible()

    def _connect_actions(self) -> None:
        actions = self._actions
        actions.on("data.import", self.import_files)
        actions.on("data.sample", self.open_sample)
        actions.on("data.replay", self._set_up_selected)
        actions.on("data.refresh", lambda: self._start(self.refresh(), "refresh"))
        actions.on("data.filter", self._data.edit_filter)
        actions.on("replay.reopen", self._setup.reopen)
        actions.on("replay.link", self.copy_link)
        actions.on("edit.command", self.copy_command)
        actions.offer_command("edit.command", self.command)
        actions.offer_command("data.import", lambda: "tickreel import PATH...")
        actions.offer_command("data.sample", lambda: "tickreel sample")
        actions.offer_command("data.refresh", lambda: "tickreel datasets")
        actions.offer_command("data.replay", self._replay_command)
        actions.offer_command("replay.reopen", self._reopen_command)

    def _connect_workspaces(self) -> None:
        data, replay = self._data, self._replay
        data.import_requested.connect(self.import_files)
        data.sample_requested.connect(self.open_sample)
        data.replay_requested.connect(self.play_dataset)
        data.setup_requested.connect(self._set_up_selected)
        data.command_requested.connect(self.copy_command)
        data.detail.replay_requested.connect(self.replay_moment)
        data.selection_changed.connect(self.renew_possible)
        self._imports.finished.connect(self._on_imported)
        replay.sample_requested.connect(self.open_sample)
        replay.data_requested.connect(lambda: self._window.go_to("data"))
        replay.setup_requested.connect(self._set_up_again)
        replay.command_button.clicked.connect(lambda: self.copy_command())
        self._opener.opened.connect(self._on_opened)
        self._setup.saved.changed.connect(self.renew_possible)
        self._window.workspace_changed.connect(lambda _before, _now: self.renew_possible())

    def take_backtests(
        self, open_run: Callable[[str], Awaitable[object]], spell: Callable[[], str | None]
    ) -> None:
        """Let links to runs be followed by *open_run*; *spell* gives the command of what is in view."""
        self._open_run = open_run
        self._spell_form = spell

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        self._tasks.start(work, name)

    def renew_possible(self) -> None:
        """Say of each action whether it can be done now, and if not what is missing."""
        front, actions = self._window.front, self._actions
        actions.enable_place(Place.DATA, front == "data", "Go to Data first")
        has_selection = self._data.selected_key() is not None
        actions.enable("data.replay", has_selection, "Select a dataset first")
        actions.enable("replay.reopen", self._setup.saved.last is not None, "No replay was open yet")
        actions.enable("edit.command", self.command() is not None, "Nothing that is in view has a command")

    def _on_opened(self) -> None:
        if self._window.front != "replay":
            self._window.go_to("replay")
        self._renew_shown()

    def _renew_shown(self) -> None:
        """Renew what depends on which replay is shown."""
        if self._window.front == "replay":
            self._window.set_title(self._window.workspace("replay").title())
            self._replay.take_focus()
        self.renew_possible()

    async def refresh(self) -> None:
        """Read the catalog anew and show it; return when a read that began after this call is shown.

        There is one read at a time; all who ask while it is under way are served by the next one.
        """
        self._asked += 1
        mine = self._asked
        async with self._reading:
            if self._served >= mine:
                return
            asked = self._asked
            began_s = time.monotonic()
            held, places, sums = await asyncio.to_thread(self._read)
            ended_s = time.monotonic()
            self._next_s = max(began_s + _READ_EVERY_S, ended_s + _REST * (ended_s - began_s))
            self._served = asked
            self._places = places
            if held is not self._shown:
                self._shown = held
                self._data.show_rows(held)
            await asyncio.sleep(0)  # each of these takes a part of what a handler may
            self._window.status.tell_cache(_figures(sums))
            self.refreshed.emit([row for row in held.datasets.rows if row.is_here])
            await asyncio.sleep(0)
            self.summed.emit(sums)

    def _read(self) -> tuple[Holdings, PlaceFinder, Statistics]:
        """Read what is held; runs on a worker thread."""
        held = self._reader.read()
        places = self._places
        if held is not self._shown:
            rows = [row for row in held.datasets.rows if row.is_here]
            places = PlaceFinder(row for row in rows if row.key.type is DataType.INCREMENTAL_BOOK_L2)
        return held, places, self._cache.life.statistics()

    def list_elsewhere(self, rows: Sequence[DatasetRow]) -> None:
        """List datasets of which nothing is held as well."""
        self._reader.list_elsewhere(rows)
        self._follow()

    def _follow(self) -> None:
        """Read the catalog anew as soon as it is time: at once, or a while after the read before."""
        if not self._is_following:
            self._is_following = True
            self._start(self._follow_changes(), "refresh")

    async def _follow_changes(self) -> None:
        await asyncio.sleep(max(0.0, self._next_s - time.monotonic()))
        self._is_following = False
        await self.refresh()

    def import_files(self) -> None:
        """Ask for files, and import them once they were looked at."""
        dialog = QFileDialog(self._window, "Import vendor files", "", _FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self._preview([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open_sample(self) -> None:
        """Make the sample where it is not there yet, and play it."""
        self._start(self._open_sample(), "sample")

    async def _open_sample(self) -> None:
        """Close the replay that is open first: what is shown is what is open.

        A replay that was opened meanwhile stays; asked for once more, it is only brought into view.
        """
        if self._is_opening_sample:
            self._window.go_to("replay")
            return
        self._is_opening_sample = True
        try:
            await self._opener.close()
            self._replay.show_waiting(
                "Making the sample", "Two simulated markets, a few hours. Some seconds."
            )
            self._on_opened()
            await make_sample(self._cache.home)
            await self.refresh()
            if self._opener.player is None:
                await self._opener.open_link(sample_link())
        finally:
            self._is_opening_sample = False
            if self._opener.player is None:
                self._replay.clear()
                self._renew_shown()

    def _on_imported(self, summary: ImportSummary) -> None:
        # A method of this object, so that what ends after the window is gone is not told in it.
        self._teller.say(import_message(summary))

    def play_dataset(self, key: DatasetKey, day: date | None = None) -> None:
        """Play a UTC day of a dataset's symbol at once: the last whole one, unless one is named."""
        self._start(self._setup.play(key.exchange, key.symbol, day), "play a dataset")

    def _set_up_selected(self) -> None:
        pairs = dict.fromkeys((key.exchange, key.symbol) for key in self._data.selected_keys())
        if pairs:
            self._start(self._setup.set_up(*pairs), "set up a replay")
        else:
            self._window.go_to("data")

    def _set_up_again(self) -> None:
        self._start(self._setup.set_up_again(), "set up a replay")

    def replay_moment(self, key: DatasetKey, at_us: int) -> None:
        """Open a replay of the UTC day of an instant, and stand there."""
        start_us = day_start_us(day_of(at_us))
        link = ReplayLink(key.exchange, key.symbol, start_us, start_us + US_PER_DAY, at_us)
        self.follow_link(link.text())

    def show_dataset(self, row: DatasetRow) -> None:
        """Bring a dataset into view."""
        self._window.go_to("data")
        self._data.select(row.key)

    def find_places(self, text: str) -> list[FoundPlace]:
        """List the symbols and moments that a text may mean, the likeliest first."""
        player = self._opener.player
        shown = None
        if player is not None:
            request = player.request
            shown = OpenReplay(
                request.exchange, request.symbol, request.start_us, request.end_us, player.clock.reached_us
            )
        return self._places.find(text, self._zone.zone, shown)

    def go_to_place(self, place: FoundPlace) -> None:
        """Go to a moment: in the open replay where it lies in it, else in a replay of its symbol."""
        player = self._opener.player
        if place.is_open and player is not None and place.at_us is not None:
            self._window.go_to("replay")
            player.seek(place.at_us)
        else:
            self.follow_link(place.link.text())

    def go_on(self, text: str) -> None:
        """Open a replay of the session before by its link: with all of its set-up where that is known."""
        if not self._setup.resume(text):
            self.follow_link(text)

    def follow_link(self, text: str) -> None:
        """Go where a link leads; where it leads nowhere, that is told."""
        self._start(self.open_link(text), "follow a link")

    async def open_link(self, text: str) -> Player | None:
        """Go where a link leads; give the replay, with its first frame, if it leads to one.

        Raises:
            TickreelError: it leads nowhere, or what it names is not held.
        """
        link = parse_link(text)
        if isinstance(link, DataLink):
            self._window.go_to("data")
            return None
        if isinstance(link, BacktestLink):
            self._window.go_to("backtest")
            return None
        if isinstance(link, RunLink):
            assert self._open_run is not None
            await self._open_run(link.run_id)
            return None
        return await self._opener.open_link(link)

    def command(self) -> str | None:
        """Spell what is in view as a command line: the open replay, or the selected dataset."""
        match self._window.front:
            case "replay":
                return self._opener.command()
            case "data":
                return self._data.command()
            case "backtest":
                return None if self._spell_form is None else self._spell_form()
            case _:
                return None

    def _replay_command(self) -> str | None:
        return self._data.command() if self._data.selected_key() is not None else None

    def _reopen_command(self) -> str | None:
        plan = self._setup.saved.last_plan
        return None if plan is None else spell_plan(plan)

    def copy_command(self) -> None:
        """Put what is in view on the clipboard as a command line."""
        self._teller.copied("Command copied", self.command())

    def copy_link(self) -> None:
        """Put a link to this moment of the replay on the clipboard."""
        link = self._opener.link()
        self._teller.copied("Link copied", None if link is None else link.text())


def _figures(sums: Statistics) -> CacheFigures:
    return CacheFigures(
        bytes=sums.used_bytes,
        rows=sums.rows,
        days=sums.days,
        quota_bytes=sums.quota_bytes,
        disk_free_bytes=sums.disk_free_bytes,
    )
