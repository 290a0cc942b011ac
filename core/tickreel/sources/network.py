"""How servers are reached: addresses, proxy, certificates, patience."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from tickreel.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    import httpx

    from tickreel.settings import Settings

NETWORK_SECTIONS = ("network", "tardis")
"""Sections of the settings that say where servers are and how to get there; whoever connects demands them."""
_MOST_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Network:
    """Where the servers are and how to get there; URLs end without a slash."""

    api_url: str
    datasets_url: str
    machine_url: str
    proxy: str | None = field(default=None, repr=False)
    """A proxy for everything, which may hold a password; None = those of the environment."""
    ca_file: Path | None = None
    """More authorities, beside those of the system, whose certificates hold."""
    connect_timeout_s: float = 20.0
    silence_timeout_s: float = 60.0
    """How long a server may send nothing."""


def network_of(settings: Settings) -> Network:
    """Take from the settings what says how servers are reached."""
    return Network(
        api_url=settings.tardis.api_url.rstrip("/"),
        datasets_url=settings.tardis.datasets_url.rstrip("/"),
        machine_url=settings.tardis.machine_url.rstrip("/"),
        proxy=settings.network.proxy,
        ca_file=None if settings.network.ca_file is None else Path(settings.network.ca_file).expanduser(),
        connect_timeout_s=settings.network.connect_timeout_s,
        silence_timeout_s=settings.network.silence_timeout_s,
    )


def open_client(network: Network, *others: str) -> httpx.AsyncClient:
    """Open a client that verifies certificates always, and follows redirects without the key.

    HTTP/1.1, which the vendor recommends for many files at once. This machine itself is asked
    directly and through no proxy, which could read what is sent: servers of *network* and at *others*.

    Raises:
        UsageError: a proxy is named that cannot be used.
        EnvironmentProblem: the file of authorities cannot be read.
    """
    import httpx

    from tickreel.sources.httpclient import HttpClient

    # It tells every request, which a weekend's fetch would fill the log with.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return HttpClient(
            verify=_trust(network.ca_file, _stamp(network.ca_file)),
            proxy=network.proxy,
            mounts=dict.fromkeys(_loopback_patterns(network, others)),
            follow_redirects=True,  # httpx drops the Authorization header where the origin changes
            headers={"User-Agent": _user_agent()},
            timeout=httpx.Timeout(network.silence_timeout_s, connect=network.connect_timeout_s, pool=None),
            limits=httpx.Limits(
                max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS
            ),
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        where = "network.proxy" if network.proxy else "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"
        raise UsageError(
            f"the proxy that {where} names cannot be used: write http://HOST:PORT or https://HOST:PORT"
        ) from None


def refuse_open_key(url: str) -> None:
    """Refuse to send a key where it can be read on the way.

    Raises:
        UsageError: *url* is plain http to another machine.
    """
    place = urlsplit(url)
    if place.scheme != "https" and not is_loopback(place.hostname or ""):
        raise UsageError(
            f"the key is not sent to {place.scheme}://{place.hostname}, where it can be read on the way: "
            "use an address that begins with https://"
        )


def is_loopback(host: str) -> bool:
    """Tell whether a host is this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def way_to(network: Network, url: str) -> str:
    """Name where a URL leads, and the proxy on the way there, for people: without any password."""
    place = urlsplit(url)
    if is_loopback(place.hostname or ""):
        return _host(url)
    proxy = network.proxy or _proxy_of_environment(place.scheme, place.hostname or "")
    return f"{_host(url)} through the proxy {_host(proxy)}" if proxy else _host(url)


def _host(url: str) -> str:
    return urlsplit(url if "//" in url else f"//{url}").netloc.rpartition("@")[2]


def _proxy_of_environment(scheme: str, host: str) -> str | None:
    if proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")


def _loopback_patterns(network: Network, others: Iterable[str]) -> Iterator[str]:
    """Give httpx's patterns of the servers that run on this machine."""
    for url in (network.api_url, network.datasets_url, network.machine_url, *others):
        host = urlsplit(url).hostname or ""
        if is_loopback(host):
            yield f"all://[{host}]" if ":" in host else f"all://{host}"


def _stamp(file: Path | None) -> tuple[object, ...]:
    """Give a value that differs once other certificates are named, or the file of them was written anew."""
    try:
        written = None if file is None else file.stat().st_mtime_ns
    except OSError:
        written = None
    return written, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")


@lru_cache(maxsize=1)
def _trust(ca_file: Path | None, _stamp: tuple[object, ...]) -> ssl.SSLContext:
    """Trust the authorities that httpx brings, those of the system, and those of a file.

    Reading some hundreds of certificates takes longer than a small day, and every fetch opens two clients.
    """
    import httpx

    named = "SSL_CERT_FILE"
    try:
        context = httpx.create_ssl_context()
        context.load_default_certs()
        if ca_file is not None:
            named = f"network.ca_file {ca_file}"
            context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        raise EnvironmentProblem(f"{named} cannot be read as certificates in PEM form: {error}") from error
    return context


@cache
def _user_agent() -> str:
    return f"tickreel/{version('tickreel')}"
