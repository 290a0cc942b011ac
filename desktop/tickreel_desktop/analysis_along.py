"""Lets the analyst go along the replay that is open, in the rhythm that the panel has."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.analysis import OFFLINE, Outcome
from tickreel.analysis.history import Query, find_history
from tickreel.analysis.keeping import measured_again
from tickreel_desktop.analysis.companion import NEVER, PAUSE, Companion
from tickreel_desktop.analysis.states import Obstacle, Way
from tickreel_desktop.components import BannerKind

if TYPE_CHECKING:
    from tickreel.analysis import Landed
    from tickreel.analysis.history import Kept
    from tickreel.analysis.keeping import KeptAnalysis
    from tickreel.errors import TickreelError
    from tickreel.replay import Frame
    from tickreel.store import Cache
    from tickreel_desktop.analysis import AnalysisPanel, Conversation, Scope
    from tickreel_desktop.analysis.companion import Rhythm
    from tickreel_desktop.replay.player import Player
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.tasks import Tasks

_UNSEEN = "Ask once by hand first, so that you have seen what goes to this server."
_NARROWED = "While playing all figures are sent: add what you took away first, or choose the offline analyst."


class AnalysisAlong(QObject):
    """Start and stop the companion, and show what it finds."""

    def __init__(
        self,
        panel: AnalysisPanel,
        scope: Scope,
        talk: Conversation,
        replay: ReplayWorkspace,
        cache: Cache,
        tasks: Tasks,
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._scope = scope
        self._talk = talk
        self._replay = replay
        self._cache = cache
        self._tasks = tasks
        self._player: Player | None = None
        self.companion = Companion(cache, self)
        self.companion.landed.connect(self._on_landed)
        self.companion.halted.connect(self._on_halted)
        self.companion.failed.connect(self._on_failed)
        panel.ask.rhythm.rhythm_chosen.connect(self.choose)
        replay.player_changed.connect(self._on_player_changed)
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

    def _problem(self) -> str:
        if self._talk.choice.asked == OFFLINE:
            return ""
        if not self._talk.has_seen_host:
            return _UNSEEN
        return _NARROWED if self._scope.missing_groups else ""

    def _say(self, text: str) -> None:
        self._panel.obstacles.show_obstacle(Obstacle(BannerKind.NOTE, "info", text, Way.NONE))

    def _start(self) -> None:
        player, rhythm = self._player, self._panel.ask.rhythm.rhythm
        if player is None or player.frame is None or rhythm == NEVER:
            self.companion.stop()
        else:
            asked = self._talk.choice.asked
            self.companion.start(rhythm, asked, player.request.plan, player.frame)
        self._replay.stage.need_all(is_needed=self.companion.is_going)

    def _on_player_changed(self) -> None:
        self.companion.stop()
        self._player = player = self._replay.player
        if player is not None:
            player.frame_ready.connect(self._on_frame)
            player.playing_changed.connect(self._on_playing_changed)

    def _on_frame(self, frame: Frame) -> None:
        if self._panel.ask.rhythm.rhythm == NEVER or self.sender() is not self._player:
            return
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
        if self.companion.is_going and self._problem():
            self.choose(NEVER)
            self._say(_NARROWED)

    def _on_landed(self, landed: Landed) -> None:
        call = None if landed.analysis is None else landed.analysis.call
        if landed.outcome is Outcome.DONE and call is not None and call.id is not None:
            self._tasks.start(self._show(call.id, landed.is_current), "show what was found along")

    async def _show(self, call_id: int, is_current: bool) -> None:
        def read() -> tuple[Kept, KeptAnalysis | None] | None:
            with closing(self._cache.connect()) as database:
                found = find_history(database, Query(call_id=call_id))
            return (found[0], measured_again(self._cache, found[0])) if found else None

        found = await asyncio.to_thread(read)
        if found is not None and is_current and self._talk.is_idle:
            self._talk.show_kept(*found)
        await self._talk.renew_account()

    def _on_halted(self, reason: str) -> None:
        self._panel.ask.rhythm.show_rhythm(NEVER)
        self.companion.stop()
        text = f"Nothing is analysed along any more: {reason}."
        self._panel.obstacles.show_obstacle(Obstacle(BannerKind.WARNING, "warning", text, Way.NONE))

    def _on_failed(self, error: TickreelError) -> None:
        self._on_halted(str(error))

    async def close(self) -> None:
        """Go along no more."""
        await self.companion.close()
