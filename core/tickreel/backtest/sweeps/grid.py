"""What a sweep is asked to do, as one value, and the runs that this makes."""

from __future__ import annotations

from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.backtest.presets import with_models
from tickreel.backtest.request import BacktestRequest  # noqa: TC001  # read by msgspec
from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, day_start_us, days_touched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tickreel.backtest.request import Value

MOST_RUNS = 100_000
BAND_LATENCIES = ("500", "5000", "20000-100000")
"""Of orders, both ways, in microseconds: those of the presets."""
BAND_QUEUES = ("risk_averse", "power:3", "log2")


class Axis(StrEnum):
    """What a sweep may take apart beside its parameters."""

    SYMBOLS = "symbols"
    DAYS = "days"


class Point(msgspec.Struct, frozen=True):
    """One run of a sweep."""

    at: dict[str, Any]
    """What it has of the grid, by axis."""
    request: BacktestRequest


class SweepRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Runs of one strategy: for each value of each parameter of a grid, or for each pair of models.

    Raises:
        UsageError: a grid that makes no runs, or too many.
    """

    base: BacktestRequest
    """What all runs have in common."""
    grid: dict[str, tuple[bool | int | float | str, ...]] = {}
    """Values by parameter."""
    apart: tuple[Axis, ...] = ()
    """Each symbol, or each UTC day, a run by itself."""
    latencies: tuple[str, ...] = ()
    """Latencies of orders; each with each of *queues*."""
    queues: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, values in self.grid.items():
            if not values or len(set(map(repr, values))) < len(values):
                raise UsageError(f"the grid gives {name} no values, or one twice")
        if both := sorted(set(self.grid) & set(self.base.params)):
            raise UsageError(f"{', '.join(both)} is given a value and has values in the grid: say one")
        count = self.count()
        if not 1 <= count <= MOST_RUNS:
            raise UsageError(f"this makes {count} runs; a sweep has 1 to {MOST_RUNS}")

    @property
    def is_band(self) -> bool:
        """Whether it goes through models."""
        return bool(self.latencies or self.queues)

    def count(self) -> int:
        """Count its runs."""
        count = len(self._places())
        for values in (*self.grid.values(), self.latencies or (None,), self.queues or (None,)):
            count *= len(values)
        return count

    def points(self) -> list[Point]:
        """List its runs, those on the same data one after another, so that a worker has it at hand."""
        names, values = list(self.grid), list(self.grid.values())
        found = []
        for place, instruments, start_us, end_us in self._places():
            for latency, queue in product(self.latencies or (None,), self.queues or (None,)):
                models = with_models(self.base.models, orders=latency, queue=queue)
                for given in product(*values):
                    params: dict[str, Value] = dict(zip(names, given, strict=True))
                    at = {**place, **({"latency": latency} if latency else {})}
                    at |= {"queue": queue} if queue else {}
                    found.append(
                        Point(
                            {**at, **params},
                            msgspec.structs.replace(
                                self.base,
                                instruments=instruments,
                                start_us=start_us,
                                end_us=end_us,
                                models=models,
                                params={**self.base.params, **params},
                            ),
                        )
                    )
        return found

    def _places(self) -> list[tuple[dict[str, Any], tuple[tuple[str, str], ...], int, int]]:
        base = self.base
        symbols: list[tuple[dict[str, Any], tuple[tuple[str, str], ...]]] = [({}, base.instruments)]
        if Axis.SYMBOLS in self.apart:
            symbols = [({"symbol": f"{one[0]}:{one[1]}"}, (one,)) for one in base.instruments]
        spans: list[tuple[dict[str, Any], int, int]] = [({}, base.start_us, base.end_us)]
        if Axis.DAYS in self.apart:
            spans = [
                (
                    {"day": day.isoformat()},
                    max(base.start_us, day_start_us(day)),
                    min(base.end_us, day_start_us(day) + US_PER_DAY),
                )
                for day in days_touched(base.start_us, base.end_us)
            ]
        return [
            ({**day, **symbol}, instruments, start_us, end_us)
            for day, start_us, end_us in spans
            for symbol, instruments in symbols
        ]

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        form: dict[str, Any] = msgspec.to_builtins(self)
        return form

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> SweepRequest:
        """Read what :meth:`to_form` gave.

        Raises:
            UsageError: a key or value that a sweep does not have, by name.
        """
        try:
            return msgspec.convert(dict(form), cls)
        except msgspec.ValidationError as error:
            raise UsageError(f"this is no sweep: {error}") from None


def band(base: BacktestRequest) -> SweepRequest:
    """Ask for the runs of a band: the latencies of the presets, each with each of their models of queues."""
    return SweepRequest(base=base, latencies=BAND_LATENCIES, queues=BAND_QUEUES)


def parse_grid(pieces: Iterable[str]) -> dict[str, tuple[Value, ...]]:
    """Read a grid as a command line spells it: ``k=a,b,c`` for each parameter.

    Values stay text: what they are, the strategy declares.

    Raises:
        UsageError: a piece is not so spelled, or a parameter comes twice.
    """
    grid: dict[str, tuple[Value, ...]] = {}
    for piece in pieces:
        name, equals, text = piece.partition("=")
        if not equals or not name or not text:
            raise UsageError(f"{piece!r} is no axis of a grid: write k=a,b,c")
        if name in grid:
            raise UsageError(f"the grid names {name} twice: put all its values after one k=")
        grid[name] = tuple(text.split(","))
    return grid


def parse_params(pieces: Iterable[str]) -> dict[str, Value]:
    """Read parameters as a command line spells them, ``k=v`` for each; values stay text as well.

    Raises:
        UsageError: a piece is not so spelled, or a parameter comes twice.
    """
    params: dict[str, Value] = {}
    for piece in pieces:
        name, equals, text = piece.partition("=")
        if not equals or not name:
            raise UsageError(f"{piece!r} is no parameter: write k=v")
        if name in params:
            raise UsageError(f"the parameter {name} is given twice")
        params[name] = text
    return params
