"""Reads and changes the table of instruments off the UI thread, and knows how each change is undone."""

from __future__ import annotations

import asyncio
import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.instruments.exporting import csv_pieces, json_pieces, version_form
from tickreel.instruments.inferring import TELLING_TYPES, infer
from tickreel.instruments.judging import refuted, why_unlikely
from tickreel.instruments.table import InstrumentTable
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel_desktop.instruments.commands import plain_text
from tickreel_desktop.instruments.list_model import InstrumentNames
from tickreel_desktop.instruments.sheet import InstrumentSheet, make_sheet
from tickreel_desktop.instruments.words import fact_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tickreel.instruments.facts import Value
    from tickreel.instruments.inferring import Inference
    from tickreel.instruments.instrument import FactSource, Version
    from tickreel.instruments.refresh import Refreshed
    from tickreel.progress import Monitor
    from tickreel.store import Cache
    from tickreel_desktop.instruments.vendor_call import VendorCall
    from tickreel_desktop.undo import Undo


class UnlikelyError(UsageError):
    """What was typed in is most likely a slip; it is taken when it is meant."""


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that somebody types in for a time, or withdraws with None."""

    exchange: str
    symbol: str
    name: str
    value: Value | None
    start_us: int | None
    end_us: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What rows told, and what of what is believed they refute."""

    inference: Inference
    wrong: list[tuple[str, float, FactSource]]


