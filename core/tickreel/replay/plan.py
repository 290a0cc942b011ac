"""What a replay is asked to do, as one value: for the command line, a screen, a backtest, a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_SECOND, Instant, parse_instant, parse_range
from tickreel.market.types import DataType
from tickreel.replay.bands import BandAction, BandKind
from tickreel.replay.speed import MAX_SPEED, checked_speed
from tickreel.replay.stream import Order

Word = TypeVar("Word", bound=StrEnum)

PLAN_VERSION = 1
LONGEST_LATENCY_US = 60 * US_PER_SECOND
"""What is known lags by a minute at most: what waits is held in memory."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An instant with a name."""

    name: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Loop:
    """A stretch [from_us, to_us) that is played again and again."""

    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """A replay of [start_us, end_us) of some symbols on one clock; :meth:`of` takes looser spellings.

    Raises:
        UsageError: a value that no replay can have.
    """

    symbols: tuple[tuple[str, str], ...]
    """(exchange, symbol), each once, in the order in which equal times are played."""
    start_us: int
    end_us: int
    types: tuple[DataType, ...] | None = None
    """None plays order book and trades, those held."""
    speed: float | None = None
    """Market seconds per second; None is as fast as the machine goes."""
    order: Order = Order.LOCAL
    allow_missing: bool = False
    """Play over days that are not held."""
    health: tuple[tuple[BandKind, BandAction], ...] = ()
    """What is done about stretches that are not sound; those of a kind not named are played."""
    loop: Loop | None = None
    skip_quiet_us: int | None = None
    """Where nothing happens for longer than this, the clock jumps to just before the next event."""
    bookmarks: tuple[Bookmark, ...] = ()
    latency_us: int = 0
    """What is shown as known lags by so much behind the clock; what is played does not."""

    def __post_init__(self) -> None:
        if not self.symbols:
            raise UsageError("a replay needs at least one symbol")
        parse_range(self.start_us, self.end_us)
        checked_speed(self.speed)
        if self.loop is not None and not self.start_us <= self.loop.from_us < self.loop.to_us <= self.end_us:
            raise UsageError("a loop needs a beginning before its end, both inside the range of the replay")
        if self.skip_quiet_us is not None and self.skip_quiet_us <= 0:
            raise UsageError("quiet can only be skipped from a length above zero on")
        if not 0 <= self.latency_us <= LONGEST_LATENCY_US:
            raise UsageError("what is known can lag by 0 to 60 seconds")
        names = [mark.name for mark in self.bookmarks]
        if not all(names) or len(set(names)) < len(names):
            raise UsageError("a bookmark needs a name, and each its own")
        outside = [m.name for m in self.bookmarks if not self.start_us - 1 <= m.at_us <= self.end_us]
        if outside:
            raise UsageError(f"bookmark {outside[0]!r} lies outside the range of the replay")

    @classmethod
    def of(
        cls,
        symbols: Iterable[tuple[str, str]],
        start: Instant,
        end: Instant,
        *,
        types: Iterable[DataType | str] | None = None,
        speed: float | str | None = MAX_SPEED,
        order: Order | str = Order.LOCAL,
        allow_missing: bool = False,
        health: Mapping[str, str] | None = None,
        loop: tuple[Instant, Instant] | None = None,
        skip_quiet_us: int | None = None,
        bookmarks: Mapping[str, Instant] | None = None,
        latency_us: int = 0,
    ) -> ReplayPlan:
        """Make a plan from values as people write them.

        A speed is a number, ``"20x"`` or ``"max"``; *health* is action by kind of band, such as
        ``{"gap": "skip", "bad": "stop"}``; *bookmarks* are instants by name.

        Raises:
            UsageError: one of them cannot be read.
        """
        start_us, end_us = parse_range(start, end)
        pairs = [_pair(one) for one in symbols]
        if isinstance(types, str) or (types is not None and not (types := list(types))):
            raise UsageError(f"{types!r} are no data types: give some in a list, or None for those held")
        actions = {
            _word(BandKind, kind, "a kind of band"): _word(BandAction, action, "an action for a band")
            for kind, action in (health or {}).items()
        }
        return cls(
            symbols=tuple(dict.fromkeys(pairs)),
            start_us=start_us,
            end_us=end_us,
            types=None
            if types is None
            else tuple(dict.fromkeys(_word(DataType, name, "a data type") for name in types)),
            speed=checked_speed(speed),
            order=_word(Order, order, "an order of events"),
            allow_missing=allow_missing,
            health=tuple((kind, actions[kind]) for kind in BandKind if kind in actions),
            loop=None if loop is None else Loop(*map(parse_instant, loop)),
            skip_quiet_us=skip_quiet_us,
            bookmarks=tuple(Bookmark(name, parse_instant(at)) for name, at in (bookmarks or {}).items()),
            latency_us=latency_us,
        )

    @property
    def actions(self) -> dict[BandKind, BandAction]:
        """What is done about bands, by kind: those about which something is done."""
        return {kind: action for kind, action in self.health if action is not BandAction.PLAY}

    def with_speed(self, speed: float | str | None) -> ReplayPlan:
        """Give the plan with another speed; raises UsageError when it is none."""
        return replace(self, speed=checked_speed(speed))

    def with_loop(self, loop: Loop | None) -> ReplayPlan:
        """Give the plan with another loop, or without one."""
        return replace(self, loop=loop)

    def with_quiet(self, longest_us: int | None) -> ReplayPlan:
        """Give the plan that skips other lengths of quiet; raises UsageError for one not above 0."""
        return replace(self, skip_quiet_us=longest_us)

    def with_latency(self, latency_us: int) -> ReplayPlan:
        """Give the plan with what is known lagging by so much; raises UsageError when it cannot."""
        return replace(self, latency_us=latency_us)

    def without_symbol(self, exchange: str, symbol: str) -> ReplayPlan:
        """Give the plan without one of its symbols.

        Raises:
            UsageError: it does not play it, or nothing else.
        """
        if (exchange, symbol) not in self.symbols:
            raise UsageError(f"the replay does not play {exchange} {symbol}")
        return replace(self, symbols=tuple(pair for pair in self.symbols if pair != (exchange, symbol)))

    def with_bookmark(self, mark: Bookmark) -> ReplayPlan:
        """Give the plan with one bookmark more, or moved."""
        others = tuple(one for one in self.bookmarks if one.name != mark.name)
        return replace(self, bookmarks=(*others, mark))

    def without_bookmark(self, name: str) -> ReplayPlan:
        """Give the plan without a bookmark; raises UsageError when it has none of that name."""
        mark = self.bookmark(name)
        return replace(self, bookmarks=tuple(one for one in self.bookmarks if one is not mark))

    def bookmark(self, name: str) -> Bookmark:
        """Find a bookmark.

        Raises:
            UsageError: there is none of that name.
        """
        for mark in self.bookmarks:
            if mark.name == name:
                return mark
        names = ", ".join(mark.name for mark in self.bookmarks) or "none"
        raise UsageError(f"the replay has no bookmark {name!r}: it has {names}")

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "version": PLAN_VERSION,
            "symbols": [list(pair) for pair in self.symbols],
            "from_us": self.start_us,
            "to_us": self.end_us,
            "types": None if self.types is None else [one.value for one in self.types],
            "speed": MAX_SPEED if self.speed is None else self.speed,
            "order": self.order.value,
            "allow_missing": self.allow_missing,
            "health": {kind.value: action.value for kind, action in self.health},
            "loop": None if self.loop is None else [self.loop.from_us, self.loop.to_us],
            "skip_quiet_us": self.skip_quiet_us,
            "bookmarks": {mark.name: mark.at_us for mark in self.bookmarks},
            "latency_us": self.latency_us,
        }

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> ReplayPlan:
        """Read what :meth:`to_form` gave, or a form that a person wrote; what it leaves out is as by default.

        Raises:
            UsageError: a key or value that a plan does not have, by name.
        """
        if not isinstance(form, Mapping):
            raise UsageError(f"a replay plan is a table of names and values, not {form!r}")
        if form.get("version", PLAN_VERSION) != PLAN_VERSION:
            raise UsageError(
                f"this replay plan is of version {form['version']}, and only {PLAN_VERSION} is read: "
                "update Tickreel"
            )
        unknown = sorted(str(name) for name in form if name not in _CHECKS)
        if unknown:
            raise UsageError(f"a replay plan has no {', '.join(unknown)}: it has {', '.join(_CHECKS)}")
        absent = [name for name in ("symbols", "from_us", "to_us") if name not in form]
        if absent:
            raise UsageError(f"a replay plan needs {', '.join(absent)}")
        for name, value in form.items():
            fits, wanted = _CHECKS[name]
            if not fits(value):
                raise UsageError(f"{name} of a replay plan is {wanted}, not {value!r}")
        loop = form.get("loop")
        return cls.of(
            [(exchange, symbol) for exchange, symbol in form["symbols"]],
            form["from_us"],
            form["to_us"],
            types=form.get("types"),
            speed=form.get("speed", MAX_SPEED),
            order=form.get("order", Order.LOCAL),
            allow_missing=form.get("allow_missing", False),
            health=form.get("health"),
            loop=None if loop is None else (loop[0], loop[1]),
            skip_quiet_us=form.get("skip_quiet_us"),
            bookmarks=form.get("bookmarks"),
            latency_us=form.get("latency_us", 0),
        )


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_pairs(value: Any) -> bool:
    return _is_list(value) and all(
        _is_list(pair) and len(pair) == 2 and all(isinstance(name, str) for name in pair) for pair in value
    )


