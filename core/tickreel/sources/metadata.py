"""What the vendor says it has, by exchange; kept in the home, where it serves offline, with its age told."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tickreel.errors import DataError, EnvironmentProblem, UsageError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us, format_us
from tickreel.sources.answers import Denied, Later, NotThere, Unreachable, Withheld, Wrong
from tickreel.sources.incidents import Incident, read_incidents
from tickreel.sources.spelling import file_symbol
from tickreel.sources.vendortime import vendor_instant_us

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from tickreel.filesystem import Disk
    from tickreel.market.types import DatasetKey
    from tickreel.sources.datasets import DatasetsClient

_LOGGER = logging.getLogger(__name__)

_EXCHANGE = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
_LIST = "exchanges"
_LIST_AGE_S = 30 * 86_400.0
"""Age up to which nothing is taken to be missing from the list of exchanges."""


class Coverage(StrEnum):
    """How a day of a dataset stands to what the vendor declares."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNPUBLISHED = "unpublished"
    UNKNOWN = "unknown"
    """Nothing is known of the exchange or of its symbols, or not up to when its files are published."""


@dataclass(frozen=True, slots=True)
class SymbolInfo:
    """A symbol, or a group of symbols, of which there are files."""

    id: str
    kind: str
    """``spot``, ``perpetual``, ``future``, ``option`` and so on; may be empty."""
    available_since_us: int | None
    available_to_us: int | None
    """None as long as it is listed."""
    data_types: frozenset[str]
    """Empty where the vendor does not say."""


@dataclass(frozen=True)
class ExchangeInfo:
    """What the vendor's files hold of one exchange."""

    exchange: str
    fetched_us: int
    """When the vendor said so."""
    exported_until_us: int | None
    """End of what is published; None where the vendor does not say."""
    symbols: Mapping[str, SymbolInfo]
    """By the vendor's id."""
    incidents: tuple[Incident, ...] = ()
    """What went wrong for good while it was recorded."""

    @cached_property
    def _by_spelling(self) -> dict[str, SymbolInfo]:
        return {file_symbol(name): info for name, info in self.symbols.items()}

    def symbol(self, symbol: str) -> SymbolInfo | None:
        """Find a symbol however it is spelt; None where the vendor lists none."""
        return self._by_spelling.get(file_symbol(symbol))

    def why_outside(self, key: DatasetKey) -> str:
        """Say what the vendor lists of a symbol, where a day of it lies outside."""
        info = self.symbol(key.symbol)
        if info is None:
            return f"the vendor lists no {key.symbol} of {self.exchange}"
        if info.data_types and key.type.value not in info.data_types:
            return (
                f"the vendor has no {key.type} of {key.symbol}; it has {', '.join(sorted(info.data_types))}"
            )
        begin = "" if info.available_since_us is None else f" from {format_us(info.available_since_us)}"
        end = "" if info.available_to_us is None else f" to {format_us(info.available_to_us)}"
        return f"the vendor has {key.type} of {key.symbol}{begin}{end}, not of that day"

    def coverage(self, key: DatasetKey, day: date) -> Coverage:
        """Tell how a UTC day of a dataset stands to what is declared."""
        if not self.symbols:
            return Coverage.UNKNOWN
        info = self.symbol(key.symbol)
        if info is None or (info.data_types and key.type.value not in info.data_types):
            return Coverage.OUTSIDE
        start_us = day_start_us(day)
        end_us = start_us + US_PER_DAY
        if info.available_since_us is not None and end_us <= info.available_since_us:
            return Coverage.OUTSIDE
        if info.available_to_us is not None and start_us >= info.available_to_us:
            return Coverage.OUTSIDE
        if self.exported_until_us is None:
            return Coverage.UNKNOWN
        return Coverage.UNPUBLISHED if end_us > self.exported_until_us else Coverage.INSIDE


@dataclass(frozen=True, slots=True)
class ExchangeList:
    """The exchanges of which the vendor has files."""

    fetched_us: int
    """When the vendor said so."""
    names: tuple[str, ...]
    """Sorted."""
    delisted: frozenset[str]
    """Those that are recorded no longer."""


