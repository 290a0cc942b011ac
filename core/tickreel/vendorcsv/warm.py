"""Compile the parser's kernel ahead of its first use: ``python -m tickreel.vendorcsv.warm``.

Numba's cache on disk is filled by it, so that the first import of a file need not wait.
"""

from __future__ import annotations

from importlib import import_module


def warm() -> None:
    """Compile the kernel, or load it from Numba's cache."""
    # Its signature is spelled out: importing compiles.
    import_module("tickreel.vendorcsv.kernels")


if __name__ == "__main__":
    warm()
