"""What the palette offers, whoever offers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel_desktop.palette.matching import Match, match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tickreel_resources import IconName

MOST_IN_GROUP = 8
"""Rows of one group while other groups have some too."""
MOST_ALONE = 60


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may be chosen."""

    id: str
    """Names it among those of its group, for what was chosen lately."""
    title: str
    detail: str
    """Where it belongs, or what it comes to, at the right."""
    run: Callable[[], object]
    icon: IconName = "terminal-window"
    keys: str = ""
    """As Qt spells them in files."""
    words: str = ""
    command: str | None = None
    reason: str = ""
    """Why it cannot be chosen now; empty when it can."""
    is_found: bool = False
    """Whether whoever offers it has matched it already, and its order is to be kept."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of things, under a heading, reached alone by a sign before the text."""

    heading: str
    sign: str
    meaning: str
    """What the sign stands for, in one word."""
    offer: Callable[[str], Iterable[Candidate]]
    """Gives candidates for what is typed, without the sign; it is called at every key."""
    is_offered_untyped: bool = False
    """Whether it has something to say before anything is typed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the palette: a heading, or a candidate with the letters that were found."""

    heading: str = ""
    candidate: Candidate | None = None
    spans: tuple[tuple[int, int], ...] = ()


def find(typed: str, providers: Iterable[Provider], lately: tuple[str, ...] = ()) -> list[Row]:
    """Give the rows for what is typed; *lately* are ids that were chosen before, the newest first."""
    providers = list(providers)
    text = typed.strip()
    chosen = [each for each in providers if each.sign and text.startswith(each.sign)]
    alone = bool(chosen)
    if alone:
        text = text[len(chosen[0].sign) :].strip()
    found: list[tuple[float, int, Provider, list[tuple[Candidate, Match]]]] = []
    for place, provider in enumerate(chosen or providers):
        if not text and not alone and not provider.is_offered_untyped:
            continue
        fits = _fitting(text, provider, lately)
        if fits:
            best = min(fit.cost for _, fit in fits)
            # In their own order, but a group whose best is much better goes first.
            found.append((best // 3 if text else 0, place, provider, fits))
    found.sort(key=lambda each: (each[0], each[1]))
    most = MOST_ALONE if len(found) == 1 else MOST_IN_GROUP
    rows: list[Row] = []
    for _, _, provider, fits in found:
        rows.append(Row(heading=provider.heading))
        rows += [Row(candidate=candidate, spans=fit.spans) for candidate, fit in fits[:most]]
    return rows


def _fitting(text: str, provider: Provider, lately: tuple[str, ...]) -> list[tuple[Candidate, Match]]:
    fits: list[tuple[tuple[float, ...], Candidate, Match]] = []
    for place, candidate in enumerate(provider.offer(text)):
        fit = match(text, candidate.title, f"{candidate.words} {candidate.detail}")
        if fit is None:
            if not candidate.is_found:
                continue
            fit = Match(0, ())
        used = lately.index(candidate.id) if candidate.id in lately else len(lately)
        order = (place,) if candidate.is_found else (fit.cost, bool(candidate.reason), used, place)
        fits.append((order, candidate, fit))
    fits.sort(key=lambda each: each[0])
    return [(candidate, fit) for _, candidate, fit in fits]
