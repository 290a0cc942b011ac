"""From a dataset, a link or a filled-in form to a replay on screen, one replay at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.errors import NotHeldError, TickreelError
from tickreel.market.types import DataType
from tickreel.replay import MAX_SPEED, ReplayLink, ReplayPlan, spell_plan
from tickreel_desktop.replay.naming import spell_symbols
from tickreel_desktop.replay.player import Player, ReplayRequest
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from tickreel.replay import Frame
    from tickreel.store import Cache, Day
    from tickreel_desktop.replay.engine import Engine
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class ReplayOpener(QObject):
    """Opens replays in the Replay workspace; the one before is closed first."""

    opened = Signal()
    """What the Replay workspace shows is another replay now, or none."""
    closing = Signal(object)
    """This :class:`Player` ends, where it stands now and with what was changed while it played."""

    def __init__(
        self,
        *,
        theme: Theme,
        zone: DisplayZone,
        window: QWidget,
        workspace: ReplayWorkspace,
        cache: Cache,
        engine: Engine,
        tasks: Tasks,
        tell: Callable[[BaseException], None],
        default_speed: float | str,
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._zone = zone
        self._window = window
        self._workspace = workspace
        self._cache = cache
        self._engine = engine
        self._tasks = tasks
        self._tell = tell
        workspace.leave_requested.connect(lambda: self._tasks.start(self.close(), "leave replay"))
        self.default_speed = default_speed
        """The speed of replays that name none."""
        self._player: Player | None = None
        self._changing = asyncio.Lock()
        """Held while a replay is closed or another takes its place: so there are never two."""
        self._asked = 0
        self._newest = 0
        """The newest wish, by its number of those asked; an older one that comes late is void."""
        self._opening: asyncio.Future[Player] | None = None
        """What the caller of the newest replay waits for."""
        self.error: TickreelError | None = None
        """What the last replay failed with, or None."""

    @property
    def player(self) -> Player | None:
        """The replay that is open."""
        return self._player

    async def open_link(self, link: ReplayLink) -> Player:
        """Open what a link names; what it leaves out is the whole of what is held, from its start.

        Raises:
            TickreelError: as :meth:`open`, or no order book is held of it.
            asyncio.CancelledError: as :meth:`open`.
        """
        asked = self._ask()
        return await self._open(await asyncio.to_thread(self._request, link), asked)

    def _request(self, link: ReplayLink) -> ReplayRequest:
        start_us, end_us = link.start_us, link.end_us
        if start_us is None or end_us is None:
            if start_us is not None:  # of an instrument of which nothing is held yet
                library, book = self._cache.library, DataType.INCREMENTAL_BOOK_L2
                library.bring(link.symbols, [book], start_us, start_us + 1)
            days = [day for exchange, symbol in link.symbols for day in self._days(exchange, symbol)]
            first_us, last_us = span_of(days)
            start_us = first_us if start_us is None else start_us
            end_us = last_us if end_us is None else end_us
        plan = ReplayPlan(link.symbols, start_us, end_us, speed=self._speed(link.speed))
        return ReplayRequest(plan, start_us if link.at_us is None else link.at_us)

    def _days(self, exchange: str, symbol: str) -> list[Day]:
        selection = self._cache.book_selection(exchange, symbol)
        key = selection.key
        days = [day for day in self._cache.days(key.exchange, key.symbol, key.type) if day.rows]
        if not days:
            raise NotHeldError(f"{selection} has no rows to replay")
        return days

    @property
    def usual_speed(self) -> float | None:
        """The speed of replays that name none; None is as fast as the machine goes."""
        return self._speed(None)

    def _speed(self, asked: float | str | None) -> float | None:
        speed = self.default_speed if asked is None else asked
        return None if speed == MAX_SPEED else float(speed)

    async def open(self, request: ReplayRequest) -> Player:
        """Put a replay on screen and let it play; return with its first frame.

        Raises:
            TickreelError: it cannot be opened; the workspace is empty then.
            asyncio.CancelledError: another replay was asked for later, or it was closed, before it came up.
        """
        return await self._open(request, self._ask())

    def _ask(self) -> int:
        """Give a wish its number; the order of asking counts, not how fast each is looked up."""
        self._asked += 1
        return self._asked

    async def _open(self, request: ReplayRequest, asked: int) -> Player:
        first: asyncio.Future[Player] = asyncio.get_running_loop().create_future()
        if asked < self._newest:
            first.cancel()
        else:
            self._supersede(asked)
            self._opening = first
            self._tasks.start(self._play(request, first), "replay")
        return await first

    def _supersede(self, asked: int) -> None:
        """Make void what was asked for before; who waits for it need not wait on."""
        self._newest = asked
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None

    async def _play(self, request: ReplayRequest, first: asyncio.Future[Player]) -> None:
        """Live as long as the replay does; what goes wrong after the first frame is told."""
        try:
            player = await self._take_place(request, first)
            if player is not None:
                await asyncio.sleep(0)  # to make room and to fill it take as long as the window may be held
                await self._run(player, first)
        finally:
            first.cancel()  # does nothing once the first frame has come

    async def _take_place(self, request: ReplayRequest, first: asyncio.Future[Player]) -> Player | None:
        """Close the replay before and put another in its place; None if a later one was asked for."""
        async with self._changing:
            await self._close_player()
            if self._opening is not first:
                return None
            self.error = None
            self._say_what_is_awaited(request)
            self._player = player = Player(self._cache, request, self)
        self.opened.emit()
        return player

    async def _run(self, player: Player, first: asyncio.Future[Player]) -> None:
        def on_frame(_frame: Frame) -> None:
            if not first.done():
                self._workspace.reveal()
                first.set_result(player)

        def on_bringing(note: str, percent: int) -> None:
            if self._player is player and not first.done():
                text = f"{note}, {percent} %. The replay begins when its first day is here."
                self._workspace.show_waiting("Bringing the first day", text, can_leave=True)

        player.frame_ready.connect(on_frame)
        player.bringing.connect(on_bringing)
        try:
            await self._engine.prepare()
            if self._player is player:
                self._workspace.show_player(player)
                await asyncio.sleep(0)
            if self._player is player:
                self._workspace.reveal()
                self.opened.emit()
                player.play()
                await player.run()
        except TickreelError as error:
            if self._player is player:
                self.error = error
            if not first.done():
                first.set_exception(error)
            elif not first.cancelled():
                self._tell(error)
        finally:
            async with self._changing:
                if self._player is player:
                    await self._close_player()
                    self.opened.emit()
                await player.close()
            player.deleteLater()

    def _say_what_is_awaited(self, request: ReplayRequest) -> None:
        if self._engine.is_ready:
            begin = moment_text(self._zone.zone, request.start_us)
            what = f"{spell_symbols(request.plan.symbols)} from {begin}"
            if self._cache.farther is not None:
                what += ". Days that are not here come from the shared cache."
            self._workspace.show_waiting("Opening the replay", what)
        else:
            self._workspace.show_waiting(
                "Preparing the order-book engine",
                "The first time after an installation its kernels are compiled for this machine, "
                "which takes some seconds.",
            )

    async def close(self) -> None:
        """Close the replay that is open, and give up one that is being opened."""
        self._supersede(self._ask())
        async with self._changing:
            await self._close_player()

    async def _close_player(self) -> None:
        player, self._player = self._player, None
        if player is not None:
            self.closing.emit(player)
            self._workspace.clear()
            await player.close()

    def link(self) -> ReplayLink | None:
        """Name the open replay and the moment it is at."""
        if self._player is None:
            return None
        request = self._player.request
        speed = self._player.clock.speed
        return ReplayLink(
            exchange=request.exchange,
            symbol=request.symbol,
            start_us=request.start_us,
            end_us=request.end_us,
            at_us=self._player.clock.reached_us,
            speed=MAX_SPEED if speed is None else speed,
            others=request.plan.symbols[1:],
        )

    def command(self) -> str | None:
        """Spell the open replay as a command line."""
        if self._player is None:
            return None
        return spell_plan(self._player.request.plan.with_speed(self._player.clock.speed))


def span_of(days: list[Day]) -> tuple[int, int]:
    """Give the half-open span from the first to the last row of days, which have rows."""
    firsts = [day.first_local_us for day in days if day.first_local_us is not None]
    lasts = [day.last_local_us for day in days if day.last_local_us is not None]
    return min(firsts), max(lasts) + 1
