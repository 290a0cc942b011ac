"""How a shared cache stands, in plain words, and what helps where it does not serve."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from tickreel.market.units import format_bytes, format_duration_s
from tickreel.shared.trouble import TierState, Trouble
from tickreel_desktop.components import Tone
from tickreel_desktop.components.sentences import sentence

if TYPE_CHECKING:
    from tickreel.shared.snapshot import TierSnapshot
    from tickreel_desktop.sharing.look import SharedLook

_SHORTEST_S = 0.0001


class Cure(StrEnum):
    """What the window can do about a trouble, in the words of its button."""

    AGAIN = "Try now"
    SERVER = "Change the server"
    PASSWORD = "Change user or password"
    CERTIFICATES = "Choose certificates"
    RULES = "Show what it needs"
    USE = "Use it"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is said of it."""

    heading: str
    brief: str
    """The same where there is no room for more: in the status bar."""
    advice: str = ""
    """What it means, and what to do; empty when all is well."""
    tone: Tone = Tone.NEUTRAL
    cure: Cure | None = None

    @property
    def is_alarming(self) -> bool:
        """Whether it serves less than it should."""
        return self.tone in (Tone.WARNING, Tone.ERROR)


_HEADINGS = {
    Trouble.UNREACHABLE: ("No server answers", "not reached"),
    Trouble.CUT: ("The connection was cut", "cut off"),
    Trouble.SILENT: ("It does not answer in time", "no answer"),
    Trouble.SLOW: ("It answers slowly", "slow"),
    Trouble.NOT_REDIS: ("What answers is no Redis server", "no Redis"),
    Trouble.TLS: ("No safe connection", "no safe connection"),
    Trouble.NO_AUTH: ("It asks for a password", "wants a password"),
    Trouble.WRONG_PASSWORD: ("It refuses user or password", "wrong password"),
    Trouble.NO_PERMISSION: ("The user lacks a right", "lacks a right"),
    Trouble.READ_ONLY: ("It can be read only", "read only"),
    Trouble.LOADING: ("It is starting", "starting"),
    Trouble.OUT_OF_MEMORY: ("Its memory is full", "full"),
    Trouble.DISK: ("It cannot write to its disk", "takes no days"),
    Trouble.BUSY: ("A script keeps it busy", "busy"),
    Trouble.MOVED: ("The Cluster is moving keys", "moving"),
    Trouble.CLUSTER_DOWN: ("The Cluster lacks nodes", "lacks nodes"),
    Trouble.SEVERAL_SERVERS: ("Several servers that are no Cluster", "no Cluster"),
    Trouble.REFUSED: ("It refuses a command", "refuses"),
}
_CURES = {
    Trouble.NOT_REDIS: Cure.SERVER,
    Trouble.SEVERAL_SERVERS: Cure.SERVER,
    Trouble.READ_ONLY: Cure.SERVER,
    Trouble.TLS: Cure.CERTIFICATES,
    Trouble.NO_AUTH: Cure.PASSWORD,
    Trouble.WRONG_PASSWORD: Cure.PASSWORD,
    Trouble.NO_PERMISSION: Cure.RULES,
    Trouble.OUT_OF_MEMORY: Cure.RULES,
    Trouble.REFUSED: Cure.RULES,
}
"""What helps; where nothing is named, to try again does."""
_ADVICE = {
    Trouble.TLS: (
        "No safe connection: choose the authority's PEM file in the settings, check the host's name in the "
        "certificate, and write rediss:// only where the server speaks TLS."
    ),
    Trouble.NO_AUTH: "It asks for a password: add one in the settings.",
    Trouble.WRONG_PASSWORD: "The server refuses the user or the password: change them in the settings.",
    Trouble.READ_ONLY: "It is a replica, or was made one: name the primary in the settings. Days are read.",
}
"""Where the core names commands and keys of settings, the same for somebody who has a window."""
_GRAVE = (
    Trouble.NO_AUTH,
    Trouble.WRONG_PASSWORD,
    Trouble.NO_PERMISSION,
    Trouble.TLS,
    Trouble.NOT_REDIS,
    Trouble.SEVERAL_SERVERS,
)
"""Nothing will serve before somebody has changed something."""


