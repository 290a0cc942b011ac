"""A real server for the tests of a file, emptied before each; and days to put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.redisserver import RedisServer
from support.shareddesk import stored_day, tier_at

from tickreel.store import Cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.shared.tier import SharedTier
    from tickreel.store import Day


@pytest.fixture(scope="module")
def one_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def server(one_server: RedisServer) -> RedisServer:
    with one_server.admin() as admin:
        admin.flushall()
    return one_server


@pytest.fixture
def tier(server: RedisServer) -> Iterator[SharedTier]:
    with tier_at(server.url) as tier:
        yield tier


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with Cache(home) as cache:
        yield cache


@pytest.fixture
def day(cache: Cache) -> Day:
    """Give a day of three chunks that the cache holds."""
    return stored_day(cache, rows=66_000)
