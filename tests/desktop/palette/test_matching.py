"""How typed letters find names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel_desktop.palette.matching import match


def cost(typed: str, name: str, words: str = "") -> int:
    found = match(typed, name, words)
    assert found is not None
    return found.cost


@pytest.mark.parametrize(
    ("typed", "name", "spans"),
    [
        ("wide spr", "Step to next wide spread", ((13, 17), (18, 21))),
        ("spr wide", "Step to next wide spread", ((13, 17), (18, 21))),
        ("THEME", "Dark theme", ((5, 10),)),
        ("cac", "Copy as command", ((0, 1), (5, 6), (8, 9))),
        ("", "Anything", ()),
    ],
)
def test_the_letters_that_were_found_are_named(
    typed: str, name: str, spans: tuple[tuple[int, int], ...]
) -> None:
    found = match(typed, name)
    assert found is not None
    assert found.spans == spans


def test_what_is_in_neither_name_nor_words_is_not_found() -> None:
    assert match("zzz", "Dark theme", "colours night") is None
    assert match("dark zzz", "Dark theme") is None
    assert match("night", "Dark theme", "colours night") is not None


def test_beginnings_are_better_than_insides_and_those_than_other_words() -> None:
    assert (
        cost("the", "Theme") < cost("the", "Dark theme") < cost("the", "Brother") < cost("the", "X", "theme")
    )


@given(st.text(max_size=12), st.text(max_size=30))
def test_any_text_may_be_typed(typed: str, name: str) -> None:
    found = match(typed, name)
    if found is not None:
        ends = [end for _, end in found.spans]
        assert all(0 <= start < end <= len(name) for start, end in found.spans)
        assert ends == sorted(ends)
