"""What happens between the panel and the analysts: previews, calls, stops, and what is shown of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.analysis import OFFLINE
from tickreel.errors import TickreelError
from tickreel_desktop.analysis.caller import Caller, NotAsShown, Request
from tickreel_desktop.analysis.choice import AnalystChoice, host_of, read_choice
from tickreel_desktop.analysis.recollection import Recollection
from tickreel_desktop.analysis.spending import read_spending
from tickreel_desktop.analysis.states import NOTHING_CHOSEN, of_choice, of_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tickreel.analysis import Waiting
    from tickreel.analysis.history import Kept, Mark
    from tickreel.analysis.keeping import KeptAnalysis
    from tickreel.store import Cache
    from tickreel_desktop.analysis.caller import Outcome, Prepared
    from tickreel_desktop.analysis.panel import AnalysisPanel
    from tickreel_desktop.analysis.scope import Scope
    from tickreel_desktop.analysis.states import Obstacle
    from tickreel_desktop.tasks import Tasks


class Conversation(QObject):
    """Ask what the panel wants to have asked, and show what comes of it."""

    prepared = Signal(object)
    """A :class:`Prepared` is to be shown; nothing is sent yet."""
    unprepared = Signal()
    """What was to be shown cannot be measured; the panel says why."""
    shown = Signal(object)
    """Another :class:`KeptAnalysis` is shown, or None."""
    spent = Signal(object)
    """The :class:`Spending` as it is now."""
    choice_changed = Signal()
    """Another analyst is set."""
    state_changed = Signal()
    """It asks now, or no longer, or another analyst is set."""

    def __init__(
        self,
        panel: AnalysisPanel,
        scope: Scope,
        cache: Cache,
        tasks: Tasks,
        tell: Callable[[BaseException], None],
        *,
        look: Callable[[], object],
        prepare_engine: Callable[[], Awaitable[object]],
    ) -> None:
        """Connect them; *look* brings the scope up to the moment, *prepare_engine* what measures."""
        super().__init__(panel)
        self._panel = panel
        self._scope = scope
        self._cache = cache
        self._tasks = tasks
        self._tell = tell
        self._look = look
        self._prepare_engine = prepare_engine
        self.caller = Caller(cache, self)
        self.before = Recollection(panel, scope, cache, tasks, tell)
        self.choice = AnalystChoice(OFFLINE)
        self.analysis: KeptAnalysis | None = None
        """What is shown, where it is over and has an answer."""
        self.shows_first = True
        """Whether the first call to a server is shown before it is sent."""
        self._hosts_seen: set[str] = set()
        self._last: Request | None = None
        self._said = ""
        self._is_preparing = False
        self._previews = self._preview_wanted = 0
        """How many were wanted, and the number of the one that is; 0 for none."""
        self._is_asking = self._is_stopped = False
        self._has_failed = False
        """Whether the panel says why the last call failed; that stays until something else is done."""
        self.is_ready = False
        """Whether it is known who is set."""
        self._connect()
        self._on_scope_changed()

    def _connect(self) -> None:
        panel, caller, before = self._panel, self.caller, self.before
        caller.said.connect(self._on_said)
        caller.waiting.connect(self._on_waiting)
        panel.ask.send_wanted.connect(self.send)
        panel.ask.stop_wanted.connect(self.stop)
        panel.preview_wanted.connect(self.preview)
        panel.shown.connect(self.renew)
        panel.result.pin_wanted.connect(self._on_pin)
        panel.result.rating_wanted.connect(self._on_rating)
        before.opened.connect(self.show_kept)
        before.marked.connect(self._on_marked)
        self._scope.changed.connect(self._on_scope_changed)

    # Who and what

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked or prepared, and what came of the last is shown."""
        return not (self._is_asking or self._is_preparing)

    @property
    def has_seen_host(self) -> bool:
        """Whether the user has sent to this server in this run, or wants to see no preview."""
        return not self.shows_first or self.choice.host in self._hosts_seen

    @property
    def has_asked(self) -> bool:
        """Whether anything was asked that could be asked again."""
        return self._last is not None

    def request(self, model: str | None = None) -> Request | None:
        """Give what would be asked now, of *model*, else of who is set; None where nothing is in view."""
        self._look()
        subject = self._scope.wanted
        if subject is None:
            return None
        asked = self.choice.asked if model is None else model
        question = "" if asked == OFFLINE else self._panel.ask.question()
        place = "" if asked == OFFLINE else self.choice.base_url
        return Request(subject, self._scope.groups, question, asked, place)

    def renew(self) -> None:
        """Read who is set, what was spent and what was found before, as they are now."""
        self._tasks.start(self._renew(), "read the analyst that is set")

    async def _renew(self) -> None:
        before = self.choice
        try:
            self.choice = await asyncio.to_thread(read_choice, self._cache)
        except TickreelError as error:
            self._tell(error)
        if self.choice != before:
            self._has_failed = False  # that was another one
            self.choice_changed.emit()
        self.is_ready = True
        self._panel.show_choice(self.choice)
        if self.is_idle and not self._has_failed:
            self._show_standing_obstacle()
        self.state_changed.emit()
        await self.renew_account()

    async def renew_account(self) -> None:
        """Tell what was spent and what was found before, as they are now."""
        try:
            spending = await asyncio.to_thread(read_spending, self._cache)
        except TickreelError as error:
            self._tell(error)
        else:
            self._panel.ask.meter.show_spending(spending)
            self.spent.emit(spending)
        await self.before.renew_earlier()

    def _on_scope_changed(self) -> None:
        self._panel.ask.allow(NOTHING_CHOSEN.text if self._scope.wanted is None else "")
        is_nothing = self._scope.wanted is None
        if self.is_idle and (is_nothing or not self._has_failed):
            self._show_standing_obstacle()
        if self.is_ready and self.before.is_elsewhere():
            self._tasks.start(self.before.renew_earlier(), "read what was analysed on another day")
        self.state_changed.emit()

    def _show_standing_obstacle(self) -> None:
        is_nothing = self._scope.subject is not None and self._scope.wanted is None
        self._panel.obstacles.show_obstacle(NOTHING_CHOSEN if is_nothing else of_choice(self.choice))

    # Asking

    def preview(self) -> None:
        """Measure what is in view, and have shown what would be sent: of several wishes only the newest."""
        if self._is_asking or self.request() is None:
            return
        self._previews += 1
        self._preview_wanted = self._previews
        if not self._is_preparing:
            self._is_preparing = True
            self._tasks.start(self._prepare(), "prepare an analysis")

    def drop_preview(self) -> None:
        """Have no preview shown that is still being measured."""
        self._preview_wanted = 0

    async def _prepare(self) -> None:
        self._panel.preview_button.setEnabled(False)
        try:
            await self._prepare_engine()
            while wanted := self._preview_wanted:
                request = self.request()
                prepared = None if request is None else await self._prepared(request)
                if wanted == self._preview_wanted:
                    self._preview_wanted = 0
                    if prepared is None:
                        self.unprepared.emit()
                    else:
                        self.prepared.emit(prepared)
        finally:
            self._is_preparing, self._preview_wanted = False, 0
            self._panel.preview_button.setEnabled(self._scope.wanted is not None)

    async def _prepared(self, request: Request) -> Prepared | None:
        try:
            return await self.caller.prepare(request)
        except TickreelError as error:
            self._panel.obstacles.show_obstacle(of_error(error, 0))
            return None

    def send(self) -> None:
        """Ask; the first call to a server is shown before."""
        request = self.request()
        if request is None or not self.is_idle:
            return
        is_new_host = request.model != OFFLINE and self.choice.host not in self._hosts_seen
        if is_new_host and self.shows_first:
            self.preview()
        else:
            self.ask(request)

    def ask(self, request: Request) -> None:
        """Ask at once."""
        if self._is_asking:
            return
        self.drop_preview()
        self._is_asking, self._is_stopped = True, False
        self._panel.ask.show_asking(is_asking=True)
        self.state_changed.emit()
        if request.place:
            self._hosts_seen.add(host_of(request.place))
        self._tasks.start(self._ask(request), "analyse")

    def ask_offline(self) -> None:
        """Have the rules answer, whoever is set."""
        request = self.request(OFFLINE)
        if request is not None:
            self.ask(request)

    def retry(self) -> None:
        """Ask the same once more."""
        if self._last is not None:
            self.ask(self._last)

    def stop(self) -> None:
        """Stop what is under way, on the wire too."""
        if self._is_asking:
            self._is_stopped = True
            self._panel.result.set_state("stopping")
            self.caller.stop()

    async def _ask(self, request: Request) -> None:
        error = None
        try:
            error = await self._ask_and_show(request)
        finally:
            self._is_asking = False
            self._panel.ask.show_asking(is_asking=False)
            self.state_changed.emit()
        if isinstance(error, NotAsShown):
            await self._renew()  # another server may be set
            self.show_failure(of_error(error, 0))
            self.preview()

    async def _ask_and_show(self, request: Request) -> TickreelError | None:
        panel, subject = self._panel, request.subject
        self._last, self._said, self._has_failed = request, "", False
        panel.show_work()
        self._show(None)
        panel.obstacles.show_obstacle(None)
        panel.ask.meter.show_call(None)
        panel.result.begin(subject.from_us, subject.to_us, request.question, "measuring")
        panel.scroll_to_result()
        await self._prepare_engine()
        if self._is_stopped:  # before anything was measured or sent
            panel.result.clear()
            return None
        outcome = await self.caller.send(request)
        await self._show_outcome(outcome)
        await self.renew_account()
        return outcome.error

    async def _show_outcome(self, outcome: Outcome) -> None:
        panel, kept = self._panel, outcome.kept
        if kept is not None:
            panel.ask.meter.show_call(kept.call.usd)
        if outcome.analysis is not None:
            self._show(outcome.analysis)
        elif kept is not None and (outcome.is_stopped or kept.partial):
            panel.result.show_part(kept, self._said)
        else:
            panel.result.clear()
        if outcome.error is None:
            self._show_standing_obstacle()
            return
        stored = await self.before.count_stored(outcome.request.subject)
        self.show_failure(of_error(outcome.error, stored))

    def show_failure(self, obstacle: Obstacle) -> None:
        """Say why something failed, until something else is done."""
        self._has_failed = True
        self._panel.obstacles.show_obstacle(obstacle)

    def _on_said(self, text: str) -> None:
        self._said += text
        self._panel.obstacles.show_obstacle(None)
        self._panel.result.say(text)

    def _on_waiting(self, waiting: Waiting) -> None:
        self._panel.result.set_state("waiting")
        self._panel.obstacles.wait(waiting)

    def _show(self, analysis: KeptAnalysis | None) -> None:
        self.analysis = analysis
        self._panel.show_hint(is_shown=False)
        if analysis is not None:
            self._panel.result.show_analysis(analysis)
        self._panel.export_button.setEnabled(analysis is not None and analysis.kept.call.id is not None)
        self.shown.emit(analysis)
        self.state_changed.emit()

    # What was before

    def show_kept(self, kept: Kept, analysis: KeptAnalysis | None) -> None:
        """Show a call of before, unless one is under way."""
        if not self.is_idle:
            return
        self._panel.show_work()
        self._has_failed = False
        self._show_standing_obstacle()
        self._panel.ask.meter.show_call(kept.call.usd)
        self._show(analysis)
        if analysis is None:
            self._panel.result.show_part(kept, "")
        self._panel.scroll_to_result()

    def _on_marked(self, kept: Kept, finding: int, mark: Mark) -> None:
        shown = self.analysis
        if shown is not None and shown.kept.answered_by == kept.answered_by:
            marks = {**shown.kept.marks, finding: mark}
            self.analysis = replace(shown, kept=replace(shown.kept, marks=marks))
            self._panel.result.show_mark(finding, mark)
            self.shown.emit(self.analysis)

    def _on_pin(self, finding: int, is_on: bool) -> None:
        if self.analysis is not None:
            self.before.mark(self.analysis, finding, is_pinned=is_on)

    def _on_rating(self, finding: int, rating: int) -> None:
        if self.analysis is not None:
            self.before.mark(self.analysis, finding, rating=rating)

    async def close(self) -> None:
        """Stop what is under way, and end the thread."""
        await self.caller.close()
