"""How findings, windows and calls are put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.analysis import OFFLINE, Binding, CallState, Direction
from tickreel.analysis.figures import BY_ID
from tickreel.market.units import format_duration_s, format_full
from tickreel_desktop.analysis.spending import money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.analysis import Check, Finding
    from tickreel.analysis.calls import Call
    from tickreel.analysis.history import Kept

ARROWS = {Direction.UP: "↗", Direction.DOWN: "↘", Direction.NEUTRAL: "→"}


def kind_words(finding: Finding) -> str:
    """Name the kind of a finding: ``Spread expansion``."""
    return finding.kind.replace("_", " ").capitalize()


def direction_words(finding: Finding) -> str:
    """Tell where the price leans, as an arrow and a word."""
    return f"{ARROWS[finding.direction]} {finding.direction}"


def horizon_words(finding: Finding) -> str:
    """Tell for how long it holds: ``next 5 min``; empty where the analyst does not say."""
    return "" if finding.horizon_s is None else f"next {format_duration_s(finding.horizon_s)}"


def match_words(checks: Sequence[Check]) -> tuple[str, bool]:
    """Tell how many figures of some texts match, and whether all do and were checked whole."""
    claims = [claim for check in checks for claim in check.claims]
    odd = sum(claim.binding is not Binding.BOUND for claim in claims)
    if not claims:
        return "no figures in the text", True
    is_directed = all(check.is_directed for check in checks)
    direction = "" if is_directed else "; direction not checked, as the text is not in English"
    if odd:
        told = "1 figure has" if odd == 1 else f"{odd} figures have"
        return f"{told} no source, marked in the text{direction}", False
    told = "figure matches" if len(claims) == 1 else "figures match"
    return f"{len(claims)} of {len(claims)} {told}{direction}", is_directed


def state_words(kept: Kept) -> str:
    """Tell in a few words what became of a call."""
    call = kept.call
    match call.state:
        case CallState.STOPPED:
            return f"Stopped after {format_duration_s(_length_s(call))}"
        case CallState.FAILED:
            return "Failed"
        case CallState.UNDER_WAY:
            return "Under way"
        case CallState.LOST:
            return "Lost: its program ended"
        case _:
            return headline(kept)


def headline(kept: Kept) -> str:
    """Name what was found surest: ``Liquidity, down 0.71``."""
    findings = () if kept.answer is None else kept.answer.findings
    if not findings:
        return "No finding"
    surest = max(findings, key=lambda one: one.confidence)
    return f"{kind_words(surest)}, {surest.direction} {surest.confidence:.2f}"


def cost_words(kept: Kept) -> str:
    """Tell what a call cost, or why it is free."""
    call = kept.call
    if call.state is CallState.CACHED:
        return "free, from store"
    if call.model == OFFLINE:
        return "free, by rules"
    return money(call.usd)


def account_words(kept: Kept) -> str:
    """Tell by whom, how many tokens and at what cost."""
    call = kept.call
    if call.model == OFFLINE:
        return "Offline analyst, by rules on this machine, free"
    parts = [call.model]
    if call.state is not CallState.CACHED and call.tokens is not None:
        estimated = ", estimated" if call.tokens.is_estimated else ""
        sent, received = format_full(call.tokens.sent), format_full(call.tokens.received)
        parts.append(f"{sent} tokens sent, {received} received{estimated}")
    parts.append(cost_words(kept))
    return ", ".join(parts)


def stop_words(call: Call) -> str:
    """Tell that the connection was closed, after how long, and what that cost."""
    tokens = call.tokens
    told = "" if tokens is None else f" {format_full(tokens.received)} tokens came"
    estimated = ", estimated" if tokens is not None and tokens.is_estimated else ""
    return (
        f"Connection closed after {format_duration_s(_length_s(call))}.{told}{estimated}, {money(call.usd)}."
    )


def figure_names(ids: Sequence[str]) -> str:
    """Name figures by their ids."""
    return ", ".join(f"{one} {BY_ID[one].name}" for one in ids if one in BY_ID)


def _length_s(call: Call) -> float:
    return max(0.1, ((call.ended_us or call.began_us) - call.began_us) / 1e6)
