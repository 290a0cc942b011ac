"""Which datasets lie on a server: an index that whoever puts a day there keeps, so that nobody scans for it.

It is a help to find something, and no promise: what it names is looked for before it is told of, and where
it was evicted it fills again as days are put there.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from tickreel.market.time import US_PER_SECOND
from tickreel.market.types import DatasetKey, DataType
from tickreel.shared.naming import DATASETS, days_of_dataset
from tickreel.shared.trouble import LineFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tickreel.shared.calls import Calls
    from tickreel.shared.clients import Client
    from tickreel.shared.naming import DayKeys

_LOGGER = logging.getLogger(__name__)

MOST_DATASETS = 20_000
"""Datasets that are listed; of more, any."""
_MOST_DAYS = 20_000
"""Of one dataset: more than fifty years."""
_ASKED_AT_ONCE = 500


class Listing:
    """The index of one server; for any thread."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def enter(self, keys: DayKeys, now_us: int, lives_s: int) -> None:
        """Note that a day lies there for so long; where that fails, only it is not listed."""
        key = keys.key
        name = days_of_dataset(key)
        lapses_s = now_us // US_PER_SECOND + lives_s

        def add(client: Client) -> None:
            pipe = client.pipeline(transaction=False)
            for where, member in ((name, keys.day.isoformat()), (DATASETS, _member(key))):
                pipe.zadd(where, {member: lapses_s}, gt=True)
                pipe.expire(where, lives_s, gt=True)
                pipe.expire(where, lives_s, nx=True)
            pipe.execute()

        try:
            self._calls.line.write(add)
        except LineFailed as failed:
            _LOGGER.info("that %s lies in the shared cache is not listed: %s", key, failed)

    def leave(self, keys: DayKeys) -> None:
        """Note that a day was taken away; where that fails it is looked for in vain."""
        name = days_of_dataset(keys.key)

        def remove(client: Client) -> None:
            client.zrem(name, keys.day.isoformat())
            if not client.zcard(name):  # who puts a day there just now lists the dataset the next time
                client.zrem(DATASETS, _member(keys.key))

        try:
            self._calls.line.write(remove)
        except LineFailed as failed:
            _LOGGER.info("that %s has left the shared cache is not listed: %s", keys.key, failed)

    def datasets(self, now_us: int) -> dict[DatasetKey, list[date]]:
        """List the datasets of which days were put there and have not lapsed, with these days.

        Raises:
            LineFailed: the server could not be asked.
        """
        now_s = now_us // US_PER_SECOND

        def ask(client: Client) -> list[Any]:
            found: list[Any] = client.zrangebyscore(DATASETS, now_s, "+inf", start=0, num=MOST_DATASETS)
            return found

        listed: dict[DatasetKey, list[date]] = {}
        keys = sorted(set(_keys(self._calls.asked(ask))), key=str)
        for low in range(0, len(keys), _ASKED_AT_ONCE):
            some = keys[low : low + _ASKED_AT_ONCE]
            for key, members in zip(some, self._days(some, now_s), strict=True):
                if days := sorted(set(_days(members))):
                    listed[key] = days
        return listed

    def _days(self, keys: Sequence[DatasetKey], now_s: int) -> list[Any]:
        def ask(client: Client) -> list[Any]:
            pipe = client.pipeline(transaction=False)
            for key in keys:
                pipe.zrangebyscore(days_of_dataset(key), now_s, "+inf", start=0, num=_MOST_DAYS)
            answers: list[Any] = pipe.execute()
            return answers

        return self._calls.asked(ask)


def _member(key: DatasetKey) -> str:
    return ":".join(quote(part, safe="") for part in (key.exchange, key.symbol, key.type.value))


def _keys(members: Iterable[object]) -> Iterable[DatasetKey]:
    """Read the names of datasets, which anybody may have written."""
    for member in members:
        parts = member.decode("ascii", "replace").split(":") if isinstance(member, bytes) else []
        if len(parts) == 3 and all(parts):
            exchange, symbol, data_type = map(unquote, parts)
            if data_type in set(DataType) and (exchange + symbol).isprintable():
                yield DatasetKey(exchange, symbol, DataType(data_type))


def _days(members: Iterable[object]) -> Iterable[date]:
    for member in members:
        try:
            yield date.fromisoformat(member.decode("ascii") if isinstance(member, bytes) else "")
        except ValueError:
            continue
