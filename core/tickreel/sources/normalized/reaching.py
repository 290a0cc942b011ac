"""Whether a tardis-machine can be reached at all, asked before a fetch and not in the middle of one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tickreel.sources.network import open_client
from tickreel.sources.normalized.failures import of_connection

if TYPE_CHECKING:
    from tickreel.sources.network import Network

_PATIENCE_S = 5.0


async def machine_trouble(network: Network) -> str:
    """Say why the machine does not answer; empty where it does, whatever it answers.

    Raises:
        UsageError: a proxy is named that cannot be used.
        EnvironmentProblem: the file of authorities cannot be read.
    """
    import httpx

    async with open_client(network) as client:
        try:
            await client.get(f"{network.machine_url}/health-check", timeout=_PATIENCE_S)
        except httpx.HTTPError as error:
            return str(of_connection(urlsplit(network.machine_url).netloc, error, 0, _PATIENCE_S))
    return ""
