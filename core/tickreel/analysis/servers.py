"""Servers that are known, with their usual models; any other that speaks the same may be named by its URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tickreel.analysis.offline import OFFLINE
from tickreel.errors import UsageError
from tickreel.settings import Source

if TYPE_CHECKING:
    from tickreel.settings import LoadedSettings


@dataclass(frozen=True, slots=True)
class Server:
    """A server by its name."""

    name: str
    base_url: str
    model: str | None
    """What is asked there where no model is named; None where that is what its owner has loaded."""
    needs_key: bool = True


SERVERS = (
    Server("HolySheep", "https://api.holysheep.ai/v1", "deepseek-v3.2"),
    Server("DeepSeek", "https://api.deepseek.com/v1", "deepseek-chat"),
    Server("OpenAI", "https://api.openai.com/v1", "gpt-4.1"),
    Server("Ollama", "http://127.0.0.1:11434/v1", None, needs_key=False),
    Server("llama.cpp", "http://127.0.0.1:8080/v1", None, needs_key=False),
)
"""Their words in the settings are the same."""


def server_at(url: str) -> Server | None:
    """Find a known server by its address."""
    return next((server for server in SERVERS if server.base_url == url.rstrip("/")), None)


def host_of(url: str) -> str:
    """Give the host of an address, with its port where that is not the usual one: whose a key is."""
    place = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(place.scheme)
    try:
        port = place.port
    except ValueError:
        return place.netloc.rpartition("@")[2].lower()
    host = place.hostname or ""
    return host if port in (None, usual) else f"{host}:{port}"


def chosen_model(settings: LoadedSettings, model: str | None) -> str:
    """Find who analyses: *model*, else the one that is set, else the usual one of a server that is set.

    Where nothing of it is set it is the offline analyst, who is always allowed.

    Raises:
        UsageError: a server is set and no model, and it has no usual one; or its host is not among
            those that are allowed.
    """
    chosen = _named_or_usual(settings, model)
    if chosen != OFFLINE:
        _demand_allowed(settings)
    return chosen


def _demand_allowed(settings: LoadedSettings) -> None:
    """Refuse a server that whoever runs the machine, or the user, has not named among those allowed."""
    llm = settings.values.llm
    host = host_of(llm.base_url)
    if llm.allowed_hosts is None or host in {one.strip().lower() for one in llm.allowed_hosts.split(",")}:
        return
    origin = settings.origin("llm.allowed_hosts")
    raise UsageError(
        f"no model may be asked at {host}: llm.allowed_hosts, by {origin.where or origin.source.words}, "
        f"names {llm.allowed_hosts}; set llm.base_url to one of them, or use {OFFLINE}"
    )


def _named_or_usual(settings: LoadedSettings, model: str | None) -> str:
    named = model or settings.values.llm.model
    if named is not None:
        return named
    if settings.origin("llm.base_url").source is Source.DEFAULT:
        return OFFLINE
    url = settings.values.llm.base_url.rstrip("/")
    known = server_at(url)
    usual = None if known is None else known.model
    if usual is None:
        raise UsageError(
            f"{url} is set as the server and no model: name one with --model, llm.model or "
            f"TICKREEL_LLM_MODEL, or {OFFLINE}"
        )
    return usual
