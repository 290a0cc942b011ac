"""How well a few typed letters fit a name, and which of its letters they are."""

from __future__ import annotations

from dataclasses import dataclass

_AT_START = 0
_AT_WORD = 1
_INSIDE = 3
_IN_OTHER_WORDS = 6
_AS_INITIALS = 2


@dataclass(frozen=True, slots=True)
class Match:
    """That a name fits: the smaller the cost the better; the spans are half-open places in the name."""

    cost: int
    spans: tuple[tuple[int, int], ...]


def match(typed: str, name: str, other_words: str = "") -> Match | None:
    """Fit what was typed to a name and to other words for it; None where some word is in neither.

    Every typed word must be found, in any order and case; the beginnings of words are best.
    Where that fails, one word may also be the first letters of the name's words.
    """
    spans: list[tuple[int, int]] = []
    cost = 0
    lower, others = name.casefold(), other_words.casefold()
    if len(lower) != len(name):
        lower = name.lower() if len(name.lower()) == len(name) else name
    for word in typed.casefold().split():
        place = _best_place(word, lower)
        if place is not None:
            at, price = place
            spans.append((at, at + len(word)))
            cost += price
        elif word in others:
            cost += _IN_OTHER_WORDS
        else:
            return _by_initials(typed, name)
    return Match(cost, _joined(spans))


def _best_place(word: str, name: str) -> tuple[int, int] | None:
    if name.startswith(word):
        return 0, _AT_START
    best: tuple[int, int] | None = None
    at = name.find(word)
    while at >= 0:
        if not name[at - 1].isalnum():
            return at, _AT_WORD
        best = best or (at, _INSIDE)
        at = name.find(word, at + 1)
    return best


def _by_initials(typed: str, name: str) -> Match | None:
    letters = typed.strip().casefold()
    if len(letters) < 2 or not letters.isalnum():
        return None
    starts = [
        at for at, letter in enumerate(name) if letter.isalnum() and (at == 0 or not name[at - 1].isalnum())
    ]
    spans = []
    for letter in letters:
        at = next((at for at in starts if name[at].casefold() == letter), None)
        if at is None:
            return None
        spans.append((at, at + 1))
        starts = [later for later in starts if later > at]
    return Match(_AS_INITIALS + len(letters), tuple(spans))


def _joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
