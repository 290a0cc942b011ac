"""The test of the vendor's key, against the stand-in over a real socket."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.fetchdesk import fetch_desk, write_days

from tickreel.errors import TickreelError, UsageError
from tickreel_desktop.key_test import ask_vendor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.fetchdesk import Desk


@pytest.fixture
def desk(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    write_days(tmp_path / "vendor", 2)
    with fetch_desk(tmp_path / "vendor", home) as made:
        for name, value in made.environ.items():
            monkeypatch.setenv(name, value)
        yield made


def test_a_key_that_is_taken_says_what_it_covers(desk: Desk) -> None:
    told = asyncio.run(ask_vendor(desk.cache))
    assert told.startswith(f"{desk.fake.api_url.split('/')[2]} answers. The key covers 1 exchange")
    assert not desk.fake.downloads, "nothing but lists is asked for"


def test_a_key_that_is_refused_is_an_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARDIS_API_KEY", "wrong")
    with pytest.raises(UsageError, match="refuses this key"):
        asyncio.run(ask_vendor(desk.cache))


def test_without_a_key_the_free_days_are_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TARDIS_API_KEY")
    assert "first day of every month is free" in asyncio.run(ask_vendor(desk.cache))


def test_a_vendor_that_cannot_be_reached_is_an_error(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKREEL_TARDIS_API_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(TickreelError, match=r"127\.0\.0\.1:9"):
        asyncio.run(ask_vendor(desk.cache))
