from __future__ import annotations

import pytest

from tickreel_desktop.components.sentences import capital, sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("row 17: amount 'nan' is not a finite number", "Row 17: amount 'nan' is not a finite number"),
        ("the last day lies before the first", "The last day lies before the first"),
        ("row: 3", "Row: 3"),
        ("", ""),
        ("A day is missing", "A day is missing"),
        ("/home/a/day.csv is no file", "/home/a/day.csv is no file"),
        ("day.csv: row 1", "day.csv: row 1"),
        ("binance-futures BTCUSDT trades is not held", "binance-futures BTCUSDT trades is not held"),
        ("'0.1 USD' is no number", "'0.1 USD' is no number"),
    ],
)
def test_a_refusal_begins_with_a_capital_unless_it_begins_with_a_name(text: str, shown: str) -> None:
    assert capital(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the disk is full", "The disk is full."),
        ("the disk is full.", "The disk is full."),
        ("is it meant?", "Is it meant?"),
        ("give one with `tickreel keys set tardis`", "Give one with tickreel keys set tardis."),
    ],
)
def test_a_message_of_the_core_becomes_a_sentence(text: str, shown: str) -> None:
    assert sentence(text) == shown
