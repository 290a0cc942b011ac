"""Who of all machines fetches a day: a lease on the server, with a token that grows.

A lease ends by itself a few seconds after its holder has fallen silent, so that another takes over. What a
holder does that was only slow, and believes that it still has the lease, is held off by the token: a day that
was put on the server with a later one stays (:meth:`~tickreel.shared.putting.Putter.put`).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.shared.naming import DayKeys
from tickreel.shared.trouble import LineFailed, Trouble
from tickreel.shared.values import Foreign, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.shared.line import Line

_LOGGER = logging.getLogger(__name__)

LEASE_S = 10.0
"""How long a lease outlives the last word of its holder."""
_FENCE_KEPT_S = 7 * 86_400

# A token is never lower than the time of the server: where the last one has been evicted, the next is
# still higher, as no lease lives as long as a clock is set back.
_CLAIM = """
local held = redis.call('GETRANGE', KEYS[1], 0, 4095)
if redis.call('EXISTS', KEYS[1]) == 1 then return {'', held} end
local time = redis.call('TIME')
local before = tonumber(redis.call('GETRANGE', KEYS[2], 0, 31)) or 0
local token = math.max(time[1] * 1000000 + time[2], before + 1)
local text = string.format('%.0f', token)
redis.call('SET', KEYS[1], text .. '|' .. ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], text, 'EX', ARGV[3])
return {text, ''}
"""
_RENEW = """
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1]) ~= ARGV[1] .. '|' then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. ARGV[2], 'PX', ARGV[3])
return 1
"""
_RELEASE = """
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1]) ~= ARGV[1] .. '|' then return 0 end
return redis.call('DEL', KEYS[1])
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody else fetches the day."""

    by: str
    """Host and process."""
    done_bytes: int
    total_bytes: int | None

    def __str__(self) -> str:
        if not self.total_bytes:
            return self.by
        return f"{self.by}, {min(100 * self.done_bytes // self.total_bytes, 100)} %"


class Lease:
    """The right to fetch one day, renewed until it is let go; made by :meth:`Leases.claim`."""

    def __init__(self, leases: Leases, keys: DayKeys, token: int) -> None:
        self._leases = leases
        self.keys = keys
        self.token = token
        self._progress: tuple[int, int | None] = (0, None)
        self._is_over = False

    def tell(self, done_bytes: int, total_bytes: int | None) -> None:
        """Say how far the fetch has come; those who wait see it with the next renewal."""
        self._progress = (done_bytes, total_bytes)

    def release(self) -> None:
        """Let others fetch it; a second call does nothing."""
        if not self._is_over:
            self._is_over = True
            self._leases.end(self)

    @property
    def progress(self) -> tuple[int, int | None]:
        """Bytes that have come, of how many."""
        return self._progress


class Leases:
    """Claims days for this process, and keeps what it has; usable from several threads."""

    def __init__(self, line: Line, *, lease_s: float = LEASE_S) -> None:
        self._line = line
        self._lease_s = lease_s
        self._lock = threading.Lock()
        self._held: dict[DayKeys, Lease] = {}
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._me = f"{socket.gethostname()} (process {os.getpid()})"

    def claim(self, key: DatasetKey, day: date) -> Lease | Held:
        """Take the right to fetch a day, or say who has it.

        Raises:
            LineFailed: the server cannot be asked, or refuses.
        """
        keys = DayKeys(key, day)
        value = self._value(keys, (0, None))
        answer = self._line.write(
            lambda client: client.eval(
                _CLAIM, 2, keys.lease, keys.fence, value, round(self._lease_s * 1_000), _FENCE_KEPT_S
            )
        )
        if not isinstance(answer, list) or len(answer) != 2:
            raise LineFailed(Trouble.NOT_REDIS, "to a claim came another answer")
        text, held = answer
        if not text:
            return _held(keys, held)
        if not isinstance(text, bytes) or not text.isdigit():
            raise LineFailed(Trouble.NOT_REDIS, "to a claim came another answer")
        lease = Lease(self, keys, int(text))
        with self._lock:
            self._held[keys] = lease
            if self._thread is None:
                self._thread = threading.Thread(target=self._renew_all, name="tickreel-leases", daemon=True)
                self._thread.start()
        return lease

    def end(self, lease: Lease) -> None:
        """Give a lease back; where the server cannot be told, it ends by itself."""
        with self._lock:
            self._held.pop(lease.keys, None)
        self._tell(lease.keys, lambda client: client.eval(_RELEASE, 1, lease.keys.lease, str(lease.token)))

    def close(self) -> None:
        """Give all leases back, and end."""
        self._ended.set()
        with self._lock:
            held, thread = list(self._held.values()), self._thread
        for lease in held:
            lease.release()
        if thread is not None:
            thread.join()

    def _renew_all(self) -> None:
        while not self._ended.wait(self._lease_s / 4):
            with self._lock:
                held = list(self._held.values())
            for lease in held:
                self._renew(lease)

    def _renew(self, lease: Lease) -> None:
        value = self._value(lease.keys, lease.progress)
        kept = self._tell(
            lease.keys,
            lambda client: client.eval(
                _RENEW, 1, lease.keys.lease, str(lease.token), value, round(self._lease_s * 1_000)
            ),
        )
        if kept == 0:
            with self._lock:
                self._held.pop(lease.keys, None)
            _LOGGER.info("the lease of %s %s was lost: another may fetch it", lease.keys.key, lease.keys.day)

    def _tell(self, keys: DayKeys, work: Callable[..., int]) -> int | None:
        try:
            return self._line.write(work)
        except LineFailed as failed:
            _LOGGER.info("the lease of %s %s was not told of: %s", keys.key, keys.day, failed)
            return None

    def _value(self, keys: DayKeys, progress: tuple[int, int | None]) -> bytes:
        return packed(keys.lease, [self._me, *progress])


def _held(keys: DayKeys, value: object) -> Held:
    """Read who has a lease, which anybody may have written."""
    body = value.partition(b"|")[2] if isinstance(value, bytes) else b""
    try:
        fields, _ = unpacked(keys.lease, body)
        by, done, total = fields
        if isinstance(by, str) and type(done) is int and (total is None or type(total) is int):
            return Held("".join(filter(str.isprintable, by))[:100], done, total)
    except (Foreign, ValueError):
        pass
    return Held("another machine", 0, None)
