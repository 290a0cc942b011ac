"""Panels of a replay are hidden and shown: in both arrangements, by menu, by set-up and by layout."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QSplitter, QToolButton, QWidget
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.qtloop import run_on_qt

from tickreel.store import open_cache
from tickreel_desktop.replay.panel_choice import FIRST_SHOWN
from tickreel_desktop.replay.strips import StripKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.panels import ReplayPanels
    from tickreel_desktop.replay.setup_dialog import ReplaySetupDialog

pytestmark = pytest.mark.long

PAIR = (EXCHANGE, SYMBOL)


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        import_walk(opened, tmp_path)
        yield opened


async def opened(desk: Desk, size: tuple[int, int]) -> ReplayPanels:
    """Open the walk in a window of a size, and hold it."""
    player = await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}")
    assert player is not None
    player.pause()
    desk.window.show_panel("analysis", is_open=False)
    desk.window.resize(*size)
    panels = desk.replay.panels
    await until(lambda: panels.ladder.isVisible() and panels.heatmap.cells is not None)
    return panels


async def asked(desk: Desk) -> ReplaySetupDialog:
    await until(lambda: desk.setup.dialog is not None and desk.setup.dialog.isVisible())
    assert desk.setup.dialog is not None
    return desk.setup.dialog


def seen(panels: ReplayPanels) -> list[str]:
    """Name those of the present that are on screen."""
    charts: dict[str, QWidget] = {
        "ladder": panels.ladder,
        "depth": panels.depth_chart,
        "figures": panels.figures,
        "tape": panels.tape,
    }
    return [key for key, chart in charts.items() if chart.isVisible()]


def tabs(panels: ReplayPanels) -> list[str]:
    """Name the tabs that are on screen."""
    return [
        made.text()
        for made in panels.findChildren(QToolButton)
        if made.isVisible() and made.accessibleName().startswith("What of the present is in view: ")
    ]


def test_a_hidden_column_gives_its_room_to_the_charts(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            panels = await opened(desk, (1920, 1080))
            await until(lambda: len(seen(panels)) == 4)
            before, tape = panels.heatmap.width(), panels.tape.height()
            toggle = desk.actions["replay.depth"]
            toggle.trigger()
            await until(lambda: seen(panels) == ["ladder", "figures", "tape"])
            assert not toggle.isChecked()
            await until(lambda: panels.tape.height() > tape)
            assert panels.heatmap.width() == before
            for verb in ("figures", "tape"):
                desk.actions[f"replay.{verb}"].trigger()
            await until(lambda: seen(panels) == ["ladder"] and panels.heatmap.width() > before + 200)
            desk.actions["replay.ladder"].trigger()
            await until(lambda: panels.heatmap.width() > before + 450)
            assert seen(panels) == []
            for verb in ("tape", "ladder", "depth", "figures"):
                desk.actions[f"replay.{verb}"].trigger()
            await until(lambda: len(seen(panels)) == 4 and panels.heatmap.width() <= before + 20)
            assert panels.ladder.width() > 200, "it has its room again"
            assert toggle.isChecked()

    run_on_qt(qapp, journey())


def test_the_strips_offer_their_menu_where_it_is_asked_for(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    popped: list[tuple[QMenu, QPoint]] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: popped.append((menu, place)))

    async def journey() -> None:
        async with desk_over(cache) as desk:
            panels = await opened(desk, (1920, 1080))
            at, here = QPoint(700, 500), QPoint(20, 20)
            asking = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, here, at)
            QApplication.sendEvent(panels.strips.viewport(), asking)
            [(menu, place)] = popped
            assert place == at
            flow = next(action for action in menu.actions() if action.text() == "Trade flow")
            was_shown = flow.isChecked()
            flow.trigger()
            assert (StripKind.FLOW in {strip.kind for strip in panels.strips.shown}) is not was_shown
            menu.close()

    run_on_qt(qapp, journey())


def test_the_tab_of_a_hidden_panel_goes(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            panels = await opened(desk, (1280, 800))
            assert (seen(panels), tabs(panels)) == (["ladder"], ["Ladder", "Depth", "Cursor", "Trades"])
            desk.actions["replay.ladder"].trigger()
            await until(lambda: seen(panels) == ["depth"] and tabs(panels) == ["Depth", "Cursor", "Trades"])
            [first] = [made for made in panels.findChildren(QToolButton) if made.text() == "Depth"]
            panels.set_shown("tape", is_shown=False)
            QTest.keyClick(first, Qt.Key.Key_End)
            assert seen(panels) == ["figures"], "the keys go past what is hidden"
            width = panels.heatmap.width()
            panels.choose(frozenset({"spread"}))
            await until(lambda: panels.heatmap.width() > width + 200)
            assert seen(panels) == tabs(panels) == []
            panels.cover_present(is_covered=True)
            panels.cover_present(is_covered=False)
            await until(lambda: panels.heatmap.width() > width + 200)
            assert panels._tabbed.isHidden(), "nothing is left that could be covered"
            desk.window.resize(1920, 1080)
            await until(lambda: panels.width() > 1700)
            assert seen(panels) == []
            panels.set_shown("tape", is_shown=True)
            await until(lambda: seen(panels) == ["tape"])
            desk.window.resize(1280, 800)
            await until(lambda: panels.width() < 1300 and tabs(panels) == ["Trades"])
            assert seen(panels) == ["tape"]

    run_on_qt(qapp, journey())


def test_what_is_hidden_is_not_drawn_and_is_right_when_it_is_shown(
    qapp: QApplication, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            panels = await opened(desk, (1920, 1080))
            await until(lambda: len(seen(panels)) == 4)
            drawn: list[str] = []

            def told(name: str, renew: Callable[[], object]) -> None:
                drawn.append(name)
                renew()

            for name, chart in (("depth", panels.depth_chart), ("ladder", panels.ladder)):
                monkeypatch.setattr(chart, "_renew", partial(told, name, chart._renew))
            panels.set_shown("depth", is_shown=False)
            drawn.clear()
            player = desk.opener.player
            assert player is not None
            at_us = player.request.start_us + 20_000_000
            player.seek(at_us)
            await until(lambda: desk.replay.shared.now_us == at_us and "ladder" in drawn)
            assert "depth" not in drawn
            panels.set_shown("depth", is_shown=True)
            await until(lambda: "depth" in drawn)
            best = cache.book(EXCHANGE, SYMBOL, at_us).best_bid
            assert best is not None
            bids = [row for row in panels.depth_chart.table().rows if row[0] == "bid"]
            assert max(float(row[1]) for row in bids) == best[0]

    run_on_qt(qapp, journey())


def test_a_set_up_brings_its_panels_back(qapp: QApplication, cache: Cache) -> None:
    file = cache.home / "desktop" / "replays.json"
    wanted = frozenset({"ladder", "tape", "imbalance", "flow"})

    async def first() -> None:
        async with desk_over(cache) as desk:
            panels = await opened(desk, (1280, 800))
            panels.set_shown("depth", is_shown=False)
            await desk.setup.set_up_again()
            dialog = await asked(desk)
            assert dialog.panels.choice() == FIRST_SHOWN - {"depth"}, "what is shown now"
            for key in ("figures", "flow", "spread"):
                dialog.panels.boxes[key].click()
            desk.setup.saved.save("Two panels", dialog.plan(), dialog.panels.choice())
            player = desk.opener.player
            dialog.open_button.click()
            await until(lambda: desk.opener.player not in (None, player) and panels.choice() == wanted)
            await until(lambda: tabs(panels) == ["Ladder", "Trades"])

    async def second() -> None:
        async with desk_over(cache) as desk:
            panels = desk.replay.panels
            await opened(desk, (1280, 800))
            assert panels.choice() == wanted, "as the workspace was left"
            panels.choose(FIRST_SHOWN)
            desk.window.go_to("data")
            player = desk.opener.player
            desk.setup.open_saved("Two panels")
            await until(lambda: desk.opener.player not in (None, player) and panels.choice() == wanted)
            panels.choose(FIRST_SHOWN)
            await desk.setup.set_up_again()
            dialog = await asked(desk)
            dialog.saved.names.setCurrentIndex(1)
            dialog.saved.names.activated.emit(1)
            await until(lambda: dialog.panels.choice() == wanted)
            dialog.saved.deleted.emit("Two panels")
            dialog.saved.undo_action.trigger()
            setup = desk.setup.saved.setup("Two panels")
            assert setup is not None
            assert setup.choice == wanted

    async def third() -> None:
        async with desk_over(cache) as desk:
            panels = await opened(desk, (1280, 800))
            panels.choose(frozenset({"ladder", "prices"}))
            player = desk.opener.player
            desk.setup.open_saved("Two panels")
            await until(lambda: desk.opener.player not in (None, player))
            again = desk.opener.player
            await until(lambda: again is not None and again.frame is not None)
            await desk.setup.set_up_again()
            dialog = await asked(desk)
            assert panels.choice() == dialog.panels.choice() == {"ladder", "prices"}, "left as they are"

    run_on_qt(qapp, first())
    run_on_qt(qapp, second())
    kept = json.loads(file.read_bytes())
    assert kept["saved"]["Two panels"]["panels"] == sorted(wanted)
    for each in (*kept["saved"].values(), kept["last"]):
        each.pop("panels")
    file.write_text(json.dumps(kept))  # as an earlier version wrote it
    run_on_qt(qapp, third())


def test_a_layout_keeps_which_panels_are_shown(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            panels = await opened(desk, (1280, 800))
            [menu] = [menu for menu in desk.window.findChildren(QMenu) if menu.title() == "Panels"]
            assert [action.isChecked() for action in menu.actions()] == [True] * 4
            menu.actions()[1].trigger()
            panels.choose(frozenset({"ladder", "flow"}))
            assert [action.isChecked() for action in menu.actions()] == [True, False, False, False]
            desk.layout_control.save("Ladder alone")
            desk.layout_control.choose("Default")
            assert panels.choice() == FIRST_SHOWN
            desk.layout_control.choose("Ladder alone")
            assert panels.choice() == {"ladder", "flow"}
            for broken in (b"", b"{}", b"\xff"):
                assert not panels.restoreState(QByteArray(broken))
            assert panels.choice() == {"ladder", "flow"}
            assert panels.restoreState(QByteArray(b'["ladder", "imbalance", "of later", 3]'))
            assert panels.choice() == {"ladder", "imbalance"}

    run_on_qt(qapp, journey())


def test_a_layout_that_is_reset_gives_the_charts_the_room_of_the_beginning(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            panels = await opened(desk, (1920, 1080))
            await until(lambda: "tape" in seen(panels))
            splitters = [
                each for each in panels.findChildren(QSplitter) if each.objectName().startswith("layout.")
            ]
            assert len(splitters) == 2

            def sizes() -> list[list[int]]:
                return [each.sizes() for each in splitters]

            desk.layout_control.reset()
            first = sizes()
            splitters[0].setSizes([400, 300, 300])
            splitters[1].setSizes([400, 120, 120])
            moved = sizes()
            assert all(one != other for one, other in zip(first, moved, strict=True))
            desk.layout_control.reset()
            assert sizes() == first
            desk.actions["edit.undo"].trigger()
            await until(lambda: sizes() == moved)
            desk.layout_control.reset()
            assert sizes() == first

    run_on_qt(qapp, journey())
