"""From what the client library raises to the name of what is wrong."""

from __future__ import annotations

import ssl

from redis import exceptions

from tickreel.shared.trouble import Trouble

_BY_KIND: tuple[tuple[type[Exception], Trouble], ...] = (
    (exceptions.MovedError, Trouble.MOVED),  # before its base AskError
    (exceptions.AskError, Trouble.MOVED),
    (exceptions.ClusterDownError, Trouble.CLUSTER_DOWN),
    (exceptions.MasterDownError, Trouble.CLUSTER_DOWN),
    (exceptions.SlotNotCoveredError, Trouble.CLUSTER_DOWN),
    (exceptions.AuthenticationWrongNumberOfArgsError, Trouble.WRONG_PASSWORD),
    (exceptions.BusyLoadingError, Trouble.LOADING),
    (exceptions.ReadOnlyError, Trouble.READ_ONLY),
    (exceptions.OutOfMemoryError, Trouble.OUT_OF_MEMORY),
    (exceptions.NoPermissionError, Trouble.NO_PERMISSION),
    (exceptions.InvalidResponse, Trouble.NOT_REDIS),
    (exceptions.TimeoutError, Trouble.SILENT),
    (TimeoutError, Trouble.SILENT),
)
_BY_WORD = {
    "NOAUTH": Trouble.NO_AUTH,
    "WRONGPASS": Trouble.WRONG_PASSWORD,
    "NOPERM": Trouble.NO_PERMISSION,
    "READONLY": Trouble.READ_ONLY,
    "LOADING": Trouble.LOADING,
    "OOM": Trouble.OUT_OF_MEMORY,
    "MISCONF": Trouble.DISK,
    "BUSY": Trouble.BUSY,
    "MOVED": Trouble.MOVED,
    "ASK": Trouble.MOVED,
    "TRYAGAIN": Trouble.MOVED,
    "CLUSTERDOWN": Trouble.CLUSTER_DOWN,
    "MASTERDOWN": Trouble.CLUSTER_DOWN,
    "NOREPLICAS": Trouble.CLUSTER_DOWN,
}
"""The first word of an error that a server answers with."""


def diagnose(error: BaseException) -> Trouble:
    """Name what an error of the client says is wrong."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return Trouble.TLS
    if any(_says(one, "SSL", "certificate", "handshake") for one in chain):
        return Trouble.TLS
    words = str(error).replace("(", " ").split()
    for word in words[:1] + [one for one in words if one in _BY_WORD][:1]:
        if word in _BY_WORD:
            return _BY_WORD[word]
    if _says(error, "called without any password", "authentication required", "no password is set"):
        return Trouble.NO_AUTH
    for kind, trouble in _BY_KIND:
        if isinstance(error, kind):
            return trouble
    if isinstance(error, exceptions.AuthenticationError):
        return Trouble.WRONG_PASSWORD
    if isinstance(error, exceptions.ResponseError):
        return Trouble.REFUSED
    if _says(error, "connecting to", "not known", "cannot be connected"):
        return Trouble.UNREACHABLE
    if isinstance(error, exceptions.RedisClusterException):
        return Trouble.UNREACHABLE
    if isinstance(error, exceptions.ConnectionError | OSError):
        return Trouble.CUT
    return Trouble.NOT_REDIS


def is_of_another_kind(answer: object) -> bool:
    """Tell whether a server answered that a key holds no value of the kind that was asked for."""
    return isinstance(answer, exceptions.ResponseError) and "WRONGTYPE" in str(answer)


def _says(error: BaseException, *parts: str) -> bool:
    text = str(error).lower()
    return any(part.lower() in text for part in parts)
