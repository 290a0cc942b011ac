"""Whether a newer Tickreel is there: asked only by those who want it, of an address that a desk may set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version as installed
from typing import TYPE_CHECKING, Annotated

import msgspec

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.sources.network import network_of, open_client

if TYPE_CHECKING:
    from tickreel.settings import LoadedSettings

CHECK = "updates.check"
_MOST_BYTES = 1_000_000
_VERSION = re.compile(r"v?(\d+(?:\.\d+){0,3})\Z", re.ASCII)


class _Told(msgspec.Struct, frozen=True):
    """The form in which release pages tell of their newest; a file of a desk needs these two keys."""

    tag_name: Annotated[str, msgspec.Meta(max_length=60)]
    html_url: Annotated[str, msgspec.Meta(max_length=1_000, pattern=r"^https?://[^\s/?#@]+(/\S*)?\Z")]


@dataclass(frozen=True, slots=True)
class Release:
    """The newest version that is told of, beside the one that runs."""

    installed: str
    newest: str
    page: str
    """Where it is told what is new, and where the packages are."""

    @property
    def is_newer(self) -> bool:
        """Whether it is worth telling."""
        return _numbers(self.newest) > _numbers(self.installed)


async def newest_release(settings: LoadedSettings) -> Release:
    """Ask the address of ``updates.url``; nothing is sent but the request.

    Raises:
        UsageError: the machine's policy has turned checks off, or a proxy cannot be used.
        EnvironmentProblem: the address cannot be reached, or does not answer as it should.
    """
    import httpx

    values = settings.values
    if settings.is_locked(CHECK) and not values.updates.check:
        raise UsageError("the machine's policy has turned off checks for updates; ask whoever runs it")
    url = values.updates.url
    try:
        async with (
            open_client(network_of(values), url) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
        ):
            if not answer.is_success:
                raise EnvironmentProblem(f"{url} was asked for the newest version: {answer.status_code}")
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise EnvironmentProblem(f"{url} does not tell of a release: it sends more than 1 MB")
    except httpx.HTTPError as error:
        raise EnvironmentProblem(f"{url} was asked for the newest version: {error}") from error
    try:
        told = msgspec.json.decode(body, type=_Told)
        _numbers(told.tag_name)
    except (msgspec.MsgspecError, ValueError) as error:
        raise EnvironmentProblem(f"{url} does not tell of a release: {error}") from error
    return Release(installed("tickreel"), told.tag_name.removeprefix("v"), told.html_url)


def _numbers(text: str) -> tuple[int, ...]:
    match = _VERSION.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a version such as v1.2.3")
    numbers = [int(number) for number in match[1].split(".")]
    return tuple(numbers + [0] * (4 - len(numbers)))
