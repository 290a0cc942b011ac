"""What may be wrong with a shared cache, each by its name and with what to do about it."""

from __future__ import annotations

from enum import StrEnum


class TierState(StrEnum):
    """How a shared cache stands, in one word."""

    OFF = "off"
    """None is set, or it is not used."""
    OK = "ok"
    OPEN = "open"
    """It failed too often and is left alone for a while."""
    ERROR = "error"
    """Something is wrong, which has a name."""


class Trouble(StrEnum):
    """A state of the server or of the way to it that is not as it should be."""

    UNREACHABLE = "unreachable"
    CUT = "cut"
    SILENT = "silent"
    SLOW = "slow"
    NOT_REDIS = "not redis"
    TLS = "tls"
    NO_AUTH = "noauth"
    WRONG_PASSWORD = "wrongpass"
    NO_PERMISSION = "noperm"
    READ_ONLY = "readonly"
    LOADING = "loading"
    OUT_OF_MEMORY = "oom"
    DISK = "misconf"
    BUSY = "busy"
    MOVED = "moved"
    CLUSTER_DOWN = "clusterdown"
    SEVERAL_SERVERS = "several servers"
    REFUSED = "refused"

    @property
    def advice(self) -> str:
        """One sentence: what it means and what to do."""
        return _ADVICE[self]

    @property
    def concerns_writes_only(self) -> bool:
        """Whether days can still be read."""
        return self in (Trouble.READ_ONLY, Trouble.OUT_OF_MEMORY, Trouble.DISK)

    @property
    def may_spare_reads(self) -> bool:
        """Whether a change that is refused by it says nothing of reading: a user may have rights to read."""
        return self.concerns_writes_only or self is Trouble.NO_PERMISSION

    @property
    def passes_by_itself(self) -> bool:
        """Whether a restart or a failover may be under way, after which all is well again."""
        return self in _PASSING


_PASSING = (
    Trouble.UNREACHABLE,
    Trouble.CUT,
    Trouble.SILENT,
    Trouble.READ_ONLY,
    Trouble.LOADING,
    Trouble.BUSY,
    Trouble.MOVED,
    Trouble.CLUSTER_DOWN,
)
_ADVICE = {
    Trouble.UNREACHABLE: "no server answers there: check that it runs, its host and port, and the firewall",
    Trouble.CUT: "the connection was cut in the middle of a call: the server restarted, or a proxy ended it",
    Trouble.SILENT: "the server takes longer than a call may: it stands still or has too much to do",
    Trouble.SLOW: "calls take more than half the time that they may: look at the server's load and the line",
    Trouble.NOT_REDIS: (
        "what answers there does not speak Redis: check host and port, and write rediss:// where it wants TLS"
    ),
    Trouble.TLS: (
        "no safe connection: name the authority's PEM file in shared.ca_file, check the host's name in the "
        "certificate, and write rediss:// only where the server speaks TLS"
    ),
    Trouble.NO_AUTH: "it asks for a password: set TICKREEL_REDIS_PASSWORD, or `tickreel key set redis`",
    Trouble.WRONG_PASSWORD: (
        "the server refuses the user or the password: check shared.username and the password "
        "(`tickreel key status`)"
    ),
    Trouble.NO_PERMISSION: "the user lacks a right: the page on the shared cache lists the rules of its ACL",
    Trouble.READ_ONLY: "it is a replica, or was made one: point shared.url at the primary; days are read",
    Trouble.LOADING: "the server is still reading its own data after a start: it is tried again by itself",
    Trouble.OUT_OF_MEMORY: (
        "the server's memory is full and nothing may leave it: raise maxmemory, or set maxmemory-policy to "
        "allkeys-lru; days are read"
    ),
    Trouble.DISK: "the server cannot write its own data to its disk and takes no more: free room there",
    Trouble.BUSY: "a script keeps the server busy: wait, or end it with SCRIPT KILL",
    Trouble.MOVED: "the Cluster moved its keys while it was asked: it is tried again by itself",
    Trouble.CLUSTER_DOWN: "the Cluster lacks nodes for some keys: bring them back, or wait for failover",
    Trouble.SEVERAL_SERVERS: (
        "several servers are named that are no Cluster: a day must lie where every machine looks for it, "
        "which Redis Cluster's hash slots see to; name one server, or make the several a Cluster"
    ),
    Trouble.REFUSED: "the server refuses a command: it needs Redis 7.0 or newer with the usual commands",
}


class LineFailed(Exception):
    """Say that a call did not come to its end, and by which trouble, whose advice says what to do."""

    def __init__(self, trouble: Trouble, detail: str = "", *, was_asked: bool = True) -> None:
        super().__init__(f"{trouble.advice} ({detail})" if detail else trouble.advice)
        self.trouble = trouble
        self.was_asked = was_asked
        """Whether anything was sent: not while the breaker is open."""
