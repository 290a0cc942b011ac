"""The health of the rows of one instrument that make no book: their times, prices and ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.types import DataType
from tickreel.store.health.gaps import LONG_WAIT_US, room_for_waits
from tickreel.store.health.ids import SeenIds
from tickreel.store.health.model import Kind
from tickreel.store.health.prices import Decimals, watched_prices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.market.block import Block
    from tickreel.market.types import Schema
    from tickreel.store.health.gaps import Waits
    from tickreel.store.health.intervals import Intervals


class RowWatch:
    """Counts over the rows of one instrument on one day; blocks may be cut anywhere."""

    def __init__(self, schema: Schema, found: Mapping[Kind, Intervals], waits: Waits | None) -> None:
        """Begin a day; *waits* takes the times between messages, where they are wanted."""
        from tickreel.store.health import rowkernels

        self.messages = 0
        self._found = found
        self._waits = waits
        self._exchange_us = self._local_us = rowkernels.NEVER_US
        self._prices = watched_prices(schema)
        self._decimals = Decimals()
        self._ids = SeenIds() if schema.type in (DataType.TRADES, DataType.LIQUIDATIONS) else None

    def update(self, rows: Block) -> None:
        """Take the next rows of the instrument, at least one."""
        from tickreel.store.health import rowkernels

        local_us, exchange_us = rows.local_us, rows.array("timestamp")
        waits = room_for_waits(local_us)
        back, after, changes, waited = rowkernels.survey_times(
            exchange_us, local_us, self._exchange_us, self._local_us, LONG_WAIT_US, waits
        )
        if back:
            is_back = np.append(exchange_us[0] < self._exchange_us, exchange_us[1:] < exchange_us[:-1])
            self._found[Kind.EXCHANGE_TIME_BACK].add_instants(local_us[is_back])
        if after:
            self._found[Kind.EXCHANGE_AFTER_LOCAL].add_instants(local_us[exchange_us > local_us])
        if self._waits is not None:
            self._waits.add(waits[:waited])
        self.messages += changes
        self._exchange_us, self._local_us = int(exchange_us[-1]), int(local_us[-1])
        if self._prices:
            prices = [rows.array(name) for name in self._prices]
            for row, note in self._decimals.finer_rows(prices):
                at_us = int(local_us[row])
                self._found[Kind.PRECISION_CHANGE].add(at_us, at_us + 1, 1, note)
        if self._ids is not None:
            ids = rows.columns["id"]
            assert not isinstance(ids, np.ndarray)
            certain, likely = self._ids.repeated(ids)
            self._found[Kind.DUPLICATE].add_instants(local_us[certain])
            self._found[Kind.DUPLICATE].add_instants(local_us[likely], "told by hashes of 64 bits")
