"""What would leave for good, by the policy or of the selection, before it does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget
from shiboken6 import isValid

from tickreel.errors import TickreelError
from tickreel.market.units import format_bytes
from tickreel.settings import setting, text_of
from tickreel_desktop.care.choices import COLUMNS, Outlook, outlook_of
from tickreel_desktop.care.commands import cache_command
from tickreel_desktop.care.dialog import CareDialog, HeadedCommand
from tickreel_desktop.care.room_bar import RoomBar, Share
from tickreel_desktop.care.survey import counted, days_words
from tickreel_desktop.care.table import make_table
from tickreel_desktop.components import ButtonKind, EmptyState, Segment, Segments, label
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.settings import EvictionPolicy
    from tickreel.store import Cache
    from tickreel.store.care.eviction import EvictionPlan
    from tickreel.store.model import DayRange
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme

_SIZE_PX = (880, 560)


def policy_words(policy: EvictionPolicy) -> str:
    """Name a policy as the settings do, in small letters: ``unused the longest``."""
    known = setting("store.eviction")
    assert known is not None
    return text_of(known, policy).lower()


class EvictDialog(CareDialog):
    """Preview an eviction; accepted means that :attr:`plan` shall be carried out."""

    def __init__(
        self,
        theme: Theme,
        cache: Cache,
        tasks: Tasks,
        ranges: Sequence[DayRange],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "Evict days", parent)
        self._cache = cache
        self._tasks = tasks
        self._ranges = tuple(ranges)
        self._asked = 0
        self._outlook: Outlook | None = None
        self.scope = Segments(
            theme,
            "What to evict",
            (Segment("policy", "By the policy"), Segment("selection", "The selection")),
        )
        self.scope.setVisible(bool(self._ranges))
        self.scope.choose("selection" if self._ranges else "policy")
        self.scope.chosen.connect(lambda _key: self._begin())
        self.view = Segments(
            theme, "Which days to list", (Segment("going", "Leaves"), Segment("staying", "Stays")), small=True
        )
        self.view.chosen.connect(lambda _key: self._show_list())
        self._heading = label("", Role.TITLE)
        self._text = label("", Role.SECONDARY, wrap=True)
        self._bar = RoomBar(theme, "Room that the cache takes")
        self._marks = label("", Role.CAPTION)
        self.table, self._model = make_table(theme, "Days", COLUMNS)
        self._empty = EmptyState(theme, "check-circle", "", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._empty)
        self._command = HeadedCommand(theme)
        self.add_cancel()
        self.evict_button = self.add_button("Evict", ButtonKind.PRIMARY)
        self.evict_button.clicked.connect(self.accept)
        self._lay_out()
        self.fit(*_SIZE_PX)
        self._begin()

    def _lay_out(self) -> None:
        px = self._theme.px
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self.scope, 0, Qt.AlignmentFlag.AlignRight)
        self.body.addLayout(head)
        self.body.addWidget(self._text)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._marks)
        self.body.addSpacing(px(4))
        self.body.addWidget(self.view, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self._pages, 1)
        self.body.addSpacing(px(4))
        self.body.addWidget(self._command)

    @property
    def plan(self) -> EvictionPlan | None:
        """What is shown; None while it is read."""
        return None if self._outlook is None else self._outlook.plan

    def heading(self) -> str:
        """Give the sentence at the top."""
        return self._heading.text()

    def command(self) -> str:
        """Give the command line that does the same."""
        return self._command.command()

    @property
    def _is_of_selection(self) -> bool:
        return bool(self._ranges) and self.scope.value() == "selection"

    def _begin(self) -> None:
        self._outlook = None
        self._asked += 1
        self._heading.setText("Reading what may leave")
        self._text.setText("")
        self.evict_button.setEnabled(False)
        self._tasks.start(self._read(self._asked), "preview an eviction")

    async def _read(self, asked: int) -> None:
        ranges = self._ranges if self._is_of_selection else None

        def read() -> Outlook:
            return outlook_of(self._cache.life.eviction.preview(ranges))

        try:
            outlook = await asyncio.to_thread(read)
        except TickreelError as error:
            if isValid(self) and asked == self._asked:
                self._heading.setText("That cannot be told")
                self._text.setText(str(error))
            return
        if isValid(self) and asked == self._asked:
            self._show(outlook)

    def _show(self, outlook: Outlook) -> None:
        self._outlook, plan = outlook, outlook.plan
        count, freed_bytes = len(plan.evict), outlook.freed_bytes
        freed = format_bytes(freed_bytes)
        what = days_words(count)
        if plan.purge and not count:
            what = counted(len(plan.purge), "version")
        also = f" and {counted(len(plan.purge), 'version')} in the trash" if plan.purge and count else ""
        self._heading.setText(f"Evict {what}{also}, {freed}" if freed_bytes else "Nothing would leave")
        self._text.setText(self._sentence(outlook))
        after = plan.used_bytes - freed_bytes
        whole = max(plan.used_bytes, plan.quota_bytes or 0)
        shares = (
            Share("Stays", after, "present"),
            Share("Leaves", freed_bytes, "warning", is_hatched=True),
        )
        self._bar.show_shares(shares, whole, plan.quota_bytes)
        quota = "no quota" if plan.quota_bytes is None else f"{format_bytes(plan.quota_bytes)} quota"
        used = format_bytes(plan.used_bytes)
        self._marks.setText(f"{used} in use, {quota}.")
        if freed_bytes:
            self._marks.setText(
                f"{used} now, {format_bytes(after)} after, {quota}. "
                "What leaves is gone for good; it can be fetched again."
            )
        self.view.set_text("going", f"Leaves {len(plan.evict) + len(plan.purge)}")
        self.view.set_text("staying", f"Stays {len(plan.keep)}")
        self.evict_button.setText(f"Evict {what}, {freed}" if freed_bytes else "Evict")
        self.evict_button.setEnabled(bool(freed_bytes))
        of_selection = self._is_of_selection
        command = (
            cache_command("evict", self._ranges, "--for-good") if of_selection else cache_command("evict", ())
        )
        self._command.set_command(command)
        self._show_list()

    def _sentence(self, outlook: Outlook) -> str:
        plan, stays = outlook.plan, outlook.stays_words
        if self._is_of_selection:
            return f"Of the selection, days that can be fetched again and are not pinned. {stays}"
        first = f"Days that are {policy_words(plan.policy)} leave first."
        if plan.quota_bytes is None:
            first = "No quota is set: only what is over its time leaves."
        over = f" {format_bytes(outlook.over_bytes)} stay over the quota." if outlook.over_bytes else ""
        return f"{first} {stays}{over}"

    def _show_list(self) -> None:
        if self._outlook is None:
            return
        is_going = self.view.value() == "going"
        self._model.show_rows(self._outlook.going if is_going else self._outlook.staying)
        if is_going:
            self._empty.set_text("Nothing would leave", "“Stays” lists each day with its reason.")
        else:
            self._empty.set_text("Nothing stays", "All of these days can be fetched again.")
        self._pages.setCurrentWidget(self.table if self._model.rows else self._empty)
