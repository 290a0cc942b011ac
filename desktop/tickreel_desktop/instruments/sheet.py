"""All that is known of one instrument, made ready to be shown: made off the UI thread, and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.instruments.facts import FACTS
from tickreel.instruments.instrument import FactSource
from tickreel.instruments.merging import spans, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.instruments.facts import Value
    from tickreel.instruments.instrument import Version
    from tickreel.instruments.merging import FactSpan

_ALWAYS_NEEDED = ("tick", "lot", "quote", "maker_fee", "taker_fee")
_NEEDED_OF_CONTRACTS = ("settlement", "multiplier", "inverse")


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact of an instrument as it is known last."""

    name: str
    span: FactSpan | None
    """None: it is not known."""
    others: tuple[tuple[FactSource, Value], ...]
    """What other sources say that is not the same."""
    is_needed: bool
    """Whether a backtest is refused without it."""

    @property
    def is_missing(self) -> bool:
        """Whether a backtest is refused because of it."""
        return self.is_needed and self.span is None


@dataclass(frozen=True, slots=True)
class Saying:
    """One version of a fact: what one source said at one time."""

    version: Version
    value: Value | None
    """None: it was withdrawn."""
    holds: bool
    """Whether it is what is believed, for a part of its time at least."""


@dataclass(frozen=True, slots=True)
class InstrumentSheet:
    """All that is known of one instrument."""

    exchange: str
    symbol: str
    lines: tuple[FactLine, ...]
    """Every fact, in the order in which facts are shown."""
    versions: tuple[Version, ...]
    """Oldest first."""
    held_us: tuple[int, int] | None
    """From the first to the end of the last held day that tells tick and lot; None where none is held."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts without which a backtest is refused."""
        return tuple(line.name for line in self.lines if line.is_missing)

    def line(self, name: str) -> FactLine:
        """Give a fact by its name."""
        return next(line for line in self.lines if line.name == name)

    def own_span(self, name: str) -> FactSpan | None:
        """Give what was typed in of a fact, as it stands last; None where nothing of it holds."""
        own = [version for version in self.versions if version.source is FactSource.TYPED]
        found = spans(timeline(self.exchange, self.symbol, own), name)
        return found[-1] if found else None

    def sayings(self, name: str) -> list[Saying]:
        """List all that was ever said of a fact, newest first."""
        believed = {
            span.version.id for span in spans(timeline(self.exchange, self.symbol, self.versions), name)
        }
        return [
            Saying(version, version.facts[name], version.id in believed)
            for version in reversed(self.versions)
            if name in version.facts
        ]


def make_sheet(
    exchange: str, symbol: str, versions: Sequence[Version], held_us: tuple[int, int] | None
) -> InstrumentSheet:
    """Merge what was said of an instrument, fact by fact."""
    times = timeline(exchange, symbol, versions)
    last = {name: found[-1] for name in FACTS if (found := spans(times, name))}
    is_spot = "type" in last and last["type"].value == "spot"
    needed = _ALWAYS_NEEDED if is_spot else (*_ALWAYS_NEEDED, *_NEEDED_OF_CONTRACTS)
    by_source = {
        source: timeline(exchange, symbol, [each for each in versions if each.source is source])
        for source in FactSource
    }
    lines = []
    for name in FACTS:
        span = last.get(name)
        others = (
            (source, found[-1].value)
            for source, own in by_source.items()
            if span is not None and source is not span.version.source and (found := spans(own, name))
        )
        differing = tuple((source, value) for source, value in others if span and value != span.value)
        lines.append(FactLine(name, span, differing, name in needed))
    return InstrumentSheet(exchange, symbol, tuple(lines), tuple(versions), held_us)
