"""From what several sources said at several times to what is known, fact by fact.

For an instant and a fact the first source that knows it is believed, in the order of
:class:`~tickreel.instruments.instrument.FactSource`; of a source, what it said last.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from tickreel.instruments.facts import FACTS
from tickreel.instruments.instrument import FactSource, Instrument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tickreel.instruments.facts import Value
    from tickreel.instruments.instrument import Version


@dataclass(frozen=True, slots=True)
class FactSpan:
    """A fact for as long as it is so."""

    fact: str
    value: Value
    version: Version
    from_us: int | None
    """None: from the beginning."""
    to_us: int | None
    """Exclusive; None: until further notice."""

    def covers(self, at_us: int) -> bool:
        """Tell whether it is so at an instant."""
        return (self.from_us is None or self.from_us <= at_us) and (self.to_us is None or at_us < self.to_us)


def timeline(exchange: str, symbol: str, versions: Sequence[Version]) -> list[Instrument]:
    """Give what is known of an instrument, span by span, from the beginning of time to its end.

    There is always at least one span; *versions* may be in any order.
    """
    newest_first = sorted(versions, key=lambda version: version.id, reverse=True)
    edges = {edge for version in versions for edge in (version.valid_from_us, version.valid_to_us)}
    starts: list[int | None] = [None, *sorted(edge for edge in edges if edge is not None)]
    known = [(start_us, _known(newest_first, start_us)) for start_us in starts]
    spans = [next(same) for _, same in groupby(known, key=lambda span: span[1])]
    ends = [*(start_us for start_us, _ in spans[1:]), None]
    return [
        _instrument(exchange, symbol, (start_us, end_us), origins)
        for (start_us, origins), end_us in zip(spans, ends, strict=True)
    ]


def _known(newest_first: Iterable[Version], at_us: int | None) -> dict[str, Version]:
    """Find the version that each fact comes from at an instant."""
    valid = [version for version in newest_first if version.covers(at_us)]
    known: dict[str, Version] = {}
    for source in FactSource:
        settled: set[str] = set()
        for version in valid:
            if version.source is not source:
                continue
            for name in version.settles:
                if name not in settled and version.facts.get(name) is not None:
                    known.setdefault(name, version)
            settled.update(version.settles)
    return known


def _instrument(
    exchange: str, symbol: str, span: tuple[int | None, int | None], origins: Mapping[str, Version]
) -> Instrument:
    values = {name: version.facts[name] for name, version in origins.items()}
    return Instrument(
        exchange=exchange,
        symbol=symbol,
        valid_from_us=span[0],
        valid_to_us=span[1],
        versions=origins,
        **values,  # type: ignore[arg-type]  # names and kinds are those of FACTS
    )


def spans(times: Sequence[Instrument], fact: str) -> list[FactSpan]:
    """Give the values of a fact over a timeline; what is not known leaves gaps.

    What one statement says of neighbouring times, and is the same, is one span.
    """
    found: list[FactSpan] = []
    for one in times:
        version = one.versions.get(fact)
        value = one.value(fact)
        if version is None or value is None:
            continue
        last = found[-1] if found else None
        since_us = one.valid_from_us
        if last is not None and last.to_us == since_us and last.value == value:
            said = last.version
            if (said.source, said.recorded_us) == (version.source, version.recorded_us):
                since_us, version = last.from_us, said
                found.pop()
        found.append(FactSpan(fact, value, version, since_us, one.valid_to_us))
    return found


def latest(times: Sequence[Instrument]) -> Instrument:
    """Give of each fact what is known last on a timeline, whatever its time."""
    origins: dict[str, Version] = {}
    for name in FACTS:
        for one in reversed(times):
            if name in one.versions:
                origins[name] = one.versions[name]
                break
    last = times[-1]
    return _instrument(last.exchange, last.symbol, (None, None), origins)
