"""The way from an analysis to the moment of the market that it speaks of, and its pins on the charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.analysis.figures import BY_ID
from tickreel.market.time import US_PER_DAY
from tickreel.replay import ReplayLink
from tickreel_desktop.replay.heatmap import Mark, MarkKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.analysis.history import Kept
    from tickreel.analysis.keeping import KeptAnalysis
    from tickreel_desktop.analysis import Conversation
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.operations import Operations
    from tickreel_desktop.replay.opening import ReplayOpener
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.replay_control import ReplayControl
    from tickreel_desktop.tasks import Tasks


class AnalysisMoments(QObject):
    """Show where in a replay the figures and findings of an analysis are."""

    def __init__(
        self,
        talk: Conversation,
        *,
        window: MainWindow,
        replay: ReplayWorkspace,
        opener: ReplayOpener,
        operations: Operations,
        replay_control: ReplayControl,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._talk = talk
        self._window = window
        self._replay = replay
        self._opener = opener
        self._operations = operations
        self._replay_control = replay_control
        self._tasks = tasks
        talk.shown.connect(lambda _analysis: self._start_pins())
        talk.before.marked.connect(lambda _analysis: self._start_pins())
        replay.player_changed.connect(self._start_pins)
        replay.stage.symbol_changed.connect(self._start_pins)

    def go_to_figure(self, figure_id: str) -> None:
        """Show the moment of a figure of the shown analysis, else the part of the window it speaks of."""
        analysis = self._talk.analysis
        if analysis is not None and figure_id in BY_ID:
            self._go_to(analysis.kept, *_span_of(analysis, (figure_id,)))

    def go_to_finding(self, number: int) -> None:
        """Show the part of the window that a finding rests on."""
        analysis = self._talk.analysis
        if analysis is not None and number < len(analysis.answer.findings):
            self._go_to(analysis.kept, *_span_of(analysis, analysis.answer.findings[number].figures))

    def _go_to(self, kept: Kept, from_us: int, to_us: int) -> None:
        player, symbol = self._opener.player, (kept.exchange, kept.symbol)
        if player is not None and symbol in player.request.plan.symbols:
            request = player.request
            if request.start_us < to_us <= request.end_us:
                self._show_span(player.request.plan.symbols.index(symbol), from_us, to_us)
                return
        day_us = (to_us - 1) // US_PER_DAY * US_PER_DAY
        link = ReplayLink(kept.exchange, kept.symbol, day_us, day_us + US_PER_DAY, to_us - 1)
        self._tasks.start(self._open_span(link, from_us, to_us), "open the replay of an analysis")

    async def _open_span(self, link: ReplayLink, from_us: int, to_us: int) -> None:
        player = await self._operations.open_link(link.text())
        if player is not None:
            player.pause()
            self._show_span(0, from_us, to_us)

    def _show_span(self, index: int, from_us: int, to_us: int) -> None:
        shared = self._replay.shared
        if self._window.front != "replay":
            self._window.go_to("replay")
        company = self._replay.stage.company
        company.choose(company.pairs[index])
        self._replay.controls.seek(to_us - 1)
        shared.follow()
        if to_us - from_us > 1:
            shared.set_width(max(shared.width_us, to_us - from_us))
            shared.select((from_us, to_us))
        else:
            shared.select(None)

    # Pins

    def _start_pins(self) -> None:
        self._tasks.start(self._show_pins(), "show the pins of findings")

    async def _show_pins(self) -> None:
        symbol, player = self._replay.stage.symbol, self._replay.player
        if symbol is None or player is None:
            self._replay_control.set_findings(())
            return
        kept = await self._talk.before.pinned(*symbol)
        if (symbol, player) == (self._replay.stage.symbol, self._replay.player):
            self._replay_control.set_findings(_marks(symbol, self._talk.analysis, kept))


def _span_of(analysis: KeptAnalysis, figures: Sequence[str]) -> tuple[int, int]:
    """Give the stretch that some figures speak of together, by their moments where they are still known."""
    seen = analysis.figures
    if seen is None:
        return _part_of(analysis.kept, figures)
    return _joined(analysis.kept, [seen.span_of(one) for one in figures if one in BY_ID])


def _part_of(kept: Kept, figures: Sequence[str]) -> tuple[int, int]:
    """Give the stretch of the window that some figures speak of together, whatever their rows are now."""
    span = kept.from_us, kept.to_us
    return _joined(kept, [BY_ID[one].part.span(*span) for one in figures if one in BY_ID])


def _joined(kept: Kept, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    if not spans:
        return kept.from_us, kept.to_us
    return min(begin for begin, _ in spans), max(end for _, end in spans)


def _marks(symbol: tuple[str, str], shown: KeptAnalysis | None, pinned: Sequence[Kept]) -> list[Mark]:
    """Pin the findings of what is shown, by their numbers, and those that were pinned before."""
    marks, own = [], None
    if shown is not None and (shown.kept.exchange, shown.kept.symbol) == symbol:
        own = shown.kept.answered_by
        for number, finding in enumerate(shown.answer.findings, 1):
            _, end_us = _part_of(shown.kept, finding.figures)
            marks.append(Mark(end_us - 1, MarkKind.FINDING, str(number)))
    for kept in pinned:
        if kept.answered_by == own or kept.answer is None:
            continue
        for number, mark in kept.marks.items():
            if mark.is_pinned:
                _, end_us = _part_of(kept, kept.answer.findings[number].figures)
                marks.append(Mark(end_us - 1, MarkKind.FINDING, ""))
    return sorted(set(marks))
