"""The dialog that asks what to fetch, and says what would come of it while it is filled in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from tickreel.errors import TickreelError
from tickreel_desktop.components import CommandLine, label
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.fetching.foot import FetchFoot
from tickreel_desktop.fetching.form import FetchForm
from tickreel_desktop.fetching.lists import FormLists
from tickreel_desktop.fetching.options_row import FetchOptions
from tickreel_desktop.fetching.outcome import Outcome
from tickreel_desktop.fetching.preview import Previewer
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.fetching.words import why_not
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from datetime import date

    from tickreel_desktop.fetching.preview import Preview
    from tickreel_desktop.fetching.vendor import Vendor
    from tickreel_desktop.tasks import Tasks

DEBOUNCE_MS = 250
_LEFT_PX, _WIDTH_PX, _HEIGHT_PX = 400, 1000, 724


@dataclass(frozen=True, slots=True)
class Submission:
    """What the user wants to be done, as it was shown."""

    preview: Preview
    is_paused: bool


@dataclass(frozen=True, slots=True)
class DialogParts:
    """The parts of a dialog, which take as long to make as it does."""

    form: FetchForm
    outcome: Outcome
    options: FetchOptions

    @classmethod
    async def made(cls, theme: Theme, today: date) -> DialogParts:
        """Make one part after the other, and let the window breathe between them."""
        form = FetchForm(theme, today)
        await asyncio.sleep(0)
        outcome, options = Outcome(theme), FetchOptions(theme)
        await asyncio.sleep(0)
        return cls(form, outcome, options)


class FetchDialog(QDialog):
    """Ask what to fetch. Use ``open()``; what is to be done comes by :attr:`submitted`.

    Whoever does it closes the dialog, or tells it by :meth:`show_refusal` why it was not done.
    """

    submitted = Signal(object)
    """A :class:`Submission`."""
    settings_wanted = Signal(str)
    """A page of the settings helps."""

    def __init__(
        self,
        theme: Theme,
        vendor: Vendor,
        parts: DialogParts,
        *,
        tasks: Tasks,
        wish: FetchWish,
        today: date,
        is_watching: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._vendor = vendor
        self._previewer = Previewer(vendor.planner)
        self._tasks = tasks
        self._preview: Preview | None = None
        self._generation = 0
        self._under_way: asyncio.Task[None] | None = None
        self._is_submitting = False
        self.setWindowTitle("Fetch days")
        self.setAccessibleName("Fetch days from Tardis")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.form, self.outcome, self.options = parts.form, parts.outcome, parts.options
        self.options.show_watch(is_watching=is_watching)
        self.command_box = CommandLine(theme)
        self.foot = FetchFoot(theme)
        self.fetch_button, self.pause_button = self.foot.fetch_button, self.foot.pause_button
        self._lists = FormLists(self.form, vendor, tasks)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DEBOUNCE_MS)
        self._lay_out()
        self._connect()
        self._fill(wish, today)

    def _lay_out(self) -> None:
        px = self._theme.px
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedWidth(1)
        left = self._side(self.form)
        left.setFixedWidth(px(_LEFT_PX))
        body.addWidget(left)
        body.addWidget(line)
        body.addWidget(self._right_side(), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(self.foot)
        self.resize(px(_WIDTH_PX), px(_HEIGHT_PX))

    def _side(self, inner: QWidget) -> QScrollArea:
        """Let a side scroll where the window is too low for it."""
        margin = self._theme.px(16)
        # From the outside in: what is filled already is dressed anew wherever it is put.
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        area.setWidget(page)
        column = QVBoxLayout(page)
        column.setContentsMargins(margin, margin, margin, margin)
        column.addWidget(inner)
        return area

    def _right_side(self) -> QWidget:
        px, margin = self._theme.px, self._theme.px(16)
        right, inner = QWidget(self), QWidget()
        whole = QVBoxLayout(right)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._side(inner), 1)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(12))
        line = QFrame()
        set_role(line, Role.LINE)
        line.setFixedHeight(1)
        self._options_line = line
        column.addWidget(self.outcome)
        column.addWidget(line)
        column.addWidget(self.options)
        column.addStretch(1)
        box = QVBoxLayout()
        box.setContentsMargins(margin, 0, margin, margin)
        box.setSpacing(px(4))
        box.addWidget(label("As a command", Role.LABEL))
        box.addWidget(self.command_box)
        whole.addLayout(box)
        return right

    def _connect(self) -> None:
        self.form.changed.connect(self._on_changed)
        self._lists.asked.connect(self._on_asked)
        self._lists.refused.connect(self._on_exchange_refused)
        self.options.changed.connect(self._on_changed)
        self.outcome.settings_wanted.connect(self.settings_wanted)
        self.outcome.again_wanted.connect(self.look_again)
        self.foot.cancel_button.clicked.connect(self.reject)
        self.pause_button.clicked.connect(lambda: self._submit(is_paused=True))
        self.fetch_button.clicked.connect(lambda: self._submit(is_paused=False))
        self._pause.timeout.connect(self._begin_preview)
        self.finished.connect(lambda _result: self._stop_preview())

    def _fill(self, wish: FetchWish, today: date) -> None:
        if wish.first is None or wish.last is None:
            last = today.replace(day=1) - timedelta(days=1)
            wish = replace(wish, first=last.replace(day=1), last=last)
        self.form.exchange.set_exchange(wish.exchange)
        self.form.symbols.set_symbols(wish.symbols)
        self.form.choose_types(wish.types)
        self.form.days.set_days(wish.first, wish.last)
        self.options.fill(wish)
        start = self.form.symbols.edit if wish.exchange else self.form.exchange.edit
        start.setFocus(Qt.FocusReason.OtherFocusReason)
        self._lists.begin()
        self._tasks.start(self._offer_machine(), "look for a tardis-machine")
        self._on_changed()

    def wish(self) -> FetchWish:
        """Give what is filled in."""
        first, last = self.form.days.days()
        options = self.options
        return FetchWish(
            exchange=self.form.exchange.exchange,
            symbols=self.form.symbols.symbols(),
            types=self.form.chosen_types(),
            first=first,
            last=last,
            leaves_out_bad=not options.bad.isChecked(),
            keeps_partial=not options.replace.isChecked(),
            pins=options.pin.isChecked(),
            keeps_on=options.keep.isChecked(),
            origin=options.origin,
            goes_over_budget=options.over.isChecked(),
        )

    def preview(self) -> Preview | None:
        """Give what is shown of what will happen; None while nothing is."""
        return self._preview

    def reason(self) -> str:
        """Say why it cannot be fetched as it is; empty when it can."""
        return self.foot.reason()

    def look_again(self) -> None:
        """Plan anew, and ask the vendor for it: the key or the line may be others now."""
        self._vendor.planner.renew()
        self._previewer.ask_again()
        self._lists.list_symbols()
        self._on_changed()

    def show_refusal(self, problem: str) -> None:
        """Say why what was wanted was not done; what was filled in stays."""
        self._is_submitting = False
        self.outcome.refuse(problem)
        if self._preview is not None and self._preview.wish == self.wish():
            self._renew_buttons(why_not(self._preview))

    async def _offer_machine(self) -> None:
        try:
            is_there = await self._vendor.has_machine()
        except TickreelError:
            return  # whatever is wrong with the settings is told by the preview
        if isValid(self):
            self.options.offer_machine(is_there=is_there)

    def _on_asked(self) -> None:
        self._previewer.has_asked = True
        self.foot.show_sent(has_asked=True)

    def _on_exchange_refused(self, problem: str) -> None:
        if self._preview is None:
            self.outcome.refuse(problem)

    def _on_changed(self) -> None:
        """Let what is shown follow what is filled in: the command at once, the plan after a moment."""
        self._stop_preview()
        wish = self.wish()
        self.command_box.set_command(wish.command())
        self.options.show_preview(self._preview)
        missing = wish.missing()
        if missing:
            self._preview = None
            self.outcome.clear(missing)
            self.options.show_preview(None)
            self.form.days.show_fates({}, {}, frozenset())
            self._show_options(is_shown=False)
        else:
            self._show_options(is_shown=True)
            self._pause.start()
        self._renew_buttons(missing or "Planning…")

    def _show_options(self, *, is_shown: bool) -> None:
        self.options.setVisible(is_shown)
        self._options_line.setVisible(is_shown)

    def _stop_preview(self) -> None:
        self._generation += 1
        self._pause.stop()
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None

    def _begin_preview(self) -> None:
        self._tasks.start(self._plan(self.wish(), self._generation), "plan a fetch")

    async def _plan(self, wish: FetchWish, generation: int) -> None:
        """Show what is known at once, then what the vendor says."""
        self._under_way = asyncio.current_task()
        try:
            for make in (self._previewer.kept, self._previewer.asked):
                try:
                    preview = await make(wish)
                except TickreelError as error:
                    if make == self._previewer.kept:
                        continue  # from a list that may be old: the vendor is asked first
                    if isValid(self) and generation == self._generation:
                        self._refuse(capital(str(error)))
                    return
                if not isValid(self) or generation != self._generation:
                    return
                self._show(preview)
        finally:
            if generation == self._generation:
                self._under_way = None

    def _show(self, preview: Preview) -> None:
        self._preview = preview
        self.outcome.show_preview(preview)
        self.options.show_preview(preview)
        self.form.symbols.set_problem("")
        flawed = frozenset(item.day for item in preview.plan.items if item.flaw)
        self.form.days.show_fates(preview.fates, preview.held, flawed)
        self._renew_buttons(why_not(preview))
        self.foot.show_sent(has_asked=self._previewer.has_asked)

    def _refuse(self, problem: str) -> None:
        self._preview = None
        self.outcome.refuse(problem)
        self.options.show_preview(None)
        self._show_options(is_shown=False)
        self.form.symbols.set_problem(problem if "lists no" in problem else "")
        self.form.days.show_fates({}, {}, frozenset())
        self._renew_buttons("It cannot be planned")
        self.foot.show_sent(has_asked=self._previewer.has_asked)

    def _renew_buttons(self, reason: str) -> None:
        self.foot.show_state(self._preview, "Queueing…" if self._is_submitting else reason)

    def _submit(self, *, is_paused: bool) -> None:
        preview = self._preview
        if preview is None or preview.wish != self.wish() or self.reason():
            return
        self._is_submitting = True
        self._renew_buttons("")
        self.submitted.emit(Submission(preview, is_paused))
