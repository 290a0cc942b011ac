"""Compression that pays for values of a hundred bytes.

A tick alone is too short to compress, but ticks of a dataset have their keys and most of
their text in common. Some of the first ones are therefore kept as the dictionary of those
that follow: what a value shares with them is stored as a reference.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEVEL = 3
_SAMPLES = 64
_MOST_DICTIONARY_BYTES = 8192
_MOST_SAMPLE_BYTES = 4096


def dictionary_of(values: Sequence[bytes]) -> bytes:
    """Choose the content of a dictionary from the packed *values* of a first write."""
    step = max(1, len(values) // _SAMPLES)
    content = b"".join(value[:_MOST_SAMPLE_BYTES] for value in values[::step][:_SAMPLES])
    return content[-_MOST_DICTIONARY_BYTES:]


class Compression:
    """A dictionary, ready to compress with; may be shared by threads."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._dictionary = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        # Without the four bytes by which files are told apart: what lies here is known.
        self._parameters = zstandard.ZstdCompressionParameters.from_level(
            _LEVEL, format=zstandard.FORMAT_ZSTD1_MAGICLESS, write_content_size=1, write_dict_id=0
        )
        self._dictionary.precompute_compress(compression_params=self._parameters)
        self._own = threading.local()  # zstd's contexts serve one thread at a time

    def compress(self, packed: bytes) -> bytes:
        """Compress one packed value."""
        try:
            compressor: zstandard.ZstdCompressor = self._own.compressor
        except AttributeError:
            compressor = self._own.compressor = zstandard.ZstdCompressor(
                dict_data=self._dictionary, compression_params=self._parameters
            )
        return compressor.compress(packed)

    def decompress(self, stored: bytes, raw_bytes: int) -> bytes:
        """Undo :meth:`compress`; the result has *raw_bytes*, and no more memory is taken.

        Raises:
            ValueError: *stored* is damaged.
        """
        try:
            decompressor: zstandard.ZstdDecompressor = self._own.decompressor
        except AttributeError:
            decompressor = self._own.decompressor = zstandard.ZstdDecompressor(
                dict_data=self._dictionary, format=zstandard.FORMAT_ZSTD1_MAGICLESS
            )
        try:
            frame = zstandard.get_frame_parameters(stored, zstandard.FORMAT_ZSTD1_MAGICLESS)
            if frame.content_size != raw_bytes:
                raise ValueError("the size of the value is not the one noted")
            return decompressor.decompress(stored, max_output_size=raw_bytes)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from None
