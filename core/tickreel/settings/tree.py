"""What there is to set: one frozen tree of typed values and, for each, its key and environment name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

SCHEMA_VERSION = 1
"""Raised when a key changes its meaning or name; a new key alone does not raise it."""


class Theme(StrEnum):
    """Colours of the window."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class LogLevel(StrEnum):
    """Least grave records that are kept."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class EvictionPolicy(StrEnum):
    """Which days leave first when the cache is over its quota."""

    LRU = "lru"
    LFU = "lfu"
    LARGEST = "largest"
    OLDEST = "oldest"


class Appearance(msgspec.Struct, frozen=True):
    """How the window looks."""

    theme: Theme = Theme.SYSTEM
    scale_percent: Annotated[int, Meta(ge=80, le=175)] = 100


class Replay(msgspec.Struct, frozen=True):
    """How a replay begins."""

    speed: Annotated[float, Meta(gt=0, le=1e9)] | Literal["max"] = 1.0


class Logs(msgspec.Struct, frozen=True):
    """What is written to the log."""

    level: LogLevel = LogLevel.INFO


class StoreSettings(msgspec.Struct, frozen=True):
    """What the cache keeps, for how long, and how much room it takes."""

    quota_bytes: Annotated[int, Meta(ge=0)] | None = None
    eviction: EvictionPolicy = EvictionPolicy.LRU
    ttl_days: Annotated[int, Meta(ge=0, le=36_500)] | None = None
    trash_days: Annotated[int, Meta(ge=0, le=36_500)] = 30
    keep_free_bytes: Annotated[int, Meta(ge=0)] | None = None


_URL = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s?#@]*)?\Z")]
_PROXY_URL = Annotated[str, Meta(pattern=r"^https?://([^\s/?#]+@)?[^\s/?#@]+/?\Z")]
_SECONDS = Annotated[float, Meta(gt=0, le=3_600)]


class Tardis(msgspec.Struct, frozen=True):
    """Where the vendor's servers are, and a tardis-machine."""

    api_url: _URL = "https://api.tardis.dev/v1"
    datasets_url: _URL = "https://datasets.tardis.dev/v1"
    machine_url: _URL = "http://127.0.0.1:8000"


class NetworkSettings(msgspec.Struct, frozen=True):
    """How servers are reached."""

    proxy: _PROXY_URL | None = None
    ca_file: Annotated[str, Meta(min_length=1)] | None = None
    connect_timeout_s: _SECONDS = 20.0
    silence_timeout_s: _SECONDS = 60.0


class FetchSettings(msgspec.Struct, frozen=True):
    """How much is asked of the vendor at a time."""

    concurrency: Annotated[int, Meta(ge=1, le=60)] = 6
    bandwidth_bytes_per_s: Annotated[int, Meta(ge=1)] | None = None


class Settings(msgspec.Struct, frozen=True):
    """All settings."""

    schema_version: int = SCHEMA_VERSION
    appearance: Appearance = Appearance()
    replay: Replay = Replay()
    logs: Logs = Logs()
    store: StoreSettings = StoreSettings()
    tardis: Tardis = Tardis()
    network: NetworkSettings = NetworkSettings()
    fetch: FetchSettings = FetchSettings()


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key in files, its environment variable, and what it accepts, in words."""

    key: str
    environment: str
    accepts: str

    @property
    def section(self) -> str:
        """Table of the file, and attribute of :class:`Settings`."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """Key within its section."""
        return self.key.partition(".")[2]

    def read(self, raw: object, *, is_text: bool = False) -> Any:
        """Turn a raw value into one of the setting's type; from text (environment) also numbers.

        Raises:
            ValueError: the setting does not accept it; the message says what it does accept, and
                shows no password.
        """
        section = get_type_hints(Settings)[self.section]
        wanted = get_type_hints(section, include_extras=True)[self.name]
        try:
            value = msgspec.convert(raw, wanted, strict=not is_text)
        except msgspec.ValidationError:
            # Whatever has an @ may be a URL with a password, however it is misspelt.
            shown = "this value" if "@" in str(raw) else repr(raw)
            raise ValueError(f"{shown} is not accepted; write {self.accepts}") from None
        if self.key == _PROXY and not is_text and value is not None and "@" in value:
            raise ValueError(
                f"a URL with a user name or a password is not kept in a file; set {self.environment} to it"
            )
        return value


_PROXY = "network.proxy"
"""The only URL that may name a user and a password, and not in a file."""
_URL_ACCEPTED = "a URL that starts with https:// or http:// and names no user"
_SECONDS_ACCEPTED = "a number of seconds above 0, at most 3600"

SETTINGS: tuple[Setting, ...] = (
    Setting("appearance.theme", "TICKREEL_THEME", "system, dark or light"),
    Setting("appearance.scale_percent", "TICKREEL_SCALE", "a whole number from 80 to 175"),
    Setting("replay.speed", "TICKREEL_SPEED", "a number above 0, at most 1e9, or max"),
    Setting("logs.level", "TICKREEL_LOG_LEVEL", "debug, info, warning or error"),
    Setting("store.quota_bytes", "TICKREEL_QUOTA_BYTES", "a whole number of bytes"),
    Setting("store.eviction", "TICKREEL_EVICTION", "lru, lfu, largest or oldest"),
    Setting("store.ttl_days", "TICKREEL_TTL_DAYS", "a whole number of days, at most 36500"),
    Setting("store.trash_days", "TICKREEL_TRASH_DAYS", "a whole number of days, at most 36500"),
    Setting("store.keep_free_bytes", "TICKREEL_KEEP_FREE_BYTES", "a whole number of bytes"),
    Setting("tardis.api_url", "TICKREEL_TARDIS_API_URL", _URL_ACCEPTED),
    Setting("tardis.datasets_url", "TICKREEL_TARDIS_DATASETS_URL", _URL_ACCEPTED),
    Setting("tardis.machine_url", "TICKREEL_TARDIS_MACHINE_URL", _URL_ACCEPTED),
    Setting(_PROXY, "TICKREEL_PROXY", "http://HOST:PORT or https://HOST:PORT"),
    Setting("network.ca_file", "TICKREEL_CA_FILE", "the path of a PEM file"),
    Setting("network.connect_timeout_s", "TICKREEL_CONNECT_TIMEOUT_S", _SECONDS_ACCEPTED),
    Setting("network.silence_timeout_s", "TICKREEL_SILENCE_TIMEOUT_S", _SECONDS_ACCEPTED),
    Setting("fetch.concurrency", "TICKREEL_FETCH_CONCURRENCY", "a whole number from 1 to 60"),
    Setting("fetch.bandwidth_bytes_per_s", "TICKREEL_FETCH_BANDWIDTH", "a whole number of bytes, at least 1"),
)
"""Every setting, in the order in which it is shown."""


def setting(key: str) -> Setting | None:
    """Find a setting by its key."""
    return next((each for each in SETTINGS if each.key == key), None)


def tree_of(values: dict[str, Any]) -> Settings:
    """Build the tree from values by key; what is left out has its default."""
    sections: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = value
    kinds = get_type_hints(Settings)
    return Settings(**{section: kinds[section](**named) for section, named in sections.items()})


def value_of(settings: Settings, key: str) -> Any:
    """Look a value up by its key."""
    section, _, name = key.partition(".")
    return getattr(getattr(settings, section), name)
