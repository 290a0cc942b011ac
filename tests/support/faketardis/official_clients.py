"""Runs the vendor's own Python clients, in the environment that has them, against any server.

Reads calls as a list of JSON objects from its input and writes a list of results: what a call gave
under ``value``, or under ``error`` the name of what it raised, with the status under ``code``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from urllib.error import HTTPError

import tardis_client  # type: ignore[import-not-found]
import tardis_dev  # type: ignore[import-not-found]


def main() -> None:
    """Make all calls, one after another."""
    json.dump([_result(call) for call in json.load(sys.stdin)], sys.stdout)


def _result(call: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": _CALLS[call.pop("do")](**call)}
    except HTTPError as refused:
        return {"error": "HTTPError", "code": refused.code}
    except Exception as failure:  # noqa: BLE001 - whatever a client raises is what is to be seen
        return {"error": type(failure).__name__, "text": str(failure)}


def _dev_replay(filters: dict[str, list[str] | None], **options: Any) -> list[Any]:
    channels = [tardis_dev.Channel(name, symbols) for name, symbols in filters.items()]

    async def collect() -> list[Any]:
        replay = tardis_dev.replay(filters=channels, decode_response=False, **options)
        return [_shown(one) async for one in replay]

    return asyncio.run(collect())


def _client_replay(filters: dict[str, list[str] | None], client: dict[str, Any], **options: Any) -> list[Any]:
    channels = [tardis_client.Channel(name, symbols) for name, symbols in filters.items()]

    async def collect() -> list[Any]:
        replay = tardis_client.TardisClient(**client).replay(
            filters=channels, decode_response=False, **options
        )
        return [_shown(one) async for one in replay]

    return asyncio.run(collect())


def _shown(one: Any) -> list[str] | None:
    """Write a message as a pair of texts; None is a disconnect."""
    return None if one is None else [one.local_timestamp.decode(), one.message.decode().rstrip("\n")]


_CALLS = {
    "download": tardis_dev.download_datasets,
    "details": tardis_dev.get_exchange_details,
    "instruments": tardis_dev.get_instrument_info,
    "symbols": tardis_dev.find_instrument_symbols,
    "dev_replay": _dev_replay,
    "client_replay": _client_replay,
}

if __name__ == "__main__":
    main()
