"""``tickreel serve``: what speaks tardis-machine's protocol is served from this home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.cli.console import print_json, tell
from tickreel.cli.opening import opened_cache
from tickreel.errors import UsageError
from tickreel.kernels import load
from tickreel.keys import KeyName, find_key
from tickreel.server import DEFAULT_PORT, LOOPBACK, ServerPlan, is_loopback

if TYPE_CHECKING:
    import argparse

    from tickreel.store import Cache

USAGE = (
    f"[--port {DEFAULT_PORT}] [--address {LOOPBACK}] [--name NAME,..] [--origin ORIGIN,..] [--fetch] "
    "[--json] [--home DIR] [--quiet]"
)
DESCRIPTION = (
    "HTTP and WebSocket on the port, WebSocket alone on the next: /replay-normalized, "
    "/ws-replay-normalized and /health-check as tardis-machine has them, and /rows as an Arrow stream. "
    "Only this machine is answered, unless another --address is given, which needs a token "
    "(`tickreel key set serve`, or TICKREEL_SERVE_TOKEN). Serving the vendor's data to others may break "
    "its licence. Ctrl-C ends it."
)
LICENCE = "serving the vendor's data to others may break its licence: see that you may"
_HIGHEST_PORT = 65_534

# What serves is imported once the command line is known to be right.


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"0 takes any two ({DEFAULT_PORT})")
    parser.add_argument("--address", default=LOOPBACK, help=f"where to listen ({LOOPBACK})")
    parser.add_argument("--name", default="", metavar="NAME,..", help="names by which it may be asked")
    parser.add_argument(
        "--origin", default="", metavar="ORIGIN,..", help="pages of others that may ask, by their origin"
    )
    parser.add_argument(
        "--fetch",
        action="store_true",
        help="fetch days that are missing from Tardis.dev first",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C, and give the exit code."""
    if not 0 <= args.port <= _HIGHEST_PORT:
        raise UsageError(f"a port is 0 to {_HIGHEST_PORT}, and the next is used as well: not {args.port}")
    token = None if is_loopback(args.address) else find_key(KeyName.SERVE).value
    plan = ServerPlan(args.port, args.address, token, _listed(args.name), _listed(args.origin))
    import asyncio

    with opened_cache(args, only_reads=not args.fetch, listens=True) as cache:
        asyncio.run(_serve(cache, plan, args))
    return 0


def _listed(text: str) -> frozenset[str]:
    return frozenset(word for piece in text.split(",") if (word := piece.strip()))


async def _serve(cache: Cache, plan: ServerPlan, args: argparse.Namespace) -> None:
    import asyncio
    import signal

    from tickreel.server import Bringer, ReplayServer

    server = ReplayServer(cache, plan, Bringer(cache).bring if args.fetch else None)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    # A signal ends what is being served in good order; where there is no such handler, as on Windows,
    # it is Ctrl-C alone that comes, as a cancelled task.
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:
            break
    load("tickreel.book", "tickreel.store.segments", "tickreel.server")  # so that no client waits for it
    await server.start()
    try:
        if args.json:
            print_json({"http": server.address, "port": server.port, "socket_port": server.socket_port})
        if not args.quiet:
            tell(f"serving {cache.home} at {server.address}, WebSocket also at {server.socket_port}")
            if not is_loopback(plan.address):
                tell(LICENCE)
        await ended.wait()
    finally:
        await server.close()
