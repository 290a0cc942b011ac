"""What is told of each setting, once: names, words, kind; files, command line, dialog and docs read it here.

A new setting is a field of the tree and a row of this table; nothing else lists settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from tickreel.settings.tree import Settings
from tickreel.settings.zones import SYSTEM_NAME, UTC_NAME, checked_name, zone_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Kind(StrEnum):
    """What a value is, from which its unit and its control follow."""

    CHOICE = "choice"
    FLAG = "flag"
    NUMBER = "number"
    PERCENT = "percent"
    SECONDS = "seconds"
    DAYS = "days"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes per second"
    USD = "US dollars"
    TEXT = "text"
    URL = "url"
    PATH = "path"

    @property
    def unit(self) -> str:
        """The unit in words, for names and docs; empty where there is none."""
        return _UNITS.get(self, "")


_UNITS = {
    kind: kind.value
    for kind in (Kind.PERCENT, Kind.SECONDS, Kind.DAYS, Kind.BYTES, Kind.BYTES_PER_SECOND, Kind.USD)
}


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the settings file, which is one page of the dialog."""

    name: str
    title: str


SECTIONS: tuple[Section, ...] = (
    Section("appearance", "Appearance"),
    Section("store", "Storage and cache"),
    Section("tardis", "Tardis"),
    Section("fetch", "Fetching"),
    Section("network", "Network"),
    Section("shared", "Shared cache"),
    Section("replay", "Replay"),
    Section("backtest", "Backtests"),
    Section("llm", "Analysis"),
    Section("updates", "Updates"),
    Section("logs", "Log"),
)
"""Every section, in the order in which it is shown."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key in files, its environment variable, what it accepts, and its words."""

    key: str
    environment: str
    accepts: str
    title: str
    explanation: str
    """One sentence: what it does, and its limits."""
    kind: Kind
    words: tuple[tuple[Any, str], ...] = ()
    """Names for people of single values, also of None where the setting may have none."""
    choices: Callable[[], Sequence[str]] | None = field(default=None, compare=False)
    """Gives what may be chosen where the type itself does not list it, such as time zones."""
    needs_restart: bool = False

    @property
    def section(self) -> str:
        """Table of the file, and attribute of :class:`Settings`."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """Key within its section."""
        return self.key.partition(".")[2]

    @property
    def type(self) -> Any:
        """The annotated type of its field in the tree."""
        section = get_type_hints(Settings)[self.section]
        return get_type_hints(section, include_extras=True)[self.name]

    def word(self, value: object) -> str | None:
        """Name a value for people; None where it has no name of its own."""
        return next((word for one, word in self.words if one == value and type(one) is type(value)), None)

    def read(self, raw: object, *, is_text: bool = False) -> Any:
        """Turn a raw value into one of the setting's type; from text (environment) also numbers.

        Raises:
            ValueError: the setting does not accept it; the message says what it does accept, and
                shows no password.
        """
        try:
            value = msgspec.convert(raw, self.type, strict=not is_text)
        except msgspec.ValidationError:
            # Whatever has an @ may be a URL with a password, however it is misspelt.
            shown = "this value" if "@" in str(raw) else repr(raw)
            raise ValueError(f"{shown} is not accepted; write {self.accepts}") from None
        if self.key in _MAY_NAME_USER and not is_text and value is not None and "@" in value:
            raise ValueError(
                f"a URL with a user name or a password is not kept in a file; set {self.environment} to it"
            )
        return checked_name(value) if self.key == _TIME_ZONE else value


_TIME_ZONE = "appearance.time_zone"
_PROXY = "network.proxy"
_SHARED_URL = "shared.url"
_MAY_NAME_USER = (_PROXY, _SHARED_URL)
"""The only URLs that may name a user and a password, and not in a file."""
_URL_ACCEPTED = "a URL that starts with https:// or http:// and names no user"
_USD_ACCEPTED = "a number of US dollars from 0 to 100000"
_SECONDS_ACCEPTED = "a number of seconds above 0, at most 3600"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "appearance.theme",
        "TICKREEL_THEME",
        "system, dark or light",
        "Theme",
        "Colours of the window; System follows what the desktop around it uses.",
        Kind.CHOICE,
        (("system", "System"), ("dark", "Dark"), ("light", "Light")),
    ),
    Setting(
        "appearance.scale_percent",
        "TICKREEL_SCALE",
        "a whole number from 80 to 175",
        "Size of text and controls",
        "Enlarges the whole window, charts included, from 80 % to 175 %.",
        Kind.PERCENT,
        needs_restart=True,
    ),
    Setting(
        _TIME_ZONE,
        "TICKREEL_TIME_ZONE",
        "UTC, system, or an IANA name such as Europe/London",
        "Time zone",
        "Zone in which times are shown and typed; a day is a UTC day everywhere.",
        Kind.CHOICE,
        ((SYSTEM_NAME, "Zone of the system"),),
        choices=lambda: (UTC_NAME, SYSTEM_NAME, *zone_names()),
    ),
    Setting(
        "appearance.reduce_motion",
        "TICKREEL_REDUCE_MOTION",
        "true or false",
        "Motion",
        "Less stops all motion but that of the data itself.",
        Kind.FLAG,
        ((None, "Follow the system"), (True, "Less"), (False, "All")),
    ),
    Setting(
        "replay.speed",
        "TICKREEL_SPEED",
        "a number from 0.001 to 1e9, or max",
        "Speed at the start",
        "Market seconds played per second when a replay opens; it can be changed while it plays.",
        Kind.NUMBER,
        (("max", "As fast as possible"),),
    ),
    Setting(
        "logs.level",
        "TICKREEL_LOG_LEVEL",
        "debug, info, warning or error",
        "Lowest level",
        "The lowest level of records that the log keeps; Debug makes it grow fast.",
        Kind.CHOICE,
        (("debug", "Debug"), ("info", "Info"), ("warning", "Warning"), ("error", "Error")),
    ),
    Setting(
        "store.quota_bytes",
        "TICKREEL_QUOTA_BYTES",
        "a whole number of bytes",
        "Quota",
        "Room for days, keyframes and trash; beyond it, days that can be fetched again are evicted, and no "
        "import is refused.",
        Kind.BYTES,
        ((None, "No limit"),),
    ),
    Setting(
        "store.eviction",
        "TICKREEL_EVICTION",
        "lru, lfu, largest or oldest",
        "Evict first",
        "Which days are evicted when the quota is passed; pinned and imported days never are.",
        Kind.CHOICE,
        (
            ("lru", "Least recently used"),
            ("lfu", "Least often used"),
            ("largest", "Largest"),
            ("oldest", "Oldest"),
        ),
    ),
    Setting(
        "store.ttl_days",
        "TICKREEL_TTL_DAYS",
        "a whole number of days, at most 36500",
        "Keep fetched days",
        "Days that can be fetched again are evicted after this time, at most 36500 days; pinned and imported "
        "days stay.",
        Kind.DAYS,
        ((None, "Forever"),),
    ),
    Setting(
        "store.trash_days",
        "TICKREEL_TRASH_DAYS",
        "a whole number of days, at most 36500",
        "Trash",
        "How long days that can be fetched again stay in the trash, at most 36500 days; imported ones stay.",
        Kind.DAYS,
    ),
    Setting(
        "store.keep_free_bytes",
        "TICKREEL_KEEP_FREE_BYTES",
        "a whole number of bytes",
        "Keep free",
        "Room on the disk that is never filled; Automatic is 1 GiB or 2 % of the disk, the lesser.",
        Kind.BYTES,
        ((None, "Automatic"),),
    ),
    Setting(
        "tardis.api_url",
        "TICKREEL_TARDIS_API_URL",
        _URL_ACCEPTED,
        "Metadata server",
        "The vendor's server for lists of exchanges and symbols; its address ends with /v1.",
        Kind.URL,
    ),
    Setting(
        "tardis.datasets_url",
        "TICKREEL_TARDIS_DATASETS_URL",
        _URL_ACCEPTED,
        "Datasets server",
        "The vendor's server for daily files; its address ends with /v1.",
        Kind.URL,
    ),
    Setting(
        "tardis.machine_url",
        "TICKREEL_TARDIS_MACHINE_URL",
        _URL_ACCEPTED,
        "tardis-machine",
        "Where your own tardis-machine listens, which serves exact ranges.",
        Kind.URL,
    ),
    Setting(
        _PROXY,
        "TICKREEL_PROXY",
        "http://HOST:PORT or https://HOST:PORT",
        "Proxy",
        "The server through which all others are reached; one with a password only in the environment.",
        Kind.URL,
        ((None, "None"),),
    ),
    Setting(
        "network.ca_file",
        "TICKREEL_CA_FILE",
        "the path of a PEM file",
        "Certificates",
        "A PEM file with the authorities that servers are checked against, in place of the system's.",
        Kind.PATH,
        ((None, "Those of the system"),),
    ),
    Setting(
        "network.connect_timeout_s",
        "TICKREEL_CONNECT_TIMEOUT_S",
        _SECONDS_ACCEPTED,
        "Wait for a connection",
        "How long a server may take to answer a call at all, at most 3600 s.",
        Kind.SECONDS,
    ),
    Setting(
        "network.silence_timeout_s",
        "TICKREEL_SILENCE_TIMEOUT_S",
        _SECONDS_ACCEPTED,
        "Wait in silence",
        "How long nothing may arrive before a download is tried again, at most 3600 s.",
        Kind.SECONDS,
    ),
    Setting(
        "fetch.concurrency",
        "TICKREEL_FETCH_CONCURRENCY",
        "a whole number from 1 to 60",
        "Downloads at a time",
        "How many files are asked of the vendor at once, from 1 to 60; fewer when it asks to wait.",
        Kind.NUMBER,
    ),
    Setting(
        "fetch.bandwidth_bytes_per_s",
        "TICKREEL_FETCH_BANDWIDTH",
        "a whole number of bytes, at least 1",
        "Bandwidth",
        "How much all downloads together may take of the line.",
        Kind.BYTES_PER_SECOND,
        ((None, "No limit"),),
    ),
    Setting(
        _SHARED_URL,
        "TICKREEL_REDIS_URL",
        "redis://HOST:PORT/DB, rediss:// for TLS, unix:///PATH, or several HOST:PORT of one Cluster",
        "Server",
        "A Redis server or Cluster that keeps each day once for a whole desk; a password is kept elsewhere.",
        Kind.URL,
        ((None, "None"),),
    ),
    Setting(
        "shared.tiers",
        "TICKREEL_TIERS",
        "local, or local + shared",
        "Days are kept",
        "On this machine alone or, once a server is set, on both.",
        Kind.CHOICE,
        (("local", "On this machine"), ("local + shared", "On this machine and the server")),
    ),
    Setting(
        "shared.username",
        "TICKREEL_REDIS_USERNAME",
        "a name without spaces",
        "User",
        "The user of the server's access list; its password is in the system's store or the environment.",
        Kind.TEXT,
        ((None, "Default user"),),
    ),
    Setting(
        "shared.ca_file",
        "TICKREEL_REDIS_CA_FILE",
        "the path of a PEM file",
        "Certificates",
        "A PEM file with the authorities that a rediss:// server is checked against.",
        Kind.PATH,
        ((None, "Those of the system"),),
    ),
    Setting(
        "shared.read_from_replicas",
        "TICKREEL_REDIS_REPLICAS",
        "true or false",
        "Replicas",
        "Lets replicas of a Cluster serve reads too; what has not reached them yet counts as not held.",
        Kind.FLAG,
        ((True, "Read from replicas"), (False, "Not read")),
    ),
    Setting(
        "shared.pool",
        "TICKREEL_REDIS_POOL",
        "a whole number from 2 to 10000",
        "Connections",
        "How many connections to a server are open at most, from 2 to 10000.",
        Kind.NUMBER,
    ),
    Setting(
        "shared.connect_timeout_s",
        "TICKREEL_REDIS_CONNECT_TIMEOUT_S",
        _SECONDS_ACCEPTED,
        "Wait for a connection",
        "How long the server may take to answer at all, at most 3600 s.",
        Kind.SECONDS,
    ),
    Setting(
        "shared.timeout_s",
        "TICKREEL_REDIS_TIMEOUT_S",
        _SECONDS_ACCEPTED,
        "Wait for an answer",
        "How long a call may take in all, at most 3600 s; one that takes more than half counts as a failure.",
        Kind.SECONDS,
    ),
    Setting(
        "shared.ttl_s",
        "TICKREEL_REDIS_TTL_S",
        "a whole number of seconds from 1 to 31536000",
        "Keep there",
        "How long the server keeps a day after it was put there, give or take a tenth, from 1 s to a year.",
        Kind.SECONDS,
    ),
    Setting(
        "shared.compress_from_bytes",
        "TICKREEL_REDIS_COMPRESS_FROM",
        "a whole number of bytes",
        "Compress ticks from",
        "Size from which single ticks are compressed; days are as small there as on the disk.",
        Kind.BYTES,
    ),
    Setting(
        "shared.failures",
        "TICKREEL_REDIS_FAILURES",
        "a whole number from 1 to 1000",
        "Failures allowed",
        "After so many failed or slow calls in a row the server is left alone, from 1 to 1000.",
        Kind.NUMBER,
    ),
    Setting(
        "shared.recovery_s",
        "TICKREEL_REDIS_RECOVERY_S",
        _SECONDS_ACCEPTED,
        "Pause after failures",
        "How long a server that fails is left alone before one call tries it again, at most 3600 s.",
        Kind.SECONDS,
    ),
    Setting(
        "backtest.memory_limit_bytes",
        "TICKREEL_BACKTEST_MEMORY",
        "a whole number of bytes, at least 100000000",
        "Memory of a run",
        "A run that uses more is ended with an error that says so; in a sweep each run may use as much.",
        Kind.BYTES,
    ),
    Setting(
        "backtest.stall_s",
        "TICKREEL_BACKTEST_STALL_S",
        "a number of seconds from 1 to 86400",
        "Standstill",
        "A run that reports nothing for longer is ended, and the line named at which it stood.",
        Kind.SECONDS,
    ),
    Setting(
        "backtest.workers",
        "TICKREEL_BACKTEST_WORKERS",
        "a whole number from 1 to 512",
        "Runs at a time",
        "How many runs of a sweep go on at once, from 1 to 512.",
        Kind.NUMBER,
        ((None, "As many as there are cores"),),
    ),
    Setting(
        "backtest.editor",
        "TICKREEL_BACKTEST_EDITOR",
        "a command, with {file} and {line} where they belong",
        "Editor of strategies",
        "The command that opens a strategy at a line, such as code -g {file}:{line}.",
        Kind.TEXT,
        ((None, "VISUAL or EDITOR, else one that is installed"),),
    ),
    Setting(
        "llm.base_url",
        "TICKREEL_LLM_BASE_URL",
        f"{_URL_ACCEPTED}, or HolySheep, DeepSeek, OpenAI, Ollama or llama.cpp",
        "Server of the model",
        "Where a model is asked that speaks OpenAI's chat completions, up to and with the /v1.",
        Kind.URL,
        (
            ("https://api.holysheep.ai/v1", "HolySheep"),
            ("https://api.deepseek.com/v1", "DeepSeek"),
            ("https://api.openai.com/v1", "OpenAI"),
            ("http://127.0.0.1:11434/v1", "Ollama"),
            ("http://127.0.0.1:8080/v1", "llama.cpp"),
        ),
    ),
    Setting(
        "llm.model",
        "TICKREEL_LLM_MODEL",
        "the name of a model without spaces, or offline",
        "Model",
        "Who analyses; Automatic is the offline analyst, or the usual model of a known server that is set.",
        Kind.TEXT,
        ((None, "Automatic"),),
    ),
    Setting(
        "llm.allowed_hosts",
        "TICKREEL_LLM_ALLOWED_HOSTS",
        "hosts between commas, such as api.deepseek.com, 127.0.0.1:8080",
        "Servers allowed",
        "Hosts that a model may be asked at, with a port where it is not the usual one; no other is called.",
        Kind.TEXT,
        ((None, "Any"),),
    ),
    Setting(
        "llm.cap_call_usd",
        "TICKREEL_LLM_CAP_CALL_USD",
        _USD_ACCEPTED,
        "Most for a call",
        "A call whose worst case costs more is refused; 0 allows only what is free.",
        Kind.USD,
    ),
    Setting(
        "llm.cap_session_usd",
        "TICKREEL_LLM_CAP_SESSION_USD",
        _USD_ACCEPTED,
        "Most for a session",
        "What all calls of one run of the program may cost, worst cases of those under way included.",
        Kind.USD,
    ),
    Setting(
        "llm.cap_day_usd",
        "TICKREEL_LLM_CAP_DAY_USD",
        _USD_ACCEPTED,
        "Most for a day",
        "What all calls of a UTC day may cost together, of all programs on this home.",
        Kind.USD,
    ),
    Setting(
        "llm.answer_tokens",
        "TICKREEL_LLM_ANSWER_TOKENS",
        "a whole number from 100 to 32000",
        "Length of an answer",
        "Tokens of an answer for each window, from 100 to 32000; the worst case counts all of them.",
        Kind.NUMBER,
    ),
    Setting(
        "llm.concurrency",
        "TICKREEL_LLM_CONCURRENCY",
        "a whole number from 1 to 64",
        "Calls at a time",
        "How many calls of a model may be under way at once, from 1 to 64.",
        Kind.NUMBER,
    ),
    Setting(
        "llm.calls_per_minute",
        "TICKREEL_LLM_CALLS_PER_MINUTE",
        "a whole number from 1 to 6000",
        "Calls a minute",
        "How many calls of a model are begun in a minute, tries that failed included, from 1 to 6000.",
        Kind.NUMBER,
    ),
    Setting(
        "updates.check",
        "TICKREEL_UPDATES_CHECK",
        "true or false",
        "Look for updates",
        "Asks once a day, when the window starts, whether a newer version is there; nothing else is sent.",
        Kind.FLAG,
    ),
    Setting(
        "updates.url",
        "TICKREEL_UPDATES_URL",
        _URL_ACCEPTED,
        "Where to look",
        "What tells of the newest version, as a page of releases does: tag_name and html_url, in JSON.",
        Kind.URL,
    ),
)
"""Every setting, in the order of the tree."""


def setting(key: str) -> Setting | None:
    """Find a setting by its key."""
    return next((each for each in SETTINGS if each.key == key), None)
