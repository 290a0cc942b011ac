"""The digest of a result: by its bytes, written out here once more, and moved by whatever counts."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import numpy as np
import pytest
from support.outcomes import round_trip

from tickreel.backtest.runs.digest import column_bytes, result_sha256


def plain(table: np.ndarray[Any, Any]) -> bytes:
    """Digest a table as the page says, value by value."""
    columns = []
    for name in table.dtype.names or ():
        digest = hashlib.sha256()
        for value in table[name].ravel().tolist():
            if isinstance(value, bool):
                digest.update(bytes([value]))
            elif isinstance(value, int):
                digest.update(struct.pack("<q", value))
            elif value != value:
                digest.update(bytes.fromhex("000000000000f87f"))
            else:
                digest.update(struct.pack("<d", value if value != 0 else 0.0))
        columns.append(digest.digest())
    return hashlib.sha256(b"".join(columns)).digest()


def test_the_digest_is_what_the_page_says() -> None:
    run = round_trip()
    tables = run.orders, run.fills, run.equity
    expected = hashlib.sha256(b"".join(plain(table) for table in tables)).hexdigest()
    assert result_sha256(*tables) == expected


def test_the_digest_is_one_for_all_versions() -> None:
    run = round_trip()
    vector = "94b0067a2bccd442f595179d92f063ef0d8aca0212b628a36dd010b960fbd911"
    assert result_sha256(run.orders, run.fills, run.equity) == vector


def test_spellings_of_one_number_are_one() -> None:
    odd_nan = np.array([0x7FF8000000000001, 0xFFF8000000000000], np.uint64).view(np.float64)
    assert column_bytes(odd_nan) == bytes.fromhex("000000000000f87f") * 2
    assert column_bytes(np.array([-0.0])) == bytes(8)
    assert column_bytes(np.array([1], np.int8)) == column_bytes(np.array([1], np.int64))
    assert column_bytes(np.array(["a", "é"])) == b"a\x1f\xc3\xa9\x1f"
    with pytest.raises(TypeError):
        column_bytes(np.array([object()]))


@pytest.mark.parametrize("table", ["orders", "fills", "equity"])
def test_every_column_counts(table: str) -> None:
    run = round_trip()
    before = result_sha256(run.orders, run.fills, run.equity)
    rows = getattr(run, table)
    for name in rows.dtype.names:
        changed = round_trip()
        column = getattr(changed, table)[name]
        if column.dtype.kind == "b":
            column[0] = ~column[0]
        else:
            column[0] = np.nan_to_num(column[0]) + 1
        assert result_sha256(changed.orders, changed.fills, changed.equity) != before, name
