"""The whole window over a minute of market and a model on a real socket, its replay paused in the middle."""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL, import_walk

from tickreel.analysis.prices import Price, set_price
from tickreel.replay import ReplayLink
from tickreel.settings import save

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from tickreel.store import Cache
    from tickreel_desktop.analysis.conversation import Conversation
    from tickreel_desktop.desk import Desk

MODEL = "fake-1"
NOW_S = 40
"""Where in the minute the replay stands."""


def use_model(cache: Cache, url: str, *, is_priced: bool = True, **settings: Any) -> None:
    """Set a model at a server, with a price, and settings of ``llm`` by name."""
    wanted = {"base_url": url, "model": MODEL, **settings}
    save(cache.home, {f"llm.{name}": value for name, value in wanted.items()})
    if is_priced:
        with closing(cache.connect()) as database:
            set_price(database, MODEL, Price(1_000, 2_000), 0)


@asynccontextmanager
async def analysis_over(cache: Cache, folder: Path) -> AsyncIterator[Desk]:
    """Open the replay of the minute and stop it; the panel is open, and knows who is set."""
    start_us, end_us = import_walk(cache, folder)
    async with desk_over(cache) as desk:
        player = await desk.opener.open_link(ReplayLink(EXCHANGE, SYMBOL, start_us, end_us, start_us))
        player.pause()
        player.seek(start_us + NOW_S * 1_000_000)
        at_us = start_us + NOW_S * 1_000_000
        await until(lambda: player.frame is not None and player.frame.at_us == at_us)
        desk.window.show_panel("analysis")
        talk = desk.analysis_control.conversation
        talk.shows_first = False
        await until(lambda: talk.is_ready and desk.scope.subject is not None)
        desk.analysis_control.view.look()
        yield desk


async def asked(desk: Desk) -> Conversation:
    """Press the button that asks, and wait until it is over."""
    talk = desk.analysis_control.conversation
    desk.analysis.ask.send_button.click()
    await until(lambda: not talk.is_idle)
    await until(lambda: talk.is_idle and desk.analysis.result.is_complete)
    return talk
