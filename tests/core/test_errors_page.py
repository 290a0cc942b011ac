"""The page that explains errors has an entry for each error and state, and none for what there is not."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tickreel
from tickreel import errors
from tickreel.analysis.analyst import Trouble as ModelTrouble
from tickreel.analysis.calls import CallState
from tickreel.backtest.outcome import Reason
from tickreel.backtest.runs.card import RunState
from tickreel.backtest.sweeps.trials import TrialState
from tickreel.doctor import Status
from tickreel.fetch.economics.budget import BudgetState
from tickreel.fetch.states import FetchState
from tickreel.shared.breaker import BreakerState
from tickreel.shared.trouble import Trouble as TierTrouble
from tickreel.sources.answers import Denied, Later, LaterKind, NotThere, Unreachable
from tickreel.sources.judging import judge_status
from tickreel.store.health.model import Kind
from tickreel.store.model import DayState
from tickreel_resources import page_text

if TYPE_CHECKING:
    from enum import Enum

PAGE = page_text("errors")
ROOT = Path(tickreel.__file__).parents[2]
TABLES = re.findall(r"^\| (\w+) \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
"""The head of the first column, and the rows, of every table."""

STATES: list[tuple[str, type[Enum]]] = [
    ("state", DayState),
    ("kind", Kind),
    ("reason", LaterKind),
    ("state", FetchState),
    ("budget", BudgetState),
    ("trouble", TierTrouble),
    ("breaker", BreakerState),
    ("trouble", ModelTrouble),
    ("state", CallState),
    ("run", RunState),
    ("check", Status),
]


def first_cells(rows: str) -> list[str]:
    return [row.split("|")[1].strip().strip("`") for row in rows.splitlines()]


def errors_raised() -> set[str]:
    """Find every class that comes from ``TickreelError``, by its source: most need not be imported."""
    bases: dict[str, set[str]] = {}
    for room in ("core", "desktop"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    named = {base.id for base in node.bases if isinstance(base, ast.Name)}
                    bases.setdefault(node.name, set()).update(named)
    found = {"TickreelError"}
    while more := {name for name, named in bases.items() if named & found} - found:
        found |= more
    return found


def test_every_error_has_an_entry_and_every_entry_an_error() -> None:
    assert set(re.findall(r"^### (.+)$", PAGE, re.MULTILINE)) == errors_raised()


@pytest.mark.parametrize(("head", "states"), STATES, ids=lambda each: getattr(each, "__name__", None))
def test_every_state_is_explained_and_none_that_there_is_not(head: str, states: type[Enum]) -> None:
    wanted = {str(state.value) for state in states}
    assert wanted in [set(first_cells(rows)) for name, rows in TABLES if name == head]


def test_every_reason_of_an_order_is_explained() -> None:
    wanted = [reason.name for reason in Reason if reason is not Reason.NONE]
    assert wanted in [first_cells(rows) for name, rows in TABLES if name == "reason"]


def test_the_states_of_a_trial_are_named() -> None:
    *first, last = (f"`{state}`" for state in TrialState)
    assert f"A trial of a sweep is {', '.join(first)} or {last}" in PAGE


def test_exit_codes_are_those_of_the_errors() -> None:
    (codes,) = (first_cells(rows) for name, rows in TABLES if name == "code")

    raised = {
        each.exit_code
        for each in vars(errors).values()
        if isinstance(each, type) and hasattr(each, "exit_code")
    }
    assert {int(code) for code in codes} == raised | {0}


def test_every_status_that_is_told_apart_is_explained() -> None:
    (statuses,) = (first_cells(rows) for name, rows in TABLES if name == "answer")
    judged = {status: judge_status(int(status), None, b"") for status in statuses}
    kinds = {status: answer.kind for status, answer in judged.items() if isinstance(answer, Later)}
    assert kinds == {
        "403": LaterKind.BLOCKED,
        "408": LaterKind.SERVER,
        "429": LaterKind.RATE,
        "500": LaterKind.SERVER,
    }
    assert isinstance(judged["404"], NotThere)
    assert isinstance(judged["407"], Unreachable)
    assert {status for status, answer in judged.items() if isinstance(answer, Denied)} == {"400", "401"}
