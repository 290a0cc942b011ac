"""The window over a shared cache: days that are there alone are played, and a wrong address is no end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.redisserver import RedisServer

from tickreel import Replay, open_cache
from tickreel.shared.opening import supply_of
from tickreel.store import Cache

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.long


def test_the_window_plays_days_that_are_in_the_shared_cache_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RedisServer() as server:
        monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
        _plays_what_another_put_there(tmp_path)


def _plays_what_another_put_there(tmp_path: Path) -> None:
    with open_cache(tmp_path / "one") as one:
        start_us, end_us = import_walk(one, tmp_path)
        supply = supply_of(one)
        assert supply is not None
        for day in one.all_days():
            supply.share(day)
        session = Replay(one, [(EXCHANGE, SYMBOL)], start_us, end_us)
        rows = session.advance_to_end().rows_since
    pictures = tmp_path / "pictures"
    link = f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from={start_us}&to={end_us}"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tickreel_desktop", "--home", str(tmp_path / "two"), "--open", link),
            *("--screenshot", str(pictures), "--exit"),
        ],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout.splitlines()[-1])
    with Cache(tmp_path / "two") as two:
        assert sum(day.rows for day in two.all_days()) >= rows > 0
        assert {day.source.value for day in two.all_days()} == {"shared"}


def test_an_address_that_is_none_keeps_nobody_from_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_URL", "redis://host:notaport/0")
    words = [sys.executable, "-m", "tickreel_desktop", "--home", str(tmp_path / "home"), "--exit"]
    done = subprocess.run(
        [*words, "--screenshot", str(tmp_path / "pictures")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "HOST:PORT" in done.stderr
