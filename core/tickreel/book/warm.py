"""Compile the kernels ahead of their first use: ``python -m tickreel.book.warm``.

Run by a helper process at the first start, this leaves Numba's cache on disk filled, so that the
first replay of the program itself neither waits for the compiler nor stutters beside it.
"""

from __future__ import annotations

import numpy as np

from tickreel.book.builder import BookBuilder
from tickreel.book.rows import L2Rows


def warm() -> None:
    """Compile every kernel, or load it from Numba's cache."""
    builder = BookBuilder()
    builder.apply_with_touch(
        L2Rows(
            local_us=np.array([1, 1]),
            is_snapshot=np.array([True, True]),
            side=np.array([0, 1], np.int8),
            price=np.array([10.0, 10.5]),
            amount=np.array([1.0, 2.0]),
        )
    )
    builder.view()


if __name__ == "__main__":
    warm()
