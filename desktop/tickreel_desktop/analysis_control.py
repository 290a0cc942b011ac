"""Wires the Analysis panel to the window: actions, settings, previews, exports, what it cost."""

from __future__ import annotations

import asyncio
import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from tickreel.analysis import OFFLINE
from tickreel.analysis.prices import set_price
from tickreel.errors import TickreelError
from tickreel.logs import redact
from tickreel.market.time import format_us
from tickreel_desktop.analysis import (
    BASE_URL,
    MODEL,
    Conversation,
    PreviewDialog,
    PriceDialog,
    Way,
    money,
)
from tickreel_desktop.analysis.remembered import RememberedAnalysis
from tickreel_desktop.analysis_along import AnalysisAlong
from tickreel_desktop.analysis_moments import AnalysisMoments
from tickreel_desktop.analysis_place import AnalysisPlace
from tickreel_desktop.analysis_view import AnalysisView
from tickreel_desktop.components import open_over, open_soon

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.analysis.history import Kept
    from tickreel.analysis.prices import Price
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.analysis import AnalysisPanel, Preset, Scope, Spending
    from tickreel_desktop.analysis.caller import Prepared
    from tickreel_desktop.data import DataWorkspace
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.operations import Operations
    from tickreel_desktop.replay.engine import Engine
    from tickreel_desktop.replay.opening import ReplayOpener
    from tickreel_desktop.replay.workspace import ReplayWorkspace
    from tickreel_desktop.replay_control import ReplayControl
    from tickreel_desktop.settings_control import SettingsControl
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme

_FILTERS = "Markdown (*.md);;JSON (*.json)"
_NOTHING = "Open a replay or select a dataset first"


