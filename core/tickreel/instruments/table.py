"""The table of instruments in a home's catalog: versions of what sources said, only ever added to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from tickreel.errors import UsageError
from tickreel.instruments.facts import FACTS, checked_names, read_value
from tickreel.instruments.instrument import Evidence, FactSource, Instrument, Version
from tickreel.instruments.merging import latest, timeline
from tickreel.instruments.statement import Statement, is_in_force, statement_of, taken_back
from tickreel.market.time import Instant, parse_instant, parse_range
from tickreel.market.types import DataType
from tickreel.vendorcsv import vendor_spelling

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from tickreel.instruments.facts import Value
    from tickreel.instruments.inferring import Inference
    from tickreel.instruments.vendor import Listing
    from tickreel.store import Cache

_COLUMNS = "id, exchange, symbol, source, valid_from_us, valid_to_us, facts, recorded_us"
_AT_ONCE = 500
"""Instruments that are read or compared at a time."""
_EXCHANGE = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)


class _Rested(msgspec.Struct, frozen=True):
    type: str
    tick_rows: int
    lot_rows: int


class _Kept(msgspec.Struct, frozen=True):
    """What stands in the column *facts*."""

    facts: dict[str, str | int | float | bool | None]
    evidence: _Rested | None = None


_DECODER = msgspec.json.Decoder(_Kept)
_SYMBOLS = msgspec.json.Decoder(list[str])


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a list of the vendor's brought that was not known."""

    instruments: int
    """In the list."""
    versions: int
    """Added to the table."""
    changed: tuple[str, ...]
    """Symbols of which something new was said."""


@dataclass(frozen=True, slots=True)
class Known:
    """The instruments of an exchange of which the same sources said something."""

    exchange: str
    sources: tuple[FactSource, ...]
    """Whoever is believed first stands first."""
    symbols: Sequence[str]
    """As the vendor's file names spell them, sorted."""


