"""How the columns of a data type lie in Arrow: inside Tickreel, and as handed to its users."""

from __future__ import annotations

import pyarrow as pa

from tickreel.market.types import SIDES, Column, Kind, Schema

_INSIDE: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.TIME: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOK_SIDE: pa.dictionary(pa.int8(), pa.string()),
    Kind.TRADE_SIDE: pa.dictionary(pa.int8(), pa.string()),
}


def inside_field(column: Column) -> pa.Field:
    """Give the Arrow field in which Tickreel itself carries *column*.

    Text is a string, empty for an empty cell (never null); times are int64 microseconds and
    numbers float64, null for an empty cell; sides are int8 codes into :data:`SIDES`.
    """
    return pa.field(column.name, _INSIDE[column.kind])


def inside_schema(schema: Schema) -> pa.Schema:
    """Give the Arrow schema of the batches that flow between reader, store and replay."""
    return pa.schema([inside_field(column) for column in schema.columns])


def side_array(column: Column, codes: pa.Array) -> pa.DictionaryArray:
    """Join int8 *codes* with the fixed words of *column*'s kind."""
    return pa.DictionaryArray.from_arrays(codes, pa.array(SIDES[column.kind], pa.string()))


def public_schema(schema: Schema) -> pa.Schema:
    """Give the schema that users see: the same names, with every coded column as plain text."""
    return pa.schema(
        [
            pa.field(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
            for field in inside_schema(schema)
        ]
    )
