"""SHA-256 over two streams at once, by the processor's own instructions for it.

Each of those instructions waits for the one before, and the processor could do another meanwhile: two
streams side by side take about half the time that one after the other does. Numba has no words for such
instructions, so that the work on a block is spelled in those of LLVM.

``ARE_HERE`` tells whether the processor has the instructions; where it has not, there is no kernel.
Constants are spelled here: Numba's cache on disk looks at this file alone.
"""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import config as numba_config
from numba import types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from tickreel.kernels import njit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BLOCK_BYTES = 64
STREAMS = 2
WORDS = 8
"""Of the state of a stream."""


def _has_instructions() -> bool:
    triple, _, features = cpu_target.target_context.codegen().magic_tuple()
    return triple.startswith("x86_64") and {"+sha", "+sse4.1"} <= set(features.split(","))


_config: Any = numba_config
ARE_HERE = not _config.DISABLE_JIT and _has_instructions()

_PRIMES = [n for n in range(2, 312) if all(n % divisor for divisor in range(2, isqrt(n) + 1))]


def _cube_root(number: int) -> int:
    """Give the whole part of a cube root."""
    root: int = round(number ** (1 / 3))
    while root**3 > number:
        root -= 1
    while (root + 1) ** 3 <= number:
        root += 1
    return root


# As the standard has them: the first bits behind the point of roots of the first primes.
FIRST_STATE = np.array([isqrt(prime << 64) & 0xFFFF_FFFF for prime in _PRIMES[:WORDS]], np.uint32)
_CONSTANTS = [_cube_root(prime << 96) & 0xFFFF_FFFF for prime in _PRIMES]
_ROUNDS = len(_CONSTANTS)

# Nothing of Numba's own tools has types.
_alloca: Any = cgutils.alloca_once
_function: Any = cgutils.get_or_insert_function
_struct_proxy: Any = cgutils.create_struct_proxy

_WORD = ir.IntType(32)
_FOUR = ir.VectorType(_WORD, 4)
_FOUR_BYTES = 16


class _Stream:
    """One of the streams, as the values that LLVM has of it."""

    def __init__(self, builder: Any, words: Any) -> None:
        """Take the state from eight words in memory, in the order that the instructions want."""
        self._builder = builder
        self._words = builder.bitcast(words, _FOUR.as_pointer())
        low, high = (self._load(self._half(place)) for place in range(2))
        # LLVM keeps in registers what lies in such places.
        self._places = [_alloca(builder, _FOUR) for _ in range(2)]
        for place, mask in zip(self._places, ((5, 4, 1, 0), (7, 6, 3, 2)), strict=True):
            builder.store(self._shuffled(low, high, mask), place)
        self._before: list[Any] = []
        self._state: list[Any] = []
        self._message: list[Any] = []

    def begin(self, data: Any) -> None:
        """Begin a block, the words of which lie in memory with their highest byte first."""
        builder = self._builder
        pieces = builder.bitcast(data, _FOUR.as_pointer())
        swap = _function(builder.module, ir.FunctionType(_FOUR, [_FOUR]), "llvm.bswap.v4i32")
        self._message = [
            builder.call(swap, [self._load(builder.gep(pieces, [ir.Constant(_WORD, place)]))])
            for place in range(4)
        ]
        self._before = [builder.load(place) for place in self._places]
        self._state = self._before.copy()

    def work(self, first: int) -> None:
        """Do the four rounds from *first* on, and make the words of the message for four later ones."""
        builder, message = self._builder, self._message
        now = first // 4 % 4
        words = builder.add(message[now], ir.Constant(_FOUR, _CONSTANTS[first : first + 4]))
        for _ in range(2):
            newer, older = self._state
            self._state = [self._instruction("rnds2", older, newer, words), newer]
            words = self._shuffled(words, words, (2, 3, 2, 3))
        if first < _ROUNDS - 16:
            after, third, last = (message[(now + step) % 4] for step in (1, 2, 3))
            sums = self._instruction("msg1", message[now], after)
            sums = builder.add(sums, self._shuffled(third, last, (1, 2, 3, 4)))
            message[now] = self._instruction("msg2", sums, last)

    def end(self) -> None:
        """Add what the state was before the block."""
        for place, *values in zip(self._places, self._state, self._before, strict=True):
            self._builder.store(self._builder.add(*values), place)

    def put_back(self) -> None:
        """Put the state back to where it came from."""
        one, other = (self._builder.load(place) for place in self._places)
        for place, mask in enumerate(((3, 2, 7, 6), (1, 0, 5, 4))):
            self._builder.store(self._shuffled(one, other, mask), self._half(place), align=4)

    def _half(self, place: int) -> Any:
        return self._builder.gep(self._words, [ir.Constant(_WORD, place)])

    def _load(self, pointer: Any) -> Any:
        value = self._builder.load(pointer)
        value.align = 1
        return value

    def _shuffled(self, one: Any, other: Any, mask: Sequence[int]) -> Any:
        return self._builder.shuffle_vector(one, other, ir.Constant(ir.VectorType(_WORD, len(mask)), mask))

    def _instruction(self, name: str, *values: Any) -> Any:
        kind = ir.FunctionType(_FOUR, [_FOUR] * len(values))
        called = _function(self._builder.module, kind, f"llvm.x86.sha256{name}")
        return self._builder.call(called, values)


def _working(context: Any, one: Any, other: Any, blocks: Any, states: Any) -> Any:
    """Work the first blocks of two texts into the states of their streams."""
    signature = types.void(one, other, blocks, states)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        *texts, states = (
            _struct_proxy(kind)(context, builder, value).data
            for kind, value in zip(signature.args, arguments, strict=True)
            if isinstance(kind, types.Array)
        )
        streams = [
            _Stream(builder, builder.gep(states, [ir.Constant(_WORD, WORDS * place)]))
            for place in range(STREAMS)
        ]
        with cgutils.for_range(builder, arguments[2]) as loop:
            at = builder.mul(loop.index, ir.Constant(loop.index.type, BLOCK_BYTES))
            for stream, text in zip(streams, texts, strict=True):
                stream.begin(builder.gep(text, [at]))
            for first in range(0, _ROUNDS, 4):
                for stream in streams:
                    stream.work(first)
            for stream in streams:
                stream.end()
        for stream in streams:
            stream.put_back()
        return context.get_dummy_value()

    return signature, generate


_work: Any = intrinsic(_working)

if ARE_HERE:
    _BYTES = types.Array(types.uint8, 1, "C", readonly=True)

    @njit(types.void(_BYTES, _BYTES, types.uint32[:, ::1]), cache=True, nogil=True)
    def work_blocks(one: NDArray[np.uint8], other: NDArray[np.uint8], states: NDArray[np.uint32]) -> None:
        """Work the whole blocks at the start of two texts of one length into their states (2, 8)."""
        _work(one, other, one.size // BLOCK_BYTES, states)
