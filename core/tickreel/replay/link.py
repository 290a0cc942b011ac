"""Links that lead to a place of the window: a moment of a replay, a run, a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tickreel.errors import UsageError
from tickreel.market.numbers import positional
from tickreel.market.time import format_us, parse_instant
from tickreel.replay.speed import MAX_SPEED, parse_speed

SCHEME = "tickreel"
LONGEST_LINK = 2_000
"""Characters; whoever makes a longer one does not mean a place."""


@dataclass(frozen=True, slots=True)
class ReplayLink:
    """A replay: ``tickreel://replay/EXCHANGE/SYMBOL?from=&to=&at=&speed=&symbols=EXCHANGE:SYMBOL,...``.

    What is None is left to whoever opens the link: the whole of what is held, its
    start, and the speed of the settings.
    """

    exchange: str
    symbol: str
    start_us: int | None = None
    end_us: int | None = None
    at_us: int | None = None
    speed: float | str | None = None
    """Market seconds per second, or ``"max"``."""
    others: tuple[tuple[str, str], ...] = ()
    """More symbols on the same clock, each with its exchange."""

    @property
    def symbols(self) -> tuple[tuple[str, str], ...]:
        """All symbols, each once, with their exchanges."""
        return tuple(dict.fromkeys(((self.exchange, self.symbol), *self.others)))

    def text(self) -> str:
        """Spell the link."""
        query: list[tuple[str, str]] = []
        for name, instant_us in (("from", self.start_us), ("to", self.end_us), ("at", self.at_us)):
            if instant_us is not None:
                query.append((name, format_us(instant_us)))
        if self.speed is not None:
            query.append(("speed", self.speed if isinstance(self.speed, str) else positional(self.speed)))
        if self.others:
            query.append(("symbols", ",".join(f"{exchange}:{symbol}" for exchange, symbol in self.others)))
        path = f"{quote(self.exchange, safe='')}/{quote(self.symbol, safe='')}"
        return f"{SCHEME}://replay/{path}" + (f"?{urlencode(query, safe=':,')}" if query else "")


@dataclass(frozen=True, slots=True)
class DataLink:
    """The Data workspace: ``tickreel://data``."""

    def text(self) -> str:
        """Spell the link."""
        return f"{SCHEME}://data"


@dataclass(frozen=True, slots=True)
class BacktestLink:
    """The Backtest workspace: ``tickreel://backtest``."""

    def text(self) -> str:
        """Spell the link."""
        return f"{SCHEME}://backtest"


@dataclass(frozen=True, slots=True)
class RunLink:
    """A run that is kept: ``tickreel://run/ID``."""

    run_id: str
    """Its id, or as much of the beginning of it as no other has."""

    def text(self) -> str:
        """Spell the link."""
        return f"{SCHEME}://run/{quote(self.run_id, safe='')}"


Link = ReplayLink | DataLink | BacktestLink | RunLink


def parse_link(text: str) -> Link:
    """Read a link.

    Raises:
        UsageError: it is not one of ours; the message says what is wrong.
    """
    if len(text) > LONGEST_LINK or not text.isprintable():
        raise UsageError(
            f"that is not a Tickreel link: they are one line of at most {LONGEST_LINK} characters"
        )
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a Tickreel link: {error}") from None
    if parts.scheme != SCHEME:
        raise UsageError(f"{text!r} is not a Tickreel link: they begin with {SCHEME}://")
    path = [unquote(piece) for piece in parts.path.split("/") if piece]
    if parts.netloc == "data" and not path:
        return DataLink()
    if parts.netloc == "backtest" and not path:
        return BacktestLink()
    if parts.netloc == "run" and len(path) == 1:
        return RunLink(path[0])
    if parts.netloc != "replay" or len(path) != 2:
        raise UsageError(
            f"{text!r} leads nowhere: use {SCHEME}://data, {SCHEME}://replay/EXCHANGE/SYMBOL?from=&to=, "
            f"{SCHEME}://backtest or {SCHEME}://run/ID"
        )
    query = dict(parse_qsl(parts.query))
    unknown = sorted(set(query) - {"from", "to", "at", "speed", "symbols"})
    if unknown:
        raise UsageError(f"{text!r}: a replay link has no {', '.join(unknown)}")
    instants = {name: parse_instant(query[name]) for name in ("from", "to", "at") if name in query}
    return ReplayLink(
        exchange=path[0],
        symbol=path[1],
        start_us=instants.get("from"),
        end_us=instants.get("to"),
        at_us=instants.get("at"),
        speed=None if "speed" not in query else parse_speed(query["speed"]) or MAX_SPEED,
        others=_instruments(query["symbols"]) if "symbols" in query else (),
    )


def _instruments(text: str) -> tuple[tuple[str, str], ...]:
    """Read ``EXCHANGE:SYMBOL,...``; a symbol may have a colon of its own."""
    pairs = []
    for piece in text.split(","):
        exchange, _, symbol = piece.partition(":")
        if not exchange or not symbol:
            raise UsageError(f"{piece!r} is no symbol of a replay link: write EXCHANGE:SYMBOL")
        pairs.append((exchange, symbol))
    return tuple(pairs)
