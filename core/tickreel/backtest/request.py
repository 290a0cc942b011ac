"""What a backtest is asked to do, as one value: for the command line, a form, a sweep, a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.backtest.models import Models  # noqa: TC001  # msgspec reads the annotations
from tickreel.backtest.presets import TYPICAL, preset
from tickreel.errors import UsageError
from tickreel.market.time import parse_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tickreel.market.time import Instant

REQUEST_VERSION = 1

Value = bool | int | float | str
"""Of a parameter. A strategy says which of them each takes."""


class BacktestRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A run of one strategy over [start_us, end_us) of some instruments; :meth:`of` takes looser spellings.

    Raises:
        UsageError: a value that no run can have.
    """

    strategy: str
    """``file.py``, ``file.py:Class``, or the name of an example."""
    instruments: tuple[tuple[str, str], ...]
    """(exchange, symbol), each once, in the order in which equal times come."""
    start_us: int
    end_us: int
    models: Models
    params: dict[str, Value] = {}
    """Those that are given; the others are as the strategy declares them."""
    capital: float | None = None
    """In the currency in which gains are paid; returns and Sharpe are unknown without it."""
    seed: int = 0
    """Of everything that is drawn: random latencies, and the strategy's own draws."""
    allow_missing: bool = False
    """Run over days that are not held."""
    analyst: str | None = None
    """The model that a strategy's analyses ask; None is the one that is set."""
    analysis_record: int | None = None
    """The record of an earlier run from which they are taken, so that nothing is sent."""
    version: int = REQUEST_VERSION

    def __post_init__(self) -> None:
        if self.version != REQUEST_VERSION:
            raise UsageError(
                f"this backtest is of version {self.version}, and only {REQUEST_VERSION} is read: "
                "update Tickreel"
            )
        if not self.strategy:
            raise UsageError("a backtest needs a strategy: file.py[:Class], or the name of an example")
        if not self.instruments or len(set(self.instruments)) < len(self.instruments):
            raise UsageError("a backtest needs at least one instrument, and each once")
        parse_range(self.start_us, self.end_us)
        if self.capital is not None and not 0 < self.capital < float("inf"):
            raise UsageError(f"a capital of {self.capital!r} is none: give a number above 0")
        if not 0 <= self.seed < 2**63:
            raise UsageError(f"{self.seed!r} is no seed: give an integer from 0 to 2**63 - 1")

    @classmethod
    def of(
        cls,
        strategy: str,
        instruments: Iterable[tuple[str, str]],
        start: Instant,
        end: Instant,
        *,
        params: Mapping[str, Value] | None = None,
        models: Models | str = TYPICAL,
        capital: float | None = None,
        seed: int = 0,
        allow_missing: bool = False,
        analyst: str | None = None,
        analysis_record: int | None = None,
    ) -> BacktestRequest:
        """Make a request from values as people write them; *models* may be the name of a preset.

        Raises:
            UsageError: one of them cannot be.
        """
        start_us, end_us = parse_range(start, end)
        return cls(
            strategy=strategy,
            instruments=tuple(instruments),
            start_us=start_us,
            end_us=end_us,
            params=dict(params or {}),
            models=preset(models) if isinstance(models, str) else models,
            capital=None if capital is None else float(capital),
            seed=seed,
            allow_missing=allow_missing,
            analyst=analyst,
            analysis_record=analysis_record,
        )

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        form: dict[str, Any] = msgspec.to_builtins(self)
        return form

    def to_json(self) -> str:
        """Write it down, the same text for the same request."""
        return msgspec.json.encode(self, order="deterministic").decode()

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> BacktestRequest:
        """Read what :meth:`to_form` gave.

        Raises:
            UsageError: a key or value that a request does not have, by name.
        """
        try:
            return msgspec.convert(dict(form), cls)
        except msgspec.ValidationError as error:
            raise UsageError(f"this is no backtest: {error}") from None

    @classmethod
    def from_json(cls, text: str | bytes) -> BacktestRequest:
        """Read what :meth:`to_json` wrote.

        Raises:
            UsageError: it is no JSON, or none of a request.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:  # what does not fit is one of these as well
            raise UsageError(f"this is no backtest: {error}") from None
