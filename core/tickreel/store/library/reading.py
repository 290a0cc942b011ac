"""Which files answer a question, and their rows: ranges, gaps, and what a book needs from before."""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager
from datetime import date, timedelta
from itertools import groupby
from time import perf_counter_ns
from typing import TYPE_CHECKING

from tickreel.errors import DataError, NotHeldError, TickreelError, UsageError
from tickreel.market.time import day_of, day_start_us, days_touched
from tickreel.market.types import DatasetKey, DataType
from tickreel.progress import UNWATCHED
from tickreel.store.library.bringing import Bringing
from tickreel.store.library.handles import SegmentHandles
from tickreel.store.library.memory import CatalogMemory
from tickreel.store.library.plans import MissingDay, RangePlan, Selection
from tickreel.store.library.readiness import prepare_rows
from tickreel.store.model import Day, DayState, Part, Source
from tickreel.store.segments.ahead import BegunAhead

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence, Sized
    from pathlib import Path

    from tickreel.market.block import Block
    from tickreel.progress import Monitor
    from tickreel.store.home import Home
    from tickreel.store.library.coming import DaysComing
    from tickreel.store.library.farther import FartherTier
    from tickreel.store.library.kept import KeptRows
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.usage import UsageMeter
    from tickreel.store.segments import Keyframe, Segment

_LOGGER = logging.getLogger(__name__)

_ONE_DAY = timedelta(days=1)


