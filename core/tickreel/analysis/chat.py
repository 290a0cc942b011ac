"""The analyst that asks a model over HTTP: any server that speaks OpenAI's ``/chat/completions``.

A request that was not taken (429, 500, 503, no connection) is sent again in a while; one that was taken
never is, for it may be paid. To close the generator closes the connection, by which a server knows to stop.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx

from tickreel.analysis.analyst import (
    Answering,
    CallFailed,
    Ended,
    Sent,
    Text,
    Thought,
    Trouble,
    Usage,
    Waiting,
)
from tickreel.analysis.limits import retry_after_s, wait_s
from tickreel.analysis.prompt import body_of, encoded
from tickreel.analysis.sse import SseError, events
from tickreel.logs import redact
from tickreel.sources.network import refuse_open_key

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from tickreel.analysis.analyst import Piece
    from tickreel.analysis.limits import Gate
    from tickreel.analysis.prompt import Inquiry
    from tickreel.keys import Key

_DONE = "[DONE]"
_MAY_BE_TAKEN = frozenset({408, 502, 504, *range(520, 528)})
"""What a gateway says that gave up waiting, while the server behind it may have answered, and is paid."""
_LONGEST_TOLD = 200
_LONGEST_BODY = 1 << 20
_COUNT_WAIT_S = 5.0
"""How long is waited for the count of tokens, and for the close, of an answer that was said to be over."""
_NOT_TAKEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_MOST_BYTES_PER_TOKEN = 8
"""No text comes to so many bytes a token: an answer that has more is longer than it was asked to be."""
_THOUGHTS = ("reasoning_content", "reasoning")
"""What servers call that which a model thinks."""
_ASIDE = ("response_format", "stream_options")
"""What a server may not know, and what is done without."""


class ChatAnalyst:
    """Asks *model* at *base_url*; *client* is the caller's, and so is *gate*."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, model: str, key: Key, gate: Gate) -> None:
        self._client = client
        self._place = base_url.rstrip("/")
        self._model = model
        self._key = key
        self._gate = gate
        self._form = gate.form_of(self._place, model)

    @property
    def model(self) -> str:
        """Name of the model, by which it has its price."""
        return self._model

    @property
    def place(self) -> str:
        """Address that is asked."""
        return self._place

    def body(self, inquiry: Inquiry) -> Mapping[str, Any]:
        """Give exactly what is sent, as far as the server is known to understand it."""
        whole = body_of(inquiry, self._model)
        whole[self._form.length_name] = whole.pop("max_tokens")
        return {name: value for name, value in whole.items() if name not in self._form.left_out}

    async def ask(self, inquiry: Inquiry) -> AsyncGenerator[Piece]:
        """Answer piece by piece.

        Raises:
            CallFailed: there is no answer, or it broke off.
            UsageError: the key would be sent where it can be read.
            EnvironmentProblem: the request cannot be counted.
        """
        if self._key.value is not None:
            refuse_open_key(self._place)
        tries = 0
        await self._gate.turn()
        while True:
            asked_s: float | None = None
            try:
                async with aclosing(self._once(inquiry)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except _NotTaken as refused:
                if refused.is_form and self._simplify(refused.reason):
                    await self._gate.turn()
                    continue
                reason, asked_s, may_pass = refused.reason, refused.after_s, refused.may_pass
                trouble = refused.trouble
            tries += 1
            pause_s = wait_s(tries, asked_s, self._gate.chance()) if may_pass else None
            if pause_s is None:
                again = f"; given up after {tries} tries" if tries > 1 else ""
                raise CallFailed(
                    f"{self._model} at {self._place} did not take the call: {reason}{again}",
                    is_taken=False,
                    trouble=trouble,
                    reason=f"{reason}{again}",
                )
            yield Waiting(pause_s, reason, tries + 1)
            await self._gate.sleep(pause_s)
            await self._gate.turn()

    async def _once(self, inquiry: Inquiry) -> AsyncGenerator[Piece]:
        """Send the request once."""
        headers = {"Accept": "text/event-stream", "Content-Type": "application/json"}
        if self._key.value is not None:
            headers["Authorization"] = f"Bearer {self._key.value}"
        yield Sent()
        try:
            async with self._client.stream(
                "POST",
                f"{self._place}/chat/completions",
                content=encoded(self.body(inquiry)),
                headers=headers,
                follow_redirects=False,  # what is sent is for this server, and so is the key
            ) as response:
                if response.status_code != HTTPStatus.OK:
                    refusal = await _refusal(response)
                    if response.status_code in _MAY_BE_TAKEN:
                        yield Answering()
                        raise self._failed(f"{refusal.reason}; it may have counted the call all the same")
                    raise refusal
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if kind == "text/html":
                    raise _NotTaken(
                        "it answered with a web page: check llm.base_url, with the /v1 at its end",
                        None,
                        may_pass=False,
                    )
                yield Answering()
                reader = _streamed(response) if kind != "application/json" else _whole(response)
                room = _MOST_BYTES_PER_TOKEN * inquiry.most_tokens
                async with aclosing(reader) as pieces:
                    async for piece in pieces:
                        yield piece
                        if isinstance(piece, Text | Thought):
                            room -= len(piece.text.encode())
                        if room < 0:
                            # It goes on past the length it was given: no more is bought than was reserved.
                            yield Ended(is_whole=False)
                            return
        except _NOT_TAKEN as error:
            told = f"it cannot be reached ({_word(error)})"
            raise _NotTaken(told, None, may_pass=True, trouble=Trouble.UNREACHABLE) from error
        except httpx.ReadTimeout as error:
            raise self._failed("it sent nothing for too long") from error
        except httpx.HTTPError as error:
            raise self._failed(f"the connection broke ({_word(error)})") from error
        except (SseError, _Malformed) as error:
            raise self._failed(f"its answer is not of the protocol: {error}") from error

    def _simplify(self, reason: str) -> bool:
        """Leave out what a server does not know; False where nothing is left to leave out."""
        if "max_completion_tokens" in reason and self._form.length_name == "max_tokens":
            self._form.length_name = "max_completion_tokens"
            return True
        if self._form.left_out:
            return False
        self._form.left_out = _ASIDE
        return True

    def _failed(self, what: str) -> CallFailed:
        return CallFailed(f"{self._model} at {self._place} failed: {what}", is_taken=True, reason=what)


class _NotTaken(Exception):
    """The server did not take the request, so that nothing is paid."""

    def __init__(
        self,
        reason: str,
        after_s: float | None,
        *,
        may_pass: bool,
        is_form: bool = False,
        trouble: Trouble = Trouble.REFUSED,
    ) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.reason = reason
        self.after_s = after_s
        self.may_pass = may_pass
        self.is_form = is_form


class _Malformed(Exception):
    """What came is not what the protocol has."""


async def _refusal(response: httpx.Response) -> _NotTaken:
    status = response.status_code
    told = _told(await _read(response))
    reason = f"HTTP {status}{f', {told}' if told else ''}"
    after_s = retry_after_s(response.headers.get("retry-after"), time.time())
    may_pass = status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500
    is_form = status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
    trouble = Trouble.BUSY if status == HTTPStatus.TOO_MANY_REQUESTS else Trouble.REFUSED
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        reason += "; check the key, `tickreel key status llm`"
        trouble = Trouble.KEY
    return _NotTaken(reason, after_s, may_pass=may_pass, is_form=is_form, trouble=trouble)


async def _streamed(response: httpx.Response) -> AsyncGenerator[Piece]:
    ended: Ended | None = None
    async with aclosing(events(response.aiter_bytes())) as datas:  # type: ignore[type-var]
        while True:
            try:
                # What was ended is whole: only the count may follow it, and nobody waits for that for long.
                async with asyncio.timeout(None if ended is None else _COUNT_WAIT_S):
                    data = await anext(datas, _DONE if ended is not None else None)
            except (TimeoutError, httpx.HTTPError):
                if ended is None:
                    raise
                data = _DONE
            if data is None:
                raise _Malformed("it broke off before its end")
            if data.strip() == _DONE:
                yield ended or Ended(is_whole=True)
                return
            event = _event(data)
            if isinstance(event.get("error"), dict | str):
                raise _Malformed(f"it says {_told(data.encode()) or 'error'}")
            for piece in _pieces(event, "delta"):
                if isinstance(piece, Ended):
                    ended = piece  # the usage comes after it
                else:
                    yield piece


async def _whole(response: httpx.Response) -> AsyncGenerator[Piece]:
    """Read an answer of a server that does not stream."""
    for piece in _pieces(_event((await _read(response)).decode("utf-8", "replace")), "message"):
        yield piece


def _event(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise _Malformed("an event is no JSON") from None
    if not isinstance(event, dict):
        raise _Malformed("an event is no JSON object")
    return event


def _pieces(event: Mapping[str, Any], holder: str) -> list[Piece]:
    pieces: list[Piece] = []
    usage = event.get("usage")
    if isinstance(usage, dict):
        counted = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
        if all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in counted):
            pieces.append(Usage(*counted))  # type: ignore[arg-type]
    choices = event.get("choices")
    if not isinstance(choices, list):
        if pieces:
            return pieces
        raise _Malformed("an event has no choices")
    for choice in choices[:1]:
        held = choice.get(holder) if isinstance(choice, dict) else None
        held = held if isinstance(held, dict) else {}
        content = held.get("content")
        thought = next((held[name] for name in _THOUGHTS if held.get(name)), None)
        if isinstance(thought, str):
            pieces.append(Thought(thought))
        if isinstance(content, str) and content:
            pieces.append(Text(content))
        if isinstance(choice, dict) and choice.get("finish_reason") is not None:
            pieces.append(Ended(is_whole=choice["finish_reason"] != "length"))
    return pieces


async def _read(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LONGEST_BODY:
            break
    return body


def _told(body: bytes) -> str:
    """Find what a server says of an error, without anything secret, in one line."""
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = text
    while isinstance(found, dict):
        found = found.get("error", found.get("message", found.get("detail", "")))
    shown = " ".join(redact(found).split()) if isinstance(found, str) and "<html" not in found.lower() else ""
    return shown[:_LONGEST_TOLD]


def _word(error: Exception) -> str:
    return " ".join(redact(str(error)).split())[:_LONGEST_TOLD] or type(error).__name__
