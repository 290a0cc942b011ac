"""Work in a process of its own, where neither a compiler nor a long loop can make the window stutter."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem
from tickreel.program import child_command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def run_child(
    problem: str, module: str, *arguments: str, on_line: Callable[[str], None] | None = None
) -> None:
    """Run a module of Tickreel to its end; cancelled, it is killed and awaited.

    *on_line* gets each line that it prints; where it raises, the child is killed as well.

    Raises:
        EnvironmentProblem: it failed; *problem* and the last line of its complaint.
    """
    child = await asyncio.create_subprocess_exec(
        *child_command(module, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL if on_line is None else asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    complaining = asyncio.ensure_future(_all_of(child.stderr))
    try:
        await _listen(child.stdout, on_line)
        complaint = await complaining
        await child.wait()
    except BaseException:
        complaining.cancel()
        with suppress(ProcessLookupError):  # it has ended by itself
            child.kill()
        await child.wait()
        raise
    if child.returncode:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise EnvironmentProblem(f"{problem}: {lines[-1] if lines else 'no reason given'}")


async def _listen(stream: asyncio.StreamReader | None, on_line: Callable[[str], None] | None) -> None:
    if stream is not None and on_line is not None:
        async for line in stream:
            on_line(line.decode(errors="replace").strip())


async def _all_of(stream: asyncio.StreamReader | None) -> bytes:
    return b"" if stream is None else await stream.read()


async def make_sample(home: Path) -> None:
    """Make the sample in *home* where it is not there yet.

    Raises:
        EnvironmentProblem: it could not be made; the message says why.
    """
    await run_child("the sample could not be made", "tickreel", "--home", str(home), "--quiet", "sample")