class Library:
    """Read access to the days of one home, from several threads.

    *meter* is told of every day that a read was served from, or not; *on_damage* of a segment
    that could not be read, before the reader is.
    """

    def __init__(
        self, home: Home, catalog: Catalog, meter: UsageMeter, on_damage: Callable[[str], object]
    ) -> None:
        self._home = home
        self._catalog = catalog
        self._memory = CatalogMemory(home.catalog, catalog)
        self._meter = meter
        self._on_damage = on_damage
        self._handles = SegmentHandles()
        self._bringing = Bringing(self._memory)
        self.kept: KeptRows | None = None
        """Where rows stay that :meth:`rows` has read; None is the rule."""
        # What is open takes its room on the disk until it is closed.
        home.before_removal(self._handles.forget)

    def close(self) -> None:
        """Let go of all segments, of the catalog, and of the tier farther away."""
        self._bringing.attach(None)
        self._handles.close()
        self._memory.close()

    def attach(self, farther: FartherTier | None) -> None:
        """Bring days that are missing from a tier farther away, which is closed with this, or from none."""
        self._bringing.attach(farther)

    @property
    def farther(self) -> FartherTier | None:
        """The tier from which missing days are brought, if there is one."""
        return self._bringing.farther

    def end_coming(self) -> None:
        """Bring no more days ahead of replays, and wait until nothing of that goes on."""
        self._bringing.end_coming()

    def bring(
        self,
        instruments: Iterable[tuple[str, str]],
        types: Iterable[DataType],
        start_us: int,
        end_us: int,
        monitor: Monitor = UNWATCHED,
    ) -> None:
        """Bring what of [start_us, end_us) is missing here from the tier farther away, if there is one.

        *instruments* are pairs of exchange and symbol. Whatever does not come is missing as before; a tier
        that fails does so once for all of them.

        Raises:
            EnvironmentProblem: this machine cannot store what comes.
            Cancelled: the monitor said so; days that came before stay.
        """
        self._bringing.bring(instruments, types, days_touched(start_us, end_us), monitor)

    def promise(
        self,
        instruments: Iterable[tuple[str, str]],
        types: Iterable[DataType],
        start_us: int,
        end_us: int,
        monitor: Monitor = UNWATCHED,
    ) -> DaysComing | None:
        """Bring as :meth:`bring`, but only what [start_us, end_us) begins with; the rest comes by and by.

        Of each dataset that is the first day, and the first that there is where nothing is held yet.
        Whoever asks ends what is given, by which the later days come; None where none are to come.

        Raises:
            EnvironmentProblem: this machine cannot store what comes.
            Cancelled: the monitor said so; days that came before stay.
        """
        return self._bringing.promise(instruments, types, days_touched(start_us, end_us), monitor)

    def arrive(self, plan: RangePlan, until_us: int) -> RangePlan:
        """Give a plan whose days are here that begin up to an instant, when they have come.

        Raises:
            NotHeldError: one of them was on its way and does not come.
            EnvironmentProblem: this machine cannot store what comes.
        """
        self._bringing.reached(plan.selection.key, until_us)
        due = [day for day in plan.promised if day_start_us(day) <= until_us]
        if not due:
            return plan
        selection = plan.selection
        with self._bringing.one_read():
            for day in due:
                self._bringing.wait_for(selection.key, day)
        now = self.plan(selection, plan.start_us, plan.end_us, awaits=True)
        if lost := self._bringing.lacking({selection.key: due}):
            names = ", ".join(f"{day}" for day in lost[selection.key])
            raise NotHeldError(
                f"{selection} {names} was in the shared cache when this began, and does not come from there "
                "now: try again when the shared cache answers, or import or fetch the day"
            )
        return now

    def file_of(self, part: Part) -> Path:
        """Name the file that holds a part."""
        return self._home.segment_path(part.segment_id)

    def select(self, exchange: str, symbol: str, data_type: DataType, *, asked_days: int = 0) -> Selection:
        """Find what is held under a name: a dataset, or an instrument in a group's files.

        *asked_days* is how many days a read asks of it: misses, when nothing is held.

        Raises:
            NotHeldError: neither is held; the message says what is.
        """
        key = DatasetKey(exchange, symbol, data_type)
        holder = self._memory.dataset_with(key)
        if holder is not None:
            return Selection(holder, None if holder == key else symbol)
        self._meter.miss(asked_days)
        raise NotHeldError(f"nothing is held of {key}{self._nearest(key)}")

    def _nearest(self, key: DatasetKey) -> str:
        """Say what comes nearest to a name that is not held."""
        keys = self._catalog.keys()
        same = sorted({k.type.value for k in keys if (k.exchange, k.symbol) == (key.exchange, key.symbol)})
        if same:
            return f"; of {key.exchange} {key.symbol} there are {', '.join(same)}"
        folded = (key.exchange.casefold(), key.symbol.casefold())
        alike = sorted({f"{k.exchange} {k.symbol}" for k in keys if k.symbol.casefold() == folded[1]})
        if alike:
            return f"; did you mean {' or '.join(alike)}?"
        return f"; {self.advice()}"

    def advice(self) -> str:
        """Say where somebody finds what is held who asked for what is not."""
        if self._catalog.keys():
            return "`tickreel datasets` lists what is held"
        return "this home is empty: import or fetch days, or try `tickreel sample`"

    def held_types(self, exchange: str, symbol: str, types: Iterable[DataType]) -> list[DataType]:
        """Tell which of some types are held of a symbol, in the order given."""
        return [
            data_type
            for data_type in types
            if self._catalog.holds(DatasetKey(exchange, symbol, data_type))
            or self._catalog.group_with(exchange, symbol, data_type)
        ]

    def members(self, selection: Selection) -> list[str]:
        """List the instruments that a selection reads, sorted."""
        if selection.member:
            return [selection.member]
        if selection.key.is_grouped:
            return self._catalog.members(selection.key)
        return [selection.key.symbol]

    def plan_read(
        self,
        exchange: str,
        symbol: str,
        data_type: DataType,
        start_us: int,
        end_us: int,
        monitor: Monitor = UNWATCHED,
    ) -> RangePlan:
        """Find what a read of [start_us, end_us) asks for; days that are not there count as misses.

        Raises:
            NotHeldError: nothing is held under the name; missing days alone are no error.
            Cancelled: the monitor, which hears of days that are brought first, said so.
        """
        self.bring([(exchange, symbol)], [data_type], start_us, end_us, monitor)
        asked_days = len(days_touched(start_us, end_us))
        selection = self.select(exchange, symbol, data_type, asked_days=asked_days)
        plan = self.plan(selection, start_us, end_us)
        self.count_misses(plan.missing)
        return plan

    def plan(self, selection: Selection, start_us: int, end_us: int, *, awaits: bool = False) -> RangePlan:
        """Find the parts of [start_us, end_us) and what is missing of it.

        Who *awaits* days that come for a replay calls :meth:`arrive` before it reads so far; for
        others they are missing.
        """
        touched = days_touched(start_us, end_us)
        found = self._memory.days_between(selection.key, touched[0], touched[-1]) if touched else ()
        recorded = {day.day: day for day in found}
        states = {day: recorded[day].state if day in recorded else DayState.MISSING for day in touched}
        promised = tuple(
            day
            for day in touched
            if awaits and states[day].is_hole and self._bringing.is_on_its_way(selection.key, day)
        )
        return RangePlan(
            selection=selection,
            start_us=start_us,
            end_us=end_us,
            parts=tuple(
                part
                for day in touched
                if states[day].is_held
                for part in recorded[day].parts
                if part.start_us < end_us and start_us < part.end_us
            ),
            missing=tuple(
                MissingDay(selection, day, state)
                for day, state in states.items()
                if state.is_hole and day not in promised
            ),
            breaks_us=tuple(
                day_start_us(day)
                for day in touched
                if day_start_us(day) >= start_us and not states[day].is_held and day not in promised
            ),
            promised=promised,
        )

    def count_misses(self, missing: Sized) -> None:
        """Note for the statistics that each of some days was asked for and not there."""
        self._meter.miss(len(missing))

    def count_hit(self, selection: Selection, day: date, elapsed_ns: int) -> None:
        """Note for the statistics that a read was served from a day, and how long that took."""
        if self._bringing.has_just_come(selection.key, day):
            self._meter.miss()
            return
        self._meter.hit(selection.key, day, elapsed_ns)

    def rows(
        self, plan: RangePlan, columns: Sequence[str], parts: Sequence[Part] | None = None
    ) -> Iterator[Block]:
        """Read the rows of a plan, or of some of its parts, in file order and whole messages.

        The blocks hold *columns*, and local_timestamp; their arrays are nobody else's. While a day
        is read, the next one is begun. Each day that is read counts as a hit. Where rows are kept,
        those of the same plan come from there, and are not to be written to.

        Raises:
            DataError: a segment is gone or damaged.
        """
        if self.kept is None:
            return self._read_rows(plan, columns, parts)
        chosen = plan.parts if parts is None else parts
        key = (plan.selection, plan.start_us, plan.end_us, tuple(columns), tuple(chosen))
        return self.kept.rows(key, self._read_rows(plan, columns, parts))

    def _read_rows(
        self, plan: RangePlan, columns: Sequence[str], parts: Sequence[Part] | None
    ) -> Iterator[Block]:
        by_day = groupby(plan.parts if parts is None else parts, key=lambda part: part.day)
        days = [(day, self._day_rows(plan, tuple(of_day), columns)) for day, of_day in by_day]
        begun = None if len(days) < 2 else BegunAhead(days[1][1])
        try:
            for number, (day, blocks) in enumerate(days):
                if number == 0 or begun is None:
                    yield from self._metered(plan.selection, day, blocks)
                    continue
                current = begun
                begun = BegunAhead(days[number + 1][1]) if number + 1 < len(days) else None
                with closing(current):
                    yield from self._metered(plan.selection, day, current)
        finally:
            if begun is not None:
                begun.close()

    def _day_rows(self, plan: RangePlan, parts: Sequence[Part], columns: Sequence[str]) -> Generator[Block]:
        for part in parts:
            yield from self.part_rows(plan.selection, part, plan.start_us, plan.end_us, columns)

    def whole_parts(self, plan: RangePlan, columns: Sequence[str]) -> Iterator[Block]:
        """Read as :meth:`rows`, but each part's rows as one block."""
        for day, parts in plan.by_day():
            yield from self._metered(plan.selection, day, self._whole_parts(plan, parts, columns))

    def part_rows(
        self,
        selection: Selection,
        part: Part,
        start_us: int,
        end_us: int,
        columns: Sequence[str] | None = None,
        *,
        reuse: bool = False,
    ) -> Iterator[Block]:
        """Read the rows of one part whose local time lies in [start_us, end_us), for the store's own ends.

        Nothing is counted; without *columns* the blocks hold all of them. With *reuse* a block may
        be overwritten as soon as the next is asked for.

        Raises:
            DataError: the segment is gone or damaged.
        """
        with self._opened(selection, part) as segment:
            for block in segment.blocks(start_us, end_us, columns, reuse=reuse):
                own = _own(selection, block)
                if len(own):
                    yield own

    def _metered(self, selection: Selection, day: date, blocks: Iterable[Block]) -> Iterator[Block]:
        """Count a read of a day, with the time that it took without what its reader did in between."""
        prepare_rows()
        took_ns, resumed_ns = 0, perf_counter_ns()
        try:
            for block in blocks:
                took_ns += perf_counter_ns() - resumed_ns
                yield block
                resumed_ns = perf_counter_ns()
            took_ns += perf_counter_ns() - resumed_ns
        except GeneratorExit:  # it has seen enough, and was served
            self.count_hit(selection, day, took_ns)
            raise
        self.count_hit(selection, day, took_ns)

    def _whole_parts(self, plan: RangePlan, parts: Iterable[Part], columns: Sequence[str]) -> Iterator[Block]:
        for part in parts:
            with self._opened(plan.selection, part) as segment:
                own = _own(plan.selection, segment.read(plan.start_us, plan.end_us, columns))
            if len(own):
                yield own

    @contextmanager
    def _opened(self, selection: Selection, part: Part) -> Iterator[Segment]:
        """Hold a part's segment open: the one door to rows, at which damage is noticed."""
        try:
            with self._handles.opened(self.file_of(part)) as segment:
                if segment.footer.rows_sha256 != part.rows_sha256:
                    raise DataError(
                        f"segment {part.segment_id} of {selection.key} holds other rows than were stored "
                        "under its name: import the day again"
                    )
                yield segment
        except DataError as error:
            # Whatever takes the place of this file is to be seen by the next read.
            self._handles.forget(self.file_of(part))
            held = self._catalog.day(selection.key, part.day)
            if held is None or part.segment_id not in {one.segment_id for one in held.parts}:
                raise NotHeldError(
                    f"{selection} {part.day} was taken away while it was being read: ask for it again"
                ) from error
            try:
                self._on_damage(part.segment_id)
            except TickreelError:
                _LOGGER.exception("segment %s is damaged and could not be marked so", part.segment_id)
            raise DataError(f"{selection} {part.day} is damaged, import the day again: {error}") from error

    def disconnects(self, plan: RangePlan) -> list[tuple[int, int | None]]:
        """List where the recorder was cut off inside a plan: local times of the messages before and after.

        Only rows that came as normalized messages tell; None where no message came after.

        Raises:
            DataError: a segment is gone or damaged.
        """
        found: list[tuple[int, int | None]] = []
        for part in plan.parts:
            if part.source in (Source.TARDIS_MACHINE, Source.SHARED):  # which another may have from there
                with self._opened(plan.selection, part) as segment:
                    cuts = segment.footer.disconnects_us
                found += [cut for cut in cuts if plan.start_us <= cut[0] < plan.end_us]
        return found

    def keyframe_before(self, part: Part, end_us: int) -> Keyframe | None:
        """Find the last whole book that is kept with a part, of a message before *end_us*."""
        if not part.keyframe_bytes:
            return None
        from tickreel.store.segments import Keyframes

        try:
            with closing(Keyframes.open(self._home.keyframes_path(part.segment_id))) as keyframes:
                return keyframes.before(end_us - 1)
        except DataError as error:
            _LOGGER.warning("read on without keyframes: %s", error)
            return None

    def day(self, selection: Selection, day: date) -> Day:
        """Find a held day of a selection that a read asks for.

        Raises:
            NotHeldError: the day is not held, which counts as a miss.
        """
        found = self._memory.day(selection.key, day)
        if found is None or not found.state.is_held:
            self._meter.miss()
            state = found.state if found else DayState.MISSING
            raise NotHeldError(f"{selection} {day} is not held ({state})")
        return found

    def chain_before(self, selection: Selection, end_us: int) -> list[Part]:
        """List the parts from which the book just before *end_us* follows, oldest first.

        Goes back from the day of the last microsecond before *end_us*, day by day while
        days are held, to a part that opens with a snapshot: nothing older matters.
        """
        if selection.key.type is not DataType.INCREMENTAL_BOOK_L2:
            raise UsageError(f"{selection.key.type} makes no order book")
        found: list[Part] = []
        day = day_of(end_us - 1)
        # From the catalog itself: the health of a day asks for this inside a transaction.
        while (held := self._catalog.day(selection.key, day)) is not None and held.state.is_held:
            for part in reversed(held.parts):
                if part.first_local_us is None or part.first_local_us >= end_us:
                    continue
                found.append(part)
                if part.opens_with_snapshot:
                    return found[::-1]
            day -= _ONE_DAY
        return found[::-1]


def _own(selection: Selection, block: Block) -> Block:
    return block if selection.member is None else block.only(selection.member)
