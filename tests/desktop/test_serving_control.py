"""Serving from the window: started, asked by another program, ended, and ended with the window."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from support.accessibility import nameless_controls
from support.desks import desk_over, until
from support.qtloop import run_on_qt
from support.served import store_messages

from tickreel.market.types import DataType
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel_desktop.desk import Desk
    from tickreel_desktop.serving import ServeDialog

MESSAGES = [
    {
        "type": "trade",
        "symbol": "XBTUSD",
        "exchange": "bitmex",
        "id": str(second),
        "price": 100,
        "amount": 1,
        "side": "buy",
        "timestamp": f"2024-03-01T00:00:{second:02}.000000Z",
        "localTimestamp": f"2024-03-01T00:00:{second:02}.000000Z",
    }
    for second in range(10)
]
OPTIONS = {
    "exchange": "bitmex",
    "symbols": ["XBTUSD"],
    "from": "2024-03-01",
    "to": "2024-03-02",
    "dataTypes": ["trade"],
}


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=60)


def free_port() -> int:
    with socket.socket() as taken, socket.socket() as following:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
        following.bind(("127.0.0.1", port + 1))
        return port


async def opened(desk: Desk) -> ServeDialog:
    desk.actions["data.serve"].trigger()
    serving = desk.data_control.serving
    await until(lambda: serving.dialog is not None and serving.dialog.isVisible())
    assert serving.dialog is not None
    return serving.dialog


def test_it_serves_until_it_is_ended_and_shows_to_whom(qapp: QApplication, home: Path) -> None:
    async def journey() -> None:
        with open_cache(home) as cache:
            store_messages(cache, "bitmex", [DataType.TRADES], MESSAGES)
            async with desk_over(cache) as desk:
                serving = desk.data_control.serving
                dialog = await opened(desk)
                assert nameless_controls(dialog) == []
                assert dialog.figures.value("Clients now") == "–"
                dialog.port.setValue(free_port())
                QTest.mouseClick(dialog.toggle, Qt.MouseButton.LeftButton)
                await until(lambda: dialog.status.text() == "Serving")
                assert dialog.address.command() == serving.address
                assert serving.address in dialog.snippet.toPlainText()
                assert serving.address.endswith(f":{dialog.port.value()}")
                assert '"XBTUSD"' in dialog.snippet.toPlainText()

                url = f"{serving.address}/replay-normalized?options={quote(json.dumps(OPTIONS))}"
                answer = await asyncio.to_thread(get, url)
                assert len(answer.text.splitlines()) == len(MESSAGES)
                await until(lambda: dialog.figures.value("Messages so far") == "10")
                assert dialog.figures.value("Answers ended") == "1"

                dialog.reject()
                assert (await asyncio.to_thread(get, f"{serving.address}/health-check")).status_code == 200
                dialog = await opened(desk)
                assert dialog.status.text() == "Serving"
                QTest.mouseClick(dialog.toggle, Qt.MouseButton.LeftButton)
                await until(lambda: dialog.status.text() == "Not serving")
                assert serving.address == ""

    run_on_qt(qapp, journey())


def test_a_port_in_use_is_told_in_the_dialog(qapp: QApplication, home: Path) -> None:
    async def journey() -> None:
        with open_cache(home) as cache, socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            async with desk_over(cache) as desk:
                dialog = await opened(desk)
                dialog.port.setValue(taken.getsockname()[1])
                QTest.mouseClick(dialog.toggle, Qt.MouseButton.LeftButton)
                await until(lambda: "is not to be had" in dialog.said())
                assert dialog.status.text() == "Not serving"
                assert dialog.toggle.isEnabled()

    run_on_qt(qapp, journey())


def test_it_ends_with_the_window(qapp: QApplication, home: Path) -> None:
    async def journey() -> None:
        with open_cache(home) as cache:
            async with desk_over(cache) as desk:
                dialog = await opened(desk)
                dialog.start_wanted.emit(0)
                await until(lambda: bool(desk.data_control.serving.address))
                address = desk.data_control.serving.address
                for language in ("node", "curl", "arrow"):
                    dialog.language.choose(language)
                    dialog.language.chosen.emit(language)
                    assert address.removeprefix("http") in dialog.snippet.toPlainText()
            with pytest.raises(httpx.ConnectError):
                await asyncio.to_thread(get, f"{address}/health-check")

    run_on_qt(qapp, journey())
