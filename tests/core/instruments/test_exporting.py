from __future__ import annotations

import csv
import io
import json
from typing import Any

from support.instruments import version

from tickreel.instruments.exporting import CSV_COLUMNS, csv_pieces, json_pieces, version_form
from tickreel.instruments.facts import FACTS, FactKind
from tickreel.instruments.instrument import Evidence, FactSource, Version
from tickreel.market.types import DataType

SAID = [
    version({"tick": 0.1, "type": "perpetual", "maker_fee": -0.0001}, FactSource.VENDOR, number=1),
    version(
        {"tick": 1e-7, "lot": 1e22},
        FactSource.INFERRED,
        number=2,
        span=(100, 200),
        evidence=Evidence(DataType.TRADES, 12, 11),
    ),
    version(
        {
            "settlement": 'US"D, spelled\nbadly',
            "inverse": False,
            "quanto": True,
            "strike": 0.0,
            "expiry_us": 1_727_424_000_000_000,
            "tick": None,
            "lot": None,
        },
        number=3,
        span=(None, 300),
    ),
]


def read_back(form: dict[str, Any], number: int) -> Version:
    """Make a version of one that was exported, as another program would."""
    facts = {name: value for name, value in form["facts"].items() if value is not None}
    told = form["evidence"]
    return Version(
        id=number,
        exchange=form["exchange"],
        symbol=form["symbol"],
        source=FactSource(form["source"]),
        valid_from_us=form["valid_from_us"],
        valid_to_us=form["valid_to_us"],
        facts=facts | dict.fromkeys(form["withdrawn"]),
        recorded_us=form["recorded_us"],
        evidence=told and Evidence(DataType(told["type"]), told["tick_rows"], told["lot_rows"]),
    )


def from_cell(name: str, cell: str) -> Any:
    if cell == "":
        return None
    kind = FACTS[name].kind
    if kind is FactKind.FLAG:
        return {"true": True, "false": False}[cell]
    if kind is FactKind.TIME:
        return int(cell)
    return float(cell) if kind.is_number else cell


def test_json_has_everything_that_was_said_and_every_key() -> None:
    forms = json.loads("".join(json_pieces(map(version_form, SAID))))
    assert [read_back(form, number) for number, form in enumerate(forms, 1)] == SAID
    assert {tuple(form["facts"]) for form in forms} == {tuple(FACTS)}
    assert len({tuple(form) for form in forms}) == 1
    times = [form["facts"]["expiry_us"] for form in forms]
    assert times == [None, None, 1_727_424_000_000_000]
    assert forms[1]["evidence"] == {"type": "trades", "tick_rows": 12, "lot_rows": 11}


def test_csv_has_everything_that_was_said() -> None:
    text = "".join(csv_pieces(SAID))
    assert "\r" not in text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert text.partition("\n")[0] == ",".join(CSV_COLUMNS)
    forms = []
    for row in rows:
        times = {
            name: int(row[name]) if row[name] else None
            for name in ("valid_from_us", "valid_to_us", "recorded_us")
        }
        rests_on = {name: row[f"evidence_{name}"] for name in ("type", "tick_rows", "lot_rows")}
        forms.append(
            {
                **row,
                **times,
                "facts": {name: from_cell(name, row[name]) for name in FACTS},
                "withdrawn": row["withdrawn"].split(),
                "evidence": None
                if not rests_on["type"]
                else {"type": rests_on["type"], **{k: int(rests_on[k]) for k in ("tick_rows", "lot_rows")}},
            }
        )
    assert [read_back(form, number) for number, form in enumerate(forms, 1)] == SAID
    assert (rows[1]["tick"], rows[1]["lot"], rows[2]["strike"]) == ("1e-7", "1e+22", "0")


def test_of_nothing_there_is_an_empty_array_and_a_line_of_names() -> None:
    assert json.loads("".join(json_pieces([]))) == []
    assert list(csv_pieces([])) == [",".join(CSV_COLUMNS) + "\n"]
