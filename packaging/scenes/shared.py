"""The states of the shared cache, over a Redis server of this machine."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from support.redisserver import RedisServer
from support.shareddesk import stored_day

from scenes.stage import Stage
from tickreel.keys import KeyName, forget_for_session, keep_for_session
from tickreel.settings import load
from tickreel.shared.opening import open_supply, supply_of
from tickreel.store import Cache
from tickreel_desktop.care.shared_dialogs import DropDialog, WarmDialog

if TYPE_CHECKING:
    from tickreel.market.types import DatasetKey
    from tickreel_desktop.sharing import SharedCard

_PASSWORD = "screens"


class SharedScenes(Stage):
    """Brings the shared cache into one state after the other."""

    _redis: RedisServer | None = None

    async def _share(self, **settings: Any) -> RedisServer:
        """Set a shared cache, and wait until the window knows how it stands."""
        desk = self._desk
        if self._redis is None:
            self._redis = RedisServer(
                {"maxmemory": "64gb", "maxmemory-policy": "allkeys-lru"}, password=_PASSWORD
            )
        keep_for_session(KeyName.REDIS, settings.pop("password", _PASSWORD))
        keeper = desk.settings_control.dialog.keeper
        for name, value in {"url": self._redis.url, **settings}.items():
            keeper.change(f"shared.{name}", value)
        keeper.flush()
        watch = desk.shared_control.watch
        await self._until(lambda: watch.look is not None and watch.look.is_asked)
        desk.window.go_to("data")
        return self._redis

    async def _card(self) -> SharedCard:
        self._desk.actions["data.shared"].trigger()
        await self._until(lambda: self._desk.shared_control.card is not None)
        card = self._desk.shared_control.card
        assert card is not None
        return card

    async def shared_card(self) -> None:
        await self._share()
        card = await self._card()
        await self._until(lambda: card.heading() == "Connected")

    async def shared_tested(self) -> None:
        await self.shared_card()
        card = await self._card()
        card.test_button.click()
        await self._until(card.test_button.isEnabled)

    async def shared_password(self) -> None:
        await self._share(password="wrong")
        card = await self._card()
        await self._until(lambda: "password" in card.heading())
        card.test_button.click()
        await self._until(card.test_button.isEnabled)

    async def shared_lost(self) -> None:
        server = await self._share(failures=1)
        card = await self._card()
        await self._until(lambda: card.heading() == "Connected")
        server.kill()
        await self._until(lambda: card.heading() == "No server answers")

    async def shared_lost_told(self) -> None:
        server = await self._share(failures=1)
        server.kill()
        self._desk.shared_control.watch.look_now()
        await self._until(lambda: "not reached" in self._desk.window.status.shared.text())

    async def _held_there(self) -> None:
        """Put half of what the sample holds on the server, and wait until the table says so."""
        desk = self._desk
        await self._share()
        supply = supply_of(desk.cache)
        assert supply is not None
        days = [day for day in desk.cache.all_days() if len(day.parts) == 1]
        for day in days[: len(days) // 2]:
            await asyncio.to_thread(supply.share, day)
        desk.shared_control.days_there.forget()
        await asyncio.sleep(3)

    async def shared_where(self) -> None:
        await self._held_there()

    async def _lies_there_alone(self) -> DatasetKey:
        """Let another machine of the desk put days there of which this one has nothing."""
        await self._held_there()

        def put() -> DatasetKey:
            with tempfile.TemporaryDirectory() as folder, Cache(Path(folder, "home")) as other:
                days = [stored_day(other, rows=20_000, symbol=name) for name in ("XRPUSDT", "SOLUSDT")]
                supply = open_supply(other, load(self._desk.cache.home))
                assert supply is not None
                with closing(supply):
                    for day in days:
                        supply.share(day)
                return days[0].key

        key = await asyncio.to_thread(put)
        self._desk.shared_control.renew_elsewhere()
        await self._until(lambda: self._desk.data.select(key))
        await asyncio.sleep(3)
        return key

    async def shared_alone(self) -> None:
        await self._lies_there_alone()

    async def shared_alone_drop(self) -> None:
        await self._lies_there_alone()
        self._desk.actions["data.drop"].trigger()
        await self._until(lambda: _is_open(DropDialog))

    async def shared_alone_put(self) -> None:
        await self._lies_there_alone()
        self._desk.actions["data.warm"].trigger()
        await self._until(lambda: _is_open(WarmDialog))

    async def shared_alone_fetch(self) -> None:
        await self._lies_there_alone()
        self._desk.actions["data.fetch_missing"].trigger()
        await asyncio.sleep(4)

    async def shared_put(self) -> None:
        await self._held_there()
        QTest.keyClick(self._desk.data.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self._desk.actions["data.warm"].trigger()
        await self._until(lambda: _is_open(WarmDialog))

    async def shared_put_done(self) -> None:
        await self.shared_put()
        dialog = next(each for each in QApplication.topLevelWidgets() if isinstance(each, WarmDialog))
        dialog.put_button.click()
        await self._until(
            lambda: any(job.state.is_final for job in self._desk.runner.jobs if job.kind == "warm")
        )
        await asyncio.sleep(0.5)

    async def shared_drop(self) -> None:
        await self._held_there()
        QTest.keyClick(self._desk.data.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self._desk.actions["data.drop"].trigger()
        await self._until(lambda: _is_open(DropDialog))

    async def unshare(self) -> None:
        """Go on without a shared cache."""
        if self._redis is None:
            return
        desk, server = self._desk, self._redis
        self._redis = None
        keeper = desk.settings_control.dialog.keeper
        keeper.reset(["shared.url", "shared.failures"])
        await self._until(lambda: desk.shared_control.watch.look is None)
        forget_for_session(KeyName.REDIS)
        server.close()


def _is_open(kind: type[QDialog]) -> bool:
    return any(isinstance(each, kind) and each.isVisible() for each in QApplication.topLevelWidgets())


SHARED = (
    "shared_card",
    "shared_tested",
    "shared_where",
    "shared_alone",
    "shared_alone_drop",
    "shared_alone_put",
    "shared_alone_fetch",
    "shared_put",
    "shared_put_done",
    "shared_drop",
    "shared_password",
    "shared_lost",
    "shared_lost_told",
)
