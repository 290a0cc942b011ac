"""What holds for every test: a home of its own, no keys, and no warning in the log that was not announced."""

from __future__ import annotations

import logging
import os
import signal
from typing import TYPE_CHECKING

import pytest

from tickreel import logs
from tickreel.keys import KeyName, forget_for_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# No test reads the keys of whoever runs it; here, so that other processes of a test do not either.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
_LEAST_WORKERS = 3

# Whoever starts the tests in the background or under nohup hands down ignored signals, and so would every
# program that a test starts and then interrupts.
for _name, _handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    if (_number := getattr(signal, _name, None)) and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


def pytest_xdist_auto_num_workers() -> int:
    """Run more at once than there are cores, where these are few: many tests wait for something."""
    return max(_LEAST_WORKERS, os.cpu_count() or 1)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "logs_warnings: the test means the program to log warnings or errors")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home that does not exist yet, and an environment without settings or keys."""
    for name in os.environ:
        if name.startswith(("TICKREEL_", "TARDIS_")):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("TICKREEL_HOME", str(folder))
    return folder


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_session_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget keys that a test has given to this process alone, and what it has hidden."""
    monkeypatch.setattr(logs, "_hidden", set())
    yield
    for name in KeyName:
        forget_for_session(name)


@pytest.fixture(autouse=True)
def no_unexpected_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs a warning or worse without the marker ``logs_warnings``."""
    seen = _Warnings()
    root = logging.getLogger()
    level = root.level
    root.addHandler(seen)
    yield
    root.removeHandler(seen)
    logs.release()
    root.setLevel(level)
    if seen.messages and request.node.get_closest_marker("logs_warnings") is None:
        pytest.fail("unexpected in the log:\n" + "\n".join(seen.messages), pytrace=False)
