"""Plans made with what the vendor's lists say, each list asked for once however many plans are made."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.fetch.history import History
from tickreel.fetch.naming import refuse_unknown, spelled, with_exchanges
from tickreel.fetch.preflight import METADATA_AGE_S, Facts, is_fresh_list, plan_fetch
from tickreel.fetch.queue import FetchQueue
from tickreel.fetch.ranges import spans_here
from tickreel.fetch.request import FetchRequest, Origin
from tickreel.market.time import US_PER_SECOND, day_of
from tickreel.sources.access import access
from tickreel.store.model import DayState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from tickreel.fetch.preflight import FetchPlan
    from tickreel.market.types import DatasetKey
    from tickreel.shared.supply import SharedSupply
    from tickreel.sources.access import Access
    from tickreel.sources.datasets import DatasetsClient
    from tickreel.sources.metadata import ExchangeInfo, MetadataStore
    from tickreel.store import Cache, Day
    from tickreel.store.records.database import Database


class KeyAccess:
    """What the key includes, asked for once in a while, and anew for another key."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._told: tuple[Access, ...] | None = None
        self._key: str | None = None
        """The key that includes it, in memory as in the client."""
        self._told_us = 0

    async def get(self, client: DatasetsClient) -> tuple[Access, ...] | None:
        """Give what the vendor has told, or tells now; None without a key, or where it does not tell."""
        secret = client.key.value
        if secret is None:
            return None
        age_us = self._now_us() - self._told_us
        if secret == self._key and 0 <= age_us <= METADATA_AGE_S * US_PER_SECOND:
            return self._told
        told = await access(client)
        if told is not None:
            self._told, self._key, self._told_us = told, secret, self._now_us()
        return told


class Planner:
    """Plans fetches into one cache, as long as one client is open."""

    def __init__(
        self,
        cache: Cache,
        database: Database,
        metadata: MetadataStore,
        client: DatasetsClient,
        key_access: KeyAccess,
        shared: SharedSupply | None = None,
    ) -> None:
        self._cache = cache
        self._shared = shared
        self._database = database
        self._metadata = metadata
        self._client = client
        self._now_us = cache.disk.now_us
        self._infos: dict[str, ExchangeInfo | None] = {}
        self._key_access = key_access
        self._accesses: tuple[Access, ...] | None = None
        self._has_asked_access = False

    async def info(self, exchange: str) -> ExchangeInfo | None:
        """Give what the vendor lists of an exchange; None where nothing of it is known.

        Raises:
            UsageError: the vendor has no such exchange.
        """
        if exchange not in self._infos:
            self._infos[exchange] = await self._metadata.get(self._client, exchange, METADATA_AGE_S)
        return self._infos[exchange]

    async def _access(self) -> tuple[Access, ...] | None:
        if not self._has_asked_access:
            self._accesses = await self._key_access.get(self._client)
            self._has_asked_access = True
        return self._accesses

    async def plan(
        self, request: FetchRequest, *, is_offline: bool = False, asks_shared: bool = True
    ) -> FetchPlan:
        """Say what a fetch would do, day by day; nothing but lists is downloaded.

        *is_offline* does not ask the vendor: lists of before serve, and what the key includes is not known.
        Without *asks_shared* the shared cache is not asked either.

        Raises:
            UsageError: the vendor has no such exchange or symbol.
        """
        request = with_exchanges(self._cache, request)
        infos: dict[str, ExchangeInfo | None] = {}
        accesses: tuple[Access, ...] | None = None
        if request.origin is Origin.DATASETS:
            for exchange, _ in request.instruments:
                infos[exchange] = self._metadata.cached(exchange) if is_offline else await self.info(exchange)
            accesses = None if is_offline else await self._access()
        for info in infos.values():
            if info is not None and is_fresh_list(info, self._now_us()):
                refuse_unknown(request, info)
        request = spelled(self._cache, request, infos)
        statistics = self._cache.life.statistics()
        used = statistics.bytes + statistics.keyframe_bytes + statistics.trash_bytes
        quota = statistics.quota_bytes
        held = {
            (day.key, day.day): day
            for key in request.datasets()
            for day in self._cache.days(key.exchange, key.symbol, key.type)
        }
        queue = FetchQueue(self._database, self._now_us)
        is_of_machine = request.origin is Origin.MACHINE
        ranged = held if is_of_machine else {}
        facts = Facts(
            held=held,
            ranges={named: spans_here(self._database, day) for named, day in ranged.items()},
            exchanges=infos,
            accesses=accesses,
            key=self._client.key,
            estimates=History(self._database).estimates(),
            now_us=self._now_us(),
            disk_free_bytes=statistics.disk_free_bytes,
            quota_free_bytes=None if quota is None else quota - used,
            failed={
                (key, day): reason for key in request.datasets() for day, reason in queue.refused(key).items()
            },
            shared=await asyncio.to_thread(self._farther, request, held) if asks_shared else frozenset(),
        )
        plan = plan_fetch(request, facts)
        note = f"lists are those of before: {self._client.withheld}" if self._client.withheld else ""
        if is_of_machine and plan.wanted and not is_offline:
            from tickreel.sources.normalized import machine_trouble  # what reads rows is heavy

            note = await machine_trouble(self._client.network)
        return replace(plan, notes=(note, *plan.notes)) if note else plan

    def _farther(
        self, request: FetchRequest, held: Mapping[tuple[DatasetKey, date], Day]
    ) -> frozenset[tuple[DatasetKey, date]]:
        """Find the days of a request that are not here as a whole and that the shared cache has."""
        if self._shared is None or request.origin is Origin.MACHINE or request.refetch:
            return frozenset()
        days = [day_of(start_us) for start_us, _ in request.spans()]
        lacking = {
            key: [day for day in days if not _is_whole(held.get((key, day)))] for key in request.datasets()
        }
        found = self._shared.whereabouts(lacking).found
        return frozenset((keys.key, keys.day) for keys, record in found.items() if record.is_whole)

    async def listed(self, key: DatasetKey) -> DatasetKey:
        """Give a dataset as the vendor lists it, as far as the vendor can be asked.

        Raises:
            UsageError: the vendor has no such exchange, symbol or type.
        """
        request = with_exchanges(self._cache, FetchRequest(((key.exchange, key.symbol),), (key.type,), 0, 0))
        (key,) = request.datasets()
        info = await self.info(key.exchange)
        if info is None or not is_fresh_list(info, self._now_us()):
            return key
        refuse_unknown(request, info)
        symbol = info.symbol(key.symbol)
        if symbol is not None and symbol.data_types and key.type.value not in symbol.data_types:
            raise UsageError(info.why_outside(key))
        return spelled(self._cache, request, {key.exchange: info}).datasets()[0]


def _is_whole(day: Day | None) -> bool:
    return day is not None and day.state is DayState.PRESENT
