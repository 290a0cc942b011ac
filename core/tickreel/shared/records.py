"""What the server says of days: which it has, in which version, and whether all of that is there."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from tickreel.shared.deadline import Patience, patient
from tickreel.shared.naming import DayKeys
from tickreel.shared.trouble import LineFailed
from tickreel.shared.values import MOST_RECORD_BYTES, DayRecord, Foreign
from tickreel.shared.versions import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.shared.calls import Calls
    from tickreel.shared.clients import Client
    from tickreel.shared.trouble import Trouble

_LOGGER = logging.getLogger(__name__)

_ASKED_AT_ONCE = 500
"""Days whose records one call asks for."""
_NAMED_AT_ONCE = 20_000
"""Chunks of which one call asks whether they are there."""


@dataclass(slots=True)
class Whereabouts:
    """Which of some days are on the server, with every chunk."""

    found: dict[DayKeys, DayRecord] = field(default_factory=dict)
    unknown: int = 0
    """Days of which it is not known: the time was over, or nobody answered."""
    trouble: Trouble | None = None
    """Why nobody answered."""


class Records:
    """Looks up days on one server; for any thread."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def of_day(self, key: DatasetKey, day: date) -> DayRecord | None:
        """Give what the server says of a day; None where it says nothing, or nothing sound.

        Raises:
            LineFailed: the server could not be asked.
        """
        return self.of_days(key, [day]).get(day)

    def of_days(self, key: DatasetKey, days: Sequence[date]) -> dict[date, DayRecord]:
        """Give what the server says of some days; those of which it says nothing sound are left out.

        Raises:
            LineFailed: the server could not be asked.
        """
        return {keys.day: record for keys, record in self.of([DayKeys(key, day) for day in days]).items()}

    def of(self, asked: Sequence[DayKeys]) -> dict[DayKeys, DayRecord]:
        """Give what the server says of days of any datasets, as :meth:`of_days`."""
        return {
            keys: record
            for low in range(0, len(asked), _ASKED_AT_ONCE)
            for keys, record in self._records(asked[low : low + _ASKED_AT_ONCE]).items()
        }

    def unbroken(self, key: DatasetKey, days: Sequence[date]) -> dict[date, DayRecord]:
        """Give those of some days that are there with every chunk; one that is partly evicted is left out.

        Raises:
            LineFailed: the server could not be asked.
        """
        asked = [DayKeys(key, day) for day in days]
        return {
            keys.day: record
            for low in range(0, len(asked), _ASKED_AT_ONCE)
            for keys, record in self._whole(asked[low : low + _ASKED_AT_ONCE]).items()
        }

    def whereabouts(self, asked: Sequence[DayKeys], most_s: float) -> Whereabouts:
        """Find those of many days that are there with every chunk, beginning no call after *most_s*.

        What slow calls take adds up to one deadline at most.
        """
        with patient(Patience(self._calls.line.timeout_s)):
            return self._whereabouts(asked, most_s)

    def _whereabouts(self, asked: Sequence[DayKeys], most_s: float) -> Whereabouts:
        ends_s = monotonic() + most_s
        done = Whereabouts()
        for low in range(0, len(asked), _ASKED_AT_ONCE):
            try:
                if monotonic() < ends_s:
                    done.found |= self._whole(asked[low : low + _ASKED_AT_ONCE])
                    continue
            except LineFailed as failed:
                _LOGGER.info(
                    "what the shared cache holds of %d days is not known: %s", len(asked) - low, failed
                )
                done.trouble = failed.trouble
            done.unknown = len(asked) - low
            break
        return done

    def _records(self, asked: Sequence[DayKeys]) -> dict[DayKeys, DayRecord]:
        """Ask for records by one call."""
        found: dict[DayKeys, DayRecord] = {}
        values = self._calls.gets([(keys.day_name, MOST_RECORD_BYTES) for keys in asked])
        for keys, value in zip(asked, values, strict=True):
            if value is None:
                continue
            try:
                found[keys] = DayRecord.read(keys, value)
            except Foreign as error:
                self._calls.put_aside(keys.day_name, error)
        return found

    def _whole(self, asked: Sequence[DayKeys]) -> dict[DayKeys, DayRecord]:
        """Ask for records, and then whether their chunks are there."""
        records = self._records(asked)
        whole: dict[DayKeys, DayRecord] = {}
        for part in _parted(records):

            def ask(client: Client, part: dict[DayKeys, DayRecord] = part) -> list[Any]:
                pipe = client.pipeline(transaction=False)
                for keys, record in part.items():
                    pipe.execute_command("EXISTS", *names_of(keys, record))
                answers: list[Any] = pipe.execute()
                return answers

            for (keys, record), count in zip(part.items(), self._calls.asked(ask), strict=True):
                if count == len(names_of(keys, record)):
                    whole[keys] = record
        return whole


def _parted(records: dict[DayKeys, DayRecord]) -> Iterator[dict[DayKeys, DayRecord]]:
    """Part days into groups whose chunks one call can ask for."""
    part: dict[DayKeys, DayRecord] = {}
    named = 0
    for keys, record in records.items():
        if part and named + record.chunks > _NAMED_AT_ONCE:
            yield part
            part, named = {}, 0
        part[keys] = record
        named += record.chunks
    if part:
        yield part
