"""What an analyst says of a window: findings of a few kinds, each with the figures it rests on, and prose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.analysis.figures import BY_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_FINDINGS = 12
"""The most findings of one window that are taken from an answer."""
MOST_FIGURES = 8
"""The most figures that a finding, or a number of an answer, may cite: who cites them all cites none."""
_LONGEST_TEXT = 600
_LONGEST_HORIZON_S = 86_400.0


class FindingKind(StrEnum):
    """What a finding is about."""

    SPREAD_COMPRESSION = "spread_compression"
    SPREAD_EXPANSION = "spread_expansion"
    IMBALANCE = "imbalance"
    MOMENTUM = "momentum"
    MEAN_REVERSION = "mean_reversion"
    LIQUIDITY = "liquidity"
    ANOMALY = "anomaly"


class Direction(StrEnum):
    """Where the price is leaning by a finding."""

    UP = "up"
    DOWN = "down"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    kind: FindingKind
    direction: Direction
    confidence: float
    """From 0 to 1, as the analyst sees it; it is an opinion and measured by nobody."""
    horizon_s: float | None
    """For how long the analyst takes it to hold; None where it does not say."""
    figures: tuple[str, ...]
    """Ids of the figures that it rests on."""
    text: str

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "kind": self.kind.value,
            "direction": self.direction.value,
            "confidence": self.confidence,
            "horizon_s": self.horizon_s,
            "figures": list(self.figures),
            "text": self.text,
        }

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> Finding:
        """Read a finding from outside.

        Raises:
            ValueError: it is not one; the message says what is wrong.
        """
        kind, direction = _word(form, "kind", FindingKind), _word(form, "direction", Direction)
        confidence = _number(form, "confidence", 1.0)
        horizon = None if form.get("horizon_s") is None else _number(form, "horizon_s", _LONGEST_HORIZON_S)
        cited, text = form.get("figures"), form.get("text")
        if not isinstance(cited, list) or not cited:
            raise ValueError("it cites no figures")
        unknown = [one for one in cited if not isinstance(one, str) or one not in BY_ID]
        if unknown:
            raise ValueError(f"it cites {unknown[0]!r}, which is no figure")
        if len(set(cited)) > MOST_FIGURES:
            raise ValueError(f"it cites {len(set(cited))} figures, and {MOST_FIGURES} are the most")
        if not isinstance(text, str) or not text.strip():
            raise ValueError("it has no text")
        shown = " ".join(text.split())[:_LONGEST_TEXT]
        return cls(
            FindingKind(kind), Direction(direction), confidence, horizon, tuple(dict.fromkeys(cited)), shown
        )


def _word(form: Mapping[str, Any], name: str, words: type[StrEnum]) -> str:
    value = form.get(name)
    if value not in list(words):
        raise ValueError(f"its {name} is {value!r}, and not one of {', '.join(words)}")
    return str(value)


def _number(form: Mapping[str, Any], name: str, most: float) -> float:
    value = form.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"its {name} is {value!r}, and not a number from 0 to {most:g}")
    return float(value)
