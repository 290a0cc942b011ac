"""The end of an ingest: what came of each day is decided on, sealed, and recorded in one transaction."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError, DataError, NotHeldError
from tickreel.market.time import day_of
from tickreel.market.types import SCHEMAS, DatasetKey
from tickreel.progress import UNWATCHED
from tickreel.store.digest import RowsDigest
from tickreel.store.intake.settling import Arrival, Decision, Outcome, settle
from tickreel.store.model import Day, Part, Source
from tickreel.store.records.catalog import NewPart
from tickreel.store.segments import SealFacts, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from tickreel.market.block import Block
    from tickreel.store.home import Home
    from tickreel.store.intake.checkup import Checkup
    from tickreel.store.intake.dayfile import DayFile, Finished
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database
    from tickreel.store.staging import Staging


@dataclass(frozen=True, slots=True)
class Ingested:
    """One day of a file, as it now stands in the cache."""

    day: Day
    outcome: Outcome
    rows: int
    """Rows of the file on that day; the day itself may hold more."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where rows come from, said when the last of them was read."""

    source: Source
    source_sha256: str | None
    source_bytes: int | None = None
    """Size of the file they come from; of one that holds several days it is told for none."""
    disconnects_us: tuple[tuple[int, int | None], ...] = ()
    """Where the recorder was cut off: local times of the messages before and after."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The rows of a day, or of a part of one, that want in."""

    file: DayFile
    provenance: Provenance
    rests_on: tuple[str, ...]
    """Digests of the rows from which the books follow with which its day begins."""
    told_sha256: str | None = None
    """Digest that its rows are to have."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sealed part that is to be recorded."""

    new: NewPart
    finished: Finished


@dataclass(frozen=True, slots=True)
class _Settled:
    """One part that came with what was decided of it; *kept* is None where it is here already."""

    arrived: Arrived
    held: Day | None
    """What the catalog has of its day."""
    decision: Decision
    """Made where *held* and the parts before this one are what is held."""
    kept: _Kept | None

    @property
    def day(self) -> date:
        """Its UTC day."""
        return self.arrived.file.day

    @property
    def basis(self) -> str:
        """What the health of its day rests on where it is all of the day."""
        return " ".join((self.arrived.file.rows_sha256, *self.arrived.rests_on))

    @property
    def after(self) -> tuple[Part, ...]:
        """The parts of the day as they will stand, in time order."""
        held = self.decision.held.parts if self.decision.held else ()
        stays = [part for part in held if part not in self.decision.trashed]
        new = [] if self.kept is None else [self.kept.new.part]
        return tuple(sorted([*stays, *new], key=lambda part: part.start_us))


