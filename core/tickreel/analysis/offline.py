"""The offline analyst: a handful of rules over a snapshot, written down, with no model and no network.

It is the default. What it says is what its rules say of the figures and nothing more; the page
``analysis.md`` lists the rules.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tickreel.analysis.analyst import Ended, Text
from tickreel.analysis.figures import BY_NAME, Unit
from tickreel.analysis.findings import Direction, Finding, FindingKind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from tickreel.analysis.analyst import Piece
    from tickreel.analysis.prompt import Inquiry
    from tickreel.analysis.snapshot import Snapshot

OFFLINE = "offline"
"""Name of the analyst, and of its model."""

SPREAD_PERCENT = 20.0
"""A spread that changed by more is compressed or expanded."""
BALANCE = 0.2
"""An imbalance beyond this is one."""
FLOW = 0.1
"""A share of order flow or of trades beyond this goes one way."""
TREND = 1.0
"""A move of this many volatilities is momentum."""
STRAIGHT = 0.15
"""... where it was this efficient."""
REVERTING = 0.85
"""A variance ratio below this means that moves are taken back."""
CROSSED_PERCENT = 1.0
"""A book that is crossed after more of its messages is an anomaly."""
SILENCE_S = 10.0
"""A silence longer than this is an anomaly ..."""
SILENCE_TIMES = 20.0
"""... where it is this many times the mean time between messages as well."""
SKEW = 0.2
"""A depth skew beyond this is a finding."""

_SIGNIFICANT = 4


class OfflineAnalyst:
    """Answers at once, in the form that is asked of a model."""

    model = OFFLINE
    place = ""

    def body(self, inquiry: Inquiry) -> None:
        """Nothing is sent."""

    async def ask(self, inquiry: Inquiry) -> AsyncGenerator[Piece]:
        """Apply the rules to each window."""
        windows = []
        for number, seen in enumerate(inquiry.snapshots, 1):
            findings = findings_of(seen)
            listed = [finding.to_form() for finding in findings]
            windows.append({"window": f"w{number}", "summary": prose_of(seen, findings), "findings": listed})
        yield Text(json.dumps({"windows": windows}, ensure_ascii=False))
        yield Ended(is_whole=True)


def findings_of(seen: Snapshot) -> tuple[Finding, ...]:
    """Apply every rule, in the order of the page."""
    return tuple(finding for rule in _RULES for finding in rule(seen))


def prose_of(seen: Snapshot, findings: tuple[Finding, ...]) -> str:
    """Put findings into words, each number with the figure it is."""
    if seen.is_empty:
        return "Nothing happened in this window: there is no message and no trade."
    begun = []
    if seen["mid_last"] is not None:
        begun.append(
            f"The mid ended at {_told(seen, 'mid_last')}, a move of {_told(seen, 'move')} with a mean spread "
            f"of {_told(seen, 'spread_mean')}."
        )
    if seen["trades"]:
        begun.append(f"There were {_told(seen, 'trades')} trades.")
    if not findings:
        begun.append("No rule of the offline analyst applies.")
    return " ".join((*begun, *(finding.text for finding in findings)))


def _spread(seen: Snapshot) -> Iterator[Finding]:
    change = seen.number("spread_change")
    if change is None or abs(change) < SPREAD_PERCENT:
        return
    kind, word = (
        (FindingKind.SPREAD_COMPRESSION, "narrowed")
        if change < 0
        else (FindingKind.SPREAD_EXPANSION, "widened")
    )
    yield _finding(
        seen,
        kind,
        Direction.NEUTRAL,
        abs(change) / 100,
        ("spread_first_third", "spread_last_third", "spread_change"),
        f"The spread {word} from {{0}} in the first third to {{1}} in the last, a change of {{2}}.",
    )


def _balance(seen: Snapshot) -> Iterator[Finding]:
    late, share = seen.number("imbalance_last_third"), seen.number("order_flow_share")
    if late is None or abs(late) < BALANCE:
        return
    agrees = share is not None and share * late > 0
    side = "bids" if late > 0 else "asks"
    cited = ("imbalance_last_third", "order_flow_share") if share is not None else ("imbalance_last_third",)
    told = f"The best levels leaned to the {side} in the last third, by {{0}}"
    if share is not None:
        told += f", and order flow {'agrees' if agrees else 'does not agree'} with {{1}}"
    yield _finding(
        seen,
        FindingKind.IMBALANCE,
        _direction(late),
        abs(late) * (1.0 if agrees else 0.5),
        cited,
        f"{told}.",
    )


def _momentum(seen: Snapshot) -> Iterator[Finding]:
    moved, straight = seen.number("move_in_volatility"), seen.number("efficiency")
    flow = seen.number("trade_flow_share")
    if moved is None or straight is None or abs(moved) < TREND or straight < STRAIGHT:
        return
    cited, told = (
        ["move", "move_in_volatility", "efficiency"],
        ("The mid moved by {0}, {1} times its volatility, with an efficiency of {2}"),
    )
    carried = flow is not None and abs(flow) >= FLOW and flow * moved > 0
    if carried:
        cited.append("trade_flow_share")
        told += "; takers carried it with a net share of {3}"
    yield _finding(
        seen,
        FindingKind.MOMENTUM,
        _direction(moved),
        straight * (1.0 if carried else 0.6) + 0.1,
        tuple(cited),
        f"{told}.",
    )


def _reversion(seen: Snapshot) -> Iterator[Finding]:
    ratio, linked = seen.number("variance_ratio"), seen.number("autocorrelation")
    away = seen.number("mean_distance")
    if ratio is None or linked is None or away is None or ratio >= REVERTING or linked >= 0:
        return
    yield _finding(
        seen,
        FindingKind.MEAN_REVERSION,
        _direction(-away),
        1 - ratio,
        ("variance_ratio", "autocorrelation", "mean_distance"),
        "Moves were taken back: the variance ratio is {0} with an autocorrelation of {1}, and the mid "
        "stands {2} from its mean.",
    )


def _liquidity(seen: Snapshot) -> Iterator[Finding]:
    skew = seen.number("depth_skew")
    if skew is not None and abs(skew) >= SKEW:
        deeper = "bids" if skew > 0 else "asks"
        yield _finding(
            seen,
            FindingKind.LIQUIDITY,
            _direction(skew),
            abs(skew),
            ("depth_skew", "depth_slope_bid", "depth_slope_ask"),
            f"The {deeper} are deeper, a skew of {{0}}: {{1}} of bids against {{2}} of asks.",
        )
    for side, direction in (("bid", Direction.UP), ("ask", Direction.DOWN)):
        if seen[f"wall_{side}_distance"] is None:
            continue
        yield _finding(
            seen,
            FindingKind.LIQUIDITY,
            direction,
            0.3,
            (f"wall_{side}_amount", f"wall_{side}_price", f"wall_{side}_distance"),
            f"A wall of {{0}} stands on the {side} side at {{1}}, {{2}} from the mid.",
        )


def _anomaly(seen: Snapshot) -> Iterator[Finding]:
    silence, messages = seen.number("silence") or 0.0, seen.number("book_messages") or 0.0
    mean_s = (seen.number("duration") or 0.0) / messages if messages else 0.0
    for is_odd, cited, told in (
        (seen["grade"] == "bad", ("grade",), "The data are graded bad: read all of this with care."),
        ((seen.number("gaps") or 0.0) > 0, ("gaps",), "The data have gaps in this window, {0} of them."),
        (
            (seen.number("crossed") or 0.0) > CROSSED_PERCENT,
            ("crossed",),
            "The book was crossed after {0} of its messages.",
        ),
        (
            messages > 0 and silence > max(SILENCE_S, SILENCE_TIMES * mean_s),
            ("silence", "book_messages"),
            "The book said nothing for {0}, where the window has {1} messages.",
        ),
    ):
        if is_odd:
            yield _finding(seen, FindingKind.ANOMALY, Direction.NEUTRAL, 0.9, cited, told)


_RULES: tuple[Callable[[Snapshot], Iterator[Finding]], ...] = (
    _spread,
    _balance,
    _momentum,
    _reversion,
    _liquidity,
    _anomaly,
)


def _finding(
    seen: Snapshot,
    kind: FindingKind,
    direction: Direction,
    confidence: float,
    cited: tuple[str, ...],
    told: str,
) -> Finding:
    """Make a finding whose text holds the figures cited, by their place among them."""
    return Finding(
        kind=kind,
        direction=direction,
        confidence=round(min(max(confidence, 0.05), 0.95), 2),
        horizon_s=(seen.number("duration") or 0.0) / 3,
        figures=tuple(BY_NAME[name].id for name in cited),
        text=told.format(*(_told(seen, name) for name in cited)),
    )


def _direction(value: float) -> Direction:
    return Direction.UP if value > 0 else Direction.DOWN if value < 0 else Direction.NEUTRAL


_SUFFIXES = {Unit.BPS: " bps", Unit.PERCENT: " %", Unit.SECONDS: " s", Unit.AMOUNT_PER_BPS: " per bps"}


def _told(seen: Snapshot, name: str) -> str:
    """Print a figure to four digits, prices and counts in full, and cite it."""
    figure, value = BY_NAME[name], seen.number(name)
    if value is None:
        return f"– [{figure.id}]"
    if figure.unit in (Unit.PRICE, Unit.COUNT):
        text = f"{value:.10g}"
    elif value and abs(value) < 10 ** (_SIGNIFICANT - 1):
        text = f"{float(f'{value:.{_SIGNIFICANT - 1}e}'):.10f}".rstrip("0").rstrip(".")
    else:
        text = f"{value:.0f}"
    return f"{text}{_SUFFIXES.get(figure.unit, '')} [{figure.id}]"
