"""What the server says of days: which it has, in which version, and whether all of that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.shared.naming import DayKeys
from tickreel.shared.values import DayRecord, Foreign
from tickreel.shared.versions import names_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.shared.calls import Calls
    from tickreel.shared.line import Client

_ASKED_AT_ONCE = 500
"""Days whose records one call asks for."""


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
        found: dict[date, DayRecord] = {}
        for low in range(0, len(days), _ASKED_AT_ONCE):
            asked = [DayKeys(key, day) for day in days[low : low + _ASKED_AT_ONCE]]
            values = self._calls.gets([keys.day_name for keys in asked])
            for keys, value in zip(asked, values, strict=True):
                if value is None:
                    continue
                try:
                    found[keys.day] = DayRecord.read(keys, value)
                except Foreign as error:
                    self._calls.put_aside(keys.day_name, error)
        return found

    def unbroken(self, key: DatasetKey, days: Sequence[date]) -> dict[date, DayRecord]:
        """Give those of some days that are there with every chunk; one that is partly evicted is left out.

        Raises:
            LineFailed: the server could not be asked.
        """
        records = self.of_days(key, days)
        whole: dict[date, DayRecord] = {}
        found = list(records.items())
        for low in range(0, len(found), _ASKED_AT_ONCE):
            part = found[low : low + _ASKED_AT_ONCE]

            def ask(client: Client, part: list[tuple[date, DayRecord]] = part) -> list[Any]:
                pipe = client.pipeline(transaction=False)
                for day, record in part:
                    keys = DayKeys(key, day)
                    pipe.execute_command("EXISTS", *names_of(keys, record))
                answers: list[Any] = pipe.execute()
                return answers

            for (day, record), count in zip(part, self._calls.asked(ask), strict=True):
                if count == record.chunks + 1:
                    whole[day] = record
        return whole
