"""How Tickreel starts itself: in one place, and alike from source and bundled."""

from __future__ import annotations

import ast
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tickreel
from tickreel import program
from tickreel.program import CHILD_MODULES, child_command, restore_environment, run_bundled

if TYPE_CHECKING:
    from collections.abc import Iterator

CORE = Path(tickreel.__file__).parent
SOURCES = (CORE, CORE.parents[1] / "desktop" / "tickreel_desktop")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for folder in SOURCES:
        assert folder.is_dir()
        for path in sorted(folder.rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_nobody_else_reaches_for_the_interpreter() -> None:
    reaching = {
        path.name
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"sys.executable", "sys.frozen"}
    }
    assert reaching == {"program.py", "doctor.py", "gathering.py"}  # two of them only show which one runs


def test_every_module_that_is_started_is_one_that_a_bundle_can_be() -> None:
    starters = {"child_command": 0, "run_child": 1}
    started = set()
    for path, tree in trees():
        names = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in starters:
                module = node.args[starters[node.func.id]]
                if path.name == "children.py" and ast.unparse(module) == "module":
                    continue  # run_child hands on what it was given
                told = names.get(module.id) if isinstance(module, ast.Name) else ast.literal_eval(module)
                started.add(told)
    assert started == CHILD_MODULES


@pytest.mark.parametrize("module", sorted(CHILD_MODULES))
def test_what_a_bundle_can_be_is_a_program(module: str) -> None:
    package, *rest = module.split(".")
    path = {folder.name: folder for folder in SOURCES}[package].joinpath(*rest)
    source = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
    assert 'if __name__ == "__main__":' in source.read_text(encoding="utf-8")


def test_from_source_a_child_is_a_module_run_by_the_same_python() -> None:
    told = subprocess.run(
        child_command("tickreel", "--version"), capture_output=True, text=True, check=True
    ).stdout
    assert told == f"tickreel {tickreel.__version__}\n"


def test_bundled_a_child_is_the_program_of_the_command_line_told_what_to_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(program, "IS_BUNDLED", True)
    monkeypatch.setattr("sys.executable", str(tmp_path / "tickreel-desktop"))
    path, *words = child_command("tickreel.kernels", "--backwards")
    assert Path(path).parent == tmp_path
    assert Path(path).stem == "tickreel"

    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: ran.append((name, list(sys.argv))))
    monkeypatch.setattr("sys.argv", [path, *words])
    assert run_bundled(lambda: 1) == 0
    assert ran == [("tickreel.kernels", [path, "--backwards"])]


def test_programs_of_the_system_are_given_their_own_libraries_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/tickreel/_internal:/usr/lib/theirs")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/lib/theirs")
    monkeypatch.setenv("PYINSTALLER_RESET_ENVIRONMENT", "0")  # given back as it was, after the test
    restore_environment()
    assert os.environ["PYINSTALLER_RESET_ENVIRONMENT"] == "1", "or our own children would not find theirs"
    assert os.environ["LD_LIBRARY_PATH"] == "/usr/lib/theirs"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
    restore_environment()
    assert "LD_LIBRARY_PATH" not in os.environ


def test_a_bundle_is_nothing_but_what_it_is_made_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tickreel", "doctor"])
    assert run_bundled(lambda: 7) == 7
    monkeypatch.setattr(program, "IS_BUNDLED", True)
    _, be, *words = child_command("http.server")
    monkeypatch.setattr("sys.argv", ["tickreel", be, *words])
    with pytest.raises(ValueError, match=r"http\.server is no program of Tickreel"):
        run_bundled(lambda: 7)
