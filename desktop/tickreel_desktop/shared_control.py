"""The shared cache in the window: state, card, settings; nothing of it is seen until one is set."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from tickreel.errors import TickreelError, UsageError
from tickreel.events import DatasetsChanged
from tickreel.keys import KeyName
from tickreel.settings import Source, Tiers
from tickreel_desktop.components import Message, MessageAction, ToastKind, open_soon
from tickreel_desktop.data import Residence, row_elsewhere
from tickreel_desktop.sharing import (
    Cure,
    DaysThere,
    Elsewhere,
    SharedCard,
    SharedWatch,
    loss_words,
    standing_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.events import Bus
    from tickreel.fetch.sharing import SharedDataset
    from tickreel.settings import LoadedSettings
    from tickreel.store import Cache
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.data import DatasetRow, DataWorkspace
    from tickreel_desktop.data.listing import Listing
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.operations import Operations
    from tickreel_desktop.settings_control import SettingsControl
    from tickreel_desktop.sharing import SharedLook
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme

_PAGE = "shared"
_TIERS = "shared.tiers"
_CARD, _USE = "data.shared", "data.shared_use"
_ACTIONS = (_CARD, _USE, "data.warm", "data.drop")
_FIXED = {
    Source.POLICY: "Locked by the machine's policy.",
    Source.ENVIRONMENT: "Set by the environment.",
    Source.FLAG: "Set on the command line.",
}
_CURED_BY = {
    Cure.SERVER: "shared.url",
    Cure.CERTIFICATES: "shared.ca_file",
}
"""The setting that is to be changed."""


class SharedControl(QObject):
    """The shared cache of one window."""

    used_changed = Signal(bool)
    """Whether days are looked for and kept there now."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        cache: Cache,
        tasks: Tasks,
        teller: Teller,
        settings: SettingsControl,
        data: DataWorkspace,
        operations: Operations,
        bus: Bus,
        open_help: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._theme = theme
        self._tasks = tasks
        self._teller = teller
        self._settings = settings
        self._open_help = open_help
        self._was_failing = False
        self.card: SharedCard | None = None
        """The card while it is open."""
        self.watch = SharedWatch(cache, tasks, parent=self)
        self.watch.changed.connect(self._on_changed)
        self.days_there = DaysThere(self.watch, tasks, parent=self)
        self._elsewhere = Elsewhere(self.watch, tasks, parent=self)
        self._held: Sequence[DatasetRow] = ()
        self._connect_data(data, operations, bus)
        keeper = settings.dialog.keeper
        keeper.loaded.connect(self._on_loaded)
        settings.dialog.key_changed.connect(self._on_key_changed)
        settings.dialog.connection_row.opened.connect(lambda: self.open(settings.dialog))
        window.status.shared.clicked.connect(lambda: self.open())
        actions.on(_CARD, self.open)
        actions.on(_USE, self._on_use_toggled)
        actions.offer_command(_CARD, lambda: "tickreel doctor")
        actions.offer_command(_USE, self._use_command)
        self._renew_actions()
        if keeper.current is not None:
            self._on_loaded(keeper.current)

    def _connect_data(self, data: DataWorkspace, operations: Operations, bus: Bus) -> None:
        """Let the tables say where days lie."""
        days, elsewhere = self.days_there, self._elsewhere

        def on_elsewhere(found: Sequence[SharedDataset]) -> None:
            operations.list_elsewhere([row_elsewhere(one.key, one.first_day, one.last_day) for one in found])
            days.follow([*self._held, *found])

        elsewhere.changed.connect(on_elsewhere)
        self.watch.opened.connect(self._on_opened)
        days.changed.connect(lambda known: data.show_residence(None if known is None else Residence(known)))
        operations.refreshed.connect(self._on_refreshed)
        data.placing_wanted.connect(
            lambda residence, listing: self._tasks.start(
                self._place(data, residence, listing), "mark days of the shared cache"
            )
        )
        data.selection_changed.connect(lambda: days.hurry(data.selected_keys()))

        def on_change(event: DatasetsChanged) -> None:
            # What another program changed is not named: then those are asked for that somebody looks at.
            days.forget(event.keys or tuple(map(str, data.selected_keys())))
            elsewhere.forget()

        bus.subscribe(DatasetsChanged, on_change)

    async def _place(self, data: DataWorkspace, residence: Residence, listing: Listing[Any]) -> None:
        """Work out on a thread where the days of a long list lie."""
        await asyncio.to_thread(residence.prepare, listing)
        if isValid(data):
            data.take_placed(residence)

    def _on_opened(self) -> None:
        look = self.watch.look
        is_used = look is not None and self.watch.is_used
        self.days_there.start(look.tier.address if look is not None and is_used else None)
        self._elsewhere.start(is_used=is_used)
        self.used_changed.emit(is_used)

    def _on_refreshed(self, rows: Sequence[DatasetRow]) -> None:
        self._held = rows
        self._elsewhere.hold(rows)
        self.days_there.follow([*rows, *self._elsewhere.found])

    def renew_elsewhere(self) -> None:
        """Ask anew what datasets lie there of which nothing is held here."""
        self._elsewhere.forget()

    def open(self, over: QWidget | None = None) -> None:
        """Show the card; *over* a dialog that is open."""
        if self.card is not None:
            self.card.activateWindow()
            return
        card = SharedCard(self._theme, over or self._window)
        card.cure_wanted.connect(self._cure)
        card.test_wanted.connect(lambda: self._tasks.start(self._test(card), "test the shared cache"))
        card.tiers_chosen.connect(self.choose_tiers)
        card.settings_wanted.connect(lambda: self._to_setting("shared.url"))
        card.help_wanted.connect(lambda: self._open_help(_PAGE))
        card.finished.connect(self._on_card_closed)
        self.card = card
        self._renew_card()
        self.watch.look_closely(is_close=True)
        if over is None:
            open_soon(self._window, card)
        else:
            card.open()

    def choose_tiers(self, value: str) -> None:
        """Keep days on this machine alone, or on the server as well; it can be undone."""
        keeper = self._settings.dialog.keeper
        keeper.change(_TIERS, value)
        keeper.flush()

    async def close(self) -> None:
        """Close the card and let go of the server; before the cache."""
        if self.card is not None:
            self.card.reject()
        await self.watch.close()

    def _on_loaded(self, loaded: LoadedSettings) -> None:
        self.watch.use(loaded)
        self._renew_actions()
        self._renew_card()

    def _on_key_changed(self, name: str) -> None:
        if name == KeyName.REDIS:
            self.watch.renew()

    def _on_changed(self, look: SharedLook | None) -> None:
        self._renew_status()
        self._renew_actions()
        if self.card is not None:
            self.card.show_look(look)

    def _renew_status(self) -> None:
        look, status, row = self.watch.look, self._window.status, self._settings.dialog.connection_row
        if look is None:
            self._was_failing = False
            status.tell_shared("", "", is_alarming=False)
            row.show_state("None is set")
            return
        standing = standing_of(look)
        about = "\n".join(filter(None, (look.tier.address, standing.advice, "Open its card")))
        status.tell_shared(standing.brief, about, is_alarming=standing.is_alarming)
        row.show_state(standing.heading)
        is_failing = standing.is_alarming and look.is_asked
        if is_failing and not self._was_failing and self.card is None:
            actions = [MessageAction("Show", self.open)]
            if standing.cure is Cure.AGAIN:
                actions.insert(0, MessageAction("Try now", self.watch.renew))
            heading = f"Shared cache: {standing.heading[:1].lower()}{standing.heading[1:]}"
            self._teller.say(Message(ToastKind.WARNING, heading, loss_words(look)), actions)
        self._was_failing = is_failing

    def _renew_actions(self) -> None:
        loaded = self._settings.dialog.keeper.current
        is_set = loaded is not None and loaded.values.shared.url is not None
        for name in _ACTIONS:
            self._actions.offer(name, is_set)
        if loaded is not None:
            self._actions[_USE].setChecked(loaded.values.shared.is_used)
            why = _why_fixed(loaded)
            self._actions.enable(_USE, not why, why)

    def _renew_card(self) -> None:
        loaded = self._settings.dialog.keeper.current
        if self.card is None:
            return
        self.card.show_look(self.watch.look)
        if loaded is not None:
            self.card.show_tiers(loaded.values.shared.tiers.value, why_fixed=_why_fixed(loaded))

    def _on_use_toggled(self) -> None:
        is_used = self._actions[_USE].isChecked()
        self.choose_tiers((Tiers.LOCAL_AND_SHARED if is_used else Tiers.LOCAL).value)

    def _use_command(self) -> str:
        to_be = Tiers.LOCAL if self._actions[_USE].isChecked() else Tiers.LOCAL_AND_SHARED
        return f'tickreel settings set {_TIERS} "{to_be.value}"'

    def _cure(self, cure: Cure) -> None:
        match cure:
            case Cure.AGAIN:
                self.watch.renew()
            case Cure.USE:
                self.choose_tiers(Tiers.LOCAL_AND_SHARED.value)
            case Cure.RULES:
                self._open_help(_PAGE)
            case Cure.PASSWORD:
                self._to_page()
            case _:
                self._to_setting(_CURED_BY[cure])

    def _to_setting(self, key: str) -> None:
        self._close_card()
        self._settings.open_setting(key)

    def _to_page(self) -> None:
        self._close_card()
        self._settings.open_page(_PAGE)

    def _close_card(self) -> None:
        if self.card is not None:
            self.card.reject()

    async def _test(self, card: SharedCard) -> None:
        service = self.watch.service
        try:
            if service is None:
                raise UsageError("No shared cache is set any more.")
            tried = await asyncio.to_thread(service.try_out)
        except TickreelError as error:
            if isValid(card):
                card.show_no_test(str(error))
            return
        if isValid(card):
            card.show_tried(tried)
            self.watch.look_now()

    def _on_card_closed(self) -> None:
        self.card = None
        self.watch.look_closely(is_close=False)


def _why_fixed(loaded: LoadedSettings) -> str:
    """Say why it cannot be chosen here where days are kept; empty where it can."""
    return _FIXED.get(loaded.origin(_TIERS).source, "")
