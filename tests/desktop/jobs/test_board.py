from __future__ import annotations

from typing import TYPE_CHECKING

from support.jobsource import ListedJobs, job_row

from tickreel_desktop.jobs import JobBoard, JobState, JobVerb

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

S = JobState


def test_what_is_begun_stands_above_what_failed_and_that_above_what_is_to_come(qtbot: QtBot) -> None:
    first = ListedJobs(
        job_row("queued", S.QUEUED, order=1), job_row("failed", S.FAILED), job_row("late", order=9)
    )
    second = ListedJobs(
        job_row("waiting", S.WAITING), job_row("paused", S.PAUSED), job_row("early", order=-1)
    )
    board = JobBoard((first, second))
    assert [row.id for row in board.active] == ["late", "early", "waiting", "failed", "queued", "paused"]


def test_what_ended_last_comes_first(qtbot: QtBot) -> None:
    board = JobBoard([ListedJobs(job_row("a", S.DONE, ended_us=1), job_row("b", S.CANCELLED, ended_us=2))])
    assert [row.id for row in board.ended] == ["b", "a"]
    assert board.active == ()


def test_a_flood_of_changes_is_told_at_once_and_then_at_most_ten_times_a_second(qtbot: QtBot) -> None:
    source = ListedJobs()
    board = JobBoard([source])
    told: list[int] = []
    board.changed.connect(lambda: told.append(len(board.active)))
    for count in range(1, 100):
        source.show(*(job_row(str(number)) for number in range(count)))
    assert told == [1]
    qtbot.waitUntil(lambda: told[-1] == 99)
    assert told == [1, 99]


def test_a_job_is_only_asked_for_what_can_be_done_with_it_now(qtbot: QtBot) -> None:
    mine = ListedJobs(job_row("a", verbs=(JobVerb.PAUSE,)), job_row("b"))
    other = ListedJobs(job_row("c", verbs=(JobVerb.PAUSE, JobVerb.CANCEL)))
    board = JobBoard((mine, other))
    board.act("a", JobVerb.CANCEL)
    board.act("gone", JobVerb.CANCEL)
    board.act("c", JobVerb.CANCEL)
    board.act_all(JobVerb.PAUSE)
    assert mine.asked == [("a", JobVerb.PAUSE)]
    assert other.asked == [("c", JobVerb.CANCEL), ("c", JobVerb.PAUSE)]
    assert board.can(JobVerb.PAUSE)
    assert not board.can(JobVerb.RESUME)


def test_the_sum_says_how_many_how_fast_and_how_long(qtbot: QtBot) -> None:
    board = JobBoard(
        [
            ListedJobs(
                job_row("a", bytes_per_s=21e6, left_s=355.0),
                job_row("b", bytes_per_s=17e6, left_s=840.0),
                job_row("c", S.QUEUED),
                job_row("d", S.FAILED),
                job_row("e", S.DONE),
            )
        ]
    )
    assert board.summary() == "2 running, 1 queued, 1 failed"
    assert board.speed() == "38.0 MB/s, about 14 min left"
    assert (JobBoard([ListedJobs()]).summary(), JobBoard([ListedJobs()]).speed()) == ("", "")


def test_jobs_of_several_sources_come_back_together(qtbot: QtBot) -> None:
    sources = [ListedJobs(job_row("a", S.DONE), job_row("b", S.DONE)), ListedJobs(job_row("c", S.DONE))]
    board = JobBoard(sources)
    bring_back = board.dismiss(["a", "c"])
    qtbot.waitUntil(lambda: [row.id for row in board.ended] == ["b"])
    bring_back()
    qtbot.waitUntil(lambda: {row.id for row in board.ended} == {"a", "b", "c"})
