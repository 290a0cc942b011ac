"""Searching all pages: every word of the query must stand in a section, in any order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.help.pages import Page

_SNIPPET_CHARACTERS = 110
_LEAD_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class Hit:
    """Hold one section that has all words, and how it reads around the first of them."""

    page: Page
    section: str
    anchor: str
    snippet: str
    count: int
    """How often the words stand in it, its title included."""


def words_of(query: str) -> tuple[str, ...]:
    """Take a query apart."""
    return tuple(dict.fromkeys(query.split()))


def find_spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Give start and end of every occurrence of the words, whatever their case."""
    if not words:
        return []
    longest_first = sorted(words, key=len, reverse=True)
    found = re.finditer("|".join(map(re.escape, longest_first)), text, re.IGNORECASE)
    return [match.span() for match in found]


def search(pages: Sequence[Page], query: str) -> tuple[Hit, ...]:
    """Find sections: those whose title has all words first, then those that have them most often."""
    words = words_of(query)
    if not words:
        return ()
    ranked = []
    for page in pages:
        for section in page.sections:
            whole = f"{section.title} {section.text}"
            if not _has_all(whole, words):
                continue
            count = len(find_spans(whole, words))
            snippet = _snippet(section.text, words)
            hit = Hit(page, section.title, section.anchor, snippet, count)
            ranked.append((not _has_all(section.title, words), -count, hit))
    ranked.sort(key=lambda entry: entry[:2])
    return tuple(hit for _, _, hit in ranked)


def _has_all(text: str, words: Sequence[str]) -> bool:
    return all(find_spans(text, [word]) for word in words)


def _snippet(text: str, words: Sequence[str]) -> str:
    """Cut the text so that the first occurrence stands near its start."""
    spans = find_spans(text, words)
    start = max(0, spans[0][0] - _LEAD_CHARACTERS) if spans else 0
    if start:
        start = text.find(" ", start) + 1  # the occurrence itself may hold no space before it
        if start == 0 or start > spans[0][0]:
            start = spans[0][0]
    cut = text[start : start + _SNIPPET_CHARACTERS]
    return ("… " if start else "") + cut + (" …" if start + len(cut) < len(text) else "")
