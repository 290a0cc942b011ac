"""Blocks put one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.market.block import Block, Texts, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel.market.block import ColumnData


def joined(blocks: Sequence[Block], into: dict[str, NDArray[Any]] | None = None) -> Block:
    """Copy blocks of the same columns, at least one, into one; a single one is given as it is.

    Arrays in *into*, by name of their column, are written to where they are long enough; else a longer
    one takes their place.
    """
    first = blocks[0]
    if len(blocks) == 1:
        return first
    symbol = first.symbol
    if any(block.symbol != symbol for block in blocks) if isinstance(symbol, str) else True:
        symbol = _joined_words([_symbols(block) for block in blocks])
    return Block(
        first.schema,
        first.exchange,
        symbol,
        {name: _joined_into(name, [block.columns[name] for block in blocks], into) for name in first.columns},
    )


def _joined_into(name: str, parts: Sequence[ColumnData], into: dict[str, NDArray[Any]] | None) -> ColumnData:
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if into is None or len(arrays) != len(parts):
        return joined_columns(parts)
    rows = sum(map(len, arrays))
    if name not in into or len(into[name]) < rows:
        into[name] = np.empty(rows, arrays[0].dtype)
    return np.concatenate(arrays, out=into[name][:rows])


def joined_columns(parts: Sequence[ColumnData]) -> ColumnData:
    """Copy the parts of one column into one."""
    words = [part for part in parts if isinstance(part, Words)]
    if len(words) == len(parts):
        return _joined_words(words)
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if len(arrays) == len(parts):
        return np.concatenate(arrays)
    return _joined_texts([as_texts(part) for part in parts if not isinstance(part, np.ndarray)])


def as_texts(column: Words | Texts) -> Texts:
    """Spell words out."""
    return column if isinstance(column, Texts) else Texts.of(column.words).take(column.codes.astype(np.intp))


def _symbols(block: Block) -> Words:
    if isinstance(block.symbol, Words):
        return block.symbol
    return Words(np.zeros(len(block), np.int32), (block.symbol,))


def _joined_words(parts: Sequence[Words]) -> Words:
    if all(part.words == parts[0].words for part in parts):
        return Words(np.concatenate([part.codes for part in parts]), parts[0].words)
    places: dict[str, int] = {}
    for part in parts:
        for word in part.words:
            places.setdefault(word, len(places))
    translated = [
        np.array([places[word] for word in part.words], np.int32)[part.codes]
        for part in parts
        if len(part.codes)
    ]
    return Words(np.concatenate(translated) if translated else parts[0].codes, tuple(places))


def _joined_texts(parts: Sequence[Texts]) -> Texts:
    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return Texts(offsets, np.concatenate([part.data[part.offsets[0] : part.offsets[-1]] for part in parts]))
