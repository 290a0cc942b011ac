"""The shared cache as its users see it: looked at, tried, looked through, filled, emptied; for every door."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.fetch.filling import drop
from tickreel.fetch.service import FetchService
from tickreel.fetch.warming import follow_job, warm
from tickreel.progress import UNWATCHED
from tickreel.settings import load
from tickreel.shared.address import read_address
from tickreel.shared.opening import line_of, renew_supply, supply_of
from tickreel.shared.snapshot import TierSnapshot, glance_at, look_over
from tickreel.shared.trial import try_out
from tickreel.shared.trouble import LineFailed, TierState, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence
    from datetime import date

    from tickreel.fetch.filling import Dropped
    from tickreel.fetch.warming import Follow, WarmReport, WarmRequest
    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.settings import SharedSettings
    from tickreel.shared.naming import DayKeys
    from tickreel.shared.records import Whereabouts
    from tickreel.shared.supply import SharedSupply
    from tickreel.shared.trial import Tried
    from tickreel.shared.values import DayRecord
    from tickreel.store import Cache
    from tickreel.store.model import DayRange


_DAYS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class SharedDataset:
    """A dataset of which days lie in the shared cache, and what these hold."""

    key: DatasetKey
    first_day: date
    last_day: date
    days: int
    rows: int
    bytes: int


class SharedService:
    """What may be done with the shared cache of one home, which stays open; for any thread.

    All but :meth:`glance` may wait for the server, each call for one deadline at most.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        environ: Mapping[str, str] = os.environ,
        open_service: Callable[[Cache], FetchService] = FetchService,
    ) -> None:
        self._cache = cache
        self._environ = environ
        self._open_service = open_service
        self._why_off = self._told_why_off()

    def renew(self) -> None:
        """Go by the settings of now from here on: another server, another user, or none any more.

        What has another under way meanwhile fails, as with a server that ends.

        Raises:
            UsageError: the address is none; what was used before is used no longer.
        """
        try:
            renew_supply(self._cache, self._environ)
        finally:
            self._why_off = self._told_why_off()

    @property
    def is_set(self) -> bool:
        """Whether there is a shared cache that is used."""
        return supply_of(self._cache) is not None

    def glance(self) -> TierSnapshot:
        """Tell how it stands by what calls have met; nobody is asked, and nothing waits."""
        supply = supply_of(self._cache)
        return self._why_off if supply is None else glance_at(supply)

    def look(self) -> TierSnapshot:
        """Ask the server how it is, and add how this home has used it.

        Raises:
            EnvironmentProblem: the catalog cannot be read.
        """
        supply = supply_of(self._cache)
        return self._why_off if supply is None else look_over(supply)

    def try_out(self, settings: SharedSettings | None = None, password: str | None = None) -> list[Tried]:
        """Test the connection step by step, by settings that need not be saved, or by those of now.

        Connections of its own are used, also where the server is left alone at present. Without a *password*
        that of the address, the environment or the keyring is used.

        Raises:
            UsageError: the address is none, or there is none.
        """
        wanted = load(self._cache.home, environ=self._environ).values.shared if settings is None else settings
        with closing(line_of(wanted, self._environ, password)) as line:
            return try_out(line)

    def whereabouts(self, asked: Mapping[DatasetKey, Sequence[date]]) -> Whereabouts:
        """Tell which days of many datasets are there, in a few calls and within a deadline or two.

        Raises:
            EnvironmentProblem: no shared cache is set.
        """
        return self._supply().whereabouts(asked)

    def datasets(self, *, besides: Container[DatasetKey] = ()) -> list[SharedDataset]:
        """List what datasets lie there *besides* some, by name; of each the days that are there in full.

        Raises:
            EnvironmentProblem: no shared cache is set, or it does not answer.
        """
        supply = self._supply()
        try:
            there = supply.datasets_there()
        except LineFailed as failed:
            raise EnvironmentProblem(f"the shared cache at {supply.view().address}: {failed}") from failed
        listed = {key: days for key, days in there.items() if key not in besides}
        found: dict[DatasetKey, dict[DayKeys, DayRecord]] = {}
        for some in _grouped(listed):
            where = supply.whereabouts(some)
            if where.unknown:
                trouble = where.trouble or Trouble.SILENT
                raise EnvironmentProblem(f"the shared cache at {supply.view().address}: {trouble.advice}")
            for keys, record in where.found.items():
                found.setdefault(keys.key, {})[keys] = record
        return [_shared_dataset(key, found[key]) for key in listed if key in found]

    def warm(
        self, request: WarmRequest, monitor: Monitor = UNWATCHED, *, follow: Follow = follow_job
    ) -> WarmReport:
        """Put days there; what is neither here nor there is fetched first.

        It is the work of a job (:class:`~tickreel.jobs.runner.JobRunner`), in a thread without a loop.

        Raises:
            EnvironmentProblem: no shared cache is set, or it cannot be asked.
            TickreelError: the vendor has no such dataset, or the calls of the plan do not suffice.
            Cancelled: the monitor said so; what is there stays.
        """
        return warm(
            self._cache, self._supply(), request, monitor, open_service=self._open_service, follow=follow
        )

    def drop(self, days: DayRange, monitor: Monitor = UNWATCHED) -> list[Dropped]:
        """Take days from there, for everybody; what is held here stays.

        Raises:
            EnvironmentProblem: no shared cache is set, or it fails or refuses.
            Cancelled: the monitor said so; what has left has left.
        """
        return drop(self._supply(), days, monitor)

    def _supply(self) -> SharedSupply:
        supply = supply_of(self._cache)
        if supply is None:
            raise EnvironmentProblem(f"{self._why_off.told}: {self._why_off.advice}")
        return supply

    def _told_why_off(self) -> TierSnapshot:
        """Say why there is no shared cache to ask."""
        settings = load(self._cache.home, environ=self._environ).values.shared
        if settings.url is None:
            return TierSnapshot(
                TierState.OFF,
                "no shared cache is set",
                "`tickreel settings set shared.url redis://HOST:PORT/0`, or set TICKREEL_REDIS_URL",
            )
        try:
            address = str(read_address(settings.url))
        except UsageError as error:
            return TierSnapshot(TierState.ERROR, str(error), "correct shared.url, or TICKREEL_REDIS_URL")
        return TierSnapshot(
            TierState.OFF,
            "the shared cache is set, and not used",
            "set shared.tiers to local + shared",
            address=address,
        )


def _grouped(listed: Mapping[DatasetKey, list[date]]) -> Iterator[dict[DatasetKey, list[date]]]:
    """Part datasets into groups of which one question after the other is asked, each within a deadline."""
    group: dict[DatasetKey, list[date]] = {}
    count = 0
    for key, days in listed.items():
        group[key] = days
        count += len(days)
        if count >= _DAYS_AT_ONCE:
            yield group
            group, count = {}, 0
    if group:
        yield group


def _shared_dataset(key: DatasetKey, days: Mapping[DayKeys, DayRecord]) -> SharedDataset:
    return SharedDataset(
        key=key,
        first_day=min(keys.day for keys in days),
        last_day=max(keys.day for keys in days),
        days=len(days),
        rows=sum(record.rows for record in days.values()),
        bytes=sum(record.stored_bytes for record in days.values()),
    )
