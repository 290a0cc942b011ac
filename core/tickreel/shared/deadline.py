"""A moment by which a call must have ended, however slowly its bytes come.

A time limit of a socket begins anew with every byte, so that a server that sends one now and then keeps
its caller for ever. What is wrapped here lets each wait be no longer than what is left of the whole call.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

_calls = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let what this thread does on wrapped sockets end *seconds* from now; the first of several counts."""
    before: float | None = getattr(_calls, "ends_s", None)
    ends_s = monotonic() + seconds
    _calls.ends_s = ends_s if before is None else min(before, ends_s)
    try:
        yield
    finally:
        _calls.ends_s = before


def at_most(timeout_s: float | None) -> float | None:
    """Give the limit of a wait that this thread begins now: *timeout_s*, or what is left of the call.

    Raises:
        TimeoutError: nothing is left.
    """
    ends_s: float | None = getattr(_calls, "ends_s", None)
    if ends_s is None or timeout_s == 0:  # nobody set one, or nothing is waited for
        return timeout_s
    left_s = ends_s - monotonic()
    if left_s <= 0:
        raise TimeoutError("the deadline of the call is over")
    return left_s if timeout_s is None else min(left_s, timeout_s)


class DeadlineSocket:
    """A connected socket, plain or TLS, whose waits end with the deadline of the calling thread."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._timeout_s = inner.gettimeout()

    def settimeout(self, timeout_s: float | None) -> None:
        """Set the limit of a single wait."""
        self._timeout_s = timeout_s

    def gettimeout(self) -> float | None:
        """Give the limit of a single wait."""
        return self._timeout_s

    def recv_into(self, buffer: Any, *args: int) -> int:
        """Receive as a socket does; raises TimeoutError when the deadline is over."""
        self._inner.settimeout(self._left_s())
        return self._inner.recv_into(buffer, *args)

    def recv(self, size: int, *flags: int) -> bytes:
        """Receive as a socket does; raises TimeoutError when the deadline is over."""
        self._inner.settimeout(self._left_s())
        return self._inner.recv(size, *flags)

    def sendall(self, data: Any) -> None:
        """Send as a socket does; raises TimeoutError when the deadline is over."""
        self._inner.settimeout(self._left_s())
        self._inner.sendall(data)

    def _left_s(self) -> float | None:
        return at_most(self._timeout_s)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
