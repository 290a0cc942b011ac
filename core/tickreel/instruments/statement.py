"""What a source says of an instrument before it is a version, and how a version is taken back.

Nothing that was said is ever removed: what is taken back is followed by what the source said before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.instruments.merging import timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.instruments.facts import Value
    from tickreel.instruments.instrument import Evidence, FactSource, Instrument, Version


@dataclass(frozen=True, slots=True)
class Statement:
    """What a version says, before it is one."""

    source: FactSource
    valid_from_us: int | None
    """None: from the beginning."""
    valid_to_us: int | None
    """Exclusive; None: until further notice."""
    facts: Mapping[str, Value | None]
    """By name; None takes back what the source said before."""
    evidence: Evidence | None = None

    def is_of(self, version: Version) -> bool:
        """Tell whether a version says just this."""
        return self == statement_of(version)


def statement_of(version: Version) -> Statement:
    """Give what a version says, to be said once more."""
    return Statement(
        version.source, version.valid_from_us, version.valid_to_us, version.facts, version.evidence
    )


def is_in_force(version: Version, history: Sequence[Version]) -> bool:
    """Tell whether all that a version says still is what its source says last, for all of its time."""
    return all(
        one.value(name) == value
        for one in _said(version, [each for each in history if each.source is version.source])
        for name, value in version.facts.items()
    )


def taken_back(version: Version, history: Sequence[Version]) -> list[Statement]:
    """Word what the source of a version said of its facts, for its time, before it said the version.

    Where the source had said nothing, the facts are withdrawn. *history* is all that was ever said
    of the instrument, the version included.
    """
    older = [each for each in history if each.source is version.source and each.id < version.id]
    statements: list[Statement] = []
    for one in _said(version, older):
        start_us, end_us = _clipped(one, version)
        by_origin: dict[int, dict[str, Value | None]] = {}
        origins: dict[int, Version] = {}
        for name in version.facts:
            origin = one.versions.get(name)
            number = 0 if origin is None else origin.id
            by_origin.setdefault(number, {})[name] = one.value(name)
            if origin is not None:
                origins[number] = origin
        for number, facts in by_origin.items():
            rests_on = origins[number].evidence if number in origins else None
            statements.append(Statement(version.source, start_us, end_us, facts, rests_on))
    return statements


def _said(version: Version, versions: Sequence[Version]) -> list[Instrument]:
    """Give what *versions* tell of the time of a version, span by span."""
    times = timeline(version.exchange, version.symbol, versions)
    return [one for one in times if _begins_before_end(*_clipped(one, version))]


def _clipped(one: Instrument, version: Version) -> tuple[int | None, int | None]:
    starts = [each for each in (one.valid_from_us, version.valid_from_us) if each is not None]
    ends = [each for each in (one.valid_to_us, version.valid_to_us) if each is not None]
    return max(starts, default=None), min(ends, default=None)


def _begins_before_end(start_us: int | None, end_us: int | None) -> bool:
    return start_us is None or end_us is None or start_us < end_us
