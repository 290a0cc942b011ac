"""The Jobs panel: one list of every long job, whoever runs it, and the messages that were said."""

from tickreel_desktop.jobs.board import JobBoard
from tickreel_desktop.jobs.fetch_worker import WATCH_EVERY_S, FetchWorker
from tickreel_desktop.jobs.fetching import FetchJobs
from tickreel_desktop.jobs.import_questions import ImportQuestions
from tickreel_desktop.jobs.imports import ImportJobs, import_message
from tickreel_desktop.jobs.panel import JobsPanel
from tickreel_desktop.jobs.row import JobAccount, JobPart, JobRow, JobSource, JobState, JobVerb
from tickreel_desktop.jobs.running import RunnerJobs

__all__ = [
    "WATCH_EVERY_S",
    "FetchJobs",
    "FetchWorker",
    "ImportJobs",
    "ImportQuestions",
    "JobAccount",
    "JobBoard",
    "JobPart",
    "JobRow",
    "JobSource",
    "JobState",
    "JobVerb",
    "JobsPanel",
    "RunnerJobs",
    "import_message",
]
