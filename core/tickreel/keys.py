"""Keys of paid services: from the environment, or from where the system keeps passwords; never from a file.

The environment stands above the system's store, so that a machine without one, or a single run,
can do with a variable. Between the two stands what was given to this process alone, which ends with it.
A key that is given with a host is that host's and is found for no other.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.logs import hide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keyring.backend import KeyringBackend

_SERVICE = "tickreel"
_LOGGER = logging.getLogger(__name__)

# They refuse everything, keep nothing, or keep it in a file that anybody may read.
_NO_STORES = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")


class KeyName(StrEnum):
    """What a key is for."""

    TARDIS = "tardis"
    LLM = "llm"
    REDIS = "redis"
    """The password of the shared cache."""
    SERVE = "serve"
    """The token that the replay server asks of other machines."""

    @property
    def variable(self) -> str:
        """The environment variable that gives it."""
        return _VARIABLES[self]


_VARIABLES = {
    KeyName.TARDIS: "TARDIS_API_KEY",
    KeyName.LLM: "TICKREEL_LLM_API_KEY",
    KeyName.REDIS: "TICKREEL_REDIS_PASSWORD",
    KeyName.SERVE: "TICKREEL_SERVE_TOKEN",
}


class KeyOrigin(StrEnum):
    """Where a key came from."""

    NONE = "none"
    ENVIRONMENT = "environment"
    SESSION = "session"
    """Memory of this process, and nowhere else."""
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class Key:
    """A key, which no representation shows; *value* is None where there is none."""

    value: str | None = field(repr=False)
    origin: KeyOrigin

    @property
    def ending(self) -> str:
        """The last characters, by which its owner knows it again; none of a short key."""
        value = self.value or ""
        return value[-_ENDING:] if len(value) >= _SHORTEST_WITH_ENDING else ""


NO_KEY = Key(None, KeyOrigin.NONE)

_session: dict[str, str] = {}
"""By account, as in the system's store."""
_ENDING = 4
_SHORTEST_WITH_ENDING = 4 * _ENDING  # of a shorter one the end would tell too much
_STORES = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.Windows": "Windows Credential Locker",
    "keyring.backends.macOS": "macOS Keychain",
}


def _account(name: KeyName, host: str) -> str:
    return f"{name.value}@{host}" if host else name.value


def find_key(name: KeyName, environ: Mapping[str, str] = os.environ, *, host: str = "") -> Key:
    """Look for a key in the environment, then in this process, then in the system's store of passwords.

    With *host* those that were given for it are looked for, and for nothing else. The variable names no
    host: it is for the one that whoever sets it has set as well.

    What is found is blanked in all logs from then on. A store that fails is as none: a key that is
    needed and missing is told by whoever needs it.
    """
    if told := environ.get(name.variable, "").strip():
        hide(told)
        return Key(told, KeyOrigin.ENVIRONMENT)
    if (given := _session.get(_account(name, host))) is not None:
        return Key(given, KeyOrigin.SESSION)
    try:
        store = _store()
        kept = None if store is None else store.get_password(_SERVICE, _account(name, host))
    except Exception as error:  # noqa: BLE001  (each system's store fails in ways of its own)
        _LOGGER.info("the system's store of passwords cannot be read: %s", error)
        return NO_KEY
    if not kept:
        return NO_KEY
    hide(kept)
    return Key(kept, KeyOrigin.KEYRING)


def set_key(name: KeyName, secret: str, *, host: str = "") -> None:
    """Put a key, that of *host* alone where one is named, into the system's store of passwords.

    It takes the place of the one there.

    Raises:
        UsageError: it is empty, or holds what no key holds.
        EnvironmentProblem: there is no store, or it refuses.
    """
    secret = _checked(secret)
    store = _needed_store(name)
    try:
        store.set_password(_SERVICE, _account(name, host), secret)
    except Exception as error:
        raise _refused(name, "was not kept", error) from error


def keep_for_session(name: KeyName, secret: str, *, host: str = "") -> None:
    """Give a key, that of *host* where one is named, to this process alone.

    It stands above the store and is forgotten at the end.

    Raises:
        UsageError: it is empty, or holds what no key holds.
    """
    _session[_account(name, host)] = _checked(secret)


def forget_for_session(name: KeyName, *, host: str = "") -> bool:
    """Forget a key that was given to this process alone; False when there was none."""
    return _session.pop(_account(name, host), None) is not None


def delete_key(name: KeyName, *, host: str = "") -> bool:
    """Take a key, that of *host* where one is named, out of the system's store.

    False when there was none. A key in the environment stays.

    Raises:
        EnvironmentProblem: there is no store, or it refuses.
    """
    store = _needed_store(name)
    try:
        if store.get_password(_SERVICE, _account(name, host)) is None:
            return False
        store.delete_password(_SERVICE, _account(name, host))
    except Exception as error:
        raise _refused(name, "was not deleted", error) from error
    return True


def keyring_name() -> str | None:
    """Name the system's store of passwords for people; None where there is none."""
    try:
        store = _store()
        return None if store is None else _STORES.get(type(store).__module__.removesuffix(".api"), store.name)
    except Exception as error:  # noqa: BLE001  (each system's store fails in ways of its own)
        _LOGGER.info("the system's store of passwords cannot be reached: %s", error)
        return None


def is_plausible(secret: str) -> bool:
    """Tell whether *secret* can be sent as a key at all: one word of printable ASCII."""
    return secret.isascii() and secret.isprintable() and " " not in secret


def _checked(secret: str) -> str:
    secret = secret.strip()
    if not secret:
        raise UsageError("the key is empty: nothing was changed")
    if not is_plausible(secret):
        raise UsageError("a key is one word of plain letters, digits and signs: nothing was changed")
    hide(secret)
    return secret


def _needed_store(name: KeyName) -> KeyringBackend:
    try:
        store = _store()
    except Exception as error:
        raise _refused(name, "was not changed", error) from error
    if store is None:
        raise EnvironmentProblem(
            f"this system has no store of passwords; set {name.variable} in the environment instead"
        )
    return store


def _refused(name: KeyName, what: str, error: Exception) -> EnvironmentProblem:
    # The store's own words might repeat what was given to it.
    return EnvironmentProblem(
        f"the key {what}: the system's store of passwords refused ({type(error).__name__}); "
        f"unlock it, or set {name.variable} in the environment instead"
    )


def _store() -> KeyringBackend | None:
    """Find the store in use that is one; raises what the stores raise."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((one for one in candidates if not type(one).__module__.startswith(_NO_STORES)), None)
