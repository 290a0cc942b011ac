"""Runs command lines: inside the test's process, or as the real program."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tickreel.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Cli = Callable[..., "Result"]


@dataclass(frozen=True)
class Result:
    """What a command line came to."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.raw, parse_constant=pytest.fail)

    @property
    def error(self) -> str:
        """The only line on stderr."""
        (line,) = self.err.splitlines()
        assert line.startswith("tickreel: ")
        return line


@pytest.fixture
def cli(capsysbinary: pytest.CaptureFixture[bytes]) -> Cli:
    """Give a caller of the command line inside this process."""

    def run(*argv: str | Path | int) -> Result:
        capsysbinary.readouterr()
        code = main([str(word) for word in argv])
        out, err = capsysbinary.readouterr()
        return Result(code, out, err.decode())

    return run


@pytest.fixture
def program() -> Cli:
    """Give a caller of the program as a process of its own."""

    def run(*argv: str | Path | int) -> Result:
        words = [sys.executable, "-m", "tickreel", *map(str, argv)]
        ran = subprocess.run(words, capture_output=True, check=False, timeout=300)
        return Result(ran.returncode, ran.stdout, ran.stderr.decode())

    return run
