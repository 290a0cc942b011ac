"""The kernels are compiled by a helper once, and never again for the same kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.qtloop import run_on_qt

from tickreel.errors import EnvironmentProblem
from tickreel_desktop.replay.engine import STAMP, Engine, kernels_fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication


def test_the_helper_runs_once_and_leaves_a_stamp(qapp: QApplication, tmp_path: Path) -> None:
    async def prepared() -> int:
        engine = Engine(tmp_path)
        await engine.prepare()
        await engine.prepare()
        assert engine.is_ready
        return (tmp_path / STAMP).stat().st_mtime_ns

    assert run_on_qt(qapp, prepared()) == run_on_qt(qapp, prepared())


def test_other_kernels_are_compiled_anew(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / STAMP).write_text("of another version")
    run_on_qt(qapp, Engine(tmp_path).prepare())
    assert (tmp_path / STAMP).read_text() == kernels_fingerprint()


def test_a_compiler_that_fails_is_told(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(EnvironmentProblem, match="kernels could not be compiled"):
        run_on_qt(qapp, Engine(tmp_path).prepare())
    assert not (tmp_path / STAMP).exists()
