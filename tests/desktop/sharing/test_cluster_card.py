"""The card over a real Cluster: told as one, tested, and right again after a primary has died."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.caredays import KEY, fill, nth
from support.desks import desk_over, until
from support.qtloop import run_on_qt
from support.redisserver import RedisCluster

from tickreel.settings import save
from tickreel.shared.opening import supply_of
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel_desktop.desk import Desk
    from tickreel_desktop.sharing import SharedCard

pytestmark = pytest.mark.cluster


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        fill(opened, tmp_path)
        yield opened


async def card_of(desk: Desk) -> SharedCard:
    desk.actions["data.shared"].trigger()
    await until(lambda: desk.shared_control.card is not None and desk.shared_control.card.isVisible())
    assert desk.shared_control.card is not None
    return desk.shared_control.card


async def pass_the_test(card: SharedCard) -> None:
    card.test_button.click()
    await until(lambda: card.test_button.isEnabled() and "Testing" not in card.verdict())
    assert "Grants leases: yes" in card.steps.text(), card.steps.text()
    assert "Tells of changes: yes" in card.steps.text(), card.steps.text()


def test_a_cluster_is_told_of_tested_and_found_again_after_a_failover(
    qapp: QApplication, cache: Cache
) -> None:
    with RedisCluster() as cluster:
        save(
            cache.home,
            {"shared.url": cluster.whole_url, "shared.timeout_s": 1.0, "shared.recovery_s": 0.5},
        )

        async def journey() -> None:
            async with desk_over(cache) as desk:
                await until(lambda: "connected" in desk.window.status.shared.text())
                supply = supply_of(cache)
                assert supply is not None
                for day in cache.days(KEY.exchange, KEY.symbol, KEY.type):
                    if day.state.is_held:
                        supply.share(day)
                card = await card_of(desk)
                await until(lambda: "3 primaries" in card.figures.value("Server"))
                assert card.figures.value("Breaker") == "closed"
                await pass_the_test(card)

                cluster.servers[0].kill()
                await asyncio.to_thread(cluster.wait_until_ok)
                desk.shared_control.watch.look_now()
                await until(lambda: "connected" in desk.window.status.shared.text())
                await until(lambda: card.figures.value("Breaker") == "closed")
                await pass_the_test(card)
                held = cache.day(KEY.exchange, KEY.symbol, KEY.type, nth(0))
                assert held is not None
                await asyncio.to_thread(supply.share, held)
                assert nth(0) in supply.tier.records.unbroken(KEY, [nth(0)])

        run_on_qt(qapp, journey())
