"""The Jobs panel: what goes on, what has ended, what was said, and all of the one that is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.components import (
    Banner,
    BannerKind,
    ButtonKind,
    EmptyState,
    KeptMessage,
    Segment,
    Segments,
    ToastHost,
    ToastKind,
    button,
)
from tickreel_desktop.jobs.delegates import job_icon
from tickreel_desktop.jobs.detail_pane import Detail, DetailPane
from tickreel_desktop.jobs.messages import KIND_LOOKS, MessageTable
from tickreel_desktop.jobs.row import JobState, JobVerb
from tickreel_desktop.jobs.table import JobTable
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from tickreel.market.zone import Zone
    from tickreel_desktop.jobs.board import JobBoard
    from tickreel_desktop.jobs.row import JobRow
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone

_ACTIVE, _DONE, _MESSAGES = "active", "done", "messages"
_BELOW_UNDER_PX = 1000
"""Narrower than this the details stand below the list, where there is height for both."""
_BELOW_FROM_PX = 280
_DETAILS_PX = 480
_NOT_IN_DETAILS = (JobVerb.UP, JobVerb.DOWN, JobVerb.FIRST, JobVerb.LAST)


class JobsPanel(QWidget):
    """Show the jobs of a board and the messages of a window; what is cleared can be undone."""

    caption_changed = Signal(str)
    """What goes on, for the title of the dock."""
    summary_changed = Signal(str)
    """The same in short, for the status bar."""
    failures_changed = Signal(int)
    """How many jobs have failed, for the rail."""
    fetch_requested = Signal()
    """The user wants this program to fetch what is queued."""
    reveal_requested = Signal(Path)
    """A file or folder is to be shown where the system shows such."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        board: JobBoard,
        toasts: ToastHost,
        undo: Undo,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel.jobs")
        self._theme = theme
        self._zone = zone
        self._board = board
        self._toasts = toasts
        self._undo = undo
        self._opened: str | KeptMessage | None = None
        self._told: tuple[str, str, int] | None = None
        self._is_idle = False
        self._is_renewing = False
        """Whether rows come and go: a job that leaves the list is still the one that was opened."""
        self._is_arranged = False
        """Whether list and details have their sizes; from then on they are the user's."""
        self.table = JobTable(theme, "Jobs")
        self.messages = MessageTable(theme, zone, toasts)
        self.details = DetailPane(theme)
        self.details.hide()
        self._pages = QStackedWidget()
        self._empty = EmptyState(theme, "queue", "", "")
        for page in (self.table, self.messages, self._empty):
            self._pages.addWidget(page)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._pages)
        self._split.addWidget(self.details)
        self._split.setStretchFactor(0, 1)
        self._idle = Banner(
            theme,
            BannerKind.NOTE,
            "Days are queued, and no program is fetching them.",
            icon="cloud-arrow-down",
            action="Fetch now",
        )
        self._idle.action_triggered.connect(lambda: self.fetch_requested.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._idle_place(theme))
        column.addWidget(self._split, 1)
        self._make_tools()
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.setEnabled(False)
        self._escape.activated.connect(self.close_details)
        self._connect()
        self._renew()

    def _idle_place(self, theme: Theme) -> QFrame:
        self._place = QFrame()
        set_role(self._place, Role.PANEL)
        row = QVBoxLayout(self._place)
        row.setContentsMargins(theme.px(8), theme.px(4), theme.px(8), theme.px(4))
        row.addWidget(self._idle)
        self._place.hide()
        return self._place

    def _make_tools(self) -> None:
        theme = self._theme
        self._segments = Segments(
            theme,
            "Jobs shown",
            (Segment(_ACTIVE, "Active"), Segment(_DONE, "Done"), Segment(_MESSAGES, "Messages")),
            small=True,
            parent=self,
        )
        # Of this panel until the title takes them: without a parent they would be windows.
        self._hold = button(theme, "Pause all", ButtonKind.FLAT, icon="pause", parent=self)
        self._clear = button(theme, "Clear", ButtonKind.FLAT, icon="x", parent=self)
        self._segments.chosen.connect(lambda _key: self._renew())
        self._hold.clicked.connect(self._on_hold)
        self._clear.clicked.connect(self.clear)

    def _connect(self) -> None:
        self._board.changed.connect(self._renew)
        self._toasts.kept_changed.connect(self._renew)
        self._undo.changed.connect(self._renew_details)
        self._zone.changed.connect(self._renew_details)
        self.table.verb_chosen.connect(lambda job_id, verb: self._board.act(job_id, JobVerb(verb)))
        self.table.cause_wanted.connect(self.open_job)
        self.table.selectionModel().selectionChanged.connect(lambda: self._follow_selection())
        self.messages.opened.connect(self._open)
        self.messages.selectionModel().selectionChanged.connect(lambda: self._follow_selection())
        self.details.closed.connect(self.close_details)
        self.details.chosen.connect(self._on_chosen)
        self.details.reveal_requested.connect(self.reveal_requested)

    def tools(self) -> Sequence[QWidget]:
        """Give the controls for the title of the dock."""
        return (self._segments, self._hold, self._clear)

    def show_active(self) -> None:
        """Show what goes on and what failed."""
        self._show_page(_ACTIVE)

    def show_messages(self) -> None:
        """Show what was said."""
        self._show_page(_MESSAGES)

    def show_idle_fetches(self, is_idle: bool) -> None:
        """Offer to fetch what is queued, or not."""
        self._is_idle = is_idle
        self._renew()

    def open_job(self, job_id: str) -> None:
        """Show all of a job, for "Show cause" of a message as well; nothing happens when it has gone."""
        row = self._board.row(job_id)
        if row is None:
            return
        self._show_page(_DONE if row.state.is_ended else _ACTIVE)
        self.table.select_job(job_id)
        self._open(job_id)

    def close_details(self) -> None:
        """Show the list alone."""
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.details.isAncestorOf(focused)
        self._opened = None
        self.details.hide()
        self._pages.show()
        self._escape.setEnabled(False)
        if had_focus:
            self._page().setFocus(Qt.FocusReason.OtherFocusReason)

    def clear(self) -> None:
        """Take what has ended, or the messages, off the list; that can be undone."""
        if self._segments.value() == _MESSAGES:
            self._clear_messages()
        else:
            self._clear_jobs()

    def _clear_jobs(self) -> None:
        ids = [row.id for row in self._board.ended if JobVerb.DISMISS in row.verbs]
        if not ids:
            return
        count = f"{format_full(len(ids))} {'job' if len(ids) == 1 else 'jobs'}"
        bring_back = [self._board.dismiss(ids)]

        def redo() -> None:
            bring_back[0] = self._board.dismiss(ids)

        self._undo.did(
            f"Clear {count}",
            lambda: bring_back[0](),
            redo,
            told=f"{count} taken off the list",
            explained="What they stored stays.",
        )

    def _clear_messages(self) -> None:
        gone = self._toasts.kept()
        if not gone:
            return
        self._toasts.forget(gone)
        count = f"{format_full(len(gone))} {'message' if len(gone) == 1 else 'messages'}"
        # No message about it: it would be the first of a new list.
        self._undo.did(
            f"Clear {count}", lambda: self._toasts.restore(gone), lambda: self._toasts.forget(gone)
        )

    def _on_hold(self) -> None:
        self._board.act_all(JobVerb.PAUSE if self._board.can(JobVerb.PAUSE) else JobVerb.RESUME)

    def _on_chosen(self, key: str) -> None:
        opened = self._opened
        if isinstance(opened, KeptMessage):
            opened.run(opened.actions()[int(key)])
            self._renew_details()
        elif opened is not None:
            self._board.act(opened, JobVerb(key))

    def _show_page(self, key: str) -> None:
        if self._segments.value() != key:
            self._segments.choose(key)
            self._renew()

    def _page(self) -> QWidget:
        return self.messages if self._segments.value() == _MESSAGES else self.table

    def _open(self, what: str | KeptMessage) -> None:
        self._opened = what
        self._renew_details()
        self.details.show()
        self._arrange()
        if isinstance(what, str):
            self.table.scrollTo(self.table.currentIndex())
        self._escape.setEnabled(True)

    def _follow_selection(self) -> None:
        """Let details that are open follow the selected row."""
        if self._opened is None or self._is_renewing:
            return
        is_messages = self._segments.value() == _MESSAGES
        chosen: JobRow | KeptMessage | None
        chosen = self.messages.selected_message() if is_messages else self.table.selected_job()
        if chosen is not None:
            self._opened = chosen if isinstance(chosen, KeptMessage) else chosen.id
            self._renew_details()

    def _renew(self) -> None:
        board, page = self._board, self._segments.value()
        kept = self._toasts.kept()
        self._segments.set_text(_ACTIVE, _counted("Active", len(board.active)))
        self._segments.set_text(_DONE, _counted("Done", len(board.ended)))
        self._segments.set_text(_MESSAGES, _counted("Messages", len(kept)))
        self._renew_tools(page, has_messages=bool(kept))
        if page == _MESSAGES:
            self._pages.setCurrentWidget(self.messages if kept else self._empty)
        else:
            rows = board.active if page == _ACTIVE else board.ended
            self._is_renewing = True
            self.table.jobs.replace(rows)
            self._is_renewing = False
            self.table.show_pace(page == _ACTIVE)
            self._pages.setCurrentWidget(self.table if rows else self._empty)
        self._place.setVisible(self._is_idle and page == _ACTIVE)
        self._empty.set_text(*_EMPTY[page])
        self._renew_details()
        self._tell()

    def _renew_tools(self, page: str, *, has_messages: bool) -> None:
        can_pause, can_resume = self._board.can(JobVerb.PAUSE), self._board.can(JobVerb.RESUME)
        self._hold.setVisible(page == _ACTIVE and (can_pause or can_resume))
        text = "Pause all" if can_pause else "Resume all"
        if self._hold.text() != text:
            self._hold.setText(text)
            self._theme.bind_icon(self._hold, "pause" if can_pause else "play", "text_2", 14)
        self._clear.setText("Clear messages" if page == _MESSAGES else "Clear done")
        self._clear.setVisible(
            has_messages if page == _MESSAGES else page == _DONE and bool(self._board.ended)
        )

    def _renew_details(self) -> None:
        opened = self._opened
        if opened is None:
            return
        if isinstance(opened, KeptMessage) != (self._segments.value() == _MESSAGES):
            self.close_details()  # what was opened is not of the list in view
        elif isinstance(opened, KeptMessage):
            if opened in self._toasts.kept():
                self.details.show_detail(_message_detail(opened, self._zone.zone))
            else:
                self.close_details()
        elif (row := self._board.row(opened)) is None:
            self.close_details()
        else:
            self.details.show_detail(self._job_detail(row))

    def _job_detail(self, row: JobRow) -> Detail:
        account = self._board.account(row.id)
        icon, colour = job_icon(row)
        so_far = (("Done", row.done), ("Rate", row.rate), ("Left", row.left))
        facts = tuple((caption, value) for caption, value in so_far if value)
        return Detail(
            icon,
            colour,
            row.title,
            row.words,
            row.state is JobState.FAILED,
            account.facts + facts,
            tuple((verb.value, verb.text) for verb in row.verbs if verb not in _NOT_IN_DETAILS),
            account.parts,
            account.place,
        )

    def _tell(self) -> None:
        summary, speed = self._board.summary(), self._board.speed()
        caption = f"{summary}. {speed}" if summary and speed else summary
        failures = self._board.counts()[JobState.FAILED]
        told = (caption, summary or "no jobs", failures)
        before, self._told = self._told, told
        if told == before:
            return
        self.caption_changed.emit(caption)
        self.summary_changed.emit(told[1])
        if before is None or before[2] != failures:
            self.failures_changed.emit(failures)

    def _arrange(self) -> None:
        """Put the details beside the list, below it, or in its place, where there is room for them."""
        px = self._theme.px
        is_narrow, is_low = self.width() < px(_BELOW_UNDER_PX), self.height() < px(_BELOW_FROM_PX)
        self._pages.setVisible(self._opened is None or not (is_narrow and is_low))
        wanted = Qt.Orientation.Vertical if is_narrow and not is_low else Qt.Orientation.Horizontal
        if wanted == self._split.orientation() and self._is_arranged:
            return
        self._is_arranged = self._opened is not None
        self._split.setOrientation(wanted)
        is_below = wanted == Qt.Orientation.Vertical
        whole = self.height() if is_below else self.width()
        share = whole // 2 if is_below else min(px(_DETAILS_PX), whole // 2)
        self._split.setSizes([whole - share, share])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the details where there is room for them."""
        super().resizeEvent(event)
        self._arrange()


_EMPTY = {
    _ACTIVE: (
        "No jobs now",
        "Imports, fetches and checks are listed while they run. What failed stays until you deal with it.",
    ),
    _DONE: ("No jobs have ended", "What was done or cancelled stays here until it is cleared."),
    _MESSAGES: ("No messages", "What was told at the upper right of the window stays readable here."),
}


def _counted(word: str, count: int) -> str:
    return f"{word} {format_full(count)}" if count else word


def _message_detail(kept: KeptMessage, zone: Zone) -> Detail:
    message = kept.message
    word, icon, colour = KIND_LOOKS[message.kind]
    return Detail(
        icon,
        colour,
        message.heading,
        message.text,
        message.kind is ToastKind.ERROR,
        (("Kind", word), ("Said", moment_text(zone, message.time_us))),
        tuple((str(place), action.text) for place, action in enumerate(kept.actions())),
    )