class AnalysisControl(QObject):
    """The verbs of the Analysis panel of one window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        panel: AnalysisPanel,
        scope: Scope,
        cache: Cache,
        engine: Engine,
        replay: ReplayWorkspace,
        data: DataWorkspace,
        opener: ReplayOpener,
        operations: Operations,
        replay_control: ReplayControl,
        settings: SettingsControl,
        tasks: Tasks,
        teller: Teller,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._theme = theme
        self.panel = panel
        self._scope = scope
        self._cache = cache
        self._settings = settings
        self._tasks = tasks
        self._teller = teller
        self._operations = operations
        self.view = AnalysisView(
            scope,
            window=window,
            replay=replay,
            data=data,
            cache=cache,
            tasks=tasks,
            is_wanted=lambda: panel.isVisible() or self.along.is_chosen,
        )
        self.conversation = Conversation(
            panel,
            scope,
            cache,
            tasks,
            teller.error,
            look=self.view.look,
            prepare_engine=engine.prepare,
        )
        self.moments = AnalysisMoments(
            self.conversation,
            window=window,
            replay=replay,
            opener=opener,
            operations=operations,
            replay_control=replay_control,
            tasks=tasks,
        )
        self.along = AnalysisAlong(panel, scope, self.conversation, replay, cache, tasks, teller.error)
        self.place = AnalysisPlace(theme, window, replay.panels)
        self._remembered = RememberedAnalysis(cache.home, teller.error)
        self.preview: PreviewDialog | None = None
        """The preview that is open, or None."""
        self._connect_panel()
        self._connect_actions()
        self._renew()

    def _connect_panel(self) -> None:
        panel, talk, settings = self.panel, self.conversation, self._settings
        panel.shown.connect(self.view.look)
        panel.chips.window_chosen.connect(self.view.choose)
        panel.analyst.offline_chosen.connect(lambda: self._set({MODEL: OFFLINE}))
        panel.analyst.preset_chosen.connect(self._choose_preset)
        panel.analyst.settings_wanted.connect(lambda: settings.open_setting(MODEL))
        panel.obstacles.way_chosen.connect(self._take_way)
        panel.result.figure_chosen.connect(self.moments.go_to_figure)
        panel.result.finding_chosen.connect(self.moments.go_to_finding)
        panel.export_wanted.connect(self.ask_where)
        panel.history.export_wanted.connect(self.ask_where)
        panel.sample_wanted.connect(self._operations.open_sample)
        panel.data_wanted.connect(lambda: self._window.go_to("data"))
        talk.prepared.connect(self._show_preview)
        talk.unprepared.connect(self._on_unprepared)
        self._scope.changed.connect(self._hold_preview)
        talk.before.exported.connect(lambda path: self._teller.good("Analysis exported", path))
        talk.spent.connect(self._tell_spending)
        talk.state_changed.connect(self._renew)
        self.along.going_changed.connect(self._renew)
        settings.dialog.keeper.value_changed.connect(self._on_setting_changed)
        settings.dialog.key_changed.connect(lambda _name: talk.renew())
        self._window.status.llm.clicked.connect(lambda: self._window.show_panel("analysis"))

    def _connect_actions(self) -> None:
        talk, panel = self.conversation, self.panel
        verbs: dict[str, Callable[[], object]] = {
            "ask": self._shown_before(talk.send),
            "offline": self._shown_before(talk.ask_offline),
            "preview": self._shown_before(talk.preview),
            "stop": self._stop,
            "again": talk.retry,
            "history": self._shown_before(lambda: panel.history_button.setChecked(True)),
            "export": self.ask_where,
        }
        for verb, do in verbs.items():
            self._actions.on(f"analysis.{verb}", do)
        self._actions.offer_command("analysis.ask", self.command)
        self._actions.offer_command("analysis.history", lambda: "tickreel llm answers")

    def _shown_before(self, do: Callable[[], object]) -> Callable[[], None]:
        def show_and_do() -> None:
            self._window.show_panel("analysis")
            do()

        return show_and_do

    def _stop(self) -> None:
        """Stop every call, those along a replay too."""
        self.conversation.stop()
        self.along.stop()

    async def begin(self) -> None:
        """Read what is kept, who is set and what was spent."""
        self.conversation.shows_first, problem = await asyncio.to_thread(self._remembered.read)
        if problem:
            self._teller.warning("What was kept of the analysis panel is not used", problem)
        self.view.look()
        self.conversation.renew()

    def _renew(self) -> None:
        """Say of each action whether it can be done now, and if not what is missing."""
        talk, actions = self.conversation, self._actions
        is_busy, has_view = not talk.is_idle, self._scope.wanted is not None
        waits = "An analysis is under way: stop it first" if is_busy else _NOTHING
        for verb in ("ask", "offline", "preview"):
            actions.enable(f"analysis.{verb}", has_view and not is_busy, waits)
        actions.enable("analysis.stop", is_busy or self.along.is_chosen, "No analysis is under way")
        actions.enable("analysis.again", talk.has_asked and not is_busy, "Nothing was asked yet")
        actions.enable("analysis.export", talk.analysis is not None, "Show an analysis first")

    def command(self) -> str | None:
        """Spell what would be asked as a command line."""
        request = self.conversation.request()
        if request is None:
            return None
        subject = request.subject
        if len(subject.spans) > 1:  # a line has one window
            return None
        span = f"{format_us(subject.from_us)} {format_us(subject.to_us)}"
        only = ",".join(request.groups)
        asked = f" --ask={shlex.quote(redact(request.question))}" if request.question else ""
        return f"tickreel analyze {subject.name} {span} --model {request.model} --only {only}{asked}"

    # Settings

    def _set(self, values: dict[str, str]) -> None:
        keeper = self._settings.dialog.keeper
        for key, value in values.items():
            keeper.change(key, value)
        keeper.flush()

    def _choose_preset(self, preset: Preset) -> None:
        self._set({BASE_URL: preset.base_url, MODEL: preset.model})

    def _on_setting_changed(self, key: str, _value: object) -> None:
        if key.startswith("llm."):
            self.conversation.renew()

    def _take_way(self, way: Way) -> None:
        match way:
            case Way.KEY:
                self._settings.open_page("llm")
            case Way.CAPS:
                self._settings.open_setting("llm.cap_day_usd")
            case Way.SETTINGS:
                self._settings.open_setting(MODEL)
            case Way.PRICE:
                self._ask_price()
            case Way.RETRY:
                self.conversation.retry()
            case Way.STORED:
                self.panel.history_button.setChecked(True)
            case Way.STOP:
                self.conversation.stop()
            case Way.NONE:
                pass

    def _ask_price(self) -> None:
        model = self.conversation.choice.model
        dialog = PriceDialog(self._theme, model, self._window)
        dialog.price_given.connect(
            lambda price: self._tasks.start(self._keep_price(model, price), "keep a price")
        )
        dialog.finished.connect(dialog.deleteLater)
        open_over(self._window, dialog)

    async def _keep_price(self, model: str, price: Price) -> None:
        def write() -> None:
            with closing(self._cache.connect()) as database:
                set_price(database, model, price, self._cache.disk.now_us())

        try:
            await asyncio.to_thread(write)
        except TickreelError as error:
            self._teller.error(error)
        self.conversation.renew()

    # The preview

    def _show_preview(self, prepared: Prepared) -> None:
        talk = self.conversation
        if self.preview is not None:
            self.preview.show_prepared(prepared)
            self._hold_preview()
            return
        dialog = PreviewDialog(self._theme, prepared, shows_first=talk.shows_first, parent=self._window)
        self.preview = dialog
        dialog.send_wanted.connect(lambda: talk.ask(dialog.prepared.request))
        dialog.offline_wanted.connect(talk.ask_offline)
        dialog.part_removed.connect(lambda group: self._scope.take_group(group, is_in=False))
        dialog.shows_first.toggled.connect(self._on_shows_first)
        dialog.finished.connect(self._on_preview_closed)
        open_soon(self._window, dialog)
        self._hold_preview()

    def _hold_preview(self) -> None:
        """Let the preview send nothing but what the chips say: where it is of other figures, have another."""
        dialog = self.preview
        if dialog is None or dialog.prepared.request.groups == self._scope.groups:
            return
        if self._scope.wanted is None:
            dialog.reject()
        else:
            dialog.await_another()
            self.conversation.preview()

    def _on_unprepared(self) -> None:
        if self.preview is not None:  # it waits for what does not come
            self.preview.reject()

    def _on_shows_first(self, is_on: bool) -> None:
        self.conversation.shows_first = is_on
        self._tasks.start(self._remembered.keep(shows_first=is_on), "keep a wish")

    def _on_preview_closed(self) -> None:
        self.conversation.drop_preview()
        if self.preview is not None:
            self.preview.deleteLater()
            self.preview = None

    # What it cost

    def _tell_spending(self, spending: Spending) -> None:
        self._window.status.tell_llm(
            f"{money(spending.day_usd)} of {money(spending.cap_day_usd)}",
            f"Calls of models on this UTC day, {money(spending.session_usd)} of them in this session",
            is_nearly_all=spending.day_part > 0.9,
        )

    # Exports

    def ask_where(self, kept: Kept | None = None) -> None:
        """Ask where to, and write an analysis, the one that is shown unless another is given."""
        analysis = self.conversation.analysis
        chosen = kept if kept is not None else None if analysis is None else analysis.kept
        if chosen is None:
            return
        name = f"analysis_{chosen.exchange}_{chosen.symbol}_{chosen.call.id}.md".replace(":", "_")
        dialog = QFileDialog(self._window, "Export the analysis", name, _FILTERS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("md")
        dialog.fileSelected.connect(lambda path: self.conversation.before.export(chosen, Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def close(self) -> None:
        """Stop what is under way, on the wire too."""
        if self.preview is not None:
            self.preview.reject()
        await self.along.close()
        await self.conversation.close()
