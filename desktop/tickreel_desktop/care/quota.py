"""The quota of the cache in the window: shown, previewed, set."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel.events import DatasetsChanged
from tickreel.settings import setting, text_of
from tickreel_desktop.care.quota_bar import QuotaBar
from tickreel_desktop.care.quota_dialog import KEY, QuotaDialog, read_stock
from tickreel_desktop.components import Message, MessageAction, ToastKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store.care.statistics import Statistics
    from tickreel_desktop.care.context import CareContext
    from tickreel_desktop.settings import SettingsKeeper

_STORE = "store."


class Quota(QObject):
    """Shows the room, and lets the quota be changed in the settings, from where it is also undone."""

    def __init__(
        self, context: CareContext, keeper: SettingsKeeper, evict: Callable[[], object], read_only: str
    ) -> None:
        super().__init__(context.window)
        self._context = context
        self._keeper = keeper
        self._evict = evict
        self._read_only = read_only
        self._sums: Statistics | None = None
        self.bar = QuotaBar(context.theme)
        self.bar.clicked.connect(lambda: context.tasks.start(self.change(), "change the quota"))
        keeper.loaded.connect(lambda _loaded: self._show())
        keeper.value_changed.connect(self._on_setting_changed)

    def show_statistics(self, sums: Statistics) -> None:
        """Show how the room is shared out now."""
        self._sums = sums
        self._show()

    def _show(self) -> None:
        loaded = self._keeper.current
        if self._sums is not None and loaded is not None:
            self.bar.show_room(self._sums, loaded.values.store.eviction, is_locked=loaded.is_locked(KEY))

    def command(self) -> str:
        """Spell what shows the quota as a command line."""
        return f"tickreel settings get {KEY}"

    async def change(self) -> None:
        """Preview quotas, and set the one that is accepted."""
        context, keeper = self._context, self._keeper
        stock = await asyncio.to_thread(read_stock, context.cache)
        loaded = keeper.current
        if loaded is None:
            context.teller.warning("The quota cannot be shown", "The settings are not read yet.")
            return
        dialog = QuotaDialog(
            context.theme, stock, loaded, context.tasks, read_only=self._read_only, parent=context.window
        )
        if not await context.ask(dialog):
            return
        quota_bytes = dialog.quota_bytes
        keeper.change(KEY, quota_bytes)
        await keeper.settled()
        if keeper.current is not None and keeper.current.values.store.quota_bytes == quota_bytes:
            await self._tell(quota_bytes, context.undo.last)

    async def _tell(self, quota_bytes: int | None, done: object | None) -> None:
        known = setting(KEY)
        assert known is not None
        context = self._context
        await self._renew()
        plan = await asyncio.to_thread(context.cache.life.eviction.preview)
        undo = context.undo
        actions = [MessageAction("Undo", undo.undo, lambda: done is not None and undo.last is done)]
        text = "Room is made at the next import or fetch."
        if plan.freed_bytes and not context.cache.is_read_only:
            actions.append(MessageAction("Evict now...", self._run_evict))
        else:
            text = "Nothing has to leave."
        told = "No quota any more" if quota_bytes is None else f"Quota set to {text_of(known, quota_bytes)}"
        context.teller.say(Message(ToastKind.GOOD, told, text), actions)

    def _run_evict(self) -> None:
        self._evict()

    def _on_setting_changed(self, key: str, _value: object) -> None:
        if key.startswith(_STORE):
            self._context.tasks.start(self._renew(), "renew the settings of the store")

    async def _renew(self) -> None:
        """Let the core go by what is set now, and have the window read it."""
        await asyncio.to_thread(self._context.cache.renew_settings)
        self._context.bus.publish(DatasetsChanged(()))
