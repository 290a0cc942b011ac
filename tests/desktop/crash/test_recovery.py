"""After a crash: what is kept is said, and one can go on; the mark is kept up to date meanwhile."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel
from support.accessibility import nameless_controls
from support.qtloop import run_on_qt

from tickreel.market.zone import UTC_ZONE, Zone
from tickreel.session import Interrupted, Session, marker_path
from tickreel_desktop.crash import RecoveryCard, SessionKeeper
from tickreel_desktop.crash.recovery import heading_of, kept_words
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

LINK = "tickreel://replay/binance/BTCUSDT?at=2024-07-18T12:00:00.5Z"
SEEN_US = 1_721_304_396_412_204  # 2024-07-18 12:06:36
DAY_US = 86_400_000_000


def interrupted(link: str | None = LINK) -> Interrupted:
    return Interrupted(7, SEEN_US - DAY_US, SEEN_US, "replay", link)


def test_the_heading_says_when_and_the_day_only_if_it_is_another() -> None:
    assert heading_of(interrupted(), SEEN_US + 1, UTC_ZONE) == "Tickreel closed unexpectedly at 12:06 UTC"
    later = heading_of(interrupted(), SEEN_US + DAY_US, UTC_ZONE)
    assert later == "Tickreel closed unexpectedly on 2024-07-18 at 12:06 UTC"


def test_day_and_time_are_those_of_the_display_zone() -> None:
    auckland = Zone.named("Pacific/Auckland")  # twelve hours ahead, where it is the 19th already
    now_us = SEEN_US + DAY_US // 4
    assert heading_of(interrupted(), now_us, auckland) == "Tickreel closed unexpectedly at 00:06 NZST"
    later = heading_of(interrupted(), SEEN_US + DAY_US, auckland)
    assert later == "Tickreel closed unexpectedly on 2024-07-19 at 00:06 NZST"
    words = kept_words(interrupted(), 0, auckland)
    assert words.endswith("The replay of binance BTCUSDT at 2024-07-19 00:00:00 NZST can go on.")


def test_a_card_follows_another_display_zone(qtbot: QtBot, theme: Theme, zone: DisplayZone) -> None:
    card = RecoveryCard(theme, zone, interrupted(), now_us=SEEN_US + 1)
    qtbot.addWidget(card)
    assert "at 12:06 UTC" in card.accessibleName()
    zone.set_name("Europe/London")
    assert "at 13:06 BST" in card.accessibleName()
    assert any("13:06 BST" in each.text() for each in card.findChildren(QLabel))


@pytest.mark.parametrize(
    ("link", "jobs", "words"),
    [
        (None, 0, "Nothing that was stored is lost."),
        (None, 1, "Nothing that was stored is lost. A fetch job is still in the queue."),
        ("tickreel://data", 3, "Nothing that was stored is lost. 3 fetch jobs are still in the queue."),
        (
            LINK,
            0,
            "Nothing that was stored is lost. "
            "The replay of binance BTCUSDT at 2024-07-18 12:00:00 UTC can go on.",
        ),
        ("tickreel://nowhere", 0, "Nothing that was stored is lost."),
    ],
)
def test_what_is_kept_is_said_in_words(link: str | None, jobs: int, words: str) -> None:
    assert kept_words(interrupted(link), jobs, UTC_ZONE) == words


def test_going_on_opens_the_link_and_the_card_goes(qtbot: QtBot, theme: Theme, zone: DisplayZone) -> None:
    card = RecoveryCard(theme, zone, interrupted(), fetch_jobs=3)
    qtbot.addWidget(card)
    card.show()
    assert nameless_controls(card) == []
    with qtbot.waitSignal(card.diagnostics_requested):
        card.save_button.click()
    assert card.isVisible(), "it still waits for its answer"
    with qtbot.waitSignals([card.go_on_requested, card.closed], order="strict"):
        card.go_on_button.click()
    assert not card.isVisible()


def test_starting_afresh_opens_nothing(qtbot: QtBot, theme: Theme, zone: DisplayZone) -> None:
    card = RecoveryCard(theme, zone, interrupted())
    qtbot.addWidget(card)
    card.show()
    opened: list[str] = []
    card.go_on_requested.connect(opened.append)
    with qtbot.waitSignal(card.closed):
        card.afresh_button.click()
    assert opened == []
    assert not card.isVisible()


@pytest.mark.parametrize("link", [None, "tickreel://nowhere"])
def test_without_a_replay_there_is_nothing_to_choose(
    qtbot: QtBot, theme: Theme, zone: DisplayZone, link: str | None
) -> None:
    card = RecoveryCard(theme, zone, interrupted(link))
    qtbot.addWidget(card)
    card.show()
    opened: list[str] = []
    card.go_on_requested.connect(opened.append)
    assert not card.afresh_button.isVisible()
    with qtbot.waitSignal(card.closed):
        card.go_on_button.click()
    assert opened == []


def test_the_keeper_notes_what_is_open_and_takes_the_mark_away(qapp: QApplication, home: Path) -> None:
    opened: tuple[str, str | None] = ("data", None)

    async def journey() -> None:
        nonlocal opened
        failures: list[BaseException] = []
        tasks = Tasks(failures.append)
        keeper = SessionKeeper(Session(home), tasks, lambda: opened)
        assert await keeper.begin() is None
        opened = ("replay", LINK)
        keeper.note()
        keeper.note()
        while json.loads(marker_path(home).read_bytes())["link"] != LINK:
            await asyncio.sleep(0.01)
        await tasks.close()
        await keeper.end()
        assert not marker_path(home).exists()
        assert failures == []

    run_on_qt(qapp, journey())
