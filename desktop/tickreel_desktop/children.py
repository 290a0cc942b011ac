"""Work in a process of its own, where neither a compiler nor a long loop can make the window stutter."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem

if TYPE_CHECKING:
    from pathlib import Path


async def run_child(problem: str, module: str, *arguments: str) -> None:
    """Run a module of Tickreel to its end; cancelled, it is killed and awaited.

    Raises:
        EnvironmentProblem: it failed; *problem* and the last line of its complaint.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, complaint = await child.communicate()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    if child.returncode:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise EnvironmentProblem(f"{problem}: {lines[-1] if lines else 'no reason given'}")


async def make_sample(home: Path) -> None:
    """Make the sample in *home* where it is not there yet.

    Raises:
        EnvironmentProblem: it could not be made; the message says why.
    """
    await run_child("the sample could not be made", "tickreel", "--home", str(home), "--quiet", "sample")
