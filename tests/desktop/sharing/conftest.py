"""A real server for the tests of a file, emptied before each, and the settings that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.redisserver import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def one_server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def server(one_server: RedisServer) -> RedisServer:
    with one_server.admin() as admin:
        admin.flushall()
    return one_server