class Recording:
    """Records what one ingest has brought."""

    def __init__(
        self,
        home: Home,
        database: Database,
        catalog: Catalog,
        checkup: Checkup,
        key: DatasetKey,
        staging: Staging,
    ) -> None:
        self._home = home
        self._database = database
        self._catalog = catalog
        self._checkup = checkup
        self._key = key
        self._staging = staging
        self._files: list[DayFile] = []
        self._settled: list[_Settled] = []

    def record(self, arrived: Sequence[Arrived], *, replace: bool, complete: bool) -> None:
        """Make all of it visible at once, or none of it; raises as an ingest's commit."""
        self._files = [one.file for one in arrived]
        is_recorded = False
        while not is_recorded:
            self._settled = []
            for one in arrived:
                self._settled.append(self._settle(one, replace=replace, complete=complete))
            is_recorded = self._record(self._digests())

    def told(self) -> list[Ingested]:
        """Bring the health of the days up to date, and tell of what came as it now stands."""
        days = sorted({each.day for each in self._settled})
        self._checkup.renew(self._key, days)
        recorded = self._catalog.days_between(self._key, min(days), max(days)) if days else []
        by_day = {day.day: day for day in recorded}
        gone = [str(day) for day in days if day not in by_day]
        if gone:
            raise NotHeldError(f"{self._key} {', '.join(gone)} was stored, and taken away again meanwhile")
        return [
            Ingested(by_day[each.day], each.decision.outcome, each.arrived.file.rows)
            for each in self._settled
        ]

    def _settle(self, arrived: Arrived, *, replace: bool, complete: bool) -> _Settled:
        """Decide on one after those before it, and seal it; no lock is held, however long that takes."""
        file, provenance = arrived.file, arrived.provenance
        arrival = Arrival(self._key, file.day, file.first_local_us, file.last_local_us, file.rows_sha256)
        recorded = held = self._catalog.day(self._key, file.day)
        for each in self._settled:
            if each.day == file.day:
                held = Day(self._key, file.day, each.decision.state, "", each.after)
                replace = False  # what was held before them has given way to them already
        decision = settle(
            arrival,
            held,
            replace=replace,
            complete=complete,
            is_sound=self._is_sound,
            is_fetched=provenance.source is Source.TARDIS or (provenance.source.is_shared and complete),
        )
        if not decision.stores:
            return _Settled(arrived, recorded, decision, None)
        facts = SealFacts(
            rows_sha256=arrival.rows_sha256,
            source=provenance.source.value,
            source_sha256=provenance.source_sha256,
            imported_us=self._now_after(held),
            is_whole=decision.is_whole,
            source_bytes=provenance.source_bytes,
            disconnects_us=tuple(cut for cut in provenance.disconnects_us if day_of(cut[0]) == file.day),
        )
        finished = file.seal(facts)
        if finished.facts.is_whole != decision.is_whole:
            # Sealed before another program stored rows of the same day: its footer would be wrong.
            raise ConflictError(
                f"{self._key} {file.day} was changed by another program meanwhile: import again"
            )
        part = _part(file, finished, decision, provenance)
        new = NewPart(part, self._key, finished.sealed.members)
        return _Settled(arrived, recorded, decision, _Kept(new, finished))

    def _digests(self) -> dict[date, str]:
        """Digest all rows of each day that changes, as it will stand."""
        changed = {each.day for each in self._settled if each.kept}
        last = {each.day: each for each in self._settled if each.day in changed}
        return {day: self._day_sha256(each.after) for day, each in last.items()}

    def _now_after(self, held: Day | None) -> int:
        """Tell the time, later than that of what is held although the clock may have gone back.

        Which of two versions is the newer must be seen from the segments alone.
        """
        before = -1 if held is None or held.imported_us is None else held.imported_us
        return max(self._home.disk.now_us(), before + 1)

    def _record(self, digests: Mapping[date, str]) -> bool:
        """Move the files and commit; False when the catalog has changed since it was decided."""
        kept = [(each.decision, each.kept) for each in self._settled if each.kept]
        published: list[str] = []
        # Beside other parts the watch did not see all of the day: it is looked at anew, in order.
        whole = [
            (each.kept.new.part, each.kept.finished, each.basis)
            for each in self._settled
            if each.kept and each.kept.new.part.rows_sha256 == digests[each.day]
        ]
        try:
            with self._database.writing() as connection:
                for each in self._settled:
                    if _rows_of(self._catalog.day(self._key, each.day)) != _rows_of(each.held):
                        return False
                for decision, one in kept:
                    part = one.new.part
                    self._catalog.trash(connection, decision.trashed, part.imported_us)
                    self._catalog.add_part(connection, one.new, decision.state, digests[part.day])
                for part, finished, basis in whole:
                    self._checkup.keep(connection, self._key, part.day, finished.health, basis)
                published = [one.new.part.segment_id for _, one in kept]
                self._staging.publish(published)
            gone = (part.segment_id for decision, _ in kept for part in decision.trashed)
            self._staging.mark_trashed(put=gone)
            for part, finished, basis in whole:
                self._checkup.leave(self._key, part.day, basis, finished.books)
        except BaseException:
            # An interrupt may arrive just after the commit: then the segments are the catalog's.
            refused = sorted(set(published) - self._catalog.held_segments(published))
            if refused:  # else there may be marks left to make, of which the session tells the next start
                with suppress(OSError):
                    self._staging.withdraw(refused)
            raise
        return True

    def _is_sound(self, part: Part) -> bool:
        """Tell whether every row of a held part can be read."""
        try:
            with Segment.open(self._home.segment_path(part.segment_id)) as segment:
                segment.verify(UNWATCHED)
        except DataError:
            return False
        return True

    def _day_sha256(self, pieces: Sequence[Part]) -> str:
        """Digest all rows of a day of these parts, which are in time order."""
        if len(pieces) == 1:
            return pieces[0].rows_sha256
        if any(piece.is_damaged for piece in pieces):
            return ""  # the day stays damaged, and nobody can say what its rows are
        digest = RowsDigest(SCHEMAS[self._key.type], grouped=self._key.is_grouped)
        try:
            for piece in pieces:
                for block in self._blocks_of(piece):
                    digest.update(block)
        except DataError:
            return ""  # found only now: reading it has marked the day, and so it is decided anew
        return digest.hexdigest()

    def _blocks_of(self, part: Part) -> Iterator[Block]:
        staged = {file.path.stem: file.path for file in self._files}.get(part.segment_id)
        if staged is None:
            yield from self._checkup.rows_of(self._key, part)
            return
        with Segment.open(staged) as segment:
            yield from segment.blocks(part.start_us, part.end_us, reuse=True)


def _rows_of(day: Day | None) -> tuple[object, ...]:
    """Tell what of a day a decision rests on: its rows, not how often it was read."""
    return () if day is None else (day.state, day.parts)


def _part(file: DayFile, finished: Finished, decision: Decision, provenance: Provenance) -> Part:
    sealed = finished.sealed
    return Part(
        segment_id=file.path.stem,
        day=sealed.day,
        start_us=decision.span[0],
        end_us=decision.span[1],
        rows=sealed.rows,
        messages=sealed.messages,
        bytes=sealed.bytes,
        first_local_us=sealed.first_local_us,
        last_local_us=sealed.last_local_us,
        rows_sha256=sealed.rows_sha256,
        opens_with_snapshot=sealed.opens_with_snapshot,
        source=provenance.source,
        source_sha256=provenance.source_sha256,
        imported_us=finished.facts.imported_us,
        keyframe_bytes=finished.keyframe_bytes,
        source_bytes=provenance.source_bytes,
    )
