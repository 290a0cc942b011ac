"""Rows of the store as an Arrow IPC stream, a batch at a time: what notebooks read without a copy."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa

from tickreel.errors import UsageError
from tickreel.market.time import parse_range
from tickreel.progress import UNWATCHED
from tickreel.store import as_type
from tickreel.store.library.plans import refuse_missing
from tickreel.store.library.tables import RangeRead, checked_columns, read_batches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.progress import Monitor
    from tickreel.store import Cache

_ROWS_AT_ONCE = 65_536
_NEEDED = ("exchange", "symbol", "type", "from", "to")
_KNOWN = {*_NEEDED, "columns", "allow_missing", "token"}


class RowStream:
    """Writes the rows that a query asks for; used by one thread at a time.

    Raises:
        UsageError: the query is not what it must be.
        NotHeldError: nothing is held of it, or days are missing; it names them.
    """

    def __init__(self, cache: Cache, query: Mapping[str, str], monitor: Monitor = UNWATCHED) -> None:
        lacking = [name for name in _NEEDED if not query.get(name)]
        unknown = [name for name in query if name not in _KNOWN]
        if lacking or unknown:
            what = (
                f"lacks {', '.join(lacking)}" if lacking else f"has {', '.join(unknown)}, which means nothing"
            )
            raise UsageError(
                f"the query {what}: write /rows?exchange=&symbol=&type=&from=&to=, and columns= or "
                "allow_missing=true if you like"
            )
        data_type = as_type(query["type"])
        columns = query["columns"].split(",") if query.get("columns") else None
        names = checked_columns(data_type, columns)
        start_us, end_us = parse_range(query["from"], query["to"])
        asked = (query["exchange"], query["symbol"], data_type, start_us, end_us)
        plan = cache.library.plan_read(*asked, monitor)
        if query.get("allow_missing") != "true":
            refuse_missing(plan.missing, can_be_allowed=False)
        read = RangeRead(plan, names)
        self.name = f"{query['exchange']} {query['symbol']} {data_type}"
        self._batches = read_batches(cache.library, read, _ROWS_AT_ONCE)
        self._out = io.BytesIO()
        self._schema = read.arrow_schema
        self._writer: pa.RecordBatchStreamWriter | None = None
        self._is_over = False

    def close(self) -> None:
        """Let go of it; nothing of it is held between reads."""

    def read(self) -> bytes | None:
        """Give the next bytes; None at the end.

        Raises:
            TickreelError: the rows cannot be read.
        """
        if self._is_over:
            return None
        batch = next(self._batches, None)
        if self._writer is None:
            # Names that repeat come as the first batch has them.
            self._writer = pa.ipc.new_stream(self._out, self._schema if batch is None else batch.schema)
        if batch is None:
            self._writer.close()
            self._is_over = True
        else:
            self._writer.write_batch(batch)
        data = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return data
