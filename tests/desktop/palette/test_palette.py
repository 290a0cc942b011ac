"""The palette by keyboard and mouse: what is offered, chosen, copied, and what cannot be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from support.accessibility import nameless_controls

from tickreel_desktop.palette import Candidate, Palette, Provider
from tickreel_desktop.palette.candidates import find
from tickreel_desktop.palette.model import PaletteModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

DONE: list[str] = []


def candidate(name: str, **more: str) -> Candidate:
    return Candidate(id=name, title=name, detail="Menu", run=lambda: DONE.append(name), **more)  # type: ignore[arg-type]


def fixed(*candidates: Candidate) -> Callable[[str], Iterable[Candidate]]:
    return lambda _text: candidates


COMMANDS = Provider(
    "Commands",
    ">",
    "commands",
    fixed(
        candidate("Import files", command="tickreel import PATH...", keys="Ctrl+O"),
        candidate("Half the speed", reason="Open a replay first"),
        candidate("Dark theme", words="night"),
        candidate("Light theme"),
    ),
    is_offered_untyped=True,
)
DATASETS = Provider(
    "Datasets", "@", "datasets", fixed(candidate("binance BTCUSDT"), candidate("bybit ETHUSDT"))
)


@pytest.fixture
def palette(theme: Theme, qtbot: QtBot) -> Palette:
    DONE.clear()
    made = Palette(theme, (DATASETS, COMMANDS))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.field.hasFocus)
    return made


def titles(palette: Palette) -> list[str]:
    return [each.title for each in palette.candidates()]


def test_before_anything_is_typed_it_offers_commands(palette: Palette) -> None:
    assert titles(palette) == ["Import files", "Dark theme", "Light theme", "Half the speed"], (
        "what cannot be done now comes last"
    )


def test_typing_finds_and_enter_does_it(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.field, "theme")
    assert titles(palette) == ["Dark theme", "Light theme"]
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as told:
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert told.args == ["Light theme"]
    assert DONE == ["Light theme"]
    assert not palette.isVisible()


def test_a_sign_chooses_the_kind(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "@")
    assert titles(palette) == ["binance BTCUSDT", "bybit ETHUSDT"]
    QTest.keyClicks(palette.field, " eth")
    assert titles(palette) == ["bybit ETHUSDT"]
    palette.field.setText("> eth")
    assert titles(palette) == []


def test_the_arrows_go_round_and_leave_headings_out(palette: Palette) -> None:
    palette.field.setText("b")
    seen = []
    for _ in range(len(titles(palette)) + 1):
        current = palette.current()
        assert current is not None
        seen.append(current.title)
        QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert seen == [*titles(palette), titles(palette)[0]]
    QTest.keyClick(palette.field, Qt.Key.Key_PageUp)
    assert palette.current() is not None


def test_what_cannot_be_done_says_why_and_is_not_done(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "half")
    current = palette.current()
    assert current is not None
    assert current.reason == "Open a replay first"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert DONE == []


def test_a_command_is_copied_with_the_keys_of_copying(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.field, "import")
    with qtbot.waitSignal(palette.command_wanted) as told:
        QTest.keyClick(palette.field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert told.args == ["tickreel import PATH..."]
    assert DONE == []


def test_copying_without_a_command_leaves_the_palette_open(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "dark")
    QTest.keyClick(palette.field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert palette.isVisible()


def test_f2_leads_to_the_keys_of_the_action(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.field, "light")
    with qtbot.waitSignal(palette.keys_wanted) as told:
        QTest.keyClick(palette.field, Qt.Key.Key_F2)
    assert told.args == ["Light theme"]


def test_a_click_chooses(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.field, "dark")
    place = palette.list.visualRect(palette.list.model().index(1, 0)).center()
    with qtbot.waitSignal(palette.chosen):
        QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert DONE == ["Dark theme"]


def test_nothing_found_says_so(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "qqqq")
    assert titles(palette) == []
    assert palette.current() is None
    assert not palette.list.isVisible()
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_what_was_chosen_lately_comes_first() -> None:
    rows = find("", [COMMANDS], ("Light theme",))
    assert next(row.candidate.title for row in rows if row.candidate) == "Light theme"


def test_many_of_one_kind_leave_room_for_others() -> None:
    many = Provider("Many", "", "", fixed(*(candidate(f"thing {number}") for number in range(50))))
    few = Provider("Few", "", "", fixed(candidate("thing x")))
    found = [row.candidate.title for row in find("thing", [many, few]) if row.candidate]
    assert "thing x" in found
    assert len(found) == 9
    assert len([row for row in find("thing", [many]) if row.candidate]) == 50


def test_the_model_keeps_the_rules_of_qt(qapp: object) -> None:
    model = PaletteModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.replace(find("t", [COMMANDS, DATASETS]))
    assert model.rowCount() > 2
    model.replace(())
    del tester


def test_every_control_has_a_name(palette: Palette) -> None:
    assert nameless_controls(palette) == []
