"""Reads the numbers of a text with all that is written of them: sign, digits, power, scale word and unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tickreel.analysis.figures import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINUSES = ("-", "\u2212", "\u2013")
"""Signs that make a number negative; an en dash between two numbers is a range and none."""
_NUMBER = re.compile(
    r"(?<![\w.])(?P<sign>[-+\u2212\u2013])?(?P<money>[$\u20ac\u00a3\u00a5])?(?:"
    r"(?P<digits>\d{1,3}(?:[,\u2009\u202f]\d{3})++(?!\d)|\d++)(?P<rest>\.(?:0(?:[\u2080-\u2089]{1,3}|\{\d{1,3}\})\d++"
    r"|\d{3}(?:[\u2009\u202f]\d{3})*+(?:[\u2009\u202f]\d{1,2})?+(?!\d)|\d++))?+|(?P<bare>\.\d++))"
    r"(?:\s?[eE](?P<power>[-+\u2212\u2011]\d{1,3})(?!\d)|[eE](?P<exponent>\d{1,3})(?!\d)"
    r"|\s?(?:[x*\u00d7\u00b7\u22c5]|\\times|\\cdot)\s?10"
    r"(?:\s?(?:\^|\*\*|<sup>)\s?[({]?(?P<raised>[-+\u2212\u2011]?\d{1,3})(?:[)}]|</sup>)?"
    r"|(?P<above>[\u207a\u207b]?[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]{1,3})))?+"
    r"(?:(?P<scale>[kKM]|bn|mn|B)(?!\w)|\s(?P<word>thousand|million|billion|trillion)s?\b)?+"
    r"(?P<unit>[\s-]?(?:"
    r"(?P<percent>%|per ?cent\b|pct\b|percentage points?\b)"
    r"|(?P<bps>(?i:bps?)\b|basis[ -]points?\b)"
    r"|(?P<nanoseconds>ns\b|nanoseconds?\b)"
    r"|(?P<microseconds>[u\u00b5\u03bc]s\b|microseconds?\b)"
    r"|(?P<milliseconds>ms(?:ecs?)?\b|milliseconds?\b)"
    r"|(?P<seconds>s\b|sec(?:onds?|s)?\b)"
    r"|(?P<minutes>min(?:ute)?s?\b)"
    r"|(?P<hours>h\b|hrs?\b|hours?\b)"
    r"|(?P<days>days?\b)"
    r"|(?P<per_second>/\s?s(?:ec(?:ond)?)?\b|(?:per|a) second\b)"
    r"|(?P<per_bps>per (?:bps?|basis point)\b)"
    r"|(?P<held>dollars?\b|euros?\b|cents?\b|coins?\b|contracts?\b|lots?\b"
    r"|(?!UTC|VWAP|OFI|BBO|AND|BUT|THE)[A-Z]{3,6}\b)"
    r"))?+"
    r"(?P<glued>(?:[x\u00d7]|(?!(?:st|nd|rd|th)\b))\w*+)?+(?!\w)"
    r"(?:(?=[\s-](?:(?P<times>times)|"
    r"(?P<counted>trades?|messages?|updates?|sweeps?|gaps?|resets?|runs?|crossings?))\b))?"
)
_RATES = (Unit.COUNT, Unit.PER_SECOND)
_HELD = (Unit.PRICE, Unit.AMOUNT, Unit.AMOUNT_PER_BPS)
_UNITS: dict[str, tuple[tuple[Unit, ...], Decimal]] = {
    "percent": ((Unit.PERCENT,), Decimal(1)),
    "bps": ((Unit.BPS,), Decimal(1)),
    "nanoseconds": ((Unit.SECONDS,), Decimal("1e-9")),
    "microseconds": ((Unit.SECONDS,), Decimal("1e-6")),
    "milliseconds": ((Unit.SECONDS,), Decimal("1e-3")),
    "seconds": ((Unit.SECONDS,), Decimal(1)),
    "minutes": ((Unit.SECONDS,), Decimal(60)),
    "hours": ((Unit.SECONDS,), Decimal(3_600)),
    "days": ((Unit.SECONDS,), Decimal(86_400)),
    "per_second": ((Unit.PER_SECOND,), Decimal(1)),
    "per_bps": ((Unit.AMOUNT_PER_BPS,), Decimal(1)),
    "times": ((Unit.RATIO, Unit.COUNT), Decimal(1)),
    "counted": (_RATES, Decimal(1)),
    "held": (_HELD, Decimal(1)),
}
"""Groups of a number that name its unit, the units of figures that it may be, and what one is worth there."""
_GLUED = {"x": (Unit.RATIO,), "\u00d7": (Unit.RATIO,)}
"""What may stand on a number without a space between; whatever else does is no unit of a figure."""
_RAISED = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u2212\u2011", "0123456789+---"
)
"""Digits and signs of a power as it is printed, and those that are counted with."""
_SCALES = {"k": 3, "K": 3, "M": 6, "mn": 6, "bn": 9, "B": 9}
_SCALE_WORDS = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}


_ZEROS = re.compile(r"\.0(?:([\u2080-\u2089]{1,3})|\{(\d{1,3})\})")
"""How a tiny price may say how many zeros stand behind its point: 0.0\u208932 is 3.2e-10."""
_LOWERED = str.maketrans("\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089", "0123456789")


def _spelled_out(zeros: re.Match[str]) -> str:
    return "." + "0" * int((zeros[1] or zeros[2]).translate(_LOWERED))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text, and where it stands."""

    start: int
    stop: int
    text: str
    value: Decimal
    """In the unit of the figures that it may be: 250 ms are 0.25."""
    step: Decimal
    """What one of its last digit is worth."""
    has_sign: bool
    is_percent: bool
    units: tuple[Unit, ...] | None
    """Units of the figures that it may be: none where it names one of no figure; None where it names none."""

    def may_be(self, unit: Unit) -> bool:
        """Whether a figure in *unit* can be meant."""
        return self.units is None or unit in self.units


def quantities(text: str) -> Iterator[Quantity]:
    """Find every number that is written in digits, in the order of the text."""
    for match in _NUMBER.finditer(text):
        yield _quantity(match)


def _quantity(match: re.Match[str]) -> Quantity:
    named = next((name for name in _UNITS if match[name]), None)
    units, worth = (None, Decimal(1)) if named is None else _UNITS[named]
    if match["glued"]:
        units = _GLUED.get(match["glued"], ()) if named is None else ()
    elif match["money"]:
        units = _HELD if named in (None, "held") else ()
    digits = re.sub(r"[,\u2009\u202f]", "", match["digits"] or "0")
    rest = _ZEROS.sub(_spelled_out, re.sub(r"[\u2009\u202f]", "", match["rest"] or match["bare"] or ""))
    power = match["power"] or match["exponent"] or match["raised"] or match["above"] or "0"
    shift = int(power.translate(_RAISED))
    shift += _SCALES.get(match["scale"] or "", 0) + _SCALE_WORDS.get(match["word"] or "", 0)
    number = Decimal(digits + rest).scaleb(shift) * worth
    return Quantity(
        start=match.start(),
        stop=match.end(),
        text=match[0],
        value=-number if match["sign"] in _MINUSES else number,
        step=Decimal(1).scaleb(shift - max(len(rest) - 1, 0)) * worth,
        has_sign=match["sign"] is not None,
        is_percent=match["percent"] is not None,
        units=units,
    )
