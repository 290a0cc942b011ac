"""What the Jobs panel knows of a job, whoever runs it, and what it asks of those who do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from PySide6.QtCore import SignalInstance

    from tickreel_resources import IconName


class JobState(StrEnum):
    """Where a job stands, as the panel tells it."""

    RUNNING = "running"
    WAITING = "waiting"
    """Begun, and held up by something that passes, or by a question."""
    FAILED = "failed"
    QUEUED = "queued"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def is_ended(self) -> bool:
        """Whether it needs no more attention; a failed job does."""
        return self in (JobState.DONE, JobState.CANCELLED)


class JobVerb(StrEnum):
    """What can be done with a job."""

    OPEN = "open"
    SHOW_LINE = "show-line"
    ANSWER = "answer"
    REPLACE = "replace"
    RETRY = "retry"
    PAUSE = "pause"
    RESUME = "resume"
    UP = "up"
    DOWN = "down"
    FIRST = "first"
    LAST = "last"
    CANCEL = "cancel"
    DISMISS = "dismiss"

    @property
    def text(self) -> str:
        """Say it on a button or in a menu."""
        return _TEXTS[self]

    @property
    def icon(self) -> IconName:
        """Show it where there is no room for words."""
        return _ICONS[self]


_TEXTS = {
    JobVerb.OPEN: "Open",
    JobVerb.SHOW_LINE: "Open the line",
    JobVerb.ANSWER: "Answer",
    JobVerb.REPLACE: "Replace",
    JobVerb.RETRY: "Retry",
    JobVerb.PAUSE: "Pause",
    JobVerb.RESUME: "Resume",
    JobVerb.UP: "Move up",
    JobVerb.DOWN: "Move down",
    JobVerb.FIRST: "Move to the front",
    JobVerb.LAST: "Move to the back",
    JobVerb.CANCEL: "Cancel",
    JobVerb.DISMISS: "Take off the list",
}
_ICONS: dict[JobVerb, IconName] = {
    JobVerb.OPEN: "arrow-square-out",
    JobVerb.SHOW_LINE: "file-text",
    JobVerb.ANSWER: "question",
    JobVerb.REPLACE: "arrows-left-right",
    JobVerb.RETRY: "arrow-clockwise",
    JobVerb.PAUSE: "pause",
    JobVerb.RESUME: "play",
    JobVerb.UP: "caret-up",
    JobVerb.DOWN: "caret-down",
    JobVerb.FIRST: "caret-up",
    JobVerb.LAST: "caret-down",
    JobVerb.CANCEL: "x",
    JobVerb.DISMISS: "x",
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job in words that are already formatted; empty is left blank."""

    id: str
    """Unique among the jobs of all sources."""
    icon: IconName
    """Of its kind; the state may replace it."""
    lead: str
    """What is done: "Fetch"."""
    name: str
    """To what: "bybit BTCUSDT trades"."""
    rest: str
    """What tells it from others of the name: "2024-11-04 to 2024-11-16"."""
    state: JobState
    words: str
    """What it is at, what it waits for, the cause of its failure, or what came of it."""
    fraction: float | None = None
    """Share that is done, 0 to 1; None where the whole is not known."""
    done: str = ""
    """Done of the whole: "8 of 13 days"."""
    rate: str = ""
    left: str = ""
    bytes_per_s: float | None = None
    left_s: float | None = None
    verbs: tuple[JobVerb, ...] = ()
    """What can be done now, the cure of a failure first."""
    order: float = 0.0
    """Among jobs of its source and state: the smaller, the higher."""
    ended_us: int = 0
    """When it ended; 0 while it has not."""

    @property
    def title(self) -> str:
        """Name the job in one line."""
        return " ".join(filter(None, (self.lead, self.name, self.rest)))


@dataclass(frozen=True, slots=True)
class JobPart:
    """One part of a job that is told by itself: a day that is fetched."""

    name: str
    state: JobState
    state_words: str
    size: str
    tries: str
    reason: str
    evidence: Path | None
    """What was kept of a failure."""


@dataclass(frozen=True, slots=True)
class JobAccount:
    """All that is known of one job."""

    facts: tuple[tuple[str, str], ...]
    """Captions and values: when, how often, expected and received."""
    parts: tuple[JobPart, ...] = ()
    place: Path | None = None
    """A file or folder that can be shown: what was kept of a failure, or the file it is about."""


class JobSource(Protocol):
    """Whoever runs jobs, or knows of them."""

    @property
    def changed(self) -> SignalInstance:
        """Sent when :meth:`rows` or an account differ from before; as often as it likes."""

    def rows(self) -> Sequence[JobRow]:
        """Give all jobs; a row that did not change is the same object as before."""

    def account(self, job_id: str) -> JobAccount:
        """Tell all that is known of a job; what must be looked up first comes with :attr:`changed`."""

    def act(self, job_id: str, verb: JobVerb) -> None:
        """Do something with a job; a job that has gone, or for which it is too late, is let be."""

    def dismiss(self, job_ids: Sequence[str]) -> Callable[[], None]:
        """Take jobs that have ended off the list; what is returned brings them back."""
