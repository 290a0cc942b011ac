"""A moment by which a call must have ended, however slowly its bytes come; and what a whole read may lose.

A time limit of a socket begins anew with every byte, so that a server that sends one now and then keeps
its caller for ever. What is wrapped here lets each wait be no longer than what is left of the whole call.
In the same way a limit of a call begins anew with every call, of which a read of some days needs many: so
those that are slow share one patience.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

_calls = threading.local()

_FREE_SHARE = 10
"""A call that takes up to such a part of the deadline goes well, and so costs a read nothing."""
_FLOOR_BYTES = 8_000_000
"""Of chunks that a server must bring in a deadline to go well; the least that is worth waiting for."""


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


class Patience:
    """What one read gives a server, over all of its calls and on any thread: one deadline, lost to slow ones.

    A call that goes well takes nothing of it, so that a long range may take as long as it needs; one that is
    slow or fails takes all of its time. So whatever the server does, and whenever it begins to: a read takes
    no longer than its good calls and one deadline.
    """

    def __init__(self, deadline_s: float, *, now_s: Callable[[], float] = monotonic) -> None:
        self._deadline_s = deadline_s
        self._now_s = now_s
        self._left_s = deadline_s
        self._lock = threading.Lock()

    @property
    def left_s(self) -> float:
        """How long the next call may take, in seconds."""
        return max(self._left_s, 0.0)

    @contextmanager
    def call(self, size: int = 0) -> Iterator[None]:
        """Let a call that is to bring *size* bytes end within what is left, and take off what it loses."""
        began_s = self._now_s()
        try:
            with within(self.left_s):
                yield
        finally:
            took_s = self._now_s() - began_s
            if took_s > self._deadline_s * (1 / _FREE_SHARE + size / _FLOOR_BYTES):
                with self._lock:
                    self._left_s -= took_s


@contextmanager
def patient(patience: Patience) -> Iterator[Patience]:
    """Let the calls of this thread share *patience*; of several around one another the outermost counts."""
    before: Patience | None = getattr(_calls, "patience", None)
    _calls.patience = before or patience
    try:
        yield _calls.patience
    finally:
        _calls.patience = before


def patience_of_read(deadline_s: float) -> Patience:
    """Give the patience of the read that this thread is at; a call that is part of none has its own."""
    return getattr(_calls, "patience", None) or Patience(deadline_s)


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
        left = memoryview(data).cast("B")
        while left:  # piece by piece, as over TLS each has its time anew
            self._inner.settimeout(self._left_s())
            left = left[self._inner.send(left) :]

    def _left_s(self) -> float | None:
        return at_most(self._timeout_s)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
