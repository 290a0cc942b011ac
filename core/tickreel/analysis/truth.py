"""Checks an answer: every number in it must be a figure that it cites, to the digits that it gives.

A figure is cited by its id in brackets behind a number, ``0.42 bps [f007]``; a number belongs to the
next citation of its sentence, or, where none follows, to the one before it. Numbers that are written
as words are not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.analysis.figures import BY_ID, Unit
from tickreel.market.time import format_us

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tickreel.analysis.snapshot import Snapshot

_CITED = re.compile(r"\[\s*(f\d{3}(?:\s*[,;]\s*f\d{3})*)\s*\]")
_ID = re.compile(r"f\d{3}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\D)|\n+")
_NUMBER = re.compile(
    r"(?<![\w.])(?P<sign>[-+\u2212])?(?P<digits>\d{1,3}(?:[,\u2009\u202f]\d{3})+|\d+)(?P<rest>\.\d+)?"
    r"(?:[eE](?P<power>[-+\u2212]?\d{1,3})(?!\d)"
    r"|\s?[x*\u00d7\u00b7]\s?10(?:\^\(?(?P<raised>[-+\u2212]?\d{1,3})\)?"
    r"|(?P<above>[\u207a\u207b]?[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]{1,3})))?(?P<scale>[kKM])?"
    r"(?:\s?(?:(?P<percent>%|percent\b|per cent\b)|(?P<bps>bps?\b|basis points?\b)"
    r"|(?P<seconds>s\b|sec(?:onds?)?\b)))?(?!\w)"
)
_STAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?Z?|\b\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\b"
)
_FALLING = re.compile(
    r"\b(?:fell|falls?|falling|drop\w*|down\w*|declin\w*|lower\w*|below|narrow\w*|compress\w*|negative\w*|lost|"
    r"los(?:es?|ing)|decreas\w*|tighten\w*|sell\w*|sold|shrank|shrunk|less|under|bearish|contract(?:ed|ing|ion))\b",
    re.IGNORECASE,
)
_UNITS = {"percent": Unit.PERCENT, "bps": Unit.BPS, "seconds": Unit.SECONDS}
"""Groups of a number that name its unit, and the unit; without one it may be of any."""
_RAISED = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u2212", "0123456789+--"
)
"""Digits and signs of a power as it is printed, and those that are counted with."""
_SCALES = {"k": 3, "K": 3, "M": 6}


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

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "start": self.start,
            "stop": self.stop,
            "text": self.text,
            "binding": self.binding.value,
            "figure": self.figure,
            "note": self.note,
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

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        counts = {binding.value: self.count(binding) for binding in Binding}
        return {"numbers": len(self.claims), **counts, "claims": [claim.to_form() for claim in self.claims]}


def check_text(text: str, seen: Snapshot, *, cited: Sequence[str] = ()) -> Check:
    """Hold every number of *text* against the figures it cites, else against those of *cited*.

    The times of the window itself need no citation.
    """
    claims: list[Claim] = []
    for start, sentence in _sentences(text):
        citations = [
            (match.start(), match.end(), _ID.findall(match[1])) for match in _CITED.finditer(sentence)
        ]
        taken = [(low, high) for low, high, _ in citations]
        for match in _STAMP.finditer(sentence):
            taken.append(match.span())
            claims.append(_stamp(match, start, seen))
        for match in _NUMBER.finditer(sentence):
            if any(low < match.end() and match.start() < high for low, high in taken):
                continue
            ids = next((ids for low, _, ids in citations if low >= match.end()), None)
            if ids is None:
                ids = next(
                    (ids for _, high, ids in reversed(citations) if high <= match.start()), list(cited)
                )
            claims.append(_claim(match, start, ids, sentence, seen))
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


def _claim(match: re.Match[str], offset: int, ids: Sequence[str], sentence: str, seen: Snapshot) -> Claim:
    span = offset + match.start(), offset + match.end()
    known = [one for one in ids if one in BY_ID]
    for one in known:
        note = _agreement(match, one, sentence, seen)
        if note is not None:
            return Claim(*span, match[0], Binding.BOUND, one, note)
    if known:
        return Claim(*span, match[0], Binding.ALTERED, known[0], f"the figure is {seen.values[known[0]]}")
    note = f"{ids[0]} is no figure" if ids else "it cites no figure"
    return Claim(*span, match[0], Binding.UNBOUND, None, note)


def _agreement(match: re.Match[str], figure_id: str, sentence: str, seen: Snapshot) -> str | None:
    """Tell how a number is a figure; None where it is not."""
    value = seen.values[figure_id]
    if value is None or isinstance(value, str):
        return None
    number, step = _read(match)
    exact = Decimal(repr(value))
    notes = []
    if match["percent"] and BY_ID[figure_id].unit is Unit.RATIO:
        exact *= 100
        notes.append("a fraction as a percentage")
    elif any(match[name] and BY_ID[figure_id].unit is not unit for name, unit in _UNITS.items()):
        return None
    if exact < 0 and not match["sign"] and _FALLING.search(sentence):
        exact = -exact
        notes.append("its minus stands in words")
    # Half a step either way, whichever way the writer rounds a half. Of the smallest numbers that there
    # are more digits can be written than they have: what is read as the very same number is it.
    if abs(number - exact) > step / 2 and float(number) != float(exact):
        return None
    if number != exact:
        notes.append(f"rounded to {step.normalize():f}")
    return ", ".join(notes)


def _read(match: re.Match[str]) -> tuple[Decimal, Decimal]:
    """Give a number as it was written, and what one of its last digit is worth."""
    digits = re.sub(r"[,\u2009\u202f]", "", match["digits"])
    rest = match["rest"] or ""
    power = match["power"] or match["raised"] or match["above"] or "0"
    shift = int(power.translate(_RAISED)) + _SCALES.get(match["scale"] or "", 0)
    number = Decimal(digits + rest).scaleb(shift)
    step = Decimal(1).scaleb(shift - max(len(rest) - 1, 0))
    return (-number if match["sign"] in ("-", "\u2212") else number), step
