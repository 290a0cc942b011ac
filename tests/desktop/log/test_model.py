"""The model of the log against plain lists, watched by Qt's own tester."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from tickreel.logs import Entry
from tickreel.settings import LogLevel
from tickreel_desktop.log.model import LEVEL_ROLE, LogColumn, LogModel
from tickreel_desktop.log.records import area_of, level_of, line_of, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.zone import DisplayZone

CAPACITY = 20
LOGGERS = ("tickreel.store.cache", "tickreel.fetch.service", "tickreel_desktop.operations")
NUMBERS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)


@pytest.fixture
def model(qtbot: QtBot, zone: DisplayZone) -> Iterator[LogModel]:
    made = LogModel(zone, CAPACITY)
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    del tester


def entry(text: str, level: int = logging.INFO, logger: str = LOGGERS[0], time_us: int = 0) -> Entry:
    return Entry(time_us, level, logger, text)


def shown(model: LogModel) -> list[str]:
    return [model.index(row, LogColumn.MESSAGE).data() for row in range(model.rowCount())]


def test_cells_tell_time_level_area_and_the_first_line(model: LogModel) -> None:
    model.append([entry("it broke\nTraceback\n  ...", logging.ERROR, LOGGERS[2], 1_721_304_396_412_204)])
    cells = [model.index(0, column).data() for column in LogColumn]
    assert cells == ["12:06:36.412", "Error", "desktop", "it broke  (+2 lines)"]
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "2024-07-18 12:06:36.412 UTC"
    assert model.index(0, 1).data(LEVEL_ROLE) == LogLevel.ERROR
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in LogColumn]
    assert titles == ["Time, UTC", "Level", "Area", "Message"]
    assert line_of(model.row_at(0)) == (
        "2024-07-18 12:06:36.412Z ERROR   tickreel_desktop.operations: it broke\nTraceback\n  ..."
    )


def test_times_and_their_title_are_those_of_the_display_zone(model: LogModel, zone: DisplayZone) -> None:
    model.append([entry("it broke", time_us=1_721_304_396_412_204)])
    zone.set_name("Europe/London")
    assert model.headerData(LogColumn.TIME, Qt.Orientation.Horizontal) == "Time, BST"
    assert model.index(0, LogColumn.TIME).data() == "13:06:36.412"
    tip = model.index(0, LogColumn.TIME).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "2024-07-18 13:06:36.412 Europe/London (BST)"
    assert line_of(model.row_at(0)).startswith("2024-07-18 12:06:36.412Z"), "as in the file, for others"


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_records_filters_and_clearing_shows_what_a_list_would(
    model: LogModel, seed: int
) -> None:
    chance = random.Random(seed)
    held: list[Entry] = []
    least, area, text = LogLevel.DEBUG, "", ""
    for step in range(120):
        match chance.randrange(8):
            case 0:
                least = chance.choice(tuple(LogLevel))
                area = chance.choice(("", "", "store", "fetch"))
                text = chance.choice(("", "", "even", "EVEN record"))
                model.set_filter(least, area, text)
            case 1 if chance.random() < 0.3:
                model.clear()
                held.clear()
            case _:
                new = [
                    entry(
                        f"{'even' if number % 2 else 'odd'} record {step} {number}",
                        chance.choice(NUMBERS),
                        chance.choice(LOGGERS),
                    )
                    for number in range(chance.choice((0, 1, 3, 30)))
                ]
                model.append(new)
                held = (held + new)[-CAPACITY:]
        wanted = [
            each.text
            for each in held
            if each.level >= NUMBERS[tuple(LogLevel).index(least)]
            and area in ("", area_of(each.logger))
            and all(word in each.text for word in text.lower().split())
        ]
        assert shown(model) == wanted
        assert model.total == len(held)
        for level, number in zip(LogLevel, NUMBERS, strict=True):
            assert model.count_of(level) == sum(each.level == number for each in held)
    assert model.areas() == sorted({area_of(each.logger) for each in held})


def test_a_record_is_found_again_by_its_number(model: LogModel) -> None:
    model.append([entry(f"record {number}") for number in range(30)])
    first = model.row_at(0)
    assert (first.number, first.message) == (10, "record 10")
    assert model.position_of(first.number + 3) == 3
    assert model.position_of(9) is None
    model.set_filter(LogLevel.DEBUG, "", "25")
    assert model.position_of(25) == 0
    assert model.position_of(24) is None


def test_words_are_looked_for_in_the_whole_record(model: LogModel) -> None:
    model.append([entry("it broke\nValueError: two books", logger="tickreel.replay.session")])
    for text in ("two books", "VALUEERROR", "replay session", "broke replay"):
        model.set_filter(LogLevel.DEBUG, "", text)
        assert model.rowCount() == 1, text
    model.set_filter(LogLevel.DEBUG, "", "three")
    assert model.rowCount() == 0


@pytest.mark.parametrize(
    ("logger", "area"),
    [
        ("tickreel.store.records.database", "store"),
        ("tickreel.fetch.service", "fetch"),
        ("tickreel.sources.datasets", "vendor"),
        ("tickreel.kernels.filling", "engine"),
        ("tickreel_desktop.operations", "desktop"),
        ("tickreel_desktop", "desktop"),
        ("tickreel_desktop.replay.player", "replay"),
        ("tickreel", "tickreel"),
        ("asyncio", "asyncio"),
        ("httpx._client", "httpx"),
        ("root", "root"),
    ],
)
def test_areas_are_named_in_words(logger: str, area: str) -> None:
    assert area_of(logger) == area


def test_levels_between_those_that_have_names_count_as_the_one_below() -> None:
    numbers = (1, 10, 15, 20, 25, 30, 35, 40, 50)
    assert [level_of(number).value for number in numbers] == [
        "debug",
        "debug",
        "debug",
        "info",
        "info",
        "warning",
        "warning",
        "error",
        "error",
    ]


def test_a_record_of_more_lines_says_how_many_follow_the_first(model: LogModel) -> None:
    assert row_of(0, entry("one\n")).more_lines == 0
    assert row_of(0, entry("one\ntwo")).more_lines == 1
    model.append([entry("one"), entry("one\ntwo"), entry("one\ntwo\nthree\n")])
    shown = [model.index(row, LogColumn.MESSAGE).data() for row in range(3)]
    assert shown == ["one", "one  (+1 line)", "one  (+2 lines)"]
