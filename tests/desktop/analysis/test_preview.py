"""The preview of a request: only what it shows is sent, and only while it is what the chips say."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, closing, contextmanager
from threading import Event
from typing import TYPE_CHECKING

import pytest
from support.analysisdesk import analysis_over, use_model
from support.desks import until
from support.fakechat import FakeChat
from support.feeds import feed_files
from support.qtloop import run_on_qt

from tickreel.analysis import Group
from tickreel.analysis.history import Query, find_history
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.analysis.history import Kept
    from tickreel.store import Cache
    from tickreel_desktop.analysis import PreviewDialog
    from tickreel_desktop.desk import Desk

pytestmark = pytest.mark.long


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def entries(cache: Cache) -> list[Kept]:
    with closing(cache.connect()) as database:
        return find_history(database, Query())


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


def test_who_sends_after_the_day_was_replaced_sends_nothing_and_sees_what_it_is_now(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    with FakeChat() as fake:
        use_model(cache, fake.url)

        async def journey() -> None:
            async with previewed(cache, tmp_path) as (desk, preview):
                control, before = desk.analysis_control, preview.sent_text()
                path, _ = feed_files(tmp_path, messages=500)
                await asyncio.to_thread(cache.import_file, path, replace=True)
                preview.send_button.click()
                await until(lambda: control.preview is not None)
                assert fake.requests == []
                assert entries(cache) == []
                assert "others than those of the preview" in desk.analysis.obstacles.text()
                again = control.preview
                assert again is not None
                text = again.sent_text()
                assert text != before
                await until(lambda: control.conversation.is_idle)
                again.send_button.click()
                await until(lambda: bool(fake.requests) and control.conversation.is_idle)
                assert [one.raw.decode() for one in fake.requests] == [text]

        run_on_qt(qapp, journey())


@pytest.mark.parametrize("is_previewed", [True, False])
def test_nothing_goes_to_a_server_that_was_set_meanwhile_and_not_shown(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_previewed: bool
) -> None:
    monkeypatch.setenv("TICKREEL_LLM_API_KEY", "sk-preview-0123456789abcdef")
    with FakeChat() as shown, FakeChat() as other:
        use_model(cache, shown.url)

        async def journey() -> None:
            async with previewed(cache, tmp_path) as (desk, preview):
                control = desk.analysis_control
                if not is_previewed:
                    preview.reject()
                use_model(cache, other.url)  # by another window: this one has not heard of it
                button = preview.send_button if is_previewed else desk.analysis.ask.send_button
                button.click()
                await until(lambda: control.preview is not None and control.preview is not preview)
                assert (shown.requests, other.requests) == ([], [])
                assert f"The server is {other.url} by now" in desk.analysis.obstacles.text()
                again = control.preview
                assert again is not None
                assert f"POST {other.url}/chat/completions" in again.body.toPlainText()
                await until(lambda: control.conversation.is_idle)
                again.send_button.click()
                await until(lambda: bool(other.requests) and control.conversation.is_idle)
                assert shown.requests == []

        run_on_qt(qapp, journey())