def _is_texts(value: Any) -> bool:
    return value is None or (_is_list(value) and all(isinstance(name, str) for name in value))


def _is_speed(value: object) -> bool:
    return isinstance(value, float | str) or _is_integer(value)


def _is_words(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(word, str) for word in (*value, *value.values()))


def _is_loop(value: Any) -> bool:
    return value is None or (_is_list(value) and len(value) == 2 and all(map(_is_integer, value)))


def _is_marks(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and all(isinstance(name, str) for name in value)
        and all(map(_is_integer, value.values()))
    )


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "version": (_is_integer, "a whole number"),
    "symbols": (_is_pairs, "a list of [exchange, symbol]"),
    "from_us": (_is_integer, "microseconds since 1970"),
    "to_us": (_is_integer, "microseconds since 1970"),
    "types": (_is_texts, "a list of data types or null"),
    "speed": (_is_speed, 'a number or "max"'),
    "order": (lambda value: isinstance(value, str), "a word"),
    "allow_missing": (lambda value: isinstance(value, bool), "true or false"),
    "health": (_is_words, "actions by kind of band"),
    "loop": (_is_loop, "[from_us, to_us] or null"),
    "skip_quiet_us": (lambda value: value is None or _is_integer(value), "microseconds or null"),
    "latency_us": (_is_integer, "microseconds"),
    "bookmarks": (_is_marks, "microseconds since 1970 by name"),
}


def _pair(value: object) -> tuple[str, str]:
    """Read one instrument; raises UsageError when it is no pair of an exchange and a symbol."""
    match value:
        case (str(exchange), str(symbol)):
            return exchange, symbol
    raise UsageError(
        f'{value!r} is no instrument: give pairs of exchange and symbol, as [("binance-futures", "BTCUSDT")]'
    )


def _word(words: type[Word], value: str, what: str) -> Word:
    try:
        return words(value)
    except ValueError:
        choices = ", ".join(one.value for one in words)
        raise UsageError(f"{value!r} is not {what}: choose {choices}") from None
