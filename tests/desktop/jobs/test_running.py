"""Jobs of a real runner."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel_desktop.jobs import JobState, JobVerb, RunnerJobs

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from support.importdesk import Desk

    from tickreel.progress import Monitor
    from tickreel_desktop.zone import DisplayZone


NOW_US = 1_721_304_396_412_204  # 2024-07-18 12:06:36


def test_a_job_is_told_from_its_start_to_its_end_and_can_be_cancelled(desk: Desk, zone: DisplayZone) -> None:
    go_on = threading.Event()

    def work(monitor: Monitor) -> None:
        monitor.report(3, 10, "day 3")
        go_on.wait(60)
        monitor.report(4, 10)

    jobs = RunnerJobs(desk.runner, desk.relay, lambda: NOW_US, zone)
    job = desk.runner.submit("verify", "Verify binance BTCUSDT", work)
    desk.wait(lambda: [row.fraction for row in jobs.rows()] == [0.3])
    (row,) = jobs.rows()
    assert (row.title, row.state, row.words, row.done) == (
        "Verify binance BTCUSDT",
        JobState.RUNNING,
        "day 3",
        "3 of 10",
    )
    jobs.act(row.id, JobVerb.CANCEL)
    assert [(row.words, row.verbs) for row in jobs.rows()] == [("Stopping", ())]
    go_on.set()
    desk.wait(lambda: [row.state for row in jobs.rows()] == [JobState.CANCELLED])
    jobs.act(job.id, JobVerb.DISMISS)
    assert jobs.rows() == []


def test_a_failed_job_says_why_and_imports_are_told_elsewhere(desk: Desk, zone: DisplayZone) -> None:
    jobs = RunnerJobs(desk.runner, desk.relay, lambda: NOW_US, zone)

    def fail(_monitor: Monitor) -> None:
        raise UsageError("the folder is empty")

    desk.runner.submit("import", "Import a.csv", fail)
    desk.runner.submit("verify", "Verify", fail)
    desk.wait(lambda: [row.state for row in jobs.rows()] == [JobState.FAILED])
    assert [row.words for row in jobs.rows()] == ["the folder is empty"]


def test_its_times_are_those_of_the_display_zone(desk: Desk, zone: DisplayZone, qtbot: QtBot) -> None:
    jobs = RunnerJobs(desk.runner, desk.relay, lambda: NOW_US, zone)
    job = desk.runner.submit("verify", "Verify", lambda _monitor: None)
    desk.wait(lambda: [row.state for row in jobs.rows()] == [JobState.DONE])
    facts = dict(jobs.account(job.id).facts)
    assert facts["Began"] == facts["Ended"] == "2024-07-18 12:06:36 UTC"
    with qtbot.waitSignal(jobs.changed):
        zone.set_name("Asia/Kathmandu")
    facts = dict(jobs.account(job.id).facts)
    assert facts["Began"] == facts["Ended"] == "2024-07-18 17:51:36 UTC+05:45"
