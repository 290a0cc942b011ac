"""Everything that can be done with what is held: it stands in the Data workspace, and is wired here.

Fetching, the life of days, instruments and savings have rooms of their own that know nothing of
each other.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from tickreel_desktop.care import CareControl
from tickreel_desktop.data.keeper import ArrangementKeeper
from tickreel_desktop.fetch_control import FetchControl
from tickreel_desktop.fetching.wish import FetchWish
from tickreel_desktop.instruments_control import InstrumentsControl
from tickreel_desktop.savings_control import SavingsControl
from tickreel_desktop.serving_control import ServingControl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tickreel.events import Bus
    from tickreel.jobs.runner import JobRunner
    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache
    from tickreel.store.model import DayRange
    from tickreel_desktop.actions import Actions
    from tickreel_desktop.data import DataWorkspace
    from tickreel_desktop.data.arrangement import SavedFilter
    from tickreel_desktop.frame import MainWindow
    from tickreel_desktop.jobs_control import JobsControl
    from tickreel_desktop.operations import Operations
    from tickreel_desktop.settings_control import SettingsControl
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo
    from tickreel_desktop.zone import DisplayZone

_ON_SELECTION = ("pin", "unpin", "verify", "warm", "export", "delete", "evict", "expire")


class DataControl(QObject):
    """The verbs of the Data workspace of one window."""

    def __init__(
        self,
        *,
        window: MainWindow,
        actions: Actions,
        theme: Theme,
        zone: DisplayZone,
        data: DataWorkspace,
        cache: Cache,
        runner: JobRunner,
        bus: Bus,
        tasks: Tasks,
        teller: Teller,
        undo: Undo,
        jobs: JobsControl,
        operations: Operations,
        settings: SettingsControl,
        keeps: bool,
    ) -> None:
        """Build the rooms; without *keeps* nothing of how they stand is kept."""
        super().__init__(window)
        self._window = window
        self._data = data
        self._undo = undo
        self.keeper = ArrangementKeeper(data, cache.home, tasks, teller.error, window, keeps=keeps)
        self.care = CareControl(
            window=window,
            actions=actions,
            theme=theme,
            cache=cache,
            runner=runner,
            tasks=tasks,
            teller=teller,
            undo=undo,
            ranges=self._ranges,
            selects_held=data.selects_held,
            bus=bus,
            keeper=settings.dialog.keeper,
        )
        self.instruments = InstrumentsControl(
            window=window,
            actions=actions,
            theme=theme,
            zone=zone,
            data=data,
            cache=cache,
            tasks=tasks,
            undo=undo,
        )
        self.fetching = FetchControl(
            window=window,
            actions=actions,
            theme=theme,
            cache=cache,
            tasks=tasks,
            teller=teller,
            jobs=jobs,
            undo=undo,
            open_settings=settings.open_page,
            selected=lambda: data.selected_row,
        )
        self.savings = SavingsControl(
            window=window,
            actions=actions,
            theme=theme,
            zone=zone,
            cache=cache,
            tasks=tasks,
            teller=teller,
            undo=undo,
            keeps=keeps,
        )
        self.serving = ServingControl(
            window=window, actions=actions, theme=theme, cache=cache, tasks=tasks, teller=teller
        )
        self._stand(actions)
        self._connect(jobs, operations, settings)

    def _stand(self, actions: Actions) -> None:
        """Put what the rooms show into the workspace, and let Del work there alone."""
        data, delete = self._data, actions["data.delete"]
        self._window.removeAction(delete)
        delete.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._stand_actions(actions)
        actions["data.warm"].visibleChanged.connect(lambda: self._stand_actions(actions))
        data.set_top(self.savings.card)
        data.set_foot(self.care.quota)
        data.offer_fetch()

    def _stand_actions(self, actions: Actions) -> None:
        """Show the actions that are in the menus as well."""
        found = [actions[f"data.{name}"] for name in _ON_SELECTION]
        self._data.set_actions([each for each in found if each.isVisible()])

    def _connect(self, jobs: JobsControl, operations: Operations, settings: SettingsControl) -> None:
        data, care, fetching = self._data, self.care, self.fetching
        data.selection_changed.connect(care.renew)
        data.selection_changed.connect(fetching.renew_possible)
        data.filter_removed.connect(self._on_filter_removed)
        data.fetch_requested.connect(lambda: fetching.open())
        data.detail.fetch_requested.connect(self._fetch_days)
        data.detail.fetch_and_pin_requested.connect(self._fetch_and_pin)
        data.detail.restore_requested.connect(care.trash.restore_version)
        data.detail.reveal_requested.connect(jobs.reveal)
        self._window.workspace_changed.connect(lambda _before, _now: care.renew())
        operations.summed.connect(care.show_statistics)
        operations.summed.connect(self.savings.refresh)
        care.fetch_wanted.connect(jobs.panel.fetch_requested)
        settings.dialog.key_changed.connect(lambda _name: fetching.look_again())
        settings.dialog.settings_changed.connect(lambda key, _value: fetching.setting_changed(key))

    async def begin(self) -> None:
        """Read what the rooms remember."""
        await self.savings.begin()
        await self.fetching.begin()

    async def close(self) -> None:
        """Close what is open, and keep how the workspace stands."""
        await self.serving.close()
        await self.keeper.close()
        self.instruments.close()
        await self.fetching.close()

    def _ranges(self) -> tuple[DayRange, ...]:
        """Give the days that are selected in Data, while Data is in front."""
        return self._data.selected_ranges() if self._window.front == "data" else ()

    def _fetch_days(self, key: DatasetKey, first: date, last: date) -> None:
        self.fetching.fetch_days(FetchWish.of_days(key, first, last))

    def _fetch_and_pin(self, key: DatasetKey, first: date, last: date) -> None:
        self.fetching.fetch_days(replace(FetchWish.of_days(key, first, last), pins=True))

    def fetch_ranges(self, ranges: Sequence[DayRange]) -> None:
        """Ask to fetch days of some datasets: those of the first one's exchange, as one fetch has one."""
        self.fetching.open(FetchWish.of_ranges(ranges))

    def _on_filter_removed(self, saved: SavedFilter) -> None:
        self._undo.did(
            f"Delete filter {saved.name}",
            partial(self._data.put_back_filter, saved),
            partial(self._data.drop_filter, saved.name),
        )
