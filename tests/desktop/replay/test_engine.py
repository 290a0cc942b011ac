"""What is not compiled is compiled by a helper, which tells how far it is; the program goes on meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest
from support.qtloop import run_on_qt

from tickreel.kernels import KernelCache, kernel_modules, missing_modules
from tickreel_desktop.children import run_child
from tickreel_desktop.replay import engine as engine_module
from tickreel_desktop.replay.engine import Engine

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

SMALL = "tickreel.store.textkernels"
"""The module whose kernels compile fastest."""


@pytest.fixture
def cache_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KernelCache:
    """Give a cache in which all but the small module is noted as compiled."""
    tmp_path.chmod(0o700)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    cache = KernelCache.of_user()
    for module in kernel_modules():
        if module.name != SMALL:
            (cache.prepare(module) / "index.nbi").touch()
            cache.mark_filled(module)
    return cache


class Heard:
    """All that an engine says."""

    def __init__(self, engine: Engine) -> None:
        self.progress: list[tuple[int, int]] = []
        self.filled = 0
        self.problems: list[str] = []
        engine.progressed.connect(lambda done, total: self.progress.append((done, total)))
        engine.filled.connect(self._on_filled)
        engine.failed.connect(self.problems.append)

    def _on_filled(self) -> None:
        self.filled += 1


@pytest.mark.usefixtures("cache_without")
def test_what_is_missing_is_compiled_by_the_helper_once(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_QUIET_S", 0.0)
    assert [module.name for module in missing_modules()] == [SMALL]

    async def filled_twice() -> None:
        engine = Engine()
        heard = Heard(engine)
        await engine.fill()
        assert (heard.progress, heard.filled, heard.problems) == ([(0, 1), (1, 1)], 1, [])
        assert missing_modules() == ()
        monkeypatch.setattr("sys.executable", "/bin/false")  # a second helper would fail
        await engine.fill()
        assert (heard.filled, heard.problems) == (2, [])

    run_on_qt(qapp, filled_twice())


@pytest.mark.usefixtures("cache_without")
def test_a_helper_that_fails_is_told_and_not_raised(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    engine = Engine()
    heard = Heard(engine)
    run_on_qt(qapp, engine.fill())
    assert (heard.progress, heard.filled) == ([], 0)
    assert heard.problems == ["The engine could not be prepared ahead: no reason given"]


@pytest.mark.usefixtures("cache_without")
def test_what_a_helper_says_beside_its_progress_is_passed_over(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["a warning of some library", "0 1", "one 1", "1 1 1", "1 1"]
    (tmp_path / "talker.py").write_text(f"print(*{lines!r}, sep='\\n')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(engine_module, "_HELPER", "talker")
    engine = Engine()
    heard = Heard(engine)
    monkeypatch.setattr(engine_module, "_QUIET_S", 0.0)
    run_on_qt(qapp, engine.fill())
    assert (heard.progress, heard.filled, heard.problems) == ([(0, 1), (1, 1)], 1, [])


def test_a_child_is_ended_when_whoever_listens_to_it_fails(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    (tmp_path / "talker.py").write_text(source, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    heard: list[int] = []

    def fail(line: str) -> None:
        heard.append(int(line))
        raise ValueError(line)

    with pytest.raises(ValueError, match=r"^\d+$"):
        run_on_qt(qapp, run_child("it failed", "talker", on_line=fail))
    assert not psutil.pid_exists(heard[0])


def test_a_cache_that_others_can_write_is_told_with_what_to_do(
    qapp: QApplication, cache_without: KernelCache
) -> None:
    cache_without.root.chmod(0o777)
    engine = Engine()
    heard = Heard(engine)
    run_on_qt(qapp, engine.fill())
    (problem,) = heard.problems
    assert "remove it, or name another folder by NUMBA_CACHE_DIR" in problem


def test_a_replay_can_begin_once_the_kernels_are_loaded(qapp: QApplication) -> None:
    async def prepared() -> None:
        engine = Engine()
        assert not engine.is_ready
        await engine.prepare()
        await engine.prepare()
        assert engine.is_ready

    run_on_qt(qapp, prepared())
