"""Strategies from files: what runs of them, and when, and what is known of what ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tickreel.backtest.loading import StrategyError, list_strategies, load_strategy

if TYPE_CHECKING:
    from pathlib import Path

_STRATEGY = """
from pathlib import Path

import beside

Path(__file__).with_name("ran").touch()


class Lean:
    def on_book(self, ctx, book):
        beside.look()
"""


@pytest.fixture
def strategy(tmp_path: Path) -> Path:
    """Write a strategy that leaves a mark when its file is run, and a module beside it."""
    (tmp_path / "beside.py").write_text("def look(): return 1\n")
    path = tmp_path / "lean.py"
    path.write_text(_STRATEGY)
    return path


def test_to_list_strategies_runs_none_of_them(strategy: Path) -> None:
    assert strategy in list_strategies(strategy.parent)
    assert not strategy.with_name("ran").exists()
    load_strategy(str(strategy))
    assert strategy.with_name("ran").exists(), "the mark of a file that is run"


def test_the_digest_covers_what_a_strategy_imports_from_beside_it(strategy: Path) -> None:
    before = load_strategy(str(strategy))
    assert set(before.beside) == {"beside.py"}
    strategy.with_name("beside.py").write_text("def look(): return 2\n")
    assert load_strategy(str(strategy)).sha256 != before.sha256


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import sys; sys.exit()", "exit(5)"])
def test_a_file_that_ends_the_program_is_an_error_like_others(tmp_path: Path, code: str) -> None:
    path = tmp_path / "ends.py"
    path.write_text(f"\n{code}\n")
    with pytest.raises(StrategyError, match="line 2: SystemExit"):
        load_strategy(str(path))


def test_an_error_that_cannot_say_what_it_is_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mute.py"
    path.write_text("class Mute(Exception):\n    def __str__(self):\n        return 1 / 0\n\nraise Mute\n")
    with pytest.raises(StrategyError, match="line 5: Mute"):
        load_strategy(str(path))
