"""The shared tier of one cache: days that are not held come from there, and days that are held go there.

The cache asks it before it says that a day is missing; a fetch asks it before it asks the vendor. Where the
server fails, a day is as missing as it was before, and one deadline was lost at most.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from time import monotonic, perf_counter_ns
from typing import TYPE_CHECKING, TypeVar

from tickreel.errors import ConflictError, EnvironmentProblem, TickreelError
from tickreel.progress import UNWATCHED
from tickreel.shared.changes import Changes
from tickreel.shared.deadline import Patience, patient
from tickreel.shared.leases import LEASE_S, Leases
from tickreel.shared.naming import DayKeys
from tickreel.shared.putting import Piece
from tickreel.shared.taking import ManyDays, take
from tickreel.shared.trouble import LineFailed, TierState
from tickreel.shared.values import MOST_PARTS
from tickreel.store import Source
from tickreel.store.library.readiness import prepare_storing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.shared.line import LineView
    from tickreel.shared.putting import PutOutcome
    from tickreel.shared.records import Whereabouts
    from tickreel.shared.tier import SharedTier
    from tickreel.shared.values import DayRecord
    from tickreel.store import Cache, Day, Ingested
    from tickreel.store.records.usage import TierUsage

_LOGGER = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
_NOT_THERE_S = 5.0
"""How long a day that was not there is not looked for again by a read, unless somebody tells of it."""
_RESTS_S = 1.0
"""How long reads leave a server alone that has just failed one: who reads on does not wait again."""
_TURNS = 64
_LOOKS_S = 0.1
"""How often who waits for a day that another thread brings looks whether it is still wanted."""


class SharedSupply:
    """Brings days of one cache from the shared tier, and puts them there; for any thread."""

    def __init__(self, cache: Cache, tier: SharedTier, *, lease_s: float = LEASE_S) -> None:
        """Take over *tier*, which is closed with this."""
        self._cache = cache
        self.tier = tier
        self.leases = Leases(tier.line, lease_s=lease_s)
        self._changes = Changes(tier.line, self._on_change)
        self._is_listening = False
        self._turns = [threading.Lock() for _ in range(_TURNS)]
        """Of two threads that want one day, the second finds it here; other days do not wait for it."""
        self._rests_until_s = 0.0
        self._not_there: dict[tuple[DatasetKey, date], float] = {}

    def close(self) -> None:
        """Let go of the server; a second call does nothing."""
        self.leases.close()
        self._changes.close()
        self.tier.close()

    def view(self) -> LineView:
        """Tell how the line to the server stands; nothing is asked."""
        return self.tier.line.view()

    def state(self) -> TierState:
        """Ask the server how it is, in one word."""
        try:
            self.tier.line.ping_s()
        except LineFailed:
            return TierState.OPEN if self.view().state is TierState.OPEN else TierState.ERROR
        return TierState.OK

    def usage(self) -> TierUsage:
        """Tell what this home had of it, all programs together, as far as it was written down.

        Raises:
            EnvironmentProblem: the catalog cannot be read.
        """
        return self._cache.shared_usage()

    def listen(self) -> None:
        """Begin to hear what others change there."""
        if not self._is_listening:
            self._is_listening = True
            self._changes.start()

    @contextmanager
    def one_read(self) -> Iterator[None]:
        """Let all that this thread asks of the server count as one read, which loses one deadline at most."""
        with patient(Patience(self.tier.line.timeout_s)):
            yield

    def bring(
        self, asked: Mapping[DatasetKey, Sequence[date]], monitor: Monitor = UNWATCHED
    ) -> set[tuple[DatasetKey, date]]:
        """Bring those of some days that are there into the cache, and tell which came.

        Days come in their order, of all datasets in turn. A server that fails is not asked for the rest.

        Raises:
            EnvironmentProblem: this machine cannot store them.
            Cancelled: the monitor said so; days that came before stay.
        """
        wanted = self._wanted(asked)
        if not wanted:
            return set()
        came: dict[DayKeys, int] = {}
        misses = 0
        try:
            with self.one_read():
                self._ensure_no_rest()
                records = self._resting(lambda: self.tier.records.of(wanted))
                work = ManyDays(monitor, len(wanted), sum(record.rows for record in records.values()))
                if records:
                    prepare_storing()  # which is no time of the server's
                for keys in wanted:
                    work.begin(f"{keys.key} {keys.day}", records[keys].rows if keys in records else 0)
                    began_ns = perf_counter_ns()
                    if keys in records and self._is_brought(keys, records[keys], work):
                        came[keys] = perf_counter_ns() - began_ns
                    else:
                        self._not_there[keys.key, keys.day] = monotonic() + _NOT_THERE_S
            misses = len(wanted) - len(came)
        except LineFailed as failed:
            _LOGGER.info("days are not brought from the shared cache: %s", failed)
            misses = len(wanted) - len(came)
        finally:
            self._note(list(came.values()), misses)
        return {(keys.key, keys.day) for keys in came}

    def promised(self, asked: Mapping[DatasetKey, Sequence[date]]) -> dict[tuple[DatasetKey, date], int]:
        """Tell which of some days are there with every chunk, to be brought by and by, and their bytes.

        Of what could not be asked in time nothing is promised. What is not there counts as missed, as by
        :meth:`bring`.
        """
        wanted = self._wanted(asked)
        try:
            self._ensure_no_rest()
        except LineFailed:
            self._note([], len(wanted))
            return {}
        where = self.tier.records.whereabouts(wanted, self.tier.line.timeout_s)
        if where.trouble is not None:
            self._rests_until_s = monotonic() + _RESTS_S
        for keys in wanted[: len(wanted) - where.unknown]:
            if keys not in where.found:
                self._not_there[keys.key, keys.day] = monotonic() + _NOT_THERE_S
        self._note([], len(wanted) - len(where.found))
        return {(keys.key, keys.day): record.stored_bytes for keys, record in where.found.items()}

    def room_bytes(self) -> int:
        """Tell how much this home can take before days have to leave it: by its quota, and by its disk."""
        try:
            return self._cache.life.room_bytes()
        except (OSError, EnvironmentProblem) as problem:
            _LOGGER.info("how much room is left is not known: %s", problem)
            return 0

    def _wanted(self, asked: Mapping[DatasetKey, Sequence[date]]) -> list[DayKeys]:
        """Give those of some days that are worth asking for, by time."""
        if self._cache.is_read_only:
            return []
        now_s = monotonic()
        in_time = sorted(
            (DayKeys(key, day) for key, days in asked.items() for day in days), key=lambda one: one.day
        )
        return [one for one in in_time if self._not_there.get((one.key, one.day), 0.0) <= now_s]

    def _ensure_no_rest(self) -> None:
        """Leave a server alone that has just failed a read; raises LineFailed."""
        trouble = self.view().breaker.trouble
        if monotonic() < self._rests_until_s and trouble is not None:
            raise LineFailed(trouble, was_asked=False)

    def _resting(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask the server, and let reads leave it alone for a moment if it fails; raises LineFailed."""
        try:
            return ask()
        except LineFailed as failed:
            if failed.was_asked:
                self._rests_until_s = monotonic() + _RESTS_S
            raise

    def _is_brought(self, keys: DayKeys, record: DayRecord, monitor: Monitor) -> bool:
        """Store a day unless another thread has just done so; tell whether it is here."""
        turn = self._turns[hash(keys) % _TURNS]
        while not turn.acquire(timeout=_LOOKS_S):
            monitor.report(0, None)
        try:
            held = self._cache.day(keys.key.exchange, keys.key.symbol, keys.key.type, keys.day)
            if held is not None and not held.state.is_hole:
                return True
            self._ensure_no_rest()  # whoever had the turn may have waited for a server in vain
            return self._resting(lambda: self._bring(keys.key, keys.day, record, monitor=monitor)) is not None
        finally:
            turn.release()

    def bring_day(
        self, key: DatasetKey, day: date, *, replace: bool = False, monitor: Monitor = UNWATCHED
    ) -> Ingested | None:
        """Bring one whole day into the cache; None where it is not there, or not sound, or nobody answers.

        Raises:
            EnvironmentProblem: this machine cannot store it.
            Cancelled: the monitor said so.
        """
        prepare_storing()  # which is no time of the server's
        began_ns = perf_counter_ns()
        try:
            with self.one_read():
                record = self.tier.records.of_day(key, day)
                found = None
                if record is not None and record.is_whole:
                    found = self._bring(key, day, record, replace=replace, monitor=monitor)
        except LineFailed as failed:
            _LOGGER.info("%s %s is not brought from the shared cache: %s", key, day, failed)
            found = None
        self._note([] if found is None else [perf_counter_ns() - began_ns], int(found is None))
        return found

    def days_there(self, asked: Mapping[DatasetKey, Sequence[date]]) -> set[tuple[DatasetKey, date]]:
        """Tell which of some days are there, as much of them as was put; none where nobody answers."""
        found = self.whereabouts(asked).found
        return {(keys.key, keys.day) for keys in found}

    def whole_days(self, key: DatasetKey, days: Sequence[date]) -> set[date]:
        """Tell which of some days are there from midnight to midnight; none where nobody answers."""
        found = self.whereabouts({key: days}).found
        return {keys.day for keys, record in found.items() if record.is_whole}

    def whereabouts(self, asked: Mapping[DatasetKey, Sequence[date]]) -> Whereabouts:
        """Tell which of the days of many datasets are there, in a few calls.

        Of what could not be asked in a deadline, or after slow calls have lost one, nothing is known; nor of
        anything where nobody answers.
        """
        return self.tier.records.whereabouts(
            [DayKeys(key, day) for key, days in asked.items() for day in days], self.tier.line.timeout_s
        )

    def datasets_there(self) -> dict[DatasetKey, list[date]]:
        """List the datasets of which days were put there, with these days; some may have left since.

        Raises:
            LineFailed: the server could not be asked.
        """
        with self.one_read():
            return self.tier.listing.datasets(self._cache.disk.now_us())

    def share(self, day: Day, *, token: int = 0, monitor: Monitor = UNWATCHED) -> PutOutcome:
        """Put a day that is held there, with the *token* of a lease.

        Raises:
            LineFailed: the server failed or refused.
            ConflictError: it cannot go there.
            DataError: its segment is damaged.
            Cancelled: the monitor said so.
        """
        if not day.state.is_held:
            raise ConflictError(f"{day.key} {day.day} is not held ({day.state})")
        if not 0 < len(day.parts) <= MOST_PARTS:
            raise ConflictError(
                f"{day.key} {day.day} is held in {len(day.parts)} parts, and at most {MOST_PARTS} go to the "
                "shared cache: fetch the whole day"
            )
        pieces = [
            Piece(
                self._cache.library.file_of(part),
                (Source.TARDIS if part.source.is_refetchable else part.source).value,
            )
            for part in day.parts
        ]
        return self.tier.putter.put(
            day.key, day.day, pieces, rows_sha256=day.rows_sha256, token=token, monitor=monitor
        )

    def _bring(
        self,
        key: DatasetKey,
        day: date,
        record: DayRecord,
        *,
        replace: bool = False,
        monitor: Monitor = UNWATCHED,
    ) -> Ingested | None:
        """Store a day as it comes, and keep the home within its limits."""
        found = take(self._cache, self.tier, DayKeys(key, day), record, replace=replace, monitor=monitor)
        if found is not None:
            try:
                self._cache.life.tidy()
            except TickreelError as error:
                _LOGGER.warning("the home could not be tidied after a day was brought: %s", error)
        return found

    def _note(self, took_ns: Sequence[int], misses: int) -> None:
        for _ in took_ns:
            self.tier.note(is_hit=True)
        for _ in range(misses):
            self.tier.note(is_hit=False)
        try:
            self._cache.note_shared(took_ns, misses)
        except EnvironmentProblem as problem:
            _LOGGER.info("the use of the shared cache is not written down: %s", problem)

    def _on_change(self, keys: DayKeys | None) -> None:
        if keys is None:
            self._not_there.clear()
        else:
            self._not_there.pop((keys.key, keys.day), None)
        self.tier.forget(keys)
