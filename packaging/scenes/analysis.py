"""The states of the Analysis panel, over the sample and a model on a socket of this machine."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from support.fakechat import FakeChat, refuses, stalls, streams

from scenes.stage import Stage
from tickreel.analysis.prices import Price, set_price, unset_price
from tickreel.sample import sample_link
from tickreel.settings import save
from tickreel_desktop.analysis.companion import RHYTHMS

if TYPE_CHECKING:
    from support.fakechat import Reply, Request

_MODEL = "deepseek-v3.2"
_BEGUN = '{"windows": [{"window": "w1", "summary": "'
_ODD = "The book leans by 12 % more than it did, and the microprice sits 7.2 bps under the mid."


class AnalysisScenes(Stage):
    """Brings the panel into one state after the other."""

    _chat: FakeChat | None = None

    async def _ready(self, *replies: Reply, **settings: Any) -> FakeChat:
        """Open the sample where something happens, with a model that answers so."""
        desk = self._desk
        if self._chat is None:
            self._chat = FakeChat().__enter__()
        self._chat.replies = list(replies or [streams()])
        base = {"base_url": self._chat.url, "model": _MODEL, "cap_day_usd": 5.0, **settings}
        save(desk.cache.home, {f"llm.{name}": value for name, value in base.items()})
        with closing(desk.cache.connect()) as database:
            set_price(database, _MODEL, Price.per_mtok("0.42"), 0)
        if desk.opener.player is None:
            player = await desk.opener.open_link(sample_link())
            player.pause()
            player.seek(player.request.start_us + 2_698_000_000)
            await asyncio.sleep(1.5)
        desk.window.go_to("replay")
        desk.window.show_panel("analysis")
        talk = desk.analysis_control.conversation
        talk.shows_first = False
        talk.renew()
        host = self._chat.url.partition("//")[2].partition("/")[0]
        wanted = settings.get("base_url", "") or host
        await self._until(lambda: talk.is_ready and (talk.choice.host or "offline") in wanted)
        desk.analysis_control.view.look()
        await asyncio.sleep(0.3)
        return self._chat

    async def _asked(self) -> None:
        talk = self._desk.analysis_control.conversation
        self._desk.analysis.ask.send_button.click()
        await asyncio.sleep(0.1)
        await self._until(lambda: talk.is_idle and self._desk.analysis.result.is_complete)
        await asyncio.sleep(0.3)

    async def analysis_rules(self) -> None:
        """The offline analyst, as it is on a machine on which no model was set."""
        desk = self._desk
        player = await desk.opener.open_link(sample_link())
        player.pause()
        player.seek(player.request.start_us + 2_698_000_000)
        await asyncio.sleep(1.5)
        desk.window.show_panel("analysis")
        talk = desk.analysis_control.conversation
        talk.renew()
        await self._until(lambda: talk.is_ready)
        await self._asked()

    async def analysis_nothing(self) -> None:
        await self._desk.opener.close()
        self._desk.window.go_to("replay")
        self._desk.window.show_panel("analysis")

    async def analysis_before(self) -> None:
        await self._ready()

    async def analysis_offline(self) -> None:
        await self._ready()
        self._desk.actions["analysis.offline"].trigger()
        await asyncio.sleep(0.1)
        await self._until(lambda: self._desk.analysis_control.conversation.is_idle)

    async def analysis_preview(self) -> None:
        await self._ready()
        self._desk.analysis_control.conversation.shows_first = True
        self._desk.analysis.ask.field.setText("Who carried the fall?")
        self._desk.actions["analysis.preview"].trigger()
        await self._until(lambda: self._desk.analysis_control.preview is not None)

    async def analysis_preview_bytes(self) -> None:
        await self.analysis_preview()
        preview = self._desk.analysis_control.preview
        assert preview is not None
        preview.tabs.setCurrentWidget(preview.body)

    async def analysis_preview_kept(self) -> None:
        await self.analysis_preview()
        preview = self._desk.analysis_control.preview
        assert preview is not None
        preview.tabs.setCurrentIndex(2)

    async def analysis_along(self) -> None:
        await self._ready()
        ask = self._desk.analysis.ask
        ask.rhythm.rhythm_chosen.emit(next(one for one in RHYTHMS if one.key == "60s"))
        await self._until(lambda: ask.stop_along_button.isVisible())

    async def analysis_streaming(self) -> None:
        said = "Order flow stayed negative while the spread widened, and takers sold into bids that stepped"
        await self._ready(stalls(_BEGUN + said))
        self._desk.analysis.ask.field.setText("Who carried the fall?")
        self._desk.analysis.ask.send_button.click()
        await asyncio.sleep(0.2)
        await self._until(lambda: "stepped" in self._desk.analysis.result.text())

    async def analysis_stopped(self) -> None:
        await self.analysis_streaming()
        self._desk.actions["analysis.stop"].trigger()
        await self._until(lambda: self._desk.analysis_control.conversation.is_idle)

    async def analysis_done(self) -> None:
        await self._ready(_good)
        self._desk.analysis.ask.field.setText("Who carried the fall?")
        await self._asked()

    async def analysis_unsourced(self) -> None:
        await self._ready(_odd)
        self._desk.analysis.ask.field.setText("And what about the microprice?")
        await self._asked()
        card = self._desk.analysis.result.cards[0]
        card.pin.click()
        card.up.click()
        await asyncio.sleep(0.5)

    async def analysis_refused_key(self) -> None:
        await self._ready(refuses(401, {"error": {"message": "this key is not known"}}))
        self._desk.analysis.ask.field.setText("Is it over?")
        await self._asked()

    async def analysis_unreachable(self) -> None:
        await self._ready(base_url="http://127.0.0.1:9/v1")  # the port of discard, which nobody serves
        self._desk.analysis.ask.field.setText("Is anybody there?")
        await self._asked()

    async def analysis_waiting(self) -> None:
        await self._ready(refuses(429, "too many requests", Retry_After="12"))
        self._desk.analysis.ask.field.setText("Is it over now?")
        self._desk.analysis.ask.send_button.click()
        await self._until(lambda: "429" in self._desk.analysis.obstacles.text())

    async def analysis_cap(self) -> None:
        await self._ready(cap_day_usd=0.0031)
        self._desk.analysis.ask.field.setText("What now?")
        await self._asked()

    async def analysis_price(self) -> None:
        await self._ready(model="qwen3-local")
        with closing(self._desk.cache.connect()) as database:
            unset_price(database, "qwen3-local")

    async def analysis_price_asked(self) -> None:
        await self.analysis_price()
        self._desk.analysis.obstacles.press()

    async def analysis_no_key(self) -> None:
        await self._ready(base_url="https://api.deepseek.com/v1", model="deepseek-chat")

    async def analysis_broken(self) -> None:
        await self._ready(streams(f"{_BEGUN}The spread wid", finish="length"))
        self._desk.analysis.ask.field.setText("Go on?")
        await self._asked()

    async def analysis_history(self) -> None:
        await self._ready(_good)
        await self._asked()
        self._desk.analysis.history_button.setChecked(True)
        await self._until(lambda: bool(self._desk.analysis.history.model.entries))

    async def analysis_book(self) -> None:
        await self._ready()
        self._desk.analysis.book_button.setChecked(True)

    async def analysis_in_data(self) -> None:
        await self._ready()
        self._desk.window.go_to("data")
        self._desk.window.show_panel("analysis")

    async def leave_analysis(self) -> None:
        """Stop what is under way, and show the panel as at first."""
        self._desk.analysis_control.along.stop()
        control = self._desk.analysis_control
        control.conversation.stop()
        await self._until(lambda: control.conversation.is_idle)
        self._desk.analysis.ask.field.clear()
        self._desk.analysis.show_work()
        if self._desk.window.front == "data":
            self._desk.window.show_panel("analysis", is_open=False)

    def close_chat(self) -> None:
        """End the model."""
        if self._chat is not None:
            self._chat.__exit__(None, None, None)


def _figures(request: Request) -> dict[str, tuple[str, str, Any]]:
    (window,) = json.loads(request.body["messages"][1]["content"])["windows"]
    return {row[1]: (row[0], row[2], row[3]) for row in window["figures"]}


def _cited(request: Request, name: str) -> str:
    """Write a figure as a careful model does."""
    figure, unit, value = _figures(request).get(name, ("f001", "s", 0))
    shown = f"{value:.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value}"
    suffix = {"bps": " bps", "percent": " %", "s": " s"}.get(unit, "")
    return f"{shown}{suffix} [{figure}]"


def _finding(kind: str, direction: str, confidence: float, horizon: int, text: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "direction": direction,
        "confidence": confidence,
        "horizon_s": horizon,
        "figures": ["f007"],
        "text": text,
    }


async def _good(request: Request, wire: Any) -> None:
    told = {name: _cited(request, name) for name in _figures(request)}
    moved, flow = told.get("move", ""), told.get("order_flow_share", "")
    findings = [
        _finding(
            "momentum",
            "down",
            0.82,
            300,
            f"The mid moved by {moved} over the window, and order flow leaned with it by {flow}.",
        ),
        _finding(
            "spread_expansion",
            "neutral",
            0.77,
            120,
            f"The spread went from {told.get('spread_first_third', '')} in the first third to "
            f"{told.get('spread_last_third', '')} in the last; its mean was {told.get('spread_mean', '')}.",
        ),
        _finding(
            "liquidity",
            "up",
            0.61,
            60,
            f"Bids are deeper than asks by a skew of {told.get('depth_skew', '')}.",
        ),
    ]
    summary = (
        f"Takers sold **{told.get('sell_amount', '')}** against {told.get('buy_amount', '')} bought. "
        f"The mid ended at {told.get('mid_last', '')}."
    )
    await streams(_answer(summary, findings))(request, wire)


async def _odd(request: Request, wire: Any) -> None:
    finding = _finding("imbalance", "down", 0.55, 60, _ODD)
    summary = f"The imbalance stood at {_cited(request, 'imbalance_last')}, about 40 % above its usual value."
    await streams(_answer(summary, [finding]))(request, wire)


def _answer(summary: str, findings: list[dict[str, Any]]) -> str:
    return json.dumps({"windows": [{"window": "w1", "summary": summary, "findings": findings}]})


ANALYSIS = (
    "analysis_rules",
    "analysis_nothing",
    "analysis_before",
    "analysis_preview",
    "analysis_preview_bytes",
    "analysis_along",
    "analysis_preview_kept",
    "analysis_streaming",
    "analysis_stopped",
    "analysis_done",
    "analysis_unsourced",
    "analysis_refused_key",
    "analysis_unreachable",
    "analysis_waiting",
    "analysis_cap",
    "analysis_price",
    "analysis_price_asked",
    "analysis_no_key",
    "analysis_broken",
    "analysis_history",
    "analysis_book",
    "analysis_in_data",
    "analysis_offline",
)
