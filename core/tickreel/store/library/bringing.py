"""What is brought from a tier farther away: for a read before it begins, or ahead of a replay."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import product
from typing import TYPE_CHECKING

from tickreel.errors import Cancelled, NotHeldError
from tickreel.market.types import DatasetKey
from tickreel.store.library.coming import DaysComing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from tickreel.market.types import DataType
    from tickreel.progress import Monitor
    from tickreel.store.library.farther import FartherTier
    from tickreel.store.library.memory import CatalogMemory


class Bringing:
    """Brings days that a catalog lacks from the tier that is attached, if one is; for any thread."""

    def __init__(self, memory: CatalogMemory) -> None:
        self._memory = memory
        self.farther: FartherTier | None = None
        """The tier from which missing days are brought, if there is one."""
        self._just_came: set[tuple[DatasetKey, date]] = set()
        """Days that were brought for a read which has not been counted yet: the farther tier served it."""
        self._coming: list[DaysComing] = []

    def attach(self, farther: FartherTier | None) -> None:
        """Bring days from another tier from now on, or from none; that of before is closed."""
        self.end_coming()
        before, self.farther = self.farther, farther
        if before is not None:
            before.close()

    def has_just_come(self, key: DatasetKey, day: date) -> bool:
        """Tell once whether a day was brought since it was read last."""
        is_new = (key, day) in self._just_came
        self._just_came.discard((key, day))
        return is_new

    def bring(
        self,
        instruments: Iterable[tuple[str, str]],
        types: Iterable[DataType],
        days: Sequence[date],
        monitor: Monitor,
    ) -> None:
        """Do as :meth:`Library.bring`, also for errors."""
        if self.farther is not None:
            self._bring(self._days_of(instruments, types, days), monitor)

    def promise(
        self,
        instruments: Iterable[tuple[str, str]],
        types: Iterable[DataType],
        touched: Sequence[date],
        monitor: Monitor,
    ) -> DaysComing | None:
        """Do as :meth:`Library.promise`, also for errors."""
        farther = self.farther
        if farther is None or len(touched) < 2:
            self.bring(instruments, types, touched, monitor)
            return None
        with farther.one_read():
            later = self._begun(farther, self._days_of(instruments, types, touched), touched[0], monitor)
        if not later:
            return None
        coming = DaysComing(later, self._bring, farther.room_bytes)
        self._coming = [*(one for one in self._coming if not one.is_over), coming]
        coming.start()
        return coming

    def _begun(
        self,
        farther: FartherTier,
        wanted: Mapping[DatasetKey, Sequence[date]],
        first: date,
        monitor: Monitor,
    ) -> dict[tuple[DatasetKey, date], int]:
        """Bring what a replay begins with, and give the days that are there for later, with their bytes."""
        asked = self.lacking(wanted)
        there = farther.promised(asked) if asked else {}
        now: dict[DatasetKey, list[date]] = {}
        later: dict[tuple[DatasetKey, date], int] = {}
        for key, days in asked.items():
            for number, day in enumerate(day for day in days if (key, day) in there):
                if day == first or (number == 0 and self._memory.dataset_with(key) is None):
                    now.setdefault(key, []).append(day)
                else:
                    later[key, day] = there[key, day]
        self._bring(now, monitor)
        return later

    def one_read(self) -> AbstractContextManager[None]:
        """Let all days that this thread waits for count as one read, for what a tier that fails may cost."""
        return nullcontext() if self.farther is None else self.farther.one_read()

    def wait_for(self, key: DatasetKey, day: date) -> None:
        """Bring a day that is on its way for somebody."""
        while self.lacking({key: [day]}):
            coming = self._on_its_way(key, day)
            if coming is None:
                raise NotHeldError(
                    f"{key} {day} was to come from the shared cache, and is not brought any more, as the "
                    "replay was closed or the shared cache let go of: open the replay again"
                )
            try:
                coming.bring_now(key, day)
            except Cancelled:
                continue  # another may want it still
            return

    def reached(self, key: DatasetKey, at_us: int) -> None:
        """Let replays that a dataset's days are brought for run ahead of an instant."""
        for coming in self._coming:
            if coming.has(key):
                coming.reached(at_us)

    def is_on_its_way(self, key: DatasetKey, day: date) -> bool:
        """Tell whether a day comes for somebody who still wants it."""
        return self._on_its_way(key, day) is not None

    def _on_its_way(self, key: DatasetKey, day: date) -> DaysComing | None:
        return next((one for one in self._coming if (key, day) in one), None)

    def end_coming(self) -> None:
        """Bring no more days ahead of replays, and wait until nothing of that goes on."""
        ended, self._coming = self._coming, []
        for coming in ended:
            coming.cancel()
        for coming in ended:
            coming.join()

    def lacking(self, asked: Mapping[DatasetKey, Sequence[date]]) -> dict[DatasetKey, list[date]]:
        """Give those of some days that should be here and are not."""
        lacking: dict[DatasetKey, list[date]] = {}
        for key, days in asked.items():
            recorded = self._memory.days_between(key, days[0], days[-1]) if days else ()
            here = {day.day for day in recorded if not day.state.is_hole}
            if missing := [day for day in days if day not in here]:
                lacking[key] = missing
        return lacking

    def _days_of(
        self, instruments: Iterable[tuple[str, str]], types: Iterable[DataType], days: Sequence[date]
    ) -> dict[DatasetKey, Sequence[date]]:
        """Name the datasets that hold some instruments, or would, each with all of some days."""
        named = [DatasetKey(*pair, data_type) for pair, data_type in product(instruments, types)]
        return {self._memory.dataset_with(key) or key: days for key in named}

    def _bring(self, asked: Mapping[DatasetKey, Sequence[date]], monitor: Monitor) -> None:
        """Bring those of some days that are not here."""
        lacking = self.lacking(asked)
        if lacking and self.farther is not None:
            self._just_came.update(self.farther.bring(lacking, monitor))
