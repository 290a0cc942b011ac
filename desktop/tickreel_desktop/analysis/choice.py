"""Who analyses: the offline analyst, or the model that is set, with what stands in its way."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tickreel.analysis import OFFLINE
from tickreel.analysis.prices import price_of
from tickreel.analysis.servers import SERVERS, chosen_model, server_at
from tickreel.analysis.servers import host_of as key_host
from tickreel.errors import UsageError
from tickreel.keys import KeyName, find_key
from tickreel.settings import load

if TYPE_CHECKING:
    from tickreel.store import Cache

MODEL, BASE_URL = "llm.model", "llm.base_url"


@dataclass(frozen=True, slots=True)
class AnalystChoice:
    """Who is set to analyse."""

    model: str
    host: str = ""
    """Where it is asked; empty of the offline analyst."""
    base_url: str = ""
    has_key: bool = False
    needs_key: bool = False
    is_priced: bool = True
    is_locked: bool = False
    """Whether a policy of the machine decides it."""
    problem: str = ""
    """Why nobody can be asked."""

    @property
    def is_offline(self) -> bool:
        """Whether nothing leaves this machine."""
        return self.model == OFFLINE

    @property
    def lacks_key(self) -> bool:
        """Whether a key has to be added before it can be asked."""
        return self.needs_key and not self.has_key

    @property
    def asked(self) -> str:
        """The model that answers as things stand: the offline analyst where a key is missing."""
        return OFFLINE if self.lacks_key or self.problem else self.model

    @property
    def name(self) -> str:
        """Name it for people."""
        return "Offline, by rules" if self.is_offline else f"{self.model} at {self.host}"


@dataclass(frozen=True, slots=True)
class Preset:
    """A model of a known server that can be chosen by one press."""

    name: str
    base_url: str
    model: str


PRESETS = tuple(
    Preset(f"{server.model} at {server.name}", server.base_url, server.model)
    for server in SERVERS
    if server.model is not None
)


def read_choice(cache: Cache) -> AnalystChoice:
    """Find who is set, whether there is a key, and a price; on a worker thread, as a keyring may wait.

    Raises:
        TickreelError: settings or catalog cannot be read.
    """
    settings = load(cache.home)
    url = settings.values.llm.base_url.rstrip("/")
    is_locked = settings.is_locked(MODEL) or settings.is_locked(BASE_URL)
    try:
        model = chosen_model(settings, None)
    except UsageError as error:
        return AnalystChoice("", host_of(url), url, is_locked=is_locked, problem=str(error))
    if model == OFFLINE:
        return AnalystChoice(OFFLINE, is_locked=is_locked)
    server = server_at(url)
    with closing(cache.connect()) as database:
        is_priced = price_of(database, model) is not None
    return AnalystChoice(
        model,
        host_of(url),
        url,
        has_key=find_key(KeyName.LLM, host=key_host(url)).value is not None,
        needs_key=server is not None and server.needs_key,
        is_priced=is_priced,
        is_locked=is_locked,
    )


def host_of(url: str) -> str:
    """Name the server of an address."""
    return urlsplit(url).netloc or url
