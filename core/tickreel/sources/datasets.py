"""The vendor's daily files over HTTP: one request, one answer that is fully judged.

The vendor serves no parts of a file, so that a download begins anew whenever it breaks.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, Self

from tickreel.errors import UsageError
from tickreel.keys import is_plausible
from tickreel.logs import hide
from tickreel.sources.answers import Delivered, Later, LaterKind, Withheld, Wrong
from tickreel.sources.judging import judge_error, judge_status
from tickreel.sources.landing import Landing
from tickreel.sources.network import open_client, refuse_open_key, way_to
from tickreel.sources.spelling import dataset_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import date
    from pathlib import Path
    from types import TracebackType

    import httpx

    from tickreel.filesystem import Disk
    from tickreel.keys import Key
    from tickreel.market.types import DatasetKey
    from tickreel.sources.answers import Answer, Unreachable
    from tickreel.sources.network import Network

_MOST_ERROR_BYTES = 1 << 16
_EVIDENCE_BYTES = 1 << 16
_ASK_WAITS_S = (1.0, 2.0)
_LONGEST_ASK_WAIT_S = 10.0
_SOON_OVER = frozenset(
    {LaterKind.RATE, LaterKind.SERVER, LaterKind.TRANSIENT, LaterKind.CONNECTION, LaterKind.SHORT}
)
"""Of the trouble that time may cure, what is worth waiting for when somebody waits for a list."""
_GZIP = b"\x1f\x8b"
_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/json"})


class Calls(Protocol):
    """Who counts the requests for lists, and may say no."""

    async def admit(self) -> str:
        """Count a request before it is made; why it may not be made, else empty."""

    async def take_back(self) -> None:
        """Uncount one that never reached the vendor."""


class DatasetsClient:
    """A line to the vendor, with the key where it may be sent; an asynchronous context manager.

    Raises:
        UsageError: the key cannot be one, or would go over plain http to another machine; or a proxy
            is named that cannot be used.
        EnvironmentProblem: the file of authorities cannot be read.
    """

    def __init__(
        self,
        network: Network,
        key: Key,
        disk: Disk,
        *,
        calls: Calls | None = None,
    ) -> None:
        """Open it; *calls* counts each request for a list, and may say no."""
        self.network = network
        self.key = key
        self._disk = disk
        self._calls = calls
        self.withheld = ""
        """Why a list was not asked for, as far as one was not."""
        if key.value is not None:
            if not is_plausible(key.value):
                raise UsageError(f"the key from the {key.origin} is no key: it holds spaces or odd letters")
            hide(key.value)
            refuse_open_key(network.api_url)
            refuse_open_key(network.datasets_url)
        self._http = open_client(network)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def _headers(self, *, with_key: bool) -> dict[str, str]:
        headers = {"Accept-Encoding": "gzip"}
        if with_key and self.key.value is not None:
            headers["Authorization"] = f"Bearer {self.key.value}"
        return headers

    async def ask(
        self, path: str, *, query: dict[str, str] | None = None, with_key: bool = True
    ) -> Any | Answer | Withheld:
        """Ask the vendor's API for JSON: its value, or the answer that came instead.

        *path* follows the root of the API and begins with ``/``. What passes within seconds is waited
        for; more patience than that is for files, since somebody waits for a list.
        """
        for wait_s in (*_ASK_WAITS_S, None):
            answer = await self._ask(path, query, with_key=with_key)
            if wait_s is None or not isinstance(answer, Later) or answer.kind not in _SOON_OVER:
                break
            if (answer.after_s or 0.0) > _LONGEST_ASK_WAIT_S:
                break
            await asyncio.sleep(max(wait_s, answer.after_s or 0.0))
        return answer

    async def _ask(
        self, path: str, query: dict[str, str] | None, *, with_key: bool
    ) -> Any | Answer | Withheld:
        import httpx

        if self._calls is not None and (refusal := await self._calls.admit()):
            self.withheld = refusal
            return Withheld(refusal)
        url = f"{self.network.api_url}{path}"
        try:
            response = await self._http.get(url, params=query, headers=self._headers(with_key=with_key))
        except (httpx.HTTPError, ssl.SSLError) as error:
            answer = self._judge_error(error, url)
            if self._calls is not None and not answer.is_sent:
                await self._calls.take_back()
            return answer
        if response.status_code != httpx.codes.OK:
            return self._judge(response, response.content[:_MOST_ERROR_BYTES])
        try:
            return response.json()
        except ValueError:
            return Wrong("the vendor's list is no JSON", None)

    def _judge_error(self, error: httpx.HTTPError | ssl.SSLError, url: str) -> Later | Unreachable:
        # After a redirect it is another host that failed, and the vendor's own has been asked.
        request = getattr(error, "_request", None)
        failed = url if request is None else str(request.url)
        answer = judge_error(error, self.network.silence_timeout_s, way_to(self.network, failed))
        return answer if failed.startswith(url) else replace(answer, is_sent=True)

    def _judge(self, response: httpx.Response, body: bytes) -> Answer:
        headers = response.headers
        return judge_status(
            response.status_code,
            headers.get("Retry-After"),
            body,
            date=headers.get("Date"),
            has_key=self.key.value is not None,
            way=way_to(self.network, str(response.url)),
        )

    async def download(
        self,
        dataset: DatasetKey,
        day: date,
        target: Path,
        on_bytes: Callable[[int, int | None], Awaitable[None]],
        *,
        attempt: int = 0,
    ) -> Answer:
        """Download the file of a day to *target*, which stays only when the file is delivered.

        *on_bytes* is awaited with the bytes that have come and the total, None where that is not
        known: it may slow the download down, and what it raises ends it. *attempt* counts earlier tries.

        Raises:
            EnvironmentProblem: *target* cannot be written.
        """
        import httpx

        url = f"{self.network.datasets_url}/{dataset_path(dataset, day)}"
        query = {"retryAttempt": str(attempt)} if attempt else None
        began_s = monotonic()
        request = self._http.build_request("GET", url, params=query, headers=self._headers(with_key=True))
        try:
            response = await self._http.send(request, stream=True)
            try:
                if response.status_code != httpx.codes.OK:
                    return self._judge(response, await _beginning(response))
                return await self._receive(response, target, on_bytes, began_s)
            finally:
                await response.aclose()
        except (httpx.HTTPError, ssl.SSLError) as error:
            return self._judge_error(error, url)

    async def _receive(
        self,
        response: httpx.Response,
        target: Path,
        on_bytes: Callable[[int, int | None], Awaitable[None]],
        began_s: float,
    ) -> Answer:
        """Write a body down as it comes; whatever goes wrong, nothing of it stays."""
        import httpx

        total = _length(response)
        content_type = response.headers.get("Content-Type")
        begin = bytearray()
        async with Landing(self._disk, target) as landing:
            # Raw: the file is gzip in itself, and stays so. In pieces as they come, so that a slow
            # line is told of and can be given up as well; larger ones would have to be put together.
            try:
                async for piece in response.aiter_raw():
                    if len(begin) < _EVIDENCE_BYTES:
                        begin += piece[: _EVIDENCE_BYTES - len(begin)]
                    await landing.add(piece)
                    await on_bytes(landing.bytes, total)
                    if len(begin) >= _EVIDENCE_BYTES and not _is_file(begin, response):
                        break  # enough to show what came instead
            except httpx.RemoteProtocolError as error:
                answer = self._judge_error(error, str(response.request.url))
                if isinstance(answer, Later) and answer.kind is LaterKind.SHORT:
                    return replace(answer, reason=_how_far(landing.bytes, total))
                return answer
            if not _is_file(begin, response):
                # A page may repeat the headers that it was asked with.
                secret = (self.key.value or "").encode()
                what = bytes(begin).replace(secret, b"***") if secret else bytes(begin)
                return Wrong(_what_came(what, content_type), self._evidence(target, what))
            if total is not None and landing.bytes != total:
                return Later(_how_far(landing.bytes, total), None, LaterKind.SHORT)
            sha256 = await landing.keep()
        return Delivered(target, landing.bytes, sha256, monotonic() - began_s, content_type)

    def _evidence(self, target: Path, begin: bytes) -> Path | None:
        """Keep the beginning of what came in place of a file, for people to look at."""
        if not begin:
            return None
        kept = target.with_name(f"{target.stem}.answer")
        try:
            self._disk.remove(kept)
            with self._disk.create(kept) as file:
                self._disk.write(file, begin)
        except OSError:
            return None  # the reason says what it was, and the disk is told of by the next write
        return kept


def _length(response: httpx.Response) -> int | None:
    told = response.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() else None


def _is_file(begin: bytearray, response: httpx.Response) -> bool:
    """Tell by its first bytes whether a body is a gzip file, and not a page that was packed for the way."""
    is_page = response.headers.get("Content-Type", "").partition(";")[0].strip().lower() in _PAGES
    return begin.startswith(_GZIP) and not (is_page and "Content-Encoding" in response.headers)


def _how_far(come: int, total: int | None) -> str:
    """Say where a body ended that should have gone on."""
    if not come:
        return "the body ended before any of it came"
    return f"the body ended early, after {come}{'' if total is None else f' of {total}'} bytes"


def _what_came(begin: bytes, content_type: str | None) -> str:
    if not begin:
        return "the vendor sent no bytes at all in place of the file"
    shown = begin.lstrip()[:1]
    what = "a web page" if shown == b"<" else "JSON" if shown in (b"{", b"[") else "no gzip file"
    return f"the vendor sent {what} in place of the file ({content_type or 'no content type'})"


async def _beginning(response: httpx.Response) -> bytes:
    """Read as much of a body as an error may need; where it breaks off, its status still counts."""
    import httpx

    body = b""
    with suppress(httpx.HTTPError, ssl.SSLError):
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) >= _MOST_ERROR_BYTES:
                break
    return body[:_MOST_ERROR_BYTES]
