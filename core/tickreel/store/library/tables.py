"""Rows as Arrow and pandas hand them to users: the vendor's columns, in the vendor's order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from tickreel.errors import UsageError
from tickreel.market.arrow import SHARED_ROWS, public_schema, record_batch
from tickreel.market.types import SCHEMAS, DataType, Kind, Schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from tickreel.store.library.plans import RangePlan
    from tickreel.store.library.reading import Library


@dataclass(frozen=True, slots=True)
class RangeRead:
    """What is read of a range: its plan, and the columns in the order asked for."""

    plan: RangePlan
    names: tuple[str, ...]

    @property
    def schema(self) -> Schema:
        """The columns of the data type."""
        return SCHEMAS[self.plan.selection.key.type]

    @property
    def arrow_schema(self) -> pa.Schema:
        """The columns asked for, as Arrow has them."""
        fields = public_schema(self.schema)
        return pa.schema([fields.field(name) for name in self.names])


def checked_columns(data_type: DataType, columns: Sequence[str] | None) -> tuple[str, ...]:
    """Give the columns asked for; None asks for all.

    Raises:
        UsageError: the type has no such column.
    """
    names = SCHEMAS[data_type].names
    if columns is None:
        return names
    if isinstance(columns, str):
        raise UsageError(f"columns are given as a list of names, not as {columns!r}")
    if not columns or len(set(columns)) < len(columns):
        raise UsageError(f"name at least one column, and each only once, not {list(columns)}")
    unknown = [name for name in columns if name not in names]
    if unknown:
        raise UsageError(
            f"{data_type} has no column {', '.join(map(str, unknown))}: it has {', '.join(names)}"
        )
    return tuple(columns)


def read_batches(library: Library, read: RangeRead, rows: int) -> Iterator[pa.RecordBatch]:
    """Give *rows* rows at a time, and what is left at the end."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for block in library.rows(read.plan, read.names):
        waiting.append(record_batch(block, read.names))
        count += len(block)
        if count < rows:
            continue
        batch = pa.concat_batches(waiting)
        for low in range(0, count - rows + 1, rows):
            yield batch.slice(low, rows)
        count %= rows
        waiting = [batch.slice(len(batch) - count)] if count else []
    if count:
        yield pa.concat_batches(waiting)


def read_table(library: Library, read: RangeRead) -> pa.Table:
    """Give the whole range, each part in chunks of so many rows that they share their names."""
    batches = [
        record_batch(block.cut(low, min(low + SHARED_ROWS, len(block))), read.names)
        for block in library.whole_parts(read.plan, read.names)
        for low in range(0, len(block), SHARED_ROWS)
    ]
    return pa.Table.from_batches(batches, schema=None if batches else read.arrow_schema)


def read_frame(library: Library, read: RangeRead) -> pd.DataFrame:
    """Give the whole range with missing numbers as NaN and missing integers as ``<NA>`` (Int64)."""
    import pandas as pd

    table = read_table(library, read)
    nullable = [
        name
        for name in read.names
        if (column := read.schema.column(name)).kind is Kind.TIME and not column.required
    ]
    frame: pd.DataFrame = table.drop_columns(nullable).to_pandas()
    for name in nullable:
        cells = table[name].to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        frame.insert(read.names.index(name), name, cells)
    return frame
