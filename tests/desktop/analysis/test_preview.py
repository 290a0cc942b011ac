"""The preview of a request: only what it shows is sent, and only while it is what the chips say."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from threading import Event
from typing import TYPE_CHECKING

import pytest
from support.analysisdesk import analysis_over, use_model
from support.desks import until
from support.fakechat import FakeChat
from support.qtloop import run_on_qt

from tickreel.analysis import Group
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.analysis import PreviewDialog
    from tickreel_desktop.desk import Desk


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


@asynccontextmanager
async def previewed(cache: Cache, folder: Path) -> AsyncIterator[tuple[Desk, PreviewDialog]]:
    """Open the preview of what is in view."""
    async with analysis_over(cache, folder) as desk:
        await until(lambda: Group.TRADES in desk.scope.groups)
        desk.actions["analysis.preview"].trigger()
        await until(lambda: desk.analysis_control.preview is not None)
        preview = desk.analysis_control.preview
        assert preview is not None
        await until(lambda: desk.analysis_control.conversation.is_idle)
        yield desk, preview


@contextmanager
def measuring_held(desk: Desk) -> Iterator[None]:
    """Let nothing be measured or sent by the panel meanwhile."""
    over = Event()
    desk.analysis_control.conversation.caller._worker.submit(over.wait)
    try:
        yield
    finally:
        over.set()


def test_what_was_taken_away_is_not_sent_however_fast_it_was(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with previewed(cache, tmp_path) as (desk, preview):
                talk = desk.analysis_control.conversation
                with measuring_held(desk):
                    preview.facts.part_removed.emit(Group.MOVEMENT)
                    assert not preview.send_button.isEnabled()
                    preview.send_button.click()
                    preview.facts.part_removed.emit(Group.TRADES)
                    assert desk.analysis_control.preview is preview
                await until(lambda: preview.send_button.isEnabled())
                told = " ".join(preview.facts.parts())
                assert "Movement" not in told
                assert "Trades" not in told
                assert "Spread" in told
                text = preview.sent_text()
                preview.send_button.click()
                await until(lambda: bool(fake.requests) and talk.is_idle)
                assert [one.raw.decode() for one in fake.requests] == [text]
                assert talk.analysis is not None
                groups = talk.analysis.kept.groups
                assert groups is not None
                assert {Group.MOVEMENT, Group.TRADES}.isdisjoint(groups)

        run_on_qt(qapp, journey())


def test_a_preview_that_was_left_does_not_come_back(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with previewed(cache, tmp_path) as (desk, preview):
                control = desk.analysis_control
                with measuring_held(desk):
                    preview.facts.part_removed.emit(Group.MOVEMENT)
                    preview.offline_button.click()
                    assert control.preview is None
                await until(lambda: control.conversation.is_idle and desk.analysis.result.is_complete)
                assert control.preview is None
                assert control.conversation.analysis is not None
                assert control.conversation.analysis.kept.call.model == "offline"
                assert fake.requests == []

        run_on_qt(qapp, journey())
