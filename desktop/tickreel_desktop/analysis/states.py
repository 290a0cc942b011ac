"""What stands in the way of an answer, in a sentence, and the one thing to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from tickreel.analysis import CallFailed, CapReached, Trouble
from tickreel.analysis.limits import MOST_TRIES
from tickreel.market.units import format_duration_s
from tickreel_desktop.analysis.caller import NotAsShown
from tickreel_desktop.components import BannerKind

if TYPE_CHECKING:
    from tickreel.analysis import Waiting
    from tickreel_desktop.analysis.choice import AnalystChoice
    from tickreel_resources import IconName


class Way(Enum):
    """What can be done about it."""

    NONE = auto()
    KEY = auto()
    CAPS = auto()
    PRICE = auto()
    SETTINGS = auto()
    RETRY = auto()
    STORED = auto()
    STOP = auto()


_WORDS = {
    Way.NONE: "",
    Way.KEY: "Add key",
    Way.CAPS: "Caps",
    Way.PRICE: "Set price",
    Way.SETTINGS: "Settings",
    Way.RETRY: "Try again",
    Way.STORED: "Show",
    Way.STOP: "Stop",
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One sentence, how grave it is, and the way out."""

    kind: BannerKind
    icon: IconName
    text: str
    way: Way = Way.NONE
    action: str = ""
    """What the way is called here; empty for its usual words."""

    @property
    def button(self) -> str:
        """Name the button; empty without a way."""
        return self.action or _WORDS[self.way]


def of_choice(choice: AnalystChoice) -> Obstacle | None:
    """Say why the model that is set cannot be asked; None where it can."""
    if choice.problem:
        return Obstacle(BannerKind.WARNING, "warning", f"{choice.problem}.", Way.SETTINGS)
    if choice.lacks_key:
        return Obstacle(
            BannerKind.NOTE,
            "key",
            f"No key for {choice.host}. The offline analyst answers until you add one.",
            Way.KEY,
        )
    if not choice.is_priced:
        return Obstacle(
            BannerKind.WARNING,
            "question",
            f"The price of {choice.model} is not known, so that no cap can hold. Nothing is sent.",
            Way.PRICE,
        )
    return None


def of_error(error: Exception, stored: int) -> Obstacle:
    """Say why a call gave no answer; *stored* counts the answers about this window that are here."""
    if isinstance(error, CapReached):
        return Obstacle(BannerKind.WARNING, "currency-dollar-simple", _sentence(error), Way.CAPS)
    if isinstance(error, NotAsShown):
        return Obstacle(BannerKind.NOTE, "info", f"{_sentence(error)} It is shown as it would be sent now.")
    if not isinstance(error, CallFailed):
        return Obstacle(BannerKind.ERROR, "x-circle", _sentence(error), Way.RETRY)
    match error.trouble:
        case Trouble.UNREACHABLE if stored:
            answers = "1 answer" if stored == 1 else f"{stored} answers"
            text = f"{_sentence(error)} {answers} about this window {'is' if stored == 1 else 'are'} here."
            return Obstacle(BannerKind.NOTE, "wifi-slash", text, Way.STORED)
        case Trouble.UNREACHABLE:
            return Obstacle(BannerKind.NOTE, "wifi-slash", _sentence(error), Way.RETRY)
        case Trouble.KEY:
            told = error.reason.partition("; check the key")[0]
            text = f"The key was refused: {told}. Nothing was charged."
            return Obstacle(BannerKind.ERROR, "lock-key", text, Way.KEY, "Change key")
        case Trouble.BUSY:
            text = f"{_sentence(error)} Nothing was charged."
            return Obstacle(BannerKind.WARNING, "clock", text, Way.RETRY)
        case Trouble.REFUSED:
            return Obstacle(BannerKind.ERROR, "x-circle", _sentence(error), Way.RETRY)
        case _:
            text = f"{_sentence(error)} What came of it is below, and paid."
            return Obstacle(BannerKind.ERROR, "x-circle", text, Way.RETRY)


def of_error_along(error: Exception) -> Obstacle:
    """Say why a window along a replay has no answer; the next one is asked about all the same."""
    is_key = isinstance(error, CallFailed) and error.trouble is Trouble.KEY
    text = f"The last minute of the replay has no answer: {_sentence(error)}"
    return Obstacle(BannerKind.ERROR, "x-circle", text, Way.KEY if is_key else Way.NONE)


def of_waiting(waiting: Waiting, left_s: float) -> Obstacle:
    """Say that the server is asked again, and when."""
    return Obstacle(
        BannerKind.WARNING,
        "clock",
        f"{waiting.reason}. Asked again in {format_duration_s(max(1.0, round(left_s)))}, "
        f"try {waiting.next_try} of {MOST_TRIES}.",
        Way.STOP,
    )


NOTHING_CHOSEN = Obstacle(
    BannerKind.NOTE,
    "eye",
    "Nothing is in view of the analyst: add the instrument, its window, or figures.",
)


def _sentence(error: Exception) -> str:
    text = error.reason if isinstance(error, CallFailed) else str(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
