"""The model against plain lists, watched by Qt's own tester."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from support.jobsource import job_row

from tickreel_desktop.jobs import JobPart, JobState
from tickreel_desktop.jobs.model import JobColumn, JobTableModel, percent
from tickreel_desktop.jobs.parts import PartTableModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def model(qtbot: QtBot) -> Iterator[JobTableModel]:
    made = JobTableModel()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


def test_rows_that_come_go_and_move_are_as_listed_and_marks_follow_their_job(model: JobTableModel) -> None:
    chance = random.Random(11)
    jobs = [job_row(f"j{number}") for number in range(30)]
    for _ in range(60):
        listed = chance.sample(jobs, chance.randint(0, len(jobs)))
        marks = {
            model.row_at(at).id: QPersistentModelIndex(model.index(at, 0)) for at in range(model.rowCount())
        }
        model.replace(listed)
        assert [model.row_at(at) for at in range(model.rowCount())] == listed
        ids = [row.id for row in listed]
        for job_id, mark in marks.items():
            assert mark.isValid() == (job_id in ids)
            if mark.isValid():
                assert ids[mark.row()] == job_id


def test_only_what_changed_is_told(model: JobTableModel, qtbot: QtBot) -> None:
    rows = [job_row(f"j{number}") for number in range(6)]
    model.replace(rows)
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.replace(rows)
    assert told == []
    for place in (1, 2, 5):
        rows[place] = replace(rows[place], words="further")
    model.replace(rows)
    assert told == [(1, 2), (5, 5)]


def test_a_cell_says_what_its_column_is_for(model: JobTableModel) -> None:
    model.replace(
        [job_row("a", fraction=0.999, done="8 of 13 days", rate="21 MB/s", left="6 min", words="w")]
    )
    cells = [model.index(0, column).data() for column in JobColumn]
    assert cells == ["Fetch binance a 2024-07-23", "99 %", "8 of 13 days", "21 MB/s", "6 min", "w"]


def test_work_is_not_said_to_be_whole_before_it_is() -> None:
    assert [percent(share) for share in (None, 0.0, 0.29, 0.9999, 1.0)] == [
        "",
        "0 %",
        "29 %",
        "99 %",
        "100 %",
    ]


def test_parts_that_change_keep_their_place(qtbot: QtBot) -> None:
    model = PartTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    part = JobPart("2024-07-23", JobState.RUNNING, "downloading", "1 MB", "", "", None)
    model.replace((part,))
    mark = QPersistentModelIndex(model.index(0, 0))
    model.replace((replace(part, state=JobState.FAILED, reason="no", tries="3 failed"),))
    assert mark.isValid()
    assert model.index(0, 3).data() == "no; 3 failed"
    model.replace(())
    assert not mark.isValid()
    del tester