class MetadataStore:
    """The vendor's lists in a folder of the home; a list that is damaged there is read anew."""

    def __init__(self, folder: Path, disk: Disk, now_us: Callable[[], int]) -> None:
        self._folder = folder
        self._disk = disk
        self._now_us = now_us
        self._read: dict[str, tuple[tuple[int, int], ExchangeInfo]] = {}
        """What was read last, with the stamp of its file: the list of an exchange may be 10 MB long."""

    def cached(self, exchange: str) -> ExchangeInfo | None:
        """Give what was last read of an exchange; None where nothing usable is kept.

        Raises:
            UsageError: it is no name of an exchange.
        """
        stamp = self._stamp(_checked(exchange))
        if stamp is None:
            return None
        known = self._read.get(exchange)
        if known is not None and known[0] == stamp:
            return known[1]
        kept = self._kept(exchange)
        if kept is None:
            return None
        try:
            info = _exchange_info(exchange, *kept)
        except DataError as error:
            _LOGGER.info("what is kept of %s is no good and is read anew: %s", exchange, error)
            return None
        self._read[exchange] = (stamp, info)
        return info

    async def refresh(self, client: DatasetsClient, exchange: str) -> ExchangeInfo:
        """Ask the vendor what it has of an exchange.

        Raises:
            UsageError: there is no such exchange.
            EnvironmentProblem: the vendor cannot be asked, or does not answer as it should.
        """
        answer = await client.ask(f"/exchanges/{_checked(exchange)}", with_key=False)
        match answer:
            case NotThere() | Denied(status=400):
                try:
                    await self.refresh_list(client)
                except EnvironmentProblem:
                    raise EnvironmentProblem(
                        f"what the vendor has of {exchange} is not found where its lists should be: "
                        "TICKREEL_TARDIS_API_URL names their place"
                    ) from None
                raise UsageError(f"the vendor has no exchange {exchange}{self._nearest(exchange)}")
            case Denied() | Unreachable() | Later() | Wrong() | Withheld():
                raise EnvironmentProblem(
                    f"what the vendor has of {exchange} could not be read: {answer.reason}"
                )
        now_us = self._now_us()
        try:
            info = await asyncio.to_thread(_exchange_info, exchange, now_us, answer)
        except DataError as error:
            raise EnvironmentProblem(str(error)) from error
        await asyncio.to_thread(self._keep, exchange, now_us, answer)
        return info

    async def get(self, client: DatasetsClient, exchange: str, max_age_s: float) -> ExchangeInfo | None:
        """Give what is known of an exchange, no older than *max_age_s* where the vendor can be asked.

        Else what was read before, however old; None where there is none.

        Raises:
            UsageError: there is no such exchange.
        """
        kept = await asyncio.to_thread(self.cached, exchange)
        age_us = None if kept is None else self._now_us() - kept.fetched_us
        if age_us is not None and 0 <= age_us <= max_age_s * US_PER_SECOND:
            return kept
        try:
            return await self.refresh(client, exchange)
        except EnvironmentProblem as problem:
            _LOGGER.info("%s", problem)
            return kept
        except UsageError as problem:
            if kept is None:
                raise
            _LOGGER.info("%s; what it had once is still known", problem)
            return kept

    async def refresh_list(self, client: DatasetsClient) -> ExchangeList:
        """Ask the vendor for its exchanges.

        Raises:
            EnvironmentProblem: the vendor cannot be asked, or has no such list.
        """
        answer = await client.ask("/exchanges", with_key=False)
        match answer:
            case list():
                now_us = self._now_us()
                await asyncio.to_thread(self._keep, _LIST, now_us, answer)
                return _exchange_list(now_us, answer)
            case Denied() | Unreachable() | Later() | Wrong():
                raise EnvironmentProblem(f"the vendor's list of exchanges could not be read: {answer.reason}")
            case _:
                raise EnvironmentProblem(
                    "the vendor's list of exchanges is not found where its lists should be: "
                    "TICKREEL_TARDIS_API_URL names their place"
                )

    def cached_list(self) -> ExchangeList | None:
        """Give the exchanges as they were last read; None where that never was."""
        kept = self._kept(_LIST)
        return _exchange_list(*kept) if kept is not None and isinstance(kept[1], list) else None

    def exchanges(self) -> list[str]:
        """List the exchanges the vendor has, as far as it was asked in the last weeks: new ones come."""
        kept = self._kept(_LIST)
        is_young = kept is not None and self._now_us() - kept[0] <= _LIST_AGE_S * US_PER_SECOND
        entries = kept[1] if kept is not None and is_young and isinstance(kept[1], list) else []
        return sorted(
            one["id"] for one in entries if isinstance(one, dict) and isinstance(one.get("id"), str)
        )

    def _nearest(self, exchange: str) -> str:
        near = get_close_matches(exchange, self.exchanges(), n=3)
        return f": did you mean {' or '.join(near)}?" if near else ""

    def _stamp(self, name: str) -> tuple[int, int] | None:
        """Give a value that differs once the file of a list was replaced; None where there is none."""
        try:
            found = (self._folder / f"{name}.json").stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _kept(self, name: str) -> tuple[int, Any] | None:
        try:
            said = json.loads((self._folder / f"{name}.json").read_bytes())
            fetched_us = said["fetched_us"]
            return (fetched_us, said["answer"]) if isinstance(fetched_us, int) else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def _keep(self, name: str, fetched_us: int, answer: Any) -> None:
        """Keep an answer; where that is not possible the vendor is asked again next time."""
        text = json.dumps({"fetched_us": fetched_us, "answer": answer}, separators=(",", ":")).encode()
        target = self._folder / f"{name}.json"
        partial = self._folder / f"{name}.{uuid.uuid4().hex}.part"
        try:
            self._disk.make_folder(self._folder)
            with self._disk.create(partial) as file:
                self._disk.write(file, text)
                self._disk.sync(file)
            self._disk.move(partial, target)
        except OSError as error:
            _LOGGER.info("the vendor's list %s is not kept: %s", name, error)
            with suppress(OSError):
                self._disk.remove(partial)


