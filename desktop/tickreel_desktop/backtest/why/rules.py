"""The rules that a run went by, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.why.market import Moment

CAPTIONS = ("Fill at rest", "Cancels ahead", "Feed", "Order and answer", "Feed delay at the time")


def rules_of(card: RunCard, decided: Moment | None) -> dict[str, str]:
    """Say what was assumed for an order, by caption."""
    models = card.models
    way, back = _latency(models["entry"]), _latency(models["response"])
    age = "" if decided is None or decided.heard_us is None else _ms(decided.at_us - decided.heard_us)
    return {
        "Fill at rest": "once nothing is ahead of it",
        "Cancels ahead": queue_words(models["queue"]),
        "Feed": _latency(models["feed"]),
        "Order and answer": way if way == back else f"{way}; {back}",
        "Feed delay at the time": age,
    }


def queue_words(model: Mapping[str, Any]) -> str:
    """Say how a queue model shares what is cancelled: ``shared, power3 n=3``."""
    if model["kind"] == "risk_averse":
        return "none: all behind it"
    function = str(model["function"])
    power = f" n={model['power']:g}" if function.startswith("power") else ""
    return f"shared by {function}{power}"


def _latency(model: Mapping[str, Any]) -> str:
    match model["kind"]:
        case "constant":
            return f"{_ms(int(model['latency_us']))}"
        case "distribution":
            return f"drawn, median {_ms(int(model['median_us']))}"
        case "measured":
            return "measured"
        case kind:
            return str(kind)


def _ms(length_us: int) -> str:
    return f"{length_us / 1_000:.3g} ms"
