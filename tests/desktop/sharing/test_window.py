"""The shared cache in the whole window, over a real server: seen once it is set, tested, lost and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from support.accessibility import nameless_controls
from support.desks import desk_over, until
from support.qtloop import run_on_qt
from support.redisserver import RedisServer

from tickreel.keys import KeyName, keep_for_session
from tickreel.settings import load, save
from tickreel.store import Cache, open_cache
from tickreel_desktop import offers
from tickreel_desktop.components import Banner, BannerKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication, QPushButton

    from tickreel_desktop.desk import Desk
    from tickreel_desktop.sharing import SharedCard

pytestmark = pytest.mark.long

SHARED = {"data.shared", "data.shared_use", "data.warm", "data.drop"}


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def set_shared(home: Path, url: str, **more: Any) -> None:
    save(home, {"shared.url": url} | {f"shared.{name}": value for name, value in more.items()})


def has_tier(cache: Cache) -> bool:
    return cache.farther is not None


def press(button: QPushButton | None) -> None:
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def card_of(desk: Desk) -> SharedCard:
    desk.actions["data.shared"].trigger()
    await until(lambda: desk.shared_control.card is not None and desk.shared_control.card.isVisible())
    assert desk.shared_control.card is not None
    return desk.shared_control.card


def offered(desk: Desk) -> set[str]:
    return {candidate.id for candidate in offers.commands(desk.actions).offer("")}


def test_nothing_of_it_is_seen_before_one_is_set(
    qapp: QApplication, cache: Cache, server: RedisServer
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            assert not desk.window.status.shared.isVisible()
            assert not SHARED & offered(desk)
            shown = [action for action in desk.actions.menus["Data"].actions() if action.isVisible()]
            assert not any("shared" in action.text().lower() for action in shown)
            assert not has_tier(cache)

            desk.settings_control.dialog.keeper.change("shared.url", server.url)
            await until(desk.window.status.shared.isVisible)
            await until(lambda: "connected" in desk.window.status.shared.text())
            assert offered(desk) >= SHARED
            assert has_tier(cache)

            desk.settings_control.dialog.keeper.change("shared.url", None)
            await until(lambda: not desk.window.status.shared.isVisible())
            assert not SHARED & offered(desk)
            assert not has_tier(cache)

    run_on_qt(qapp, journey())


def test_the_card_tells_of_the_server_and_tests_it(
    qapp: QApplication, cache: Cache, server: RedisServer
) -> None:
    set_shared(cache.home, server.url)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await until(lambda: "connected" in desk.window.status.shared.text())
            press(desk.window.status.shared)
            card = await card_of(desk)
            await until(lambda: card.figures.value("Server").startswith("Redis "))
            assert card.figures.value("Breaker") == "closed"
            assert card.figures.value("Answers in")
            assert nameless_controls(card) == []
            press(card.test_button)
            await until(lambda: card.test_button.isEnabled() and "Testing" not in card.verdict())
            # Debian's server has no limit of memory: a warning would be one of its policy.
            assert "all that a shared cache has to" in card.verdict()
            assert "Grants leases: yes" in card.steps.text()
            with server.admin() as admin:
                assert admin.dbsize() == 0, "a test leaves nothing there"
            QTest.keyClick(card, Qt.Key.Key_Escape)
            await until(lambda: desk.shared_control.card is None)

    run_on_qt(qapp, journey())


def test_a_server_that_dies_while_the_card_is_open_is_named_and_found_again(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey(server: RedisServer) -> None:
        async with desk_over(cache) as desk:
            card = await card_of(desk)
            await until(lambda: card.heading() == "Connected")
            server.kill()
            await until(lambda: card.heading() == "No server answers")
            assert card.banner.isVisible()
            assert "left alone" in card.banner.text()
            assert card.banner.action_button is not None
            assert card.banner.action_button.text() == "Try now"
            assert card.figures.value("Breaker").startswith("open, next try in ")
            assert "not reached" in desk.window.status.shared.text()
            assert card.figures.value("Server").startswith("Redis "), "what was known of it stays"
            press(card.test_button)
            await until(lambda: card.test_button.isEnabled() and "Testing" not in card.verdict())
            assert card.verdict().startswith("Reached: ")
            server.start()
            press(card.banner.action_button)
            await until(lambda: card.heading() == "Connected")
            assert not card.banner.isVisible()

    with RedisServer() as server:
        set_shared(cache.home, server.url, failures=1, recovery_s=600.0)
        run_on_qt(qapp, journey(server))


def test_a_breaker_that_is_over_closes_by_itself_and_the_loss_is_told_once(
    qapp: QApplication, cache: Cache
) -> None:
    async def journey(server: RedisServer) -> None:
        async with desk_over(cache) as desk:
            status = desk.window.status.shared
            await until(lambda: "connected" in status.text())
            server.kill()
            desk.shared_control.watch.look_now()
            await until(lambda: "not reached" in status.text())
            told = [kept.message.heading for kept in desk.window.toasts.kept()]
            assert told == ["Shared cache: no server answers"]
            server.start()
            await until(lambda: "connected" in status.text())
            assert len(desk.window.toasts.kept()) == 1

    with RedisServer() as server:
        set_shared(cache.home, server.url, failures=1, recovery_s=0.5)
        run_on_qt(qapp, journey(server))


def test_a_wrong_password_is_named_and_a_right_one_holds_at_once(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            card = await card_of(desk)
            await until(lambda: card.heading() == "It refuses user or password")
            assert card.banner.property("kind") == str(BannerKind.ERROR)
            assert "swordfish" not in "".join(banner.text() for banner in card.findChildren(Banner))
            press(card.banner.action_button)
            dialog = desk.settings_control.dialog
            await until(dialog.isVisible)
            assert desk.shared_control.card is None
            row = dialog.shared_key_row
            await until(lambda: row.set_button.isVisible() and row.set_button.text() == "Replace")
            press(row.set_button)
            assert row.entry is not None
            QTest.keyClicks(row.entry.field, "swordfish")
            press(row.entry.keep_button)
            await until(lambda: "connected" in desk.window.status.shared.text())
            assert dialog.connection_row.note() == "Connected"
            press(dialog.connection_row.open_button)
            await until(lambda: desk.shared_control.card is not None)

    keep_for_session(KeyName.REDIS, "wrong")
    with RedisServer(password="swordfish") as server:
        set_shared(cache.home, server.url)
        run_on_qt(qapp, journey())


def test_days_are_kept_here_alone_by_a_switch_that_can_be_undone(
    qapp: QApplication, cache: Cache, server: RedisServer
) -> None:
    set_shared(cache.home, server.url)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            action = desk.actions["data.shared_use"]
            await until(lambda: has_tier(cache))
            assert action.isChecked()
            assert desk.actions.command("data.shared_use") == 'tickreel settings set shared.tiers "local"'
            action.trigger()
            await until(lambda: not has_tier(cache))
            assert load(cache.home).values.shared.tiers == "local"
            await until(lambda: "not used" in desk.window.status.shared.text())
            card = await card_of(desk)
            assert card.tiers.value() == "local"
            press(card.test_button)
            await until(lambda: "all that a shared cache has to" in card.verdict())
            press(card.banner.action_button)
            await until(lambda: has_tier(cache) and card.tiers.value() == "local + shared")
            card.reject()
            await until(lambda: desk.undo.undo_text.startswith("Change of"))
            desk.undo.undo()
            await until(lambda: not has_tier(cache) and not action.isChecked())

    run_on_qt(qapp, journey())


def test_a_choice_that_the_environment_has_made_is_not_offered(
    qapp: QApplication, cache: Cache, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    monkeypatch.setenv("TICKREEL_TIERS", "local")

    async def journey() -> None:
        async with desk_over(cache) as desk:
            card = await card_of(desk)
            assert not card.tiers.isEnabled()
            doing = desk.actions.doing("data.shared_use")
            assert (doing.is_possible, doing.reason) == (False, "Set by the environment.")

    run_on_qt(qapp, journey())
