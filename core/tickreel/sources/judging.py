"""Judges what came back: which status or broken line means what, by the vendor's own rules."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time
from typing import TYPE_CHECKING

from tickreel.logs import redact
from tickreel.sources.answers import Denied, Later, LaterKind, NotThere, Unreachable, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tickreel.sources.answers import Answer

_QUOTA_FROM_S = 300.0
"""The vendor's own clients take a longer wait than this for a quota that is used up."""
_LONGEST_WAIT_S = 86_400.0
"""Beyond a day a quota is asked for again, whatever was told."""
_TRANSIENT_TEXT = "ISO 8601 format"
"""In a 400 when the delivery network has lost the query."""
_MOST_SHOWN = 200


def judge_status(
    status: int,
    retry_after: str | None,
    body: bytes,
    *,
    date: str | None = None,
    has_key: bool = True,
    way: str = "the vendor",
) -> Answer:
    """Judge an answer that is not 200 by its status, and by what it says.

    *date* is the answer's own ``Date``, by which a ``Retry-After`` that is a date is understood:
    the clock of this machine may be wrong. *way* names the host and the proxy on the way there.
    """
    said = _said(body)
    wait_s = _wait_s(retry_after, date)
    if status == HTTPStatus.NOT_FOUND:
        return NotThere()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        if wait_s is not None and wait_s > _QUOTA_FROM_S:
            return Later(f"the vendor's quota is used up (429{said})", wait_s, LaterKind.QUOTA)
        return Later(f"the vendor limits requests (429{said})", wait_s, LaterKind.RATE)
    if status == HTTPStatus.FORBIDDEN:
        why = f"the vendor refuses for now (403{said}): the key may be in use from another address"
        return Later(why, wait_s, LaterKind.BLOCKED)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Later(f"the vendor's server failed ({status}{said})", wait_s, LaterKind.SERVER)
    if status == HTTPStatus.BAD_REQUEST and _TRANSIENT_TEXT.encode() in body:
        return Later("the vendor's delivery network lost the request (400)", None, LaterKind.TRANSIENT)
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return Unreachable(
            f"{way}: the proxy wants a user name and a password (407): set TICKREEL_PROXY to its URL"
        )
    if status < HTTPStatus.BAD_REQUEST:
        return Wrong(f"the vendor answered with status {status} and no file", None)
    if status == HTTPStatus.UNAUTHORIZED and has_key:
        return Denied(
            status,
            f"the vendor refuses the key for it (401{said}): it is not valid, or its plan does not include "
            "this (`tickreel key status` tells where it comes from)",
        )
    if status == HTTPStatus.UNAUTHORIZED:
        why = f"the vendor wants a key for it (401{said})"
        return Denied(status, f"{why}: `tickreel key set tardis` keeps one, or set TARDIS_API_KEY")
    return Denied(status, f"the vendor refuses the request ({status}{said})")


def judge_error(
    error: httpx.HTTPError | ssl.SSLError, silence_s: float, way: str = ""
) -> Later | Unreachable:
    """Judge what went wrong on the way; *way* names it, where whoever tells it does not."""
    import httpx

    answer = _judged(error, silence_s)
    unsent = httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError | httpx.UnsupportedProtocol
    reason = f"{way}: {answer.reason}" if way else answer.reason
    return replace(answer, reason=reason, is_sent=not isinstance(error, unsent))


def _judged(error: httpx.HTTPError | ssl.SSLError, silence_s: float) -> Later | Unreachable:
    import httpx

    told = redact(str(error)) or type(error).__name__
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unreachable(
                f"the server's certificate does not hold ({cause.verify_message}): if your network has a "
                "proxy that opens TLS, name its authority in network.ca_file"
            )
        # Only errors that come from OpenSSL itself have a reason.
        if isinstance(cause, ssl.SSLError) and getattr(cause, "reason", None) == "WRONG_VERSION_NUMBER":
            return Unreachable("the server does not speak TLS: its address may have to begin with http://")
    match error:
        case httpx.ReadTimeout() | httpx.WriteTimeout():
            return Later(f"nothing came for {silence_s:g} s", None, LaterKind.STALLED)
        case httpx.RemoteProtocolError() if "without sending complete" in told or "incomplete" in told:
            return Later("the body ended early", None, LaterKind.SHORT)
        case httpx.ProxyError():
            if "407" in told:
                return Unreachable(
                    f"the proxy refuses ({told}): set TICKREEL_PROXY to its URL with user and password"
                )
            return Later(f"the proxy failed ({told})", None, LaterKind.CONNECTION)
        case httpx.UnsupportedProtocol() | httpx.TooManyRedirects():
            return Unreachable(f"the server cannot be asked: {told}")
        case _:
            return Later(f"the connection failed ({told})", None, LaterKind.CONNECTION)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Go from an error to what caused it; the libraries between wrap each other's errors."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _wait_s(retry_after: str | None, date: str | None) -> float | None:
    """Read a ``Retry-After`` header: whole seconds, or a date."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _LONGEST_WAIT_S)
    until_s = _moment_s(text)
    if until_s is None:
        return None
    told_s = None if date is None else _moment_s(date)
    return min(max(0.0, until_s - (time() if told_s is None else told_s)), _LONGEST_WAIT_S)


def _moment_s(text: str) -> float | None:
    """Read a date of HTTP as seconds since 1970."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _said(body: bytes) -> str:
    """Give the message of a JSON error, cut to what one line bears and without any key."""
    try:
        message = json.loads(body)["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f": {redact(' '.join(str(message).split()))[:_MOST_SHOWN]}"
