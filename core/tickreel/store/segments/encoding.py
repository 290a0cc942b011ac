"""From rows to the payload of a chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tickreel.market.block import Texts, Words
from tickreel.market.types import DatasetKey, DataType, Kind
from tickreel.store.segments.columns import EITHER, ColumnEncoder, Encoded, Laid, laid_out
from tickreel.store.segments.joining import as_texts
from tickreel.store.segments.layout import stored_columns
from tickreel.store.segments.row_kernels import find_runs, take_runs
from tickreel.store.segments.streams import RUN_LENGTHS, Form, Transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.market.block import Block, ColumnData

_TOLD_BY_RUNS = ("local_timestamp", "timestamp", "is_snapshot")
"""The columns of an order book, beside the symbol, that are stored once a run."""
_ONE_SYMBOL = np.empty(0, np.int32)
_MAX_WORDS = 1 << 16
"""Different texts of one column that are stored as words; the symbols of a group are not bounded."""


class _Runs(NamedTuple):
    """The rows at which anything changes that is stored once a run."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    told: dict[str, NDArray[np.int64]]
    """What the runs' rows have in common, by column."""


def _runs_of(block: Block) -> _Runs:
    starts = np.empty(len(block), np.int64)
    symbols = block.symbol.codes if isinstance(block.symbol, Words) else _ONE_SYMBOL
    local_us, exchange_us, flags = (np.ascontiguousarray(block.array(name)) for name in _TOLD_BY_RUNS)
    starts = starts[: find_runs(local_us, exchange_us, flags, np.ascontiguousarray(symbols), starts)]
    taken = np.empty((1 + len(_TOLD_BY_RUNS), len(starts)), np.int64)
    take_runs(starts, local_us, exchange_us, flags, taken)
    return _Runs(starts, taken[0], dict(zip(_TOLD_BY_RUNS, taken[1:], strict=True)))


class ChunkEncoder:
    """Encode chunk after chunk of one dataset; what it learns of a column serves the next chunk."""

    def __init__(self, key: DatasetKey) -> None:
        self._key = key
        self._columns = stored_columns(key)
        self._coders = {column.name: ColumnEncoder(place) for place, column in enumerate(self._columns)}
        self._lengths = ColumnEncoder(RUN_LENGTHS)
        self._dictionaries: dict[str, dict[str, int]] = {
            column.name: {} for column in self._columns if column.kind is Kind.TEXT and column.name != "id"
        }

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The words met so far, by column, in the order of their codes."""
        return {name: tuple(words) for name, words in self._dictionaries.items()}

    def encode(self, block: Block) -> Laid:
        """Lay the rows of *block* out as a chunk."""
        runs = _runs_of(block) if self._key.type is DataType.INCREMENTAL_BOOK_L2 else None
        streams: list[Encoded] = []
        if runs is not None:
            streams.append(self._lengths.integers(runs.lengths, Form.INTEGERS, (Transform.PLAIN,)))
        for column in self._columns:
            name = column.name
            coder = self._coders[name]
            if column.kind is Kind.TEXT:
                streams.append(self._text(coder, name, block, runs))
                continue
            if column.kind is Kind.BOOK_SIDE:
                continue  # rides on the price
            values: NDArray[Any] = np.ascontiguousarray(
                runs.told[name] if runs is not None and name in runs.told else block.array(name)
            )
            if name == "timestamp":
                local = block.local_us if runs is None else runs.told["local_timestamp"]
                streams.append(coder.exchange_times(values, local))
            elif column.kind is Kind.NUMBER:
                if name == "price" and runs is not None:
                    streams.append(coder.numbers(values, np.ascontiguousarray(block.array("side"))))
                else:
                    streams.append(coder.numbers(values))
            else:
                transforms = EITHER if column.kind is Kind.TIME else (Transform.PLAIN,)
                streams.append(coder.integers(values.astype(np.int64, copy=False), Form.INTEGERS, transforms))
        return laid_out(len(block), 0 if runs is None else len(runs.starts), streams)

    def _text(self, coder: ColumnEncoder, name: str, block: Block, runs: _Runs | None) -> Encoded:
        column: ColumnData | str = block.symbol if name == "symbol" else block.columns[name]
        if isinstance(column, str):
            column = Words(np.zeros(len(block), np.int32), (column,))
        assert not isinstance(column, np.ndarray)
        if runs is not None:
            column = column.take(runs.starts.astype(np.intp, copy=False))
        if name == "id":
            return coder.texts(as_texts(column))
        codes = self._codes(name, column)
        if codes is None:
            return coder.texts(as_texts(column))
        return coder.integers(codes, Form.WORDS, EITHER)

    def _codes(self, name: str, column: Words | Texts) -> NDArray[np.int64] | None:
        """Translate texts to the codes of this segment; None when there are too many of them."""
        dictionary = self._dictionaries[name]
        if isinstance(column, Texts):
            own = list(column.texts())
            words = dict.fromkeys(own)
        else:
            used = np.unique(column.codes).tolist()
            words = dict.fromkeys(column.words[code] for code in used)
        fresh = [word for word in words if word not in dictionary]
        if name != "symbol" and len(dictionary) + len(fresh) > _MAX_WORDS:
            return None
        for word in fresh:
            dictionary[word] = len(dictionary)
        if isinstance(column, Texts):
            return np.array([dictionary[word] for word in own], np.int64)
        known = np.zeros(max(used) + 1, np.int64)
        known[used] = [dictionary[column.words[code]] for code in used]
        return known[column.codes]
