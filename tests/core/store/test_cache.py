"""The cache as one object: what holds for every one of its calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from faults.homes import DAY, KEY, opened, store_part

from tickreel.errors import EnvironmentProblem
from tickreel.settings import save
from tickreel.store import Cache, open_cache
from tickreel.store.intake.request import ImportRequest
from tickreel.store.library.exporting import ExportPlan
from tickreel.store.library.forms import RowsForm
from tickreel.store.model import DayRange, DayState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.store.library.farther import FartherTier

NAME = (KEY.exchange, KEY.symbol)
SPAN = ("2024-07-23", "2024-07-24")
CALLS: dict[str, Callable[[Cache], Any]] = {
    "library": lambda cache: cache.library,
    "life": lambda cache: cache.life,
    "shared_usage": lambda cache: cache.shared_usage(),
    "attach": lambda cache: cache.attach(cast("FartherTier", None)),
    "farther": lambda cache: cache.farther,
    "note_shared": lambda cache: cache.note_shared([1], 0),
    "changes_elsewhere": lambda cache: cache.changes_elsewhere(),
    "datasets": lambda cache: cache.datasets(),
    "days": lambda cache: cache.days(*NAME, KEY.type),
    "day": lambda cache: cache.day(*NAME, KEY.type, DAY),
    "all_days": lambda cache: cache.all_days(),
    "changes": lambda cache: cache.changes({}),
    "health": lambda cache: cache.health(*NAME, KEY.type, *SPAN),
    "renew_health": lambda cache: cache.renew_health(DayRange(KEY, DAY, DAY)),
    "renew_settings": lambda cache: cache.renew_settings(),
    "verify": lambda cache: cache.verify(),
    "plan_export": lambda cache: cache.plan_export([], RowsForm.CSV, is_per_day=True),
    "export": lambda cache: cache.export(ExportPlan(RowsForm.CSV, (), ()), cache.home),
    "connect": lambda cache: cache.connect(),
    "ingest": lambda cache: cache.ingest(KEY),
    "record_without_rows": lambda cache: cache.record_without_rows(KEY, [DAY], DayState.ABSENT),
    "import_path": lambda cache: cache.import_path(ImportRequest(cache.home / "none.csv")),
    "import_file": lambda cache: cache.import_file(cache.home / "none.csv"),
    "look_ahead": lambda cache: cache.look_ahead(ImportRequest(cache.home / "none.csv")),
    "batches": lambda cache: cache.batches(*NAME, KEY.type, *SPAN),
    "arrow": lambda cache: cache.arrow(*NAME, KEY.type, *SPAN),
    "frame": lambda cache: cache.frame(*NAME, KEY.type, *SPAN),
    "book": lambda cache: cache.book(*NAME, SPAN[0]),
    "book_selection": lambda cache: cache.book_selection(*NAME),
    "bbo": lambda cache: cache.bbo(*NAME, *SPAN),
}


@pytest.fixture
def closed(home: Path) -> Cache:
    """Give a cache that was used and is closed."""
    with opened(home) as store:
        store_part(store)
    with open_cache(home) as cache:
        assert cache.life.statistics().days == len(cache.days(*NAME, KEY.type)) == 1
    return cache


@pytest.mark.parametrize("name", CALLS)
def test_a_closed_cache_says_that_it_is_closed(closed: Cache, name: str) -> None:
    with pytest.raises(
        EnvironmentProblem, match=r"the cache in .* is closed: open it again with open_cache\(\)"
    ):
        CALLS[name](closed)


def test_every_public_call_of_a_cache_is_known_here() -> None:
    public = {name for name in vars(Cache) if not name.startswith("_")}
    assert public == {*CALLS, "home", "disk", "is_read_only", "close", "abatches"}


async def _first(closed: Cache) -> None:
    async for _ in closed.abatches(*NAME, KEY.type, *SPAN):
        break


def test_a_closed_cache_may_be_closed_again_and_tells_its_home(closed: Cache, home: Path) -> None:
    closed.close()
    assert closed.home == home
    with pytest.raises(EnvironmentProblem, match="is closed"):
        asyncio.run(_first(closed))


def test_what_is_set_holds_once_the_settings_are_renewed(home: Path) -> None:
    with open_cache(home) as cache:
        assert cache.life.statistics().quota_bytes is None
        save(home, {"store.quota_bytes": 1000})
        cache.renew_settings()
        assert cache.life.statistics().quota_bytes == 1000
