"""What the user can do before a replay is on screen: set it up, keep the set-up, open one that was kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.errors import TickreelError, UsageError
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.replay import ReplayLink, ReplayPlan, parse_link
from tickreel_desktop.components import open_over
from tickreel_desktop.replay.collecting import bands_by_day, held_symbol, some_bands, symbols_with_book
from tickreel_desktop.replay.missing import shared_places
from tickreel_desktop.replay.offer import ReplayOffer, last_day_us
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.saved import SavedPlan
from tickreel_desktop.replay.saved_control import SavedReplays
from tickreel_desktop.replay.setup_dialog import ReplaySetupDialog
from tickreel_desktop.replay.setup_parts import SetupParts

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from datetime import date
    from typing import Any

    from PySide6.QtWidgets import QWidget

    from tickreel.store import Cache
    from tickreel_desktop.replay.missing import Places
    from tickreel_desktop.replay.offer import HeldSymbol
    from tickreel_desktop.replay.opening import ReplayOpener
    from tickreel_desktop.replay.panel_choice import PanelChoice
    from tickreel_desktop.replay.panels import ReplayPanels
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone

    Pairs = Sequence[tuple[str, str]]


MOST_SYMBOLS = 20
"""More than a screen can show."""


class SetupControl(QObject):
    """The set-up form and the kept set-ups of one window."""

    fetch_wanted = Signal(list)
    """Days (:class:`DayRange`) that a replay needs and that are not held."""

    def __init__(
        self,
        *,
        theme: Theme,
        zone: DisplayZone,
        window: QWidget,
        cache: Cache,
        opener: ReplayOpener,
        panels: ReplayPanels,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
        keeps: bool = True,
    ) -> None:
        """Look after the file of the home; without *keeps* it is read only."""
        super().__init__(window)
        self._theme = theme
        self._zone = zone
        self._window = window
        self._cache = cache
        self._opener = opener
        self._panels = panels
        self._tasks = tasks
        self._teller = teller
        self._undo = undo
        self.saved = SavedReplays(cache.home, tasks, undo, self._say, self, keeps=keeps)
        """The kept set-ups, and what was open last."""
        self._draft: SavedPlan | None = None
        """What was filled in when days of it were asked for."""
        self.dialog: ReplaySetupDialog | None = None
        """The set-up form that is open, or None."""
        opener.opened.connect(self._on_opened)
        opener.closing.connect(self._note)
        self.saved.changed.connect(self._show_saved)
        undo.changed.connect(self._show_saved)

    async def begin(self) -> str:
        """Read what is kept; give what was wrong with the file, if anything."""
        return await self.saved.begin()

    async def close(self) -> None:
        """Close the form, and write where the replay that is open stands."""
        if self.dialog is not None:
            self.dialog.reject()
        self._on_opened()
        await self.saved.close()

    async def set_up(self, *pairs: tuple[str, str]) -> None:
        """Ask what to play of some exchanges and symbols.

        It begins with the replay that is open, if it is of them.

        Raises:
            NotHeldError: no order book is held of the first of them.
            UsageError: they are too many for one replay.
        """
        if len(pairs) > MOST_SYMBOLS:
            raise UsageError(
                f"{len(pairs)} symbols are too many for one replay: select {MOST_SYMBOLS} or fewer"
            )
        await self._ask(pairs, *self._before(pairs))

    async def set_up_again(self) -> None:
        """Ask what to play of the symbols of the replay that is open."""
        player = self._opener.player
        if player is not None:
            await self.set_up(*player.request.plan.symbols)

    async def play(self, exchange: str, symbol: str, day: date | None = None) -> None:
        """Play a UTC day of a symbol at once: the last whole one, unless one is named.

        Where rows of it are missing, it asks what to play.

        Raises:
            TickreelError: it cannot be played.
            asyncio.CancelledError: another replay was asked for before it came up.
        """
        if day is not None and await asyncio.to_thread(self._is_elsewhere, exchange, symbol, day):
            start_us = day_start_us(day)
            plan = ReplayPlan(
                ((exchange, symbol),), start_us, start_us + US_PER_DAY, speed=self._opener.usual_speed
            )
            await self._opener.open(ReplayRequest(plan, start_us))
            return
        held = await asyncio.to_thread(self._held_with_book, exchange, symbol)
        start_us, end_us = last_day_us([held])
        if day is not None:
            start_us, end_us = day_start_us(day), day_start_us(day) + US_PER_DAY
        plan = ReplayPlan((held.pair,), start_us, end_us, speed=self._opener.usual_speed)
        if held.missing(start_us, end_us, None):
            await self._ask(plan.symbols, plan, self._panels.choice())
        else:
            await self._opener.open(ReplayRequest(plan, start_us))

    def open_saved(self, name: str) -> None:
        """Play a kept set-up."""
        setup = self.saved.setup(name)
        if setup is not None:
            self._start(self._open(setup.plan, setup.plan.start_us, setup.choice), "open a replay")

    def reopen(self) -> None:
        """Open the replay that was open last, where it stood."""
        last = self.saved.last
        if last is not None:
            plan = last.plan
            self._start(self._open(plan, plan.start_us if last.at_us is None else last.at_us), "reopen")

    def resume(self, text: str) -> bool:
        """Open what a link names as it was when it was open last; False when that was another replay."""
        link, plan = parse_link(text), self.saved.last_plan
        if not isinstance(link, ReplayLink) or plan is None:
            return False
        if (link.symbols, link.start_us, link.end_us) != (plan.symbols, plan.start_us, plan.end_us):
            return False
        at_us = plan.start_us if link.at_us is None else link.at_us
        again = plan if link.speed is None else plan.with_speed(link.speed)
        self._start(self._open(again, at_us), "go on with a replay")
        return True

    def _before(self, pairs: Pairs) -> tuple[ReplayPlan | None, PanelChoice]:
        """Give what was last asked for of some symbols: when days were fetched, or what is open."""
        draft, self._draft = self._draft, None
        player, shown = self._opener.player, self._panels.choice()
        asked: list[tuple[ReplayPlan, PanelChoice]] = []
        if draft is not None:
            asked.append((draft.plan, shown if draft.choice is None else draft.choice))
        if player is not None:
            asked.append((player.request.plan.with_speed(player.clock.speed), shown))
        of_them = (each for each in asked if each[0].symbols[: len(pairs)] == tuple(pairs))
        return next(of_them, (None, shown))

    async def _ask(self, pairs: Pairs, plan: ReplayPlan | None, panels: PanelChoice) -> None:
        offer, known = await asyncio.to_thread(self._collect, pairs, plan, panels)
        parts = await SetupParts.made(self._theme, self._zone)
        await asyncio.sleep(0)  # to make it takes as long as the window may be held, in pieces
        if self.dialog is not None:
            self.dialog.reject()
        dialog = ReplaySetupDialog(self._theme, parts, offer, known, self._window)
        self.dialog = dialog
        dialog.chosen.connect(self._on_chosen)
        dialog.symbol_wanted.connect(self._on_symbol_wanted)
        dialog.fetch_wanted.connect(self._on_fetch_wanted)
        dialog.places_wanted.connect(self._find_places)
        dialog.save_wanted.connect(self.saved.save)
        dialog.saved.chosen.connect(self._on_saved_chosen)
        dialog.saved.renamed.connect(self.saved.rename)
        dialog.saved.deleted.connect(self.saved.delete)
        dialog.saved.undo_wanted.connect(self._undo.undo)
        dialog.finished.connect(lambda _result: self._forget_dialog(dialog))
        self._show_saved()
        await asyncio.sleep(0)
        if self.dialog is not dialog:  # it was asked for once more, and this one is gone
            return
        open_over(self._window, dialog)
        self._find_places(dialog.asked_places)
        self._look_at(dialog, offer.symbols)

    def _collect(
        self, pairs: Pairs, plan: ReplayPlan | None, panels: PanelChoice
    ) -> tuple[ReplayOffer, list[tuple[str, str]]]:
        """Collect what the form needs to know; runs on a worker thread."""
        first = self._held_with_book(*pairs[0])
        others = plan.symbols[1:] if plan is not None else pairs[1:]
        held = (first, *(held_symbol(self._cache, *pair) for pair in others))
        return ReplayOffer(held, self._opener.usual_speed, plan, panels), symbols_with_book(self._cache)

    def _is_elsewhere(self, exchange: str, symbol: str, day: date) -> bool:
        """Tell whether nothing of a book is here and its day is there, from where a replay brings it."""
        book = DatasetKey(exchange, symbol, DataType.INCREMENTAL_BOOK_L2)
        if self._cache.farther is None or self._cache.library.held_types(exchange, symbol, (book.type,)):
            return False
        return bool(self._cache.farther.promised({book: [day]}))

    def _held_with_book(self, exchange: str, symbol: str) -> HeldSymbol:
        self._cache.book_selection(exchange, symbol)
        return held_symbol(self._cache, exchange, symbol)

    def _look_at(self, dialog: ReplaySetupDialog, symbols: Sequence[HeldSymbol]) -> None:
        for held in symbols:
            self._start(self._find_bands(dialog, held), "look at health")

    async def _find_bands(self, dialog: ReplaySetupDialog, held: HeldSymbol) -> None:
        """Bring what is known of the health of a symbol, in pieces, as long as the form is open."""
        found = bands_by_day(self._cache, held)
        while self.dialog is dialog:
            bands = await asyncio.to_thread(some_bands, found)
            if bands is None:
                return
            if self.dialog is dialog:
                dialog.add_bands(*held.pair, bands)

    def _find_places(self, places: Places) -> None:
        """Find out which of some days lie in the shared cache, where there is one."""
        if places and self.dialog is not None and self._cache.farther is not None:
            self._start(self._add_places(self.dialog, places), "look for days in the shared cache")

    async def _add_places(self, dialog: ReplaySetupDialog, places: Places) -> None:
        found = await asyncio.to_thread(shared_places, self._cache, places)
        if self.dialog is dialog:
            dialog.add_shared(found)

    def _on_symbol_wanted(self, exchange: str, symbol: str) -> None:
        self._start(self._add_symbol(self.dialog, exchange, symbol), "add a symbol")

    async def _add_symbol(self, dialog: ReplaySetupDialog | None, exchange: str, symbol: str) -> None:
        try:
            held = await asyncio.to_thread(held_symbol, self._cache, exchange, symbol)
        except TickreelError as error:
            self._say(error)
            return
        if dialog is not None and self.dialog is dialog:
            dialog.add_symbol(held)
            self._look_at(dialog, [held])

    def _on_fetch_wanted(self, ranges: list[object]) -> None:
        """Leave the form for fetching; the next one begins with what was filled in."""
        dialog = self.dialog
        if dialog is not None:
            self._draft = SavedPlan.of(dialog.plan(), panels=dialog.panels.choice())
            dialog.reject()
        self.fetch_wanted.emit(ranges)

    def _on_saved_chosen(self, name: str) -> None:
        setup = self.saved.setup(name)
        if setup is not None:
            self._start(self._fill(self.dialog, setup), "fill in a set-up")

    async def _fill(self, dialog: ReplaySetupDialog | None, setup: SavedPlan) -> None:
        plan = setup.plan
        try:
            held = await asyncio.to_thread(lambda: [held_symbol(self._cache, *pair) for pair in plan.symbols])
        except TickreelError as error:
            self._say(error)
            return
        if dialog is not None and self.dialog is dialog:
            dialog.take(ReplayOffer(tuple(held), self._opener.usual_speed, plan, setup.choice))
            self._look_at(dialog, held)

    def _on_chosen(self, plan: ReplayPlan, panels: PanelChoice) -> None:
        self._start(self._open(plan, plan.start_us, panels), "open a replay")

    async def _open(self, plan: ReplayPlan, at_us: int, panels: PanelChoice | None = None) -> None:
        await self._opener.open(ReplayRequest(plan, at_us))
        if panels is not None:  # now that the layout of the workspace has been given, which knows of them too
            self._panels.choose(panels)

    def _say(self, error: TickreelError) -> None:
        """Say what went wrong where the user looks: in the form, if it is open."""
        if self.dialog is not None:
            self.dialog.say_problem(error)
        else:
            self._teller.error(error)

    def _show_saved(self) -> None:
        if self.dialog is not None:
            undo = self._undo.undo_text
            current = self.saved.newest or self.dialog.saved.current
            self.dialog.show_saved(self.saved.names, current, undo if " set-up " in undo else "")

    def _forget_dialog(self, dialog: ReplaySetupDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    def _on_opened(self) -> None:
        if self._opener.player is not None:
            self._note(self._opener.player)

    def _note(self, player: Player) -> None:
        plan = player.request.plan.with_speed(player.clock.speed)
        self.saved.note_last(plan, player.clock.reached_us)

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        self._tasks.start(work, name)
