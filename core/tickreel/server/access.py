"""Who may ask: the Host and Origin of a request, and the token that any address but loopback needs."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tickreel.errors import TickreelError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK = "127.0.0.1"
_LOCAL_NAME = "localhost"


class Refused(TickreelError):
    """Say that whoever asks may not, with the status of HTTP."""

    def __init__(self, status: HTTPStatus, problem: str) -> None:
        super().__init__(problem)
        self.status = status


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules of one server.

    A page in a browser could otherwise have its visitor's own machine asked: by its address, which the
    Origin gives away, or by a name that leads there, which the Host does.
    """

    token: str | None = field(default=None, repr=False)
    """What every request must bring; None where nobody but this machine can ask."""
    names: frozenset[str] = frozenset()
    """Names of this server beside addresses and localhost."""
    origins: frozenset[str] = frozenset()
    """Pages that may ask, such as ``https://charts.example``."""

    def check(self, headers: Mapping[str, str], token_in_query: str | None) -> None:
        """Let a request pass.

        Raises:
            Refused: it may not.
        """
        host = headers.get("Host", "")
        if not self._is_ours(host):
            raise Refused(
                HTTPStatus.FORBIDDEN,
                f"this server is not asked by the name {host[:80]!r}: use its address, or start it with "
                "--name for that name",
            )
        origin = headers.get("Origin")
        if origin is not None and origin not in self.origins and _place_of(origin) != host:
            raise Refused(
                HTTPStatus.FORBIDDEN,
                f"pages of {origin[:80]!r} may not ask this server: start it with --origin for them",
            )
        if self.token is not None and not self._is_known(headers, token_in_query):
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                "this server needs its token, as `Authorization: Bearer TOKEN` or as &token=TOKEN",
            )

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        if not name:
            return False
        if name == _LOCAL_NAME or name in self.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _is_known(self, headers: Mapping[str, str], token_in_query: str | None) -> bool:
        scheme, _, bearer = headers.get("Authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else token_in_query
        assert self.token is not None
        # What is no UTF-8 arrives as lone surrogates.
        return given is not None and hmac.compare_digest(
            given.encode("utf-8", "surrogateescape"), self.token.encode()
        )


def _place_of(origin: str) -> str | None:
    """Give the host and port of an origin; None where it has none that can be read."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def is_loopback(address: str) -> bool:
    """Tell whether an address to listen at is reached from this machine alone."""
    if address == _LOCAL_NAME:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
