"""The quota changed by a slider or typed, with what would leave at it, live."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QSlider, QStackedWidget
from shiboken6 import isValid

from tickreel.market.units import format_bytes
from tickreel.settings import Source, setting, text_of, value_of_text
from tickreel.store.care.eviction import plan_eviction, size_of
from tickreel_desktop.care.choices import COLUMNS, Outlook, outlook_of
from tickreel_desktop.care.dialog import CareDialog, HeadedCommand
from tickreel_desktop.care.evict_dialog import policy_words
from tickreel_desktop.care.room_bar import RoomBar, Share, shares_of
from tickreel_desktop.care.survey import counted, days_words
from tickreel_desktop.care.table import make_table
from tickreel_desktop.components import Banner, BannerKind, ButtonKind, EmptyState, label
from tickreel_desktop.settings.fields import ValueField
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.settings import LoadedSettings, StoreSettings
    from tickreel.store import Cache, Day
    from tickreel.store.care.trash import TrashEntry
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import Theme

KEY = "store.quota_bytes"
_SIZE_PX = (880, 580)
_STEPS = 500
_FIELD_PX = 120


@dataclass(frozen=True, slots=True)
class Stock:
    """What a quota decides about, as it was read when the dialog opened."""

    days: Sequence[Day]
    trash: Sequence[TrashEntry]
    shares: tuple[Share, ...]
    kept_bytes: int
    """Of days that never leave by themselves."""
    used_bytes: int
    """What counts against the quota."""
    disk_free_bytes: int
    now_us: int


def read_stock(cache: Cache) -> Stock:
    """Read what is held; on a worker thread."""
    days, trash = cache.all_days(), cache.life.trash.entries()
    pinned = sum(size_of(day) for day in days if day.pinned)
    own = sum(size_of(day) for day in days if not day.pinned and not day.is_refetchable)
    held, trashed = sum(map(size_of, days)), sum(entry.bytes for entry in trash)
    return Stock(
        days,
        trash,
        shares_of(pinned=pinned, evictable=held - pinned - own, own=own, trash=trashed),
        kept_bytes=pinned + own,
        used_bytes=held + trashed,
        disk_free_bytes=cache.disk.free_bytes(cache.home),
        now_us=cache.disk.now_us(),
    )


class QuotaDialog(CareDialog):
    """Choose the quota; :attr:`quota_bytes` has the answer once it was accepted."""

    def __init__(
        self,
        theme: Theme,
        stock: Stock,
        loaded: LoadedSettings,
        tasks: Tasks,
        *,
        read_only: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Show it; *read_only* says why nothing can be set in this home, if that is so."""
        super().__init__(theme, "Cache quota", parent)
        known = setting(KEY)
        assert known is not None
        self._setting = known
        self._stock = stock
        self._store: StoreSettings = loaded.values.store
        self._tasks = tasks
        self.quota_bytes = self._store.quota_bytes
        """What is chosen now; None is no limit."""
        self._lock = _lock_words(loaded) or (f"{read_only}." if read_only else "")
        self._is_planning = False
        self._used = stock.used_bytes
        self._whole = max(self._used + stock.disk_free_bytes, self.quota_bytes or 0, 1)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Quota, as a share of the disk")
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(_STEPS // 20)
        self.slider.valueChanged.connect(self._on_slid)
        self.field = ValueField(theme.px(_FIELD_PX))
        self.field.setAccessibleName("Quota, such as 500 GB")
        self.field.taken.connect(self._on_typed)
        self.field.dropped.connect(lambda: self._show_quota())
        self.no_limit = QCheckBox("No limit")
        self.no_limit.toggled.connect(self._on_no_limit)
        self._heading = label("", Role.TITLE)
        self._text = label("", Role.SECONDARY, wrap=True)
        self._bar = RoomBar(theme, "Room that the cache takes")
        self._marks = label("", Role.CAPTION)
        self.table, self._model = make_table(theme, "Days that would leave", COLUMNS)
        self._empty = EmptyState(theme, "check-circle", "Nothing would leave", "Everything held fits.")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._empty)
        self._command = HeadedCommand(theme)
        self.add_cancel("Close" if self._lock else "Cancel")
        self.set_button = self.add_button("Set the quota", ButtonKind.PRIMARY)
        self.set_button.setVisible(not self._lock)
        self.set_button.clicked.connect(self._on_set)
        self._lay_out()
        self.fit(*_SIZE_PX)
        self._show_quota()
        self._renew()

    def _lay_out(self) -> None:
        px = self._theme.px
        if self._lock:
            self.body.addWidget(Banner(self._theme, BannerKind.NOTE, self._lock, icon="lock-simple"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(2))
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.slider, 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.no_limit, 0, 2)
        grid.addWidget(self._bar, 1, 0)
        for each in (self.slider, self.field, self.no_limit):
            each.setEnabled(not self._lock)
        self.body.addWidget(self._heading)
        self.body.addWidget(self._text)
        self.body.addSpacing(px(4))
        self.body.addLayout(grid)
        self.body.addWidget(self._marks)
        self.body.addSpacing(px(4))
        self.body.addWidget(self._pages, 1)
        self.body.addSpacing(px(4))
        self.body.addWidget(self._command)

    def heading(self) -> str:
        """Give the sentence at the top."""
        return self._heading.text()

    def command(self) -> str:
        """Give the command line that does the same."""
        return self._command.command()

    def choose(self, quota_bytes: int | None) -> None:
        """Choose a quota."""
        self.quota_bytes = quota_bytes
        self._show_quota()
        self._renew()

    def _on_slid(self, step: int) -> None:
        self.choose(_rounded(self._whole * step // _STEPS))

    def _on_typed(self, text: str) -> None:
        try:
            quota_bytes = value_of_text(self._setting, text)
        except ValueError as error:
            self.field.set_error(True)
            self.say(str(error), is_warning=True)
            self.set_button.setEnabled(False)
            return
        self.field.setModified(False)
        self.choose(quota_bytes)

    def _on_no_limit(self, is_on: bool) -> None:
        self.choose(None if is_on else _rounded(max(self._used, self._whole * self.slider.value() // _STEPS)))

    def _on_set(self) -> None:
        if self.field.isModified():
            self.field.take()
        if self.set_button.isEnabled():
            self.accept()

    def _show_quota(self) -> None:
        quota = self.quota_bytes
        for widget in (self.slider, self.no_limit):
            widget.blockSignals(True)
        self.slider.setValue(_STEPS if quota is None else round(quota * _STEPS / self._whole))
        self.no_limit.setChecked(quota is None)
        for widget in (self.slider, self.no_limit):
            widget.blockSignals(False)
        self.field.setModified(False)
        self.field.set_error(False)
        self.field.show_text(text_of(self._setting, quota))

    def _renew(self) -> None:
        """Plan anew; while one plan is made, the last choice waits for its own."""
        is_changed = self.quota_bytes != self._store.quota_bytes
        text = text_of(self._setting, self.quota_bytes)
        wanted = "Take the limit away" if self.quota_bytes is None else f"Set {text}"
        self.set_button.setText(wanted if is_changed else "Set the quota")
        self.set_button.setEnabled(is_changed)
        self.say("" if is_changed or self._lock else "This is the current quota")
        value = "none" if self.quota_bytes is None else str(self.quota_bytes)
        self._command.set_command(f"tickreel settings set {KEY} {value}")
        if not self._is_planning:
            self._is_planning = True
            self._tasks.start(self._plan(), "plan a quota")

    async def _plan(self) -> None:
        try:
            while isValid(self):
                quota = self.quota_bytes
                wanted = msgspec.structs.replace(self._store, quota_bytes=quota)
                outlook = await asyncio.to_thread(_look, self._stock, wanted)
                if not isValid(self):
                    return
                if quota == self.quota_bytes:
                    self._show(outlook)
                    return
        finally:
            self._is_planning = False

    def _show(self, outlook: Outlook) -> None:
        plan, freed = outlook.plan, outlook.freed_bytes
        at = (
            "Without a limit"
            if plan.quota_bytes is None
            else f"At {text_of(self._setting, plan.quota_bytes)}"
        )
        what = days_words(len(plan.evict))
        if plan.purge:
            what += f" and {counted(len(plan.purge), 'version')} in the trash"
        leaves = f"{what} would leave, {format_bytes(freed)}" if freed else "nothing would leave"
        self._heading.setText(f"{at}, {leaves}")
        first = (
            f"Days that are {policy_words(plan.policy)} leave first. " if plan.quota_bytes is not None else ""
        )
        kept = format_bytes(self._stock.kept_bytes)
        stay = f"Pinned and imported days never leave by themselves: {kept} of them."
        over = f" {format_bytes(outlook.over_bytes)} stay over the quota." if outlook.over_bytes else ""
        self._text.setText(f"{first}{stay}{over}")
        self._bar.show_shares(self._stock.shares, self._whole, plan.quota_bytes)
        used, free = self._used, self._stock.disk_free_bytes
        self._marks.setText(f"{format_bytes(used)} in use, {format_bytes(free)} free on the disk.")
        if freed:
            self._marks.setText(
                f"{format_bytes(used)} now, {format_bytes(used - freed)} after, "
                f"{format_bytes(free + freed)} free on the disk then. "
                "The next import or fetch makes room, or Evict."
            )
        self._model.show_rows(outlook.going)
        self._pages.setCurrentWidget(self.table if self._model.rows else self._empty)


def _look(stock: Stock, wanted: StoreSettings) -> Outlook:
    return outlook_of(plan_eviction(stock.days, stock.trash, wanted, stock.now_us))


def _rounded(size_bytes: int) -> int:
    """Round to two figures, as one would type it."""
    unit: int = 10 ** max(0, len(str(size_bytes)) - 2)
    return round(size_bytes / unit) * unit


def _lock_words(loaded: LoadedSettings) -> str:
    """Say what keeps the quota from being changed here; empty when nothing does."""
    origin = loaded.origin(KEY)
    match origin.source:
        case Source.POLICY:
            why = loaded.reasons.get(KEY)
            return f"Locked by the machine's policy {origin.where}{f': “{why}”' if why else ''}."
        case Source.ENVIRONMENT:
            return f"Set by the environment variable {origin.where}; unset it to change the quota here."
        case Source.FLAG:
            return "Set on the command line of this start; start without it to change the quota here."
    return ""
