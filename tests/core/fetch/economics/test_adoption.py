"""A plan taken on and given up: one quota, the lesser of two, and the user's own one comes back."""

from __future__ import annotations

import errno
import importlib
import itertools
from typing import TYPE_CHECKING

import pytest
from support.faultydisk import FaultyDisk

from tickreel.errors import EnvironmentProblem
from tickreel.fetch.economics import (
    PRESETS,
    Plan,
    PriceTable,
    Rates,
    adopt,
    give_up,
    prices_path,
    read_prices,
)
from tickreel.fetch.economics.adoption import settle_quota
from tickreel.fetch.economics.prices import WrittenQuota, changed
from tickreel.filesystem import Disk
from tickreel.settings import load, save, settings_path

if TYPE_CHECKING:
    from pathlib import Path

GB = 10**9
STARTER = PriceTable(PRESETS["starter"])


@pytest.fixture
def made(home: Path) -> Path:
    home.mkdir()
    return home


def quota(home: Path) -> int | None:
    return load(home).values.store.quota_bytes


def take(home: Path, name: str) -> str:
    return adopt(home, changed(read_prices(home), name, {}), Disk()).note


def test_the_lesser_of_storage_and_quota_holds() -> None:
    for own, storage in itertools.product((None, 5, 10, 20), (None, 5, 10, 20)):
        known = [size for size in (own, storage) if size is not None]
        settled, written = settle_quota(own, None, storage)
        assert settled == min(known, default=None)
        assert (written is None) == (settled == own)
        assert settle_quota(settled, written, None) == (own, None), "given up, the own one is back"


def test_what_the_user_has_changed_since_is_the_user_s_own() -> None:
    assert settle_quota(7, WrittenQuota(5, 20), 10) == (7, None)
    assert settle_quota(None, WrittenQuota(5, 20), None) == (None, None)
    assert settle_quota(20, WrittenQuota(5, 20), 10) == (10, WrittenQuota(10, 20))


def test_a_plan_without_a_quota_before_it(made: Path) -> None:
    told = take(made, "starter")
    assert told == "the quota is 10.0 GB: the storage of the plan, now in the setting store.quota_bytes"
    assert quota(made) == 10 * GB
    take(made, "professional")
    assert quota(made) == 100 * GB, "the first plan's storage was not the user's own quota"
    assert give_up(made, Disk()).note == "there is no storage quota (setting store.quota_bytes)"
    assert quota(made) is None
    assert not prices_path(made).exists()


def test_a_greater_quota_comes_back_and_a_lesser_one_never_left(made: Path) -> None:
    save(made, {"store.quota_bytes": 50 * GB})
    assert take(made, "starter").endswith("store.quota_bytes; before it was 50.0 GB")
    assert quota(made) == 10 * GB
    told = take(made, "professional")
    assert told == (
        "the quota is 50.0 GB: the setting store.quota_bytes is not above the storage of the plan, and holds"
    )
    assert quota(made) == 50 * GB
    take(made, "starter")
    assert give_up(made, Disk()).note == "the quota is 50.0 GB (setting store.quota_bytes)"
    assert quota(made) == 50 * GB


def test_a_quota_that_was_changed_since_stays(made: Path) -> None:
    take(made, "starter")
    save(made, {"store.quota_bytes": 3 * GB})
    give_up(made, Disk())
    assert quota(made) == 3 * GB


def test_a_plan_without_storage_sets_no_quota(made: Path) -> None:
    adopt(made, PriceTable(Plan("Ours", 30.0)), Disk())
    assert quota(made) is None
    assert not settings_path(made).exists()


def test_the_policy_of_the_machine_decides(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[store]\nquota_bytes = 7000000000\n")
    for name in ("load", "file"):
        module = importlib.import_module(f"tickreel.settings.{name}")
        monkeypatch.setattr(module, "machine_policy_path", lambda *_: policy)
    adoption = adopt(made, STARTER, Disk())
    assert adoption.note == f"the quota is 7.0 GB: the policy file {policy} decides it"
    assert adoption.quota_bytes == 7 * GB
    assert not settings_path(made).exists()
    assert read_prices(made).plan == PRESETS["starter"]
    give_up(made, Disk())
    assert quota(made) == 7 * GB


def test_the_environment_stands_above_what_is_written(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(made, {"store.quota_bytes": 50 * GB})
    with monkeypatch.context() as patched:
        patched.setenv("TICKREEL_QUOTA_BYTES", "1000")
        told = take(made, "starter")
        assert told == "the quota is 1.0 kB: TICKREEL_QUOTA_BYTES decides it as long as it is set"
    assert quota(made) == 10 * GB
    give_up(made, Disk())
    assert quota(made) == 50 * GB


def test_prices_alone_leave_the_quota_alone(made: Path) -> None:
    save(made, {"store.quota_bytes": 50 * GB})
    adopt(made, PriceTable(rates=Rates(usd_per_gb=0.1)), Disk())
    assert quota(made) == 50 * GB
    assert read_prices(made) == PriceTable(rates=Rates(usd_per_gb=0.1))


def test_a_table_that_cannot_be_read_can_be_removed(made: Path) -> None:
    save(made, {"store.quota_bytes": 50 * GB})
    take(made, "starter")
    prices_path(made).write_text("[plan\n")
    assert give_up(made, Disk()).note == "the quota is 10.0 GB (setting store.quota_bytes)"
    assert read_prices(made) == PriceTable()


def test_what_cannot_be_written_is_told_and_changes_nothing(made: Path) -> None:
    take(made, "starter")
    disk = FaultyDisk(fails=lambda _, name: name == "move", error=errno.ENOSPC)
    with pytest.raises(EnvironmentProblem, match=r"prices\.toml cannot be written"):
        adopt(made, changed(read_prices(made), "professional", {}), disk)
    assert read_prices(made).plan == PRESETS["starter"]
    assert quota(made) == 10 * GB
    take(made, "professional")
    give_up(made, Disk())
    assert quota(made) is None
