"""What the fake means to send, before anything goes wrong with it, and errors in the vendor's form."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from support.faketardis.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

QUOTA_RETRY_S = 6 * 3600
JSON_TYPE = "application/json; charset=utf-8"

_PAGE = b"""<!DOCTYPE html>
<html><head><title>One moment, please</title></head><body><h1>Checking your connection</h1></body></html>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body."""

    status: int
    content_type: str
    body: bytes | Iterable[bytes] = b""
    """Pieces are sent chunked, as they come."""
    headers: tuple[tuple[str, str], ...] = ()
    is_data: bool = False
    """Whether the body is what was asked for."""
    ending: bytes | None = None
    """Of pieces: what LATE_ERROR ends them with."""


def json_answer(value: Any) -> Answer:
    """Answer with what was asked for as JSON."""
    return Answer(200, JSON_TYPE, _dumped(value), is_data=True)


def error(status: int, message: str, *headers: tuple[str, str]) -> Answer:
    """Refuse in the vendor's form; tests must not depend on the texts, which nobody has written down."""
    return Answer(status, JSON_TYPE, _dumped({"code": status, "message": message}), headers)


def not_found(path: str) -> Answer:
    """Say that there is nothing at *path*."""
    return error(404, f"{path} could not be found.")


def unauthorized(has_key: bool) -> Answer:
    """Refuse for want of a key that allows it."""
    if has_key:
        return error(401, "The API key is not valid, or its plan does not include what was asked for.")
    return error(401, "An API key is needed for anything but the first day of each month.")


def faulty_answer(fault: Fault, redirect_url: str) -> Answer | None:
    """Give the answer that comes in place of any other, or None if *fault* needs the plain one first."""
    match fault.kind:
        case Kind.BAD_REQUEST:
            answer = error(400, "The request has a parameter that is not known.")
        case Kind.LOST_QUERY:
            answer = error(400, "'from' has to be a date in ISO 8601 format.")
        case Kind.UNAUTHORIZED:
            answer = unauthorized(has_key=True)
        case Kind.FORBIDDEN:
            answer = error(403, "This API key is in use from too many addresses.")
        case Kind.NOT_FOUND:
            answer = not_found("This")
        case Kind.RATE_LIMIT | Kind.QUOTA | Kind.TOO_MANY:
            answer = error(429, "Too many requests, or too many bytes, for this API key.")
        case Kind.SERVER_ERROR:
            answer = error(500, "Something went wrong on the server.")
        case Kind.BAD_GATEWAY:
            answer = Answer(502, "text/html; charset=utf-8", _PAGE)
        case Kind.HTML:
            answer = Answer(200, "text/html; charset=utf-8", _PAGE)
        case Kind.JSON:
            answer = replace(error(200, "Something went wrong on the server."), is_data=False)
        case Kind.NOTHING:
            answer = Answer(200, "text/csv")
        case Kind.REDIRECT:
            answer = Answer(302, "text/plain", b"Found\n", (("Location", redirect_url),))
        case _:
            return None
    usual = {Kind.RATE_LIMIT: 1, Kind.QUOTA: QUOTA_RETRY_S}.get(fault.kind)
    wait_s = fault.retry_after_s if fault.retry_after_s is not None else usual
    return (
        answer if wait_s is None else replace(answer, headers=(*answer.headers, ("Retry-After", str(wait_s))))
    )


def _dumped(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
