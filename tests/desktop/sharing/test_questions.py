"""What is asked next of the shared cache, of many datasets: those in view first, and none twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tickreel.market.types import DatasetKey, DataType
from tickreel_desktop.sharing.questions import Questions

FIRST = date(2024, 7, 1)


@dataclass(frozen=True)
class Row:
    key: DatasetKey
    first_day: date
    last_day: date


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def rows(count: int, days: int = 100) -> list[Row]:
    last = FIRST + timedelta(days=days - 1)
    keys = [DatasetKey("binance", f"S{number}", DataType.TRADES) for number in range(count)]
    return [Row(key, FIRST, last) for key in keys]


def answered(questions: Questions) -> list[str]:
    """Answer all questions; give the symbols in the order in which they were asked for."""
    order: list[str] = []
    while asked := questions.next():
        order += [key.symbol for key in asked]
        assert sum(map(len, asked.values())) <= 2_000 or len(asked) == 1
        questions.enter({key: np.array([days[0].toordinal()]) for key, days in asked.items()}, asked)
    return order


def test_all_are_asked_once_and_those_in_view_first() -> None:
    clock = Clock()
    questions = Questions(clock)
    assert answered(questions) == []
    assert [questions.is_due] == [False]
    questions.follow(rows(50))
    questions.hurry([rows(50)[40].key, DatasetKey("binance", "unknown", DataType.TRADES)])
    assert [questions.is_due] == [True]
    order = answered(questions)
    assert order[0] == "S40"
    assert sorted(order) == sorted(f"S{number}" for number in range(50))
    assert len(questions.known()) == 50
    questions.hurry([rows(50)[3].key])
    assert answered(questions) == []  # what is known holds for a while


def test_what_changed_or_is_old_is_asked_again() -> None:
    clock = Clock()
    questions = Questions(clock)
    questions.follow(rows(5))
    answered(questions)
    questions.forget([str(rows(5)[2].key)])
    assert questions.known().keys() == {row.key for row in rows(5)}  # until then what was known is shown
    assert answered(questions) == ["S2"]
    questions.follow([*rows(4), *rows(5, days=101)[4:]])
    assert answered(questions) == ["S4"]
    clock.now_s += 300
    assert answered(questions) == []
    clock.now_s += 301
    assert sorted(answered(questions)) == [f"S{number}" for number in range(5)]
    questions.forget()
    assert len(answered(questions)) == 5
    questions.forget_all()
    questions.follow(rows(1))
    questions.next()
    assert questions.known() == {}


def test_what_was_not_answered_is_asked_again() -> None:
    clock = Clock()
    questions = Questions(clock)
    questions.follow(rows(30))
    first = questions.next()
    questions.ask_again()
    assert questions.is_due
    assert questions.next() == first
