"""What a strategy declares is read by a process of its own, whatever its file does there."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from support.backtests import TAKER, strategy_file

from tickreel.backtest.declaring import Declaration, Fault, Parameter, declare, read_answer
from tickreel.backtest.loading import example_names
from tickreel.errors import UsageError
from tickreel.program import child_command

if TYPE_CHECKING:
    from pathlib import Path


def declared(reference: str) -> Declaration | Fault:
    done = subprocess.run(
        child_command("tickreel.backtest.declaring", reference), capture_output=True, check=True, timeout=120
    )
    return read_answer(done.stdout)


@pytest.mark.parametrize("name", example_names())
def test_every_example_declares_itself(name: str) -> None:
    found = declare(name)
    assert isinstance(found, Declaration)
    assert found.meaning in found.text
    assert found.params
    for parameter in found.params:
        assert parameter.checked(str(parameter.default)) == parameter.default
        assert parameter.meaning


def test_what_a_file_prints_is_no_part_of_the_answer(tmp_path: Path) -> None:
    path = strategy_file(tmp_path, f"print('hello')\n{TAKER}")
    found = declared(str(path))
    assert isinstance(found, Declaration)
    assert [one.name for one in found.params] == ["every", "amount", "fault", "at", "pause_s"]
    assert found.path == str(path)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("class Broken:\n    def on_book(self, ctx, book)\n        pass\n", 2, "SyntaxError"),
        ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError"),
        ("x = 1\n", None, "has no strategy"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, line: int | None, words: str) -> None:
    found = declared(str(strategy_file(tmp_path, text)))
    assert isinstance(found, Fault)
    assert found.line == line
    assert words in found.problem


def test_a_parameter_is_checked_as_the_strategy_would() -> None:
    lean = Parameter("lean", "float", 0.8, "Lean", 0.0, 1.0, (), "")
    assert lean.checked("1") == 1.0
    assert lean.span == "0 to 1"
    with pytest.raises(UsageError, match="lean is from 0 to 1"):
        lean.checked("1.5")
    with pytest.raises(UsageError, match="lean is a number"):
        lean.checked("much")
    count = Parameter("count", "int", 3, "Count", None, None, (), "")
    with pytest.raises(UsageError, match="whole number"):
        count.checked("2.5")
