"""What there is to set: one frozen tree of typed values; their words stand in the table beside it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from tickreel.settings.zones import UTC_NAME

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


class Tiers(StrEnum):
    """Where days are kept."""

    LOCAL = "local"
    LOCAL_AND_SHARED = "local + shared"


class Appearance(msgspec.Struct, frozen=True):
    """How the window looks."""

    theme: Theme = Theme.SYSTEM
    scale_percent: Annotated[int, Meta(ge=80, le=175)] = 100
    time_zone: str = UTC_NAME
    """Zone in which times are shown and typed: an IANA name, or ``system``."""
    reduce_motion: bool | None = None
    """None: as the system wishes."""


class Replay(msgspec.Struct, frozen=True):
    """How a replay begins."""

    speed: Annotated[float, Meta(ge=0.001, le=1e9)] | Literal["max"] = 1.0


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


class SharedSettings(msgspec.Struct, frozen=True):
    """Where a desk's shared cache is, and how it is used."""

    url: Annotated[str, Meta(pattern=r"^(rediss?://[^\s/?#]+(/[0-9]*)?|unix:///\S+)\Z")] | None = None
    tiers: Tiers = Tiers.LOCAL_AND_SHARED
    username: Annotated[str, Meta(min_length=1, pattern=r"^\S+\Z")] | None = None
    ca_file: Annotated[str, Meta(min_length=1)] | None = None
    read_from_replicas: bool = False
    pool: Annotated[int, Meta(ge=2, le=10_000)] = 100
    connect_timeout_s: _SECONDS = 3.0
    timeout_s: _SECONDS = 5.0
    ttl_s: Annotated[int, Meta(ge=1, le=31_536_000)] = 86_400
    compress_from_bytes: Annotated[int, Meta(ge=0)] = 1_024
    failures: Annotated[int, Meta(ge=1, le=1_000)] = 5
    recovery_s: _SECONDS = 30.0

    @property
    def is_used(self) -> bool:
        """Whether days are looked for and kept there."""
        return self.url is not None and self.tiers is not Tiers.LOCAL


_MODEL = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^\S+\Z")]
_HOSTS = Annotated[str, Meta(pattern=r"^[^\s,/@]+(\s*,\s*[^\s,/@]+)*\Z")]
_USD = Annotated[float, Meta(ge=0, le=100_000)]


class LlmSettings(msgspec.Struct, frozen=True):
    """Which model analyses, where it is, and what it may cost."""

    base_url: _URL = "https://api.holysheep.ai/v1"
    model: _MODEL | None = None
    """None: the offline analyst, or what a known server of another address calls its usual one."""
    allowed_hosts: _HOSTS | None = None
    """Hosts, with their ports where those are not the usual ones, between commas; None: any."""
    cap_call_usd: _USD = 0.1
    cap_session_usd: _USD = 1.0
    cap_day_usd: _USD = 5.0
    answer_tokens: Annotated[int, Meta(ge=100, le=32_000)] = 1_200
    concurrency: Annotated[int, Meta(ge=1, le=64)] = 4
    calls_per_minute: Annotated[int, Meta(ge=1, le=6_000)] = 60


class BacktestSettings(msgspec.Struct, frozen=True):
    """What a run of a backtest may take."""

    memory_limit_bytes: Annotated[int, Meta(ge=100_000_000)] = 4_000_000_000
    stall_s: Annotated[float, Meta(ge=1, le=86_400)] = 60.0
    workers: Annotated[int, Meta(ge=1, le=512)] | None = None
    """None: as many as there are cores."""
    editor: Annotated[str, Meta(min_length=1, max_length=1_000)] | None = None
    """None: by VISUAL or EDITOR, else a known one that is installed, else the system's program."""


class UpdateSettings(msgspec.Struct, frozen=True):
    """Whether newer versions are looked for, and where."""

    check: bool = False
    url: _URL = "https://api.github.com/repos/tickreel/tickreel/releases/latest"


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
    shared: SharedSettings = SharedSettings()
    backtest: BacktestSettings = BacktestSettings()
    llm: LlmSettings = LlmSettings()
    updates: UpdateSettings = UpdateSettings()


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
