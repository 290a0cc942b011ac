"""What was not asked the same of compared runs: parameters, models and the rest, by name, value and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.market.units import ABSENT
from tickreel_desktop.backtest.run.assumptions import model_words
from tickreel_desktop.backtest.runs.words import plain_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.runs.card import RunCard
    from tickreel.market.zone import Zone

_MODELS = ("feed", "entry", "response", "queue", "fees")


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that was not asked the same of all runs, with the value of each; None where it has none."""

    name: str
    values: tuple[Any, ...]


def settings_of(cards: Sequence[RunCard]) -> tuple[Setting, ...]:
    """Name what was asked differently of runs: a parameter or a model by itself."""
    forms = [_flat(card) for card in cards]
    names = dict.fromkeys(name for form in forms for name in form)
    settings = [Setting(name, tuple(form.get(name) for form in forms)) for name in names]
    return tuple(one for one in settings if any(value != one.values[0] for value in one.values))


def _flat(card: RunCard) -> dict[str, Any]:
    form: dict[str, Any] = {"strategy": card.strategy["name"], "code": card.strategy["sha256"]}
    form |= {f"param {name}": value for name, value in card.params.items()}
    form |= {f"model {name}": card.models.get(name) for name in _MODELS}
    form |= {
        "symbols": ", ".join(f"{one['exchange']}:{one['symbol']}" for one in card.instruments),
        "from": card.from_us,
        "to": card.to_us,
        "capital": card.capital,
        "seed": card.seed,
        "data": card.data_sha256,
    }
    return form


def setting_name(setting: Setting) -> str:
    """Name a setting."""
    kind, _, rest = setting.name.partition(" ")
    return rest if kind in ("param", "model") and rest else setting.name


def setting_value(setting: Setting, place: int, zone: Zone) -> str:
    """Print what one of the runs was asked."""
    value = setting.values[place]
    if value is None:
        return ABSENT
    if setting.name in ("from", "to"):
        return zone.stamp(int(value), 0)
    if setting.name in ("code", "data"):
        return str(value)[:12]
    return model_words(value) if isinstance(value, dict) else plain_value(value)
