"""The hash by which two books are known to be the same, whatever way they were reached."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from tickreel.market.numbers import positional

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def state_hash(bids: NDArray[np.float64], asks: NDArray[np.float64]) -> str:
    """Hash all levels of a book, each side (n, 2) with the best level first.

    SHA-256 in hexadecimal over ASCII lines ``b,<price>,<amount>`` for the bids, then
    ``a,<price>,<amount>`` for the asks; numbers as
    :func:`tickreel.market.numbers.positional` prints them.
    """
    digest = sha256()
    for letter, levels in (("b", bids), ("a", asks)):
        if len(levels):
            cells = _cells(levels)
            pairs = zip(cells[0::2], cells[1::2], strict=True)
            text = "".join([f"{letter},{price},{amount}\n" for price, amount in pairs])
            digest.update(text.encode("ascii"))
    return digest.hexdigest()


def _cells(levels: NDArray[np.float64]) -> list[str]:
    """Print prices and amounts in turn.

    One ``repr`` of the whole list is five times quicker than a call per number, and differs from
    ``positional`` only by a trailing ``.0`` and by exponents, which are mended here.
    """
    # Adding zero turns -0.0 into 0.0 and changes nothing else.
    text = repr((levels + 0.0).ravel().tolist())[1:-1] + ", "
    cells = text.replace(".0, ", ", ").split(", ")[:-1]
    if "e" in text:
        cells = [positional(float(cell)) if "e" in cell else cell for cell in cells]
    return cells
