"""Reads which way the words around a number lean: that it fell by it, or rose, or neither.

The words are those of English; whether a text is in it is told from the words that English is full of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FELL = (
    r"fell|falls?|falling|fallen|drop(?:s|ped|ping)?|down|declin\w*|narrow\w*|compress\w*|lost|los(?:es?|ing|s)|"
    r"decreas\w*|tighten\w*|shr[aiu]nk\w*|contract(?:ed|ing|ion)|slid|slipp?\w*|sank|sunk|minus|retreat\w*"
)
_ROSE = (
    r"rose|ris(?:es?|ing|en)|gain\w*|up|climb\w*|increas\w*|widen\w*|expand\w*|expansion|grew|grow[ns]?|growing|"
    r"jump\w*|advanc\w*|rall(?:y|ied|ies)|surg\w*|lift\w*|add(?:ed|s)|plus"
)
_LOW = r"lower|below|negative\w*|sell\w*|sold|less|under|bearish|short"
_HIGH = r"higher|above|positive\w*|buy(?:ing|s)?|bought|more|over|bullish|long"
_LEANING = re.compile(
    rf"\b(?:(?P<fell>{_FELL})|(?P<rose>{_ROSE})|(?P<low>{_LOW})|(?P<high>{_HIGH}))\b", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"[;:()]|,(?=\s+(?!by\b)[A-Za-z])|\b(?:while|whereas|but|as|although|though|then|yet|which|when|despite)\b"
    r"|\band\b(?=\s+[A-Za-z])",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"\b(?:to|from|at|near|around|with|is|was|are|were|than|in|over|during|within|for|after|before|on|against)\b",
    re.IGNORECASE,
)
"""Words after which a number is no longer how far something went: "fell to 5"."""
_FILLER = re.compile(
    r"(?:\s|\b(?:by|of|a|an|some|about|roughly|nearly|almost|only|just|another|further|sharply|slightly|modestly|"
    r"it|the|price|mid|spread)\b)*",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"\s*(?:(?:further|sharply|slightly)\s+)?"
    rf"(?:(?P<fell>down|lost|fall|drop|decline|decrease|loss)|(?P<rose>up|gain|rise|increase)|"
    rf"(?P<low>{_LOW})|(?P<high>{_HIGH}))\b",
    re.IGNORECASE,
)


_WORD = re.compile(r"[^\W\d_]{2,}")
_COMMON = re.compile(
    r"the|of|and|with|by|from|for|that|this|there|are|were|its|it|which|at|while|where|between|below|above|than|near|"
    r"but|not|both|each|other|into|their|they|has|been",
    re.IGNORECASE,
)
"""Words that hardly an English sentence does without, few of which other languages have."""
_UNITS = ("\u00b5s", "\u03bcs")
_FEWEST_WORDS = 5
_COMMON_PART = 0.12


@dataclass(frozen=True, slots=True)
class Leaning:
    """What the words say of one number."""

    is_down: bool
    is_change: bool
    """Whether they say that something moved, and not only where it is."""
    is_close: bool
    """Whether nothing stands between them and the number."""


def is_readable(text: str) -> bool:
    """Tell whether a text is in English; a few words of plain letters are taken to be."""
    words = _WORD.findall(text)
    if len(words) < _FEWEST_WORDS:
        return all(word.isascii() for word in words if word not in _UNITS)
    known = sum(_COMMON.fullmatch(word) is not None or _LEANING.fullmatch(word) is not None for word in words)
    return known >= _COMMON_PART * len(words)


def leaning(sentence: str, start: int, stop: int) -> Leaning | None:
    """Tell which way the words of the clause of sentence[start:stop] lean; None where none does."""
    behind = _BEHIND.match(sentence, stop)
    if behind is not None:
        return _leaning(behind, is_close=True)
    begin = max((cut.end() for cut in _CLAUSE.finditer(sentence, 0, start)), default=0)
    words = list(_LEANING.finditer(sentence, begin, start))
    if not words or _LEVEL.search(sentence, words[-1].end(), start):
        return None
    nearest = words[-1]
    return _leaning(nearest, is_close=_FILLER.fullmatch(sentence, nearest.end(), start) is not None)


def _leaning(match: re.Match[str], *, is_close: bool) -> Leaning:
    return Leaning(
        is_down=bool(match["fell"] or match["low"]),
        is_change=bool(match["fell"] or match["rose"]),
        is_close=is_close,
    )
