"""Compile the kernels of the store ahead of their first use: ``python -m tickreel.store.warm``."""

from __future__ import annotations

from importlib import import_module

_USERS_OF_KERNELS = (
    "tickreel.store.health.idkernels",
    "tickreel.store.health.kernels",
    "tickreel.store.health.rowkernels",
    "tickreel.store.segments.decoding",
    "tickreel.store.segments.levels",
    "tickreel.store.segments.writer",
    "tickreel.store.textkernels",
)


def warm() -> None:
    """Compile every kernel, or load it from Numba's cache; their signatures are spelled out."""
    for module in _USERS_OF_KERNELS:
        import_module(module)


if __name__ == "__main__":
    warm()
