"""How a replay can fail, in words for the person who must act."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.sources.answers import Denied, Later, Unreachable
from tickreel.sources.judging import judge_error, judge_status
from tickreel.sources.normalized.messages import read_trouble, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from tickreel.sources.normalized.messages import Trouble

_UPSTREAM_STATUS = re.compile(r"status code: (\d{3})")
_HINTS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "; the machine's own key (TM_API_KEY) is missing or does not cover this range",
    HTTPStatus.FORBIDDEN: "; the machine's key may be in use from another address",
    HTTPStatus.NOT_FOUND: "; is it tardis-machine that answers there?",
}


class ReplayFailed(EnvironmentProblem):
    """Say that the machine did not give the whole range: nothing that it gave may be kept."""

    def __init__(self, problem: str, *, status: int | None = None, may_pass: bool) -> None:
        super().__init__(problem)
        self.status = status
        """The HTTP status: the machine's, or the vendor's where the machine tells it; None without one."""
        self.may_pass = may_pass
        """Whether the same request may succeed later, with nobody changing anything."""


def refusal(where: str, status: int, body: bytes) -> ReplayFailed:
    """Word an answer that is no replay from its beginning."""
    trouble = read_trouble(body)
    if trouble is not None:
        return _told(where, trouble, status)
    said = f": {shown(body)}" if body else ""
    return ReplayFailed(
        f"tardis-machine at {where} answered {status}{said}{_hint(status)}",
        status=status,
        may_pass=_passes(status, body),
    )


def break_off(where: str, trouble: Trouble, lines: int) -> ReplayFailed:
    """Word what a machine tells after *lines* good lines."""
    return _told(f"{where}, after {lines} lines,", trouble, None)


def cut_short(where: str, lines: int, rest: bytes) -> ReplayFailed:
    """Word an answer that ends inside a line."""
    return ReplayFailed(
        f"tardis-machine at {where} ended its answer in the middle of line {lines + 1} ({shown(rest)}): "
        "try again, and look at what it logs",
        may_pass=True,
    )


def of_connection(where: str, error: httpx.HTTPError, lines: int, silence_s: float) -> ReplayFailed:
    """Word what went wrong on the way to the machine or back."""
    import httpx

    judged = judge_error(error, silence_s)
    assert isinstance(judged, Later | Unreachable | Denied)
    after = f", after {lines} lines" if lines else ""
    hint = ""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) and isinstance(judged, Later):
        hint = "; start it, or say where it is with TICKREEL_TARDIS_MACHINE_URL"
    return ReplayFailed(
        f"tardis-machine at {where}{after}: {judged.reason}{hint}", may_pass=isinstance(judged, Later)
    )


def _told(where: str, trouble: Trouble, status: int | None) -> ReplayFailed:
    message = trouble.message or "no reason given"
    upstream = _UPSTREAM_STATUS.search(message)
    known = int(upstream[1]) if upstream else status
    # A machine that fails before it begins, and not on its way to the vendor, refuses the request.
    is_refused = status == HTTPStatus.INTERNAL_SERVER_ERROR and upstream is None and trouble.url is None
    return ReplayFailed(
        f"tardis-machine at {where} says: {message}{_hint(known)}",
        status=known,
        may_pass=not is_refused and (known is None or _passes(known, message.encode())),
    )


def _passes(status: int, said: bytes) -> bool:
    return isinstance(judge_status(status, None, said), Later)


def _hint(status: int | None) -> str:
    return "" if status is None else _HINTS.get(status, "")
