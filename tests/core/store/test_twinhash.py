from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.market.block import Block
from tickreel.market.types import SCHEMAS, DataType
from tickreel.store import hashkernels
from tickreel.store.digest import RowsDigest
from tickreel.store.twinhash import TwinSha256

_needs_instructions = pytest.mark.skipif(
    not hashkernels.ARE_HERE, reason="this processor has no instructions for SHA-256"
)


@_needs_instructions
@given(
    size=st.integers(0, 700),
    cuts=st.lists(st.integers(0, 700), max_size=6),
    seed=st.integers(0, 2**32 - 1),
)
def test_texts_cut_anywhere_have_the_digests_of_hashlib(size: int, cuts: list[int], seed: int) -> None:
    one, other = np.random.default_rng(seed).integers(0, 256, (2, size), np.uint8)
    twin = TwinSha256()
    for low, high in pairwise(sorted({0, size, *(min(cut, size) for cut in cuts)})):
        twin.update(one[low:high], other[low:high])
        so_far = tuple(hashlib.sha256(text[:high]).digest() for text in (one, other))
        assert twin.digests() == so_far
    assert twin.digests() == (hashlib.sha256(one).digest(), hashlib.sha256(other).digest())


@_needs_instructions
def test_texts_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        TwinSha256().update(np.zeros(64, np.uint8), np.zeros(128, np.uint8))


@_needs_instructions
@pytest.mark.parametrize("data_type", [DataType.INCREMENTAL_BOOK_L2, DataType.QUOTES])
def test_a_processor_without_the_instructions_gives_the_same(
    data_type: DataType, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = SCHEMAS[data_type]
    columns = {
        name: np.arange(1000, dtype=np.int8 if name in ("is_snapshot", "side") else np.int64)
        for name in schema.names
        if name not in ("exchange", "symbol")
    }
    block = Block(schema, "e", "s", columns)
    found = []
    for is_here in (True, False):
        monkeypatch.setattr(hashkernels, "ARE_HERE", is_here)
        digest = RowsDigest(schema, grouped=False)
        digest.update(block)
        found.append(digest.hexdigest())
    assert found[0] == found[1]