class InstrumentKeeper(QObject):
    """The table of instruments of one window; every change can be undone in it, but the vendor's word."""

    changed = Signal(str, str)
    """Something was said of this instrument by this window: exchange and symbol, both empty for many."""

    def __init__(self, cache: Cache, undo: Undo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cache = cache
        self.undo = undo

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be changed here."""
        return self.cache.is_read_only

    async def names(self) -> InstrumentNames:
        """List every instrument that is held or of which something was said, held ones first."""
        return await asyncio.to_thread(self._names)

    def _names(self) -> InstrumentNames:
        with InstrumentTable(self.cache) as table:
            known = table.known()
        held = {(one.key.exchange, one.key.symbol) for one in self.cache.datasets() if not one.key.is_grouped}
        return InstrumentNames(known, held)

    async def sheet(self, exchange: str, symbol: str) -> InstrumentSheet:
        """Read all that is known of an instrument."""
        return await asyncio.to_thread(self._sheet, exchange, symbol)

    def _sheet(self, exchange: str, symbol: str) -> InstrumentSheet:
        with InstrumentTable(self.cache) as table:
            versions = table.history(exchange, symbol)
        held_us = None
        for data_type in self.cache.library.held_types(exchange, symbol, TELLING_TYPES)[:1]:
            days = [day.day for day in self.cache.days(exchange, symbol, data_type) if day.state.is_held]
            if days:
                held_us = day_start_us(days[0]), day_start_us(days[-1]) + US_PER_DAY
        return make_sheet(exchange, symbol, versions, held_us)

    async def type_in(self, change: Change, *, is_meant: bool = False) -> bool:
        """Record what somebody types in; False where that is what was said last.

        Raises:
            UnlikelyError: it is most likely a slip; *is_meant* takes it all the same.
            TickreelError: it cannot be, or could not be recorded.
        """
        return await self._say(
            f"{'Withdraw' if change.value is None else 'Set'} {fact_word(change.name)} of {change.symbol}",
            (change.exchange, change.symbol),
            lambda table: self._type_in(table, change, is_meant=is_meant),
        )

    def _type_in(self, table: InstrumentTable, change: Change, *, is_meant: bool) -> Version:
        facts = {change.name: change.value}
        if change.value is not None and not is_meant:
            given = {change.name: plain_text(change.name, change.value)}
            why = why_unlikely(self.cache, change.exchange, given)
            if why is not None:
                raise UnlikelyError(why)
        return table.type_in(change.exchange, change.symbol, facts, start=change.start_us, end=change.end_us)

    def infer(
        self,
        exchange: str,
        symbol: str,
        start_us: int,
        end_us: int,
        *,
        allow_missing: bool,
        monitor: Monitor,
    ) -> Found:
        """Find tick and lot in rows; nothing is recorded. It takes long: call it on a thread.

        Raises:
            TickreelError: as :func:`tickreel.instruments.infer`.
        """
        found = infer(
            self.cache, exchange, symbol, start_us, end_us, allow_missing=allow_missing, monitor=monitor
        )
        with InstrumentTable(self.cache) as table:
            return Found(found, refuted(table, found))

    async def store(self, found: Inference) -> bool:
        """Record what rows told; False where that is what was recorded last, or they told nothing.

        Raises:
            TickreelError: it could not be recorded.
        """
        return await self._say(
            f"Store the inference of {found.symbol}",
            (found.exchange, found.symbol),
            lambda table: table.record_inference(found),
        )

    async def ask(self, call: VendorCall) -> Refreshed:
        """Ask the vendor, and record what is new.

        Raises:
            TickreelError: as :meth:`VendorCall.run`.
        """
        found = await asyncio.to_thread(call.run)
        self._tell("", "")
        return found

    async def export(self, path: Path) -> int:
        """Write every version of every instrument to a file, by its name as CSV or JSON; give their number.

        Raises:
            EnvironmentProblem: the file cannot be written; what stood there stays.
        """
        return await asyncio.to_thread(self._export, path)

    def _export(self, path: Path) -> int:
        unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
        count = 0

        def counted() -> Iterator[Version]:
            nonlocal count
            for version in table.versions():
                count += 1
                yield version

        try:
            with InstrumentTable(self.cache) as table:
                is_csv = path.suffix.lower() == ".csv"
                pieces = csv_pieces(counted()) if is_csv else json_pieces(map(version_form, counted()))
                try:
                    with unfinished.open("x", encoding="utf-8", newline="") as file:
                        file.writelines(pieces)
                    os.replace(unfinished, path)
                finally:
                    unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error
        return count

    async def _say(
        self, text: str, instrument: tuple[str, str], say: Callable[[InstrumentTable], Version | None]
    ) -> bool:
        """Record something, and let it be undone."""
        version = await asyncio.to_thread(self._recorded, instrument, say)
        if version is None:
            return False
        said = _Said(self, version)
        self.undo.did(text, said.take_back, said.say_again)
        self._tell(version.exchange, version.symbol)
        return True

    def _recorded(
        self, instrument: tuple[str, str], say: Callable[[InstrumentTable], Version | None]
    ) -> Version | None:
        """Give the version that came of it; None where nothing new was said."""
        with InstrumentTable(self.cache) as table:
            before = {version.id for version in table.history(*instrument)}
            version = say(table)
        return None if version is None or version.id in before else version

    def _tell(self, exchange: str, symbol: str) -> None:
        if isValid(self):
            self.changed.emit(exchange, symbol)

    async def take_back(self, version: Version) -> None:
        """Let hold again what its source said before.

        Raises:
            TickreelError: something else was said since.
        """
        await asyncio.to_thread(self._take_back, version)
        self._tell(version.exchange, version.symbol)

    def _take_back(self, version: Version) -> None:
        with InstrumentTable(self.cache) as table:
            table.take_back(version)

    async def say_again(self, version: Version) -> Version:
        """Say once more what was taken back.

        Raises:
            TickreelError: it could not be recorded.
        """
        again = await asyncio.to_thread(self._say_again, version)
        self._tell(version.exchange, version.symbol)
        return again

    def _say_again(self, version: Version) -> Version:
        with InstrumentTable(self.cache) as table:
            return table.say_again(version)


class _Said:
    """One thing that was said here: it is taken back, and said again as a version of its own."""

    def __init__(self, keeper: InstrumentKeeper, version: Version) -> None:
        self._keeper = keeper
        self._version = version

    async def take_back(self) -> None:
        await self._keeper.take_back(self._version)

    async def say_again(self) -> None:
        self._version = await self._keeper.say_again(self._version)