class InstrumentTable:
    """What is known of instruments, by whom, and since when; a context manager.

    Symbols are found in any of their spellings (``btc/usd``, ``BTC-USD``). All methods may be
    called from any thread. Changes raise UsageError in a home that was opened for reading only.
    """

    def __init__(self, cache: Cache) -> None:
        self._home = cache.home
        self._is_read_only = cache.is_read_only
        self._now_us = cache.disk.now_us
        self._database = cache.connect()

    def __enter__(self) -> InstrumentTable:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the catalog; a second call does nothing."""
        self._database.close()

    def at(self, exchange: str, symbol: str, at: Instant) -> Instrument:
        """Tell what is known of an instrument at an instant; nothing, where nobody said anything of it.

        Raises:
            UsageError: a time that there is not.
        """
        at_us = parse_instant(at)
        return next(
            one
            for one in self.timeline(exchange, symbol)
            if one.valid_to_us is None or at_us < one.valid_to_us
        )

    def during(self, exchange: str, symbol: str, start: Instant, end: Instant) -> list[Instrument]:
        """Tell what is known of an instrument in [start, end): more than one value where something changes.

        Raises:
            UsageError: a time that there is not.
        """
        start_us, end_us = parse_range(start, end)
        return [
            one
            for one in self.timeline(exchange, symbol)
            if (one.valid_from_us is None or one.valid_from_us < end_us)
            and (one.valid_to_us is None or start_us < one.valid_to_us)
        ]

    def timeline(self, exchange: str, symbol: str) -> list[Instrument]:
        """Tell what is known of an instrument over all time, span by span."""
        return timeline(exchange, symbol, self.history(exchange, symbol))

    def history(self, exchange: str, symbol: str) -> list[Version]:
        """List everything that was ever said of an instrument, oldest first."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM instrument WHERE exchange = ? AND symbol = ? ORDER BY id",
            (exchange, vendor_spelling(symbol)),
        )
        return [_version(row) for row in rows]

    def instruments(self, exchange: str | None = None) -> Iterator[Instrument]:
        """List the instruments, of each fact what is known last, by exchange and symbol."""
        versions = self.versions(exchange)
        for (of, symbol), own in groupby(versions, key=lambda version: (version.exchange, version.symbol)):
            yield latest(timeline(of, symbol, list(own)))

    def known(self) -> list[Known]:
        """Name the instruments of which something was said, by exchange and then by who said it.

        No fact is read, and no object is made for each: there may be hundreds of thousands.
        """
        rows = self._database.rows(
            """SELECT exchange, sources, json_group_array(symbol) AS symbols FROM (
                   SELECT exchange, symbol, group_concat(DISTINCT source) AS sources FROM instrument
                   GROUP BY exchange, symbol
               ) GROUP BY exchange, sources ORDER BY exchange, sources"""
        )
        return [
            Known(row["exchange"], _sources(row["sources"]), sorted(_SYMBOLS.decode(row["symbols"])))
            for row in rows
        ]

    def versions(self, exchange: str | None = None) -> Iterator[Version]:
        """List every version, by exchange, symbol, and then as they came."""
        after = ("", "", 0)
        where, given = ("", ()) if exchange is None else ("AND exchange = ?", (exchange,))
        while True:
            rows = self._database.rows(
                f"SELECT {_COLUMNS} FROM instrument WHERE (exchange, symbol, id) > (?, ?, ?) {where}"
                " ORDER BY exchange, symbol, id LIMIT ?",
                (*after, *given, _AT_ONCE),
            )
            if not rows:
                return
            for row in rows:
                yield _version(row)
            after = (rows[-1]["exchange"], rows[-1]["symbol"], rows[-1]["id"])

    def type_in(
        self,
        exchange: str,
        symbol: str,
        facts: Mapping[str, object],
        *,
        start: Instant | None = None,
        end: Instant | None = None,
    ) -> Version:
        """Record what somebody knows of an instrument for [start, end), and give the version.

        None or an empty text as a value takes back what was typed in before for that time. Without
        *start* it holds from the beginning, without *end* until further notice.

        Raises:
            UsageError: a fact, a value, a time or an exchange that cannot be.
        """
        if not facts:
            raise UsageError(f"name at least one fact, such as tick=0.1: {', '.join(FACTS)}")
        names = checked_names(facts)
        said = {name: None if facts[name] in (None, "") else read_value(name, facts[name]) for name in names}
        start_us = None if start is None else parse_instant(start)
        end_us = None if end is None else parse_instant(end)
        if start_us is not None and end_us is not None and start_us >= end_us:
            raise UsageError("what is typed in must hold for some time: its end lies before its start")
        return self._add(exchange, symbol, Statement(FactSource.TYPED, start_us, end_us, said))

    def take_back(self, version: Version) -> None:
        """Let its source say again, for the time of a version, what it said before the version.

        Raises:
            UsageError: the version is the vendor's, or something else was said since.
        """
        self._ensure_writable()
        if version.source is FactSource.VENDOR:
            raise UsageError("what the vendor says is not taken back; type in what you know better")
        with self._database.writing() as connection:
            history = self.history(version.exchange, version.symbol)
            if not is_in_force(version, history):
                raise UsageError(
                    f"of {version.exchange} {version.symbol} something else was said since; what stands "
                    "there now is left as it is"
                )
            self._insert(
                connection,
                (version.exchange, version.symbol),
                taken_back(version, history),
                self._now_us(),
            )

    def say_again(self, version: Version) -> Version:
        """Say once more what a version said that was taken back, and give the new version."""
        return self._add(version.exchange, version.symbol, statement_of(version))

    def record_inference(self, inference: Inference) -> Version | None:
        """Record what rows told of an instrument, for the time of the rows; None where they told nothing."""
        if not inference.facts:
            return None
        statement = Statement(
            FactSource.INFERRED, inference.from_us, inference.to_us, inference.facts, inference.evidence
        )
        return self._add(inference.exchange, inference.symbol, statement)

    def _add(self, exchange: str, symbol: str, statement: Statement) -> Version:
        """Add a version, unless it is what that source said last."""
        self._ensure_writable()
        if not _EXCHANGE.fullmatch(exchange) or not symbol:
            raise UsageError(
                f"{exchange!r} {symbol!r} names no instrument: write the exchange as the vendor does, in "
                "small letters, such as binance-futures, and then the symbol"
            )
        with self._database.writing() as connection:
            said = [one for one in self.history(exchange, symbol) if one.source is statement.source]
            if not said or not statement.is_of(said[-1]):
                self._insert(connection, (exchange, vendor_spelling(symbol)), [statement], self._now_us())
        return [one for one in self.history(exchange, symbol) if one.source is statement.source][-1]

    def record_listings(self, exchange: str, listings: Sequence[Listing]) -> Recorded:
        """Record what the vendor says of instruments, where it is not what the vendor said last."""
        self._ensure_writable()
        changed: list[str] = []
        added = 0
        now_us = self._now_us()
        # Of two names that are spelled alike in file names the last stands for both.
        distinct = list({listing.symbol: listing for listing in listings}.values())
        for low in range(0, len(distinct), _AT_ONCE):
            # One transaction for each piece, so that other writers need not wait for a whole exchange.
            piece = distinct[low : low + _AT_ONCE]
            with self._database.writing() as connection:
                held = self._last_said(exchange, [listing.symbol for listing in piece])
                for listing in piece:
                    statements = [
                        Statement(FactSource.VENDOR, span.from_us, span.to_us, span.facts)
                        for span in listing.spans
                    ]
                    before = held.get(listing.symbol, [])
                    if len(before) == len(statements) and all(
                        statement.is_of(version)
                        for statement, version in zip(statements, before, strict=True)
                    ):
                        continue
                    self._insert(connection, (exchange, listing.symbol), statements, now_us)
                    changed.append(listing.symbol)
                    added += len(statements)
        return Recorded(len(distinct), added, tuple(changed))

    def _last_said(self, exchange: str, symbols: Sequence[str]) -> dict[str, list[Version]]:
        """Find the vendor's last statement of each of some instruments: its versions, as they came."""
        marks = ", ".join("?" * len(symbols))
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM instrument WHERE exchange = ? AND symbol IN ({marks}) AND source = ?"
            " ORDER BY id",
            (exchange, *symbols, FactSource.VENDOR.value),
        )
        found: dict[str, list[Version]] = {}
        for row in rows:
            version = _version(row)
            own = found.setdefault(version.symbol, [])
            if version.valid_from_us is None:
                own.clear()  # a statement begins with the beginning of time
            own.append(version)
        return found

    def _ensure_writable(self) -> None:
        if self._is_read_only:
            raise UsageError(f"the home {self._home} was opened for reading only")

    def _insert(
        self,
        connection: sqlite3.Connection,
        named: tuple[str, str],
        statements: Sequence[Statement],
        now_us: int,
    ) -> None:
        connection.executemany(
            "INSERT INTO instrument (exchange, symbol, source, valid_from_us, valid_to_us, facts,"
            " recorded_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *named,
                    one.source.value,
                    one.valid_from_us,
                    one.valid_to_us,
                    _encoded(one.facts, one.evidence),
                    now_us,
                )
                for one in statements
            ],
        )


def _sources(text: str) -> tuple[FactSource, ...]:
    """Read the sources that stand beside each other in a row."""
    return tuple(source for source in FactSource if source.value in text.split(","))


def _encoded(facts: Mapping[str, Value | None], evidence: Evidence | None) -> str:
    rested = None
    if evidence is not None:
        rested = _Rested(evidence.type.value, evidence.tick_rows, evidence.lot_rows)
    return msgspec.json.encode(_Kept(dict(facts), rested)).decode()


def _version(row: sqlite3.Row) -> Version:
    kept = _DECODER.decode(row["facts"])
    rested = kept.evidence
    return Version(
        id=row["id"],
        exchange=row["exchange"],
        symbol=row["symbol"],
        source=FactSource(row["source"]),
        valid_from_us=row["valid_from_us"],
        valid_to_us=row["valid_to_us"],
        # A newer program may know more; what this one does not know it cannot show.
        facts={name: value for name, value in kept.facts.items() if name in FACTS},
        recorded_us=row["recorded_us"],
        evidence=None
        if rested is None
        else Evidence(DataType(rested.type), rested.tick_rows, rested.lot_rows),
    )
