"""The states of the Replay workspace and of its set-up, over the sample."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtTest import QTest

from scenes.stage import Stage
from tickreel.market.types import DataType
from tickreel.replay import Band, BandKind
from tickreel.sample import SAMPLE_START_US, sample_link
from tickreel_desktop.replay.bookmarks import Bookmark

if TYPE_CHECKING:
    from tickreel_desktop.replay.setup_dialog import ReplaySetupDialog


class ReplayScenes(Stage):
    """Brings Replay into one state after the other."""

    async def replay_empty(self) -> None:
        self._desk.window.go_to("replay")

    async def replay(self) -> None:
        player = await self._desk.opener.open_link(sample_link())
        assert player is not None
        player.seek(player.request.start_us + 300_000_000)
        player.set_speed(100.0)
        await asyncio.sleep(2.0)
        player.pause()

    async def replay_looped(self) -> None:
        await self.replay()
        player, control = self._desk.opener.player, self._desk.replay_control
        assert player is not None
        marks = control.bookmarking.bookmarks
        for minutes, name, note in (
            (4, "Spread opens", "The offer is pulled first"),
            (41, "Low of the hour", ""),
            (78, "Wall at the bid", "Compare with the other symbol"),
        ):
            marks.put(Bookmark(player.request.start_us + minutes * 60_000_000, name, note))
        self._desk.actions["replay.loop"].trigger()
        self._desk.replay.controls.skip_quiet(5_000_000)
        await asyncio.sleep(1.0)

    async def replay_two_symbols(self) -> None:
        await self._play_together("ETHUSDT")

    async def _play_together(self, *others: str) -> None:
        """Play the sample with other symbols of its exchange, and stand where its market has moved."""
        link = replace(sample_link(), others=tuple(("tickreel-sim", other) for other in others))
        player = await self._desk.opener.open_link(link)
        player.pause()
        player.seek(player.request.start_us + 1_500_000_000)
        player.set_speed(100.0)
        player.play()
        await asyncio.sleep(2.0)
        player.pause()

    async def replay_four_symbols(self) -> None:
        await asyncio.to_thread(self._import_two_venues)
        await self._play_together("ETHUSDT", "BTCUSD-A", "BTCUSD-B")
        self._desk.actions["replay.feedlatency"].trigger()
        await asyncio.sleep(1.0)

    def _import_two_venues(self) -> None:
        """Import the first symbol twice more, under other names, elsewhere in price and later."""
        cache, data_type = self._desk.cache, DataType.INCREMENTAL_BOOK_L2
        start_us = SAMPLE_START_US
        rows = cache.frame("tickreel-sim", "BTCUSDT", data_type, start_us, start_us + 1_800_000_000)
        for name, factor, late_us in (("BTCUSD-A", 1.0004, 14_000), ("BTCUSD-B", 0.9991, 87_000)):
            moved = rows.assign(symbol=name, price=(rows["price"] * factor).round(1))
            moved["local_timestamp"] += late_us
            moved["is_snapshot"] = moved["is_snapshot"].map({True: "true", False: "false"})
            path = self._folder / f"tickreel-sim_incremental_book_L2_2025-03-15_{name}.csv"
            moved.to_csv(path, index=False)
            cache.import_file(path, type=data_type)

    async def replay_late(self) -> None:
        await self.replay()
        self._desk.replay.set_latency(250_000)
        self._desk.actions["replay.feedlatency"].trigger()
        self._desk.replay.shared.set_width(20_000_000)
        await asyncio.sleep(1.0)

    async def replay_searching(self) -> None:
        await self.replay()
        banner = self._desk.replay_control.crossings.banner
        banner.set_text("Looking for the next crossing of 12.5 after this moment: 41 %")
        banner.show()

    async def replay_bookmarks(self) -> None:
        self._desk.actions["replay.bookmarks"].trigger()

    async def replay_panels_hidden(self) -> None:
        await self.replay()
        for verb in ("depth", "figures"):
            self._desk.actions[f"replay.{verb}"].trigger()

    async def replay_setup(self) -> None:
        await self._desk.setup.set_up(("tickreel-sim", "BTCUSDT"))

    async def _set_up_two(self) -> ReplaySetupDialog:
        """Open the form of both symbols of the sample, with a gap and a crossed stretch."""
        pairs = (("tickreel-sim", "BTCUSDT"), ("tickreel-sim", "ETHUSDT"))
        await self._desk.setup.set_up(*pairs)
        dialog = self._desk.setup.dialog
        assert dialog is not None
        start_us, _ = dialog.range.last_range_us
        for pair, kind, after_s, length_s in ((0, "gap", 2_000, 140), (1, "crossed", 5_000, 20)):
            from_us = start_us + after_s * 1_000_000
            to_us = from_us + length_s * 1_000_000
            band = Band(from_us, to_us, BandKind(kind), *pairs[pair], DataType.INCREMENTAL_BOOK_L2)
            dialog.add_bands(*pairs[pair], [band])
        return dialog

    async def replay_setup_filled(self) -> None:
        dialog = await self._set_up_two()
        dialog.play.quiet.click()
        for kind, action in ((BandKind.GAP, "Skip"), (BandKind.BAD, "Stop before")):
            box = dialog.play.actions_by_kind[kind]
            box.setCurrentIndex(box.findText(action))
            box.activated.emit(box.currentIndex())
        dialog.range.presets[2].click()
        self._desk.setup.saved.save("Last hour, two symbols", dialog.plan(), dialog.panels.choice())

    async def replay_setup_missing(self) -> None:
        dialog = await self._set_up_two()
        dialog.range.to_field.setFocus()
        dialog.range.to_field.selectAll()
        QTest.keyClicks(dialog.range.to_field, "2025-03-17")

    async def replay_setup_search(self) -> None:
        await self._desk.setup.set_up(("tickreel-sim", "BTCUSDT"))
        dialog = self._desk.setup.dialog
        assert dialog is not None
        dialog.table.search.setFocus()
        QTest.keyClicks(dialog.table.search, "eth")
