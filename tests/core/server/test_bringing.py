"""Days that a request lacks: refused, or fetched first from a stand-in for the vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from support.faketardis import FakeTardis
from support.fetchdesk import EXCHANGE, SYMBOL, hurry, write_days
from support.served import running_server

from tickreel import open_cache
from tickreel.server import Bringer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASK = {
    "exchange": EXCHANGE,
    "symbols": [SYMBOL.lower()],
    "from": "2024-07-01",
    "to": "2024-07-03",
    "dataTypes": ["trade"],
}


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTardis]:
    hurry(monkeypatch)
    write_days(tmp_path / "vendor", 3)
    with FakeTardis(tmp_path / "vendor") as fake:
        monkeypatch.setenv("TICKREEL_TARDIS_API_URL", fake.api_url)
        monkeypatch.setenv("TICKREEL_TARDIS_DATASETS_URL", fake.datasets_url)
        monkeypatch.setenv("TARDIS_API_KEY", "secret")
        yield fake


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=120)


def test_missing_days_are_fetched_once_and_then_served(home: Path, fake: FakeTardis) -> None:
    with open_cache(home) as cache, running_server(cache, bring=Bringer(cache).bring) as running:
        first = get(running.replay(ASK))
        assert (first.status_code, len(first.text.splitlines())) == (200, 2 * 3)
        assert sum(fake.downloads.values()) == 2
        assert get(running.replay(ASK)).content == first.content
        assert sum(fake.downloads.values()) == 2


def test_what_does_not_come_is_told(home: Path, fake: FakeTardis) -> None:
    with open_cache(home) as cache, running_server(cache, bring=Bringer(cache).bring) as running:
        unknown = get(running.replay(ASK | {"symbols": ["NOTHING"]}))
        assert unknown.status_code == 500
        assert "NOTHING" in unknown.json()["message"]
        pending = get(running.replay(ASK | {"from": "2024-07-03", "to": "2024-07-05"}))
        assert pending.status_code == 404
        assert "2024-07-04" in pending.json()["message"]


def test_without_leave_nothing_is_fetched(home: Path, fake: FakeTardis) -> None:
    with open_cache(home) as cache, running_server(cache) as running:
        assert get(running.replay(ASK)).status_code == 500
    assert not fake.downloads
