"""Where a server is to listen, and who may ask it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tickreel.errors import UsageError
from tickreel.server.access import LOOPBACK, Gate, is_loopback

DEFAULT_PORT = 8000


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """Where a server listens, and who may ask it."""

    port: int = DEFAULT_PORT
    """HTTP and WebSocket; the next port is for WebSocket alone. 0 lets the system choose both."""
    address: str = LOOPBACK
    token: str | None = field(default=None, repr=False)
    names: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    @property
    def gate(self) -> Gate:
        """Who may ask.

        Raises:
            UsageError: others than this machine could, and there is no token.
        """
        if is_loopback(self.address):
            return Gate(None, self.names, self.origins)
        if not self.token:
            raise UsageError(
                f"{self.address} can be reached from other machines, which needs a token: keep one with "
                "`tickreel key set serve`, or set TICKREEL_SERVE_TOKEN"
            )
        return Gate(self.token, self.names, self.origins)
