"""Taking a plan on and giving it up: the price table and the storage quota change together.

There is one quota, the setting ``store.quota_bytes``. A plan with less storage than it allows
lowers it, and the price table remembers what stood there before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.fetch.economics.pricefile import read_prices, remove_prices, save_prices
from tickreel.fetch.economics.prices import PriceTable, WrittenQuota
from tickreel.market.units import format_bytes
from tickreel.settings import SETTINGS, Source, load, save

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.filesystem import Disk

_QUOTA = next(setting for setting in SETTINGS if setting.key == "store.quota_bytes")


@dataclass(frozen=True, slots=True)
class Adoption:
    """What holds from now on; a cache that is open already keeps the quota it began with."""

    table: PriceTable
    quota_bytes: int | None
    """The quota that holds, wherever it comes from."""
    note: str
    """What became of the quota."""


def adopt(home: Path, table: PriceTable, disk: Disk) -> Adoption:
    """Take on a price table whose plan, if it has one, sets the quota; the home exists.

    What *table* says of an earlier quota is that of the table it was made from.

    Raises:
        UsageError, EnvironmentProblem: the settings or the price table cannot be written.
    """
    storage_bytes = None if table.plan is None else table.plan.storage_bytes
    own_bytes, remembered = _set_quota(home, table.quota, storage_bytes)
    table = replace(table, quota=remembered)
    try:
        save_prices(home, table, disk)
    except EnvironmentProblem:
        _write_quota(home, own_bytes)
        raise
    return _adoption(home, table, storage_bytes)


def give_up(home: Path, disk: Disk) -> Adoption:
    """Remove the price table, also one that cannot be read, and put back the quota that it changed.

    Raises:
        UsageError, EnvironmentProblem: the settings or the price table cannot be written.
    """
    try:
        written = read_prices(home).quota
    except DataError:
        written = None  # nobody knows whose the quota is, so it stays
    _set_quota(home, written, None)
    remove_prices(home, disk)
    return _adoption(home, PriceTable(), None)


def settle_quota(
    own_bytes: int | None, written: WrittenQuota | None, storage_bytes: int | None
) -> tuple[int | None, WrittenQuota | None]:
    """Decide on the quota of the settings where it is *own_bytes* and a plan has *storage_bytes*.

    The lesser of the two holds. What an earlier plan has *written* is not the user's own, unless the
    user has changed it since. Gives the quota, and what to remember when it comes from the plan.
    """
    is_written = written is not None and own_bytes == written.written_bytes
    before_bytes = written.before_bytes if is_written and written is not None else own_bytes
    if storage_bytes is None or (before_bytes is not None and before_bytes <= storage_bytes):
        return before_bytes, None
    return storage_bytes, WrittenQuota(storage_bytes, before_bytes)


def _set_quota(
    home: Path, written: WrittenQuota | None, storage_bytes: int | None
) -> tuple[int | None, WrittenQuota | None]:
    """Change the setting; give what it was, and what to remember of it."""
    own_bytes = _own_quota(home)
    if load(home).is_locked(_QUOTA.key):
        return own_bytes, written
    quota_bytes, remembered = settle_quota(own_bytes, written, storage_bytes)
    _write_quota(home, quota_bytes)
    return own_bytes, remembered


def _write_quota(home: Path, quota_bytes: int | None) -> None:
    if quota_bytes != _own_quota(home):
        save(home, {_QUOTA.key: quota_bytes})


def _own_quota(home: Path) -> int | None:
    """Give the user's own value, which the environment or a policy may hide for now."""
    loaded = load(home)
    loaded.demand()  # of a file that cannot be read it is not known
    own: int | None = loaded.own.get(_QUOTA.key)
    return own


def _adoption(home: Path, table: PriceTable, storage_bytes: int | None) -> Adoption:
    loaded = load(home)
    quota_bytes = loaded.values.store.quota_bytes
    origin = loaded.origin(_QUOTA.key)
    told = "there is no storage quota" if quota_bytes is None else f"the quota is {format_bytes(quota_bytes)}"
    if origin.source is Source.POLICY:
        note = f"{told}: the policy file {origin.where} decides it"
    elif origin.source is Source.ENVIRONMENT:
        note = f"{told}: {origin.where} decides it as long as it is set"
    elif table.quota is not None:
        note = f"{told}: the storage of the plan, now in the setting {_QUOTA.key}"
        if table.quota.before_bytes is not None:
            note += f"; before it was {format_bytes(table.quota.before_bytes)}"
    elif storage_bytes is not None:
        note = f"{told}: the setting {_QUOTA.key} is not above the storage of the plan, and holds"
    else:
        note = f"{told} (setting {_QUOTA.key})"
    return Adoption(table, quota_bytes, note)
