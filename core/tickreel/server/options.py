"""The options of a replay: JSON as tardis-machine takes it, checked before anything is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.errors import UsageError
from tickreel.market.time import EARLIEST_US, LATEST_US, US_PER_SECOND, parse_instant
from tickreel.server.datatypes import MessageType, Plain, message_type

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_OPTIONS = 100
"""Entries of one request."""
MOST_SYMBOLS = 1_000
MOST_TYPES = 100
_SHOWN = 80
_MINUTE_US = 60 * US_PER_SECOND
_FINER = re.compile(r"(?P<head>.*\d\.\d{6})\d+(?P<zone>Z|[+-]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReplayOption:
    """Messages of one exchange, merged with those of the others that a request names."""

    exchange: str
    symbols: tuple[str, ...]
    """As asked for; none: every symbol that is held."""
    from_us: int
    to_us: int
    types: tuple[MessageType, ...]
    """In the order asked for, which is the order of what one message gives rise to."""
    with_disconnects: bool = False
    with_book: bool = False
    """Whether a book that is already known at the beginning is told first, as a snapshot."""


class _Asked(msgspec.Struct):
    """What is read of an entry; other keys, such as apiKey, are of no use here and passed over."""

    exchange: Any = None
    symbols: Any = None
    from_: Any = msgspec.field(default=None, name="from")
    to: Any = None
    data_types: Any = msgspec.field(default=None, name="dataTypes")
    old_data_types: Any = msgspec.field(default=None, name="data_types")
    with_disconnects: Any = msgspec.field(default=None, name="withDisconnectMessages")
    exact_times: Any = msgspec.field(default=None, name="exactTimes")
    initial_book: Any = msgspec.field(default=None, name="initialBook")


def read_options(text: str | None) -> tuple[ReplayOption, ...]:
    """Read the options of a request, an object or an array of objects.

    Raises:
        UsageError: they are not there, or not what they must be.
    """
    if not text:
        raise UsageError('Missing "options" argument: give ?options= with URL-encoded JSON.')
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise UsageError(f'Invalid "options" argument: {error}.') from None
    entries = value if isinstance(value, list) else [value]
    if not 1 <= len(entries) <= MOST_OPTIONS:
        raise UsageError(f'Invalid "options" argument: give 1 to {MOST_OPTIONS} of them, not {len(entries)}.')
    return tuple(map(_read, entries))


def _read(entry: object) -> ReplayOption:
    if not isinstance(entry, dict):
        raise UsageError(f'Invalid "options" argument: {_shown(entry)} is no object.')
    asked = msgspec.convert(entry, _Asked)
    if not isinstance(asked.exchange, str) or not asked.exchange:
        raise UsageError(
            f'Invalid "exchange" argument: {_shown(asked.exchange)}. Please provide an exchange.'
        )
    is_exact = _flag(asked.exact_times, "exactTimes")
    from_us, to_us = (
        _instant(value, name, is_exact=is_exact) for value, name in ((asked.from_, "from"), (asked.to, "to"))
    )
    if to_us < from_us:
        raise UsageError(
            'Invalid "to" and "from" arguments combination. '
            'Please provide "to" date that is later than "from" date.'
        )
    names = asked.data_types if asked.data_types is not None else asked.old_data_types
    return ReplayOption(
        exchange=asked.exchange,
        symbols=tuple(dict.fromkeys(_texts(asked.symbols, "symbols", MOST_SYMBOLS))),
        from_us=from_us,
        to_us=to_us,
        types=_types(_texts(names, "dataTypes", MOST_TYPES)),
        with_disconnects=_flag(asked.with_disconnects, "withDisconnectMessages"),
        with_book=_flag(asked.initial_book, "initialBook"),
    )


def _types(names: Sequence[str]) -> tuple[MessageType, ...]:
    found = [kind for name in dict.fromkeys(names) if (kind := message_type(name)) is not None]
    if not found:
        known = ", ".join(Plain)
        raise UsageError(
            'Can\'t normalize data without any normalizers provided: "dataTypes" names none of '
            f"{known}, quote, quote_*, book_snapshot_*, trade_bar_*."
        )
    return tuple(found)


def _texts(value: object, name: str, most: int) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise UsageError(f'Invalid "{name}" argument: {_shown(value)}. Please provide array of strings.')
    if len(value) > most:
        raise UsageError(f'Invalid "{name}" argument: {len(value)} of them are more than {most}.')
    return value


def _flag(value: object, name: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise UsageError(f'Invalid "{name}" argument: {_shown(value)}. Please provide true or false.')


def _instant(value: object, name: str, *, is_exact: bool) -> int:
    """Read a date as text, UTC where it names no zone, and cut it to the minute as the vendor does."""
    problem = UsageError(f'Invalid "{name}" argument: {_shown(value)}. Please provide valid date string.')
    if not isinstance(value, str) or value.isdecimal():
        raise problem
    finer = _FINER.fullmatch(value)
    try:
        instant_us = parse_instant(finer["head"] + (finer["zone"] or "") if finer else value)
    except UsageError:
        raise problem from None
    return instant_us if is_exact else instant_us // _MINUTE_US * _MINUTE_US


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else _spelled(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _spelled(value: object) -> str:
    return "undefined" if value is None else msgspec.json.encode(value).decode()


def moved(option: ReplayOption, from_us: int) -> ReplayOption:
    """Give an option that begins elsewhere, with its books told as they are there."""
    at_us = min(max(from_us, EARLIEST_US), LATEST_US)
    return replace(option, from_us=at_us, to_us=max(option.to_us, at_us), with_book=True)
