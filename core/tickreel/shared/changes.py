"""Hears what others change on the server, so that what is remembered of a day is forgotten at once.

Only convenience rests on it: who reads asks for the day's version each time, so that a message which is
lost, or a listener that is away, cannot let anybody read what no longer holds.
"""

from __future__ import annotations

import logging
import threading
from datetime import date
from typing import TYPE_CHECKING, Any

import redis

from tickreel.market.types import DatasetKey, DataType
from tickreel.shared.naming import CHANNEL, DayKeys, channel_names
from tickreel.shared.trouble import LineFailed
from tickreel.shared.values import Foreign, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.shared.line import Line

_LOGGER = logging.getLogger(__name__)
_LOOK_EVERY_S = 0.5
_LONGEST_WAIT_S = 30.0


class Changes:
    """Calls back, on a thread of its own, with each day that changed; None when any may have."""

    def __init__(self, line: Line, on_change: Callable[[DayKeys | None], object]) -> None:
        self._line = line
        self._on_change = on_change
        self._ended = threading.Event()
        self._wait_s = _LOOK_EVERY_S
        self._has_failed = False
        self._thread = threading.Thread(target=self._run, name="tickreel-changes", daemon=True)

    def start(self) -> None:
        """Begin to listen; where nobody answers it is tried again and again."""
        self._thread.start()

    def close(self) -> None:
        """End listening."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except (LineFailed, redis.RedisError, redis.exceptions.RedisClusterException, OSError) as error:
                self._has_failed = True
                _LOGGER.info("changes of the shared cache are not heard for now: %s", error)
            self._on_change(None)
            self._ended.wait(self._wait_s)
            self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)

    def _listen(self) -> None:
        client = self._line.subscribing()
        is_sharded = self._line.is_cluster
        if is_sharded and self._has_failed:  # by itself a listener goes on asking a node that is dead
            self._line.read(lambda cluster: cluster.nodes_manager.initialize())
        listener: Any = client.pubsub(ignore_subscribe_messages=True)
        try:
            if is_sharded:
                listener.ssubscribe(*channel_names())
            else:
                listener.subscribe(CHANNEL)
            self._wait_s, self._has_failed = _LOOK_EVERY_S, False
            self._on_change(None)  # whatever was told before is lost
            hear = listener.get_sharded_message if is_sharded else listener.get_message
            while not self._ended.is_set():
                message = hear(timeout=_LOOK_EVERY_S)
                if message is not None:
                    self._on_change(_day_of(message.get("data")))
        finally:
            listener.close()


def _day_of(data: object) -> DayKeys | None:
    """Read which day a message tells of; one that is not understood may mean any."""
    try:
        (exchange, symbol, data_type, day), _ = unpacked("changed", data)
        return DayKeys(DatasetKey(exchange, symbol, DataType(data_type)), date.fromisoformat(day))
    except (Foreign, ValueError, TypeError):
        return None