def _checked(exchange: str) -> str:
    """Refuse what is no name before it becomes part of a path."""
    if _EXCHANGE.fullmatch(exchange) is None or exchange == _LIST:
        raise UsageError(f"{exchange!r} is not the name of an exchange, such as binance-futures")
    return exchange


def _exchange_list(fetched_us: int, answer: list[Any]) -> ExchangeList:
    """Read the list; an entry that cannot be understood, or has no files, is left out."""
    entries = [
        each
        for each in answer
        if isinstance(each, dict) and isinstance(each.get("id"), str) and each.get("supportsDatasets", True)
    ]
    return ExchangeList(
        fetched_us,
        tuple(sorted(each["id"] for each in entries)),
        frozenset(each["id"] for each in entries if each.get("delisted")),
    )


def _exchange_info(exchange: str, fetched_us: int, answer: Any) -> ExchangeInfo:
    """Read an answer; what is not known of a symbol is left open, what makes no sense is refused."""
    try:
        if answer.get("id") != exchange and "datasets" not in answer:
            # An error told as JSON would leave every day undeclared.
            raise ValueError("it is about something else")
        datasets = answer.get("datasets") or {}
        entries = [_symbol_info(entry) for entry in datasets.get("symbols") or ()]
        return ExchangeInfo(
            exchange=exchange,
            fetched_us=fetched_us,
            exported_until_us=vendor_instant_us(datasets.get("exportedUntil")),
            symbols={entry.id: entry for entry in entries},
            incidents=read_incidents(answer.get("incidentReports")),
        )
    except (KeyError, TypeError, AttributeError, ValueError, UsageError) as error:
        raise DataError(f"what the vendor says of {exchange} cannot be understood: {error!r}") from error


def _symbol_info(entry: Mapping[str, Any]) -> SymbolInfo:
    name = entry["id"]
    if not isinstance(name, str) or not name:
        raise ValueError(f"{name!r} is no symbol")
    data_types = entry.get("dataTypes") or []
    if not isinstance(data_types, list):
        raise ValueError(f"{name} has the types {data_types!r}")
    return SymbolInfo(
        id=name,
        kind=str(entry.get("type") or ""),
        available_since_us=vendor_instant_us(entry.get("availableSince")),
        available_to_us=vendor_instant_us(entry.get("availableTo")),
        data_types=frozenset(map(str, data_types)),
    )
