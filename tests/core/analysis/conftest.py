"""A ledger of the test's own, and analysts over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.chatbench import Bench

from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tickreel.store.records.database import Database


@pytest.fixture
def database() -> Iterator[Database]:
    with open_cache() as cache:
        opened = cache.connect()
        yield opened
        opened.close()


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


@pytest.fixture
def llm_url(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the server of a model for programs that are started, two calls at a time."""

    def use(url: str) -> None:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", url)
        monkeypatch.setenv("TICKREEL_LLM_CONCURRENCY", "2")

    return use
