"""Lets the analyst go along the replay that is open, in the rhythm that the panel has."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.analysis import OFFLINE, Outcome
from tickreel.analysis.history import Query, find_history
from tickreel.analysis.keeping import measured_again
from tickreel.errors import TickreelError
from tickreel_desktop.analysis.companion import NEVER, PAUSE, Companion
from tickreel_desktop.analysis.states import Obstacle, Way, of_error_along
from tickreel_desktop.components import BannerKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.analysis import Landed
    from tickreel.analysis.history import Kept
    from tickreel.analysis.keeping import KeptAnalysis
    from tickreel.replay import Frame
    from tickreel.store import Cache
    from tickreel_desktop.analysis import AnalysisPanel, Conversation, Scope
    from tickreel_desktop.analysis.companion import Rhythm
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.tasks import Tasks

_UNSEEN = "Ask once by hand first, so that you have seen what goes to this server."
_TAKEN_AWAY = "Instrument or window are taken away, so that nothing is sent while playing: add them first."
_NARROWED = "While playing all figures are sent: add what you took away first, or choose the offline analyst."


class AnalysisAlong(QObject):
    """Start and stop the companion, and show what it finds of the symbol that is chosen."""

    going_changed = Signal()
    """It goes along now, or no more."""

    def __init__(
        self,
        panel: AnalysisPanel,
        scope: Scope,
        talk: Conversation,
        replay: ReplayWorkspace,
        cache: Cache,
        tasks: Tasks,
        tell: Callable[[BaseException], None],
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._scope = scope
        self._talk = talk
        self._replay = replay
        self._cache = cache
        self._tasks = tasks
        self._tell = tell
        self._player: Player | None = None
        self._epoch = 0
        """Raised by whatever makes what is asked about something else than what is shown."""
        self.companion = Companion(cache, self)
        self.companion.landed.connect(self._on_landed)
        self.companion.halted.connect(self._on_halted)
        self.companion.failed.connect(self._on_failed)
        self.companion.settled.connect(self._on_settled)
        panel.ask.stop_along_wanted.connect(self.stop)
        panel.ask.rhythm.rhythm_chosen.connect(self.choose)
        replay.player_changed.connect(self._on_player_changed)
        replay.stage.symbol_changed.connect(self._on_symbol_changed)
        scope.changed.connect(self._on_scope_changed)
        talk.choice_changed.connect(lambda: self.choose(panel.ask.rhythm.rhythm))

    def choose(self, rhythm: Rhythm) -> None:
        """Go along in another rhythm, or no more."""
        problem = "" if rhythm == NEVER else self._problem()
        chosen = NEVER if problem else rhythm
        self._panel.ask.rhythm.show_rhythm(chosen)
        if problem:
            self._say(problem)
        self._start()

    @property
    def is_going(self) -> bool:
        """Whether a replay has something analysed, or would at its next moment."""
        return self.companion.is_wanted

    @property
    def is_chosen(self) -> bool:
        """Whether a rhythm is set, also while it waits for what it goes along with to be in view."""
        return self._panel.ask.rhythm.rhythm != NEVER

    def stop(self) -> None:
        """Close every connection along the replay, and go along no more."""
        if self.is_chosen:
            self.choose(NEVER)

    @property
    def _is_in_view(self) -> bool:
        """Whether the chips name what a replay would have analysed: else nothing of it is sent."""
        subject, symbol = self._scope.subject, self._replay.stage.symbol
        return subject is not None and (subject.exchange, subject.symbol) == symbol

    def _tell_going(self) -> None:
        symbol = self._replay.stage.symbol
        told = ""
        if self.is_chosen and self._player is not None and symbol is not None:
            name = " ".join(symbol)
            told = f"{name}, last minute, all figures"
            if not self.is_going:
                told = f"{name} waits: the chips name another"
        self._panel.ask.show_along(told, is_going=self.is_chosen and self._player is not None)
        self.going_changed.emit()

    def _problem(self) -> str:
        scope = self._scope
        if self._talk.choice.asked == OFFLINE:
            return ""
        if not self._talk.has_seen_host:
            return _UNSEEN
        if not (scope.has_dataset and scope.has_window):
            return _TAKEN_AWAY
        return _NARROWED if scope.missing_groups else ""

    def _say(self, text: str) -> None:
        self._panel.obstacles.show_obstacle(Obstacle(BannerKind.NOTE, "info", text, Way.NONE))

    def _start(self) -> None:
        player, rhythm, symbol = self._player, self._panel.ask.rhythm.rhythm, self._replay.stage.symbol
        self._epoch += 1
        is_wanted = rhythm != NEVER and self._is_in_view
        if player is None or player.frame is None or symbol is None or not is_wanted:
            self.companion.stop()
        else:
            choice = self._talk.choice
            place = "" if choice.asked == OFFLINE else choice.base_url
            self.companion.start(rhythm, choice.asked, place, player.request.plan, symbol, player.frame)
        self._tell_going()

    def _on_symbol_changed(self) -> None:
        if self.is_chosen:
            self._start()

    def _on_player_changed(self) -> None:
        self._epoch += 1
        self.companion.stop()
        self._player = player = self._replay.player
        self._tell_going()
        if player is not None:
            player.frame_ready.connect(self._on_frame)
            player.playing_changed.connect(self._on_playing_changed)

    def _on_frame(self, frame: Frame) -> None:
        if self._panel.ask.rhythm.rhythm == NEVER or self.sender() is not self._player:
            return
        self._epoch += frame.is_jump
        if self.companion.is_going:
            self.companion.take(frame)
        elif frame.is_jump:
            self._start()

    def _on_playing_changed(self, is_playing: bool) -> None:
        player, symbol = self._player, self._replay.stage.symbol
        is_pause = not is_playing and self._panel.ask.rhythm.rhythm == PAUSE
        if is_pause and player is not None and player.frame is not None and symbol is not None:
            self.companion.ask(*symbol, player.frame.at_us + 1)

    def _on_scope_changed(self) -> None:
        if not self.is_chosen:
            return
        problem = self._problem()
        if problem and self._is_in_view:
            self.choose(NEVER)
            self._say(problem)
        elif self._is_in_view != self.is_going:
            self._start()

    def _on_landed(self, landed: Landed) -> None:
        call = None if landed.analysis is None else landed.analysis.call
        if landed.outcome is Outcome.DONE and call is not None and call.id is not None:
            self._tasks.start(self._show(call.id, landed), "show what was found along")
        elif landed.outcome is Outcome.FAILED and landed.error is not None and self._talk.is_idle:
            self._talk.show_failure(of_error_along(landed.error))

    def _on_settled(self) -> None:
        self._tasks.start(self._talk.renew_account(), "tell what a call along cost")

    async def _show(self, call_id: int, landed: Landed) -> None:
        def read() -> tuple[Kept, KeptAnalysis | None] | None:
            with closing(self._cache.connect()) as database:
                found = find_history(database, Query(call_id=call_id))
            return (found[0], measured_again(self._cache, found[0])) if found else None

        epoch, is_current = self._epoch, self._is_current(landed)
        found = await asyncio.to_thread(read)
        # To measure may take seconds: the replay may be elsewhere by now.
        if found is not None and is_current and epoch == self._epoch and self._talk.is_idle:
            self._talk.show_kept(*found)

    def _is_current(self, landed: Landed) -> bool:
        """Tell whether a window is of the replay and the symbol that are shown, where they stand."""
        player, ask = self._player, landed.ask
        return (
            landed.is_current
            and self.is_going
            and player is not None
            and player.frame is not None
            and player.frame.generation == ask.generation
            and self._replay.stage.symbol == (ask.exchange, ask.symbol)
        )

    def _on_halted(self, reason: str) -> None:
        self.choose(NEVER)
        text = f"Nothing is analysed along any more: {reason}."
        self._talk.show_failure(Obstacle(BannerKind.WARNING, "warning", text, Way.NONE))

    def _on_failed(self, error: Exception) -> None:
        self._on_halted(str(error) or type(error).__name__)
        if not isinstance(error, TickreelError):
            self._tell(error)

    async def close(self) -> None:
        """Go along no more, whatever comes into view."""
        self.stop()
        await self.companion.close()
