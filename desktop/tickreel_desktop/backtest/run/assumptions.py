"""What a run assumes and rests on, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.backtest.reports.page import ASSUMPTIONS
from tickreel.market.units import ABSENT, format_bytes, format_duration_s, format_full
from tickreel_desktop.backtest.runs.words import plain_value, unsigned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tickreel.backtest.runs.card import RunCard

_MODELS = {
    "feed": "Latency of market data",
    "entry": "Latency of orders",
    "response": "Latency of answers",
    "queue": "Place in the queue",
    "fees": "Fees",
}


def assumptions_of(card: RunCard) -> list[tuple[str, str]]:
    """Give what a run assumes, by name."""
    lines = [("Assumption", text) for text in ASSUMPTIONS]
    lines += [("Preset", str(card.models.get("preset") or "none"))]
    lines += [
        (words, model_words(card.models[name])) for name, words in _MODELS.items() if card.models.get(name)
    ]
    lines += [(f"Parameter {name}", plain_value(value)) for name, value in card.params.items()]
    lines += [
        ("Capital", ABSENT if card.capital is None else unsigned(card.capital)),
        ("Seed", str(card.seed)),
        ("Trials", _trials(card)),
    ]
    lines += list(_instruments(card))
    lines += list(_data(card))
    lines += [(f"Version of {name}", version) for name, version in card.versions.items()]
    if card.ticks_processed is not None and card.backtest_duration_s is not None:
        took = format_duration_s(card.backtest_duration_s)
        lines.append(("Played", f"{format_full(card.ticks_processed)} messages in {took}"))
    if card.peak_memory_bytes is not None:
        lines.append(("Memory", format_bytes(card.peak_memory_bytes)))
    return lines


def model_words(model: Any) -> str:
    """Name a model with its numbers: ``constant, latency 5 ms``."""
    if not isinstance(model, dict):
        return str(model)
    rest = [_number(name, value) for name, value in model.items() if name != "kind" and value is not None]
    return ", ".join([str(model["kind"]).replace("_", " "), *rest])


def _number(name: str, value: Any) -> str:
    if name.endswith("_us") and isinstance(value, int | float):
        return f"{name.removesuffix('_us').replace('_', ' ')} {format_duration_s(value / 1e6)}"
    return f"{name.replace('_', ' ')} {plain_value(value)}"


def _trials(card: RunCard) -> str:
    words = "1" if card.trials == 1 else f"{format_full(card.trials)}, the runs of its sweep"
    if card.trials_before:
        words += f"; {format_full(card.trials_before)} runs of it over this range before"
    return words


def _instruments(card: RunCard) -> Iterator[tuple[str, str]]:
    for one in card.instruments:
        if "tick" not in one:
            continue
        facts = [f"{name} {plain_value(one[name])}" for name in ("tick", "lot", "multiplier")]
        fees = (
            f"maker {one['maker_fee'] * 1e4:g} bp, taker {one['taker_fee'] * 1e4:g} bp ({one['fee_source']})"
        )
        facts += ["inverse"] if one["inverse"] else []
        yield f"{one['exchange']} {one['symbol']}", ", ".join([*facts, fees, f"paid in {one['currency']}"])


def _data(card: RunCard) -> Iterator[tuple[str, str]]:
    for one in card.data:
        yield f"Data {_day(one)}", str(one["rows_sha256"])
    for one in card.missing_days:
        yield f"Data {_day(one)}", f"not there ({one['state']})"
    for name, days in card.clock_shift_us.items():
        for day, shift_us in days.items():
            yield f"Clock of {name}, {day}", f"put right by {format_full(shift_us)} µs"


def _day(one: Mapping[str, Any]) -> str:
    return f"{one['exchange']} {one['symbol']} {one['type']} {one['day']}"
