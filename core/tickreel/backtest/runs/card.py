"""The card of a run: what was asked, on which data, by which code and models, and what came of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


_OF_DAY = ("exchange", "symbol", "type", "day", "rows_sha256")


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return self is not RunState.RUNNING


class RunKind(StrEnum):
    """What a run is part of."""

    BACKTEST = "backtest"
    SWEEP = "sweep"
    BAND = "band"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed, and where in somebody's code, if it is known."""

    message: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file is not None else ""
        return f"{place}{self.message}"

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {"message": self.message, "file": self.file, "line": self.line}

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> Failure:
        """Read what :meth:`to_form` gave; raises KeyError, TypeError or ValueError for anything else."""
        message, file, line = form["message"], form["file"], form["line"]
        if not (isinstance(message, str) and isinstance(file, str | None) and isinstance(line, int | None)):
            raise ValueError("it is no failure of a run")
        return cls(message, file, line)


@dataclass(frozen=True, slots=True)
class RunCard:
    """All that is told of a run; frozen, and the same in JSON, in Python and in a report.

    What is not known yet, or never will be, is None.
    """

    id: str
    state: RunState
    kind: RunKind
    strategy: Mapping[str, Any]
    """``name``, ``sha256`` of its code, and ``path`` of its file."""
    params: Mapping[str, Any]
    instruments: tuple[Mapping[str, Any], ...]
    from_us: int
    to_us: int
    seed: int
    models: Mapping[str, Any]
    capital: float | None
    data: tuple[Mapping[str, Any], ...]
    """By exchange, symbol, type and day: ``rows_sha256`` of every day that was read."""
    versions: Mapping[str, str]
    created_us: int
    missing_days: tuple[Mapping[str, Any], ...] = ()
    unsound_days: tuple[Mapping[str, Any], ...] = ()
    """Days that were read and are bad, unchecked or partial, as they were known when the run began."""
    backtest_duration_s: float | None = None
    ticks_processed: int | None = None
    """Messages of market data."""
    rows: int | None = None
    reached_us: int | None = None
    """Everything before it was played."""
    total_trades: int | None = None
    """Fills."""
    orders: int | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    ai: Mapping[str, Any] = field(
        default_factory=lambda: {"calls": 0, "tokens_in": 0, "tokens_out": 0, "cost_usd": 0}
    )
    trials: int = 1
    """Runs of the sweep that it is one of."""
    trials_before: int = 0
    """Runs of this strategy over this range that the home had made before."""
    partial: bool = False
    """Whether what is kept ends before the range does."""
    result_sha256: str | None = None
    clock_shift_us: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By ``EXCHANGE:SYMBOL TYPE`` and day: what the recorder's clock was put right by."""
    failure: Failure | None = None
    sweep_id: str | None = None
    peak_memory_bytes: int | None = None
    series: Mapping[str, str] = field(default_factory=dict)
    """Names of what the strategy recorded, each with its file."""
    tags: tuple[str, ...] = ()
    notes: str = ""

    @property
    def data_sha256(self) -> str | None:
        """One digest of all days that were read; None where none was."""
        rows = [[one[name] for name in _OF_DAY] for one in self.data]
        return _sha256(sorted(rows)) if rows else None

    @property
    def settings_sha256(self) -> str:
        """One digest of all else that was asked: parameters, range, models, capital, seed."""
        names = [[one["exchange"], one["symbol"]] for one in self.instruments]
        models = {name: value for name, value in self.models.items() if name != "preset"}
        asked = [dict(self.params), names, self.from_us, self.to_us, models, self.capital, self.seed]
        return _sha256(asked)

    def with_(self, **changes: Any) -> RunCard:
        """Give the card with fields changed."""
        return replace(self, **changes)

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows, as ``runs show`` prints it."""
        return {
            "id": self.id,
            "state": self.state.value,
            "kind": self.kind.value,
            "strategy": dict(self.strategy),
            "params": dict(self.params),
            "instruments": [dict(one) for one in self.instruments],
            "from_us": self.from_us,
            "to_us": self.to_us,
            "seed": self.seed,
            "models": dict(self.models),
            "capital": self.capital,
            "data": [dict(one) for one in self.data],
            "versions": dict(self.versions),
            "created_us": self.created_us,
            "backtest_duration_s": self.backtest_duration_s,
            "ticks_processed": self.ticks_processed,
            "rows": self.rows,
            "reached_us": self.reached_us,
            "total_trades": self.total_trades,
            "orders": self.orders,
            "missing_days": [dict(one) for one in self.missing_days],
            "unsound_days": [dict(one) for one in self.unsound_days],
            "metrics": dict(self.metrics),
            "ai": dict(self.ai),
            "trials": self.trials,
            "trials_before": self.trials_before,
            "partial": self.partial,
            "result_sha256": self.result_sha256,
            "clock_shift_us": dict(self.clock_shift_us),
            "error": None if self.failure is None else self.failure.to_form(),
            "sweep_id": self.sweep_id,
            "peak_memory_bytes": self.peak_memory_bytes,
            "series": dict(self.series),
            "tags": list(self.tags),
            "notes": self.notes,
        }

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> RunCard:
        """Read what :meth:`to_form` gave; raises KeyError, TypeError or ValueError for anything else."""
        fields = {"unsound_days": (), **form}  # cards of earlier versions do not tell of them
        for name, kinds in _KINDS.items():
            if name in fields and not (isinstance(fields[name], kinds) and _is_told(fields[name])):
                raise ValueError(f"{name} of the card of a run is {fields[name]!r:.60}")
        for name, texts in _TABLES.items():
            if not all(
                isinstance(one, dict) and all(isinstance(one[text], str) for text in texts)
                for one in fields[name]
            ):
                raise ValueError(f"{name} of the card of a run are not what they must be")
        if not (
            isinstance(fields["strategy"].get("name"), str)
            and all(isinstance(one, str) for one in fields["tags"])
        ):
            raise ValueError("the card of a run names no strategy, or has tags that are no text")
        if not all(
            _are_texts(one.get("doubts")) and _are_texts(one.get("issues")) for one in fields["unsound_days"]
        ):
            raise ValueError("unsound_days of the card of a run do not say what speaks against them")
        failure = fields.pop("error")
        fields |= {name: tuple(fields[name]) for name in (*_TABLES, "tags")}
        fields |= {"state": RunState(fields["state"]), "kind": RunKind(fields["kind"])}
        return cls(**fields, failure=None if failure is None else Failure.from_form(failure))


_KINDS: dict[str, Any] = {
    **dict.fromkeys(("id", "notes"), str),
    **dict.fromkeys(
        ("strategy", "params", "models", "versions", "metrics", "ai", "clock_shift_us", "series"), dict
    ),
    **dict.fromkeys(("instruments", "data", "missing_days", "unsound_days", "tags"), list | tuple),
    **dict.fromkeys(("from_us", "to_us", "seed", "created_us", "trials", "trials_before"), int),
    **dict.fromkeys(
        ("ticks_processed", "rows", "reached_us", "total_trades", "orders", "peak_memory_bytes"), int | None
    ),
    **dict.fromkeys(("capital", "backtest_duration_s"), int | float | None),
    **dict.fromkeys(("result_sha256", "sweep_id"), str | None),
    "partial": bool,
    "error": dict | None,
}
"""What the fields of a card are in JSON."""
_TABLES = {
    "instruments": ("exchange", "symbol"),
    "missing_days": ("exchange", "symbol", "type", "day"),
    "unsound_days": ("exchange", "symbol", "type", "day"),
    "data": _OF_DAY,
}
"""Fields that are lists, and the texts that each of their entries has."""


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _is_told(value: Any) -> bool:
    """Tell whether all of a value can be spelled as JSON, in UTF-8, and within 64 bits."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError):
        return False
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def _sha256(value: Any) -> str:
    """Digest what JSON knows by its canonical text."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
