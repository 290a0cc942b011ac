"""Two runs side by side: what was asked differently, which figures differ, and the first event that does.

An order is several events, each at its own time: it is sent, reaches the exchange, is answered, is called
off, ends. So an order that was sent alike and filled otherwise differs from when it was filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.versions import differing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from tickreel.backtest.runs.card import RunCard

_ASKED = ("strategy", "params", "instruments", "from_us", "to_us", "seed", "models", "capital", "data")


@dataclass(frozen=True, slots=True)
class _Stage:
    """What of a row happens at one time."""

    name: str
    time: str
    columns: tuple[str, ...]


_STAGES: dict[str, tuple[_Stage, ...]] = {
    "orders": (
        _Stage(
            "sent",
            "submit_us",
            ("instrument", "side", "kind", "force", "price", "amount", "submit_us", "mid_sent"),
        ),
        _Stage("arrived", "arrive_us", ("arrive_us", "bid", "ask", "queue_ahead")),
        _Stage("answered", "ack_us", ("ack_us",)),
        _Stage("called off", "cancel_us", ("cancel_us",)),
        _Stage("ended", "end_us", ("status", "reason", "filled", "end_us", "known_end_us")),
    ),
    "fills": (_Stage("filled", "time_us", ()),),
    "equity": (_Stage("equity", "time_us", ()),),
}
"""Without columns a stage is all of them."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first event that is not the same in both runs."""

    time_us: int
    table: str
    event: str
    index: int
    """Row of the table."""
    columns: tuple[str, ...]
    """Those that differ; none where only one of the runs has the row."""
    a: Mapping[str, Any] | None
    b: Mapping[str, Any] | None
    """The rows; None where a run has no such row."""

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "time_us": self.time_us,
            "table": self.table,
            "event": self.event,
            "index": self.index,
            "columns": list(self.columns),
            "a": None if self.a is None else dict(self.a),
            "b": None if self.b is None else dict(self.b),
        }


def first_divergence(a: Mapping[str, pa.Table], b: Mapping[str, pa.Table]) -> Divergence | None:
    """Find it in the tables orders, fills and equity of two runs; None where all is the same."""
    found = [
        divergence
        for name, stages in _STAGES.items()
        for stage in stages
        if (divergence := _divergence(name, stage, a[name], b[name])) is not None
    ]
    return min(found, key=lambda one: one.time_us, default=None)


def _divergence(name: str, stage: _Stage, a: pa.Table, b: pa.Table) -> Divergence | None:
    """Find the earliest event of a stage that differs; rows that only one run has all do."""
    import pyarrow.compute as pc  # whoever only lists runs needs no tables

    columns = stage.columns or tuple(a.column_names)
    common = min(len(a), len(b))
    differs = None
    for column in columns:
        is_other = _is_other(a[column].slice(0, common), b[column].slice(0, common))
        differs = is_other if differs is None else pc.or_(differs, is_other)
    candidates: list[tuple[int, int]] = []
    if differs is not None and pc.any(differs).as_py():
        for table in (a, b):
            candidates += _earliest(pc.filter(table[stage.time].slice(0, common), differs), differs)
    for table in (a, b):
        if len(table) > common:
            rest = table[stage.time].slice(common)
            candidates += [(time_us, common + place) for time_us, place in _least(rest)]
    if not candidates:
        return None
    time_us, index = min(candidates)
    rows = _row(a, index), _row(b, index)
    other = tuple(
        column
        for column in columns
        if rows[0] is not None and rows[1] is not None and rows[0][column] != rows[1][column]
    )
    return Divergence(time_us, name, stage.name, index, other, *rows)


def _is_other(a: pa.ChunkedArray, b: pa.ChunkedArray) -> pa.ChunkedArray:
    """Tell row by row whether values differ; two that are unknown do not."""
    import pyarrow.compute as pc  # whoever only lists runs needs no tables

    if hasattr(a.type, "value_type"):
        a, b = a.cast(a.type.value_type), b.cast(b.type.value_type)
    other = pc.fill_null(pc.not_equal(a, b), False)
    return pc.or_(other, pc.xor(pc.is_null(a), pc.is_null(b)))


def _earliest(times: pa.ChunkedArray, mask: pa.ChunkedArray) -> Iterator[tuple[int, int]]:
    """Give time and row of the earliest of the rows that a mask chose."""
    import pyarrow.compute as pc  # whoever only lists runs needs no tables

    places = pc.indices_nonzero(mask)
    for time_us, place in _least(times):
        yield time_us, places[place].as_py()


def _least(times: pa.ChunkedArray) -> Iterator[tuple[int, int]]:
    import pyarrow.compute as pc  # whoever only lists runs needs no tables

    least = pc.min(times).as_py()
    if least is not None:
        yield least, pc.index(times, least).as_py()


def _row(table: pa.Table, index: int) -> dict[str, Any] | None:
    return table.slice(index, 1).to_pylist()[0] if index < len(table) else None


def asked_differently(a: RunCard, b: RunCard) -> dict[str, list[Any]]:
    """Name what two runs were asked differently, each with both values."""
    forms = a.to_form(), b.to_form()
    return {name: [form[name] for form in forms] for name in _ASKED if forms[0][name] != forms[1][name]}


def other_figures(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the figures that differ by their path, such as ``queue.joined``, with the difference b - a."""
    flat = dict(_flat(a)), dict(_flat(b))
    found = []
    for name in dict.fromkeys((*flat[0], *flat[1])):
        values = flat[0].get(name), flat[1].get(name)
        if values[0] != values[1]:
            first, second = values
            are_numbers = isinstance(first, int | float) and isinstance(second, int | float)
            found.append(
                {
                    "name": name,
                    "a": first,
                    "b": second,
                    "difference": second - first if are_numbers else None,  # type: ignore[operator]  # they are
                }
            )
    return found


def _flat(value: Any, path: Sequence[str] = ()) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _flat(one, (*path, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _flat(one, (*path, f"{number}"))
    else:
        yield ".".join(path), value


def compare(
    a: RunCard, b: RunCard, tables_a: Mapping[str, pa.Table], tables_b: Mapping[str, pa.Table]
) -> dict[str, Any]:
    """Compare two runs, as ``runs compare`` prints it."""
    first = first_divergence(tables_a, tables_b)
    return {
        "a": a.id,
        "b": b.id,
        "identical": a.result_sha256 is not None and a.result_sha256 == b.result_sha256,
        "result_sha256": [a.result_sha256, b.result_sha256],
        "asked": asked_differently(a, b),
        "versions": differing(a.versions, b.versions),
        "metrics": other_figures(a.metrics, b.metrics),
        "first_difference": None if first is None else first.to_form(),
    }
