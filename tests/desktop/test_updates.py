"""The window looks for a newer version once a day, for those who want it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

import pytest
from support.releasepage import ReleasePage, release_page, told_release

from tickreel.settings import load
from tickreel_desktop.updates import look_for_update

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tickreel_desktop.components import Message, MessageAction
    from tickreel_desktop.telling import Teller


class _Told:
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, list[str]]] = []

    def say(self, message: Message, actions: Sequence[MessageAction]) -> None:
        self.said.append((message.heading, [action.text for action in actions]))


@pytest.fixture
def page() -> Iterator[ReleasePage]:
    with release_page() as server:
        yield server


def _look(home: Path, url: str, told: _Told, *, wanted: str = "true") -> None:
    environ = {"TICKREEL_UPDATES_CHECK": wanted, "TICKREEL_UPDATES_URL": url}
    settings = load(home, environ=environ, policy_path=home.parent / "none")
    asyncio.run(look_for_update(home, settings, cast("Teller", told)))


def test_nothing_is_asked_of_anybody_who_has_not_asked_for_it(home: Path, page: ReleasePage) -> None:
    told = _Told()
    _look(home, page.url, told, wanted="false")
    assert (page.asked, told.said) == ([], [])
    assert not (home / "desktop").exists()


def test_a_newer_version_is_told_once_and_asked_for_once_a_day(
    home: Path, page: ReleasePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _Told()
    now_s = [1_000_000.0]
    monkeypatch.setattr("tickreel_desktop.updates.time.time", lambda: now_s[0])
    page.body = told_release("v99.1")
    for _ in range(3):
        _look(home, page.url, told)
    assert told.said == [("Tickreel 99.1 is there", ["What is new"])]
    assert len(page.asked) == 1
    now_s[0] += 86_401
    _look(home, page.url, told)
    assert (len(page.asked), len(told.said)) == (2, 1), "asked anew, and the same version is not told twice"
    page.body = told_release("v99.2")
    now_s[0] += 86_401
    _look(home, page.url, told)
    assert [heading for heading, _ in told.said][1:] == ["Tickreel 99.2 is there"]


@pytest.mark.logs_warnings
def test_a_server_that_fails_disturbs_nobody_and_is_asked_again(
    home: Path, page: ReleasePage, caplog: pytest.LogCaptureFixture
) -> None:
    told = _Told()
    page.status = 500
    with caplog.at_level(logging.WARNING):
        _look(home, page.url, told)
    assert told.said == []
    assert "no newer version could be looked for" in caplog.text
    page.status, page.body = 200, told_release("v99.1")
    _look(home, page.url, told)
    assert len(told.said) == 1
