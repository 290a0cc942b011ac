"""Checks an answer: every number in it must be a figure that it cites, to the digits that it gives.

A figure is cited by its id in brackets behind a number, ``0.42 bps [f007]``; a number belongs to the
next citation of its sentence, or, where none follows, to the one before it. Numbers that are written
as words are not looked at. Digits are read in any language; words of direction, "fell" or "above", are
those of English, and what is written in another one is told to be unchecked in that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.analysis.figures import BY_ID, SIGNED, Unit
from tickreel.analysis.findings import MOST_FIGURES
from tickreel.analysis.leanings import is_readable, leaning
from tickreel.analysis.quantities import quantities
from tickreel.market.time import format_us

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tickreel.analysis.leanings import Leaning
    from tickreel.analysis.quantities import Quantity
    from tickreel.analysis.snapshot import Snapshot

_CITED = re.compile(r"\[\s*(f\d{3}(?:\s*[,;]\s*f\d{3})*)\s*\]")
_ID = re.compile(r"f\d{3}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\D)|\n+")
_STAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?Z?|\b\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\b"
)


class Binding(StrEnum):
    """What became of one number of an answer."""

    BOUND = "bound"
    """It is the figure it cites, to the digits it gives."""
    ALTERED = "altered"
    """It cites a figure, and is another number."""
    UNBOUND = "unbound"
    """It cites none."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A number of an answer, where it stands in the text, and what it was held against."""

    start: int
    stop: int
    text: str
    binding: Binding
    figure: str | None
    """Id of the figure that it is, or that it cites; None where it cites none."""
    note: str
    """How it was read: rounding, a fraction as a percentage, a sign that stands in words."""
    is_directed: bool = True
    """Whether the words around it could be held against its sign; False where they are not in English."""

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "start": self.start,
            "stop": self.stop,
            "text": self.text,
            "binding": self.binding.value,
            "figure": self.figure,
            "note": self.note,
            "direction_checked": self.is_directed,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """What came of checking one text."""

    claims: tuple[Claim, ...]

    def count(self, binding: Binding) -> int:
        """Tell how many numbers are so."""
        return sum(claim.binding is binding for claim in self.claims)

    @property
    def is_true(self) -> bool:
        """Whether every number is the figure it cites."""
        return self.count(Binding.BOUND) == len(self.claims)

    @property
    def is_directed(self) -> bool:
        """Whether the direction of every number that is its figure was checked too."""
        return all(claim.is_directed for claim in self.claims if claim.binding is Binding.BOUND)

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        counts = {binding.value: self.count(binding) for binding in Binding}
        return {"numbers": len(self.claims), **counts, "claims": [claim.to_form() for claim in self.claims]}


def check_text(text: str, seen: Snapshot, *, cited: Sequence[str] = ()) -> Check:
    """Hold every number of *text* against the figures it cites, else against those of *cited*.

    The times of the window itself need no citation.
    """
    claims: list[Claim] = []
    is_english = is_readable(text)
    for start, sentence in _sentences(text):
        is_directed = is_english and is_readable(sentence)
        citations = [
            (match.start(), match.end(), _ID.findall(match[1])) for match in _CITED.finditer(sentence)
        ]
        taken = [(low, high) for low, high, _ in citations]
        for match in _STAMP.finditer(sentence):
            taken.append(match.span())
            claims.append(_stamp(match, start, seen))
        for told in quantities(sentence):
            if any(low < told.stop and told.start < high for low, high in taken):
                continue
            ids = next((ids for low, _, ids in citations if low >= told.stop), None)
            if ids is None:
                ids = next((ids for _, high, ids in reversed(citations) if high <= told.start), list(cited))
            claim = _claim(told, start, ids, sentence, seen)
            claims.append(claim if is_directed else replace(claim, is_directed=False))
    return Check(tuple(sorted(claims, key=lambda claim: claim.start)))


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for cut in _SENTENCE.finditer(text):
        yield start, text[start : cut.start()]
        start = cut.end()
    yield start, text[start:]


def _stamp(match: re.Match[str], offset: int, seen: Snapshot) -> Claim:
    told = match[0].replace(" ", "T").removesuffix("Z")
    is_own = any(told in format_us(us) for us in (seen.from_us, seen.to_us))
    return Claim(
        offset + match.start(),
        offset + match.end(),
        match[0],
        Binding.BOUND if is_own else Binding.UNBOUND,
        None,
        "a time of the window" if is_own else "a time that is not the window's",
    )


def _claim(told: Quantity, offset: int, ids: Sequence[str], sentence: str, seen: Snapshot) -> Claim:
    span = offset + told.start, offset + told.stop
    if len(set(ids)) > MOST_FIGURES:
        note = f"it cites {len(set(ids))} figures, and more than {MOST_FIGURES} say nothing of a number"
        return Claim(*span, told.text, Binding.UNBOUND, None, note)
    known = [one for one in ids if one in BY_ID]
    for one in known:
        agreement = _agreement(told, one, sentence, seen)
        if agreement is not None:
            return Claim(*span, told.text, Binding.BOUND, one, agreement)
    if known:
        return Claim(*span, told.text, Binding.ALTERED, known[0], f"the figure is {seen.values[known[0]]}")
    note = f"{ids[0]} is no figure" if ids else "it cites no figure"
    return Claim(*span, told.text, Binding.UNBOUND, None, note)


def _agreement(told: Quantity, figure_id: str, sentence: str, seen: Snapshot) -> str | None:
    """Tell how a number is a figure; None where it is not."""
    value = seen.values[figure_id]
    if value is None or isinstance(value, str):
        return None
    exact = Decimal(repr(value))
    notes = []
    if told.is_percent and BY_ID[figure_id].unit is Unit.RATIO:
        exact *= 100
        notes.append("a fraction as a percentage")
    elif not told.may_be(BY_ID[figure_id].unit):
        return None
    words = leaning(sentence, told.start, told.stop)
    if words is not None and _is_denied(words, exact, is_signed=figure_id in SIGNED):
        return None
    if exact < 0 and not told.has_sign and words is not None and words.is_down:
        exact = -exact
        notes.append("its minus stands in words")
    # Half a step either way, whichever way the writer rounds a half. Of the smallest numbers that there
    # are more digits can be written than they have: what is read as the very same number is it.
    if abs(told.value - exact) > told.step / 2 and float(told.value) != float(exact):
        return None
    if told.value != exact:
        notes.append(f"rounded to {told.step.normalize():f}")
    return ", ".join(notes)


def _is_denied(words: Leaning, exact: Decimal, *, is_signed: bool) -> bool:
    """Whether the words around a number say the opposite of the sign of its figure.

    Of a figure that cannot be below 0 they do where it is told as a fall: "the spread fell 5 bps" is not
    a spread of 5 bps.
    """
    if exact == 0 or words.is_down == (exact < 0):
        return False
    if is_signed:
        return words.is_close or words.is_change
    return words.is_close and words.is_change and words.is_down
