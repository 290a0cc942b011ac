"""Write rows back as the vendor's CSV text.

The vendor's programs are JavaScript, so numbers are printed as ECMAScript prints them; a
file whose source had that form comes back byte for byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.numbers import ecmascript
from tickreel.market.types import Kind, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

_ROWS_AT_ONCE = 65_536


def csv_blocks(schema: Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield the header line, then the text of the rows in pieces of whole lines.

    *batches* hold all columns, as ``market.arrow.record_batch`` lays them out. A null is an empty
    cell, a zero of either sign ``0``; lines end in LF.
    """
    yield f"{schema.header}\n".encode()
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
            yield _text_of_rows(schema, batch.slice(start, _ROWS_AT_ONCE))


def _text_of_rows(schema: Schema, batch: pa.RecordBatch) -> bytes:
    import pyarrow.compute as pc

    cells = [
        _texts_of(column.kind, array) for column, array in zip(schema.columns, batch.columns, strict=True)
    ]
    lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
    text: bytes = pc.binary_join_element_wise(lines, "", "\n").buffers()[2].to_pybytes()
    return text


def _texts_of(kind: Kind, cells: pa.Array) -> pa.StringArray:
    import pyarrow as pa

    if kind is Kind.NUMBER or kind is Kind.TIME:
        # Neighbouring rows repeat their values, and printing costs more than finding that out.
        coded = cells.dictionary_encode()
        texts = printed(coded.dictionary) if kind is Kind.NUMBER else coded.dictionary.cast(pa.string())
        return texts.take(coded.indices)
    return cells.cast(pa.string())


def printed(numbers: pa.DoubleArray) -> pa.StringArray:
    """Print finite numbers as ECMAScript does; a null stays one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # Adding zero turns -0 into 0. Arrow prints the same shortest digits as ECMAScript, but
    # changes to an exponent at other magnitudes: what it wrote with one is printed anew.
    texts = pc.add(numbers, 0.0).cast(pa.string())
    exponents = pc.match_substring(texts, "e")
    if not pc.any(exponents).as_py():
        return texts
    anew = [ecmascript(value) for value in numbers.filter(exponents).to_pylist()]
    return pc.replace_with_mask(texts, exponents, pa.array(anew, pa.string()))
