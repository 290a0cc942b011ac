"""The charts of a replay together: they get frames, and what they ask for; they stand where there is room."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.qtloop import run_on_qt

from tickreel.store import open_cache
from tickreel_desktop.replay.charttable import TableTwin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


async def stand_at(desk: Desk, at_us: int) -> None:
    """Open the walk, and wait until its heatmap has come."""
    player = await desk.operations.open_link(f"tickreel://replay/{EXCHANGE}/{SYMBOL}?at={at_us}")
    assert player is not None
    player.pause()
    player.seek(at_us)
    heatmap = desk.replay.panels.heatmap
    await until(lambda: heatmap.cells is not None and player.frame is not None)
    await until(lambda: player.frame is not None and player.frame.at_us == at_us)


def test_all_charts_show_one_moment_and_ask_for_their_views_together(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, _ = import_walk(cache, tmp_path)
    at_us = start_us + 30_000_000

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await stand_at(desk, at_us)
            player, panels = desk.opener.player, desk.replay.panels
            assert player is not None
            assert player.frame is not None
            shown = player.frame.symbols[0]
            assert shown.heat is not None, "the heatmap asked for columns"
            assert shown.balance is not None, "and the strips for the balance, with the same jump"
            assert desk.replay.shared.now_us == at_us
            book = cache.book(EXCHANGE, SYMBOL, at_us)
            assert book.best_bid is not None
            panels.ladder.set_multiple(1)
            bids = {float(row[0]): float(row[1]) for row in panels.ladder.table().rows if float(row[1])}
            assert (max(bids), bids[max(bids)]) == book.best_bid
            panels.bring("figures")
            await until(lambda: panels.figures.value("Mid") != "")
            assert len(panels.tape.table().rows) == 31, "a trade a second up to the moment"
            assert panels.strips.table().rows
            await desk.opener.close()
            assert panels.ladder.table().rows == ()

    run_on_qt(qapp, journey())


def test_the_present_stands_in_two_columns_or_behind_one_choice(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, _ = import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await stand_at(desk, start_us + 5_000_000)
            panels = desk.replay.panels
            present = (panels.ladder, panels.depth_chart, panels.figures, panels.tape)
            assert [chart.isVisible() for chart in present] == [True, False, False, False]
            panels.bring("tape")
            assert [chart.isVisible() for chart in present] == [False, False, False, True]
            desk.window.resize(1920, 1080)
            desk.window.show_panel("analysis", is_open=False)
            await until(lambda: all(chart.isVisible() for chart in present))
            desk.window.resize(1280, 800)
            await until(lambda: [chart.isVisible() for chart in present] == [False, False, False, True])

    run_on_qt(qapp, journey())


def test_every_panel_is_written_as_figures_picture_and_drawing(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, _ = import_walk(cache, tmp_path)
    found = {"heatmap": "100", "strips": "Imbalance", "ladder": "Price", "depth_chart": "100.0"}
    found |= {"figures": "Microprice", "tape": "buy"}

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await stand_at(desk, start_us + 20_000_000)
            stage, panels = desk.replay.stage, desk.replay.panels
            desk.window.resize(1920, 1080)
            desk.window.show_panel("analysis", is_open=False)
            await until(lambda: all(chart.isVisible() and chart.height() > 100 for chart in panels.all))
            for name in found:
                for form in ("csv", "png", "svg"):
                    stage.write(getattr(panels, name), tmp_path / f"{name}.{form}")
            paths = [tmp_path / f"{name}.{form}" for name in found for form in ("csv", "png", "svg")]
            toasts = desk.window.toasts.visible_messages
            await until(lambda: all(path.exists() for path in paths))
            await until(
                lambda: not any(QImage(str(path)).isNull() for path in paths if path.suffix == ".png")
            )
            assert not any("cannot" in each.text for each in toasts())

    run_on_qt(qapp, journey())
    for name, word in found.items():
        assert len((tmp_path / f"{name}.csv").read_text().splitlines()) > 1, name
        drawing = ElementTree.parse(tmp_path / f"{name}.svg")
        words = {
            "".join(each.itertext()).strip() for each in drawing.iter("{http://www.w3.org/2000/svg}text")
        }
        assert any(word in each for each in words), (name, "is drawn with letters")


def test_the_focused_chart_is_written_and_shown_as_a_table(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    start_us, _ = import_walk(cache, tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await stand_at(desk, start_us + 20_000_000)
            stage, panels = desk.replay.stage, desk.replay.panels
            cells, ladder, picture = (tmp_path / name for name in ("cells.csv", "ladder.csv", "strips.png"))
            stage.write(panels.heatmap, cells)
            stage.write(panels.ladder, ladder)
            stage.write(panels.strips, picture)
            await until(lambda: all(path.exists() for path in (cells, ladder, picture)))
            with cells.open() as file:
                assert next(csv.reader(file)) == ["time_us", "price", "bid", "ask"]
            with ladder.open() as file:
                assert [tuple(row) for row in csv.reader(file)][1:] == list(panels.ladder.table().rows)
            await until(lambda: not QImage(str(picture)).isNull())  # it is there before it is whole
            stage.write(panels.tape, tmp_path / "there is none" / "tape.csv")
            messages = desk.window.toasts.visible_messages
            await until(lambda: any("choose another folder" in each.text for each in messages()))
            panels.ladder.setFocus()
            desk.actions["replay.table"].trigger()
            twin = desk.window.findChild(TableTwin)
            assert twin is not None
            assert twin.rows.model().rowCount() == len(panels.ladder.table().rows)
            assert isinstance(twin, QDialog)
            twin.reject()

    run_on_qt(qapp, journey())
