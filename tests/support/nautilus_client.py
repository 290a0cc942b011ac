"""Runs nautilus_trader's client of tardis-machine, in the environment that has it, against any server.

Arguments: the address of the WebSocket, the options as JSON, the symbol. Writes how many objects came.
"""

from __future__ import annotations

import asyncio
import sys

from nautilus_trader.core import nautilus_pyo3  # type: ignore[import-not-found]


async def count(address: str, options: str, symbol: str) -> int:
    """Replay everything, and count what the client makes of it."""
    instrument = nautilus_pyo3.TardisInstrumentMiniInfo(
        nautilus_pyo3.InstrumentId.from_str(f"{symbol}.BITMEX"), symbol, "bitmex", 2, 0
    )
    came: list[object] = []
    client = nautilus_pyo3.TardisMachineClient(address, False)
    asked = nautilus_pyo3.ReplayNormalizedRequestOptions.from_json_array(options.encode())
    await client.replay([instrument], asked, came.append)
    return len(came)


if __name__ == "__main__":
    sys.stdout.write(str(asyncio.run(count(*sys.argv[1:]))))
