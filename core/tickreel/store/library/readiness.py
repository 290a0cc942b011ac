"""What a process loads, or has compiled, before its first read: a wait of some seconds, and no latency.

Whoever measures reads has it loaded before the clock runs. It stands at the top of no module, as most
commands never need it.
"""

from __future__ import annotations


def prepare_rows() -> None:
    """Load what decodes rows."""
    import tickreel.store.segments.decoding  # noqa: F401  (for its kernels)


def prepare_storing() -> None:
    """Load what decodes rows that come from elsewhere, looks through them and writes them."""
    prepare_rows()
    import tickreel.store.health.watch
    import tickreel.store.segments.columns
    import tickreel.store.segments.writer  # noqa: F401  (for their kernels)


def prepare_books() -> None:
    """Load what builds books from rows and keyframes."""
    prepare_rows()
    import tickreel.book.kernels
    import tickreel.book.levelkernels
    import tickreel.store.segments.levels  # noqa: F401  (for their kernels)
