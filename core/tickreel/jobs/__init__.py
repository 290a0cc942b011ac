"""Long work as a state machine: progress, cancel, and an end that is a result or an error."""

from __future__ import annotations

from tickreel.jobs.job import MOVES, Job, Progress, State, fraction_done, rate_per_s, seconds_left
from tickreel.jobs.runner import TELL_EVERY_S, JobRunner

__all__ = [
    "MOVES",
    "TELL_EVERY_S",
    "Job",
    "JobRunner",
    "Progress",
    "State",
    "fraction_done",
    "rate_per_s",
    "seconds_left",
]
