"""What a session plays: the sources of its instruments, and what is known of them over its range."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError
from tickreel.market.types import DatasetKey, DataType
from tickreel.progress import UNWATCHED
from tickreel.replay.bands import find_bands
from tickreel.replay.policy import Policy
from tickreel.replay.source import Source
from tickreel.replay.steps import Past
from tickreel.store import refuse_missing

if TYPE_CHECKING:
    from typing import Self

    from tickreel.progress import Monitor
    from tickreel.replay.plan import ReplayPlan
    from tickreel.store import Cache, MissingDay
    from tickreel.store.library.coming import DaysComing

DEFAULT_TYPES = (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES)
"""Played when no types are asked for, where they are held."""


class Repertoire:
    """The sources of a plan's symbols, in the order in which equal times are played."""

    def __init__(
        self,
        cache: Cache,
        plan: ReplayPlan,
        by_symbol: dict[tuple[str, str], list[Source]],
        coming: DaysComing | None,
    ) -> None:
        self._cache = cache
        self._plan = plan
        self.coming = coming
        """What brings its later days while the first are played, until its owner ends that."""
        self._by_symbol = by_symbol
        self.sources: tuple[Source, ...] = tuple(one for own in by_symbol.values() for one in own)
        self.missing: tuple[MissingDay, ...] = tuple(
            day for source in self.sources for day in source.plan.missing
        )
        self.past = Past(self.sources)
        """Where events lie before an instant."""

    @classmethod
    def of(cls, cache: Cache, plan: ReplayPlan, monitor: Monitor = UNWATCHED) -> Self:
        """Look up what a plan plays; of what is in the shared cache, wait for what it begins with.

        Raises:
            NotHeldError: nothing is held of a symbol, or days are missing over which it may not play.
            Cancelled: the monitor, which hears of what is waited for, said so.
        """
        library = cache.library
        types = plan.types or DEFAULT_TYPES
        coming = library.promise(plan.symbols, types, plan.start_us, plan.end_us, monitor)
        try:
            by_symbol = {
                (exchange, symbol): [
                    Source(
                        library,
                        library.plan(selection, plan.start_us, plan.end_us, awaits=True),
                        plan.order,
                    )
                    for data_type in _played_types(cache, exchange, symbol, plan.types, coming)
                    for selection in (library.select(exchange, symbol, data_type),)
                ]
                for exchange, symbol in plan.symbols
            }
            made = cls(cache, plan, by_symbol, coming)
            library.count_misses(made.missing)
            if not plan.allow_missing:
                refuse_missing(made.missing)
        except BaseException:
            if coming is not None:
                coming.cancel()
            raise
        return made

    def of_symbol(self, exchange: str, symbol: str) -> tuple[Source, ...]:
        """Give the sources of one of the plan's symbols."""
        return tuple(self._by_symbol[exchange, symbol])

    def kept(self, plan: ReplayPlan) -> Repertoire:
        """Give what is left of it for a plan of some of the symbols."""
        by_symbol = {pair: self._by_symbol[pair] for pair in plan.symbols}
        return Repertoire(self._cache, plan, by_symbol, self.coming)

    @cached_property
    def policy(self) -> Policy:
        """What the plan says of bands, with the bands there are."""
        plan = self._plan
        bands = find_bands(self._cache, [one.plan for one in self.sources]) if plan.actions else []
        return Policy(bands, plan.actions, plan.start_us, plan.end_us)

    @cached_property
    def health_edges_us(self) -> list[int]:
        """The instants at which an interval of health begins, or the first after one, in order."""
        bands = find_bands(self._cache, [one.plan for one in self.sources], days=False)
        edges = {us for band in bands for us in (band.from_us, band.to_us)}
        return sorted(us for us in edges if self._plan.start_us <= us < self._plan.end_us)


def _played_types(
    cache: Cache,
    exchange: str,
    symbol: str,
    asked: tuple[DataType, ...] | None,
    coming: DaysComing | None,
) -> list[DataType]:
    """List the types to play of one symbol, in the order in which equal times are played."""
    types = cache.library.held_types(exchange, symbol, DEFAULT_TYPES) if asked is None else list(asked)
    if asked is None and coming is not None:
        types += [each for each in DEFAULT_TYPES if coming.has(DatasetKey(exchange, symbol, each))]
    if not types:
        raise NotHeldError(
            f"no order book and no trades are held of {exchange} {symbol}: {cache.library.advice()}; "
            "name other types with --types"
        )
    return [data_type for data_type in DataType if data_type in types]
