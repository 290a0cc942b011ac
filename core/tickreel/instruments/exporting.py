"""Versions as JSON and as CSV: everything that was ever said, for use elsewhere.

Either form is complete. JSON is one array of objects; CSV has a line for each version, an empty
cell where nothing was said, times in microseconds and numbers in the vendor's form.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from tickreel.instruments.facts import FACTS
from tickreel.market.numbers import ecmascript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tickreel.instruments.facts import Value
    from tickreel.instruments.instrument import Version

_WHO_AND_WHEN = ("exchange", "symbol", "source", "valid_from_us", "valid_to_us", "recorded_us")
_RESTS_ON = ("evidence_type", "evidence_tick_rows", "evidence_lot_rows")
CSV_COLUMNS = (*_WHO_AND_WHEN, *FACTS, "withdrawn", *_RESTS_ON)
"""Names of the first line; *withdrawn* has the names of facts that were taken back, parted by spaces."""


def version_form(version: Version) -> dict[str, Any]:
    """Give a version as JSON has it: every key there, null where nothing was said."""
    rests_on = version.evidence
    return {
        "exchange": version.exchange,
        "symbol": version.symbol,
        "source": version.source.value,
        "valid_from_us": version.valid_from_us,
        "valid_to_us": version.valid_to_us,
        "recorded_us": version.recorded_us,
        "facts": {name: version.facts.get(name) for name in FACTS},
        "withdrawn": _withdrawn(version),
        "evidence": None
        if rests_on is None
        else {
            "type": rests_on.type.value,
            "tick_rows": rests_on.tick_rows,
            "lot_rows": rests_on.lot_rows,
        },
    }


def json_pieces(forms: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Give the text of one JSON array, a form a piece: there may be hundreds of thousands."""
    between = "[\n"
    for form in forms:
        yield between + json.dumps(form, allow_nan=False)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def csv_pieces(versions: Iterable[Version]) -> Iterator[str]:
    """Give the lines of a CSV file, the names of its columns first."""
    yield _line(CSV_COLUMNS)
    for version in versions:
        form = version_form(version)
        rests_on = form["evidence"] or {}
        yield _line(
            (
                *(_cell(form[name]) for name in _WHO_AND_WHEN),
                *(_cell(value) for value in form["facts"].values()),
                " ".join(form["withdrawn"]),
                *(_cell(rests_on.get(name.removeprefix("evidence_"))) for name in _RESTS_ON),
            )
        )


def _withdrawn(version: Version) -> list[str]:
    return [name for name, value in version.facts.items() if value is None]


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ecmascript(value) if isinstance(value, float) else str(value)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
