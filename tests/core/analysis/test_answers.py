"""Whatever a model answers is read as far as it can be, and nothing of it ends the program."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickreel.analysis.answers import prose_so_far, read_answer

FINDING = {
    "kind": "momentum",
    "direction": "up",
    "confidence": 0.5,
    "horizon_s": 60,
    "figures": ["f043"],
    "text": "It rose.",
}


def window(name: str = "w1", **changes: Any) -> dict[str, Any]:
    return {"window": name, "summary": f'All of {name} is "well".', "findings": [FINDING], **changes}


GOOD = {"windows": [window(), window("w2")]}
TEXT = json.dumps(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"```json\n{TEXT}\n```",
        f"Here you are:\n{TEXT}\nI hope this helps.",
        json.dumps(GOOD, indent=2),
        json.dumps({"windows": [window("w2"), window()]}),
    ],
)
def test_json_is_found_wherever_it_stands(text: str) -> None:
    first, second = read_answer(text, 2)
    assert (first.prose, second.prose) == ('All of w1 is "well".', 'All of w2 is "well".')
    assert len(first.findings) == len(second.findings) == 1
    assert first.problems == second.problems == ()


def test_one_window_needs_no_name() -> None:
    (answer,) = read_answer(json.dumps({"summary": "Well.", "findings": [FINDING]}), 1)
    assert (answer.prose, len(answer.findings), answer.problems) == ("Well.", 1, ())


def test_what_is_wrong_is_left_out_and_said() -> None:
    bad = {**FINDING, "kind": "buy now"}
    listed = [bad, "x", *[FINDING] * 12]
    first, second = read_answer(json.dumps({"windows": [window(findings=listed, summary=3)]}), 2)
    assert len(first.findings) == 10
    assert first.problems == (
        "there is no summary",
        "finding 1 was left out: its kind is 'buy now', and not one of spread_compression, spread_expansion, "
        "imbalance, momentum, mean_reversion, liquidity, anomaly",
        "finding 2 was left out: it is no object",
        "2 findings beyond 12 were left out",
    )
    assert second.problems == ("this window was not answered",)


def test_prose_without_json_is_prose() -> None:
    (answer,) = read_answer("The market\x1b[31m rose.\n\n  Much. ", 1)
    assert answer.prose == "The market[31m rose.\n\nMuch."
    assert answer.findings == ()
    assert "no JSON" in answer.problems[0]
    assert read_answer(" ", 1)[0].problems == ("the answer is empty",)


def test_broken_json_is_taken_as_far_as_it_stands_whole() -> None:
    first, second = read_answer(TEXT[: TEXT.rindex('"text"')], 2)
    assert (len(first.findings), len(second.findings)) == (1, 0)
    assert second.prose == 'All of w2 is "well".'
    assert first.problems[0].startswith("the answer is broken JSON")


ESCAPED = json.dumps({"windows": [window(summary="A \\u12 \\ \t\U0001f600 is é.")]})


def test_an_escape_is_told_once_it_is_whole() -> None:
    for cut in range(len(ESCAPED)):
        assert "A \\u12 \\ \t\U0001f600 is é.".startswith(prose_so_far(ESCAPED[:cut]))


@given(cut=st.integers(0, len(TEXT)))
def test_prose_comes_steadily_and_never_takes_anything_back(cut: int) -> None:
    whole = prose_so_far(TEXT)
    assert whole == 'All of w1 is "well".\n\nAll of w2 is "well".'
    assert whole.startswith(prose_so_far(TEXT[:cut]))
    read_answer(TEXT[:cut], 2)


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet='{}[]":,\\ \nw12summaryfindgk0.u', max_size=300), windows=st.integers(1, 3))
def test_nothing_that_is_answered_ends_the_program(text: str, windows: int) -> None:
    assert len(read_answer(text, windows)) == windows
    prose_so_far(text)