def standing_of(look: SharedLook) -> Standing:
    """Say how it stands."""
    tier = look.tier
    if tier.state is TierState.OFF:
        advice = "Days are looked for and kept on this machine alone."
        return Standing("Set, and not used", "not used", advice, cure=Cure.USE)
    if tier.trouble is not None:
        alone = tier.state is TierState.OPEN
        return _left_alone(tier, tier.trouble) if alone else _troubled(tier, tier.trouble)
    if tier.state is TierState.ERROR:
        advice = sentence(tier.told)
        return Standing("The address cannot be used", "wrong address", advice, Tone.ERROR, Cure.SERVER)
    if not look.is_asked:
        return Standing("Asking the server", "asking")
    brief = "connected" if tier.latency_s is None else f"connected, {latency_words(tier.latency_s)}"
    if look.bytes_per_s > 0:
        brief = f"bringing days, {format_bytes(look.bytes_per_s)}/s"
    if tier.advice:
        return Standing("Connected", brief, sentence(tier.advice), Tone.WARNING, Cure.RULES)
    return Standing("Connected", brief, tone=Tone.GOOD)


def latency_words(latency_s: float) -> str:
    """Say how long the shortest call took: ``0.4 ms``, ``under 0.1 ms``."""
    return "under 0.1 ms" if latency_s < _SHORTEST_S else format_duration_s(latency_s)


def whole_seconds(seconds: float) -> str:
    """Count down without decimals: ``9 s``, ``2 min``."""
    return format_duration_s(ceil(seconds)).replace(".0", "")


def trouble_words(trouble: Trouble) -> tuple[str, str]:
    """Name a trouble in a few words, and say what it means and what to do."""
    return _HEADINGS[trouble][0], _ADVICE.get(trouble) or sentence(trouble.advice)


def loss_words(look: SharedLook) -> str:
    """Say what goes on without it, for a message that tells of its loss."""
    tier = look.tier
    if tier.trouble is not None and tier.trouble.concerns_writes_only:
        return "Days are brought from there as before, and none are put there."
    told = "Days that are here are read as before, others come from the vendor."
    return f"{told} Next try in {whole_seconds(tier.tries_in_s)}." if tier.tries_in_s else told


def _left_alone(tier: TierSnapshot, trouble: Trouble) -> Standing:
    (heading, advice), brief = trouble_words(trouble), _HEADINGS[trouble][1]
    failures = 0 if tier.breaker is None else tier.breaker.failures
    counted = "a failure" if failures == 1 else f"{failures} failures in a row"
    left = whole_seconds(tier.tries_in_s or 0.0)
    brief += f", tried in {left}" if tier.tries_in_s else ", being tried"
    next_try = f"tried again in {left}" if tier.tries_in_s else "being tried now"
    advice = (
        f"{advice} After {counted} it is left alone, so that no read waits for it, and {next_try}. "
        "Days that are here are read as before."
    )
    return Standing(heading, brief, advice, Tone.WARNING, _CURES.get(trouble, Cure.AGAIN))


def _troubled(tier: TierSnapshot, trouble: Trouble) -> Standing:
    (heading, advice), brief = trouble_words(trouble), _HEADINGS[trouble][1]
    if trouble.concerns_writes_only and tier.writes is not None and tier.writes.tries_in_s:
        advice += f" No day is put there for another {whole_seconds(tier.writes.tries_in_s)}."
    tone = Tone.ERROR if trouble in _GRAVE else Tone.WARNING
    return Standing(heading, brief, advice, tone, _CURES.get(trouble, Cure.AGAIN))
