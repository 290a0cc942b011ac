"""The page on what others read names every key, column, field and form that is written, in their order."""

from __future__ import annotations

import re

import pytest

from tickreel.backtest.outcome import FILL, ORDER, equity_dtype
from tickreel.backtest.reports.events import EVENT
from tickreel.backtest.reports.exporting import RunForm
from tickreel.backtest.runs.card import RunCard, RunKind, RunState
from tickreel.market.types import SCHEMAS, DataType
from tickreel.store.library.forms import RowsForm
from tickreel_resources import page_text

SECTIONS = dict(re.findall(r"^##+ (.+)\n((?:(?!##).*\n)*)", page_text("exports"), re.MULTILINE))


def first_cells(section: str, head: str) -> list[str]:
    (rows,) = re.findall(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", SECTIONS[section], re.MULTILINE)
    return [name for row in rows.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("Orders", list(ORDER.names or ())),
        ("Fills", list(FILL.names or ())),
        ("Equity", ["time_us", "instrument", *(equity_dtype(1).names or ())[1:]]),
    ],
)
def test_the_columns_of_a_table_are_told(section: str, names: list[str]) -> None:
    assert first_cells(section, "column") == names


def test_the_fields_of_an_event_are_told() -> None:
    assert first_cells("Events for hftbacktest", "field") == list(EVENT.names or ())
    assert EVENT.itemsize == 64


def test_the_forms_are_told() -> None:
    assert set(first_cells("Rows", "form")) == {*RowsForm}
    assert set(first_cells("A run", "form")) == {*RunForm}


def test_the_columns_of_the_types_are_the_vendors() -> None:
    (rows,) = re.findall(r"^\| type \|.*\n\|[-|]+\n((?:\|.*\n)+)", SECTIONS["Rows"], re.MULTILINE)
    for row in rows.splitlines():
        name, columns = (re.findall(r"`([^`]+)`", cell) for cell in row.split("|")[1:3])
        (data_type,) = name
        if columns == columns[:1]:  # the same as another
            assert SCHEMAS[DataType(data_type)].names == SCHEMAS[DataType(columns[0])].names
        else:
            assert list(SCHEMAS[DataType(data_type)].names) == columns


def test_the_keys_of_a_card_are_told() -> None:
    kind, models = RunKind.BACKTEST, {"preset": "typical"}
    card = RunCard("id", RunState.RUNNING, kind, {}, {}, (), 0, 1, 0, models, None, (), {}, 0)
    told = first_cells("The card", "key")
    assert set(told) == set(card.to_form())
    assert len(told) == len(set(told))
