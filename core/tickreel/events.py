"""Events by which the core tells that something has happened, without knowing who listens.

An event is a small frozen value named in the past tense that carries ids, never data: who
listens asks the core for the new state.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened."""


@dataclass(frozen=True, slots=True)
class DatasetsChanged(Event):
    """Days of these datasets were added, replaced or removed."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobChanged(Event):
    """A job moved to another state or made progress."""

    job_id: str


E = TypeVar("E", bound=Event)


class Bus:
    """Hand events to those who subscribed to their type.

    A bus belongs to the thread of its event loop: subscribe, publish and unsubscribe there only.
    A worker posts with ``loop.call_soon_threadsafe(bus.publish, event)``.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Event], list[Callable[[Any], None]]] = {}

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call *handler* for every event of exactly this type until the returned function is called.

        The returned function may be called more than once.
        """

        # A closure of its own for every subscription, so that one handler can be subscribed twice.
        def deliver(event: E) -> None:
            handler(event)

        handlers = self._handlers.setdefault(kind, [])
        handlers.append(deliver)

        def unsubscribe() -> None:
            if deliver in handlers:
                handlers.remove(deliver)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Call the handlers of this event's type in the order in which they subscribed.

        A handler that fails is logged and does not keep the event from the others. Handlers that
        subscribe meanwhile do not see this event; those that unsubscribe no longer do.
        """
        handlers = self._handlers.get(type(event), [])
        for deliver in tuple(handlers):
            if deliver not in handlers:
                continue
            try:
                deliver(event)
            except Exception:
                _LOGGER.exception("a handler of %s failed", type(event).__name__)
