"""What is in view of the analyst follows what is in front, while anybody looks, once for many changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.analysisdesk import analysis_over
from support.desks import until
from support.feeds import EXCHANGE, OTHER, SYMBOL, import_other
from support.qtloop import run_on_qt

from tickreel.market.types import DatasetKey, DataType
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache

WALK, OTHERS = (DatasetKey(EXCHANGE, each, DataType.INCREMENTAL_BOOK_L2) for each in (SYMBOL, OTHER))
WALK_NAME, OTHERS_NAME = (f"{EXCHANGE} {each}" for each in (SYMBOL, OTHER))


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        import_other(opened, tmp_path)
        yield opened


def test_a_hidden_panel_is_left_alone_and_says_what_is_selected_once_it_is_shown(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            data, chips, changes = desk.data, desk.analysis.chips, list[str]()
            await desk.opener.close()
            desk.window.go_to("data")
            desk.window.show_panel("analysis")
            await until(lambda: data.selected_row is not None and desk.analysis.isVisible())
            data.select(OTHERS)
            await until(lambda: chips.texts()[:1] == [OTHERS_NAME])
            data.select(WALK)
            await until(lambda: chips.texts()[:1] == [WALK_NAME])
            desk.window.show_panel("analysis", is_open=False)
            await until(lambda: not desk.analysis.isVisible())
            desk.scope.changed.connect(lambda: changes.append("hidden"))
            for key in (OTHERS, WALK, OTHERS):
                data.select(key)
                await asyncio.sleep(0.05)
            assert changes == []
            assert desk.actions["analysis.ask"].isEnabled()
            desk.window.show_panel("analysis")
            await until(lambda: chips.texts()[:1] == [OTHERS_NAME])

    run_on_qt(qapp, journey())


def test_many_changes_at_once_are_looked_at_once(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    async def journey() -> None:
        async with analysis_over(cache, tmp_path) as desk:
            data, chips, seen = desk.data, desk.analysis.chips, list[str]()
            await desk.opener.close()
            desk.window.go_to("data")
            desk.window.show_panel("analysis")
            await until(lambda: data.selected_row is not None and desk.analysis.isVisible())
            data.select(OTHERS)
            await until(lambda: chips.texts()[:1] == [OTHERS_NAME])
            data.select(WALK)
            await until(lambda: chips.texts()[:1] == [WALK_NAME])

            def note() -> None:
                subject = desk.scope.subject
                assert subject is not None
                seen.append(subject.symbol)

            desk.scope.changed.connect(note)
            for key in (OTHERS, WALK, OTHERS):
                data.select(key)
            assert seen == []
            await until(lambda: chips.texts()[:1] == [OTHERS_NAME])
            assert set(seen) == {OTHER}

    run_on_qt(qapp, journey())
